//! A look for every backup in the working tree: the walk, and what is on record.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use super::walk::{Found, Walk};
use super::with_ledger;
use crate::git::tracked;
use crate::model::repo_path::RepoPath;
use crate::storage::Store;
use crate::storage::backups::{BackupFile, Named};
use crate::storage::ledger::{Ledger, Noted};
use crate::storage::records::Records;

/// As much of a look as can be had before the settings are known.
#[derive(Debug)]
pub struct Early {
    walk: Walk,
    /// What the ledger has named, if it could.
    said: Option<Vec<Named>>,
    notes: Vec<(Named, Noted)>,
}

/// What a look is for.
#[derive(Debug, Clone, Copy)]
pub enum Look {
    /// Which backups there are.
    Files,
    /// What is known of each of them, too.
    Versions,
}

impl Early {
    /// Begins a look through the working tree at `top`.
    pub fn begin(look: Look, top: &Path, records: &Records) -> Self {
        let mut early = Self { walk: Walk::start(top), said: None, notes: Vec::new() };
        match (look, &records.ledger) {
            (Look::Files, Some(ledger)) => early.said = ledger.on_disk().ok(),
            (Look::Versions, Some(ledger)) => early.take_down(ledger),
            (_, None) => {}
        }
        early
    }

    fn take_down(&mut self, ledger: &Ledger) {
        let Ok(rows) = ledger.on_disk_with_notes() else { return };
        let mut said: Vec<Named> = Vec::with_capacity(rows.len());
        self.notes.reserve(rows.len());
        for (named, note) in rows {
            if said.last() != Some(&named) {
                said.push(named.clone());
            }
            self.notes.extend(note.map(|note| (named, note)));
        }
        self.said = Some(said);
    }
}

/// A look at all of the working tree that is under way.
#[derive(Debug)]
pub struct Search {
    named: BTreeSet<Named>,
    notes: Vec<(Named, Noted)>,
    walk: Option<Walk>,
}

impl Search {
    /// Begins one, or goes on with what was begun early in this working tree.
    pub fn begin(store: &Store, records: &Records, early: Option<Early>) -> Self {
        let ledger = records.ledger.as_ref();
        let (walk, said, notes) = match early {
            Some(early) => (Some(early.walk), early.said, early.notes),
            None => (None, ledger.and_then(|ledger| ledger.on_disk().ok()), Vec::new()),
        };
        let walk = match (store.backups.are_beside(), walk) {
            (false, _) => None,
            (true, Some(walk)) => Some(walk),
            (true, None) => Some(Walk::new(&store.repository.top)),
        };
        Self { named: with_ledger(store, ledger, said, &records.on_file), notes, walk }
    }

    /// The files of which backups are on record: those that it will find, in all likelihood.
    pub fn on_record(&self) -> impl Iterator<Item = &RepoPath> {
        self.named.iter().map(|(path, _)| path)
    }

    /// What the ledger knows of those backups, as far as it was asked early; once.
    pub fn take_notes(&mut self) -> Vec<(Named, Noted)> {
        std::mem::take(&mut self.notes)
    }

    /// What it finds, in the order of the paths.
    pub fn finish(mut self, store: &Store) -> Result<Vec<BackupFile>> {
        let (mut found, mut strays) = (Vec::new(), Vec::new());
        let folders = self.walk.map_or_else(|| Ok(Vec::new()), Walk::finish)?;
        let listed = |(path, listing): Found| store.backups.listed(path.as_ref(), listing);
        for backup in folders.into_iter().flat_map(listed) {
            match self.named.remove(&(backup.path.clone(), backup.name.to_bytes())) {
                true => found.push(backup),
                false => strays.push(backup),
            }
        }
        // Where the walk doesn't go, they may lie all the same, or be listed under a name taken apart.
        let elsewhere = self.named.iter().filter_map(|(path, name)| store.backups.find(path, name));
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
    let locations: Vec<RepoPath> = strays.iter().map(BackupFile::location).collect();
    let Ok(tracked) = tracked::among(&store.repository, &locations) else { return Vec::new() };
    strays.retain(|stray| !tracked.contains(&stray.location()));
    strays
}
