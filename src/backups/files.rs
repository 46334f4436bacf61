//! Backup files: finding them, reading them, making room for new ones.
//!
//! They lie beside their files or, at the same paths, in a folder of ours: both are looked at, whatever the settings say
//! of those to come. A folder is listed once and held open; what is found in it are names that parse as backups and lead
//! to regular files. Everything else there is not ours.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, Result, bail};
use chrono::NaiveDateTime;

use crate::git::objects::{Objects, Oid};
use crate::git::repository::Repository;
use crate::model::harm::BackupPlace;
use crate::model::names::backup_name::{BackupName, Temporary};
use crate::model::names::repo_path::RepoPath;
use crate::model::now::{self, Now};
use crate::model::retention::OnDisk;
use crate::os::folder::{EntryKind, Folder, Stat, stat_of};
use crate::os::{platform, private, process};

/// Files up to this size are read in one piece.
pub const SMALL: u64 = 8 << 20;

/// The backup files of one working tree.
#[derive(Debug)]
pub struct Backups {
    top: Folder,
    /// The other place, if it is there; folders in it are ours to make.
    own: OnceCell<Folder>,
    /// It was looked for, and isn't.
    has_no_own: Cell<bool>,
    own_path: PathBuf,
    /// How that is shown: from the top of the working tree, if it lies there.
    own_shown: Vec<u8>,
    listed: RefCell<HashMap<ListingKey, Rc<Listing>>>,
}

/// The key of a listing: the place, and the path of the folder in it.
type ListingKey = (BackupPlace, Vec<u8>);

/// One folder held open, and the backups in it.
#[derive(Debug)]
pub struct Listing {
    pub folder: Folder,
    place: BackupPlace,
    /// Its backups, by the names of their originals.
    pub backups: Vec<(BackupName, Stat)>,
}

#[derive(Debug, Clone)]
pub struct BackupFile {
    /// The file it is a backup of.
    pub path: RepoPath,
    pub name: BackupName,
    /// Its state when it was found.
    pub stat: Stat,
    listing: Rc<Listing>,
}

impl Backups {
    /// Those of `repository`'s working tree.
    pub fn open(repository: &Repository) -> io::Result<Self> {
        let own_path = repository.own_bak_dir().join("files");
        let shown = own_path.strip_prefix(&repository.top).unwrap_or(&own_path);
        let own_shown = platform::bytes_of(shown.as_os_str());
        let (top, listed) = (Folder::open(&repository.top)?, RefCell::default());
        let (own, has_no_own) = (OnceCell::new(), Cell::new(false));
        Ok(Self { top, own, has_no_own, own_path, own_shown, listed })
    }

    pub fn own_path(&self) -> &Path {
        &self.own_path
    }

    /// The folder of ours for them, if it is there.
    pub fn own(&self) -> io::Result<Option<&Folder>> {
        if self.own.get().is_none() && !self.has_no_own.get() {
            match Folder::open(&self.own_path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => self.has_no_own.set(true),
                opened => {
                    // Looks for links on the way: no folder of ours is one.
                    private::make_dir(&self.own_path)?;
                    let _ = self.own.set(opened?);
                }
            }
        }
        Ok(self.own.get())
    }

    /// The folder in which the backups of `path` are in this place, made if it is one of ours.
    pub fn listing(&self, path: &RepoPath, place: BackupPlace) -> io::Result<Rc<Listing>> {
        if place == BackupPlace::GitDir && self.known(path, place).is_none() {
            private::make_dir(&self.own_path)?;
            self.has_no_own.set(false);
            self.own()?.ok_or(io::ErrorKind::NotFound)?.make_parent_of(path)?;
        }
        self.existing(path, place)
    }

    /// The same, if it is there.
    fn existing(&self, path: &RepoPath, place: BackupPlace) -> io::Result<Rc<Listing>> {
        if let Some(known) = self.known(path, place) {
            return Ok(known);
        }
        let base = match place {
            BackupPlace::Beside => &self.top,
            BackupPlace::GitDir => self.own()?.ok_or(io::ErrorKind::NotFound)?,
        };
        let folder = base.parent_of(path)?;
        let names = folder.names()?;
        Ok(self.keep(place, path.parent().as_ref(), Listing::of(folder, names)?))
    }

    fn known(&self, path: &RepoPath, place: BackupPlace) -> Option<Rc<Listing>> {
        self.listed.borrow().get(&key(place, path.parent().as_ref())).map(Rc::clone)
    }

