//! Reading one version and copying it: hashed, stored, and beside the original under a temporary name.
//!
//! A file is read between two looks at its state. If they differ, another process wrote to it meanwhile, and
//! it is read again, once; after that it is an error rather than kept half old, half new.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Result, bail};

use super::Taken;
use crate::backups::Store;
use crate::backups::files::{BackupFile, Listing, SMALL, read_whole};
use crate::git::objects::Oid;
use crate::model::access::Access;
use crate::model::events::attempt::Stamp;
use crate::model::names::artifact::ArtifactId;
use crate::model::names::backup_name::{BackupName, temporary_name};
use crate::model::names::repo_path::RepoPath;
use crate::model::retention::newest_snapshot;
use crate::os::disk::{Room, is_full};
use crate::os::folder::{Folder, Source, Stat, set_permissions, stat_of};
use crate::record::RecordedVersion;
use crate::snapshot::audit::stamp_of;

/// Why there is no backup file where Git may soon need every byte.
pub(super) const NEARLY_FULL: &str = "the disk is nearly full";

/// A version's copy beside the original.
#[derive(Debug)]
pub(super) enum Copy {
    /// None is made: the vault alone has it.
    None,
    /// The newest snapshot's backup holds the same bytes already.
    Duplicate(BackupName),
    /// Complete, under a temporary name; it gets this one.
    Waiting(TemporaryCopy, Option<BackupName>),
    Published(BackupName),
}

/// A temporary file; dropping it removes it.
#[derive(Debug)]
pub(super) struct TemporaryCopy {
    pub listing: Rc<Listing>,
    pub name: Vec<u8>,
    pub file: File,
    pub named: bool,
}

/// The folder that was opened last: files come folder by folder.
#[derive(Debug, Default)]
pub(super) struct LastFolder(RefCell<Option<(Option<RepoPath>, Rc<Folder>)>>);

impl LastFolder {
    /// The folder of the working tree that `path` lies in.
    fn of(&self, store: &Store, path: &RepoPath) -> io::Result<Rc<Folder>> {
        let mut last = self.0.borrow_mut();
        let parent = path.parent();
        if let Some((_, folder)) = last.as_ref().filter(|(of, _)| *of == parent) {
            return Ok(Rc::clone(folder));
        }
        let folder = Rc::new(Folder::open(&store.repository.top)?.parent_of(path)?);
        *last = Some((parent, Rc::clone(&folder)));
        Ok(folder)
    }
}

/// Where the bytes of one version go.
pub(super) struct CopyTarget<'a> {
    pub store: &'a Store,
    pub folders: &'a LastFolder,
    pub path: &'a RepoPath,
    pub listing: Option<Rc<Listing>>,
    pub any_size: bool,
    /// The vault gets only its clean form.
    pub clean: bool,
}

/// What was kept: the id of the bytes, that of their clean form where the vault gets that, and the copy.
type Kept = (Oid, Option<Oid>, Copy);

/// A version's bytes, as they were read.
pub(super) struct ReadVersion {
    pub id: Oid,
    pub size: u64,
    pub permissions: Access,
    pub copy: Copy,
    /// The id of its clean form, and how many bytes that has, if the vault gets only that.
    pub clean: Option<(Oid, u64)>,
}

/// A version and, if it was the working tree's file that was read, that file's state.
pub(super) type FoundVersion = Option<(ReadVersion, Option<Stamp>)>;

