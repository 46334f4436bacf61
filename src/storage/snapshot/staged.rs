//! The working tree's form of staged versions that the working tree doesn't have (any more).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use anyhow::Result;
use tempfile::TempDir;

use super::Request;
use super::plan::From;
use crate::git::worktree_form;
use crate::model::repo_path::RepoPath;
use crate::storage::folder::{Folder, Stat};
use crate::storage::{Store, private};

/// A file's time may lag this far behind the clock: the system rounds it down to its own tick.
const TICK: Duration = Duration::from_millis(20);

/// Staged versions written out by Git below a private folder, which goes when this is dropped.
pub(super) struct StagedForms<'a> {
    store: &'a Store,
    surveyed: Option<SystemTime>,
    folder: RefCell<Option<TempDir>>,
    /// The paths that were asked for, each with what Git said if it failed.
    asked: RefCell<BTreeMap<RepoPath, Option<String>>>,
}

impl<'a> StagedForms<'a> {
    /// Writes, with one child for all, those that the request is known to need.
    pub fn of(store: &'a Store, request: &Request) -> Self {
        let forms = Self {
            store,
            surveyed: request.surveyed,
            folder: RefCell::default(),
            asked: RefCell::default(),
        };
        let needed = |from: &From| matches!(from, From::Index { as_worktree: false, .. });
        let paths: Vec<&RepoPath> = request
            .wanted
            .iter()
            .filter(|wanted| needed(&wanted.from))
            .map(|wanted| &wanted.path)
            .collect();
        forms.ask(&paths);
        forms
    }

    /// Writes one more, unless it was asked for before; what Git said if it failed.
    pub fn write(&self, path: &RepoPath) -> Option<String> {
        if !self.asked.borrow().contains_key(path) {
            self.ask(&[path]);
        }
        self.asked.borrow().get(path).cloned().flatten()
    }

    /// The folder that the form of `path` is in, if it could be written.
    pub fn folder(&self, path: &RepoPath) -> Option<Folder> {
        let root = self.folder.borrow();
        let folder = Folder::open(root.as_ref()?.path()).ok()?.parent_of(path).ok()?;
        folder.stat(path.file_name()).ok()?.is_some().then_some(folder)
    }

    /// Nobody has written to the file since Git compared it with the index.
    pub fn is_from_before_the_survey(&self, stat: &Stat) -> bool {
        let surveyed = self.surveyed.and_then(|time| time.checked_sub(TICK));
        surveyed.is_some_and(|time| stat.modified_at() < time)
    }

    fn ask(&self, paths: &[&RepoPath]) {
        if paths.is_empty() {
            return;
        }
        let said = self.run(paths).unwrap_or_else(|error| Some(format!("{error:#}")));
        for path in paths {
            // Git ends at the first required filter that fails: those after it are asked for by themselves.
            let said = match &said {
                Some(_) if paths.len() > 1 && self.folder(path).is_none() => {
                    self.run(&[path]).unwrap_or_else(|error| Some(format!("{error:#}")))
                }
                said => said.clone(),
            };
            self.asked.borrow_mut().insert((*path).clone(), said);
        }
    }

    fn run(&self, paths: &[&RepoPath]) -> Result<Option<String>> {
        let mut folder = self.folder.borrow_mut();
        if folder.is_none() {
            *folder = Some(private::scratch(&self.store.repository.own_bak_dir(), "staged")?);
        }
        let Some(root) = folder.as_ref() else { return Ok(None) };
        worktree_form::write(&self.store.repository.git(), root.path(), paths)
    }
}
