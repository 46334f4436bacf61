//! Backups that the vault could not take when they were made: a list in the working tree's Git directory
//! that the next hook or command works off.
//!
//! It is only ever read, deposited from, and written anew with what is left: whoever dies in between
//! leaves names on it that the vault has by then, which costs a look and nothing else.

use std::path::PathBuf;

use anyhow::Result;

use super::backups::BackupFile;
use super::backups::Named;
use super::{Store, receipt};
use crate::git::repository::Repository;
use crate::model::repo_path::RepoPath;
use crate::os::private;

/// Puts backups on the list.
pub fn note(store: &Store, backups: &[Named]) -> Result<()> {
    if backups.is_empty() {
        return Ok(());
    }
    let mut all = read(&store.repository);
    all.extend(backups.iter().cloned());
    write(&store.repository, &all)
}

/// Deposits what is on the list, as far as that can be done now.
pub fn settle(store: &Store) {
    let named = read(&store.repository);
    if named.is_empty() || !store.settings.vault {
        return;
    }
    let find = |(path, name): &Named| store.backups.find(path, name);
    let backups: Vec<BackupFile> = named.iter().filter_map(find).collect();
    // Proving deposits what is not held.
    let left = receipt::prove(store, backups).unproven;
    let left: Vec<Named> =
        left.into_iter().map(|(backup, _)| (backup.path, backup.name.to_bytes())).collect();
    // What is left is tried again, and what another process has put there meanwhile.
    let mut now = read(&store.repository);
    now.retain(|entry| left.contains(entry) || !named.contains(entry));
    let _ = write(&store.repository, &now);
}

/// Pairs of a path and a name, each ended by NUL.
fn read(repository: &Repository) -> Vec<Named> {
    let text = std::fs::read(file_of(repository)).unwrap_or_default();
    let fields: Vec<&[u8]> = text.split(|&byte| byte == 0).collect();
    let pairs = fields.chunks_exact(2);
    pairs
        .filter_map(|pair| Some((RepoPath::from_bytes(pair[0].to_vec()).ok()?, pair[1].to_vec())))
        .collect()
}

fn write(repository: &Repository, named: &[Named]) -> Result<()> {
    let file = file_of(repository);
    if named.is_empty() {
        return Ok(std::fs::remove_file(file)?);
    }
    private::make_dir(&repository.own_bak_dir())?;
    let pairs = named.iter().map(|(path, name)| [path.as_bytes(), b"\0", name, b"\0"].concat());
    Ok(private::write(&file, &pairs.collect::<Vec<_>>().concat())?)
}

fn file_of(repository: &Repository) -> PathBuf {
    repository.own_bak_dir().join("undeposited")
}
