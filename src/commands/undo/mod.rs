//! undo: take back what has just taken work.
//!
//! - `plan`: what is about to be done to each file;
//! - `way`: what stands in its way, and is nobody's work;
//! - `swap`: doing it, or finishing one that was killed.
//!
//! Order of steps, and why it is safe: every file of the moment is looked at, and must be what the moment left, or
//! nothing is done; it is shown and asked about; what will be overwritten goes into the vault; then all of it is one
//! transaction (see `transaction`): it is written down, each file is swapped in only while it is what was looked at,
//! and one that isn't any more puts the others back as they were. Then all is looked at, and the record says so: the
//! undo is a moment itself. A process that dies on the way leaves what the next undo brings to its end.

use std::collections::HashSet;

use anyhow::{Result, bail};

use super::Session;
use crate::cli::{LogArgs, UndoArgs};
use crate::commands::choice::selection::Selection;
use crate::commands::choice::{paths, times};
use crate::exit_status::{ExitStatus, NothingFound, UsageError};
use crate::model::events::agent_note::AgentNote;
use crate::model::events::failure::Tried;
use crate::model::names::repo_path::RepoPath;
use crate::os::child;
use crate::term;
use crate::term::restore::is_yes;
use crate::term::rollback::{how_to_end, unfinished};
use crate::transaction;
use crate::transaction::moments::{Moments, TakenMoment};

pub(super) mod plan;
mod swap;
mod way;

use plan::UndoPlan;
use swap::{mend, take_back};

pub fn run(session: &Session, args: &UndoArgs) -> Result<ExitStatus> {
    if args.list {
        let all = LogArgs { json: args.json, ..LogArgs::default() };
        return list(session, &all);
    }
    child::watch();
    let Some(lock) = transaction::lock(&session.store.repository)? else {
        bail!("another apply, run or undo is under way in this working tree: wait for it to end");
    };
    if let Some(left) = transaction::read(&session.store.repository)? {
        if left.tried != Tried::Undo {
            bail!("{}: end it first: {}", unfinished(&left), how_to_end(left.tried));
        }
        return mend(session, lock, left);
    }
    let moments = Moments::of(&session.store)?;
    let moment = match &args.session {
        Some(word) => of_session(session, &moments, word)?,
        None => meant(session, &moments, args)?,
    };
    let is_newest = args.moment.is_none() && args.session.is_none() && !args.redo;
    let forced = args.force.iter().map(|file| paths::file(session, file));
    let forced: HashSet<RepoPath> = forced.collect::<Result<_>>()?;
    if is_newest && moments.is_before_a_commit(&moment) {
        session.term.before_a_commit(&moment);
        return Ok(ExitStatus::No);
    }
    let plan = UndoPlan::of(session, &moments, &moment, &forced)?;
    if let Some(moved) = moments.head_moved(&moment)
        && !moment.files.iter().all(|file| forced.contains(&file.path))
    {
        session.term.head_moved_since(&moment, &moved, args.moment.is_some());
        return Ok(ExitStatus::No);
    }
    if !plan.changed.is_empty() {
        session.term.changed_meanwhile(&moment, &plan.changed, args.moment.is_some());
        return Ok(ExitStatus::No);
    }
    if plan.puts.is_empty() {
        return Err(NothingFound("nothing to undo: all of it is there".into()).into());
    }
    session.term.would_undo(&moment, &plan.shown(session.term.how_many(plan.puts.len())));
    if args.dry_run || !agreed(session, args)? {
        return Ok(if args.dry_run { ExitStatus::Done } else { ExitStatus::No });
    }
    take_back(session, lock, &plan, &moment)
}

