//! What is on record of many files, looked up at once: for whoever knows early which they will be.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::on_disk::{Proof, add_backups};
use super::{Version, distinct, from_vault, measure, number};
use crate::model::repo_path::RepoPath;
use crate::storage::Store;
use crate::storage::backups::Named;
use crate::storage::ledger::{Known, Noted};
use crate::storage::records::Records;

/// From this many files on, one way through all that is on record is shorter than one for each.
const MANY: usize = 8;

/// What is on record of many files.
#[derive(Debug, Default)]
pub struct Ahead(BTreeMap<RepoPath, OnRecord>);

/// What is on record of one.
#[derive(Debug, Default)]
pub(super) struct OnRecord {
    in_vault: Vec<Version>,
    notes: Vec<(Vec<u8>, Noted)>,
}

impl Ahead {
    /// Looks these up, if they are many. Of their backups the ledger has told the `notes`.
    pub fn of(
        store: &Store,
        paths: BTreeSet<RepoPath>,
        notes: Vec<(Named, Noted)>,
    ) -> Result<Self> {
        if paths.len() < MANY {
            return Ok(Self::default());
        }
        let mut all: BTreeMap<RepoPath, OnRecord> =
            paths.into_iter().map(|path| (path, OnRecord::default())).collect();
        // A vault that can't be read must not hide the files.
        for stored in store.vault.snapshots(store.all_worktrees).unwrap_or_default() {
            for filed in store.vault.files(&stored)? {
                if let Some(of_file) = all.get_mut(&filed.path) {
                    if of_file.in_vault.is_empty() {
                        // Of most files it is the only one; there would be room for four.
                        of_file.in_vault.reserve_exact(1);
                    }
                    of_file.in_vault.push(from_vault(store, &stored, filed));
                }
            }
        }
        for ((path, backup), note) in notes {
            if let Some(of_file) = all.get_mut(&path) {
                of_file.notes.push((backup, note));
            }
        }
        Ok(Self(all))
    }

    pub(super) fn has(&self, path: &RepoPath) -> bool {
        self.0.contains_key(path)
    }

    pub(super) fn add(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    pub(super) fn take(&mut self, path: &RepoPath) -> Option<OnRecord> {
        self.0.remove(path)
    }
}

impl OnRecord {
    /// The [distinct] versions of the file, with its backups, that are wanted.
    pub(super) fn finish(
        mut self,
        store: &Store,
        records: &Records,
        path: &RepoPath,
        proof: Proof,
        is_wanted: &dyn Fn(&Version) -> bool,
    ) -> Vec<Version> {
        add_backups(store, records, store.backups.of(path), proof, &mut self.in_vault);
        number(&mut self.in_vault);
        let mut versions = distinct(self.in_vault);
        versions.retain(is_wanted);
        for version in &mut versions {
            let id = version.id.to_string();
            // What waits on file for the ledger comes first.
            let noted = best(&self.notes, version, &id).filter(|_| records.on_file.is_empty());
            version.known =
                noted.unwrap_or_else(|| records.known(&version.path, &id, version.time));
        }
        measure(store, &mut versions);
        versions
    }
}

/// Of the events about the backup of a version, the one in which somebody gave it a label, else the newest: as
/// the ledger answers for one.
fn best(notes: &[(Vec<u8>, Noted)], version: &Version, id: &str) -> Option<Known> {
    let name = version.backup.as_ref()?.name.to_bytes();
    let about = notes.iter().filter(|(backup, note)| note.blob == id && *backup == name);
    let best = about.max_by_key(|(_, note)| (note.known.label.is_some(), note.id));
    best.map(|(_, note)| note.known.clone())
}
