//! Putting right what is ours to put right.
//!
//! The order matters: the vault first, since a ledger is rebuilt from it; the backups last, since they are
//! copied into the one and written into the other. The hooks are installed by the caller, as install does.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{Outcome, Problem, State, backups};
use crate::git::fsmonitor::{self, Place};
use crate::git::hide_refs;
use crate::model::artifact::ArtifactId;
use crate::model::backup_name::BackupName;
use crate::model::check::Check;
use crate::model::event::{Event, EventKind, Kind};
use crate::model::repo_path::RepoPath;
use crate::os::platform::let_owner_write;
use crate::storage::backups::BackupFile;
use crate::storage::hook_files::program;
use crate::storage::ledger::{Health as LedgerHealth, Ledger};
use crate::storage::records::Records;
use crate::storage::vault::{Dangling, Filed, Health as VaultHealth, Slot, Stored};
use crate::storage::{Store, ignore_block, receipt};

/// What was put right.
#[derive(Debug)]
pub enum Mended {
    /// The ignore block stands.
    Ignored,
    /// Our refs are hidden.
    Hidden,
    /// The guard starts this program.
    Guard,
    /// The vault is what our last writer left.
    VaultRecovered,
    /// Entries whose object is gone were dropped.
    Dropped(Vec<Dangling>),
    /// A lock that was left behind is gone.
    Unlocked(PathBuf),
    /// The ledger was made anew, of so many events; the old one's name.
    LedgerRebuilt(usize, Option<PathBuf>),
    /// The ledger can be written again.
    LedgerWritable,
    /// The vault has copies of these now.
    Deposited(Vec<RepoPath>),
}

/// Puts right what can be, of what was found; each thing for itself, with what was done or why it couldn't be.
pub fn mend(store: &Store, outcomes: &[Outcome]) -> Vec<(Check, Result<Mended>)> {
    let mut done = Vec::new();
    let rank = |problem: &Problem| match problem {
        Problem::StaleLock(_) => 0,
        Problem::Vault(_) => 1,
        Problem::Ledger(..) => 2,
        Problem::Stray(_) => 3,
        _ => 4,
    };
    let mut bad: Vec<(Check, &Problem)> = outcomes
        .iter()
        .filter_map(|outcome| match &outcome.state {
            State::Bad(problem) => Some((outcome.check, problem)),
            State::Good(_) => None,
        })
        .collect();
    bad.sort_by_key(|(_, problem)| rank(problem));
    for (check, problem) in bad {
        done.extend(one(store, problem).transpose().map(|result| (check, result)));
    }
    done
}

/// Puts one thing right; `None` if it is not ours to.
fn one(store: &Store, problem: &Problem) -> Result<Option<Mended>> {
    Ok(Some(match problem {
        Problem::NoIgnoreBlock => {
            ignore_block::ensure(&store.repository)?;
            Mended::Ignored
        }
        Problem::NotHidden => {
            hide_refs::ensure(&store.repository.git())?;
            Mended::Hidden
        }
        Problem::Guard(_) => {
            fsmonitor::set(&store.repository.git(), Place::Repository, &program::path()?)?;
            Mended::Guard
        }
        Problem::StaleLock(_) => return Ok(store.vault.unlock()?.map(Mended::Unlocked)),
        Problem::Vault(VaultHealth::Lost(_)) if store.vault.recover()? => Mended::VaultRecovered,
        Problem::Vault(VaultHealth::Lost(_) | VaultHealth::Dangling(_)) => {
            Mended::Dropped(store.vault.mend_all(&store.now)?)
        }
        Problem::Ledger(health, path) => return ledger(store, health, path),
        Problem::Stray(locations) => Mended::Deposited(deposit(store, locations)?),
        _ => return Ok(None),
    }))
}

