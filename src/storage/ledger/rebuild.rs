//! Making the ledger anew from what the files and the vault tell.
//!
//! The order, and why nothing is lost: the new one is complete under another name first; then the old one,
//! with what SQLite keeps beside it, gets a name out of the way, for somebody may want to look at it; then the
//! new one gets the name. A side file of the old one left in place would be taken for the new one's and be
//! played into it, so those go first. Whoever dies in between leaves no ledger: the next hook makes one, and
//! doctor builds it once more.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rusqlite::OpenFlags;

use super::schema::{self, IMMEDIATE};
use super::{Ledger, connect, insert, mark_in, unmark};
use crate::git::repository::Repository;
use crate::model::event::Event;
use crate::model::now::Now;
use crate::os::private;

/// What SQLite keeps beside a database.
const BESIDE: [&str; 3] = ["-journal", "-wal", "-shm"];

impl Ledger {
    /// Makes it anew of these events, each with the working tree (empty: the main one) that it is of; oldest
    /// first. The name that the old one has now, if there was one.
    pub fn rebuild(
        repository: &Repository,
        events: &[(Vec<u8>, Event)],
        now: &Now,
    ) -> Result<Option<PathBuf>> {
        let path = Self::path(repository);
        private::make_dir(&repository.shared_bak_dir())?;
        let new = path.with_extension(format!("new-{}", std::process::id()));
        let built = build(&new, events).with_context(|| format!("{}", new.display()));
        if let Err(error) = built {
            remove(&new);
            return Err(error);
        }
        let aside = set_aside(&path, now)?;
        // What hooks of any working tree take as said: that it names no backup.
        for mark in marks(repository) {
            unmark(&mark)?;
        }
        std::fs::rename(&new, &path).with_context(|| format!("{}", path.display()))?;
        for end in BESIDE {
            let _ = std::fs::remove_file(with_end(&new, end));
        }
        Ok(aside)
    }
}

/// The marks of all working trees.
fn marks(repository: &Repository) -> Vec<PathBuf> {
    let linked = std::fs::read_dir(repository.common_dir.join("worktrees"));
    let linked = linked.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    linked.chain([repository.common_dir.clone()]).map(|dir| mark_in(&dir.join("bak"))).collect()
}

fn build(file: &Path, events: &[(Vec<u8>, Event)]) -> Result<()> {
    remove(file);
    drop(private::open(file)?);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = connect(file, flags)?;
    schema::bring_up_to_date(&mut connection)?;
    let transaction = connection.transaction_with_behavior(IMMEDIATE)?;
    for (worktree, event) in events {
        insert::event(&transaction, worktree, None, event)?;
    }
    transaction.commit()?;
    connection.close().map_err(|(_, error)| error.into())
}

/// What the names of ledgers that were set aside go on with.
const ASIDE: &str = "damaged-";

impl Ledger {
    /// The files of ledgers that were set aside.
    pub fn set_aside_files(repository: &Repository) -> Vec<PathBuf> {
        let beside = std::fs::read_dir(repository.shared_bak_dir()).into_iter().flatten();
        let files = beside.filter_map(Result::ok).map(|entry| entry.path());
        let is_aside = |file: &PathBuf| {
            file.extension().is_some_and(|it| it.to_string_lossy().starts_with(ASIDE))
        };
        let mut files: Vec<PathBuf> = files.filter(is_aside).collect();
        files.sort();
        files
    }
}

/// Gives a ledger, and what is beside it, a name with the time in it.
fn set_aside(path: &Path, now: &Now) -> Result<Option<PathBuf>> {
    if path.symlink_metadata().is_err() {
        for end in BESIDE {
            let _ = std::fs::remove_file(with_end(path, end));
        }
        return Ok(None);
    }
    let stamp = now.format("%Y%m%d_%H%M%S");
    let numbered = (0..).map(|number| path.with_extension(format!("{ASIDE}{stamp}-{number}")));
    let free = numbered.into_iter().find(|name| name.symlink_metadata().is_err());
    let aside = free.context("no name is free for the old ledger")?;
    for end in BESIDE.into_iter().chain([""]) {
        match std::fs::rename(with_end(path, end), with_end(&aside, end)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("{}", path.display()));
            }
            _ => {}
        }
    }
    Ok(Some(aside))
}

fn remove(file: &Path) {
    for end in BESIDE.into_iter().chain([""]) {
        let _ = std::fs::remove_file(with_end(file, end));
    }
}

fn with_end(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}
