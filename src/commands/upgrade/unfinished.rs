//! Upgrades that were left unfinished: naming them, and ending them one way or the other.

use anyhow::{Result, bail};

use super::{back_up, commit, conclude, conclude_commit, roll_back, undo};
use crate::commands::Session;
use crate::exit_status::ExitStatus;
use crate::model::events::failure::Tried;
use crate::model::transaction::{Step, Transaction};
use crate::os::process;
use crate::term;
use crate::term::rollback::{how_to_end, unfinished};
use crate::transaction;
use crate::transaction::{Lock, Upgrade};

/// Takes the lock for a new upgrade. One under way, and one left unfinished, are errors.
pub fn lock(session: &Session) -> Result<Lock> {
    let Some(lock) = transaction::lock(&session.store.repository)? else {
        bail!("another apply, run or undo is under way in this working tree: wait for it to end");
    };
    settle(session)?;
    if let Some(left) = transaction::read(&session.store.repository)? {
        bail!("{}: end it first: {}", unfinished(&left), how_to_end(left.tried));
    }
    Ok(lock)
}

/// Takes the lock, and what was left unfinished. A command that still runs is an error: it would go on
/// changing files.
fn take_over(session: &Session) -> Result<Option<(Lock, Transaction)>> {
    let Some(lock) = transaction::lock(&session.store.repository)? else {
        bail!("it is still under way: end it there, with Ctrl-C");
    };
    if settle(session)? {
        return Ok(None);
    }
    let Some(left) = transaction::read(&session.store.repository)? else { return Ok(None) };
    if left.tried == Tried::Undo {
        bail!("{}: end it first: {}", unfinished(&left), how_to_end(left.tried));
    }
    if let Some(command) = left.command.filter(|command| !process::ends_soon(command)) {
        bail!("its command still runs, as process {}: end that first", command.pid);
    }
    Ok(Some((lock, left)))
}

/// Says that an upgrade was left unfinished, if one was.
pub fn name_unfinished(session: &Session) {
    let repository = &session.store.repository;
    match transaction::read(repository) {
        Ok(Some(left)) if !transaction::is_live(&left) => {
            let lock = transaction::lock(repository);
            let is_settled = matches!(lock, Ok(Some(_))) && settle(session).unwrap_or(false);
            if !is_settled {
                session.term.unfinished(&left);
            }
        }
        Ok(_) => {}
        Err(error) => term::fatal(&error),
    }
}

/// Ends what was left unfinished if a commit holds all of it by now; whether that was so. The caller has
/// the lock.
fn settle(session: &Session) -> Result<bool> {
    let Some(left) = transaction::read(&session.store.repository)? else { return Ok(false) };
    let Some(commit) = commit::committed(session, &left)? else { return Ok(false) };
    session.term.was_committed(&commit);
    commit::let_go(session, &left, &commit);
    transaction::forget(&session.store.repository)?;
    Ok(true)
}

/// `--abort`: puts back what an upgrade that was left unfinished has changed.
pub fn abort(session: &Session) -> Result<ExitStatus> {
    let Some((lock, left)) = take_over_or_up(session)? else { return nothing_left(session) };
    let mut upgrade = Upgrade::take_over(&session.store, lock, left)?;
    commit::forget_announced(session, &mut upgrade)?;
    if upgrade.record.tried == Tried::Run {
        return undo::undo(session, upgrade, None);
    }
    match roll_back(session, &mut upgrade)? {
        // It was asked for.
        ExitStatus::No => Ok(ExitStatus::Done),
        other => Ok(other),
    }
}

/// The same, or a run that is over but whose end has left all as it was.
fn take_over_or_up(session: &Session) -> Result<Option<(Lock, Transaction)>> {
    match take_over(session)? {
        None if take_up_again(session)? => take_over(session),
        left => Ok(left),
    }
}

fn take_up_again(session: &Session) -> Result<bool> {
    let repository = &session.store.repository;
    let lock = transaction::lock(repository)?;
    Ok(lock.is_some() && transaction::take_up_again(repository))
}

/// `--continue`: does what an upgrade that was left unfinished did not come to.
pub fn proceed(session: &Session) -> Result<ExitStatus> {
    let Some((lock, left)) = take_over(session)? else { return nothing_left(session) };
    let mut upgrade = Upgrade::take_over(&session.store, lock, left)?;
    if upgrade.record.tried == Tried::Apply {
        if upgrade.record.step == Step::Apply {
            // Those whose turn had not come have no backup yet.
            let artifact = upgrade.record.artifacts.first().copied();
            let paths = upgrade.unchanged_files()?;
            back_up(session, &mut upgrade, paths, artifact)?;
        }
        upgrade.complete()?;
    }
    if upgrade.record.step == Step::Commit {
        return conclude_commit(session, upgrade);
    }
    conclude(session, upgrade)
}

fn nothing_left(session: &Session) -> Result<ExitStatus> {
    session.term.nothing_unfinished();
    Ok(ExitStatus::Done)
}