/// All that an agent did in the session that begins so.
pub(super) fn of_session<'a>(
    session: &Session,
    moments: &Moments<'a>,
    word: &str,
) -> Result<TakenMoment<'a>> {
    let all = moments.sessions();
    let begins = |it: &&AgentNote| !word.is_empty() && it.session.starts_with(word);
    let found: Vec<&AgentNote> = match all.iter().find(|it| it.session == word) {
        Some(exact) => vec![*exact],
        None => all.iter().copied().filter(begins).collect(),
    };
    let [found] = found[..] else {
        let mut elsewhere = session.store.records.all().lines().iter();
        if found.is_empty()
            && elsewhere.any(|line| line.agent.as_ref().is_some_and(|it| it.session == word))
        {
            let text = format!("'{word}' is a session of another working tree: run it there");
            return Err(NothingFound(text).into());
        }
        let known = if found.is_empty() { &all } else { &found };
        return Err(NothingFound(term::undo::no_such_session(word, known)).into());
    };
    let nothing = || format!("nothing of session {} is left to take back", found.session);
    moments.session(&found.session).ok_or_else(|| NothingFound(nothing()).into())
}

/// The moment to take back.
fn meant<'a>(
    session: &'a Session,
    moments: &Moments<'a>,
    args: &UndoArgs,
) -> Result<TakenMoment<'a>> {
    let nothing = |text: &str| NothingFound(text.to_owned()).into();
    let Some(word) = &args.moment else {
        return match args.redo {
            true => moments.newest_undo().ok_or_else(|| nothing("nothing to redo")),
            false => moments.newest().ok_or_else(|| {
                nothing("nothing to undo; work that is missing all the same: git bak restore --all")
            }),
        };
    };
    named(session, moments, word)
}

/// The moment that the list calls so.
pub(super) fn named<'a>(
    session: &'a Session,
    moments: &Moments<'a>,
    word: &str,
) -> Result<TakenMoment<'a>> {
    let nothing = |text: &str| NothingFound(text.to_owned()).into();
    let Some(moment) = moments.named(word) else {
        let mut all = session.store.records.all().lines().iter();
        let elsewhere = all.rfind(|line| line.moment.as_deref() == Some(word));
        let own = session.store.record.known_worktree().unwrap_or_default();
        let text = match elsewhere.filter(|line| line.worktree != own) {
            Some(_) => format!(
                "'{word}' is a moment of another working tree: run git bak undo {word} there"
            ),
            None => format!("'{word}' names nothing that can be undone: git bak undo --list"),
        };
        return Err(nothing(&text));
    };
    if moment.is_undone {
        return Err(nothing(&format!("{word} is undone already")));
    }
    Ok(moment)
}

fn agreed(session: &Session, args: &UndoArgs) -> Result<bool> {
    if args.yes {
        return Ok(true);
    }
    match term::ask("undo this? [y/N] ") {
        Some(answer) if is_yes(&answer) => Ok(true),
        Some(_) => {
            session.term.nothing_undone();
            Ok(false)
        }
        None => Err(UsageError("not a terminal: add --yes to confirm".into()).into()),
    }
}

/// `--list`, and `log --moments`.
pub fn list(session: &Session, args: &LogArgs) -> Result<ExitStatus> {
    let selected = Selection::of(session, &args.paths)?;
    let moments = Moments::of(&session.store)?;
    let since = args.since.as_deref().map(|word| times::since(session, word)).transpose()?;
    let has = |moment: &TakenMoment<'_>| {
        since.is_none_or(|since| moment.line.time >= since)
            && moment.files.iter().any(|file| selected.has(&file.path))
    };
    let all = moments.all().filter(has).take(args.number.unwrap_or(usize::MAX));
    let all: Vec<TakenMoment<'_>> = all.collect();
    let touched = all.iter().flat_map(|moment| &moment.files).map(|file| file.path.clone());
    let status = selected.name_unknown(session, touched);
    if args.json {
        term::print(term::json::moments_json(&all).as_bytes())?;
    } else if !all.is_empty() {
        let page = session.page();
        page.show(&session.term.moments(&all, &session.store.now, &page))?;
    } else if status == ExitStatus::Done {
        session.term.no_moments();
    }
    Ok(status)
}