fn ledger(store: &Store, health: &LedgerHealth, path: &Path) -> Result<Option<Mended>> {
    match health {
        LedgerHealth::Newer | LedgerHealth::Locked | LedgerHealth::Whole(_) => return Ok(None),
        LedgerHealth::ReadOnly(_) if make_writable(path)? => {
            return Ok(Some(Mended::LedgerWritable));
        }
        _ => {}
    }
    let events = events(store)?;
    let aside = Ledger::rebuild(&store.repository, &events, &store.now)?;
    Ok(Some(Mended::LedgerRebuilt(events.len(), aside)))
}

/// Gives its owner the right to write, if that was taken; whether it was.
fn make_writable(path: &Path) -> Result<bool> {
    if !std::fs::metadata(path)?.permissions().readonly() {
        return Ok(false);
    }
    let_owner_write(path).with_context(|| format!("{}", path.display()))?;
    Ok(true)
}

/// All that the vault and the files tell of what happened, oldest first.
fn events(store: &Store) -> Result<Vec<(Vec<u8>, Event)>> {
    let mut events = Vec::new();
    for stored in store.vault.snapshots(true).unwrap_or_default().iter().rev() {
        let worktree = stored.id.worktree.clone().unwrap_or_default();
        for filed in store.vault.files(stored).unwrap_or_default() {
            events.push((worktree.clone(), of_vault(store, stored, filed)));
        }
    }
    let own = store.repository.worktree.clone().unwrap_or_default();
    let no_records = Records { ledger: None, trouble: None, on_file: Vec::new() };
    for backup in backups::all(store, &no_records)? {
        events.push((own.clone(), found(store, &backup)));
    }
    Ok(events)
}

/// A version in the vault. That a file was made of it nobody knows any more, but clean-up looks for one in
/// every working tree under the name that it would have.
fn of_vault(store: &Store, stored: &Stored, filed: Filed) -> Event {
    let hex = filed.id.to_string();
    let moment = stored.id.time.naive().and_local_timezone(*store.now.offset()).single();
    let moment = moment.unwrap_or(store.now);
    let name = BackupName {
        original: filed.path.file_name().to_vec(),
        time: stored.id.time,
        artifact: ArtifactId::of_blob(&hex),
    };
    let is_elsewhere = stored.id.worktree != store.repository.worktree;
    let mut event = Event::new(EventKind::Found, &moment, filed.path);
    // Of this working tree's backups the files themselves tell.
    event.backup = is_elsewhere.then(|| name.to_bytes());
    event.size = store.vault.objects().blob_size(filed.id).ok();
    event.kind = (filed.slot == Slot::Worktree).then_some(Kind::Worktree);
    event.blob = Some(hex);
    event
}

/// A backup file that is there.
fn found(store: &Store, backup: &BackupFile) -> Event {
    let mut event = Event::new(EventKind::Found, &store.now, backup.path.clone());
    event.backup = Some(backup.name.to_bytes());
    event.size = Some(backup.stat.size);
    event.permissions = Some(backup.stat.permissions);
    event
}

/// Copies into the vault what it lacks, and puts it on record: the backups of which a copy is had now.
fn deposit(store: &Store, locations: &[RepoPath]) -> Result<Vec<RepoPath>> {
    let records = Records::open(&store.repository);
    let known = backups::known(store, &records);
    let mut stray = backups::all(store, &records)?;
    stray.retain(|backup| locations.contains(&backup.location()));
    let proofs = receipt::prove(store, stray.clone());
    let proven: Vec<RepoPath> = proofs.receipts.iter().map(receipt::Receipt::location).collect();
    stray.retain(|backup| {
        let location = backup.location();
        proven.contains(&location) && !known.contains(&location)
    });
    let events: Vec<Event> = stray.iter().map(|backup| found(store, backup)).collect();
    if !events.is_empty() {
        Ledger::open(&store.repository)?.record([], &events)?;
    }
    match proofs.unproven.into_iter().next() {
        Some((backup, error)) => {
            let name = String::from_utf8_lossy(&backup.name.to_bytes()).into_owned();
            Err(error.context(name))
        }
        None => Ok(proven),
    }
}
