//! Taking versions out for good, of every working tree's snapshots.
//!
//! An update like any other: a new tree without them, then the ref. What the old one named is nobody's
//! then; removing the objects is `git::unreferenced`'s.

use anyhow::Result;

use super::state::Locked;
use super::update::Change;
use super::{REF, Vault, is_deepest, spare};
use crate::git::objects::{Oid, TreeEntry};
use crate::model::forgetting::Forgetting;
use crate::model::now::Now;
use crate::model::repo_path::RepoPath;
use crate::model::snapshot_id::{SnapshotId, parse_folder};

/// A version that was taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenOut {
    /// Of which snapshot.
    pub snapshot: SnapshotId,
    /// Of which file.
    pub path: RepoPath,
    /// Its content.
    pub id: Oid,
}

impl Vault {
    /// The versions that `forgetting` names.
    pub fn named(&self, forgetting: &Forgetting) -> Result<Vec<TakenOut>> {
        let mut named = Vec::new();
        for stored in self.snapshots(true)? {
            for file in self.files(&stored)? {
                if forgetting.names(&file.path, &file.id.to_string(), stored.id.time) {
                    let snapshot = stored.id.clone();
                    named.push(TakenOut { snapshot, path: file.path, id: file.id });
                }
            }
        }
        Ok(named)
    }

    /// Takes out what `forgetting` names.
    pub fn forget(&self, forgetting: &Forgetting, now: &Now) -> Result<Vec<TakenOut>> {
        let mut lock = Locked::take(&self.bak_dir())?;
        lock.is_left(self.refs.read(REF)?);
        // They name what is to be forgotten.
        spare::clear(&self.bak_dir());
        let mut gone = Vec::new();
        let change = self.update(&mut lock, now, |root| {
            let mut pass = Pass { vault: self, forgetting, gone: Vec::new() };
            let change = root.map(|root| pass.root(root)).transpose()?;
            gone = pass.gone;
            Ok(change.filter(|_| !gone.is_empty()))
        })?;
        if let Some(change) = change {
            lock.leave(change.root);
            // What they name is as they were; without that, they are looked through.
            lock.unsettled().iter_mut().for_each(|unsettled| unsettled.objects.clear());
        }
        lock.save();
        Ok(gone)
    }
}

struct Pass<'a> {
    vault: &'a Vault,
    forgetting: &'a Forgetting,
    gone: Vec<TakenOut>,
}

impl Pass<'_> {
    fn root(&mut self, root: Oid) -> Result<Change> {
        let mut change = Change::default();
        let mut days = Vec::new();
        let mut empty_days = Vec::new();
        for day in self.folders(root) {
            let (mut hours, mut empty_hours) = (Vec::new(), Vec::new());
            for hour in self.folders(day.id) {
                let (changed, empty) = self.hour(&day.name, &hour)?;
                if changed.is_empty() && empty.is_empty() {
                    continue;
                }
                let new = self.vault.with_entries(Some(hour.id), changed, &empty, &mut change)?;
                put(new, hour.name, &mut hours, &mut empty_hours);
            }
            if hours.is_empty() && empty_hours.is_empty() {
                continue;
            }
            let new = self.vault.with_entries(Some(day.id), hours, &empty_hours, &mut change)?;
            put(new, day.name, &mut days, &mut empty_days);
        }
        let new = self.vault.with_entries(Some(root), days, &empty_days, &mut change)?;
        // The vault of which nothing is left is an empty tree: a ref has to name something.
        let new = new.map_or_else(|| self.vault.objects.write_tree(Vec::new()), Ok)?;
        change.root = Some(new);
        Ok(change)
    }

    /// The snapshots' folders that have changed, and those of which nothing is left.
    fn hour(&mut self, day: &[u8], hour: &TreeEntry) -> Result<(Vec<TreeEntry>, Vec<Vec<u8>>)> {
        let (mut changed, mut empty) = (Vec::new(), Vec::new());
        for folder in self.folders(hour.id) {
            let Some((id, _)) = parse_folder(day, &hour.name, &folder.name) else { continue };
            if let Some(new) = self.without(&id, folder.id, &mut Vec::new())? {
                put(new, folder.name, &mut changed, &mut empty);
            }
        }
        Ok((changed, empty))
    }

    /// What stays of the tree at `prefix` in a snapshot; `None` if all of it does.
    fn without(
        &mut self,
        snapshot: &SnapshotId,
        tree: Oid,
        prefix: &mut Vec<u8>,
    ) -> Result<Option<Option<Oid>>> {
        if is_deepest(prefix) {
            return Ok(None);
        }
        let Ok(entries) = self.vault.objects.tree(tree) else { return Ok(None) };
        let (mut kept, mut same) = (Vec::new(), true);
        for mut entry in entries {
            let length = prefix.len();
            prefix.extend_from_slice(&entry.name);
            let left = if entry.is_tree() {
                prefix.push(b'/');
                self.without(snapshot, entry.id, prefix)?
            } else {
                self.is_named(snapshot, &entry, prefix).then_some(None)
            };
            prefix.truncate(length);
            same &= left.is_none();
            match left {
                Some(None) => continue,
                Some(Some(id)) => entry.id = id,
                None => {}
            }
            kept.push(entry);
        }
        if same {
            return Ok(None);
        }
        let left = (!kept.is_empty()).then(|| self.vault.objects.write_tree(kept));
        Ok(Some(left.transpose()?))
    }

    /// Whether the entry at `place` is to go, which is noted.
    fn is_named(&mut self, snapshot: &SnapshotId, entry: &TreeEntry, place: &[u8]) -> bool {
        let Ok(path) = RepoPath::from_bytes(place.to_vec()) else { return false };
        let named = self.forgetting.names(&path, &entry.id.to_string(), snapshot.time);
        if named {
            self.gone.push(TakenOut { snapshot: snapshot.clone(), path, id: entry.id });
        }
        named
    }

    /// The folders in a tree; none of one that can't be read.
    fn folders(&self, tree: Oid) -> impl Iterator<Item = TreeEntry> + use<> {
        let entries = self.vault.objects.tree(tree).unwrap_or_default();
        entries.into_iter().filter(TreeEntry::is_tree)
    }
}

/// A folder that has changed, or of which nothing is left.
fn put(new: Option<Oid>, name: Vec<u8>, changed: &mut Vec<TreeEntry>, empty: &mut Vec<Vec<u8>>) {
    match new {
        Some(id) => changed.push(Vault::folder(name, id)),
        None => empty.push(name),
    }
}
