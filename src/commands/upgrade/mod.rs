//! What `apply` and `run` share: the commands around a change, its commit, its undoing.
//!
//! - `commit`: the commit at its end; `undo`: putting everything back;
//! - `unfinished`: `--abort` and `--continue`.

use anyhow::{Result, bail};

use super::Session;
use crate::exit_status::ExitStatus;
use crate::model::events::event::{Event, EventKind, Kind};
use crate::model::events::failure::{Failure, Tried};
use crate::model::events::line::What;
use crate::model::names::artifact::ArtifactId;
use crate::model::names::repo_path::RepoPath;
use crate::model::transaction::{State, Step};
use crate::os::child::{self, Ended};
use crate::os::private;
use crate::snapshot;
use crate::snapshot::Request;
use crate::snapshot::plan::{From, Wanted};
use crate::term::upgrade::pass_on;
use crate::transaction::{Changes, Interrupted, Upgrade, moments};

mod commit;
mod undo;
mod unfinished;

pub use commit::none_skipped;
pub use unfinished::{abort, lock, name_unfinished, proceed};

#[derive(Debug)]
pub struct Stopped {
    pub step: &'static str,
    /// Its exit status, if something ran.
    pub status: Option<i32>,
    /// The tail of what it printed.
    pub output: Vec<u8>,
    pub reason: String,
}

impl Stopped {
    /// An error of ours in this step; a signal makes it an interruption.
    pub fn by(step: &'static str, error: &anyhow::Error) -> Self {
        let reason = format!("{error:#}");
        if let Some(signal) = child::interrupted() {
            let status = Some(128 + signal);
            let reason = if error.is::<Interrupted>() { "interrupted".to_owned() } else { reason };
            return Self { step: "interrupted", status, output: Vec::new(), reason };
        }
        Self { step, status: None, output: Vec::new(), reason }
    }

    /// A command that failed, or was interrupted.
    pub fn of(step: &'static str, what: &str, ended: Ended) -> Self {
        let Ended { status, interrupted, output } = ended;
        let output = if step == "commit" { without_ours(&output) } else { output };
        let (step, reason) = match interrupted {
            true => ("interrupted", format!("{what}: interrupted")),
            false => (step, format!("{what}: failed with exit status {status}")),
        };
        Self { step, status: Some(status), output, reason }
    }
}

/// Backs up files that are about to be changed, under the id of what changes them; an error if one of them
/// can't be. The record names the backups then.
pub fn back_up(
    session: &Session,
    upgrade: &mut Upgrade<'_>,
    paths: Vec<RepoPath>,
    artifact: Option<ArtifactId>,
) -> Result<()> {
    let (kind, from) = (Kind::Apply, From::WorkingTree);
    let wanted = paths.into_iter().map(|path| Wanted { path, kind, from: from.clone() });
    let cause = "apply".to_owned();
    let request = Request { wanted: wanted.collect(), artifact, cause, ..Request::default() };
    session.store.backups.look_again();
    let taken = snapshot::take(&session.store, &request)?;
    session.term.backed_up(&taken);
    if let Some((path, reason)) = taken.unprotected.first() {
        bail!("{}: it could not be backed up: {reason}", session.term.path(path));
    }
    let stands_on =
        |event: &&Event| matches!(event.what, EventKind::Created | EventKind::Duplicate);
    let backups = taken.events.iter().filter(stands_on);
    let named = backups.filter_map(|event| Some((event.path.clone(), event.backup.clone()?)));
    upgrade.record.backups.extend(named);
    upgrade.save()
}

/// What a commit printed, without what our own hooks said: that is no reason to fail.
fn without_ours(output: &[u8]) -> Vec<u8> {
    let lines = output.split_inclusive(|&byte| byte == b'\n');
    lines.filter(|line| !line.starts_with(b"git-bak ")).collect::<Vec<_>>().concat()
}

/// Runs a step's command in the working tree.
pub fn run_step(
    session: &Session,
    upgrade: &mut Upgrade<'_>,
    step: Step,
    line: Option<&str>,
) -> Result<(), Stopped> {
    let Some(line) = line else { return Ok(()) };
    let (name, what) = match step {
        Step::Reload => ("reload", "Reload"),
        _ => ("test", "Test"),
    };
    upgrade.begin_step(step).map_err(|error| Stopped::by(name, &error))?;
    let mut command = child::shell(line);
    command.current_dir(&session.store.repository.top);
    run_command(session, (name, what, line), command)
}

