//! The backup files of this working tree that are there: what clean-up, retention after a switch, `list`
//! and `status` start from.
//!
//! The ledger's index and the attempts it doesn't have yet name them. Where the ledger can't be used, or
//! was made anew, the vault does: every backup's name follows from its snapshot's time and its blob.

use std::collections::BTreeSet;

use anyhow::Result;

use super::Store;
use super::attempts::Saved;
use super::backups::{BackupFile, Named};
use super::ledger::Ledger;
use super::records::Records;
use crate::model::artifact::ArtifactId;
use crate::model::backup_name::BackupName;

mod search;
mod walk;

pub use search::{Early, Look, Search};

/// What is known of the backups that no attempt on file names.
pub enum Index<'a> {
    /// There are none.
    Empty,
    /// The ledger knows; `None` if it can't be used.
    Ledger(Option<&'a Ledger>),
}

/// The backup files that are there, in the order of their paths.
pub fn all(store: &Store, index: &Index<'_>, attempts: &[Saved]) -> Vec<BackupFile> {
    let named = on_record(store, index, attempts);
    named.into_iter().filter_map(|(path, name)| store.backups.find(&path, &name)).collect()
}

/// The backup files that the records name, be they there or not.
fn on_record(store: &Store, index: &Index<'_>, attempts: &[Saved]) -> BTreeSet<Named> {
    match index {
        Index::Empty => of_attempts(attempts),
        Index::Ledger(ledger) => {
            let said = ledger.and_then(|ledger| ledger.on_disk().ok());
            with_ledger(store, *ledger, said, attempts)
        }
    }
}

fn of_attempts(attempts: &[Saved]) -> BTreeSet<Named> {
    let named = attempts.iter().flat_map(|saved| saved.attempt.backups());
    named.map(|(path, name)| (path.clone(), name.to_vec())).collect()
}

/// The same, with those that the ledger has named, if it could.
fn with_ledger(
    store: &Store,
    ledger: Option<&Ledger>,
    said: Option<Vec<Named>>,
    attempts: &[Saved],
) -> BTreeSet<Named> {
    let is_enough = said.is_some() && !ledger.is_some_and(|ledger| ledger.is_new);
    let mut named = of_attempts(attempts);
    named.extend(said.unwrap_or_default());
    if !is_enough {
        named.extend(from_vault(store));
    }
    named
}

/// Lets a ledger that was made anew name the backups that are there, before it is told of anything else: once
/// it knows something it is new no longer.
pub fn take_over(store: &Store, ledger: &Ledger) {
    if ledger.is_new {
        let mut found = from_vault(store);
        found.retain(|(path, name)| store.backups.find(path, name).is_some());
        // Where it can't be written, it can't be told either.
        let _ = ledger.index_found(&found);
    }
}

/// Every backup that lies in the working tree, whoever made it and whatever the ledger knows: a walk
/// through all of it, for commands.
pub fn everywhere(store: &Store, records: &Records) -> Result<Vec<BackupFile>> {
    Search::begin(store, records, None).finish(store)
}

/// The names that this working tree's snapshots in the vault would have as files.
fn from_vault(store: &Store) -> Vec<Named> {
    let mut named = Vec::new();
    // A vault that can't be read names nothing; what is beside committed files is still found.
    for stored in store.vault.snapshots(false).unwrap_or_default() {
        for file in store.vault.files(&stored).unwrap_or_default() {
            let name = BackupName {
                original: file.path.file_name().to_vec(),
                time: stored.id.time,
                artifact: ArtifactId::of_blob(&file.id.to_string()),
            };
            named.push((file.path, name.to_bytes()));
        }
    }
    named
}
