//! A look for every backup in the working tree: the walk, and what is on record.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use super::walk::{ListedFolder, Walk};
use crate::backups::Store;
use crate::backups::files::BackupFile;
use crate::git::survey::tracked;
use crate::model::harm::BackupPlace;
use crate::model::names::repo_path::RepoPath;
use crate::record::Named;

/// A walk that was begun before the settings are known.
#[derive(Debug)]
pub struct Early(Walk);

impl Early {
    /// Begins a look through the working tree at `top`.
    pub fn begin(top: &Path) -> Self {
        Self(Walk::start(top))
    }
}

/// A look at all of the working tree that is under way.
#[derive(Debug)]
pub struct Search {
    named: BTreeSet<Named>,
    walk: Walk,
}

impl Search {
    /// Begins one, or goes on with what was begun early in this working tree.
    pub fn begin(store: &Store, early: Option<Early>) -> Self {
        let walk = early.map_or_else(|| Walk::new(&store.repository.top), |Early(walk)| walk);
        Self { named: store.records.own().standing().named, walk }
    }

    /// What it finds, in the order of the paths.
    pub fn finish(mut self, store: &Store) -> Result<Vec<BackupFile>> {
        let (mut found, mut strays) = (Vec::new(), Vec::new());
        // One name in the record may mean two backups of a second.
        let mut several = BTreeSet::new();
        let listed = |place| {
            move |(path, listing): ListedFolder| store.backups.listed(place, path.as_ref(), listing)
        };
        // What can't be entered has nothing that could be brought out.
        let own = store.backups.own().ok().flatten();
        let own = own.map(|own| Walk::new(own.path()).finish()).transpose()?;
        let own = own.unwrap_or_default().into_iter().flat_map(listed(BackupPlace::GitDir));
        let beside = self.walk.finish()?.into_iter().flat_map(listed(BackupPlace::Beside));
        let beside = beside.filter(|backup| !store.backups.is_in_own(&backup.path));
        for backup in beside.chain(own) {
            let without_id = (backup.path.clone(), backup.name.without_id());
            let several_named = self.named.contains(&without_id);
            match self.named.remove(&(backup.path.clone(), backup.name.to_bytes())) {
                false if several_named => {
                    several.insert(without_id);
                    found.push(backup);
                }
                true => found.push(backup),
                false => strays.push(backup),
            }
        }
        self.named.retain(|named| !several.contains(named));
        // Where the walk doesn't go, they may lie all the same, or be listed under a name taken apart.
        let elsewhere = self.named.iter().flat_map(|(path, name)| store.backups.called(path, name));
        let elsewhere: Vec<BackupFile> = elsewhere.collect();
        strays.retain(|stray| !elsewhere.iter().any(|backup| backup.is_listed_as(stray)));
        found.extend(elsewhere);
        found.extend(untracked(store, strays));
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }
}

/// What Git tracks is no backup of ours, whatever it is called. Where the index can't be read, none is
/// believed to be one.
fn untracked(store: &Store, mut strays: Vec<BackupFile>) -> Vec<BackupFile> {
    let beside = strays.iter().filter(|stray| stray.place() == BackupPlace::Beside);
    let locations: Vec<RepoPath> = beside.map(BackupFile::location).collect();
    let tracked = tracked::among(&store.repository, &locations);
    strays.retain(|stray| match &tracked {
        Ok(tracked) => stray.place() == BackupPlace::GitDir || !tracked.contains(&stray.location()),
        Err(_) => stray.place() == BackupPlace::GitDir,
    });
    strays
}
