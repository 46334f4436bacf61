//! A transaction over the working tree: several files change, or none does.
//!
//! - `file`: the record of a transaction; `rehearsal`: patches applied to copies; `rollback`: putting files back;
//! - `before`, with `standing`, `surroundings`, `git_settings` and `line_ends`: what there was before a command of the user's;
//!   `changes`, with `look_now`, `proof` and `elsewhere`: what it changed; `undo`: taking that back;
//! - `moments`: events that took work away, and undoing them.
//!
//! Order of steps, and why it is safe:
//! 1. the bytes of every file that will change are in the object database, and so are those that will be
//!    put there (the caller's part, see [`Upgrade::begin`]);
//! 2. the record is written and synced: which paths, what stands there, what will;
//! 3. backups (the caller's part), and the record names them, so that no hook takes them for its own to
//!    clean up;
//! 4. each path is changed by one rename or one unlink, and only while it is as the record has it;
//! 5. commands run, and the record says which;
//! 6. the record goes.
//!
//! A process that dies between 2 and 6 leaves a record by which everything can be put back, or gone on with.
//! Putting back goes by what stands there, not by how far the process came, so it can die and be done again.
//! What stands at a path and is neither what was there nor what we put there is another's work: it goes
//! into the vault before it is replaced, or it stays.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use anyhow::{Result, bail};

use crate::backups::Store;
use crate::backups::place::Tree;
use crate::git::repository::Repository;
use crate::git::worktree::worktrees;
use crate::model::events::attempt::Process;
use crate::model::events::event::Event;
use crate::model::events::failure::Tried;
use crate::model::names::repo_path::RepoPath;
use crate::model::surroundings::Surroundings;
use crate::model::transaction::{State, Step, Transaction};
use crate::os::folder::Folder;
use crate::os::platform::bytes_of;
use crate::os::{child, process};

mod before;
mod changes;
mod elsewhere;
mod file;
mod git_settings;
mod line_ends;
mod look_now;
pub mod moments;
mod proof;
pub mod rehearsal;
mod rollback;
mod standing;
pub mod surroundings;
mod undo;

pub use before::{Before, observe};
pub use changes::Changes;
pub use elsewhere::OutsideTree;
pub use file::{
    Lock, backups, folder_of, forget_aside, is_live, lock, paths_of, read, remove as forget,
    take_up_again,
};
pub use rollback::RolledBack;

/// A path, what stands there, and what will.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub path: RepoPath,
    pub from: State,
    pub to: State,
}

pub struct Upgrade<'a> {
    store: &'a Store,
    tree: Tree<'a>,
    /// What is written down of it.
    pub record: Transaction,
    /// What was there before a command ran, once it is known.
    around: OnceCell<Surroundings>,
    /// The paths that this process has changed; `None`: another process did, and it isn't known which.
    changed: Option<BTreeSet<RepoPath>>,
    /// What became of backups that lay where something else had to go.
    pub retired: Vec<Event>,
    _lock: Lock,
}

/// Why a transaction stands still: a signal has reached us.
#[derive(Debug)]
pub struct Interrupted(pub i32);

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "interrupted (signal {})", self.0)
    }
}

impl std::error::Error for Interrupted {}

/// The working tree of `store` as a tree of files.
pub fn tree(store: &Store) -> Result<Tree<'_>> {
    let top = Folder::open(&store.repository.top)?;
    Ok(Tree { top, store, own: file::own(&store.repository), sync: store.settings.sync_objects })
}

/// An error if one in any working tree of `repository` has not ended: it may have to put back what it has kept.
pub fn none_under_way(repository: &Repository) -> Result<()> {
    for repository in worktrees::repositories(repository) {
        if read(&repository)?.is_some() {
            let dir = repository.git_dir.display();
            bail!(
                "an apply or a run in {dir} has not ended: git bak apply --abort or --continue, then again"
            );
        }
    }
    Ok(())
}

/// An error if a signal has reached us.
pub fn go_on() -> Result<()> {
    match child::interrupted() {
        Some(signal) => Err(Interrupted(signal).into()),
        None => Ok(()),
    }
}

impl<'a> Upgrade<'a> {
    /// Writes the record down. The object database must have the bytes of every state in it.
    pub fn begin(store: &'a Store, lock: Lock, record: Transaction) -> Result<Self> {
        if file::read(&store.repository)?.is_some() {
            bail!("an earlier apply or run is unfinished");
        }
        file::write(&store.repository, &record)?;
        let changed = Some(BTreeSet::new());
        let around = OnceCell::new();
        let (tree, retired) = (tree(store)?, Vec::new());
        Ok(Self { store, tree, record, around, changed, retired, _lock: lock })
    }

