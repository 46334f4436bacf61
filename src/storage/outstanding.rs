//! The backup files of this working tree that are there: what clean-up, retention after a switch, `list`
//! and `status` start from.
//!
//! The ledger's index and the attempts it doesn't have yet name them. Where the ledger can't be used, or
//! was made anew, the vault does: every backup's name follows from its snapshot's time and its blob.

use std::collections::BTreeSet;

use anyhow::Result;

use super::Store;
use super::attempts::Saved;
use super::backups::BackupFile;
use super::ledger::Ledger;
use super::records::Records;
use crate::model::artifact::ArtifactId;
use crate::model::backup_name::{BackupName, IGNORE_PATTERNS};
use crate::model::repo_path::RepoPath;

/// A backup file's original and its own name.
pub type Named = (RepoPath, Vec<u8>);

/// What is known of the backups that no attempt on file names.
pub enum Index<'a> {
    /// There are none.
    Empty,
    /// The ledger knows; `None` if it can't be used.
    Ledger(Option<&'a Ledger>),
}

/// The backup files that are there, in the order of their paths.
pub fn all(store: &Store, index: &Index<'_>, attempts: &[Saved]) -> Vec<BackupFile> {
    let mut named: BTreeSet<Named> = BTreeSet::new();
    for saved in attempts {
        named.extend(saved.attempt.backups().map(|(path, name)| (path.clone(), name.to_vec())));
    }
    if let Index::Ledger(ledger) = index {
        match ledger.map(Ledger::on_disk) {
            Some(Ok(index)) => named.extend(index),
            _ => named.extend(from_vault(store)),
        }
        if ledger.is_some_and(|ledger| ledger.is_new) {
            named.extend(from_vault(store));
        }
    }
    named.into_iter().filter_map(|(path, name)| store.backups.find(&path, &name)).collect()
}

/// Every backup that lies in the working tree, whoever made it and whatever the ledger knows: a walk
/// through all of it, for commands.
pub fn everywhere(store: &Store, records: &Records) -> Result<Vec<BackupFile>> {
    let index = Index::Ledger(records.ledger.as_ref());
    let mut found = all(store, &index, &records.on_file);
    if store.backups.are_beside() {
        let known: BTreeSet<RepoPath> = found.iter().map(BackupFile::location).collect();
        let mut args = vec!["ls-files", "-z", "--others", "--"];
        let globs: Vec<String> =
            IGNORE_PATTERNS.iter().map(|pattern| format!(":(top,glob)**/{pattern}")).collect();
        args.extend(globs.iter().map(String::as_str));
        // Where the index can't be read there is no such walk; what the records name is there all the same.
        let names = store.repository.git().output(args).unwrap_or_default();
        for name in names.split(|&b| b == 0) {
            let Ok(location) = RepoPath::from_bytes(name.to_vec()) else { continue };
            let Some(backup) = BackupName::parse(location.file_name()) else { continue };
            if known.contains(&location) {
                continue;
            }
            if let Ok(path) = location.with_file_name(&backup.original) {
                found.extend(store.backups.find(&path, location.file_name()));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
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