    fn keep(&self, place: BackupPlace, folder: Option<&RepoPath>, listing: Listing) -> Rc<Listing> {
        let listing = Rc::new(Listing { place, ..listing });
        self.listed.borrow_mut().insert(key(place, folder), Rc::clone(&listing));
        listing
    }

    /// Forgets what was listed: the next look is at the disk as it is then.
    pub fn look_again(&self) {
        self.has_no_own.set(false);
        self.listed.borrow_mut().clear();
    }

    /// Every backup in a folder of that path, or the top, that was listed in this place.
    pub fn listed(
        &self,
        place: BackupPlace,
        folder_path: Option<&RepoPath>,
        listing: Listing,
    ) -> Vec<BackupFile> {
        let known = self.listed.borrow().get(&key(place, folder_path)).cloned();
        let listing = known.unwrap_or_else(|| self.keep(place, folder_path, listing));
        let beside = |name: &[u8]| RepoPath::below(folder_path, name);
        let all = listing.backups.iter();
        all.filter_map(|found| Some(listing.file(beside(&found.0.original)?, found))).collect()
    }

    /// The backups of `path`, in no order; none if its folder is gone.
    pub fn of(&self, path: &RepoPath) -> Vec<BackupFile> {
        let mut found = self.copies(path);
        found.retain(|backup| backup.name.is_ours());
        found
    }

    /// The same, with what its owner has put there under a name of the older form.
    pub fn copies(&self, path: &RepoPath) -> Vec<BackupFile> {
        let mut found = Vec::new();
        for place in [BackupPlace::Beside, BackupPlace::GitDir] {
            let Ok(listing) = self.existing(path, place) else { continue };
            let here = listing.of_original(path.file_name()).iter();
            found.extend(here.map(|one| listing.file(path.clone(), one)));
            found.extend(listing.composed(path));
        }
        found
    }

    /// Whether a path of the working tree leads into the folder of ours: the Git directory may lie in it by any name.
    pub fn is_in_own(&self, path: &RepoPath) -> bool {
        let below = path.as_bytes().strip_prefix(&self.own_shown[..]);
        below.is_some_and(|rest| rest.starts_with(b"/"))
    }

    /// A backup of that name in the place of ours, as it is shown.
    pub fn shown(&self, location: &RepoPath) -> Vec<u8> {
        [&self.own_shown, &b"/"[..], location.as_bytes()].concat()
    }

    /// The backup of `path` with exactly this name, if it is there.
    pub fn find(&self, path: &RepoPath, name: &[u8]) -> Option<BackupFile> {
        self.of(path).into_iter().find(|backup| backup.name.to_bytes() == name)
    }

    /// The backups of `path` that the record means by this name: of a clean version, all of its second.
    pub fn called(&self, path: &RepoPath, name: &[u8]) -> Vec<BackupFile> {
        let mut found = self.of(path);
        found.retain(|backup| backup.name.is_called(name));
        found
    }
}

impl Listing {
    pub fn place(&self) -> BackupPlace {
        self.place
    }

    /// The backups among these names in a folder. What a writer that died left half-written there is taken
    /// out.
    pub fn of(folder: Folder, names: impl IntoIterator<Item = Vec<u8>>) -> io::Result<Self> {
        let mut backups = Vec::new();
        for bytes in names {
            if Temporary::parse(&bytes).is_some() {
                // Never a backup: it never had the name that it could be asked for by, and the vault
                // has what it was to become.
                if is_left_over(&bytes) {
                    let _ = folder.unlink(&bytes);
                }
            } else if let Some(name) = BackupName::parse(&bytes)
                && let Some(stat) = folder.stat(&bytes)?
                && stat.kind == EntryKind::File
            {
                backups.push((name, stat));
            }
        }
        backups.sort_by(|(a, _), (b, _)| a.original.cmp(&b.original));
        Ok(Self { folder, place: BackupPlace::Beside, backups })
    }

    /// Its backups of the file of that name in the folder.
    fn of_original(&self, name: &[u8]) -> &[(BackupName, Stat)] {
        let first = self.backups.partition_point(|(backup, _)| *backup.original < *name);
        let rest = &self.backups[first..];
        &rest[..rest.partition_point(|(backup, _)| backup.original == name)]
    }

    /// Its backups of `path` that the file system lists in other bytes than they were made with. It says itself
    /// whether two names are one.
    fn composed(self: &Rc<Self>, path: &RepoPath) -> Vec<BackupFile> {
        if path.file_name().is_ascii() {
            return Vec::new();
        }
        let composed = |(name, stat): &(BackupName, Stat)| {
            let name = name.composed_as(path.file_name())?;
            let there = self.folder.stat(&name.to_bytes()).ok().flatten()?;
            // Windows tells no inodes, and knows no such names.
            let is_one = there.inode == stat.inode && stat.inode != (0, 0);
            is_one.then(|| self.file(path.clone(), &(name, *stat)))
        };
        let others = self.backups.iter().filter(|(name, _)| !name.is_backup_of(path.file_name()));
        others.filter_map(composed).collect()
    }

