//! Taking a snapshot: backing up all files at risk, in one act, under one timestamp.
//!
//! - `request`: what is asked for; `plan`: which versions, from `staged`, `unseen` and, for the guard, `guarded`; `staging`, `judged`:
//!   which need no copy;
//! - `capture`, `copying`: reading and keeping them; `naming`, `noting`: names, and the line of the record;
//! - `audit`: what a commit's hooks did to unstaged edits; `unprotected`: what no version holds.
//!
//! Order of steps, and why it is safe:
//! 1. the ignore block stands, before there is anything to ignore; if it can't, no files are made;
//! 2. every version is read once and captured: its blob is in `bak/new`, and its copy lies beside the original
//!    under a temporary name that is ignored and never taken for a backup;
//! 3. the names are settled: one second for all of them that no other backup has;
//! 4. one line of the record, after a last look under its lock whether each blob is where it was put: from
//!    here on nothing of this snapshot can be lost with the files;
//! 5. each copy gets its name, never over an existing file;
//! 6. retention, and its line.
//!
//! Where the disk gets full on the way, the files of this snapshot are taken out again: its last bytes are Git's.
//!
//! A process that dies before 4 has changed nothing but blobs that no line names and temporary names (the next run
//! removes those); after 4 the vault has it all. A file that can't be captured is named and the others go
//! on: one bad file must not leave the rest unprotected.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use anyhow::Result;

use crate::backups::Store;
use crate::backups::files::BackupFile;
use crate::backups::location::{Goal, Locations};
use crate::backups::{ignore_block, retention};
use crate::git::objects::Oid;
use crate::model::events::event::{Event, EventKind};
use crate::model::events::line::Line;
use crate::model::harm::{BackupPlace, Harm};
use crate::model::names::repo_path::RepoPath;
use crate::model::names::timestamp::Timestamp;
use crate::model::now;
use crate::os::disk::Room;
use crate::record::Attempted;

pub mod audit;
mod capture;
mod copying;
pub mod guarded;
mod judged;
mod naming;
mod noting;
pub mod plan;
mod request;
mod staged;
pub mod staging;
pub mod unprotected;
pub mod unseen;

use capture::Captured;
pub(super) use copying::over_limit;
use copying::{Copy, NEARLY_FULL};
pub use plan::Wanted;
pub use request::{Carried, Opened, Request};

/// Why a file was left out, where a Git command waits for us.
pub const NO_MORE_TIME: &str = "git waits no longer than 5 seconds";

#[derive(Debug, Default)]
pub struct Taken {
    /// One event for each version that is protected, and for each backup that was retired.
    pub events: Vec<Event>,
    /// The try at a commit that it opened; `None` where that could not be written down.
    pub attempt: Option<Attempted>,
    /// The files that are protected, with the blob id of the bytes that were read: not for the record, which has of
    /// some files only what a filter made.
    pub read: HashSet<(RepoPath, Oid)>,
    /// Files that are not protected, each with the reason.
    pub unprotected: Vec<(RepoPath, String)>,
    /// Files that are in the vault alone though a backup file was wanted, each with the reason.
    pub vault_only: Vec<(RepoPath, String)>,
    /// Why the backups of these files don't lie beside them.
    pub elsewhere: BTreeMap<RepoPath, Harm>,
    /// Why the record does not have the snapshot, if it doesn't.
    pub unrecorded: Option<String>,
    /// It is the first line of its day: an earlier day may wait for the fold.
    pub is_new_day: bool,
    /// The disk had no room for all of it.
    pub is_full: bool,
    /// Files that the attributes leave out.
    pub left_out: Vec<RepoPath>,
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
    let wanted = request.wanted.iter().map(|wanted| &wanted.path);
    let locations = Locations::of(&store.repository, &store.settings, wanted);
    let request = &without_left_out(request, &locations, &mut taken);
    for carried in &request.carried {
        taken.events.push(event_of(store, carried));
        let reason = carried.vault_only.clone();
        taken.vault_only.extend(reason.map(|reason| (carried.path.clone(), reason)));
    }
    if request.wanted.is_empty() {
        keep_ignored(store, &request.carried);
        if request.attempt.is_some() || request.agent.is_some() || !request.carried.is_empty() {
            noting::note(store, request, &mut [], None, &mut taken);
        }
        return Ok(taken);
    }
    let paths = paths_of(&request.wanted);
    let has_room = |room: Room| room.has_for_links(paths.len());
    if !Room::of(&store.repository.git_dir).is_none_or(has_room) {
        let bare = paths.into_iter().map(|path| (path.clone(), NEARLY_FULL.to_owned()));
        taken.unprotected.extend(bare);
        return Ok(taken);
    }
    let vault_alone = request.vault_alone && store.settings.vault;
    let as_files = !vault_alone && may_make_files(store, request, &mut taken);
    let goals = if as_files { goals(request, &locations, &mut taken) } else { HashMap::new() };
    let mut versions = capture::all(store, request, &goals, &mut taken);
    if taken.is_full {
        capture::take_out_files(&mut versions, &mut taken);
    }
    let time = naming::settle(store, &mut versions, request.artifact, &mut taken)?;
    noting::note(store, request, &mut versions, Some(time), &mut taken);
    if request.only_if_noted && taken.unrecorded.is_some() {
        return Ok(taken);
    }
    publish(store, &mut versions, &mut taken);
    record(store, request, &versions, &mut taken);
    retire(store, request, &versions, &mut taken);
    Ok(taken)
}

