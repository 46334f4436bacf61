//! What stands at a path, byte for byte, and putting something else there.
//!
//! Every step is taken below a folder held open and follows no link. A file gets its bytes and its mode
//! under a temporary name, and its own name by one rename: a process that dies before that has changed
//! nothing, and readers see the old file or the new one.

use std::fs::File;
use std::io::{self, Write};

use anyhow::{Context, Result};

use crate::backups::Store;
use crate::backups::files::{is_left_over, read_whole};
use crate::git::objects::{Objects, Oid};
use crate::model::names::backup_name::temporary_name;
use crate::model::names::repo_path::RepoPath;
use crate::model::transaction::State;
use crate::os::folder::{self, EntryKind, Folder, Stat};
use crate::os::{private, process};

/// A tree of files: the working tree, or one like it.
pub struct Tree<'a> {
    pub top: Folder,
    /// Its vault keeps the bytes of files.
    pub store: &'a Store,
    /// The objects that the vault must not have (an encrypting filter's): they go with the transaction.
    pub own: Objects,
    /// What is written must survive a power cut.
    pub sync: bool,
}

/// A state, and the bytes of a file.
#[derive(Debug)]
pub struct SeenFile {
    pub state: State,
    /// The bytes, if it is a file.
    pub bytes: Vec<u8>,
}

