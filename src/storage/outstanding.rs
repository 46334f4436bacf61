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
use super::folder::Folder;
use super::ledger::Ledger;
use super::records::Records;
use crate::git::tracked;
use crate::model::artifact::ArtifactId;
use crate::model::backup_name::BackupName;
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
    let index = Index::Ledger(records.ledger.as_ref());
    let mut found = all(store, &index, &records.on_file);
    if store.backups.are_beside() {
        let known: BTreeSet<RepoPath> = found.iter().map(BackupFile::location).collect();
        let mut strays = Vec::new();
        walk(&Folder::open(&store.repository.top)?, None, &mut strays);
        strays.retain(|location| !known.contains(location));
        // What Git tracks is no backup of ours, whatever it is called. Where the index can't be read, what the
        // records name is there all the same.
        let tracked = tracked::among(&store.repository, &strays);
        for location in tracked.map_or(Vec::new(), |tracked| {
            strays.into_iter().filter(|location| !tracked.contains(location)).collect()
        }) {
            let Some(backup) = BackupName::parse(location.file_name()) else { continue };
            if let Ok(path) = location.with_file_name(&backup.original) {
                found.extend(store.backups.find(&path, location.file_name()));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// The files in and below `folder` whose names are those of backups. What belongs to another repository is not
/// looked at, nor a folder that can't be read.
fn walk(folder: &Folder, path: Option<&RepoPath>, found: &mut Vec<RepoPath>) {
    let entries = folder.entries().unwrap_or_default();
    if path.is_some() && entries.iter().any(|(name, _)| name == b".git") {
        return;
    }
    for (name, is_folder) in entries {
        let is_backup = !is_folder && BackupName::parse(&name).is_some();
        if !is_backup && (!is_folder || name == b".git") {
            continue;
        }
        let full = match path {
            Some(path) => [path.as_bytes(), b"/", &name].concat(),
            None => name.clone(),
        };
        // A name that Git can't have is the name of no file of ours.
        let Ok(full) = RepoPath::from_bytes(full) else { continue };
        if is_backup {
            found.push(full);
        } else if let Ok(inside) = folder.inside(&name) {
            walk(&inside, Some(&full), found);
        }
    }
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