fn retire(store: &Store, request: &Request, versions: &[Captured], taken: &mut Taken) {
    let (mut made, mut found) = (Vec::new(), Vec::new());
    for version in versions {
        match &version.copy {
            Copy::Published(name) => made.push((version.path.clone(), name.clone())),
            Copy::Duplicate(name) => found.push((version.path.clone(), name.clone())),
            _ => {}
        }
    }
    for carried in &request.carried {
        let backup = carried.backup.as_ref();
        found.extend(backup.map(|backup| (carried.path.clone(), backup.name.clone())));
    }
    let retired = retention::retire(store, &made, &found);
    let mut lines = Line::of_events(&retired.events, &store.now);
    if !lines.is_empty() {
        // Without it they are looked for, and not found.
        let _ = store.record.append(&mut lines, &store.now, &mut || Ok(()));
    }
    taken.events.extend(retired.events);
    taken.not_retired = retired.kept;
}

/// Backups that are there already stay ignored, even if the block was removed meanwhile. Without it
/// they are only untracked, and doctor says so: no reason to speak of it at each commit.
fn keep_ignored(store: &Store, carried: &[Carried]) {
    let is_beside = |backup: &BackupFile| backup.place() == BackupPlace::Beside;
    if carried.iter().any(|carried| carried.backup.as_ref().is_some_and(is_beside)) {
        let _ = ignore_block::ensure(&store.repository);
    }
}

/// Whether files can be made at all, or the vault alone has to do.
fn may_make_files(store: &Store, request: &Request, taken: &mut Taken) -> bool {
    let Some(reason) = too_many_files(store, &request.wanted) else { return true };
    let paths = paths_of(&request.wanted).into_iter();
    taken.vault_only.extend(paths.map(|path| (path.clone(), reason.clone())));
    false
}

/// What is wanted but for what the attributes leave out.
fn without_left_out(request: &Request, locations: &Locations<'_>, taken: &mut Taken) -> Request {
    let mut request = request.clone();
    if request.may_leave_out {
        let (left_out, wanted) =
            request.wanted.into_iter().partition(|wanted| locations.leaves_out(&wanted.path));
        request.wanted = wanted;
        taken.left_out = paths_of(&left_out).into_iter().cloned().collect();
    }
    request
}

/// Where the copies go.
fn goals(
    request: &Request,
    locations: &Locations<'_>,
    taken: &mut Taken,
) -> HashMap<RepoPath, Goal> {
    let paths: BTreeSet<&RepoPath> = request.wanted.iter().map(|wanted| &wanted.path).collect();
    let mut goals = locations.decide(&paths);
    if request.vault_alone {
        let beside = goals.values_mut().filter(|goal| matches!(goal, Goal::Beside));
        beside.for_each(|goal| *goal = Goal::GitDir(None));
    }
    for path in paths {
        match goals.get(path) {
            Some(Goal::GitDir(Some(harm))) => {
                taken.elsewhere.insert(path.clone(), harm.clone());
            }
            Some(Goal::Vault(reason)) => taken.vault_only.push((path.clone(), reason.clone())),
            _ => {}
        }
    }
    goals
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
    let Carried { path, id, clean, size, backup, .. } = carried;
    let mut event = Event::new(EventKind::Duplicate, &store.now, path.clone());
    event.blob = Some(id.to_string());
    event.clean = *clean;
    event.kind = Some(carried.kind);
    event.backup = backup.as_ref().map(|backup| backup.name.to_bytes());
    event.elsewhere = backup.as_ref().and_then(|backup| backup.elsewhere(&store.backups));
    event.size = Some(*size);
    event.permissions = carried.access();
    event
}

fn record(store: &Store, request: &Request, versions: &[Captured], taken: &mut Taken) {
    for version in versions {
        let (what, backup) = match &version.copy {
            Copy::Published(name) => (EventKind::Created, Some(name.to_bytes())),
            Copy::Duplicate(name) => (EventKind::Duplicate, Some(name.to_bytes())),
            _ if store.settings.vault && taken.unrecorded.is_none() => (EventKind::Deposited, None),
            _ => {
                let why = taken.unrecorded.clone();
                let why = why.unwrap_or_else(|| "no backup could be made of it".to_owned());
                taken.unprotected.push((version.path.clone(), why));
                continue;
            }
        };
        let mut event = Event::new(what, &store.now, version.path.clone());
        event.elsewhere = version.elsewhere(store, backup.as_deref());
        event.backup = backup;
        event.blob = Some(version.id.to_string());
        event.clean = version.clean;
        event.size = Some(version.size);
        event.permissions = Some(version.permissions);
        event.kind = Some(version.kind);
        event.label.clone_from(&request.label);
        taken.events.push(event);
        taken.read.insert((version.path.clone(), version.own));
    }
    // What is in the vault alone is protected only if the vault has it.
    if !store.settings.vault || taken.unrecorded.is_some() {
        taken.vault_only.clear();
    }
}

/// The time for the names of a snapshot made now.
pub(super) fn begin(store: &Store) -> Timestamp {
    now::timestamp(&store.now)
}
