//! Putting a snapshot into the vault.
//!
//! Order, and why it is safe: what earlier writers left broken is taken out first (`mending`), so that it
//! can't stand in the way; the blobs are written by the caller, then the snapshot's own trees, then
//! the ref moves (`update`), then every object the snapshot names is looked up again. A `git gc
//! --prune=now` that began before the ref moved may have taken some of them, and a ref that names a
//! missing object makes Git's own `gc` fail: what is missing is written anew from the bytes the caller
//! still has. Whoever dies between the ref's move and this look leaves it to the next writer
//! (`mending`), which sees it from the root that it finds.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use super::state::Locked;
use super::update::Change;
use super::{Dangling, Entry, REF, Slot, Vault, packing};
use crate::git::objects::{Objects, Oid, TreeEntry};
use crate::model::now::Now;
use crate::model::snapshot_id::SnapshotId;
use crate::model::timestamp::Timestamp;

/// A day, in seconds: after this long the same snapshot is recorded again.
pub const A_DAY: i64 = 86_400;

/// A snapshot that is in the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposited {
    /// Where it is.
    pub id: SnapshotId,
    /// It was made now; otherwise the last one held exactly the same.
    pub new: bool,
    /// Entries of earlier snapshots that had to be dropped: their objects are gone.
    pub dropped: Vec<Dangling>,
}

impl Vault {
    /// Records a snapshot of `entries` taken at `time`; `content` gives
    /// the bytes of a blob once more, should it have vanished.
    pub fn deposit(
        &self,
        entries: &[Entry],
        time: Timestamp,
        now: &Now,
        content: &dyn Fn(Oid) -> Option<Vec<u8>>,
    ) -> Result<Deposited> {
        let mut lock = Locked::take(&self.bak_dir())?;
        let deposited = self.deposit_locked(&mut lock, entries, time, now, content);
        let many = packing::is_due(&mut lock);
        lock.save();
        drop(lock);
        if many {
            // The snapshot is in the vault, packed or not.
            let _ = self.pack();
        }
        deposited
    }

    fn deposit_locked(
        &self,
        lock: &mut Locked,
        entries: &[Entry],
        time: Timestamp,
        now: &Now,
        content: &dyn Fn(Oid) -> Option<Vec<u8>>,
    ) -> Result<Deposited> {
        // What earlier writers left behind first: nothing is added to a vault that can't be read.
        let somebody_died = !lock.is_left(self.refs.read(REF)?);
        let dropped = self.mend(lock, now, somebody_died)?;
        let trees = Trees::write(&self.objects, entries)?;
        if let Some(last) = self.newest(None)?
            && (last.main, last.worktree) == (trees.main, trees.worktree)
            && last.id.time <= time
            && (time.naive() - last.id.time.naive()).num_seconds() < A_DAY
            && self.objects.missing(trees.objects(entries)).is_empty()
        {
            return Ok(Deposited { id: last.id, new: false, dropped });
        }
        let mut id = SnapshotId { time, ordinal: 0, worktree: self.own_worktree().map(Into::into) };
        let change = self.update(lock, now, |root| self.add(root, &mut id, &trees).map(Some))?;
        lock.leave(change.as_ref().and_then(|change| change.root));
        self.make_whole(
            entries,
            &change.map(|change| change.written).unwrap_or_default(),
            content,
        )?;
        let objects = trees.objects(entries);
        *lock.loose() += objects.len() as u64;
        lock.add_unsettled(&id, now.timestamp(), &objects);
        Ok(Deposited { id, new: true, dropped })
    }