impl Tree<'_> {
    /// Keeps these bytes of `path`, for as long as the transaction lasts.
    pub fn keep(&self, path: &RepoPath, bytes: &[u8]) -> Result<()> {
        let Store { objects, vault, clean_forms, .. } = self.store;
        if !clean_forms.is_for(path) {
            return vault.keep(objects, bytes).map(drop);
        }
        let id = objects.hash(bytes)?;
        let file = self.own.loose(id);
        private::make_dir(file.parent().unwrap_or(&file)).with_context(|| shown(path))?;
        self.own.write_anew(id, bytes)
    }

    /// The bytes that were kept as `id`.
    pub fn kept(&self, id: Oid) -> Result<Vec<u8>> {
        if !self.own.is_loose(id) {
            return self.store.vault.read(id);
        }
        self.own.read_blob(id)
    }

    /// What stands at `path`. A folder is nothing here, and is never replaced; a device is an error.
    pub fn look(&self, path: &RepoPath) -> Result<State> {
        Ok(self.read(path)?.state)
    }

    /// The same, with a file's bytes.
    pub fn read(&self, path: &RepoPath) -> Result<SeenFile> {
        let nothing = Ok(SeenFile { state: State::Nothing, bytes: Vec::new() });
        let folder = match self.top.parent_of(path) {
            Ok(folder) => folder,
            // A file or a link stands where its folder would be: nothing is at this path.
            Err(error) if is_no_folder(&error) => return nothing,
            Err(error) => return Err(error).with_context(|| shown(path)),
        };
        let name = path.file_name();
        let Some(stat) = folder.stat(name).with_context(|| shown(path))? else { return nothing };
        if stat.kind == EntryKind::Folder {
            return nothing;
        }
        if stat.kind == EntryKind::Other {
            let target = folder.read_link(name);
            let target = target.with_context(|| format!("{}: not a file", shown(path)))?;
            return Ok(SeenFile { state: State::Link { target }, bytes: Vec::new() });
        }
        let source = folder.read(name).with_context(|| shown(path))?;
        let permissions = source.stat.permissions;
        let bytes = read_whole(source.file, &source.stat).with_context(|| shown(path))?;
        let blob = self.store.objects.hash(&bytes)?.to_string();
        Ok(SeenFile { state: State::File { blob, permissions }, bytes })
    }

    /// Puts `state` at `path`, whatever file or link stands there; a folder in its place is an error.
    /// A file's bytes are those that were kept.
    pub fn put(&self, path: &RepoPath, state: &State) -> Result<()> {
        match state {
            State::Nothing => self.remove(path),
            State::File { blob, .. } => {
                let bytes = self.kept(self.store.objects.parse(blob)?)?;
                self.put_bytes(path, state, &bytes)
            }
            State::Link { .. } => self.put_bytes(path, state, &[]),
        }
    }

    /// The same with the file's bytes in hand.
    pub fn put_bytes(&self, path: &RepoPath, state: &State, bytes: &[u8]) -> Result<()> {
        let failed = || format!("{} can't be written", shown(path));
        let folder =
            private::unshared(|| self.top.make_parent_of(path)).with_context(|| shown(path))?;
        match state {
            State::Nothing => self.remove(path),
            State::Link { target } => {
                let temporary = temporary_in(path);
                folder
                    .make_link(target, &temporary)
                    .and_then(|()| named(&folder, &temporary, path))
                    .with_context(failed)
            }
            State::File { permissions, .. } => {
                let there = folder.stat(path.file_name()).with_context(failed)?;
                let there = there.filter(|stat| stat.kind == EntryKind::File);
                let permit = |file: &File| permit(file, *permissions, there.as_ref());
                write(&folder, path, bytes, permit, self.sync).with_context(failed)
            }
        }
    }

    fn remove(&self, path: &RepoPath) -> Result<()> {
        let gone = match self.top.parent_of(path) {
            Ok(folder) => folder.unlink(path.file_name()),
            Err(error) => Err(error),
        };
        match gone {
            Err(error) if is_no_folder(&error) => Ok(()),
            other => other.with_context(|| format!("{} can't be removed", shown(path))),
        }
    }

    /// Takes out what a process that died was about to put into the folder of `path`.
    pub fn sweep(&self, path: &RepoPath) {
        let Ok(folder) = self.top.parent_of(path) else { return };
        for name in folder.names().unwrap_or_default() {
            if is_left_over(&name) || is_left_over_short(&name) {
                let _ = folder.unlink(&name);
            }
        }
    }

    /// Copies what stands at `path` to the same place in another tree: a file or a link. What is gone by
    /// now, or is neither, is passed over.
    pub fn copy_to(&self, path: &RepoPath, other: &Tree<'_>) -> Result<()> {
        let there = || -> io::Result<()> {
            let folder = self.top.parent_of(path)?;
            let name = path.file_name();
            let Some(stat) = folder.stat(name)? else { return Ok(()) };
            match stat.kind {
                EntryKind::Folder => Ok(()),
                EntryKind::Other => match folder.read_link(name) {
                    Ok(target) => other.top.make_parent_of(path)?.make_link(&target, name),
                    Err(_) => Ok(()),
                },
                EntryKind::File => {
                    let mut source = folder.read(name)?;
                    let mut file = other.top.make_parent_of(path)?.create(name)?;
                    io::copy(&mut source.file, &mut file)?;
                    folder::set_bits(&file, source.stat.permissions)
                }
            }
        };
        match there() {
            Err(error) if is_no_folder(&error) => Ok(()),
            copied => copied.with_context(|| format!("{} can't be copied", shown(path))),
        }
    }

    /// Removes a folder if it is empty, links not followed; whether it is gone.
    pub fn remove_if_empty(&self, folder: &RepoPath) -> bool {
        let above = self.top.parent_of(folder);
        above.and_then(|above| above.remove_empty(folder.file_name())).is_ok()
    }

    /// Removes a folder and those in it, unless there is something else in one of them.
    pub fn remove_hollow(&self, folder: &RepoPath) -> Result<()> {
        let (files, mut folders) = self.inside(folder)?;
        if files.is_empty() {
            folders.sort();
            for folder in folders.iter().rev() {
                self.remove_if_empty(folder);
            }
        }
        Ok(())
    }

    /// The files and links in a folder, and in those below it; none if no folder stands there.
    pub fn below(&self, folder: &RepoPath) -> Result<Vec<RepoPath>> {
        Ok(self.inside(folder)?.0)
    }

    /// The same, and the folders, the first among them.
    fn inside(&self, folder: &RepoPath) -> Result<(Vec<RepoPath>, Vec<RepoPath>)> {
        let (mut found, mut folders, mut at) = (Vec::new(), vec![folder.clone()], 0);
        while let Some(folder) = folders.get(at).cloned() {
            at += 1;
            let inside = RepoPath::from_bytes([folder.as_bytes(), b"/x"].concat())?;
            let Ok(here) = self.top.parent_of(&inside) else { continue };
            for name in here.names().with_context(|| shown(&folder))? {
                let path = inside.with_file_name(&name)?;
                match here.stat(&name)? {
                    Some(stat) if stat.kind == EntryKind::Folder => folders.push(path),
                    _ => found.push(path),
                }
            }
        }
        Ok((found, folders))
    }

    /// Whether a folder stands at `path`.
    pub fn has_folder(&self, path: &RepoPath) -> bool {
        let there = self.top.parent_of(path).and_then(|folder| folder.stat(path.file_name()));
        matches!(there, Ok(Some(stat)) if stat.kind == EntryKind::Folder)
    }

    /// Makes a folder, and those above it; what stands there already stays.
    pub fn make_folder(&self, folder: &RepoPath) -> Result<()> {
        let inside = RepoPath::from_bytes([folder.as_bytes(), b"/x"].concat())?;
        let made = private::unshared(|| self.top.make_parent_of(&inside));
        made.map(drop).with_context(|| format!("{} can't be made", shown(folder)))
    }

    /// Gives a folder these permission bits.
    pub fn set_folder_bits(&self, folder: &RepoPath, bits: u32) -> Result<()> {
        let inside = RepoPath::from_bytes([folder.as_bytes(), b"/x"].concat())?;
        let set = self.top.parent_of(&inside).and_then(|folder| folder.set_own_bits(bits));
        set.with_context(|| format!("{}: its mode can't be set", shown(folder)))
    }

    /// What the system knows of what stands at `path`; `None` if nothing does.
    pub fn stat(&self, path: &RepoPath) -> Result<Option<Stat>> {
        match self.top.parent_of(path).and_then(|folder| folder.stat(path.file_name())) {
            Err(error) if is_no_folder(&error) => Ok(None),
            other => other.with_context(|| shown(path)),
        }
    }

    /// Whether something stands at `path`, whatever it is.
    pub fn has(&self, path: &RepoPath) -> bool {
        let there = self.top.parent_of(path).and_then(|folder| folder.stat(path.file_name()));
        there.is_ok_and(|there| there.is_some())
    }
}

