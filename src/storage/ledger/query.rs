//! Asking the ledger. Rows that make no sense (anyone with write access to `.git` can put some there)
//! are passed over.

use anyhow::Result;
use chrono::DateTime;
use rusqlite::{OptionalExtension, Row, params};

use super::Ledger;
use crate::model::backup_name::BackupName;
use crate::model::event::{Event, Kind};
use crate::model::repo_path::RepoPath;
use crate::model::timestamp::Timestamp;
use crate::storage::backups::Named;

/// What the ledger knows of one version of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Why it was kept.
    pub kind: Option<Kind>,
    /// The original's permission bits.
    pub permissions: Option<u32>,
    /// The label that somebody gave.
    pub label: Option<String>,
}

impl Known {
    /// What an event says.
    pub fn of(event: &Event) -> Self {
        Self { kind: event.kind, permissions: event.permissions, label: event.label.clone() }
    }
}

/// An event about a backup.
#[derive(Debug)]
pub struct Noted {
    /// The blob id of what it is a copy of, in hex.
    pub blob: String,
    /// What it says.
    pub known: Known,
    /// Later events have greater ones.
    pub id: i64,
}

/// The last attempt at a commit in this working tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastAttempt {
    /// When it began: seconds since 1970 and offset from UTC.
    pub began: (i64, i32),
    /// It ended without a commit.
    pub failed: bool,
    /// Which step ended it.
    pub step: Option<String>,
}

