//! run: any command that changes files, as one transaction.
//!
//! - `command`: starting it.
//!
//! Order of steps, and why it is safe: the lock, so that no other upgrade begins; then all that is
//! uncommitted is saved, and what can't be is a reason not to begin, as are edits that a commit would take along; then
//! it is written down (see `transaction`), and backed up as before a commit; only then the command is started. If it
//! fails, or the test does, or a signal comes, everything is undone; if the commit fails what was changed stays, and so
//! does the record by which it can be undone.

use anyhow::{Result, bail};

use super::{Session, upgrade};
use crate::backups::Store;
use crate::cli::RunArgs;
use crate::exit_status::{ExitStatus, UsageError};
use crate::git::commit;
use crate::git::survey::committed;
use crate::model::events::event::EventKind;
use crate::model::events::failure::Tried;
use crate::model::names::repo_path::RepoPath;
use crate::model::settings::{Scope, Settings};
use crate::model::transaction::{State, Transaction};
use crate::os::{child, process};
use crate::snapshot;
use crate::snapshot::Request;
use crate::snapshot::plan;
use crate::snapshot::plan::From;
use crate::transaction;
use crate::transaction::{Before, Upgrade};

mod command;

/// As long as the first line of a message should be, in characters.
const TITLE: usize = 72;

pub fn run(session: &Session, args: &RunArgs) -> Result<ExitStatus> {
    child::watch();
    if args.abort {
        return upgrade::abort(session);
    }
    if args.proceed {
        return upgrade::proceed(session);
    }
    let wishes = RunWishes::of(args, &session.store.settings)?;
    let lock = upgrade::lock(session)?;
    may_commit(session, &wishes)?;
    // What it has saved is of no use if nothing is run; the next run would overwrite it.
    let forget = || transaction::forget(&session.store.repository);
    let before = observe(session, args).inspect_err(|_| drop(forget()))?;
    if commits_more(session, &wishes, &before).inspect_err(|_| drop(forget()))? {
        forget()?;
        return Ok(ExitStatus::No);
    }
    let work = before.around.files.iter().filter(|(_, stood)| stood.is_work);
    let files: Vec<RepoPath> = work.map(|(path, _)| path.clone()).collect();
    session.earlier_failures(&files);
    session.term.running("Run", &command::line(&args.command));
    let mut upgrade = Upgrade::begin(&session.store, lock, record(session, &before, wishes))?;
    let backed_up = back_up(session, &mut upgrade, &before);
    if let Err(error) = backed_up.and_then(|()| upgrade.surround(before.around)) {
        // Nothing was changed.
        upgrade.finish()?;
        return Err(error);
    }
    match command::run(session, &mut upgrade, &args.command) {
        Ok(()) => upgrade::conclude(session, upgrade),
        Err(failed) if failed.was_started => {
            upgrade::stop(session, upgrade, &failed.stopped)?;
            Ok(ExitStatus::Command(failed.status))
        }
        Err(failed) => {
            session.term.step_failed(&failed.stopped.reason);
            upgrade.finish()?;
            Ok(ExitStatus::Command(failed.status))
        }
    }
}

/// What else to do, from the command line or the settings.
struct RunWishes {
    include_dirty: bool,
    test: Option<String>,
    commit: Option<String>,
}

impl RunWishes {
    fn of(args: &RunArgs, settings: &Settings) -> Result<Self> {
        let commits = args.commit || settings.apply_commit && !args.no_commit;
        if args.message.is_some() && !commits {
            return Err(UsageError("-m is the message of a commit: add --commit".into()).into());
        }
        if args.message.as_ref().is_some_and(|message| message.trim().is_empty()) {
            return Err(UsageError("-m: the message is empty".into()).into());
        }
        // An empty one takes back what the settings say.
        let test = args.test.clone().or_else(|| settings.apply_test.clone());
        let title = || title(&args.command);
        Ok(Self {
            include_dirty: args.include_dirty,
            test: test.filter(|line| !line.trim().is_empty()),
            commit: commits.then(|| args.message.clone().unwrap_or_else(title)),
        })
    }
}

/// The commit's title without a message from the user: the command, as far as it fits.
fn title(words: &[std::ffi::OsString]) -> String {
    let line = format!("Run {}", command::line(words)).replace('\n', " ");
    if line.chars().count() <= TITLE {
        return line;
    }
    line.chars().take(TITLE - 1).chain(['…']).collect()
}

fn may_commit(session: &Session, wishes: &RunWishes) -> Result<()> {
    if wishes.commit.is_some()
        && let Some(reason) = commit::obstacle(&session.store.repository)
    {
        bail!("no commit can be made now: {reason}");
    }
    Ok(())
}

/// Names the files whose earlier edits the commit would take along; whether there are any.
fn commits_more(session: &Session, wishes: &RunWishes, before: &Before) -> Result<bool> {
    if wishes.commit.is_none() || wishes.include_dirty || before.doubtful.is_empty() {
        return Ok(false);
    }
    let Store { repository, objects, refs, .. } = &session.store;
    let differing = committed::differing(repository, objects, refs.head()?, &before.doubtful)?;
    let mut files: Vec<RepoPath> = differing.into_iter().collect();
    files.sort();
    session.term.would_be_committed(&files);
    Ok(!files.is_empty())
}

/// Saves what is uncommitted; an error if there is work that could not be put back.
fn observe(session: &Session, args: &RunArgs) -> Result<Before> {
    let before = transaction::observe(&session.store, &session.entries)?;
    session.term.not_saved(&before.too_much, args.force);
    if before.too_much.is_empty() || args.force {
        return Ok(before);
    }
    bail!("nothing was run: commit or move them, or use --force to run without a way back for them")
}

fn record(session: &Session, before: &Before, wishes: RunWishes) -> Transaction {
    let now = &session.store.now;
    let began = (now.timestamp(), now.offset().local_minus_utc());
    Transaction {
        head: before.head.clone(),
        include_dirty: wishes.include_dirty,
        test: wishes.test,
        commit: wishes.commit,
        ..Transaction::new(Tried::Run, process::own(), began)
    }
}

/// Backs up what is uncommitted, as before a commit.
fn back_up(session: &Session, upgrade: &mut Upgrade<'_>, before: &Before) -> Result<()> {
    let mut wanted = plan::of_scope(&session.store, &before.survey, Scope::All).wanted;
    let is_file = |path: &RepoPath| {
        let stood = before.around.files.get(path);
        stood.is_some_and(|stood| matches!(stood.state, Some(State::File { .. })))
    };
    // A link is on record, and no file.
    wanted.retain(|wanted| wanted.from != From::WorkingTree || is_file(&wanted.path));
    let taken = snapshot::take(
        &session.store,
        &Request { wanted, cause: "run".to_owned(), ..Request::default() },
    )?;
    session.term.saved(&taken);
    if let Some((path, reason)) = taken.unprotected.first() {
        bail!("{}: it could not be backed up: {reason}", session.term.path(path));
    }
    let stands_on = taken
        .events
        .iter()
        .filter(|event| matches!(event.what, EventKind::Created | EventKind::Duplicate));
    let backups = stands_on.filter_map(|event| Some((event.path.clone(), event.backup.clone()?)));
    upgrade.record.backups.extend(backups);
    if upgrade.record.backups.is_empty() { Ok(()) } else { upgrade.save() }
}
