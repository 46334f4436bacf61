//! Retention on disk: the older backups of a file give way to the newest ones.
//!
//! Runs after a snapshot's files are in place, never before: a process that dies in between leaves too many
//! backups, not too few. What is retired stays in the vault.

use std::collections::BTreeSet;

use super::Store;
use super::clean_up::{self, Unlinked};
use crate::backups::files::BackupFile;
use crate::model::events::event::EventKind;
use crate::model::names::backup_name::BackupName;
use crate::model::names::repo_path::RepoPath;
use crate::model::retention::{OnDisk, to_retire};

/// A file and the name of a backup of it.
type NamedBackup = (RepoPath, BackupName);

/// Retires older backups of the files that the snapshot made new ones of: `made`. `found` are those that it didn't need
/// to make again.
pub fn retire(store: &Store, made: &[NamedBackup], found: &[NamedBackup]) -> Unlinked {
    let paths: BTreeSet<&RepoPath> = made.iter().map(|(path, _)| path).collect();
    let mut retired = Vec::new();
    for path in paths {
        retired.extend(surplus(store, path, &names(made, path), &names(found, path)));
    }
    clean_up::unlink(store, retired, EventKind::Retired, None)
}

fn names(of_all: &[NamedBackup], path: &RepoPath) -> Vec<BackupName> {
    of_all.iter().filter(|(other, _)| other == path).map(|(_, name)| name.clone()).collect()
}

/// The backups of `path` that retention would not keep beside the `new` ones and those that were `found`.
fn surplus(
    store: &Store,
    path: &RepoPath,
    new: &[BackupName],
    found: &[BackupName],
) -> Vec<BackupFile> {
    // The listing is from before the snapshot's own files were made.
    let old = store.backups.of(path);
    let now = store.now.naive_local();
    let all: Vec<OnDisk> = old
        .iter()
        .map(|backup| backup.on_disk(&store.now))
        .chain(new.iter().map(|name| OnDisk { name: name.clone(), modified: now }))
        .collect();
    let kept = [new, found].concat();
    let retired = to_retire(&all, &kept, store.settings.max_backups, store.settings.max_age, now);
    old.into_iter().filter(|backup| retired.contains(&backup.name)).collect()
}
