//! The guard: the program that Git asks before it overwrites or deletes files.
//!
//! As `core.fsmonitor` it is asked by nearly every command, so what decides is the command's own words, and
//! for a harmless one nothing is opened. Git waits for the answer with all files still as they were.
//!
//! Order of steps, and why:
//! 1. whose command it is; our own children, and harmless ones, are answered at once, and before a commit its
//!    snapshot is taken (see `pre_commit`), for a hook in the configuration or a manager's stash comes before our hook;
//! 2. the settings and the edits, as in pre-commit; then untracked files as far as they are in danger;
//! 3. the snapshot, into the vault alone: files that appear in a folder which Git is about to delete would
//!    keep the folder, and `clean -x` would take them;
//! 4. what is lost by it is said in one line, unless post-checkout will say so;
//! 5. the answer, that anything may have changed: Git looks at all files itself, as without us. An answer
//!    that named too few would hide edits from it, one stray byte as well: so the line in the configuration gives it,
//!    and throws away what we print. Only where Git's own daemon was what Git asked before, its answer is passed on.
//!
//! Whatever goes wrong in 1 to 4, and when Git has waited for five seconds, the answer is given, and what is left is
//! named. To die in the middle of 3 is harmless: a kill at any point there leaves the same.

use std::ffi::OsStr;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread::Builder;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Result;

use super::asking::Answers;
use super::{Reply, is_off, pre_commit, read_settings};
use crate::backups::Store;
use crate::git::command::{NO_GUARD, ask_no_monitor};
use crate::git::fs_daemon;
use crate::git::objects::Objects;
use crate::git::refs::Refs;
use crate::git::repository::Repository;
use crate::model::command::danger;
use crate::model::command::danger::{Danger, Loss};
use crate::model::names::repo_path::RepoPath;
use crate::model::now::Now;
use crate::model::settings::{Scope, Settings};
use crate::os::platform::bytes_of;
use crate::os::process;
use crate::snapshot;
use crate::snapshot::Request;
use crate::snapshot::guarded;
use crate::snapshot::plan;
use crate::snapshot::{staging, unseen};
use crate::term::{Term, answer_at_once};

/// How long Git is kept waiting.
const PATIENCE: Duration = Duration::from_secs(5);
/// After so long no further file is read: what is read has to be noted.
const READING: Duration = Duration::from_secs(4);

/// How many bytes go through a pipe whole or not at all.
const AT_ONCE: usize = if cfg!(target_os = "linux") { 4096 } else { 512 };

/// What isn't protected yet, as far as it is known.
struct Unprotected {
    term: Term,
    files: Vec<RepoPath>,
}

/// Does what there is to do; the result is the exit status for the line in the configuration. The clock is read only
/// where it is needed. A commit's snapshot is taken only where the line has said which process is Git's (`by_line`).
/// `since`: the token for Git's own daemon, where that is asked.
pub fn run(now: impl FnOnce() -> Now, by_line: bool, since: Option<&OsStr>) -> i32 {
    if !is_off() && std::env::var_os(NO_GUARD).is_none() {
        match asking() {
            Asking::Harmless => {}
            Asking::Commit if by_line => at_commit(now()),
            Asking::Commit => {}
            Asking::Danger(danger, typed) => before(&danger, &typed, now()),
        }
    }
    if since.is_some_and(passed_on) { Reply::AllDone as i32 } else { Reply::Done as i32 }
}

/// Gives Git the answer of its own daemon, if there is one to go by; else it may be that none runs, which Git would
/// start.
fn passed_on(token: &OsStr) -> bool {
    let Ok(Some(repository)) = Repository::of_hook() else { return false };
    match fs_daemon::ask(&repository, &bytes_of(token)) {
        Some(answer) if answer.text().len() <= AT_ONCE => answer_at_once(answer.text()),
        // Git gets the token all the same, and has less to ask the next time.
        Some(answer) => answer_at_once(&answer.anything()),
        None => {
            fs_daemon::start(&repository);
            false
        }
    }
}

/// The commit's snapshot. If it would keep Git waiting for longer than it may, it is left to the hook.
fn at_commit(now: Now) {
    patiently(|| {}, || pre_commit::before_hooks(now));
}

