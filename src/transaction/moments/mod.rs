//! Moments: what has taken work from the working tree, and what it takes to have it back.
//!
//! - `settle`: whether a command took anything; `sights`: when each file was last seen, and how;
//! - `told`: what a moment's own line says; `head`, `folders`: HEAD and folders then; `steps`: what agents did.
//!
//! No line says that a command of Git took work: that is settled by looking, when the user asks (`settle`), for a
//! command that was refused, or had nothing to do, took none. Our own commands (restore, undo, apply, run) say what was
//! there before and what they have put there.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};

use anyhow::Result;

use crate::backups::Store;
use crate::backups::place::Tree;
use crate::backups::versions::work::{Commits, is_by_hand};
use crate::model::events::agent_note::AgentNote;
use crate::model::events::line::{Line, What};
use crate::model::names::repo_path::RepoPath;
use crate::model::transaction::State;

pub mod folders;
mod head;
mod settle;
mod sights;
mod steps;
mod told;

pub use head::HeadMoved;
pub use settle::is_same;
use sights::Sights;
pub use told::{bytes, line, recorded};

/// A file of a moment. The blobs are those of the vault: of an encrypted file, what the filter makes of it.
#[derive(Debug, Clone)]
pub struct TakenFile {
    pub path: RepoPath,
    /// What stood there, and comes back.
    pub before: State,
    /// It is what Git writes out for that blob of its own.
    pub is_gits: bool,
    /// What the moment left; `None`: it was written to since, and not seen before that.
    pub after: Option<State>,
}

#[derive(Debug)]
pub struct TakenMoment<'a> {
    pub line: &'a Line,
    pub at: usize,
    pub is_undone: bool,
    pub files: Vec<TakenFile>,
    /// The agent's step that it is, or that it came about in.
    pub agent: Option<&'a AgentNote>,
    /// The moments that it is made of, where it is all that a session did.
    pub whole: Vec<&'a str>,
}

/// What the record of this working tree says of moments.
pub struct Moments<'a> {
    store: &'a Store,
    lines: &'a [Line],
    commits: Commits<'a>,
    tree: Tree<'a>,
    head: Option<String>,
    undone: HashSet<&'a str>,
    /// The undos, which are moments but not in the row, each with what it took back.
    undos: HashMap<&'a str, &'a str>,
    sights: OnceCell<Sights>,
    /// What stands at a path now, and what Git calls that where it is another.
    now: RefCell<HashMap<RepoPath, Option<State>>>,
    git_ids: RefCell<HashMap<RepoPath, String>>,
    steps: OnceCell<Vec<Option<&'a AgentNote>>>,
    /// What is uncommitted now.
    uncommitted: OnceCell<Vec<RepoPath>>,
}

impl<'a> Moments<'a> {
    pub fn of(store: &'a Store) -> Result<Self> {
        let lines = store.records.own().lines();
        let (mut undone, mut undos) = (HashSet::new(), HashMap::new());
        for line in lines {
            let (Some(id), Some(of)) = (&line.moment, &line.undoes) else { continue };
            undone.extend(of.split(' '));
            // A redo brings all of that back.
            let redone: Option<&&str> = undos.get(of.as_str());
            for id in redone.iter().flat_map(|of| of.split(' ')) {
                undone.remove(id);
            }
            undos.insert(id.as_str(), of.as_str());
        }
        let (commits, tree) = (Commits::of(store), super::tree(store)?);
        let head = store.refs.head()?.map(|id| id.to_string());
        let (sights, now, git_ids, steps, uncommitted) = Default::default();
        Ok(Self {
            store,
            lines,
            commits,
            tree,
            head,
            undone,
            undos,
            sights,
            now,
            git_ids,
            steps,
            uncommitted,
        })
    }