/// Runs a command of the user's: its name as a step, what it is called, its line.
pub fn run_command(
    session: &Session,
    (name, what, line): (&'static str, &str, &str),
    command: std::process::Command,
) -> Result<(), Stopped> {
    session.term.running(what, line);
    let ended = private::unshared(|| child::run(command, pass_on));
    let ended = ended.map_err(|error| Stopped::by(name, &error))?;
    if !ended.is_success() {
        return Err(Stopped::of(name, what, ended));
    }
    session.term.ran(what);
    Ok(())
}

/// Puts everything back, and says so.
pub fn roll_back(session: &Session, upgrade: &mut Upgrade<'_>) -> Result<ExitStatus> {
    session.term.rolling_back();
    let done = match upgrade.roll_back() {
        Ok(done) => done,
        Err(error) => {
            session.term.not_rolled_back(&error, upgrade.record.tried);
            return Ok(ExitStatus::Failed);
        }
    };
    session.term.rolled_back(&done);
    let mut events = Vec::new();
    events.extend_from_slice(&done.retired.events);
    for path in &done.restored {
        let mut event = Event::new(EventKind::Restored, &session.store.now, path.clone());
        let touched = upgrade.record.touched.iter().find(|touched| touched.path == *path);
        if let Some(State::File { blob, .. }) = touched.map(|touched| &touched.before) {
            event.blob = Some(blob.clone());
        }
        events.push(event);
    }
    session.record(&events);
    Ok(if done.failed.is_empty() { ExitStatus::No } else { ExitStatus::Failed })
}

/// Ends an upgrade that a step has stopped: everything is put back, unless the step was the commit.
pub fn stop(session: &Session, mut upgrade: Upgrade<'_>, stopped: &Stopped) -> Result<ExitStatus> {
    session.term.step_failed(&stopped.reason);
    let tried = upgrade.record.tried;
    if stopped.step != "commit" && tried == Tried::Run {
        return undo::undo(session, upgrade, Some(stopped));
    }
    note(session, tried, stopped, upgrade.record.paths());
    if stopped.step == "commit" {
        session.term.commit_failed(tried);
        return Ok(ExitStatus::No);
    }
    roll_back(session, &mut upgrade)
}

/// Leaves a word in the journal.
pub fn note(session: &Session, tried: Tried, stopped: &Stopped, files: Vec<RepoPath>) {
    let failure = Failure {
        time: session.store.now.timestamp(),
        offset: session.store.now.offset().local_minus_utc(),
        tried,
        step: stopped.step.to_owned(),
        status: stopped.status,
        files,
        output: stopped.output.clone(),
    };
    session.record_failure(&failure);
}

/// The steps after the change: reload, test, commit, clean-up.
pub fn conclude(session: &Session, mut upgrade: Upgrade<'_>) -> Result<ExitStatus> {
    let tried = upgrade.record.tried;
    let (reload, test) = (upgrade.record.reload.clone(), upgrade.record.test.clone());
    let ran = run_step(session, &mut upgrade, Step::Reload, reload.as_deref())
        .and_then(|()| run_step(session, &mut upgrade, Step::Test, test.as_deref()));
    if let Err(stopped) = ran {
        return stop(session, upgrade, &stopped);
    }
    let mut changes = Changes::default();
    let is_kept = upgrade.record.commit.is_none();
    if tried == Tried::Run {
        changes = upgrade.changes(|_| true)?;
        session.term.changed(changes.counts(), is_kept && !changes.touched.is_empty());
    }
    if is_kept {
        moment(session, &upgrade, &changes)?;
        // A signal may have come after the last command: what is done is done.
        upgrade.finish()?;
        return Ok(ExitStatus::Done);
    }
    if tried == Tried::Run {
        match commit::find_changed(session, &mut upgrade, changes) {
            Ok(true) => {}
            Ok(false) => {
                session.term.nothing_to_commit();
                upgrade.finish()?;
                return Ok(ExitStatus::Done);
            }
            Err(error) => return stop(session, upgrade, &Stopped::by("commit", &error)),
        }
    }
    conclude_commit(session, upgrade)
}

/// Writes down what was changed, so that it can be undone.
fn moment(session: &Session, upgrade: &Upgrade<'_>, changes: &Changes) -> Result<()> {
    let record = &upgrade.record;
    let touched = match record.tried {
        Tried::Run => changes.touched.clone(),
        _ => record.touched.clone(),
    };
    if !touched.is_empty() {
        let cause = record.tried.to_string();
        let mut line = upgrade.moment(What::Changed, &cause, &touched)?;
        let made = changes.made.iter().map(|folder| (folder, None));
        let others = changes.folders.iter().map(|(folder, bits)| (folder, Some(*bits)));
        line.folders = moments::folders::told(made.chain(others));
        session.append(vec![line]);
    }
    Ok(())
}

fn conclude_commit(session: &Session, mut upgrade: Upgrade<'_>) -> Result<ExitStatus> {
    match commit::make(session, &mut upgrade) {
        Ok(commit) => commit::clean_up(session, upgrade, &commit).map(|()| ExitStatus::Done),
        Err(stopped) => stop(session, upgrade, &stopped),
    }
}
