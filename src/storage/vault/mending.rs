//! Taking entries out of the vault whose object is gone, and naming them.
//!
//! Only a `git gc --prune=now` that ran beside a writer can cause it, and only for the snapshot being
//! made: what the ref names when a `gc` begins is never pruned. So every writer looks at the snapshots
//! that the last few writers made, and once more at each when it is older than any such `gc` takes.
//! Each snapshot is looked at a fixed number of times, however many are made. If the root is not the one
//! that our last writer left, that writer died before it could look, and everything is looked at, as it
//! is once a day.

use anyhow::Result;

use super::read::snapshots_in;
use super::state::{Locked, Unsettled};
use super::update::Change;
use super::{Slot, Stored, Vault};
use crate::git::objects::{Objects, Oid, TreeEntry};
use crate::model::now::Now;
use crate::model::repo_path::RepoPath;
use crate::model::snapshot_id::SnapshotId;

/// How long, in seconds, a `gc` beside a writer may take to do its harm.
const SETTLED: i64 = 120;
/// How many writers after it look at a snapshot at once.
const LOOKS: u32 = 2;

/// An entry that had to be dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dangling {
    /// The snapshot it was in.
    pub snapshot: SnapshotId,
    /// The file; `None` if a whole folder of it was unreadable.
    pub path: Option<RepoPath>,
}

impl Vault {
    /// Drops the entries that name missing objects from the snapshots that are not settled yet; from all
    /// of them if `everything` is asked for, or if a writer died.
    pub(super) fn mend(
        &self,
        lock: &mut Locked,
        now: &Now,
        everything: bool,
    ) -> Result<Vec<Dangling>> {
        let due = take_due(lock, now.timestamp());
        let which = if everything { None } else { Some(due.as_slice()) };
        let mut dropped = Vec::new();
        if which.is_none_or(|due| !due.is_empty()) {
            self.update(lock, now, |root| {
                dropped.clear();
                let Some(root) = root else { return Ok(None) };
                let disk = self.objects.reopen()?;
                Pass { vault: self, disk, which, dropped: &mut dropped }.without_dangling(root)
            })?;
        }
        lock.leave(self.root()?);
        Ok(dropped)
    }

    /// Notes a snapshot that was just deposited.
    pub(super) fn note_unsettled(lock: &mut Locked, id: &SnapshotId, now: &Now) {
        let (time, id) = (now.timestamp(), id.to_string());
        lock.unsettled().push(Unsettled { time, looks: 0, id });
    }
}

/// The snapshots to look at now: those that few writers have looked at, and those that have come of age
/// and settle with it.
fn take_due(lock: &mut Locked, now: i64) -> Vec<SnapshotId> {
    let mut due = Vec::new();
    lock.unsettled().retain_mut(|unsettled| {
        // A note from the future is from a clock that was wrong: it settles now.
        let of_age = !(0..SETTLED).contains(&now.saturating_sub(unsettled.time));
        if of_age || unsettled.looks < LOOKS {
            unsettled.looks += 1;
            due.extend(unsettled.id.parse::<SnapshotId>());
        }
        !of_age
    });
    due
}

/// One look through the vault.
struct Pass<'a> {
    vault: &'a Vault,
    /// The objects as the disk has them now, not as they were when this process began.
    disk: Objects,
    /// The snapshots to look at; `None`: all.
    which: Option<&'a [SnapshotId]>,
    dropped: &'a mut Vec<Dangling>,
}