    /// The vault with the snapshot in it, under the first free name.
    fn add(&self, root: Option<Oid>, id: &mut SnapshotId, trees: &Trees) -> Result<Change> {
        let (day, hour) = (id.time.day(), id.time.hour());
        let day_tree = self.subtree(root, day.as_bytes())?;
        let hour_tree = self.subtree(day_tree, hour.as_bytes())?;
        let taken = hour_tree.and_then(|tree| self.objects.tree(tree).ok()).unwrap_or_default();
        let is_taken = |name: Vec<u8>| taken.iter().any(|entry| entry.name == name);
        id.ordinal = 0;
        while is_taken(id.folder()) || is_taken(id.worktree_folder()) {
            id.ordinal += 1;
        }
        let mut change = Change { written: trees.written.clone(), ..Change::default() };
        let main = trees.main.map(|tree| Self::folder(id.folder(), tree));
        let worktree = trees.worktree.map(|tree| Self::folder(id.worktree_folder(), tree));
        let folders = main.into_iter().chain(worktree).collect();
        let hour_new = self.with_entries(hour_tree, folders, &[], &mut change)?;
        let hours = hour_new.map(|tree| Self::folder(hour, tree)).into_iter().collect();
        let day_new = self.with_entries(day_tree, hours, &[], &mut change)?;
        let days = day_new.map(|tree| Self::folder(day, tree)).into_iter().collect();
        change.root = self.with_entries(root, days, &[], &mut change)?;
        Ok(change)
    }

    /// Writes anew what a `gc` took while the ref was about to move: of the blobs, and of all trees from
    /// the snapshot's to the root.
    fn make_whole(
        &self,
        entries: &[Entry],
        trees: &[Oid],
        content: &dyn Fn(Oid) -> Option<Vec<u8>>,
    ) -> Result<()> {
        let all = || trees.iter().copied().chain(entries.iter().map(|entry| entry.id));
        let missing = self.objects.missing(all());
        if missing.is_empty() {
            return Ok(());
        }
        let afresh = self.objects.afresh();
        for id in entries.iter().map(|entry| entry.id).filter(|id| missing.contains(id)) {
            if let Some(bytes) = content(id) {
                afresh.write_blob(&bytes)?;
            }
        }
        self.objects.write_trees_again(&missing)?;
        if let Some(id) = self.objects.missing(all()).first() {
            bail!("the object {id} vanished while it was being kept");
        }
        Ok(())
    }
}

/// The trees of one snapshot.
#[derive(Debug, Default)]
struct Trees {
    main: Option<Oid>,
    worktree: Option<Oid>,
    written: Vec<Oid>,
}

#[derive(Debug, Default)]
struct Node<'a> {
    files: Vec<(&'a [u8], &'a Entry)>,
    folders: BTreeMap<&'a [u8], Node<'a>>,
}

impl Trees {
    fn write(objects: &Objects, entries: &[Entry]) -> Result<Self> {
        let mut trees = Self::default();
        trees.main = trees.write_slot(objects, entries, Slot::Main)?;
        trees.worktree = trees.write_slot(objects, entries, Slot::Worktree)?;
        Ok(trees)
    }

    fn write_slot(
        &mut self,
        objects: &Objects,
        entries: &[Entry],
        slot: Slot,
    ) -> Result<Option<Oid>> {
        let mut root = Node::default();
        for entry in entries.iter().filter(|entry| entry.slot == slot) {
            let folder = entry
                .path
                .parent_components()
                .fold(&mut root, |node, step| node.folders.entry(step).or_default());
            folder.files.push((entry.path.file_name(), entry));
        }
        if root.files.is_empty() && root.folders.is_empty() {
            return Ok(None);
        }
        self.write_node(objects, &root).map(Some)
    }

    fn write_node(&mut self, objects: &Objects, node: &Node<'_>) -> Result<Oid> {
        let mut entries = Vec::new();
        for (name, folder) in &node.folders {
            entries.push(Vault::folder(*name, self.write_node(objects, folder)?));
        }
        for (name, entry) in &node.files {
            // A file and a folder of one name can't both be at risk in one working tree; the folder,
            // which is there now, wins over the index's memory of the file.
            if !node.folders.contains_key(name) {
                let mode = entry.mode.in_tree();
                entries.push(TreeEntry { name: name.to_vec(), mode, id: entry.id });
            }
        }
        let id = objects.write_tree(entries)?;
        self.written.push(id);
        Ok(id)
    }

    /// Everything the snapshot names.
    fn objects(&self, entries: &[Entry]) -> Vec<Oid> {
        self.written.iter().copied().chain(entries.iter().map(|entry| entry.id)).collect()
    }
}
