//! pre-commit: backs up what is at risk, before any formatter or checker runs.
//!
//! Order of steps, and why:
//! 1. a snapshot of this commit that is on record leaves nothing more to do: the guard, which Git asks before the first
//!    hook of all, or an entry in the configuration has taken it, and what a formatter made since is none of the user's
//!    work;
//! 2. the settings and the files at risk are found side by side (see `asking`), and attempts that ended without a
//!    commit are called failed;
//! 3. the snapshot (its own order is in `snapshot`): its line of the record opens the attempt, with all that
//!    post-commit needs, before the chained hook, for that may take long, fail or be killed;
//! 4. the chained hook, which the script runs;
//! 5. a look whether the unstaged edits survived it: by the record, for the script asks once more then.
//!
//! Nothing of 1 to 3 can fail the commit, unless `bak.onError=block` asks for it.

use std::time::SystemTime;

use anyhow::Result;

use super::asking::{Answers, Surveyed};
use super::{Asked, Hook, Run, Stop, read_settings};
use crate::backups::records::Records;
use crate::backups::{Store, attempts};
use crate::git::command::ask_no_monitor;
use crate::git::config::has_filters;
use crate::git::history::heads_of_running_merge;
use crate::git::objects::Objects;
use crate::git::refs::Refs;
use crate::git::repository::Repository;
use crate::model::events::line::{Line, Seen, What};
use crate::model::names::repo_path::RepoPath;
use crate::model::now::Now;
use crate::model::settings::{OnError, Settings};
use crate::os::process;
use crate::record::{Attempted, Record};
use crate::snapshot;
use crate::snapshot::{Opened, Request, plan};
use crate::snapshot::{audit, staging, unseen};
use crate::term::Term;

/// Steps 1 to 3; `None` where there is nothing to look at afterwards.
pub fn run(run: &Run, repository: Repository) -> Result<Option<Protected>, Stop> {
    match Protected::make(run, repository) {
        Ok(Some(protected)) if protected.blocks() => Err(Stop),
        Ok(protected) => Ok(protected),
        // The hook tries again, and says it.
        Err(_) if run.asked == Asked::ByGuard => Ok(None),
        Err(failure) => {
            failure.term.hook_failed(run.hook.name(), &failure.error);
            match failure.settings.on_error {
                OnError::Block => Err(Stop),
                OnError::Warn => Ok(None),
            }
        }
    }
}

/// The commit's snapshot, before Git runs the first hook of all, which the guard is asked for: once for each commit.
/// Only a hook can stop it, so a snapshot that may have to is left to that; so is one amid a conflict, which Git may
/// refuse to commit before it runs any hook.
pub fn before_hooks(now: Now) {
    process::survive_file_size_limit();
    ask_no_monitor();
    let run = Run { hook: Hook::PreCommit, args: Vec::new(), now, asked: Asked::ByGuard };
    if let Ok(Some(repository)) = Repository::of_hook() {
        let _ = self::run(&run, repository);
    }
}

/// Step 5, once the chained hook has ended with this status.
pub fn afterwards(run: &Run, repository: Repository, status: i32) {
    let term = Term::of_hook(&Settings::default());
    let opened = read_settings(&repository, &run.now)
        .and_then(|(_, settings, _)| Store::open(repository, settings, run.now));
    let store = match opened {
        Ok(store) if store.settings.enabled => store,
        Ok(_) => return,
        Err(error) => return term.hook_failed(run.hook.name(), &error),
    };
    let (own, _) = attempts::with_own_apart(store.records.own());
    let attempt = own.filter(|own| !own.attempt.is_ended());
    let term = Term::of_hook(&store.settings);
    Protected { store, term, attempt, incomplete: false }.after_chained_hook(status);
}

/// What was done before the chained hook.
pub struct Protected {
    store: Store,
    term: Term,
    /// Where it could not be written down, post-commit goes by what is beside the committed files.
    attempt: Option<Attempted>,
    incomplete: bool,
}

/// Why nothing could be done, and what the settings say about that.
struct Shortfall {
    error: anyhow::Error,
    settings: Settings,
    term: Term,
}

