//! post-index-change: the snapshot at staging time. What was staged and then overwritten is not lost,
//! even if no commit was ever tried.
//!
//! Git runs this hook after every write of the index; most of them bring no new work. So the cheap
//! questions come first, and each of them ends the hook:
//! 1. Git's arguments: only `0 0` can be `git add`, and only `0 1` `git update-index`, by which editors stage
//!    parts of a file. With an index of its own (`GIT_INDEX_FILE`) it is part of a greater operation, whose own
//!    hooks look after the work. A lock says nothing: the index is whole by now, and any Git may hold one, a prompt's
//!    `git status`, say;
//! 2. the command that Git was asked for: what it brings in from history, or only refreshes, is no work. Where the
//!    system doesn't tell the command, a lock means one that goes on, a commit for instance;
//! 3. the settings;
//! 4. the entries that HEAD, the parents of a merge and the newest snapshot lack. Where there are none,
//!    nothing was staged that isn't kept already.
//!
//! Then the snapshot (its own order is in `snapshot`): its line of the record is what the commit that
//! cleans up goes by.
//!
//! Nothing is said when all went well: `git add` says nothing either. Our own children never write the
//! index, so this hook never leads to itself.

use anyhow::Result;

use super::{Run, fold, read_settings};
use crate::backups::Store;
use crate::git::config::{compares_as_usual, has_filters};
use crate::git::repository::Repository;
use crate::git::survey::staged;
use crate::model::at_risk::Survey;
use crate::model::command::git_command::{may_stage_work, writes_entries};
use crate::os::process;
use crate::snapshot;
use crate::snapshot::staging;
use crate::snapshot::{Request, Taken, plan};
use crate::term::Term;

/// Runs the hook. Git ignores its status.
pub fn run(run: &Run, repository: Repository) {
    if !is_of_staging(run, &repository) {
        return;
    }
    if let Err((term, error)) = at_staging(run, repository) {
        term.hook_failed(run.hook.name(), &error);
    }
}

/// Questions 1 and 2.
fn is_of_staging(run: &Run, repository: &Repository) -> bool {
    let is_of_entries =
        |second: &str| matches!(&run.args[..], [a, b, ..] if a == "0" && b == second);
    if !is_of_entries("0") && !is_of_entries("1") || std::env::var_os("GIT_INDEX_FILE").is_some() {
        return false;
    }
    let words = process::git_words();
    let words: Option<Vec<&[u8]>> =
        words.as_ref().map(|words| words.iter().map(Vec::as_slice).collect());
    if is_of_entries("0") {
        words.map_or_else(
            || !repository.git_dir.join("index.lock").exists(),
            |words| may_stage_work(&words),
        )
    } else {
        words.is_some_and(|words| writes_entries(&words))
    }
}

fn at_staging(run: &Run, repository: Repository) -> Result<(), (Term, anyhow::Error)> {
    let (entries, settings, _) = read_settings(&repository, &run.now)
        .map_err(|error| (Term::of_hook(&Default::default()), error))?;
    if !settings.enabled {
        return Ok(());
    }
    let term = Term::of_hook(&settings);
    let usual = compares_as_usual(&entries);
    let is_plain = !has_filters(&entries);
    let taken = Store::open(repository, settings, run.now).and_then(|store| {
        let taken = take(&store, usual, is_plain)?;
        fold::start_if_due(&store);
        Ok(taken)
    });
    match taken {
        Ok(taken) => term.staged_snapshot(&taken),
        Err(error) => return Err((term, error)),
    }
    Ok(())
}

/// Question 4, and the snapshot.
fn take(store: &Store, trust_stat: bool, is_plain: bool) -> Result<Taken> {
    let Store { repository, objects, refs, settings, .. } = store;
    let staged = staged::staged(repository, objects, refs.head()?, &settings.exclude, trust_stat)?;
    if staged.files.is_empty() {
        return Ok(Taken::default());
    }
    let plan = plan::of_survey(store, &Survey { files: staged.files, ..Survey::default() });
    let Some(request) = staging::at_staging(store, plan) else { return Ok(Taken::default()) };
    let cause = "add".to_owned();
    let surveyed = staged.surveyed;
    let request = Request { surveyed, cause, is_plain, may_leave_out: true, ..request };
    snapshot::take(store, &request)
}