/// Replaces a file: its bytes, then what `permit` does to it, then one rename.
pub fn write(
    folder: &Folder,
    path: &RepoPath,
    bytes: &[u8],
    permit: impl FnOnce(&File) -> io::Result<()>,
    sync: bool,
) -> io::Result<()> {
    let temporary = temporary_in(path);
    let write = || -> io::Result<()> {
        let mut file = folder.create(&temporary)?;
        file.write_all(bytes)?;
        permit(&file)?;
        if sync { file.sync_all() } else { Ok(()) }
    };
    match write() {
        Ok(()) => named(folder, &temporary, path),
        Err(error) => {
            let _ = folder.unlink(&temporary);
            Err(error)
        }
    }
}

/// Gives the temporary file the name of `path`, or removes it.
fn named(folder: &Folder, temporary: &[u8], path: &RepoPath) -> io::Result<()> {
    let replaced = folder.replace(temporary, path.file_name());
    if replaced.is_err() {
        let _ = folder.unlink(temporary);
    }
    replaced
}

/// How the temporary name begins where the usual one would be too long. It isn't ignored by our pattern,
/// and stays for the blink of an eye.
const SHORT: &str = ".git-bak-";

fn temporary_in(path: &RepoPath) -> Vec<u8> {
    let name = temporary_name(path.file_name(), std::process::id(), 0);
    let short = || format!("{SHORT}{}", std::process::id()).into_bytes();
    if name.len() > 255 { short() } else { name }
}

fn is_left_over_short(name: &[u8]) -> bool {
    let number = name.strip_prefix(SHORT.as_bytes()).and_then(|rest| str::from_utf8(rest).ok());
    let number = number.and_then(|number| number.parse().ok());
    number.is_some_and(|number| !process::is_number_alive(number))
}

/// The permissions wanted, and the group of the file that stood there; another group's members don't gain
/// what that one's were given.
fn permit(file: &File, permissions: u32, there: Option<&Stat>) -> io::Result<()> {
    match there {
        Some(there) => folder::set_permissions(file, &Stat { permissions, ..*there }),
        None => folder::set_bits(file, permissions),
    }
}

/// Nothing is there, or what is there is no folder.
fn is_no_folder(error: &io::Error) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory)
}

fn shown(path: &RepoPath) -> String {
    crate::model::names::quote::quote(path.as_bytes(), false)
}
