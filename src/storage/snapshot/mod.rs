//! Taking a snapshot: backing up all files at risk, in one act, under one timestamp.
//!
//! Order of steps, and why it is safe:
//! 1. the ignore block stands, before there is anything to ignore; if it can't, no files are made;
//! 2. every version is read once and captured: its blob is in the object database, and its copy lies
//!    beside the original under a temporary name that is ignored and never taken for a backup;
//! 3. the names are settled: one second for all of them that no other backup has;
//! 4. the vault: from here on nothing of this snapshot can be lost with the files;
//! 5. each copy gets its name, never over an existing file;
//! 6. retention.
//!
//! Whoever dies before 4 has changed nothing but loose objects and temporary names (the next run takes
//! those out); after 4 the vault has it all. A file that can't be captured is named and the others go
//! on: one bad file must not leave the rest unprotected.

use std::collections::HashSet;
use std::time::SystemTime;

use anyhow::Result;

use super::Store;
use super::backups::BackupFile;
use super::vault::{Dangling, Entry, Slot};
use super::{ignore_block, retention, undeposited};
use crate::model::artifact::ArtifactId;
use crate::model::at_risk::Mode;
use crate::model::attempt::Edit;
use crate::model::event::{Event, EventKind, Kind};
use crate::model::now;
use crate::model::repo_path::RepoPath;
use crate::model::timestamp::Timestamp;

mod capture;
mod copying;
mod naming;
pub mod plan;
mod staged;

use capture::Captured;
use copying::Copy;
pub(super) use copying::over_limit;
pub use plan::Wanted;

/// What a snapshot is asked for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The versions to keep.
    pub wanted: Vec<Wanted>,
    /// The id of an upgrade, to stand at the end of the names instead of the blob's.
    pub artifact: Option<ArtifactId>,
    /// A label that somebody gave.
    pub label: Option<String>,
    /// Entries of the newest snapshot that stand as they were: they are part of this one, too, and need
    /// no new copy.
    pub carried: Vec<Carried>,
    /// When Git began to compare the files with the index, if it did.
    pub surveyed: Option<SystemTime>,
    /// The vault alone is to have it, if there is one: no files beside the originals.
    pub vault_alone: bool,
    /// Files of any size: what they were is about to be put back in their place.
    pub any_size: bool,
}

/// A staged version that the newest snapshot has.
#[derive(Debug, Clone)]
pub struct Carried {
    /// Its entry there.
    pub entry: Entry,
    /// Its backup beside the original, if it is still there.
    pub backup: Option<BackupFile>,
    /// Why the vault alone is to have it, if that is so.
    pub vault_only: Option<String>,
}

/// What a snapshot came to.
#[derive(Debug, Default)]
pub struct Taken {
    /// One event for each version that is protected, and for each backup that was retired.
    pub events: Vec<Event>,
    /// The working-tree versions, as they were.
    pub edits: Vec<Edit>,
    /// Files that are not protected, each with the reason.
    pub unprotected: Vec<(RepoPath, String)>,
    /// Files that are in the vault alone though a backup file was wanted, each with the reason.
    pub vault_only: Vec<(RepoPath, String)>,
    /// The vault's newest snapshot held the very same already.
    pub known_before: bool,
    /// Why the vault does not have the snapshot, if it should and doesn't.
    pub undeposited: Option<String>,
    /// Entries of earlier snapshots that the vault had to drop.
    pub dropped: Vec<Dangling>,
    /// Backups that retention would have retired but couldn't, each with the reason.
    pub not_retired: Vec<(RepoPath, String)>,
}

impl Taken {
    /// The backups this snapshot stands on: those it made and those it found.
    pub fn created(&self) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(|event| event.what == EventKind::Created)
    }
}

/// Takes a snapshot. An error means that nothing could even be begun.
pub fn take(store: &Store, request: &Request) -> Result<Taken> {
    let mut taken = Taken::default();
    for carried in &request.carried {
        taken.events.push(event_of(store, carried));
        let reason = carried.vault_only.clone();
        taken.vault_only.extend(reason.map(|reason| (carried.entry.path.clone(), reason)));
    }
    if request.wanted.is_empty() {
        keep_ignored(store, &request.carried);
        return Ok(taken);
    }
    undeposited::settle(store);
    let vault_alone = request.vault_alone && store.settings.vault;
    let as_files = !vault_alone && may_make_files(store, request, &mut taken);
    let mut versions = capture::all(store, request, as_files, &mut taken);
    let time = naming::settle(store, &mut versions, request.artifact, &mut taken)?;
    deposit(store, request, &versions, time, &mut taken);
    publish(store, &mut versions, &mut taken);
    record(store, request, &versions, &mut taken);
    note_undeposited(store, &mut taken);
    let (mut made, mut found) = (Vec::new(), Vec::new());
    for version in &versions {
        match &version.copy {
            Copy::Published(name) => made.push((version.path.clone(), name.clone())),
            Copy::Duplicate(name) => found.push((version.path.clone(), name.clone())),
            _ => {}
        }
    }
    for carried in &request.carried {
        let backup = carried.backup.as_ref();
        found.extend(backup.map(|backup| (carried.entry.path.clone(), backup.name.clone())));
    }
    let retired = retention::retire(store, &made, &found);
    taken.events.extend(retired.events);
    taken.not_retired = retired.kept;
    Ok(taken)
}

/// Backups that are there already stay ignored, whoever took the block away meanwhile. Without it
/// they are only untracked, and doctor says so: no reason to speak of it at each commit.
fn keep_ignored(store: &Store, carried: &[Carried]) {
    if store.backups.are_beside() && carried.iter().any(|carried| carried.backup.is_some()) {
        let _ = ignore_block::ensure(&store.repository);
    }
}

