//! Taking out of the ledger what would tell of a forgotten content: its id (whoever guesses a short secret
//! could prove the guess by it), its size, the backup's name, which ends in the id, and what failed tries with
//! this file printed, for checkers print the line that they complain of. That there was a
//! version of the file, and when, stays.

use std::collections::HashSet;

use anyhow::Result;
use rusqlite::params;

use super::{IMMEDIATE, Ledger};
use crate::model::forgetting::Forgetting;
use crate::model::repo_path::RepoPath;
use crate::model::timestamp::Timestamp;

/// An event that tells of a content.
struct Row {
    number: i64,
    path: RepoPath,
    blob: String,
    backup: Option<Vec<u8>>,
    time: Timestamp,
}

impl Ledger {
    /// The files and blob ids, in hex, of the versions that `forgetting` names, in all working trees.
    pub fn contents(&self, forgetting: &Forgetting) -> Result<HashSet<(RepoPath, String)>> {
        let rows = self.telling(forgetting)?.into_iter().filter(|row| !row.blob.is_empty());
        Ok(rows.map(|row| (row.path, row.blob)).collect())
    }

    /// Takes the contents out of the events that `forgetting` names, and leaves nothing of them in the file.
    pub fn forget(&mut self, forgetting: &Forgetting) -> Result<()> {
        let rows = self.telling(forgetting)?;
        // What is freed is overwritten, and the file then made anew without it.
        self.connection.pragma_update(None, "secure_delete", "on")?;
        let transaction = self.connection.transaction_with_behavior(IMMEDIATE)?;
        for row in &rows {
            let blank = "UPDATE event SET blob = NULL, size = NULL, backup = NULL WHERE id = ?1";
            transaction.prepare_cached(blank)?.execute([row.number])?;
            if let Some(backup) = &row.backup {
                let gone = "DELETE FROM on_disk WHERE path = ?1 AND backup = ?2";
                transaction.prepare_cached(gone)?.execute(params![row.path.as_bytes(), backup])?;
            }
        }
        let paths: Vec<(i64, Vec<u8>)> = transaction
            .prepare("SELECT attempt, path FROM failed_file")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .filter_map(Result::ok)
            .collect();
        for (attempt, path) in paths {
            if RepoPath::from_bytes(path).is_ok_and(|path| forgetting.touches(&path)) {
                let blank = "UPDATE attempt SET output = NULL WHERE id = ?1";
                transaction.prepare_cached(blank)?.execute([attempt])?;
            }
        }
        transaction.commit()?;
        self.connection.execute_batch("VACUUM")?;
        Ok(())
    }

    /// The events about a version that `forgetting` names, and about the backups of such.
    fn telling(&self, forgetting: &Forgetting) -> Result<Vec<Row>> {
        let sql = "SELECT id, path, blob, backup, time, zone FROM event
                   WHERE blob IS NOT NULL OR backup IS NOT NULL";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| {
            let blob: Option<String> = row.get(2)?;
            let (path, moment) =
                (row.get::<_, Vec<u8>>(1)?, (row.get::<_, i64>(4)?, row.get::<_, i32>(5)?));
            Ok((row.get(0)?, path, blob.unwrap_or_default(), row.get(3)?, moment))
        })?;
        let rows =
            rows.filter_map(Result::ok).filter_map(|(number, path, blob, backup, moment)| {
                let path = RepoPath::from_bytes(path).ok()?;
                Some(Row {
                    number,
                    path,
                    blob,
                    backup,
                    time: Timestamp::of_seconds(moment.0, moment.1),
                })
            });
        let rows: Vec<Row> = rows.filter(|row| forgetting.touches(&row.path)).collect();
        let is_named = |row: &Row| forgetting.names(&row.path, &row.blob, row.time);
        let backups: HashSet<(RepoPath, Vec<u8>)> = rows
            .iter()
            .filter(|row| is_named(row))
            .filter_map(|row| Some((row.path.clone(), row.backup.clone()?)))
            .collect();
        let is_of_named = |row: &Row| {
            let backup = row.backup.clone().map(|backup| (row.path.clone(), backup));
            backup.is_some_and(|backup| backups.contains(&backup))
        };
        Ok(rows.into_iter().filter(|row| is_named(row) || is_of_named(row)).collect())
    }
}
