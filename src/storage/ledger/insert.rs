//! Writing rows. Each function is called inside a transaction.

use anyhow::Result;
use rusqlite::{Connection, params};

use crate::model::attempt::{Attempt, State};
use crate::model::event::{Event, EventKind};
use crate::model::failure::{Failure, Tried};
use crate::model::repo_path::RepoPath;
use crate::storage::failures::of_attempt;

/// One attempt at a commit, without its events; its number.
pub fn attempt(connection: &Connection, worktree: &[u8], attempt: &Attempt) -> Result<i64> {
    if let Some(failed) = of_attempt(attempt) {
        return failure(connection, worktree, &failed);
    }
    let commit = match &attempt.state {
        State::Succeeded { commit } => Some(commit.as_str()),
        _ => None,
    };
    let add = "INSERT INTO attempt (worktree, kind, began, zone, state, commit_id)
               VALUES (?1, ?2, ?3, ?4, 'succeeded', ?5)";
    let (began, zone) = attempt.began;
    let values = params![worktree, Tried::Commit.to_string(), began, zone, commit];
    connection.prepare_cached(add)?.execute(values)?;
    Ok(connection.last_insert_rowid())
}

/// One attempt that failed, with its files; its number.
pub fn failure(connection: &Connection, worktree: &[u8], failure: &Failure) -> Result<i64> {
    let add = "INSERT INTO attempt (worktree, kind, began, zone, state, step, status, output)
               VALUES (?1, ?2, ?3, ?4, 'failed', ?5, ?6, nullif(?7, x''))";
    let Failure { time, offset, tried, step, status, files, output } = failure;
    let values = params![worktree, tried.to_string(), time, offset, step, status, output];
    connection.prepare_cached(add)?.execute(values)?;
    let id = connection.last_insert_rowid();
    let add = "INSERT OR IGNORE INTO failed_file (attempt, path) VALUES (?1, ?2)";
    for path in files {
        connection.prepare_cached(add)?.execute(params![id, path.as_bytes()])?;
    }
    Ok(id)
}

/// One event, and what it means for the backup files that are there.
pub fn event(
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

/// One backup file that is there.
pub fn on_disk(
    connection: &Connection,
    worktree: &[u8],
    path: &RepoPath,
    backup: &[u8],
) -> Result<()> {
    let add = "INSERT OR IGNORE INTO on_disk VALUES (?1, ?2, ?3)";
    connection.prepare_cached(add)?.execute(params![worktree, path.as_bytes(), backup])?;
    Ok(())
}

/// Keeps `on_disk` in step with an event.
fn index(connection: &Connection, worktree: &[u8], event: &Event) -> Result<()> {
    let Some(backup) = &event.backup else { return Ok(()) };
    let change = match event.what {
        EventKind::Created | EventKind::Duplicate | EventKind::Found => {
            "INSERT OR IGNORE INTO on_disk VALUES (?1, ?2, ?3)"
        }
        EventKind::Retired | EventKind::Cleaned | EventKind::Forgotten => {
            "DELETE FROM on_disk WHERE worktree = ?1 AND path = ?2 AND backup = ?3"
        }
        EventKind::Deposited | EventKind::Restored | EventKind::Expired => return Ok(()),
    };
    let values = params![worktree, event.path.as_bytes(), backup];
    connection.prepare_cached(change)?.execute(values)?;
    Ok(())
}