    /// All that can be taken back, newest first.
    pub fn all(&self) -> impl Iterator<Item = TakenMoment<'a>> {
        let lines = self.lines.iter().enumerate().rev();
        lines
            .filter(|(_, line)| line.moment.is_some())
            .filter_map(|(at, line)| self.moment(at, line))
    }

    /// The newest that isn't undone.
    pub fn newest(&self) -> Option<TakenMoment<'a>> {
        let lines = self.lines.iter().enumerate().rev();
        let open = lines.filter(|(_, line)| {
            let id = line.moment.as_deref();
            id.is_some_and(|id| !self.undone.contains(id)) && line.undoes.is_none()
        });
        open.filter_map(|(at, line)| self.moment(at, line)).next()
    }

    /// The newest undo that isn't taken back, unless something else took work since.
    pub fn newest_undo(&self) -> Option<TakenMoment<'a>> {
        let lines = self.lines.iter().enumerate().rev();
        let is_undo = |line: &Line| {
            let open = line.moment.as_deref().is_some_and(|id| !self.undone.contains(id));
            let of = line.undoes.as_deref().filter(|_| open);
            of.is_some_and(|of| !self.undos.contains_key(of))
        };
        let (at, line) = lines.into_iter().find(|(_, line)| is_undo(line))?;
        let is_last = self.newest().is_none_or(|newest| newest.at < at);
        if is_last { self.moment(at, line) } else { None }
    }

    /// That of this name; `None` if there is none, or nothing of it can be had any more.
    pub fn named(&self, id: &str) -> Option<TakenMoment<'a>> {
        let is_it = |line: &Line| line.moment.as_deref().is_some_and(|it| it == id);
        let at = self.lines.iter().rposition(is_it)?;
        self.moment(at, &self.lines[at])
    }

    fn moment(&self, at: usize, line: &'a Line) -> Option<TakenMoment<'a>> {
        let files = self.files_of(at, false);
        let is_undone = self.undone.contains(line.moment.as_deref()?);
        let can_be_had = !files.is_empty() && self.can_all_be_had(&files);
        let (agent, whole) = (self.steps()[at], Vec::new());
        can_be_had.then_some(TakenMoment { line, at, is_undone, files, agent, whole })
    }

    /// `is_part`: of all that a session did, what is there again later counts, too.
    fn files_of(&self, at: usize, is_part: bool) -> Vec<TakenFile> {
        let line = &self.lines[at];
        let told = |(path, (before, after))| TakenFile {
            path,
            before,
            is_gits: false,
            after: Some(after),
        };
        match (line.what, &line.agent) {
            (What::Snapshot, Some(agent)) => self.step(at, agent, is_part),
            (What::Snapshot, None) => self.settle(at, line),
            _ => told::told(line).into_iter().map(told).collect(),
        }
    }

    fn can_all_be_had(&self, files: &[TakenFile]) -> bool {
        files.iter().all(|file| self.can_be_had(&file.before))
    }

    /// What has expired, or was forgotten, is nowhere.
    fn can_be_had(&self, state: &State) -> bool {
        let State::File { blob, .. } = state else { return true };
        let Ok(id) = self.store.objects.parse(blob) else { return false };
        let Store { vault, objects, settings, .. } = self.store;
        !settings.vault || vault.look(id) || vault.has(id) || objects.has(id)
    }

    /// What the last undo since a moment has put at a path: the user goes back step by step.
    pub fn put_back(&self, moment: &TakenMoment<'_>, path: &RepoPath) -> Option<State> {
        let since = self.lines[moment.at..].iter().rev().filter(|line| line.undoes.is_some());
        let mut of_path = since.filter_map(|line| told::told(line).remove(path));
        of_path.next().map(|(_, after)| after)
    }

    /// Whether the user has committed since.
    pub fn is_before_a_commit(&self, moment: &TakenMoment<'_>) -> bool {
        let mut since = self.lines[moment.at..].iter();
        since.any(|line| line.what == What::Commit && is_by_hand(line))
    }
}

/// The line of the moment of this name.
pub fn line_of<'a>(store: &'a Store, id: &str) -> Option<&'a Line> {
    store.records.own().lines().iter().rfind(|line| line.moment.as_deref() == Some(id))
}

impl TakenMoment<'_> {
    pub fn id(&self) -> &str {
        self.line.moment.as_deref().unwrap_or_default()
    }

    /// The moments that are taken back with it, as the record has them.
    pub fn taken_back(&self) -> String {
        if self.whole.is_empty() { self.id().to_owned() } else { self.whole.join(" ") }
    }

    /// The command: `git reset`, `restore`, `run`.
    pub fn command(&self) -> &str {
        let cause = self.line.cause.as_deref().unwrap_or_default();
        cause.strip_prefix("before ").unwrap_or(cause)
    }
}
