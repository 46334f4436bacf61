//! Reading the vault: newest first, and only this working tree's snapshots unless all are asked for.
//!
//! Whatever in it does not look like ours (a name that is no time, a path into `.git`) is passed over:
//! anyone who can write a ref can put such things there.

use anyhow::Result;

use super::{Slot, Vault, is_deepest};
use crate::git::objects::{Objects, Oid, TreeEntry};
use crate::model::repo_path::RepoPath;
use crate::model::snapshot_id::{self, FolderKind, SnapshotId};
use crate::model::timestamp::Timestamp;

/// One snapshot in the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// When, and of which working tree.
    pub id: SnapshotId,
    /// The folder of staged, or only, versions.
    pub main: Option<Oid>,
    /// The folder of working-tree versions of paths that are in `main` too.
    pub worktree: Option<Oid>,
}

/// One file of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// Whose version.
    pub path: RepoPath,
    /// Which of the two places.
    pub slot: Slot,
    /// The blob.
    pub id: Oid,
    /// It was executable.
    pub executable: bool,
}

impl Stored {
    /// The folder for one of the two places.
    pub fn tree(&self, slot: Slot) -> Option<Oid> {
        match slot {
            Slot::Main => self.main,
            Slot::Worktree => self.worktree,
        }
    }
}

impl Vault {
    /// Every snapshot, newest first; of this working tree, or of all of them.
    pub fn snapshots(&self, all_worktrees: bool) -> Result<Vec<Stored>> {
        let mut all = Vec::new();
        self.visit(|stored| {
            if all_worktrees || stored.id.worktree.as_deref() == self.own_worktree() {
                all.push(stored);
            }
            Ok(true)
        })?;
        Ok(all)
    }

    /// This working tree's newest snapshot at or before `time` (`None`: of all).
    pub fn newest(&self, time: Option<Timestamp>) -> Result<Option<Stored>> {
        let mut found = None;
        self.visit(|stored| {
            let ours = stored.id.worktree.as_deref() == self.own_worktree();
            if ours && time.is_none_or(|time| stored.id.time <= time) {
                found = Some(stored);
            }
            Ok(found.is_none())
        })?;
        Ok(found)
    }

    /// The files of one snapshot, in the order of their paths.
    pub fn files(&self, stored: &Stored) -> Result<Vec<Filed>> {
        let mut files = Vec::new();
        for slot in [Slot::Main, Slot::Worktree] {
            if let Some(tree) = stored.tree(slot) {
                collect(&self.objects, tree, slot, &mut Vec::new(), &mut files);
            }
        }
        files.sort_by(|a, b| (&a.path, a.slot).cmp(&(&b.path, b.slot)));
        Ok(files)
    }

    /// One path's version in one snapshot.
    pub fn file(&self, stored: &Stored, path: &RepoPath, slot: Slot) -> Result<Option<Filed>> {
        let Some(tree) = stored.tree(slot) else { return Ok(None) };
        // A folder that can't be read has nothing for anybody; others may.
        let entry = self.objects.lookup(tree, path).unwrap_or_default();
        Ok(entry.filter(TreeEntry::is_file).map(|entry| filed(path.clone(), slot, &entry)))
    }

    /// Whether a snapshot made at `time`, or the last one before it, names `id` as a version of `path`.
    pub fn names(&self, path: &RepoPath, id: Oid, time: Timestamp) -> Result<bool> {
        let mut found = false;
        self.visit(|stored| {
            if stored.id.worktree.as_deref() != self.own_worktree() || stored.id.time > time {
                return Ok(true);
            }
            for slot in [Slot::Main, Slot::Worktree] {
                found |= self.file(&stored, path, slot)?.is_some_and(|file| file.id == id);
            }
            // Several snapshots may share the second; past it, only the one before counts.
            Ok(!found && stored.id.time == time)
        })?;
        Ok(found)
    }

    /// Calls `each` with the snapshots, newest first, until it says `false`. Trees that nobody asks for
    /// are not read.
    fn visit(&self, mut each: impl FnMut(Stored) -> Result<bool>) -> Result<()> {
        let Some(root) = self.root()? else { return Ok(()) };
        // What can't be read is passed over: it must not hide the rest.
        let folders = |tree| self.objects.tree(tree).unwrap_or_default().into_iter().rev();
        for day in folders(root).filter(TreeEntry::is_tree) {
            for hour in folders(day.id).filter(TreeEntry::is_tree) {
                for stored in snapshots_in(&self.objects, &day.name, &hour).into_iter().rev() {
                    if !each(stored)? {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }
}

/// The snapshots in one hour's folder, oldest first.
pub(super) fn snapshots_in(objects: &Objects, day: &[u8], hour: &TreeEntry) -> Vec<Stored> {
    let mut all: Vec<Stored> = Vec::new();
    for entry in objects.tree(hour.id).unwrap_or_default().iter().filter(|entry| entry.is_tree()) {
        let Some((id, kind)) = snapshot_id::parse_folder(day, &hour.name, &entry.name) else {
            continue;
        };
        let at = all.iter().position(|stored| stored.id == id).unwrap_or_else(|| {
            all.push(Stored { id, main: None, worktree: None });
            all.len() - 1
        });
        match kind {
            FolderKind::Main => all[at].main = Some(entry.id),
            FolderKind::Worktree => all[at].worktree = Some(entry.id),
        }
    }
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all
}

fn collect(objects: &Objects, tree: Oid, slot: Slot, prefix: &mut Vec<u8>, files: &mut Vec<Filed>) {
    if is_deepest(prefix) {
        return;
    }
    // What can't be read is passed over: it must not hide the rest.
    for entry in objects.tree(tree).unwrap_or_default() {
        let length = prefix.len();
        prefix.extend_from_slice(&entry.name);
        if entry.is_tree() {
            prefix.push(b'/');
            collect(objects, entry.id, slot, prefix, files);
        } else if entry.is_file()
            && let Ok(path) = RepoPath::from_bytes(prefix.clone())
        {
            files.push(filed(path, slot, &entry));
        }
        prefix.truncate(length);
    }
}

fn filed(path: RepoPath, slot: Slot, entry: &TreeEntry) -> Filed {
    Filed { path, slot, id: entry.id, executable: entry.mode & 0o111 != 0 }
}