impl Protected {
    /// Steps 1 to 3; `None` if git-bak is off here.
    fn make(run: &Run, repository: Repository) -> Result<Option<Self>, Box<Shortfall>> {
        let surveyed = SystemTime::now();
        let unset = |error| failure(error, Settings::default());
        let records = Records::of_hook(&Record::of(&repository), &run.now);
        if run.asked == Asked::ByGuard && attempts::is_begun(records.own()) {
            return Ok(None);
        }
        if let Some(first) = attempts::first(records.own()) {
            return Self::begun(run, repository, first).map_err(unset);
        }
        let (objects, refs) = (Objects::of(&repository), Refs::open(&repository));
        let asked = Answers::of(&repository, &objects, &refs, &run.now, true).map_err(unset)?;
        let Answers { entries, settings, problems, survey } = asked;
        if !settings.enabled || run.asked == Asked::ByGuard && is_for_the_hook(&settings, &survey) {
            return Ok(None);
        }
        let term = Term::of_hook(&settings);
        problems.iter().for_each(|problem| term.setting_problem(problem));
        let failed = |error| failure(error, settings.clone());
        let survey = survey.map_err(failed)?;
        if let Some(error) = &survey.exclude_left_out {
            term.hook_failed("bak.exclude is left out", error);
        }
        let survey = survey.survey;
        survey.doubt.iter().for_each(|reason| term.survey_in_doubt(reason));
        let mut store =
            Store::with(objects, refs, repository, settings.clone(), run.now).map_err(failed)?;
        store.records = records;
        call_failed(&store, &term);
        let mut plan = plan::of_survey(&store, &survey);
        for (what, error) in unseen::add(&store, &mut plan) {
            term.hook_failed(what, &error);
        }
        term.staged_backups(&plan.staged_backups);
        let is_plain = !has_filters(&entries);
        let request = staging::at_commit(&store, plan, !is_plain);
        let opened = Opened {
            id: attempts::new_id(&store.now, matches!(run.asked, Asked::ByEntry | Asked::ByGuard)),
            done: needs_no_end(),
        };
        let request = Request {
            surveyed: Some(surveyed),
            is_plain,
            cause: "commit".to_owned(),
            may_leave_out: true,
            full: true,
            attempt: Some(opened),
            only_if_noted: run.asked == Asked::ByGuard,
            ..request
        };
        let taken = snapshot::take(&store, &request).map_err(failed)?;
        if request.only_if_noted && taken.attempt.is_none() {
            return Ok(None);
        }
        term.snapshot(&taken);
        let incomplete = !taken.unprotected.is_empty();
        Ok(Some(Self { store, term, attempt: taken.attempt, incomplete }))
    }

    /// The guard, or an entry in the configuration, has taken this commit's snapshot.
    fn begun(run: &Run, repository: Repository, first: Attempted) -> Result<Option<Self>> {
        let (_, settings, _) = read_settings(&repository, &run.now)?;
        let store = Store::open(repository, settings, run.now)?;
        let term = Term::of_hook(&store.settings);
        Ok(Some(Self { store, term, attempt: Some(first), incomplete: false }))
    }

    fn blocks(&self) -> bool {
        self.incomplete && self.store.settings.on_error == OnError::Block
    }

    /// Steps after the chained hook: its failure, and edits that are gone, are worth a line each.
    pub fn after_chained_hook(self, status: i32) {
        let Self { store, term, attempt: Some(Attempted { id, attempt }), .. } = self else {
            return;
        };
        let mut lines = Vec::new();
        match audit::audit(&store, &attempt) {
            Ok(audit) => {
                term.vanished(&audit);
                // Said once: post-commit looks at what was still there.
                lines.extend(vanished(&store, &id, &audit.vanished));
            }
            Err(error) => term.hook_failed("pre-commit", &error),
        }
        if status != 0 {
            match audit::lost_with_index(&store, &attempt) {
                Ok(paths) => term.not_committed(&paths),
                Err(error) => term.hook_failed("pre-commit", &error),
            }
            term.chained_hook_failed(status, attempt.backups().next().is_some());
            lines.push(attempts::failed(&id, "pre-commit hook", Some(status), &store.now));
        }
        write_down(&store, lines);
    }
}

/// Whether the guard has to leave the snapshot to the hook, which also says what is the matter: nothing is said twice.
fn is_for_the_hook(settings: &Settings, survey: &Result<Surveyed>) -> bool {
    settings.on_error == OnError::Block
        || survey.as_ref().map_or(true, |survey| survey.survey.is_unmerged)
}

/// The line that says that these edits are gone.
fn vanished(store: &Store, id: &str, paths: &[RepoPath]) -> Option<Line> {
    let mut line = Line::new(What::Vanished, &store.now);
    line.attempt = Some(id.to_owned());
    line.files = paths.iter().map(Seen::of).collect();
    (!paths.is_empty()).then_some(line)
}

/// Without them an attempt is called "not completed", and edits are said to be gone once more: true, if less exact.
fn write_down(store: &Store, mut lines: Vec<Line>) {
    if !lines.is_empty() {
        let _ = store.record.append(&mut lines, &store.now, &mut || Ok(()));
    }
}

fn failure(error: anyhow::Error, settings: Settings) -> Box<Shortfall> {
    Box::new(Shortfall { term: Term::of_hook(&settings), error, settings })
}

/// Attempts whose `git commit` is gone and that no post-commit ended have failed, unless HEAD tells of their commit.
fn call_failed(store: &Store, term: &Term) {
    let mut lines = Vec::new();
    for Attempted { id, attempt } in store.records.own().open_attempts() {
        if attempts::is_live(&attempt) {
            continue;
        }
        // Killed in the middle, a hook manager leaves edits where it has put them away.
        match audit::audit(store, &attempt) {
            Ok(audit) => term.vanished(&audit),
            Err(error) => term.hook_failed("pre-commit", &error),
        }
        let end = attempts::ended(store, &id, &attempt);
        if end.what == What::Failed {
            term.attempt_failed();
        }
        lines.push(end);
    }
    write_down(store, lines);
}

/// A merge that needs no help runs no post-commit: there is nothing to wait for.
fn needs_no_end() -> bool {
    heads_of_running_merge().next().is_some()
}