impl Ledger {
    /// The backup files that should be there: path and file name.
    pub fn on_disk(&self) -> Result<Vec<Named>> {
        let sql = "SELECT path, backup FROM on_disk WHERE worktree = ?1";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map(params![self.worktree], |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?))
        })?;
        let valid = |(path, backup)| Some((RepoPath::from_bytes(path).ok()?, backup));
        Ok(rows.filter_map(Result::ok).filter_map(valid).collect())
    }

    /// One state of the ledger for all that is read while it lives.
    pub fn one_view(&self) -> Result<rusqlite::Transaction<'_>> {
        Ok(self.connection.unchecked_transaction()?)
    }

    /// What is known of the version of `path` with this blob id: of the events about the backup of that `time`
    /// (then it comes with `true`) the one in which somebody gave it a label, else the newest; else of any the
    /// newest that says.
    pub fn known(
        &self,
        path: &RepoPath,
        blob: &str,
        time: Timestamp,
    ) -> Result<Option<(bool, Known)>> {
        // In the order of an index: to have SQLite sort them by which tells most takes three times as long.
        let sql = "SELECT kind, permissions, label, backup FROM event
                   WHERE worktree = ?1 AND path = ?2 AND blob = ?3 AND kind IS NOT NULL ORDER BY id DESC";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![self.worktree, path.as_bytes(), blob])?;
        let time = time.to_string();
        let mut best: Option<((bool, bool), Known)> = None;
        while let Some(row) = rows.next()? {
            let Some(known) = known(row) else { continue };
            let backup = row.get_ref(3)?.as_bytes_or_null().ok().flatten().unwrap_or_default();
            let is_of_then = backup.windows(time.len()).any(|part| part == time.as_bytes());
            let tells = (is_of_then, is_of_then && known.label.is_some());
            if best.as_ref().is_none_or(|(before, _)| *before < tells) {
                best = Some((tells, known));
            }
        }
        Ok(best.map(|((is_of_then, _), known)| (is_of_then, known)))
    }

    /// The backup files that should be there, each with an event about it: as often as there are any.
    pub fn on_disk_with_notes(&self) -> Result<Vec<(Named, Option<Noted>)>> {
        let sql = "SELECT kind, permissions, label, path, backup, blob, id
                   FROM on_disk LEFT JOIN event USING (worktree, path, backup) WHERE worktree = ?1";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query(params![self.worktree])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let path = row.get(3).ok().and_then(|path| RepoPath::from_bytes(path).ok());
            let (Some(path), Ok(backup)) = (path, row.get(4)) else { continue };
            let noted = || {
                let (blob, id) = (row.get(5).ok()?, row.get(6).ok()?);
                Some(Noted { blob, known: known(row)?, id })
            };
            all.push(((path, backup), noted()));
        }
        Ok(all)
    }

    /// The blob id that the backup of `path` with this name was made of, in hex, as far as it is written down.
    pub fn blob_of(&self, path: &RepoPath, backup: &[u8]) -> Result<Option<String>> {
        let sql = "SELECT blob FROM event WHERE worktree = ?1 AND path = ?2 AND backup = ?3
                   AND blob IS NOT NULL ORDER BY id DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let values = params![self.worktree, path.as_bytes(), backup];
        Ok(statement.query_row(values, |row| row.get(0)).optional()?)
    }

    /// The second that names the newest snapshot with this label: when it was made, or later where the
    /// clock had gone back behind an older backup.
    pub fn labelled(&self, label: &str) -> Result<Option<Timestamp>> {
        let sql = "SELECT time, zone, backup FROM event WHERE label = ?1 AND worktree = ?2
                   AND time = (SELECT time FROM event WHERE label = ?1 AND worktree = ?2
                               ORDER BY id DESC LIMIT 1)";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map(params![label, self.worktree], |row| {
            let moment: (i64, i32) = (row.get(0)?, row.get(1)?);
            Ok((moment, row.get::<_, Option<Vec<u8>>>(2)?))
        })?;
        let times = rows.filter_map(Result::ok).flat_map(|((seconds, zone), backup)| {
            let is_time = DateTime::from_timestamp(seconds, 0).is_some();
            let made = is_time.then(|| Timestamp::of_seconds(seconds, zone));
            let named = backup.and_then(|name| BackupName::parse(&name)).map(|name| name.time);
            [made, named]
        });
        Ok(times.flatten().max())
    }

    /// What happened in this working tree to the files that are `wanted`, newest first; at most so many.
    pub fn events(&self, wanted: &dyn Fn(&RepoPath) -> bool, most: usize) -> Result<Vec<Event>> {
        let sql = "SELECT event, time, zone, path, backup, blob, size, permissions, kind, label, commit_id
                   FROM event WHERE worktree = ?1 ORDER BY time DESC, id DESC";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query(params![self.worktree])?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            if events.len() == most {
                break;
            }
            events.extend(event(row).filter(|event| wanted(&event.path)));
        }
        Ok(events)
    }

    /// The files that were restored in this working tree, each with the second in which it was.
    pub fn restored(&self) -> Result<Vec<(Timestamp, RepoPath)>> {
        let sql = "SELECT time, zone, path FROM event WHERE event = 'restored' AND worktree = ?1";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map(params![self.worktree], |row| {
            Ok(((row.get(0)?, row.get(1)?), row.get::<_, Vec<u8>>(2)?))
        })?;
        let valid = |((seconds, zone), path): ((i64, i32), Vec<u8>)| {
            DateTime::from_timestamp(seconds, 0)?;
            Some((Timestamp::of_seconds(seconds, zone), RepoPath::from_bytes(path).ok()?))
        };
        Ok(rows.filter_map(Result::ok).filter_map(valid).collect())
    }

    /// The labels of snapshots, those used last first.
    pub fn labels(&self) -> Result<Vec<String>> {
        let sql = "SELECT label FROM event WHERE label IS NOT NULL AND worktree = ?1
                   GROUP BY label ORDER BY max(id) DESC";
        let mut statement = self.connection.prepare(sql)?;
        let labels = statement.query_map(params![self.worktree], |row| row.get(0))?;
        Ok(labels.filter_map(Result::ok).collect())
    }

    /// The last attempt that it knows of.
    pub fn last_attempt(&self) -> Result<Option<LastAttempt>> {
        let sql = "SELECT began, zone, state, step FROM attempt
                   WHERE worktree = ?1 AND kind = 'commit' ORDER BY id DESC LIMIT 1";
        let found = self.connection.query_row(sql, params![self.worktree], |row| {
            let state: String = row.get(2)?;
            let began = (row.get(0)?, row.get(1)?);
            Ok(LastAttempt { began, failed: state == "failed", step: row.get(3)? })
        });
        Ok(found.optional()?)
    }
}

/// What a row about a version says; `None` if it makes no sense.
fn known(row: &Row<'_>) -> Option<Known> {
    let kind = row.get_ref(0).ok()?.as_str().ok()?.parse().ok();
    Some(Known { kind, permissions: row.get(1).ok()?, label: row.get(2).ok()? })
}

/// An event as it stands in a row of `events`; `None` if it makes no sense.
fn event(row: &Row<'_>) -> Option<Event> {
    let word = |at| row.get::<_, String>(at).ok();
    Some(Event {
        what: word(0)?.parse().ok()?,
        time: row.get(1).ok()?,
        offset: row.get(2).ok()?,
        path: RepoPath::from_bytes(row.get(3).ok()?).ok()?,
        backup: row.get(4).ok()?,
        blob: row.get(5).ok()?,
        size: row.get::<_, Option<i64>>(6).ok()?.and_then(|size| u64::try_from(size).ok()),
        permissions: row.get(7).ok()?,
        kind: row.get::<_, Option<String>>(8).ok()?.and_then(|kind| kind.parse().ok()),
        label: row.get(9).ok()?,
        commit: row.get(10).ok()?,
    })
}
