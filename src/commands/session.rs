//! What every command begins with: the repository, its settings, what is recorded.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::backups::Store;
use crate::backups::journal;
use crate::backups::outstanding::{Early, Search};
use crate::backups::records::Records;
use crate::backups::restore;
use crate::backups::restore::Present;
use crate::backups::versions::Version;
use crate::git::config;
use crate::git::repository::Repository;
use crate::git::worktree::spelling;
use crate::model::events::event::Event;
use crate::model::events::failure::Failure;
use crate::model::events::line::Line;
use crate::model::names::repo_path::RepoPath;
use crate::model::now::Now;
use crate::model::settings::config_entry::SettingProblem;
use crate::model::settings::{ConfigEntry, Settings};
use crate::setup::remembered;
use crate::term::Term;
use crate::term::page::Page;
use crate::vault::fold::FoldSettings;

pub struct Session {
    pub cwd: PathBuf,
    /// The same, relative to the top.
    pub here: Vec<u8>,
    /// The repository and what is kept for it.
    pub store: Store,
    pub term: Term,
    /// The settings that can't be read.
    pub problems: Vec<SettingProblem>,
    /// All that was read of Git's settings.
    pub entries: Vec<ConfigEntry>,
    early: Cell<Option<Early>>,
}

impl Session {
    /// Finds the repository that the current directory is in. Where the whole working tree `is_searched`, that is
    /// begun at once.
    pub fn open(now: &Now, is_searched: bool) -> Result<Self> {
        let cwd = std::env::current_dir().context("the current directory can't be read")?;
        let repository = Repository::discover(&cwd)?;
        let early = is_searched.then(|| Early::begin(&repository.top));
        // Where nothing is kept, a look leaves nothing either.
        let entries = match repository.own_bak_dir().is_dir() {
            true => remembered::read(&repository, now)?,
            false => config::read(&repository.git())?,
        };
        let cwd = spelling::place(&repository.top, cwd);
        let (settings, problems) = Settings::read(&entries);
        let here = cwd.strip_prefix(&repository.top).unwrap_or(Path::new(""));
        let here = RepoPath::from_path(here).map_or(Vec::new(), |here| here.as_bytes().to_vec());
        let term = Term::of_command(&settings).seen_from(here.clone());
        let mut store = Store::open(repository, settings, *now)?;
        store.records = Records::since(&store.record, reach(&store));
        let early = Cell::new(early);
        Ok(Self { cwd, here, store, term, problems, entries, early })
    }

    /// A look for every backup that lies in the working tree.
    pub fn look_everywhere(&self) -> Search {
        Search::begin(&self.store, self.early.take())
    }

    /// A version's bytes.
    pub fn bytes(&self, version: &Version) -> Result<Vec<u8>> {
        version.bytes(&self.store).with_context(|| self.term.path(&version.path))
    }

    /// What stands at a path; an error if nothing may be written there.
    pub fn look(&self, path: &RepoPath) -> Result<Present> {
        restore::look(&self.store, path).with_context(|| self.term.path(path))
    }

    /// The bytes that stand at a path.
    pub fn present(&self, path: &RepoPath) -> Result<Option<Vec<u8>>> {
        restore::present_bytes(&self.store, path).with_context(|| self.term.path(path))
    }

    /// How long the vault keeps what, as the settings say.
    pub fn fold_settings(&self) -> FoldSettings {
        self.store.fold_settings()
    }

    /// How standard output wants a page.
    pub fn page(&self) -> Page {
        Page::of(&self.store.repository.git(), self.store.settings.always_colours)
    }

    /// Names the settings that can't be read.
    pub fn say_problems(&self) {
        self.problems.iter().for_each(|problem| self.term.setting_problem(problem));
    }

    /// Names the days of the record that were asked for and could not be read in full.
    pub fn say_unread(&self) {
        self.term.unread(&self.store.records.unread());
    }

    /// Writes down what happened; where that can't be, says so.
    pub fn record(&self, events: &[Event]) {
        self.append(Line::of_events(events, &self.store.now));
    }

    /// Writes a failure down; where that can't be, says so.
    pub fn record_failure(&self, failure: &Failure) {
        self.append(vec![Line::of_failure(failure)]);
    }

    /// The same of lines that say it already.
    pub fn append(&self, mut lines: Vec<Line>) {
        if lines.is_empty() {
            return;
        }
        if let Err(error) = self.store.record.append(&mut lines, &self.store.now, &mut || Ok(())) {
            self.term.not_recorded(&error);
        }
    }

    /// Names the earlier failures of these files, in at most three lines.
    pub fn earlier_failures(&self, files: &[RepoPath]) {
        let entries = journal::of_files(&self.store, &self.store.records, files);
        self.term.earlier_failures(&entries, &self.store.now);
    }
}

/// As far back as the vault can have anything, and a day more for the clock.
fn reach(store: &Store) -> i64 {
    let age = store.settings.vault_expire.age();
    age.map_or(i64::MIN, |age| store.now.timestamp() - age.seconds() - 86_400)
}
