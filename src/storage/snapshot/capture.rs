//! Capturing versions: their bytes, read once, are hashed, stored and copied.
//!
//! A file is read between two looks at its state. If they differ somebody wrote to it meanwhile, and
//! it is read again, once; then it is named as not protected rather than kept half old, half new.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Result, bail};

use super::plan::{From, Wanted};
use super::staged::StagedForms;
use super::{Request, Taken};
use crate::git::objects::Oid;
use crate::model::artifact::ArtifactId;
use crate::model::attempt::Stamp;
use crate::model::backup_name::{BackupName, temporary_name};
use crate::model::event::Kind;
use crate::model::repo_path::RepoPath;
use crate::model::retention::newest_snapshot;
use crate::storage::Store;
use crate::storage::audit::stamp_of;
use crate::storage::backups::{Listing, SMALL, read_whole};
use crate::storage::folder::{Folder, Source, Stat, set_permissions, stat_of};

/// A version that is in hand.
#[derive(Debug)]
pub(super) struct Captured {
    /// Of which file.
    pub path: RepoPath,
    /// Why it is kept.
    pub kind: Kind,
    /// The blob id of its bytes.
    pub id: Oid,
    /// Its size in bytes.
    pub size: u64,
    /// The original's permission bits.
    pub permissions: u32,
    /// The state of the file it was read from, if that is the working tree's.
    pub stamp: Option<Stamp>,
    /// What became of its copy.
    pub copy: Copy,
    listing: Option<Rc<Listing>>,
}

/// A version's copy beside the original.
#[derive(Debug)]
pub(super) enum Copy {
    /// None is made: the vault alone has it.
    None,
    /// The newest snapshot's backup holds the same bytes already.
    Duplicate(BackupName),
    /// Complete, under a temporary name, and to be named like this.
    Waiting(Temporary, Option<BackupName>),
    /// Under its name.
    Published(BackupName),
}

/// A temporary file; dropping it removes it.
#[derive(Debug)]
pub(super) struct Temporary {
    listing: Rc<Listing>,
    name: Vec<u8>,
    file: File,
    named: bool,
}

/// Where the bytes of one version are to go.
struct Target<'a> {
    store: &'a Store,
    path: &'a RepoPath,
    listing: Option<Rc<Listing>>,
}

/// Captures what is wanted; what can't be is named in `taken`.
pub(super) fn all(
    store: &Store,
    request: &Request,
    as_files: bool,
    taken: &mut Taken,
) -> Vec<Captured> {
    let mut versions: Vec<Captured> = Vec::new();
    let forms = StagedForms::of(store, request);
    for wanted in &request.wanted {
        let listing = as_files.then(|| listing(store, &wanted.path, taken)).flatten();
        let target = Target { store, path: &wanted.path, listing };
        match capture(&target, wanted, &forms, taken) {
            Ok(Some(version)) if is_second_of_same(&versions, &version) => {}
            Ok(Some(version)) => versions.push(version),
            Ok(None) => {}
            Err(error) => taken.unprotected.push((wanted.path.clone(), format!("{error:#}"))),
        }
    }
    versions
}

/// The staged version and the working tree's may come out the same (a filter's doing): one is enough.
fn is_second_of_same(versions: &[Captured], version: &Captured) -> bool {
    versions.last().is_some_and(|last| last.path == version.path && last.id == version.id)
}

fn listing(store: &Store, path: &RepoPath, taken: &mut Taken) -> Option<Rc<Listing>> {
    match store.backups.listing(path) {
        Ok(listing) => Some(listing),
        Err(error) => {
            let reason = match error.kind() {
                io::ErrorKind::NotFound => "its folder is gone".to_owned(),
                _ => format!("its folder: {error}"),
            };
            taken.vault_only.push((path.clone(), reason));
            None
        }
    }
}

