//! Retention on disk: the older backups of a file give way to the newest ones.
//!
//! Runs after a snapshot's files are in place, never before: whoever dies in between has too many
//! backups, not too few. What is retired stays in the vault.

use std::collections::BTreeSet;

use super::Store;
use super::backups::BackupFile;
use super::clean_up::{self, Unlinked};
use crate::model::backup_name::BackupName;
use crate::model::event::EventKind;
use crate::model::repo_path::RepoPath;
use crate::model::retention::{OnDisk, to_retire};

/// Retires the backups of the files of which the snapshot made a new one. `made` are those new ones.
pub fn retire(store: &Store, made: &[(RepoPath, BackupName)]) -> Unlinked {
    let paths: BTreeSet<&RepoPath> = made.iter().map(|(path, _)| path).collect();
    let mut retired = Vec::new();
    for path in paths {
        let new: Vec<BackupName> =
            made.iter().filter(|(p, _)| p == path).map(|(_, name)| name.clone()).collect();
        retired.extend(surplus(store, path, &new));
    }
    clean_up::unlink(store, retired, EventKind::Retired, None)
}

/// The backups of `path` that retention would not keep beside the `new` ones.
fn surplus(store: &Store, path: &RepoPath, new: &[BackupName]) -> Vec<BackupFile> {
    // The listing is from before the snapshot's own files were made.
    let old = store.backups.of(path);
    let now = store.now.naive_local();
    let all: Vec<OnDisk> = old
        .iter()
        .map(|backup| backup.on_disk(&store.now))
        .chain(new.iter().map(|name| OnDisk { name: name.clone(), modified: now }))
        .collect();
    let retired = to_retire(&all, new, store.settings.max_backups, store.settings.max_age, now);
    old.into_iter().filter(|backup| retired.contains(&backup.name)).collect()
}
