//! Moving the vault's ref: the one way, for deposits, expiry and mending alike.
//!
//! Order, and why it is safe:
//! 1. our own lock: no other process of ours moves the ref meanwhile;
//! 2. the objects of the new tree are written, all of them, from the leaves up;
//!    Their spare copies come with them (`spare`);
//! 3. the ref moves by compare-and-swap. Whoever dies before this leaves objects that nothing names
//!    (`gc` takes them) and the old vault, whole. If Git or somebody else moved the ref meanwhile, the
//!    change is made again on what is there now: no writer's snapshot is lost;
//! 4. only then, the trees that were superseded are noted for removal.

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Result;

use super::state::{Locked, PATIENCE};
use super::{REF, Trouble, Vault, spare};
use crate::git::objects::{Oid, TREE_MODE, TreeEntry};
use crate::git::refs::Swap;
use crate::model::now::Now;

/// A ref's lock that is older than this was left behind: Git holds it for milliseconds.
const STALE: Duration = Duration::from_secs(10);

/// A new state of the vault, made from an old one.
#[derive(Debug, Clone, Default)]
pub(super) struct Change {
    /// The new root.
    pub root: Option<Oid>,
    /// Trees of ours that the old root named and the new one doesn't.
    pub superseded: Vec<Oid>,
    /// Trees that were written for it.
    pub written: Vec<Oid>,
}

impl Vault {
    /// Moves the ref to what `change` makes of the present root, or leaves it if that is `None`. Gives back
    /// the change that was made.
    pub(super) fn update(
        &self,
        lock: &mut Locked,
        now: &Now,
        mut change: impl FnMut(Option<Oid>) -> Result<Option<Change>>,
    ) -> Result<Option<Change>> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let old = self.refs.read(REF)?;
            let Some(next) = change(self.readable(old)?)? else { return Ok(None) };
            let Some(root) = next.root.filter(|root| old != Some(*root)) else { return Ok(None) };
            spare::keep(&self.bak_dir(), &self.objects, &next.written);
            match self.refs.swap(REF, old, root)? {
                Swap::Done => {
                    lock.supersede(self, now.timestamp(), &next.superseded, &next.written);
                    return Ok(Some(next));
                }
                Swap::Changed => {}
                Swap::Locked => {
                    self.remove_stale_lock();
                    std::thread::sleep(Duration::from_millis(2));
                }
            }
            if Instant::now() > deadline {
                return Err(Trouble::Busy.into());
            }
        }
    }

    /// The ref's lock, if it was left behind.
    pub fn stale_lock(&self) -> Option<PathBuf> {
        let lock = self.repository.common_dir.join(format!("{REF}.lock"));
        let age = std::fs::symlink_metadata(&lock)
            .and_then(|meta| meta.modified())
            .map(|time| SystemTime::now().duration_since(time).unwrap_or_default());
        age.is_ok_and(|age| age > STALE).then_some(lock)
    }

    /// Removes the ref's lock if its writer is gone. None of ours holds it: we hold our own lock.
    pub(super) fn remove_stale_lock(&self) {
        if let Some(lock) = self.stale_lock() {
            let _ = std::fs::remove_file(lock);
        }
    }

    /// The tree `old` (`None`: an empty one) with `entries` put in the place of those of the same name,
    /// and without `gone`; `None` if nothing is left. Notes what it supersedes and writes.
    pub(super) fn with_entries(
        &self,
        old: Option<Oid>,
        entries: Vec<TreeEntry>,
        gone: &[Vec<u8>],
        change: &mut Change,
    ) -> Result<Option<Oid>> {
        // A folder that can't be read has nothing to keep; mending has named it.
        let mut all = old.and_then(|id| self.objects.tree(id).ok()).unwrap_or_default();
        if !all.is_empty() {
            // The empty tree is not ours alone: a commit may name it.
            change.superseded.extend(old);
        }
        let replaced =
            |name: &Vec<u8>| gone.contains(name) || entries.iter().any(|e| e.name == *name);
        all.retain(|entry| !replaced(&entry.name));
        all.extend(entries);
        if all.is_empty() {
            return Ok(None);
        }
        let new = self.objects.write_tree(all)?;
        change.written.push(new);
        Ok(Some(new))
    }

    /// An entry for a folder.
    pub(super) fn folder(name: impl Into<Vec<u8>>, id: Oid) -> TreeEntry {
        TreeEntry { name: name.into(), mode: TREE_MODE, id }
    }

    /// What the folder `name` in `tree` is.
    pub(super) fn subtree(&self, tree: Option<Oid>, name: &[u8]) -> Result<Option<Oid>> {
        let Some(tree) = tree else { return Ok(None) };
        let entries = self.objects.tree(tree).unwrap_or_default();
        Ok(entries.into_iter().find(|e| e.is_tree() && e.name == name).map(|e| e.id))
    }
}