    fn file(self: &Rc<Self>, path: RepoPath, (name, stat): &(BackupName, Stat)) -> BackupFile {
        BackupFile { path, name: name.clone(), stat: *stat, listing: Rc::clone(self) }
    }
}

fn key(place: BackupPlace, folder: Option<&RepoPath>) -> ListingKey {
    (place, folder.map(|path| path.as_bytes().to_vec()).unwrap_or_default())
}

/// Whether a file of this name was being written by a process of ours that died.
pub(super) fn is_left_over(name: &[u8]) -> bool {
    Temporary::parse(name).is_some_and(|temporary| !process::is_number_alive(temporary.pid))
}

impl BackupFile {
    pub fn place(&self) -> BackupPlace {
        self.listing.place
    }

    /// Where it is or, in the place of ours, would be, as Git names it.
    pub fn location(&self) -> RepoPath {
        let name = self.name.to_bytes();
        // A name that parsed as a backup's is a name Git can have.
        self.path.with_file_name(&name).unwrap_or_else(|_| self.path.clone())
    }

    /// Whether `listed` is this very file, by a name that the file system has taken apart.
    pub fn is_listed_as(&self, listed: &Self) -> bool {
        listed.stat.inode == self.stat.inode
            && listed.name.composed_as(&self.name.original).as_ref() == Some(&self.name)
    }

    /// Whether the record means it by one of these names.
    pub fn is_among(&self, named: &HashSet<(&RepoPath, &[u8])>) -> bool {
        let has = |name: Vec<u8>| named.contains(&(&self.path, name.as_slice()));
        has(self.name.to_bytes()) || self.name.artifact.is_some() && has(self.name.without_id())
    }

    /// Where it is, as it is shown, if not beside the file.
    pub fn elsewhere(&self, backups: &Backups) -> Option<Vec<u8>> {
        (self.place() == BackupPlace::GitDir).then(|| backups.shown(&self.location()))
    }

    pub fn file(&self) -> std::path::PathBuf {
        self.listing.folder.path().join(self.path_name())
    }

    pub(super) fn folder(&self) -> &Folder {
        &self.listing.folder
    }

    pub fn read(&self) -> Result<Vec<u8>> {
        let name = self.name.to_bytes();
        let source = self.listing.folder.read(&name)?;
        read_whole(source.file, &source.stat)
            .with_context(|| format!("{} can't be read", String::from_utf8_lossy(&name)))
    }

    /// The blob id of its bytes, and its state: the same before and after it was read.
    pub fn hash(&self, objects: &Objects) -> Result<(Oid, Stat)> {
        let name = self.name.to_bytes();
        let mut source = self.listing.folder.read(&name)?;
        let id = if source.stat.size <= SMALL {
            let mut bytes = Vec::new();
            source.file.read_to_end(&mut bytes)?;
            objects.hash(&bytes)?
        } else {
            objects.hash_open(&source.file)?
        };
        if stat_of(&source.file)? != source.stat {
            bail!("it changed while it was read");
        }
        Ok((id, source.stat))
    }

    /// The id of its clean form; `own` is that of its bytes.
    pub fn clean_id(&self, store: &super::Store, own: Oid) -> Result<Oid> {
        let source = self.listing.folder.read(&self.name.to_bytes())?;
        store.clean_forms.id_of_file(own, &self.path, &source.file)
    }

    fn path_name(&self) -> std::path::PathBuf {
        crate::os::platform::path_from_bytes(&self.name.to_bytes())
    }

    pub fn on_disk(&self, now: &Now) -> OnDisk {
        OnDisk { name: self.name.clone(), modified: modified(&self.stat, now) }
    }
}

/// The modification time in the local time of `now`.
pub fn modified(stat: &Stat, now: &Now) -> NaiveDateTime {
    let nanos = chrono::TimeDelta::nanoseconds(stat.modified.1.into());
    now::local(now, stat.modified.0) + nanos
}

/// Reads an open file to its end; an error if it is not as long as it was.
pub fn read_whole(mut file: std::fs::File, stat: &Stat) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(stat.size).unwrap_or(0));
    file.read_to_end(&mut bytes)?;
    if bytes.len() as u64 != stat.size {
        return Err(io::Error::other("it changed while it was read"));
    }
    Ok(bytes)
}