impl CopyTarget<'_> {
    pub fn read_worktree(&self, taken: &mut Taken) -> Result<FoundVersion> {
        let folder = self.worktree_folder()?;
        let stat = folder.stat(self.path.file_name())?;
        if let Some(stat) = stat.filter(|stat| self.is_too_big(stat.size)) {
            bail!(over_limit(stat.size));
        }
        let (read, stat) = self.read_from(&folder, self.path.file_name(), None, taken)?;
        self.keep_clean(&read)?;
        Ok(Some((read, Some(stamp_of(&stat)))))
    }

    /// Has the vault keep the clean form of what was read, if it gets only that.
    pub fn keep_clean(&self, read: &ReadVersion) -> Result<()> {
        let Store { clean_forms, vault, objects, settings, .. } = self.store;
        match read.clean.filter(|_| settings.vault) {
            Some((id, _)) => clean_forms.keep(vault, objects, id),
            None => Ok(()),
        }
    }

    /// The folder that the file itself is in.
    pub fn worktree_folder(&self) -> io::Result<Rc<Folder>> {
        self.folders.of(self.store, self.path)
    }

    pub fn is_too_big(&self, size: u64) -> bool {
        !self.any_size && self.store.settings.max_file_size.is_some_and(|most| size > most.bytes())
    }

    /// Reads `name` in `folder`: again, once, if it changes meanwhile.
    pub fn read_from(
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
        let source = folder.read(name)?;
        let own = source.like();
        let Source { file, stat } = source;
        let held = file.try_clone()?;
        let like = like.unwrap_or(&own);
        let (id, clean, copy) = if stat.size <= SMALL {
            let bytes = read_whole(file, &stat)?;
            self.keep_small(&bytes, like, taken)?
        } else {
            self.keep_big(file, stat.size, like, taken)?
        };
        let clean = clean.map(|id| self.clean_size(id).map(|size| (id, size))).transpose()?;
        let after = stat_of(&held)?;
        if after != stat {
            bail!("it keeps changing");
        }
        Ok((ReadVersion { id, size: stat.size, permissions: like.access(), copy, clean }, stat))
    }

    /// Stores bytes that are in memory, and copies them unless the newest backup is the same.
    fn keep_small(&self, bytes: &[u8], like: &Stat, taken: &mut Taken) -> Result<Kept> {
        let Store { objects, vault, settings, .. } = self.store;
        let clean = self.clean.then(|| self.store.id_of(self.path, bytes)).transpose()?;
        let id = match settings.vault && !self.clean {
            true => vault.keep(objects, bytes),
            false => objects.hash(bytes),
        }?;
        let permit = |file: &File| set_permissions(file, like);
        let size = bytes.len() as u64;
        if let Some(name) = self.duplicate(id, clean, size) {
            return Ok((id, clean, Copy::Duplicate(name)));
        }
        Ok((id, clean, self.copy(bytes, permit, taken)))
    }

    /// A copy of bytes that are in memory, if there is a place for one.
    pub fn copy(
        &self,
        bytes: &[u8],
        permit: impl FnOnce(&File) -> io::Result<()>,
        taken: &mut Taken,
    ) -> Copy {
        let Some(mut temporary) = self.temporary(bytes.len() as u64, taken) else {
            return Copy::None;
        };
        let written = temporary.file.write_all(bytes).and_then(|()| permit(&temporary.file));
        self.unless_failed(written, temporary, taken)
    }

    fn clean_size(&self, id: Oid) -> Result<u64> {
        self.store.clean_forms.size(&self.store.objects, id)
    }

    /// Copies a file that is too big for memory (the system may share its blocks), and stores it from
    /// the copy, which no other process writes to. Without a place for a copy it goes straight to the vault.
    fn keep_big(&self, mut file: File, size: u64, like: &Stat, taken: &mut Taken) -> Result<Kept> {
        let Some(mut temporary) = self.temporary(size, taken) else {
            let (id, clean) = self.keep_open(&file, size)?;
            return Ok((id, clean, Copy::None));
        };
        let copied = io::copy(&mut file, &mut temporary.file)
            .and_then(|_| set_permissions(&temporary.file, like));
        if let Err(error) = copied {
            let copy = self.unless_failed(Err(error), temporary, taken);
            let (id, clean) = self.keep_open(&file, size)?;
            return Ok((id, clean, copy));
        }
        let (id, clean) = self.keep_open(&temporary.file, size)?;
        match self.duplicate(id, clean, size) {
            Some(name) => Ok((id, clean, Copy::Duplicate(name))),
            None => Ok((id, clean, Copy::Waiting(temporary, None))),
        }
    }

    /// Hashes an open file from its start, and has the vault keep it.
    fn keep_open(&self, mut file: &File, size: u64) -> Result<(Oid, Option<Oid>)> {
        let id = self.store.objects.hash_open(file)?;
        if self.clean {
            let clean = self.store.clean_forms.id_of_file(id, self.path, file)?;
            return Ok((id, Some(clean)));
        }
        if self.store.settings.vault {
            file.rewind()?;
            self.store.vault.keep_file(&self.store.objects, id, file, size)?;
        }
        Ok((id, None))
    }

    /// A backup in the file's newest snapshot that holds these very bytes. That snapshot may have found one
    /// of its two versions backed up before (when it was staged, say): then only the record tells that an
    /// earlier backup is part of it.
    pub fn duplicate(&self, id: Oid, clean: Option<Oid>, size: u64) -> Option<BackupName> {
        self.listing.as_ref()?;
        let backups = self.store.backups.of(self.path);
        let own = ArtifactId::of_blob(&id.to_string());
        let all: Vec<_> = backups.iter().map(|b| b.on_disk(&self.store.now)).collect();
        let newest: Vec<BackupName> = newest_snapshot(&all, self.store.now.naive_local())
            .into_iter()
            .map(|on_disk| on_disk.name.clone())
            .collect();
        let is_part = |backup: &BackupFile| {
            newest.contains(&backup.name)
                || (backup.name.artifact == own && self.is_in_newest(clean.unwrap_or(id)))
        };
        let same = |backup: &&BackupFile| {
            backup.stat.size == size
                && is_part(backup)
                && backup.hash(&self.store.objects).is_ok_and(|(hash, _)| hash == id)
        };
        backups.iter().rfind(same).map(|backup| backup.name.clone())
    }

    /// Whether the newest snapshot that has a backup of the file names these bytes as a version of it. What the guard
    /// has kept in the vault alone makes no older backup a new one.
    fn is_in_newest(&self, id: Oid) -> bool {
        let (hex, history) = (id.to_string(), self.store.records.own());
        let has_backup = |it: &RecordedVersion<'_>| {
            it.is_of_snapshot() && it.seen.bak.is_some() && it.seen.is_of(self.path)
        };
        let mut of_path = history.versions().filter(has_backup).peekable();
        let newest = of_path.peek().map(|newest| newest.at);
        of_path.take_while(|it| Some(it.at) == newest).any(|it| it.seen.id.as_deref() == Some(&hex))
    }

    /// An empty file for a copy of so many bytes; `None`, with a word in `taken`, if there can't be one.
    fn temporary(&self, size: u64, taken: &mut Taken) -> Option<TemporaryCopy> {
        static SALT: AtomicU32 = AtomicU32::new(0);
        let listing = Rc::clone(self.listing.as_ref()?);
        let original = self.path.file_name().to_vec();
        let fits = BackupName {
            original,
            time: super::begin(self.store),
            artifact: ArtifactId::parse_bytes(b"00000000"),
        };
        let room = || Room::of(listing.folder.path());
        let reason = if !fits.fits() {
            "its name is too long for a backup beside it"
        } else if taken.is_full || room().is_some_and(|room| !room.has_for_file(size)) {
            NEARLY_FULL
        } else {
            ""
        };
        if !reason.is_empty() {
            taken.vault_only.push((self.path.clone(), reason.to_owned()));
            return None;
        }
        let salt = SALT.fetch_add(1, Ordering::Relaxed);
        let name = temporary_name(self.path.file_name(), std::process::id(), salt);
        match listing.folder.create(&name) {
            Ok(file) => Some(TemporaryCopy { listing, name, file, named: false }),
            Err(error) => {
                taken.is_full |= is_full(&error);
                taken.vault_only.push((self.path.clone(), format!("its folder: {error}")));
                None
            }
        }
    }

    fn unless_failed(
        &self,
        written: io::Result<()>,
        copy: TemporaryCopy,
        taken: &mut Taken,
    ) -> Copy {
        match written {
            Ok(()) => Copy::Waiting(copy, None),
            Err(error) if is_full(&error) => {
                taken.is_full = true;
                taken.vault_only.push((self.path.clone(), NEARLY_FULL.to_owned()));
                Copy::None
            }
            Err(error) => {
                taken.vault_only.push((self.path.clone(), error.to_string()));
                Copy::None
            }
        }
    }
}

/// A file's size, as the reason for keeping no copy of it.
pub fn over_limit(size: u64) -> String {
    let size = crate::model::settings::size::Size::from_bytes(size);
    format!("its {size} are more than the limit (bak.maxFileSize)")
}

impl Drop for TemporaryCopy {
    fn drop(&mut self) {
        if !self.named {
            let _ = self.listing.folder.unlink(&self.name);
        }
    }
}
