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
    let named = on_record(store, index, attempts);
    named.into_iter().filter_map(|(path, name)| store.backups.find(&path, &name)).collect()
}

/// The backup files that the records name, be they there or not.
fn on_record(store: &Store, index: &Index<'_>, attempts: &[Saved]) -> BTreeSet<Named> {
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
    let index = Index::Ledger(records.ledger.as_ref());
    let mut named = on_record(store, &index, &records.on_file);
    let mut found = Vec::new();
    if store.backups.are_beside() {
        let mut strays = Vec::new();
        for backup in walk(store, Folder::open(&store.repository.top)?, None) {
            match named.remove(&(backup.path.clone(), backup.name.to_bytes())) {
                true => found.push(backup),
                false => strays.push(backup),
            }
        }
        found.extend(untracked(store, strays));
    }
    // Where the walk doesn't go, they may lie all the same.
    found.extend(named.iter().filter_map(|(path, name)| store.backups.find(path, name)));
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// What Git tracks is no backup of ours, whatever it is called. Where the index can't be read, none is
/// believed to be one.
fn untracked(store: &Store, mut strays: Vec<BackupFile>) -> Vec<BackupFile> {
    let locations: Vec<RepoPath> = strays.iter().map(BackupFile::location).collect();
    let Ok(tracked) = tracked::among(&store.repository, &locations) else { return Vec::new() };
    strays.retain(|stray| !tracked.contains(&stray.location()));
    strays
}

/// The backups in and below `folder`. What belongs to another repository is not looked at, nor a folder that
/// can't be read.
fn walk(store: &Store, folder: Folder, path: Option<&RepoPath>) -> Vec<BackupFile> {
    let entries = folder.entries().unwrap_or_default();
    if path.is_some() && entries.iter().any(|(name, _)| name == b".git") {
        return Vec::new();
    }
    let full = |name: &[u8]| match path {
        // A name that Git can't have is the name of no file of ours.
        Some(path) => RepoPath::from_bytes([path.as_bytes(), b"/", name].concat()).ok(),
        None => RepoPath::from_bytes(name.to_vec()).ok(),
    };
    let mut found = Vec::new();
    for (name, _) in entries.iter().filter(|(name, is_folder)| *is_folder && name != b".git") {
        if let (Some(path), Ok(inside)) = (full(name), folder.inside(name)) {
            found.extend(walk(store, inside, Some(&path)));
        }
    }
    let is_backup =
        |(name, is_folder): &(Vec<u8>, bool)| !is_folder && BackupName::parse(name).is_some();
    if entries.iter().any(is_backup) {
        let names = entries.into_iter().filter(|(_, is_folder)| !is_folder).map(|(name, _)| name);
        found.extend(store.backups.listed(path, folder, names));
    }
    found
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