fn capture(
    target: &Target<'_>,
    wanted: &Wanted,
    forms: &StagedForms<'_>,
    taken: &mut Taken,
) -> Result<Option<Captured>> {
    let found = match &wanted.from {
        From::WorkingTree => target.read_worktree(taken)?,
        From::Index { .. } => forms.capture(target, wanted, taken)?,
    };
    Ok(found.map(|(read, stamp)| Captured {
        path: wanted.path.clone(),
        kind: wanted.kind,
        id: read.id,
        size: read.size,
        permissions: read.permissions,
        stamp,
        copy: read.copy,
        listing: target.listing.clone(),
    }))
}

/// A version's bytes, as they were read.
pub(super) struct ReadVersion {
    pub id: Oid,
    pub size: u64,
    pub permissions: u32,
    pub copy: Copy,
}

type Found = Option<(ReadVersion, Option<Stamp>)>;

impl Target<'_> {
    /// The working tree's version.
    fn read_worktree(&self, taken: &mut Taken) -> Result<Found> {
        let folder = self.worktree_folder()?;
        let source = folder.read(self.path.file_name())?;
        if self.is_too_big(source.stat.size) {
            bail!("{} (bak.maxFileSize)", too_big(source.stat.size));
        }
        drop(source);
        let (read, stat) = self.read_from(&folder, self.path.file_name(), None, taken)?;
        Ok(Some((read, Some(stamp_of(&stat)))))
    }

    /// The folder that the file itself is in.
    fn worktree_folder(&self) -> io::Result<Folder> {
        Folder::open(&self.store.repository.top)?.parent_of(self.path)
    }

    fn is_too_big(&self, size: u64) -> bool {
        self.store.settings.max_file_size.is_some_and(|most| size > most.bytes())
    }

    /// Reads `name` in `folder`: again, once, if it changes meanwhile.
    fn read_from(
        &self,
        folder: &Folder,
        name: &[u8],
        like: Option<&Stat>,
        taken: &mut Taken,
    ) -> Result<(ReadVersion, Stat)> {
        self.read_once(folder, name, like, taken)
            .or_else(|_| self.read_once(folder, name, like, taken))
    }

    fn read_once(
        &self,
        folder: &Folder,
        name: &[u8],
        like: Option<&Stat>,
        taken: &mut Taken,
    ) -> Result<(ReadVersion, Stat)> {
        let Source { file, stat } = folder.read(name)?;
        let held = file.try_clone()?;
        let like = like.unwrap_or(&stat);
        let (id, copy) = if stat.size <= SMALL {
            let bytes = read_whole(file, &stat)?;
            self.keep_small(&bytes, like, taken)?
        } else {
            self.keep_big(file, stat.size, like, taken)?
        };
        let after = stat_of(&held)?;
        if after != stat {
            bail!("it keeps changing");
        }
        Ok((ReadVersion { id, size: stat.size, permissions: like.permissions, copy }, stat))
    }

    /// Stores bytes that are in memory, and copies them unless the newest backup is the same.
    fn keep_small(&self, bytes: &[u8], like: &Stat, taken: &mut Taken) -> Result<(Oid, Copy)> {
        let objects = self.store.vault.objects();
        let id = if self.store.settings.vault {
            objects.write_blob(bytes)
        } else {
            objects.hash(bytes)
        }?;
        if let Some(name) = self.duplicate(id, bytes.len() as u64) {
            return Ok((id, Copy::Duplicate(name)));
        }
        let Some(mut temporary) = self.temporary(taken) else { return Ok((id, Copy::None)) };
        let written =
            temporary.file.write_all(bytes).and_then(|()| set_permissions(&temporary.file, like));
        Ok((id, self.unless_failed(written, temporary, taken)))
    }

    /// Copies a file that is too big for memory (the system may share its blocks), and stores it from
    /// the copy, which nobody else writes to. Without a place for a copy it goes straight to the vault.
    fn keep_big(
        &self,
        mut file: File,
        size: u64,
        like: &Stat,
        taken: &mut Taken,
    ) -> Result<(Oid, Copy)> {
        let objects = self.store.vault.objects();
        let Some(mut temporary) = self.temporary(taken) else {
            return Ok((objects.write_blob_from(file, size)?, Copy::None));
        };
        let copied = io::copy(&mut file, &mut temporary.file)
            .and_then(|_| set_permissions(&temporary.file, like));
        if let Err(error) = copied {
            file.rewind()?;
            let copy = self.unless_failed(Err(error), temporary, taken);
            return Ok((objects.write_blob_from(file, size)?, copy));
        }
        let place = crate::git::platform::path_from_bytes(&temporary.name);
        let id = objects.hash_file(&temporary.listing.folder.path().join(place))?;
        if self.store.settings.vault && !objects.has(id) {
            temporary.file.rewind()?;
            let stored = objects.write_blob_from(&temporary.file, size)?;
            if stored != id {
                bail!("its copy changed while it was stored");
            }
        }
        match self.duplicate(id, size) {
            Some(name) => Ok((id, Copy::Duplicate(name))),
            None => Ok((id, Copy::Waiting(temporary, None))),
        }
    }

    /// A backup in the file's newest snapshot that holds these very bytes.
    fn duplicate(&self, id: Oid, size: u64) -> Option<BackupName> {
        self.listing.as_ref()?;
        let backups = self.store.backups.of(self.path);
        let all: Vec<_> = backups.iter().map(|b| b.on_disk(&self.store.now)).collect();
        let newest: Vec<BackupName> = newest_snapshot(&all, self.store.now.naive_local())
            .into_iter()
            .map(|on_disk| on_disk.name.clone())
            .collect();
        let same = |backup: &&crate::storage::backups::BackupFile| {
            newest.contains(&backup.name)
                && backup.stat.size == size
                && backup.hash(self.store.vault.objects()).is_ok_and(|(hash, _)| hash == id)
        };
        backups.iter().find(same).map(|backup| backup.name.clone())
    }

    /// An empty file beside the original; `None`, with a word in `taken`, if there can't be one.
    fn temporary(&self, taken: &mut Taken) -> Option<Temporary> {
        static SALT: AtomicU32 = AtomicU32::new(0);
        let listing = Rc::clone(self.listing.as_ref()?);
        let original = self.path.file_name().to_vec();
        let fits = BackupName {
            original,
            time: super::begin(self.store),
            artifact: ArtifactId::parse_bytes(b"00000000"),
        };
        if !fits.fits() {
            let reason = "its name is too long for a backup beside it".to_owned();
            taken.vault_only.push((self.path.clone(), reason));
            return None;
        }
        let salt = SALT.fetch_add(1, Ordering::Relaxed);
        let name = temporary_name(self.path.file_name(), std::process::id(), salt);
        match listing.folder.create(&name) {
            Ok(file) => Some(Temporary { listing, name, file, named: false }),
            Err(error) => {
                taken.vault_only.push((self.path.clone(), format!("its folder: {error}")));
                None
            }
        }
    }

    fn unless_failed(&self, written: io::Result<()>, copy: Temporary, taken: &mut Taken) -> Copy {
        match written {
            Ok(()) => Copy::Waiting(copy, None),
            Err(error) => {
                taken.vault_only.push((self.path.clone(), error.to_string()));
                Copy::None
            }
        }
    }
}

