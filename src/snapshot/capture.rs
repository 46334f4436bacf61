//! Capturing versions: each is read once and in hand from then on. What can't be captured is named.

use std::collections::HashMap;
use std::io;
use std::rc::Rc;
use std::time::Instant;

use anyhow::Result;

use super::copying::{Copy, CopyTarget, LastFolder, NEARLY_FULL};
use super::plan::{From, Wanted};
use super::staged::StagedForms;
use super::{NO_MORE_TIME, Request, Taken};
use crate::backups::Store;
use crate::backups::files::{Listing, read_whole};
use crate::backups::location::Goal;
use crate::git::objects::Oid;
use crate::model::access::Access;
use crate::model::events::attempt::Stamp;
use crate::model::events::event::Kind;
use crate::model::harm::BackupPlace;
use crate::model::names::repo_path::RepoPath;
use crate::os::disk::is_full;
use crate::os::folder::Folder;
use crate::snapshot::audit::stamp_of;

/// A version that is in hand.
#[derive(Debug)]
pub(super) struct Captured {
    pub path: RepoPath,
    pub kind: Kind,
    /// The blob id of its bytes.
    pub own: Oid,
    /// The id of what the vault has of it: the same, or its clean form's.
    pub id: Oid,
    /// The vault has its clean form.
    pub clean: bool,
    /// Git's own id of it, in hex, if it is staged, or a filter makes of it what is in the index.
    pub git: Option<String>,
    /// How many bytes the vault has of it.
    pub size: u64,
    pub permissions: Access,
    /// The state of the file it was read from, if that is the working tree's.
    pub stamp: Option<Stamp>,
    pub copy: Copy,
    pub is_ignored: bool,
    listing: Option<Rc<Listing>>,
}

/// Captures what is wanted; what can't be is named in `taken`.
pub(super) fn all(
    store: &Store,
    request: &Request,
    goals: &HashMap<RepoPath, Goal>,
    taken: &mut Taken,
) -> Vec<Captured> {
    let mut versions: Vec<Captured> = Vec::new();
    store.clean_forms.ask(request.wanted.iter().map(|wanted| &wanted.path));
    let (forms, folders) = (StagedForms::of(store, request), LastFolder::default());
    for wanted in &request.wanted {
        if request.until.is_some_and(|until| Instant::now() >= until) {
            taken.unprotected.push((wanted.path.clone(), NO_MORE_TIME.to_owned()));
            continue;
        }
        let clean = store.clean_forms.is_for(&wanted.path);
        let place = match goals.get(&wanted.path) {
            Some(Goal::Beside) => Some(BackupPlace::Beside),
            // What the vault must not have gets no copy under the Git directory.
            Some(Goal::GitDir(_)) => (!clean).then_some(BackupPlace::GitDir),
            _ => None,
        };
        let listing = place.and_then(|place| listing(store, &wanted.path, place, taken));
        let any_size = request.any_size;
        let (folders, path) = (&folders, &wanted.path);
        let target = CopyTarget { store, folders, path, listing, any_size, clean };
        if let Some(version) = unread(&target, request, wanted) {
            versions.push(version);
            continue;
        }
        match capture(&target, wanted, &forms, taken) {
            Ok(Some(version)) if is_second_of_same(&versions, &version) => {
                is_there_too(&mut versions, &version);
            }
            Ok(Some(version)) => {
                let besides = besides(&target, wanted, &version, &forms, taken);
                versions.push(version);
                let second = besides.filter(|second| !is_second_of_same(&versions, second));
                versions.extend(second);
            }
            Ok(None) => {}
            Err(error) => {
                taken.is_full |= is_of_full_disk(&error);
                taken.unprotected.push((wanted.path.clone(), format!("{error:#}")));
            }
        }
    }
    versions
}

/// Whether nothing more could be written.
pub(super) fn is_of_full_disk(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(is_full))
}

/// Removes every file that was made, for the disk has no room for what Git has to write.
pub(super) fn take_out_files(versions: &mut [Captured], taken: &mut Taken) {
    for version in versions.iter_mut().filter(|it| matches!(it.copy, Copy::Waiting(..))) {
        version.copy = Copy::None;
        taken.vault_only.push((version.path.clone(), NEARLY_FULL.to_owned()));
    }
}

