//! Taking entries out of the vault whose object is gone, and naming them.
//!
//! Only a `git gc --prune=now` that ran beside a writer can cause it, and only for the snapshot being
//! made: what the ref names when a `gc` begins is never pruned. So every writer looks at the snapshots
//! that the last few writers made, and once more at each when it is older than any such `gc` takes.
//! Each snapshot is looked at a fixed number of times, however many are made. If the root is not the one
//! that our last writer left, that writer died before it could look, and everything is looked at, as it
//! is once a day.
//!
//! Trees that are missing are written again from their spare copies (`spare`); what can't be is dropped.
//!
//! A look is a question to the disk for each object that the snapshot is known to name. Only if one of
//! them is not there as a loose object, since it was packed or is gone, the snapshot is looked through.

use anyhow::Result;

use super::state::Locked;
use super::update::Change;
use super::{REF, Vault, is_deepest};
use crate::git::objects::{Objects, Oid};
use crate::model::now::Now;
use crate::model::snapshot_id::SnapshotId;

/// How long, in seconds, a `gc` beside a writer may take to do its harm.
const SETTLED: i64 = 120;
/// How many writers after it look at a snapshot at once.
const LOOKS: u32 = 2;
/// How deep snapshots lie: day, hour, snapshot.
const DEPTH: usize = 3;

/// An entry that had to be dropped: its object, or that of a folder, is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dangling {
    /// Where it was in the vault: day, hour, snapshot, then the file's path. Shorter if a whole folder
    /// is gone, empty if all is.
    pub place: Vec<u8>,
}

impl Dangling {
    /// The folder of its snapshot, and the file's path if it is about one file.
    pub fn parts(&self) -> (&[u8], Option<&[u8]>) {
        let slashes = self.place.iter().enumerate().filter(|(_, byte)| **byte == b'/');
        match slashes.map(|(at, _)| at).nth(DEPTH - 1) {
            Some(at) => (&self.place[..at], Some(&self.place[at + 1..])),
            None => (&self.place, None),
        }
    }
}

impl Vault {
    /// Drops the entries that name missing objects from the snapshots that are not settled yet; from all
    /// of them if `everything` is asked for, as where a writer died.
    pub(super) fn mend(
        &self,
        lock: &mut Locked,
        now: &Now,
        everything: bool,
    ) -> Result<Vec<Dangling>> {
        let due = take_due(lock, now.timestamp());
        if !everything {
            let root = if due.is_empty() { None } else { self.refs.read(REF)? };
            if due.iter().all(|due| self.is_whole(root, due)) {
                return Ok(Vec::new());
            }
        }
        let due: Vec<SnapshotId> = due.into_iter().map(|due| due.id).collect();
        let which = if everything { None } else { Some(places(&due)) };
        if which.as_ref().is_some_and(Vec::is_empty) {
            return Ok(Vec::new());
        }
        let mut dropped = Vec::new();
        self.update(lock, now, |root| {
            dropped.clear();
            let mut pass = Pass {
                vault: self,
                disk: self.objects.afresh(),
                which: which.as_deref(),
                dropped: &mut dropped,
            };
            match root {
                Some(root) => pass.mend_root(root).map(Some),
                // The ref names what is not there any more: the vault is begun anew.
                None if self.refs.read(REF)?.is_some() => pass.begin_anew().map(Some),
                None => Ok(None),
            }
        })?;
        lock.leave(self.refs.read(REF)?);
        Ok(dropped)
    }

    /// Whether all that a snapshot names, and what leads to it, is certain to be there.
    fn is_whole(&self, root: Option<Oid>, due: &Due) -> bool {
        let objects = || due.objects.iter().map(|id| self.objects.parse(id));
        !due.objects.is_empty()
            && objects().all(|id| id.is_ok_and(|id| self.objects.is_loose(id)))
            && self.leads_to(root, &due.id).is_some()
    }

    /// The trees on the way from the root to a snapshot, read from the disk; `None` if there is no way.
    fn leads_to(&self, root: Option<Oid>, id: &SnapshotId) -> Option<()> {
        let mut tree = root?;
        for step in [id.day(), id.hour()] {
            let entries = self.objects.tree(tree).ok()?;
            tree = entries.iter().find(|entry| entry.name == step.as_bytes())?.id;
        }
        self.objects.tree(tree).ok().map(drop)
    }
}

/// A snapshot to look at.
struct Due {
    id: SnapshotId,
    /// What it names, if that was noted.
    objects: Vec<String>,
}