/// The staged version, by whichever way it comes.
impl StagedForms<'_> {
    fn capture(&self, target: &Target<'_>, wanted: &Wanted, taken: &mut Taken) -> Result<Found> {
        let From::Index { mode, blob, as_worktree } = &wanted.from else { return Ok(None) };
        let objects = target.store.vault.objects();
        let id = objects.parse(blob)?;
        if *as_worktree && let Some(found) = self.capture_as_worktree(target, id, taken)? {
            return Ok(Some(found));
        }
        let like = target
            .worktree_folder()
            .ok()
            .and_then(|folder| folder.stat(wanted.path.file_name()).ok().flatten());
        let like = like.filter(|stat| stat.kind == crate::storage::folder::EntryKind::File);
        let why_not = self.write(&wanted.path);
        if let Some(folder) = self.folder(&wanted.path) {
            let name = wanted.path.file_name();
            let form = folder.read(name)?.stat;
            if target.is_too_big(form.size) {
                let reason = format!("{} (bak.maxFileSize)", too_big(form.size));
                if objects.blob_size(id).ok() != Some(form.size) {
                    bail!(reason);
                }
                taken.vault_only.push((wanted.path.clone(), reason));
                let permissions = like.map_or(mode.permissions(), |stat| stat.permissions);
                let copy = Copy::None;
                return Ok(Some((ReadVersion { id, size: form.size, permissions, copy }, None)));
            }
            let (read, _) = target.read_from(&folder, name, like.as_ref(), taken)?;
            return Ok(Some((read, None)));
        }
        // Git could not make the working tree's form of it (a filter failed): the stored form is what
        // there is.
        let reason = why_not.unwrap_or_else(|| "git did not write it".to_owned());
        taken.vault_only.push((wanted.path.clone(), format!("as Git stores it, for {reason}")));
        let permissions = like.map_or(mode.permissions(), |stat| stat.permissions);
        let bytes = objects.read_blob(id)?;
        let size = bytes.len() as u64;
        Ok(Some((ReadVersion { id, size, permissions, copy: Copy::None }, None)))
    }

    /// What is staged is what the working tree has: its file is read, and believed if its bytes are the
    /// blob's, or if nobody wrote to it since Git compared them (a filter is at work).
    fn capture_as_worktree(
        &self,
        target: &Target<'_>,
        id: Oid,
        taken: &mut Taken,
    ) -> Result<Found> {
        let Ok(folder) = target.worktree_folder() else { return Ok(None) };
        let Ok(source) = folder.read(target.path.file_name()) else { return Ok(None) };
        let objects = target.store.vault.objects();
        if target.is_too_big(source.stat.size) {
            if objects.blob_size(id).ok() != Some(source.stat.size) {
                bail!("{} (bak.maxFileSize)", too_big(source.stat.size));
            }
            let reason = format!("{} (bak.maxFileSize)", too_big(source.stat.size));
            taken.vault_only.push((target.path.clone(), reason));
            let permissions = source.stat.permissions;
            let (size, copy) = (source.stat.size, Copy::None);
            return Ok(Some((ReadVersion { id, size, permissions, copy }, None)));
        }
        drop(source);
        let (read, stat) = target.read_from(&folder, target.path.file_name(), None, taken)?;
        let believed = read.id == id || self.is_from_before_the_survey(&stat);
        Ok(believed.then(|| (read, Some(stamp_of(&stat)))))
    }
}

