//! Putting a version back in its place.
//!
//! Order of steps, and why it is safe:
//! 1. what stands there now is backed up, so that a restore can be undone (by the caller, through a
//!    snapshot like any other);
//! 2. the bytes are written beside it under a temporary name and get their permissions;
//! 3. one rename puts them in its place. A process that dies before that has changed nothing.
//!
//! A link, a folder or a submodule at the target or on the way to it is refused: bytes are written to a
//! regular file or nowhere. Errors don't name the file: the caller knows how to show it.

use std::io;

use anyhow::{Context, Result, bail};

use super::versions::Version;
use super::{Store, place};
use crate::model::access::Access;
use crate::model::names::repo_path::RepoPath;
use crate::os::folder::{EntryKind, Folder, Stat};
use crate::os::private;

/// What stands at a path in the working tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Present {
    /// Nothing; its folder may be missing, too.
    Nothing,
    File(Stat),
}

/// What stands at `path`; an error if nothing may be written there.
pub fn look(store: &Store, path: &RepoPath) -> Result<Present> {
    refuse_nested_repository(store, path)?;
    let folder = match top(store)?.parent_of(path) {
        Ok(folder) => folder,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Present::Nothing),
        Err(_) => bail!(
            "a link or a file stands where its folder was: move that away first, or read the copy"
        ),
    };
    match folder.stat(path.file_name())? {
        None => Ok(Present::Nothing),
        Some(stat) => match stat.kind {
            EntryKind::File => Ok(Present::File(stat)),
            EntryKind::Folder => {
                bail!("a folder stands there now: move it away first, or read the copy")
            }
            EntryKind::Other => bail!(
                "a link or a special file stands there now: move it away first, or read the copy"
            ),
        },
    }
}

/// The bytes that stand at `path` now.
pub fn present_bytes(store: &Store, path: &RepoPath) -> Result<Option<Vec<u8>>> {
    let Present::File(_) = look(store, path)? else { return Ok(None) };
    let folder = top(store)?.parent_of(path)?;
    let source = folder.read(path.file_name())?;
    Ok(Some(crate::backups::files::read_whole(source.file, &source.stat)?))
}

/// Puts `bytes` at the place of `version`, with the mode that the file has, or had; executable as the version was.
pub fn put(store: &Store, version: &Version, bytes: &[u8]) -> Result<()> {
    let path = &version.path;
    let like = match look(store, path)? {
        Present::File(mut stat) => {
            stat.permissions = bits(version, stat.permissions);
            Like::File(stat)
        }
        Present::Nothing => Like::of_version(version),
    };
    let top = top(store)?;
    let folder = private::unshared(|| top.make_parent_of(path))?;
    let like = match like {
        Like::File(stat) => Like::File(folder.like(path.file_name(), stat)),
        other @ Like::Access(_) => other,
    };
    let sync = store.settings.sync_objects;
    place::write(&folder, path, bytes, |file| like.apply(file), sync).context("it can't be written")
}

/// The permission bits of a file once the version is there: all who may read it may execute it, or none may.
pub fn bits(version: &Version, there: u32) -> u32 {
    match version.executable_bit() {
        Some(bit) if bit != (there & 0o100 != 0) => match bit {
            true => there | (there & 0o444) >> 2,
            false => there & !0o111,
        },
        _ => there,
    }
}

/// Whose permissions a restored file gets.
#[derive(Clone, Copy)]
enum Like {
    File(Stat),
    Access(Access),
}

impl Like {
    fn of_version(version: &Version) -> Self {
        if let Some(backup) = &version.backup {
            return Self::File(backup.stat);
        }
        let private = if version.executable { 0o700 } else { 0o600 };
        Self::Access(version.known.permissions.unwrap_or(Access::of_owner(private)))
    }

    fn apply(self, file: &std::fs::File) -> io::Result<()> {
        match self {
            Self::File(stat) => crate::os::folder::set_permissions(file, &stat),
            Self::Access(access) => crate::os::folder::set_access(file, access),
        }
    }
}

/// A repository inside this one has a safety net of its own, or none: it is not ours to write into.
pub fn refuse_nested_repository(store: &Store, path: &RepoPath) -> Result<()> {
    let mut parent = path.parent();
    while let Some(folder) = parent {
        if store.repository.top.join(folder.to_path_buf()).join(".git").symlink_metadata().is_ok() {
            bail!("it is inside another repository, {}", shown(&folder));
        }
        parent = folder.parent();
    }
    Ok(())
}

fn top(store: &Store) -> io::Result<Folder> {
    Folder::open(&store.repository.top)
}

fn shown(path: &RepoPath) -> String {
    crate::model::names::quote::quote(path.as_bytes(), false)
}