/// The snapshots to look at now: those that few writers have looked at, and those that have come of age
/// and settle with it.
fn take_due(lock: &mut Locked, now: i64) -> Vec<Due> {
    let mut due = Vec::new();
    lock.unsettled().retain_mut(|unsettled| {
        // A note from the future is from a clock that was wrong: it settles now.
        let of_age = !(0..SETTLED).contains(&now.saturating_sub(unsettled.time));
        if of_age || unsettled.looks < LOOKS {
            unsettled.looks += 1;
            let objects = unsettled.objects.clone();
            due.extend(unsettled.id.parse().map(|id| Due { id, objects }));
        }
        !of_age
    });
    due
}

/// Where these snapshots' folders are.
fn places(ids: &[SnapshotId]) -> Vec<Vec<u8>> {
    let folders = ids.iter().flat_map(|id| [(id, id.folder()), (id, id.worktree_folder())]);
    folders
        .map(|(id, folder)| {
            [id.day().as_bytes(), b"/", id.hour().as_bytes(), b"/", &folder].concat()
        })
        .collect()
}

/// One look through the vault.
struct Pass<'a> {
    vault: &'a Vault,
    /// The objects as the disk has them now, not as they were when this process began.
    disk: Objects,
    /// The snapshots' folders to look at; `None`: all.
    which: Option<&'a [Vec<u8>]>,
    dropped: &'a mut Vec<Dangling>,
}

/// What became of a tree.
enum Mended {
    Same,
    Changed(Oid),
    Gone,
}

impl Pass<'_> {
    fn mend_root(&mut self, root: Oid) -> Result<Change> {
        let mut change = Change::default();
        change.root = match self.mend_tree(root, &mut Vec::new(), 0, &mut change)? {
            Mended::Same => Some(root),
            Mended::Changed(id) => Some(id),
            Mended::Gone => Some(self.vault.objects.write_tree(Vec::new())?),
        };
        Ok(change)
    }

    fn begin_anew(&mut self) -> Result<Change> {
        self.dropped.push(Dangling { place: Vec::new() });
        let root = Some(self.vault.objects.write_tree(Vec::new())?);
        Ok(Change { root, ..Change::default() })
    }

    /// The tree at `place` without what is missing below it.
    fn mend_tree(
        &mut self,
        tree: Oid,
        place: &mut Vec<u8>,
        depth: usize,
        change: &mut Change,
    ) -> Result<Mended> {
        if is_deepest(place) {
            return Ok(Mended::Same);
        }
        let again = || self.vault.write_spare(tree).then(|| self.disk.tree(tree).ok()).flatten();
        let Some(entries) = self.disk.tree(tree).ok().or_else(again) else {
            self.dropped.push(Dangling { place: place.clone() });
            return Ok(Mended::Gone);
        };
        let (mut kept, mut same) = (Vec::new(), true);
        for mut entry in entries {
            let length = place.len();
            if length > 0 {
                place.push(b'/');
            }
            place.extend_from_slice(&entry.name);
            let mended = if depth < DEPTH && !self.looks_at(place) {
                Mended::Same
            } else if entry.is_tree() {
                self.mend_tree(entry.id, place, depth + 1, change)?
            } else if entry.is_file() && self.disk.lacks(entry.id) {
                self.dropped.push(Dangling { place: place.clone() });
                Mended::Gone
            } else {
                Mended::Same
            };
            place.truncate(length);
            same &= matches!(mended, Mended::Same);
            match mended {
                Mended::Gone => continue,
                Mended::Changed(id) => entry.id = id,
                Mended::Same => {}
            }
            kept.push(entry);
        }
        self.rewrite(tree, kept, same, depth, change)
    }

    fn rewrite(
        &self,
        old: Oid,
        kept: Vec<crate::git::objects::TreeEntry>,
        same: bool,
        depth: usize,
        change: &mut Change,
    ) -> Result<Mended> {
        if same {
            return Ok(Mended::Same);
        }
        if depth < DEPTH {
            change.superseded.push(old);
        }
        if kept.is_empty() {
            return Ok(Mended::Gone);
        }
        let id = self.vault.objects.write_tree(kept)?;
        change.written.push(id);
        Ok(Mended::Changed(id))
    }

    /// Whether `place` is on the way to a snapshot that is to be looked at, or one of them.
    fn looks_at(&self, place: &[u8]) -> bool {
        let leads_to = |folder: &Vec<u8>| {
            let rest = folder.strip_prefix(place);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
        };
        self.which.is_none_or(|which| which.iter().any(leads_to))
    }
}
