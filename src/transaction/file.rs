//! Where a transaction is written down: `bak/upgrade/record` in the working tree's own Git directory.
//!
//! The record is complete under its name or isn't there, and on the disk before anything goes by it.
//! The lock beside it is an advisory one, which the system drops when its holder dies: a process that
//! has it knows that a record found there was left by a dead one.

use std::ffi::OsStr;
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::thread::{Builder, JoinHandle};

use anyhow::{Context, Result, bail};

use crate::git::objects::Objects;
use crate::git::repository::Repository;
use crate::model::surroundings::Surroundings;
use crate::model::transaction::Transaction;
use crate::os::{private, process};
use crate::record::Named;

/// The right to begin or to end a transaction in this working tree.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Takes the lock; `None` if another upgrade is under way.
pub fn lock(repository: &Repository) -> Result<Option<Lock>> {
    let folder = folder_of(repository);
    private::make_dir(&folder).with_context(|| format!("{}", folder.display()))?;
    let path = folder.join("lock");
    let file = private::open(&path).with_context(|| format!("{}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Lock { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("{}", path.display()))
        }
    }
}

/// The transaction that is written down, if there is one: under way, or left unfinished.
pub fn read(repository: &Repository) -> Result<Option<Transaction>> {
    let path = record_of(repository);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("{}", path.display())),
    };
    match Transaction::parse(&bytes) {
        Ok(transaction) => Ok(Some(transaction)),
        // It may be a later version's.
        Err(error) => bail!("{} can't be read: {error}: update git-bak", path.display()),
    }
}

/// The backups that an upgrade on record stands on, one under way or left unfinished: they are left alone
/// until it ends.
pub fn backups(repository: &Repository) -> Vec<Named> {
    read(repository).ok().flatten().map_or(Vec::new(), |transaction| transaction.backups)
}

pub fn is_live(transaction: &Transaction) -> bool {
    process::is_alive(&transaction.process)
}

/// Writes it down; it is on the disk when this returns.
pub(super) fn write(repository: &Repository, transaction: &Transaction) -> Result<()> {
    let path = record_of(repository);
    private::write_synced(&path, &transaction.to_bytes())
        .with_context(|| format!("{}", path.display()))
}

/// The same, on the disk when the system finds the time: what a process that is killed leaves is there all the same.
pub(super) fn write_soon(repository: &Repository, transaction: &Transaction) -> Result<()> {
    let path = record_of(repository);
    private::write(&path, &transaction.to_bytes()).with_context(|| format!("{}", path.display()))
}

/// Removes the record: the transaction is over. The disk need not know at once, for ending one twice does no
/// harm. The caller holds the lock.
pub fn remove(repository: &Repository) -> Result<()> {
    // Only a commit that was killed leaves it.
    let _ = std::fs::remove_file(paths_of(repository));
    let path = record_of(repository);
    let removed = std::fs::remove_file(&path);
    // After the record, which stands on them.
    let _ = std::fs::remove_file(index_of(repository));
    let _ = std::fs::remove_file(around_of(repository));
    let _ = std::fs::remove_dir_all(own_of(repository));
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{}", path.display()))
        }
        _ => Ok(()),
    }
}

/// The folder for what an upgrade needs while it lasts.
pub fn folder_of(repository: &Repository) -> PathBuf {
    repository.own_bak_dir().join("upgrade")
}

/// The file for the paths of a commit.
pub fn paths_of(repository: &Repository) -> PathBuf {
    folder_of(repository).join("paths")
}

/// The file for a copy of the index as it was before a command ran.
pub fn index_of(repository: &Repository) -> PathBuf {
    folder_of(repository).join("index")
}

/// The objects of a transaction's own, which go with it.
pub(super) fn own(repository: &Repository) -> Objects {
    Objects::in_dir(repository, own_of(repository))
}

fn own_of(repository: &Repository) -> PathBuf {
    folder_of(repository).join("own")
}

/// Writes down what the working tree is like before a command runs; it is on the disk when this returns.
pub(super) fn write_around(repository: &Repository, around: &Surroundings) -> Result<()> {
    let path = around_of(repository);
    private::write_synced(&path, &around.to_bytes()).with_context(|| format!("{}", path.display()))
}

pub(super) fn read_around(repository: &Repository) -> Result<Surroundings> {
    let path = around_of(repository);
    let read = || Surroundings::parse(&std::fs::read(&path)?);
    read().with_context(|| format!("{} can't be read", path.display()))
}

fn around_of(repository: &Repository) -> PathBuf {
    folder_of(repository).join("around")
}

/// What the last look has found of each file and of what is ignored, when it was, and what stands for the settings of
/// then: no more than a memory, which may be missing, or be wrong about what was written to since.
pub(super) fn start_reading_seen(repository: &Repository) -> std::io::Result<SeenRead> {
    let path = seen_of(repository);
    let read = move || Surroundings::parse(&std::fs::read(path)?);
    Builder::new().spawn(read)
}

/// A read of it beside other work.
pub(super) type SeenRead = JoinHandle<Result<Surroundings>>;

pub(super) fn write_seen(repository: &Repository, around: &Surroundings, settings: Vec<u8>) {
    let (looked, files, ignored) = (around.looked, around.files.clone(), around.ignored.clone());
    let settings = [(settings, None)].into();
    let seen = Surroundings { looked, files, ignored, settings, ..Surroundings::default() };
    // Without it the next look takes longer.
    let _ = private::write(&seen_of(repository), &seen.to_bytes());
}

fn seen_of(repository: &Repository) -> PathBuf {
    folder_of(repository).join("seen")
}

/// Where the earlier content of a settings file is left, for the user to take back, until the next run.
pub(super) fn was_of(repository: &Repository, name: &OsStr) -> PathBuf {
    folder_of(repository).join("was").join(name)
}

/// Puts a transaction aside that is over, so that it can be undone all the same until the next one begins.
pub(super) fn set_aside(repository: &Repository) -> Result<()> {
    let path = record_of(repository);
    std::fs::rename(&path, aside_of(repository)).with_context(|| format!("{}", path.display()))
}

/// Puts back in its place what was put aside; whether there was something. The caller holds the lock.
pub fn take_up_again(repository: &Repository) -> bool {
    std::fs::rename(aside_of(repository), record_of(repository)).is_ok()
}

pub fn forget_aside(repository: &Repository) {
    // Mostly there is none.
    let _ = std::fs::remove_file(aside_of(repository));
    let _ = std::fs::remove_dir_all(folder_of(repository).join("was"));
    let _ = std::fs::remove_file(around_of(repository));
    let _ = std::fs::remove_dir_all(own_of(repository));
}

fn aside_of(repository: &Repository) -> PathBuf {
    folder_of(repository).join("aside")
}

fn record_of(repository: &Repository) -> PathBuf {
    folder_of(repository).join("record")
}