impl Pass<'_> {
    fn without_dangling(&mut self, root: Oid) -> Result<Option<Change>> {
        let mut change = Change::default();
        let mut days = Vec::new();
        for day in self.vault.objects.tree(root)?.iter().filter(|entry| entry.is_tree()) {
            if self.looks_at(|id| id.day().as_bytes() == day.name) {
                days.extend(self.mend_day(day, &mut change)?);
            }
        }
        if self.dropped.is_empty() {
            return Ok(None);
        }
        change.root = self.vault.with_entries(Some(root), days, &[], &mut change)?;
        Ok(Some(change))
    }

    fn looks_at(&self, wanted: impl Fn(&SnapshotId) -> bool) -> bool {
        self.which.is_none_or(|which| which.iter().any(wanted))
    }

    /// The day's folder anew, if anything in it had to be dropped.
    fn mend_day(&mut self, day: &TreeEntry, change: &mut Change) -> Result<Option<TreeEntry>> {
        let mut hours = Vec::new();
        for hour in self.vault.objects.tree(day.id)?.iter().filter(|entry| entry.is_tree()) {
            if !self
                .looks_at(|id| id.day().as_bytes() == day.name && id.hour().as_bytes() == hour.name)
            {
                continue;
            }
            let mut folders = Vec::new();
            for stored in snapshots_in(&self.vault.objects, &day.name, hour)? {
                if self.looks_at(|id| *id == stored.id) {
                    folders.extend(self.mend_snapshot(&stored, change)?);
                }
            }
            if !folders.is_empty()
                && let Some(id) = self.vault.with_entries(Some(hour.id), folders, &[], change)?
            {
                hours.push(Vault::folder(hour.name.clone(), id));
            }
        }
        if hours.is_empty() {
            return Ok(None);
        }
        let id = self.vault.with_entries(Some(day.id), hours, &[], change)?;
        Ok(id.map(|id| Vault::folder(day.name.clone(), id)))
    }

    /// The snapshot's folders anew, where something in them had to be dropped.
    fn mend_snapshot(&mut self, stored: &Stored, change: &mut Change) -> Result<Vec<TreeEntry>> {
        let mut folders = Vec::new();
        for slot in [Slot::Main, Slot::Worktree] {
            let Some(tree) = stored.tree(slot) else { continue };
            let mut gone = Vec::new();
            let mended = self.mend_tree(tree, &mut Vec::new(), &mut gone, change)?;
            if gone.is_empty() {
                continue;
            }
            self.dropped.extend(gone.into_iter().map(|path| {
                let path = RepoPath::from_bytes(path).ok();
                Dangling { snapshot: stored.id.clone(), path }
            }));
            let id = match mended {
                Some(id) => id,
                None => self.vault.objects.write_tree(Vec::new())?,
            };
            change.written.push(id);
            let name = match slot {
                Slot::Main => stored.id.folder(),
                Slot::Worktree => stored.id.worktree_folder(),
            };
            folders.push(Vault::folder(name, id));
        }
        Ok(folders)
    }

    /// The tree without what is missing below it; `None` if nothing is left. `gone` gets the paths.
    fn mend_tree(
        &self,
        tree: Oid,
        prefix: &mut Vec<u8>,
        gone: &mut Vec<Vec<u8>>,
        change: &mut Change,
    ) -> Result<Option<Oid>> {
        let Ok(entries) = self.disk.tree(tree) else {
            gone.push(prefix.clone());
            return Ok(None);
        };
        let before = gone.len();
        let mut kept = Vec::new();
        for mut entry in entries {
            let length = prefix.len();
            prefix.extend_from_slice(&entry.name);
            let keep = if entry.is_tree() {
                prefix.push(b'/');
                let mended = self.mend_tree(entry.id, prefix, gone, change)?;
                entry.id = mended.unwrap_or(entry.id);
                mended.is_some()
            } else {
                let lost = entry.is_file() && self.disk.lacks(entry.id);
                if lost {
                    gone.push(prefix.clone());
                }
                !lost
            };
            prefix.truncate(length);
            kept.extend(keep.then_some(entry));
        }
        if gone.len() == before {
            return Ok(Some(tree));
        }
        if kept.is_empty() {
            return Ok(None);
        }
        let id = self.vault.objects.write_tree(kept)?;
        change.written.push(id);
        Ok(Some(id))
    }
}
