//! Taking entries out of the vault whose object is gone, and naming them.
//!
//! Only a `git gc --prune=now` that ran beside a writer can cause it, and only for snapshots made then:
//! what the ref names is never pruned later. So a writer looks at the snapshots made since the vault
//! was last seen whole, and a little before that, for the other's `gc` may not have been through; once
//! a day everything is looked at.

use anyhow::Result;

use super::read::snapshots_in;
use super::state::Locked;
use super::update::Change;
use super::{Slot, Stored, Vault};
use crate::git::objects::{Objects, Oid, TreeEntry};
use crate::model::now::Now;
use crate::model::repo_path::RepoPath;
use crate::model::snapshot_id::SnapshotId;
use crate::model::timestamp::Timestamp;

/// How long, in seconds, a `gc` beside a writer may take to do its harm.
const UNSETTLED: i64 = 120;

/// An entry that had to be dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dangling {
    /// The snapshot it was in.
    pub snapshot: SnapshotId,
    /// The file; `None` if a whole folder of it was unreadable.
    pub path: Option<RepoPath>,
}

impl Vault {
    /// Drops the entries that name missing objects from the snapshots that are not settled yet.
    pub(super) fn mend_recent(&self, lock: &mut Locked, now: &Now) -> Result<Vec<Dangling>> {
        let since = lock.verified().min(now.timestamp()).saturating_sub(UNSETTLED);
        // Snapshots are named in local time. No note, or one that makes no sense: look at everything.
        let since = chrono::DateTime::from_timestamp(since.max(0), 0).unwrap_or_default();
        let since = Timestamp::from_local(since.with_timezone(now.offset()).naive_local());
        let mut dropped = Vec::new();
        self.update(lock, now, |root| {
            dropped.clear();
            let Some(root) = root else { return Ok(None) };
            let mut pass =
                Pass { vault: self, disk: self.objects.reopen()?, dropped: &mut dropped };
            pass.without_dangling(root, since)
        })?;
        lock.set_verified(now.timestamp());
        Ok(dropped)
    }
}

/// One look through the vault.
struct Pass<'a> {
    vault: &'a Vault,
    /// The objects as the disk has them now, not as they were when this process began.
    disk: Objects,
    dropped: &'a mut Vec<Dangling>,
}

impl Pass<'_> {
    fn without_dangling(&mut self, root: Oid, since: Timestamp) -> Result<Option<Change>> {
        let mut change = Change::default();
        let mut days = Vec::new();
        for day in self.vault.objects.tree(root)?.iter().filter(|entry| entry.is_tree()) {
            if day.name.as_slice() >= since.day().as_bytes() {
                days.extend(self.mend_day(day, since, &mut change)?);
            }
        }
        if self.dropped.is_empty() {
            return Ok(None);
        }
        change.root = self.vault.with_entries(Some(root), days, &[], &mut change)?;
        Ok(Some(change))
    }

    /// The day's folder anew, if anything in it had to be dropped.
    fn mend_day(
        &mut self,
        day: &TreeEntry,
        since: Timestamp,
        change: &mut Change,
    ) -> Result<Option<TreeEntry>> {
        let mut hours = Vec::new();
        for hour in self.vault.objects.tree(day.id)?.iter().filter(|entry| entry.is_tree()) {
            let mut folders = Vec::new();
            for stored in snapshots_in(&self.vault.objects, &day.name, hour)? {
                if stored.id.time >= since {
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
