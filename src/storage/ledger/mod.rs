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

use anyhow::{Context, Result, bail};
use rusqlite::{Connection, OpenFlags, params};

use super::private;
use crate::git::repository::Repository;
use crate::model::attempt::{Attempt, State};
use crate::model::event::{Event, EventKind};

mod query;
pub use query::{Known, LastAttempt};

/// The schema that this version writes. A ledger with a higher number is left alone.
const SCHEMA: i64 = 1;

const TABLES: &str = "
    CREATE TABLE attempt (
        id INTEGER PRIMARY KEY,
        worktree BLOB NOT NULL,
        kind TEXT NOT NULL,
        began INTEGER NOT NULL,
        zone INTEGER NOT NULL,
        state TEXT NOT NULL,
        step TEXT,
        status INTEGER,
        commit_id TEXT
    );
    CREATE INDEX attempt_by_worktree ON attempt (worktree, id);
    CREATE TABLE event (
        id INTEGER PRIMARY KEY,
        attempt INTEGER REFERENCES attempt (id),
        worktree BLOB NOT NULL,
        time INTEGER NOT NULL,
        zone INTEGER NOT NULL,
        event TEXT NOT NULL,
        path BLOB NOT NULL,
        backup BLOB,
        blob TEXT,
        size INTEGER,
        permissions INTEGER,
        kind TEXT,
        label TEXT,
        commit_id TEXT
    );
    CREATE INDEX event_by_path ON event (worktree, path, id);
    CREATE INDEX event_by_label ON event (label) WHERE label IS NOT NULL;
    CREATE TABLE on_disk (
        worktree BLOB NOT NULL,
        path BLOB NOT NULL,
        backup BLOB NOT NULL,
        PRIMARY KEY (worktree, path, backup)
    ) WITHOUT ROWID;
";

/// The ledger of a repository, seen from one of its working trees.
#[derive(Debug)]
pub struct Ledger {
    connection: Connection,
    worktree: Vec<u8>,
    empty_mark: PathBuf,
    /// It was made just now: what was before, it doesn't know.
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
        let mut ledger = Self {
            connection,
            worktree: repository.worktree.clone().unwrap_or_default(),
            empty_mark: empty_mark(repository),
            is_new: false,
        };
        ledger.make_tables()?;
        Ok(ledger)
    }

    /// Opens the ledger if there is one that this version can read.
    pub fn open_existing(repository: &Repository) -> Option<Self> {
        let path = Self::path(repository);
        if !path.is_file() {
            return None;
        }
        Self::open(repository).ok()
    }

    fn make_tables(&mut self) -> Result<()> {
        let version = self.version()?;
        if version > SCHEMA {
            bail!("the ledger was written by a newer git-bak: update this one");
        }
        if version == SCHEMA {
            return Ok(());
        }
        let transaction = self.connection.transaction_with_behavior(IMMEDIATE)?;
        let version: i64 =
            transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version == 0 {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "user_version", SCHEMA)?;
            self.is_new = true;
        }
        transaction.commit()?;
        Ok(())
    }

    fn version(&self) -> Result<i64> {
        Ok(self.connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
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
                _ => Some(insert_attempt(&transaction, &worktree, attempt)?),
            };
            for event in &attempt.events {
                insert_event(&transaction, &worktree, id, event)?;
            }
        }
        for event in events {
            insert_event(&transaction, &worktree, None, event)?;
        }
        if names_none(&transaction, &worktree)? {
            // Without it the next hook looks here: that costs time and nothing else.
            let _ = private::open(&mark);
        }
        transaction.commit().inspect_err(|_| drop(unmark(&mark)))?;
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

fn unmark(mark: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(mark) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// An empty file in the working tree's own Git directory: it is there only while the ledger's index names
/// no backup of this working tree that could still be there.
fn empty_mark(repository: &Repository) -> PathBuf {
    repository.own_bak_dir().join("no-backups")
}

const IMMEDIATE: rusqlite::TransactionBehavior = rusqlite::TransactionBehavior::Immediate;

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)?;
    // A hook waits for nobody for long: without the ledger nothing is lost but a line in it.
    connection.busy_timeout(Duration::from_millis(250))?;
    connection.pragma_update(None, "synchronous", "off")?;
    connection.pragma_update(None, "journal_mode", "truncate")?;
    Ok(connection)
}

fn insert_attempt(connection: &Connection, worktree: &[u8], attempt: &Attempt) -> Result<i64> {
    let (state, step, status, commit) = match &attempt.state {
        State::Open | State::Staged => ("failed", Some("not completed"), None, None),
        State::Failed { step, status } => ("failed", Some(step.as_str()), Some(*status), None),
        State::Succeeded { commit } => ("succeeded", None, None, Some(commit.as_str())),
    };
    let add = "INSERT INTO attempt (worktree, kind, began, zone, state, step, status, commit_id)
               VALUES (?1, 'commit', ?2, ?3, ?4, ?5, ?6, ?7)";
    let (began, zone) = attempt.began;
    let values = params![worktree, began, zone, state, step, status, commit];
    connection.prepare_cached(add)?.execute(values)?;
    Ok(connection.last_insert_rowid())
}

fn insert_event(
    connection: &Connection,
    worktree: &[u8],
    attempt: Option<i64>,
    event: &Event,
) -> Result<()> {
    let add = "INSERT INTO event (attempt, worktree, time, zone, event, path, backup, blob, size,
                                  permissions, kind, label, commit_id)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    connection.prepare_cached(add)?.execute(params![
        attempt,
        worktree,
        event.time,
        event.offset,
        event.what.to_string(),
        event.path.as_bytes(),
        event.backup,
        event.blob,
        event.size.and_then(|size| i64::try_from(size).ok()),
        event.permissions,
        event.kind.map(|kind| kind.to_string()),
        event.label,
        event.commit,
    ])?;
    index(connection, worktree, event)
}

/// Keeps `on_disk` in step with an event.
fn index(connection: &Connection, worktree: &[u8], event: &Event) -> Result<()> {
    let Some(backup) = &event.backup else { return Ok(()) };
    let change = match event.what {
        EventKind::Created | EventKind::Duplicate => {
            "INSERT OR IGNORE INTO on_disk VALUES (?1, ?2, ?3)"
        }
        EventKind::Retired | EventKind::Cleaned => {
            "DELETE FROM on_disk WHERE worktree = ?1 AND path = ?2 AND backup = ?3"
        }
        EventKind::Deposited | EventKind::Restored | EventKind::Expired => return Ok(()),
    };
    let values = params![worktree, event.path.as_bytes(), backup];
    connection.prepare_cached(change)?.execute(values)?;
    Ok(())
}
