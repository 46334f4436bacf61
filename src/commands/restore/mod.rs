//! restore: put a version back in its place.
//!
//! - `open`: what is put back without `--from`: the newest uncommitted versions; `as_of`: for `--at`; `staged`: for `--staged`;
//!   `patch`: for `-p`;
//! - `plan`: what is about to be done, and what is asked first.
//!
//! Order of steps, and why it is safe: every file is chosen and every target looked at before the first
//! is written, and what the user hasn't named file by file, or has edits of its own, is asked about; what
//! will be overwritten is backed up in one snapshot; a file of which that did not work is not written; then
//! each is written in one step (see `backups::restore`).

use std::collections::HashSet;

use anyhow::Result;

use super::Session;
use crate::backups::restore;
use crate::backups::restore::Present;
use crate::backups::versions::Version;
use crate::backups::versions::work::Commits;
use crate::cli::{RestoreArgs, UndoArgs};
use crate::commands::choice::pick::Picked;
use crate::commands::choice::{paths, pick, resolve};
use crate::commands::undo;
use crate::exit_status::{ExitStatus, UsageError};
use crate::git::config::fsmonitor;
use crate::git::config::fsmonitor::Monitor;
use crate::git::objects::Oid;
use crate::model::events::event::Kind;
use crate::model::events::line::What;
use crate::model::names::repo_path::RepoPath;
use crate::snapshot;
use crate::snapshot::plan::{From, Wanted};
use crate::snapshot::{Request, audit};
use crate::term::picker::screen;
use crate::transaction;
use crate::transaction::moments;

mod as_of;
mod open;
mod patch;
mod plan;
mod staged;

use plan::{Put, RestorePlan, put_line};

pub fn run(session: &Session, args: &RestoreArgs) -> Result<ExitStatus> {
    if args.staged {
        return staged::run(session, args);
    }
    if args.patch {
        return patch::run(session, args);
    }
    let plan = if args.interactive || (args.names_nothing() && screen::is_there()) {
        match pick::pick(session, &args.files)? {
            None => {
                session.term.nothing_picked();
                return Ok(ExitStatus::No);
            }
            Some(Picked::Version(version)) => one(session, &version)?,
            Some(Picked::Files(paths)) => open::each(session, &paths)?,
            Some(Picked::Event(id)) => {
                let (yes, dry_run) = (args.yes, args.dry_run);
                let undo = UndoArgs { moment: Some(id), yes, dry_run, ..UndoArgs::default() };
                return undo::run(session, &undo);
            }
        }
    } else if args.names_nothing() {
        let text = "name the file to restore, or use --all: git bak list shows what there is";
        return Err(UsageError(text.into()).into());
    } else if let Some(word) = &args.from {
        let files = files(session, args)?;
        if files.len() > 1 {
            return Err(UsageError("--from names one backup: name one file, or none".into()).into());
        }
        one(session, &resolve::backup(session, word, files.first())?)?
    } else if let Some(word) = &args.at {
        as_of::plan(session, args, word)?
    } else {
        open::plan(session, args)?
    };
    let RestorePlan { puts, status, may_miss_edits, .. } = plan.agreed(session, args)?;
    let done = put_back(session, &puts)?;
    if may_miss_edits {
        name_missing_guard(session)?;
    }
    Ok(done.and(status))
}

/// Without the guard nobody saw what was edited between the last copy and the loss.
fn name_missing_guard(session: &Session) -> Result<()> {
    if fsmonitor::read(&session.store.repository.git())? == Monitor::None {
        session.term.guard_is_off();
    }
    Ok(())
}

/// The very version that was asked for.
fn one(session: &Session, version: &Version) -> Result<RestorePlan> {
    let put = Put::of(session, version.clone())?;
    if put.is_none() {
        session.term.already(version);
    }
    Ok(RestorePlan { puts: put.into_iter().collect(), ..RestorePlan::default() })
}

/// Puts the versions in their places.
fn put_back(session: &Session, differing: &[Put]) -> Result<ExitStatus> {
    if differing.is_empty() {
        return Ok(ExitStatus::Done);
    }
    let progress = session.term.progress("backing up what is there");
    let kept = back_up(session, differing)?;
    drop(progress);
    let tree = transaction::tree(&session.store)?;
    let stands = |path| moments::recorded(&session.store, path, tree.read(path)?);
    let (mut done, mut shown, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    let mut failed = false;
    let progress = session.term.progress("restoring");
    progress.of(differing.len());
    let commits = Commits::of(&session.store);
    for put in differing {
        let Put { version, bytes, since, .. } = put;
        progress.step();
        // What stands there now must be what was backed up: an editor may have saved it just then.
        if present_id(session, &version.path)?
            .is_some_and(|id| !kept.contains(&(version.path.clone(), id)))
        {
            failed = true;
            session.term.not_restored(&version.path);
            continue;
        }
        let before = stands(&version.path)?;
        match restore::put(&session.store, version, bytes) {
            Ok(()) => {
                shown.push(put_line(put));
                let commit =
                    since.as_ref().and_then(|since| commits.changed_since(&version.path, since));
                changed.extend(commit.map(|commit| (&version.path, commit)));
                done.push((version.path.clone(), before, stands(&version.path)?));
            }
            Err(error) => {
                failed = true;
                crate::term::fatal(&error.context(session.term.path(&version.path)));
            }
        }
    }
    drop(progress);
    session.term.restored(&shown);
    session.term.changed_since(&changed);
    if !done.is_empty() {
        let line = moments::line(&session.store, What::Restored, "restore", done.into_iter());
        session.append(vec![line]);
    }
    Ok(if failed { ExitStatus::Failed } else { ExitStatus::Done })
}

fn files(session: &Session, args: &RestoreArgs) -> Result<Vec<RepoPath>> {
    args.files.iter().map(|file| paths::file(session, file)).collect()
}

/// The blob id of what stands there now, if it is a file.
fn present_id(session: &Session, path: &RepoPath) -> Result<Option<Oid>> {
    let bytes = session.present(path)?;
    bytes.map(|bytes| session.store.objects.hash(&bytes)).transpose()
}

/// Backs up what is about to be overwritten, but for what HEAD has; the paths that were, each with its blob id.
fn back_up(session: &Session, chosen: &[Put]) -> Result<HashSet<(RepoPath, Oid)>> {
    let (mut wanted, mut had) = (Vec::new(), Vec::new());
    for Put { version, .. } in chosen {
        if matches!(session.look(&version.path)?, Present::File(_)) {
            let (path, from) = (version.path.clone(), From::WorkingTree);
            if let Some(id) = present_id(session, &path)?
                && audit::is_committed(&session.store, &path, &id.to_string())
            {
                had.push((path, id));
                continue;
            }
            wanted.push(Wanted { path, kind: Kind::Manual, from });
        }
    }
    let cause = "before restore".to_owned();
    let request = Request { wanted, cause, ..Request::default() };
    let mut taken = snapshot::take(&session.store, &request)?;
    session.term.snapshot(&taken);
    taken.read.extend(had);
    Ok(taken.read)
}
