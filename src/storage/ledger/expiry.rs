//! What keeps the ledger from growing without end.
//!
//! What is older than it need be goes, and so does what exceeds a fixed number, the oldest first. What is
//! said of a backup file that is still there stays. The room is used again: the file grows no further.

use std::path::Path;

use anyhow::Result;
use rusqlite::{Connection, params};

use super::Ledger;
use super::schema::IMMEDIATE;

/// As many events, and as many attempts, are kept at most, whatever their age: some 20 MB.
const MOST: i64 = 100_000;

impl Ledger {
    /// Drops events and attempts from before `limit` (seconds since 1970; `None`: of any age) or beyond the
    /// greatest number, and what is said of working trees that are gone. `worktrees` is the folder in which
    /// Git keeps those that are linked.
    pub fn expire(&mut self, limit: Option<i64>, worktrees: &Path) -> Result<()> {
        self.expire_beyond(limit.unwrap_or(i64::MIN), MOST)?;
        self.forget_removed(worktrees)
    }

    fn expire_beyond(&mut self, limit: i64, most: i64) -> Result<()> {
        // Kept below by one statement; SQLite would look through all events for each attempt that goes.
        self.connection.pragma_update(None, "foreign_keys", false)?;
        let transaction = self.connection.transaction_with_behavior(IMMEDIATE)?;
        let old_events = "DELETE FROM event
            WHERE (time < ?1 OR id <= (SELECT max(id) FROM event) - ?2)
              AND NOT EXISTS (SELECT 1 FROM on_disk
                              WHERE on_disk.worktree = event.worktree
                                AND on_disk.path = event.path AND on_disk.backup = event.backup)";
        transaction.execute(old_events, params![limit, most])?;
        let old_attempts = "DELETE FROM attempt
            WHERE began < ?1 OR id <= (SELECT max(id) FROM attempt) - ?2";
        if transaction.execute(old_attempts, params![limit, most])? > 0 {
            let orphans = "
                DELETE FROM failed_file WHERE attempt NOT IN (SELECT id FROM attempt);
                UPDATE event SET attempt = NULL WHERE attempt NOT IN (SELECT id FROM attempt);";
            transaction.execute_batch(orphans)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// The backups of a linked worktree went with it.
    fn forget_removed(&mut self, worktrees: &Path) -> Result<()> {
        for name in linked(&self.connection)? {
            let folder = crate::os::platform::path_from_bytes(&name);
            if worktrees.join(folder).symlink_metadata().is_err() {
                self.connection.execute("DELETE FROM on_disk WHERE worktree = ?1", [name])?;
            }
        }
        Ok(())
    }
}

/// The linked worktrees that have backups by the index.
fn linked(connection: &Connection) -> Result<Vec<Vec<u8>>> {
    let sql = "SELECT DISTINCT worktree FROM on_disk WHERE worktree <> x''";
    let mut statement = connection.prepare(sql)?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.filter_map(Result::ok).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::ledger::schema;

    /// A ledger with an event a second, each in an attempt of its own, the odd ones failed.
    fn filled(rows: i64) -> Ledger {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::bring_up_to_date(&mut connection).unwrap();
        for n in 1..=rows {
            let state = if n % 2 == 1 { "failed" } else { "succeeded" };
            let attempt = "INSERT INTO attempt (worktree, kind, began, zone, state)
                           VALUES (x'', 'commit', ?1, 0, ?2)";
            connection.execute(attempt, params![n, state]).unwrap();
            let event = "INSERT INTO event (attempt, worktree, time, zone, event, path, backup)
                         VALUES (?1, x'', ?1, 0, 'created', x'61', ?1)";
            connection.execute(event, [n]).unwrap();
            connection.execute("INSERT INTO failed_file VALUES (?1, x'61')", [n]).unwrap();
        }
        let empty_mark = "mark".into();
        Ledger { connection, worktree: Vec::new(), empty_mark, is_new: false }
    }

    fn count(ledger: &Ledger, table: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        ledger.connection.query_row(&sql, [], |row| row.get(0)).unwrap()
    }

    fn counts(ledger: &Ledger) -> [i64; 3] {
        ["event", "attempt", "failed_file"].map(|table| count(ledger, table))
    }

    #[test]
    fn what_is_old_goes_and_what_is_not_stays() {
        let mut ledger = filled(10);
        ledger.expire_beyond(4, 1000).unwrap();
        assert_eq!(counts(&ledger), [7, 7, 7]);
        ledger.expire_beyond(i64::MIN, 1000).unwrap();
        assert_eq!(counts(&ledger), [7, 7, 7]);
    }

    #[test]
    fn there_are_never_more_than_so_many() {
        let mut ledger = filled(10);
        ledger.expire_beyond(i64::MIN, 3).unwrap();
        assert_eq!(counts(&ledger), [3, 3, 3]);
    }

    #[test]
    fn what_is_said_of_a_backup_that_is_there_stays() {
        let mut ledger = filled(4);
        ledger.connection.execute("INSERT INTO on_disk VALUES (x'', x'61', 1)", []).unwrap();
        // `backup` is a blob there; the test's numbers compare alike.
        ledger.connection.execute("UPDATE on_disk SET backup = x'31'", []).unwrap();
        ledger.connection.execute("UPDATE event SET backup = x'31' WHERE id = 1", []).unwrap();
        ledger.expire_beyond(100, 1000).unwrap();
        assert_eq!(counts(&ledger), [1, 0, 0]);
        let sql = "SELECT attempt FROM event";
        let attempt: Option<i64> = ledger.connection.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(attempt, None, "the number of an attempt that is gone may be given again");
    }

    #[test]
    fn the_backups_of_a_worktree_that_is_gone_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("there")).unwrap();
        let mut ledger = filled(0);
        for name in [&b""[..], b"there", b"gone"] {
            let add = "INSERT INTO on_disk VALUES (?1, x'61', x'62')";
            ledger.connection.execute(add, [name]).unwrap();
        }
        ledger.expire(None, folder.path()).unwrap();
        assert_eq!(linked(&ledger.connection).unwrap(), [b"there"]);
        assert_eq!(count(&ledger, "on_disk"), 2);
    }
}
