//! What every command begins with: the repository, its settings, what is recorded.

use std::cell::Cell;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::git::command::Git;
use crate::git::config;
use crate::git::repository::Repository;
use crate::git::spelling;
use crate::model::config_entry::SettingProblem;
use crate::model::event::Event;
use crate::model::failure::Failure;
use crate::model::now::Now;
use crate::model::repo_path::RepoPath;
use crate::model::settings::Settings;
use crate::storage::journal;
use crate::storage::ledger::Ledger;
use crate::storage::outstanding::{Early, Look, Search};
use crate::storage::records::Records;
use crate::storage::{Store, outstanding};
use crate::term::Term;
use crate::term::page::Page;

/// A command at work.
pub struct Session {
    /// Where it was typed.
    pub cwd: PathBuf,
    /// The repository and what is kept for it.
    pub store: Store,
    /// What is recorded.
    pub records: Records,
    /// Where messages go.
    pub term: Term,
    /// The settings that can't be read.
    pub problems: Vec<SettingProblem>,
    /// `core.hooksPath` is set.
    pub sets_hooks_path: bool,
    early: Cell<Option<Early>>,
}

impl Session {
    /// Finds the repository that the current directory is in. What the whole working tree will be looked through
    /// for is begun at once.
    pub fn open(now: &Now, everywhere: Option<Look>) -> Result<Self> {
        let cwd = std::env::current_dir().context("the current directory can't be read")?;
        // Git reads them while we look around; in no repository its answer is of no use to anybody.
        let reading = config::start_aside(Git::new(&cwd));
        let found = Repository::discover(&cwd).map(|repository| {
            let records = Records::open(&repository);
            let early = everywhere.map(|look| Early::begin(look, &repository.top, &records));
            (early, records, repository)
        });
        let entries = reading.finish();
        let ((early, records, repository), entries) = (found?, entries?);
        let cwd = spelling::place(&repository.top, cwd);
        let (settings, problems) = Settings::read(&entries);
        let term = Term::of_command(&settings);
        let store = Store::open(repository, settings, *now)?;
        let sets_hooks_path = config::sets_hooks_path(&entries);
        let early = Cell::new(early);
        Ok(Self { cwd, store, records, term, problems, sets_hooks_path, early })
    }

    /// A look for every backup that lies in the working tree.
    pub fn look_everywhere(&self) -> Search {
        Search::begin(&self.store, &self.records, self.early.take())
    }

    /// How standard output wants a page.
    pub fn page(&self) -> Page {
        Page::of(&self.store.repository.git(), self.store.settings.always_colours)
    }

    /// Names the settings that can't be read.
    pub fn say_problems(&self) {
        self.problems.iter().for_each(|problem| self.term.setting_problem(problem));
    }

    /// Writes events into the ledger; where it can't be used, says so.
    pub fn record(&self, events: &[Event]) {
        if events.is_empty() {
            return;
        }
        let recorded = Ledger::open(&self.store.repository).and_then(|mut ledger| {
            outstanding::take_over(&self.store, &ledger);
            ledger.record([], events)
        });
        if let Err(error) = recorded {
            self.term.ledger_left_out(&error);
        }
    }

    /// Leaves a failure in the journal; where that can't be used, says so.
    pub fn record_failure(&self, failure: &Failure) {
        let recorded = Ledger::open(&self.store.repository)
            .and_then(|mut ledger| ledger.record_failure(failure));
        if let Err(error) = recorded {
            self.term.ledger_left_out(&error);
        }
    }

    /// Names the earlier failures of these files, in at most three lines.
    pub fn earlier_failures(&self, files: &[RepoPath]) {
        let entries = journal::of_files(&self.store, &self.records, files);
        self.term.earlier_failures(&entries, &self.store.now);
    }
}
