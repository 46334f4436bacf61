//! What is wrong with the ledger, found without changing a byte of it.

use anyhow::Result;
use rusqlite::{Error, ErrorCode, OpenFlags};

use super::{Ledger, connect, open, schema};
use crate::git::repository::Repository;

/// How the ledger is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// There is none.
    Missing,
    /// All of it can be read and written; how many events are in it.
    Whole(usize),
    /// A later version of git-bak has written it.
    Newer,
    /// Somebody has it locked.
    Locked,
    /// It can be read; why it can't be written.
    ReadOnly(String),
    /// It can't be read, or not all of it; why.
    Damaged(String),
}

/// Looks at the ledger of `repository`.
pub fn look(repository: &Repository) -> Health {
    let path = Ledger::path(repository);
    match path.symlink_metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Health::Missing,
        Err(error) => return Health::Damaged(error.to_string()),
        Ok(meta) if meta.is_dir() => return Health::Damaged("it is a folder".to_owned()),
        Ok(_) => {}
    }
    let whole = read(repository).map(Health::Whole);
    let read = whole.unwrap_or_else(|error| trouble(&error));
    if !matches!(read, Health::Whole(_)) {
        return read;
    }
    match write(repository) {
        Ok(()) => read,
        Err(error) => match trouble(&error) {
            Health::Damaged(reason) => Health::ReadOnly(reason),
            other => other,
        },
    }
}

/// Reads all of it; the number of events.
fn read(repository: &Repository) -> Result<usize> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(&Ledger::path(repository), flags)?;
    if schema::is_newer(&connection)? {
        anyhow::bail!(Newer);
    }
    let said: String =
        connection.pragma_query_value(None, "quick_check", |row| row.get::<_, String>(0))?;
    if said != "ok" {
        anyhow::bail!("{said}");
    }
    schema::has_columns(&connection)?;
    let events: i64 = connection.query_row("SELECT count(*) FROM event", [], |row| row.get(0))?;
    Ok(usize::try_from(events)?)
}

/// Takes the right to write, and gives it back.
fn write(repository: &Repository) -> Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = connect(&Ledger::path(repository), flags)?;
    // The version, as it is: a lock alone could be had where not a byte can be written.
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    connection
        .execute_batch(&format!("BEGIN IMMEDIATE; PRAGMA user_version = {version}; ROLLBACK"))?;
    Ok(())
}

/// The schema is a later version's.
#[derive(Debug)]
struct Newer;

impl std::fmt::Display for Newer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("written by a newer git-bak")
    }
}

impl std::error::Error for Newer {}

fn trouble(error: &anyhow::Error) -> Health {
    if error.is::<Newer>() {
        return Health::Newer;
    }
    match error.downcast_ref::<Error>().and_then(Error::sqlite_error_code) {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Health::Locked,
        _ => Health::Damaged(error.to_string().replace('\n', " ")),
    }
}