    /// Takes what is there before a command is run, as it was written down.
    pub fn surround(&mut self, mut around: Surroundings) -> Result<()> {
        // A snapshot may have set up our own rules meanwhile.
        let exclude = self.store.repository.common_dir.join("info/exclude");
        let rules = std::fs::read(&exclude).ok();
        let known = around.settings.get_mut(&bytes_of(exclude.as_os_str()));
        if let Some(known) = known.filter(|known| **known != rules) {
            *known = rules;
            file::write_around(&self.store.repository, &around)?;
        }
        self.around = around.into();
        Ok(())
    }

    /// Takes over what another process has left unfinished; what it was writing just then goes.
    pub fn take_over(store: &'a Store, lock: Lock, record: Transaction) -> Result<Self> {
        let record = Transaction { process: process::own(), ..record };
        let (tree, around) = (tree(store)?, OnceCell::new());
        let (changed, retired) = (None, Vec::new());
        let taken = Self { store, tree, record, around, changed, retired, _lock: lock };
        let touched = taken.record.touched.iter().map(|touched| &touched.path);
        let stood = taken.around().ok().into_iter().flat_map(|around| around.files.keys());
        let mut swept = BTreeSet::new();
        touched
            .chain(stood)
            .filter(|path| swept.insert(path.parent()))
            .for_each(|path| taken.tree.sweep(path));
        taken.save()?;
        Ok(taken)
    }

    /// Writes down that a step begins.
    pub fn begin_step(&mut self, step: Step) -> Result<()> {
        go_on()?;
        self.record.step = step;
        self.save()
    }

    /// Writes the record down as it is now.
    pub fn save(&self) -> Result<()> {
        file::write(&self.store.repository, &self.record)
    }

    /// Writes down which command runs, for the next run after a crash of ours.
    pub fn name_command(&mut self, command: Process) -> Result<()> {
        self.record.command = Some(command);
        file::write_soon(&self.store.repository, &self.record)
    }

    /// Makes these changes, files that go first: what takes a folder's place must not find it there. A
    /// path that is not as it should be is an error, and is left as it is.
    pub fn install(&mut self, changes: &[Change]) -> Result<()> {
        let (gone, put): (Vec<&Change>, Vec<&Change>) =
            changes.iter().partition(|change| change.to == State::Nothing);
        for change in &gone {
            self.change(change)?;
        }
        // A folder with files in it is an error where a file would take its place.
        for change in &put {
            self.retired.extend(self.clear(&change.path)?);
        }
        put.into_iter().try_for_each(|change| self.change(change))
    }

    fn change(&mut self, change: &Change) -> Result<()> {
        go_on()?;
        let now = self.tree.look(&change.path)?;
        if now == change.to {
            return Ok(());
        }
        if now != change.from {
            bail!("{}: it was changed just now", shown(&change.path));
        }
        if let Some(changed) = &mut self.changed {
            changed.insert(change.path.clone());
        }
        self.tree.put(&change.path, &change.to)
    }

    /// The files that will change and still are as they were.
    pub fn unchanged_files(&self) -> Result<Vec<RepoPath>> {
        let mut found = Vec::new();
        for touched in &self.record.touched {
            let now = self.tree.look(&touched.path)?;
            if matches!(now, State::File { .. }) && now == touched.before && now != *touched.after()
            {
                found.push(touched.path.clone());
            }
        }
        Ok(found)
    }

    /// Puts the last states in the place of whatever earlier one stands there: what an upgrade that was
    /// killed did not come to. A path that was changed since is an error.
    pub fn complete(&mut self) -> Result<()> {
        let mut changes = Vec::new();
        if self.record.step > Step::Apply {
            // What a command of ours or a person made of them afterwards stays.
            return Ok(());
        }
        for touched in &self.record.touched {
            let from = self.tree.look(&touched.path)?;
            if !touched.knows(&from) {
                let path = shown(&touched.path);
                bail!(
                    "{path}: it was changed since; git bak apply --abort keeps that in the vault"
                );
            }
            let (path, to) = (touched.path.clone(), touched.after().clone());
            changes.push(Change { path, from, to });
        }
        self.install(&changes)
    }

    /// It has succeeded: the record goes, and with it the folders that have become empty.
    pub fn finish(self) -> Result<()> {
        // The folders that a command leaves are its own affair.
        let clears = self.record.tried != Tried::Run;
        self.finish_and(clears)
    }

    /// The same; whether folders that have become empty go.
    pub fn finish_and(self, clears: bool) -> Result<()> {
        file::remove(&self.store.repository)?;
        let changed = self.record.touched.iter().filter(|touched| !touched.ours.is_empty());
        let gone = changed.filter(|touched| clears && *touched.after() == State::Nothing);
        for touched in gone {
            for folder in ancestors(&touched.path) {
                if !self.tree.remove_if_empty(&folder) {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// The folders above `path`, the innermost first.
pub fn ancestors(path: &RepoPath) -> impl Iterator<Item = RepoPath> {
    std::iter::successors(path.parent(), RepoPath::parent)
}

fn shown(path: &RepoPath) -> String {
    crate::model::names::quote::quote(path.as_bytes(), false)
}
