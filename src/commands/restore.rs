//! restore: put a version back in its place.
//!
//! Order of steps, and why it is safe: every file is chosen and every target looked at before the first
//! is written, so that a wrong word changes nothing; what will be overwritten is backed up in one
//! snapshot; a file of which that did not work is not written; then each is written in one step (see
//! `backups::restore`).

use std::collections::HashSet;

use anyhow::Result;

use super::Session;
use crate::backups::restore;
use crate::backups::restore::Present;
use crate::backups::versions::Version;
use crate::cli::RestoreArgs;
use crate::commands::choice::resolve::Moment;
use crate::commands::choice::{paths, pick, resolve, whole_snapshot};
use crate::exit_status::{ExitStatus, NothingFound, UsageError};
use crate::git::objects::Oid;
use crate::model::events::event::{Event, EventKind, Kind};
use crate::model::names::repo_path::RepoPath;
use crate::snapshot;
use crate::snapshot::Request;
use crate::snapshot::plan::{From, Wanted};
use crate::term::picker::screen;

pub fn run(session: &Session, args: &RestoreArgs) -> Result<ExitStatus> {
    let nothing_named =
        args.files.is_empty() && args.from.is_none() && args.at.is_none() && !args.all;
    let chosen = if args.interactive || (nothing_named && screen::is_there()) {
        let Some(version) = pick::version(session, &files(session, args)?)? else {
            session.term.nothing_picked();
            return Ok(ExitStatus::No);
        };
        vec![version]
    } else {
        choose(session, args)?
    };
    let progress = session.term.progress("reading the backups");
    let chosen = with_bytes(session, chosen)?;
    drop(progress);
    put_back(session, chosen)
}

/// Puts the versions in their places, those that differ from what is there.
fn put_back(session: &Session, chosen: Vec<(Version, Vec<u8>)>) -> Result<ExitStatus> {
    let mut differing = Vec::new();
    for (version, bytes) in chosen {
        let present = session.present(&version.path)?;
        if present.is_some_and(|present| present == bytes) {
            session.term.same_already(&version.path);
        } else {
            differing.push((version, bytes));
        }
    }
    if differing.is_empty() {
        return Ok(ExitStatus::Done);
    }
    let progress = session.term.progress("backing up what is there");
    let kept = back_up(session, &differing)?;
    drop(progress);
    let mut events = Vec::new();
    let mut failed = false;
    let progress = session.term.progress("restoring");
    progress.of(differing.len());
    for (version, bytes) in &differing {
        progress.step();
        // What stands there now must be what was backed up: somebody may have saved it just then.
        if present_id(session, &version.path)?
            .is_some_and(|id| !kept.contains(&(version.path.clone(), id)))
        {
            failed = true;
            session.term.not_restored(&version.path);
            continue;
        }
        match restore::put(&session.store, version, bytes) {
            Ok(()) => {
                session.term.restored(version);
                events.push(restored(session, version));
            }
            Err(error) => {
                failed = true;
                crate::term::fatal(&error.context(session.term.path(&version.path)));
            }
        }
    }
    session.record(&events);
    Ok(if failed { ExitStatus::Failed } else { ExitStatus::Done })
}

fn files(session: &Session, args: &RestoreArgs) -> Result<Vec<RepoPath>> {
    args.files.iter().map(|file| paths::file(session, file)).collect()
}

fn choose(session: &Session, args: &RestoreArgs) -> Result<Vec<Version>> {
    let mut files = files(session, args)?;
    let mut chosen = Vec::new();
    if args.all {
        chosen = whole_snapshot::choose(session, args, &files)?;
    } else if let Some(word) = &args.from {
        if files.len() > 1 {
            return Err(UsageError("--from names one backup: name one file, or none".into()).into());
        }
        chosen.push(resolve::backup(session, word, files.first())?);
    } else {
        if files.is_empty() {
            let text =
                "name the file to restore, or use --all: git bak list --vault shows what there is";
            return Err(UsageError(text.into()).into());
        }
        let at = args.at.as_deref().map(|word| resolve::moment(session, word)).transpose()?;
        at.iter().for_each(|at| session.term.as_of(at.local));
        let mut seen = HashSet::new();
        files.retain(|path| seen.insert(path.clone()));
        for path in files {
            chosen.extend(best(session, &path, at)?);
        }
    }
    Ok(chosen)
}

/// The versions with their bytes, once it is seen that each can be put in its place.
fn with_bytes(session: &Session, chosen: Vec<Version>) -> Result<Vec<(Version, Vec<u8>)>> {
    chosen
        .into_iter()
        .map(|version| {
            session.look(&version.path)?;
            let bytes = session.bytes(&version)?;
            Ok((version, bytes))
        })
        .collect()
}

/// The newest version of `path` that differs from the file, or the newest at or before `at`. If all are
/// equal to the file it says so, and there is nothing to do.
fn best(session: &Session, path: &RepoPath, at: Option<Moment>) -> Result<Option<Version>> {
    let mut versions = resolve::versions_of(session, path);
    // What is doubtful comes last, and is taken only where nothing else is of the time asked for.
    versions
        .retain(|version| at.map_or(!version.is_doubtful, |at| version.instant() <= at.instant));
    if versions.is_empty() {
        let path = session.term.path(path);
        let text = match at {
            Some(at) => {
                format!("{path}: there is no backup of it at or before {}", at.local.for_people())
            }
            None => {
                format!("{path}: there is no backup of it: git bak list --vault shows all there is")
            }
        };
        return Err(NothingFound(text).into());
    }
    let present = session.present(path)?;
    let is_there = |version: &Version| {
        present.as_ref().is_some_and(|bytes| version.is_same_as(&session.store, bytes))
    };
    let found = match at {
        Some(_) => versions.into_iter().next(),
        None => versions.into_iter().find(|version| !is_there(version)),
    };
    if found.is_none() {
        session.term.same_already(path);
    }
    Ok(found)
}

/// The blob id of what stands there now, if it is a file.
fn present_id(session: &Session, path: &RepoPath) -> Result<Option<Oid>> {
    let bytes = session.present(path)?;
    bytes.map(|bytes| session.store.objects.hash(&bytes)).transpose()
}

/// Backs up what is about to be overwritten; the paths of which that worked, each with its blob id.
fn back_up(session: &Session, chosen: &[(Version, Vec<u8>)]) -> Result<HashSet<(RepoPath, Oid)>> {
    let mut wanted = Vec::new();
    for (version, _) in chosen {
        if matches!(session.look(&version.path)?, Present::File(_)) {
            let (path, from) = (version.path.clone(), From::WorkingTree);
            wanted.push(Wanted { path, kind: Kind::Manual, from });
        }
    }
    let cause = "before restore".to_owned();
    let request = Request { wanted, cause, ..Request::default() };
    let taken = snapshot::take(&session.store, &request)?;
    session.term.snapshot(&taken);
    Ok(taken.read)
}

fn restored(session: &Session, version: &Version) -> Event {
    let mut event = Event::new(EventKind::Restored, &session.store.now, version.path.clone());
    event.blob = Some(version.id.to_string());
    event.clean = version.clean;
    event.size = Some(version.size);
    event
}