fn too_big(size: u64) -> String {
    format!("its {} are more than the limit", crate::model::size::Size::from_bytes(size))
}

impl Captured {
    /// Its bytes once more, from its copy or from the file itself.
    pub fn read_again(&self, store: &Store) -> Option<Vec<u8>> {
        let bytes = match &self.copy {
            Copy::Waiting(temporary, _) => {
                let source = temporary.listing.folder.read(&temporary.name).ok()?;
                read_whole(source.file, &source.stat).ok()?
            }
            Copy::Duplicate(name) => {
                store.backups.find(&self.path, &name.to_bytes())?.read().ok()?
            }
            Copy::None | Copy::Published(_) => {
                let folder =
                    Folder::open(&store.repository.top).ok()?.parent_of(&self.path).ok()?;
                let source = folder.read(self.path.file_name()).ok()?;
                read_whole(source.file, &source.stat).ok()?
            }
        };
        (store.vault.objects().hash(&bytes).ok()? == self.id).then_some(bytes)
    }

    /// The folder its copy is in, if it has one.
    pub fn folder(&self) -> Option<&Folder> {
        self.listing.as_ref().map(|listing| &listing.folder)
    }

    /// Gives the copy its name.
    pub fn publish(&mut self, sync: bool) -> io::Result<()> {
        let Copy::Waiting(temporary, Some(name)) = &mut self.copy else { return Ok(()) };
        if sync {
            temporary.file.sync_all()?;
        }
        let published = temporary.listing.folder.publish(&temporary.name, &name.to_bytes());
        temporary.named = published.is_ok();
        let name = name.clone();
        self.copy = if published.is_ok() { Copy::Published(name) } else { Copy::None };
        published
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.named {
            let _ = self.listing.folder.unlink(&self.name);
        }
    }
}
