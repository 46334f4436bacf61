//! The ledger's tables, and how those of an earlier version become today's.
//!
//! `user_version` says how many steps were taken. A step is never changed once it was released: a ledger
//! of any earlier version takes those that it lacks, in one transaction, and one of a later version is
//! left alone, whoever asks.

use anyhow::{Result, bail};
use rusqlite::{Connection, TransactionBehavior};

/// The lock is taken at once, so that nobody finds at the end that somebody else has written.
pub const IMMEDIATE: TransactionBehavior = TransactionBehavior::Immediate;

/// What brings a database from each version to the next.
const STEPS: [&str; 2] = [
    "
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
    ",
    // The journal: what a failed attempt printed, and which files it was about.
    "
    ALTER TABLE attempt ADD COLUMN output BLOB;
    CREATE TABLE failed_file (
        attempt INTEGER NOT NULL REFERENCES attempt (id),
        path BLOB NOT NULL,
        PRIMARY KEY (attempt, path)
    ) WITHOUT ROWID;
    UPDATE attempt SET status = NULL WHERE step = 'not completed';
    INSERT OR IGNORE INTO failed_file (attempt, path)
        SELECT event.attempt, event.path FROM event JOIN attempt ON attempt.id = event.attempt
        WHERE attempt.state = 'failed';
    ",
];

/// How many steps there are: the version of a database that has taken all of them.
const SCHEMA: usize = STEPS.len();

/// Makes the tables, or takes the steps that are missing; whether there were none before.
pub fn bring_up_to_date(connection: &mut Connection) -> Result<bool> {
    if version(connection)? == SCHEMA {
        return Ok(false);
    }
    let transaction = connection.transaction_with_behavior(IMMEDIATE)?;
    // Another process may have been first.
    let before = version(&transaction)?;
    for step in STEPS.iter().skip(before) {
        transaction.execute_batch(step)?;
    }
    if before < SCHEMA {
        transaction.pragma_update(None, "user_version", i64::try_from(SCHEMA)?)?;
    }
    transaction.commit()?;
    Ok(before == 0)
}

/// What is asked for of each table.
const COLUMNS: [(&str, &str); 4] = [
    ("attempt", "id, worktree, kind, began, zone, state, step, status, commit_id, output"),
    (
        "event",
        "id, attempt, worktree, time, zone, event, path, backup, blob, size, permissions, kind, label, commit_id",
    ),
    ("on_disk", "worktree, path, backup"),
    ("failed_file", "attempt, path"),
];

/// An error unless every table of today's schema is there with all its columns. An older schema is brought
/// up to date by who opens it to write.
pub fn has_columns(connection: &Connection) -> Result<()> {
    if version(connection)? == SCHEMA {
        for (table, columns) in COLUMNS {
            connection.prepare(&format!("SELECT {columns} FROM {table}"))?;
        }
    }
    Ok(())
}

/// Whether a later version of git-bak has written it.
pub fn is_newer(connection: &Connection) -> Result<bool> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(usize::try_from(version).is_ok_and(|version| version > SCHEMA))
}

/// An error unless the database has taken every step.
pub fn require(connection: &Connection) -> Result<()> {
    match version(connection)? {
        SCHEMA => Ok(()),
        _ => bail!("the ledger was written by an older git-bak, and can't be brought up to date"),
    }
}

/// How many steps a database has taken.
fn version(connection: &Connection) -> Result<usize> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match usize::try_from(version) {
        Ok(version) if version <= SCHEMA => Ok(version),
        _ => bail!("the ledger was written by a newer git-bak: update this one"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ledger as the first version made it, with a failed attempt at a commit and a good one.
    fn first_version() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(STEPS[0]).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        let rows = "
            INSERT INTO attempt VALUES (1, x'', 'commit', 5, 0, 'failed', 'not completed', 0, NULL);
            INSERT INTO attempt VALUES (2, x'', 'commit', 6, 0, 'succeeded', NULL, NULL, 'ab');
            INSERT INTO event (attempt, worktree, time, zone, event, path)
                VALUES (1, x'', 5, 0, 'created', x'61'), (1, x'', 5, 0, 'retired', x'61'),
                       (2, x'', 6, 0, 'created', x'62');";
        connection.execute_batch(rows).unwrap();
        connection
    }

    fn tables(connection: &Connection) -> Vec<String> {
        let sql = "SELECT name || coalesce(sql, '') FROM sqlite_schema ORDER BY name";
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    #[test]
    fn an_earlier_ledger_becomes_what_a_new_one_is_and_keeps_its_rows() {
        let (mut old, mut new) = (first_version(), Connection::open_in_memory().unwrap());
        assert!(!bring_up_to_date(&mut old).unwrap());
        assert!(bring_up_to_date(&mut new).unwrap());
        assert_eq!(tables(&old), tables(&new));
        let sql = "SELECT count(*), count(status) FROM attempt";
        let rows = old.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)));
        assert_eq!(rows, Ok((2, 0)));
        let sql = "SELECT group_concat(attempt || CAST(path AS TEXT)) FROM failed_file";
        let files: String = old.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(files, "1a");
        assert!(!bring_up_to_date(&mut old).unwrap(), "a second time there is nothing to do");
    }

    #[test]
    fn a_later_ledger_is_refused_and_left_as_it_is() {
        for version in [i64::try_from(SCHEMA).unwrap() + 1, 99, -1] {
            let mut connection = Connection::open_in_memory().unwrap();
            connection.pragma_update(None, "user_version", version).unwrap();
            let error = bring_up_to_date(&mut connection).unwrap_err().to_string();
            assert!(error.contains("newer git-bak"), "{error}");
            assert_eq!(tables(&connection), [""; 0]);
        }
    }
}