/// A staged version for the vault alone, where Git's own object is known to be the file byte for byte: nothing is
/// read.
fn unread(target: &CopyTarget<'_>, request: &Request, wanted: &Wanted) -> Option<Captured> {
    let From::Index { blob, as_worktree: true, size: Some(size), .. } = &wanted.from else {
        return None;
    };
    let Store { objects, vault, settings, .. } = target.store;
    if target.listing.is_some() || target.clean || !request.is_plain || !settings.vault {
        return None;
    }
    let id = objects.parse(blob).ok().filter(|id| objects.blob_size(*id).ok() == Some(*size))?;
    let folder = target.worktree_folder().ok()?;
    let stat = folder.stat(target.path.file_name()).ok()?.filter(|stat| stat.size == *size)?;
    vault.link(objects, id).then(|| Captured {
        path: wanted.path.clone(),
        kind: wanted.kind,
        own: id,
        id,
        clean: false,
        git: Some(blob.clone()),
        size: *size,
        permissions: folder.like(target.path.file_name(), stat).access(),
        stamp: Some(stamp_of(&stat)),
        copy: Copy::None,
        is_ignored: false,
        listing: None,
    })
}

/// The working tree's file, where Git takes it for the staged version and that had to be written out: what
/// a filter leaves out of the staged version is nowhere else.
fn besides(
    target: &CopyTarget<'_>,
    wanted: &Wanted,
    version: &Captured,
    forms: &StagedForms<'_>,
    taken: &mut Taken,
) -> Option<Captured> {
    let From::Index { as_worktree: true, .. } = wanted.from else { return None };
    let stat = target.worktree_folder().ok()?.stat(target.path.file_name()).ok()??;
    if version.stamp.is_some() || target.is_too_big(stat.size) {
        return None;
    }
    let (path, kind, from) = (wanted.path.clone(), Kind::Worktree, From::WorkingTree);
    let second = capture(target, &Wanted { path, kind, from }, forms, taken).ok()??;
    // No edit to Git, so none to look for afterwards.
    Some(Captured { stamp: None, ..second })
}

/// The staged version and the working tree's may come out the same (a filter's doing): one is enough.
fn is_second_of_same(versions: &[Captured], version: &Captured) -> bool {
    versions.last().is_some_and(|last| {
        last.path == version.path && (last.own == version.own || last.id == version.id)
    })
}

/// The guard's one version of both is what stands in the working tree, too, with that one's bit.
fn is_there_too(versions: &mut [Captured], second: &Captured) {
    if let Some(last) = versions.last_mut().filter(|last| last.kind == Kind::Guard) {
        (last.stamp, last.permissions) = (second.stamp, second.permissions);
    }
}

fn listing(
    store: &Store,
    path: &RepoPath,
    place: BackupPlace,
    taken: &mut Taken,
) -> Option<Rc<Listing>> {
    match store.backups.listing(path, place) {
        Ok(listing) => Some(listing),
        Err(error) => {
            let reason = match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                    "its folder is gone".to_owned()
                }
                _ => format!("its folder: {error}"),
            };
            taken.vault_only.push((path.clone(), reason));
            None
        }
    }
}

fn capture(
    target: &CopyTarget<'_>,
    wanted: &Wanted,
    forms: &StagedForms<'_>,
    taken: &mut Taken,
) -> Result<Option<Captured>> {
    let found = match &wanted.from {
        From::WorkingTree | From::Unseen { .. } => target.read_worktree(taken)?,
        From::Index { .. } => forms.capture(target, wanted, taken)?,
    };
    Ok(found.map(|(read, stamp)| Captured {
        path: wanted.path.clone(),
        kind: wanted.kind,
        own: read.id,
        id: read.clean.map_or(read.id, |(id, _)| id),
        clean: read.clean.is_some(),
        git: match &wanted.from {
            From::Index { blob, .. } => Some(blob.clone()),
            From::Unseen { git, .. } => git.clone(),
            From::WorkingTree => None,
        },
        size: read.clean.map_or(read.size, |(_, size)| size),
        permissions: read.permissions,
        stamp,
        copy: read.copy,
        is_ignored: matches!(wanted.from, From::Unseen { is_ignored: true, .. }),
        listing: target.listing.clone(),
    }))
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
        (store.objects.hash(&bytes).ok()? == self.own).then_some(bytes)
    }

    /// Where its backup of that name is, as it is shown, if not beside the file.
    pub fn elsewhere(&self, store: &Store, backup: Option<&[u8]>) -> Option<Vec<u8>> {
        self.listing.as_ref().filter(|listing| listing.place() == BackupPlace::GitDir)?;
        Some(store.backups.shown(&self.path.with_file_name(backup?).ok()?))
    }

    /// The folder its copy is in, if it has one.
    pub fn folder(&self) -> Option<&Folder> {
        self.listing.as_ref().map(|listing| &listing.folder)
    }

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