fn before(danger: &Danger, typed: &str, now: Now) {
    process::survive_file_size_limit();
    ask_no_monitor();
    let term = Term::of_hook(&Settings::default());
    let left = Arc::new(Mutex::new(Unprotected { term: term.clone(), files: Vec::new() }));
    let watched = (Arc::clone(&left), danger.clone());
    patiently(
        move || give_up(&watched.0, &watched.1),
        || {
            if let Err(error) = protect(danger, typed, now, &left) {
                term.hook_failed("guard", &error);
            }
        },
    );
}

/// Does `what`; when Git has waited long enough meanwhile, gives up, and ends.
fn patiently(give_up: impl FnOnce() + Send + 'static, what: impl FnOnce()) {
    let (done, wait) = channel::<()>();
    // Where there can't be a thread, Git waits as long as it takes.
    let _ = Builder::new().spawn(move || {
        if wait.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            give_up();
            std::process::exit(Reply::Done as i32);
        }
    });
    what();
    drop(done);
}

fn give_up(left: &Mutex<Unprotected>, danger: &Danger) {
    if let Ok(left) = left.lock() {
        left.term.guard_out_of_time(danger, &left.files);
    }
}

/// What the command that asks is about to do.
enum Asking {
    Harmless,
    /// To make a commit.
    Commit,
    /// What it may do, and the command as the user typed it.
    Danger(Danger, String),
}

/// Between the command that asks and us there may be a shell, and above it the `git stash` that has put the edits away
/// itself.
fn asking() -> Asking {
    // On Windows there is one more than elsewhere.
    let lines = process::command_lines(4);
    let Some(at) = lines.iter().position(|words| danger::verb(words).is_some()) else {
        return Asking::Danger(danger::unknown(), String::new());
    };
    let Some(mut danger) = danger::of(&lines[at]) else {
        return if danger::is_commit(&lines[at]) { Asking::Commit } else { Asking::Harmless };
    };
    let typed = lines[at..].iter().map_while(|words| danger::shown(words)).last();
    let above = lines.get(at + 1).and_then(|words| danger::verb(words));
    if above.is_some_and(|verb| verb == "stash") {
        danger.loss = Loss::Unlikely;
    }
    Asking::Danger(danger, typed.unwrap_or_default())
}

fn protect(danger: &Danger, typed: &str, now: Now, left: &Mutex<Unprotected>) -> Result<()> {
    let until = Instant::now() + READING;
    let Some(repository) = Repository::of_hook()? else { return Ok(()) };
    let surveyed = SystemTime::now();
    let (objects, refs) = (Objects::of(&repository), Refs::open(&repository));
    let (settings, survey) = if danger.edits {
        let asked = Answers::of(&repository, &objects, &refs, &now, false)?;
        (asked.settings, Some(asked.survey))
    } else {
        (read_settings(&repository, &now)?.1, None)
    };
    if !settings.enabled {
        return Ok(());
    }
    let term = Term::of_hook(&settings);
    // What pre-commit passes over by this setting is lost all the same.
    let scope = if settings.scope == Scope::Staged { Scope::Tracked } else { settings.scope };
    let store = Store::with(objects, refs, repository, Settings { scope, ..settings }, now)?;
    let survey = survey.transpose()?.map(|surveyed| surveyed.survey).unwrap_or_default();
    let mut edits = plan::of_survey(&store, &survey);
    for (what, error) in unseen::add(&store, &mut edits) {
        term.hook_failed(what, &error);
    }
    let guarded = guarded::find(&store, danger, edits.wanted, survey.gone)?;
    let (wanted, carried) = staging::unseen(&store, guarded.wanted);
    if let Ok(mut left) = left.lock() {
        left.term = term.clone();
        left.files = wanted.iter().map(|wanted| wanted.path.clone()).collect();
        left.files.dedup();
    }
    let cause = format!("before git {typed}").trim_end().to_owned();
    let request = Request {
        wanted,
        carried,
        vault_alone: true,
        surveyed: Some(surveyed),
        until: Some(until),
        cause,
        may_leave_out: true,
        full: true,
        may_be_moment: true,
        ..Request::default()
    };
    let mut taken = snapshot::take(&store, &request)?;
    taken.unprotected.extend(guarded.left_out);
    if danger.loss != Loss::Unlikely || term.is_verbose() {
        term.guarded(danger, &taken);
    }
    Ok(())
}
