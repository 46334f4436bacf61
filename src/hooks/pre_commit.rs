//! pre-commit: backs up what is at risk, before any formatter or checker runs.
//!
//! Order of steps, and why:
//! 1. the settings and the files at risk are found side by side (see `asking`);
//! 2. attempts that ended without a commit are called failed;
//! 3. the snapshot (its own order is in `storage::snapshot`);
//! 4. the attempt is written down, with all that post-commit needs. It comes after the snapshot, for
//!    it names the backups that others must leave alone, and before the chained hook, for that may
//!    take long, fail or be killed;
//! 5. the chained hook;
//! 6. a look whether the unstaged edits survived it.
//!
//! Nothing of 1 to 4 can fail the commit, unless `bak.onError=block` asks for it.

use std::path::Path;
use std::time::SystemTime;

use anyhow::Result;

use super::asking::Asked;
use super::{Run, chained};
use crate::git::config::has_filters;
use crate::git::history::heads_of_running_merge;
use crate::git::repository::Repository;
use crate::model::attempt::{Attempt, State};
use crate::model::config_entry::ConfigEntry;
use crate::model::settings::{OnError, Settings};
use crate::os::process;
use crate::storage::attempts::{self, Saved};
use crate::storage::snapshot::{self, Request, Taken, plan};
use crate::storage::vault::Vault;
use crate::storage::{Store, audit, staging};
use crate::term::Term;

/// Runs the hook; the result is the exit status for Git.
pub fn run(run: &Run, repository: Repository, chained: Option<&Path>) -> i32 {
    let protected = match Protected::make(run, repository) {
        Ok(protected) => protected,
        Err(failure) => {
            failure.term.hook_failed(run.hook.name(), &failure.error);
            if failure.settings.on_error == OnError::Block {
                return 1;
            }
            None
        }
    };
    if protected.as_ref().is_some_and(Protected::blocks) {
        return 1;
    }
    let status = chained.map_or(0, |hook| chained::run(run, hook));
    if let Some(protected) = protected
        && chained.is_some()
    {
        protected.after_chained_hook(status);
    }
    status
}

/// What was done before the chained hook.
struct Protected {
    store: Store,
    term: Term,
    attempt: Option<Saved>,
    incomplete: bool,
}

/// Why nothing could be done, and what the settings say about that.
struct Failure {
    error: anyhow::Error,
    settings: Settings,
    term: Term,
}

impl Protected {
    /// Steps 1 to 4; `None` if git-bak is off here.
    fn make(run: &Run, repository: Repository) -> Result<Option<Self>, Box<Failure>> {
        let surveyed = SystemTime::now();
        let unset = |error| failure(error, Settings::default());
        let vault = Vault::open(&repository).map_err(unset)?;
        let asked = Asked::of(&repository, &vault, &run.now).map_err(unset)?;
        let Asked { entries, settings, problems, survey } = asked;
        if !settings.enabled {
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
        let store =
            Store::with_vault(vault, repository, settings.clone(), run.now).map_err(failed)?;
        call_failed(&store, &term);
        let plan = plan::of_survey(&store, &survey);
        term.staged_backups(&plan.staged_backups);
        // A vault that can't be read has nothing that could be carried over.
        let wanted = plan.wanted.clone();
        let request = staging::at_commit(&store, plan, has_filters(&entries))
            .unwrap_or_else(|_| Request { wanted, ..Request::default() });
        let request = Request { surveyed: Some(surveyed), ..request };
        let taken = snapshot::take(&store, &request).map_err(failed)?;
        term.snapshot(&taken);
        let incomplete = !taken.unprotected.is_empty();
        let attempt = begin(&store, &term, entries, taken);
        Ok(Some(Self { store, term, attempt, incomplete }))
    }

    fn blocks(&self) -> bool {
        self.incomplete && self.store.settings.on_error == OnError::Block
    }

    /// Steps after the chained hook: its failure, and edits that are gone, are worth a line each.
    fn after_chained_hook(self, status: i32) {
        let Some(mut saved) = self.attempt else { return };
        match audit::audit(&self.store, &saved.attempt) {
            Ok(audit) => {
                self.term.vanished(&audit);
                // Said once: post-commit looks at what was still there.
                let edits = &mut saved.attempt.edits;
                edits.retain(|edit| !audit.vanished.contains(&edit.path));
                if !audit.vanished.is_empty() && status == 0 {
                    let _ = saved.save();
                }
            }
            Err(error) => self.term.hook_failed("pre-commit", &error),
        }
        if status != 0 {
            match audit::lost_with_index(&self.store, &saved.attempt) {
                Ok(paths) => self.term.not_committed(&paths),
                Err(error) => self.term.hook_failed("pre-commit", &error),
            }
            let kept = saved.attempt.backups().next().is_some();
            self.term.chained_hook_failed(status, kept);
            saved.attempt.state = State::Failed { step: "pre-commit hook".into(), status };
            // Without it the attempt is called "not completed": true, if less exact.
            let _ = saved.save();
        }
    }
}

fn failure(error: anyhow::Error, settings: Settings) -> Box<Failure> {
    Box::new(Failure { term: Term::of_hook(&settings), error, settings })
}

/// Attempts whose `git commit` is gone and that no post-commit ended have failed.
fn call_failed(store: &Store, term: &Term) {
    for mut saved in attempts::standing(&store.repository) {
        if saved.is_live() {
            continue;
        }
        if saved.attempt.state == State::Open {
            // Killed in the middle, a hook manager leaves edits where it has put them away.
            match audit::audit(store, &saved.attempt) {
                Ok(audit) => term.vanished(&audit),
                Err(error) => term.hook_failed("pre-commit", &error),
            }
            saved.call_failed();
            let _ = saved.save();
            term.attempt_failed();
        }
    }
}

/// A merge that needs nobody's help runs no post-commit: there is nothing to wait for.
fn first_state() -> State {
    let merging = heads_of_running_merge().next().is_some();
    if merging { State::Succeeded { commit: String::new() } } else { State::Open }
}

fn begin(store: &Store, term: &Term, entries: Vec<ConfigEntry>, taken: Taken) -> Option<Saved> {
    let attempt = Attempt {
        process: process::parent(),
        began: (store.now.timestamp(), store.now.offset().local_minus_utc()),
        state: first_state(),
        settings: entries,
        events: taken.events,
        edits: taken.edits,
    };
    match attempts::begin(&store.repository, attempt) {
        Ok(saved) => Some(saved),
        Err(error) => {
            // post-commit then goes by the vault and by what is beside the committed files.
            term.hook_failed("pre-commit", &error);
            None
        }
    }
}