/// Whether files can be made at all, or the vault alone has to do.
fn may_make_files(store: &Store, request: &Request, taken: &mut Taken) -> bool {
    let reason = if let Some(reason) = too_many_files(store, &request.wanted) {
        reason
    } else if let Some(error) =
        store.backups.are_beside().then(|| ignore_block::ensure(&store.repository).err()).flatten()
    {
        format!("backups beside the files would not be ignored: {error:#}")
    } else {
        return true;
    };
    let paths = paths_of(&request.wanted).into_iter();
    taken.vault_only.extend(paths.map(|path| (path.clone(), reason.clone())));
    false
}

/// Why no files are made of so many, if they are too many.
pub(super) fn too_many_files(store: &Store, wanted: &[Wanted]) -> Option<String> {
    let most = store.settings.max_files?;
    let too_many = paths_of(wanted).len() > most;
    too_many.then(|| format!("more than {most} files at once (bak.maxFiles)"))
}

fn paths_of(wanted: &[Wanted]) -> Vec<&RepoPath> {
    // Versions of one path follow one another.
    let mut paths: Vec<&RepoPath> = wanted.iter().map(|wanted| &wanted.path).collect();
    paths.dedup();
    paths
}

/// The vault will have to take them later.
fn note_undeposited(store: &Store, taken: &mut Taken) {
    if taken.undeposited.is_none() {
        return;
    }
    let backups =
        taken.events.iter().filter_map(|event| Some((event.path.clone(), event.backup.clone()?)));
    if let Err(error) = undeposited::note(store, &backups.collect::<Vec<_>>()) {
        taken.undeposited = Some(format!("{error:#}"));
    }
}

fn deposit(
    store: &Store,
    request: &Request,
    versions: &[Captured],
    time: Timestamp,
    taken: &mut Taken,
) {
    if !store.settings.vault || versions.is_empty() {
        return;
    }
    let content = |id| versions.iter().find(|version| version.id == id)?.read_again(store);
    let carried: Vec<Entry> = request.carried.iter().map(|carried| carried.entry.clone()).collect();
    let entries = entries(versions, carried);
    match store.vault.deposit(&entries, time, &store.now, &content) {
        Ok(deposited) => {
            taken.known_before = !deposited.new;
            taken.dropped = deposited.dropped;
        }
        Err(error) => taken.undeposited = Some(format!("{error:#}")),
    }
}

/// One entry for each version, beside those that are carried over. Where a path has two, the working
/// tree's goes beside the other.
fn entries(versions: &[Captured], carried: Vec<Entry>) -> Vec<Entry> {
    let staged: HashSet<RepoPath> = carried.iter().map(|entry| entry.path.clone()).collect();
    let mut entries = carried;
    for version in versions {
        // Two versions of one path follow one another.
        let second = staged.contains(&version.path)
            || entries.last().is_some_and(|entry| entry.path == version.path);
        let slot = if second { Slot::Worktree } else { Slot::Main };
        let mode = Mode::of_permissions(version.permissions);
        entries.push(Entry { path: version.path.clone(), slot, id: version.id, mode });
    }
    entries
}

/// Gives the copies their names.
fn publish(store: &Store, versions: &mut [Captured], taken: &mut Taken) {
    for version in versions {
        if let Err(error) = version.publish(store.settings.sync_objects) {
            let reason = match error.kind() {
                std::io::ErrorKind::AlreadyExists => "its name was taken just now".to_owned(),
                _ => error.to_string(),
            };
            taken.vault_only.push((version.path.clone(), reason));
        }
    }
}

/// A version that is kept already.
fn event_of(store: &Store, carried: &Carried) -> Event {
    let Carried { entry, backup, .. } = carried;
    let mut event = Event::new(EventKind::Duplicate, &store.now, entry.path.clone());
    event.blob = Some(entry.id.to_string());
    event.kind = Some(Kind::Staged);
    event.backup = backup.as_ref().map(|backup| backup.name.to_bytes());
    event.size = store.vault.objects().blob_size(entry.id).ok();
    event.permissions = backup.as_ref().map(|backup| backup.stat.permissions);
    event
}

/// Writes down what became of each version.
fn record(store: &Store, request: &Request, versions: &[Captured], taken: &mut Taken) {
    for version in versions {
        let (what, backup) = match &version.copy {
            Copy::Published(name) => (EventKind::Created, Some(name.to_bytes())),
            Copy::Duplicate(name) => (EventKind::Duplicate, Some(name.to_bytes())),
            _ if store.settings.vault && taken.undeposited.is_none() => {
                (EventKind::Deposited, None)
            }
            _ => {
                let why = taken.undeposited.clone();
                let why = why.unwrap_or_else(|| "no backup could be made of it".to_owned());
                taken.unprotected.push((version.path.clone(), why));
                continue;
            }
        };
        let mut event = Event::new(what, &store.now, version.path.clone());
        event.backup = backup;
        event.blob = Some(version.id.to_string());
        event.size = Some(version.size);
        event.permissions = Some(version.permissions);
        event.kind = Some(version.kind);
        event.label.clone_from(&request.label);
        taken.events.push(event);
        if let (Kind::Worktree, Some(stamp)) = (version.kind, version.stamp) {
            let blob = version.id.to_string();
            taken.edits.push(Edit { path: version.path.clone(), blob, stamp });
        }
    }
    // What is in the vault alone is protected only if the vault has it.
    if !store.settings.vault || taken.undeposited.is_some() {
        taken.vault_only.clear();
    }
}

/// The time for the names of a snapshot made now.
pub(super) fn begin(store: &Store) -> Timestamp {
    now::timestamp(&store.now)
}
