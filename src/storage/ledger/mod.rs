//! The ledger: what happened to every backup, and which attempts there were.
//!
//! A log and an index, never the truth. Whoever can't open or write it goes on without it: what a hook
//! needs from one moment to the next is in the attempt's file and in the vault.
//!
//! Events are only ever appended. `on_disk` is an index over them (which backup files should be there),
//! kept in the same transaction. A mark beside it says that it is empty, as it is after most commits: then
//! post-commit need not open the ledger at all.
//!
//! Nothing is synced: what is written survives the death of any process, as Git's own objects do by
//! default, but a power cut may cost the ledger. A rollback journal, not a write-ahead log: each of our
//! processes writes once and ends, and would read the whole log before it and sync it after.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::git::repository::Repository;
use crate::model::attempt::{Attempt, State};
use crate::model::event::Event;
use crate::model::failure::Failure;
use crate::model::repo_path::RepoPath;
use crate::os::private;

mod expiry;
mod forget;
mod health;
mod insert;
mod journal;
mod query;
mod rebuild;
mod schema;

use schema::IMMEDIATE;

pub use health::{Health, look};
pub use query::{Known, LastAttempt, Noted};

/// A hook waits for nobody for long: without the ledger nothing is lost but a line in it.
const PATIENCE: Duration = Duration::from_millis(250);

/// The ledger of a repository, seen from one of its working trees.
#[derive(Debug)]
pub struct Ledger {
    connection: Connection,
    worktree: Vec<u8>,
    empty_mark: PathBuf,
    /// It was made just now, or by a hook in another working tree: what was before in this one, it doesn't
    /// know.
    pub is_new: bool,
}

impl Ledger {
    /// Where the ledger of `repository` is.
    pub fn path(repository: &Repository) -> PathBuf {
        repository.shared_bak_dir().join("ledger.db")
    }

    /// Opens the ledger for writing; makes it if there is none.
    pub fn open(repository: &Repository) -> Result<Self> {
        let path = Self::path(repository);
        private::make_dir(&repository.shared_bak_dir())?;
        // SQLite would leave it readable to others; its side files take over these permissions.
        drop(private::open(&path).with_context(|| format!("{}", path.display()))?);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = connect(&path, flags)?;
        let mut ledger = Self::with(connection, repository);
        ledger.is_new = schema::bring_up_to_date(&mut ledger.connection)?
            || knows_nothing(&ledger.connection, &ledger.worktree)?;
        Ok(ledger)
    }

    /// Opens the ledger if there is one, for reading where it can't be written.
    pub fn open_existing(repository: &Repository) -> Result<Option<Self>> {
        if Self::path(repository).symlink_metadata().is_err() {
            return Ok(None);
        }
        Self::open(repository)
            .or_else(|error| Self::open_to_read(repository).map_err(|_| error))
            .map(Some)
    }

    /// Opens a ledger of today's schema without writing a byte.
    fn open_to_read(repository: &Repository) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = open(&Self::path(repository), flags)?;
        schema::require(&connection)?;
        Ok(Self::with(connection, repository))
    }

    fn with(connection: Connection, repository: &Repository) -> Self {
        let worktree = repository.worktree.clone().unwrap_or_default();
        Self { connection, worktree, empty_mark: empty_mark(repository), is_new: false }
    }

    /// Takes attempts in, with all their events, and then further events, in one transaction.
    pub fn record<'a>(
        &mut self,
        attempts: impl IntoIterator<Item = &'a Attempt>,
        events: &[Event],
    ) -> Result<()> {
        let (worktree, mark) = (self.worktree.clone(), self.empty_mark.clone());
        let transaction = self.connection.transaction_with_behavior(IMMEDIATE)?;
        // Nobody else writes now, to the index or the mark. It goes before it may become untrue.
        unmark(&mark)?;
        for attempt in attempts {
            let id = match attempt.state {
                State::Staged => None,
                _ => Some(insert::attempt(&transaction, &worktree, attempt)?),
            };
            for event in &attempt.events {
                insert::event(&transaction, &worktree, id, event)?;
            }
        }
        for event in events {
            insert::event(&transaction, &worktree, None, event)?;
        }
        if names_none(&transaction, &worktree)? {
            // Without it the next hook looks here: that costs time and nothing else.
            let _ = private::open(&mark);
        }
        transaction.commit().inspect_err(|_| drop(unmark(&mark)))?;
        Ok(())
    }

    /// Has the index name backup files of this working tree that are there.
    pub fn index_found(&self, found: &[(RepoPath, Vec<u8>)]) -> Result<()> {
        if found.is_empty() {
            return Ok(());
        }
        let transaction = self.connection.unchecked_transaction()?;
        unmark(&self.empty_mark)?;
        for (path, backup) in found {
            insert::on_disk(&transaction, &self.worktree, path, backup)?;
        }
        Ok(transaction.commit()?)
    }

    /// Writes down that an apply or a run has failed. (Commits that fail are attempts: `record` takes them.)
    pub fn record_failure(&mut self, failure: &Failure) -> Result<()> {
        let transaction = self.connection.transaction_with_behavior(IMMEDIATE)?;
        insert::failure(&transaction, &self.worktree, failure)?;
        transaction.commit()?;
        Ok(())
    }

    /// Whether the ledger names no backup file of this working tree, told without opening it. `false` if
    /// that is not certain.
    pub fn names_no_backup(repository: &Repository) -> bool {
        empty_mark(repository).exists() && Self::path(repository).exists()
    }
}

/// Whether the index names no backup of this working tree.
fn names_none(connection: &Connection, worktree: &[u8]) -> Result<bool> {
    let none = "SELECT NOT EXISTS (SELECT 1 FROM on_disk WHERE worktree = ?1)";
    Ok(connection.prepare_cached(none)?.query_row([worktree], |row| row.get(0))?)
}

/// Whether nothing of this working tree was ever written down.
fn knows_nothing(connection: &Connection, worktree: &[u8]) -> Result<bool> {
    let none = "SELECT NOT EXISTS (SELECT 1 FROM attempt WHERE worktree = ?1)
                   AND NOT EXISTS (SELECT 1 FROM event WHERE worktree = ?1)";
    Ok(connection.prepare_cached(none)?.query_row([worktree], |row| row.get(0))?)
}

fn unmark(mark: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(mark) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// An empty file in the working tree's own Git directory: it is there only while the ledger's index names
/// no backup of this working tree that could still be there.
fn empty_mark(repository: &Repository) -> PathBuf {
    mark_in(&repository.own_bak_dir())
}

fn mark_in(own_bak_dir: &Path) -> PathBuf {
    own_bak_dir.join("no-backups")
}

/// Opens a database that anybody may have written: nothing in it is run, be it a trigger or a view, which
/// could go on for ever.
fn open(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)?;
    for what in [
        DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER,
        DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW,
        DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA,
    ] {
        connection.set_db_config(what, false)?;
    }
    // A statement is planned once, and not again for each value that it is used with.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let connection = open(path, flags)?;
    connection.pragma_update(None, "synchronous", "off")?;
    connection.pragma_update(None, "journal_mode", "truncate")?;
    Ok(connection)
}
