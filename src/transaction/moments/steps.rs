//! What an agent's step has changed, and all that a session has.
//!
//! There is no look when a step ends. What it has changed is told by the next look at each file: in the record, or
//! now. A step before a command saw all that is uncommitted: what it didn't see was as Git has it, or wasn't there.
//!
//! What could go wrong: other people's work is taken for the agent's. So what was written later than a step may
//! last is not the step's, and a file that no look has seen was made by it only if the file began since.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

use super::sights::{Sight, absent};
use super::{Moments, TakenFile, TakenMoment, is_same};
use crate::git::survey::pathspec::SurveyOptions;
use crate::git::survey::{at_risk, missing};
use crate::model::events::agent_note::AgentNote;
use crate::model::events::line::{Line, Seen, What};
use crate::model::names::backup_name::is_ours;
use crate::model::names::quote::quote;
use crate::model::names::repo_path::RepoPath;
use crate::model::transaction::State;
use crate::os::platform;

/// In seconds: agents end a command that runs for longer, unless they are told not to.
const LONGEST: i64 = 600;

impl<'a> Moments<'a> {
    /// The step that each line belongs to: it is one, or a command of Git's took work while one was under way.
    pub(super) fn steps(&self) -> &[Option<&'a AgentNote>] {
        self.steps.get_or_init(|| {
            let mut under_way: Option<(&AgentNote, i64)> = None;
            let of_line = |line: &'a Line| {
                if let Some(agent) = &line.agent {
                    under_way = (!agent.command.is_empty()).then_some((agent, line.time));
                    return Some(agent);
                }
                let is_of_git = match line.what {
                    What::Snapshot => true,
                    What::Changed => line.cause.as_deref().is_some_and(|it| it.starts_with("git")),
                    _ => false,
                };
                let is_moment = is_of_git && line.moment.is_some();
                let (agent, began) = under_way.filter(|_| is_moment)?;
                (line.time - began <= LONGEST).then_some(agent)
            };
            self.lines.iter().map(of_line).collect()
        })
    }

    /// One note of each session, the newest first.
    pub fn sessions(&self) -> Vec<&'a AgentNote> {
        let mut known = BTreeSet::new();
        let notes = self.steps().iter().rev().flatten().copied();
        let has_one = |note: &&AgentNote| !note.session.is_empty();
        notes.filter(has_one).filter(|note| known.insert(&note.session)).collect()
    }

    /// All that a session did, as one moment; `None` if nothing of it is left to take back.
    pub fn session(&self, session: &str) -> Option<TakenMoment<'a>> {
        let is_open =
            |line: &Line| line.moment.as_deref().is_some_and(|id| !self.undone.contains(id));
        let steps = self.steps().iter().zip(self.lines).enumerate();
        let own: Vec<usize> = steps
            .filter(|(_, (step, line))| {
                step.is_some_and(|it| it.session == session) && is_open(line)
            })
            .map(|(at, _)| at)
            .collect();
        let mut all: BTreeMap<RepoPath, TakenFile> = BTreeMap::new();
        for file in own.iter().flat_map(|at| self.files_of(*at, true)) {
            match all.get_mut(&file.path) {
                Some(known) => known.after = file.after,
                None => drop(all.insert(file.path.clone(), file)),
            }
        }
        let is_back =
            |file: &TakenFile| file.after.as_ref().is_some_and(|it| is_same(it, &file.before));
        let files: Vec<TakenFile> = all.into_values().filter(|file| !is_back(file)).collect();
        let first = *own.first()?;
        let (line, ids) =
            (&self.lines[first], own.iter().filter_map(|at| self.lines[*at].moment.as_deref()));
        let (agent, whole) = (self.steps()[first], ids.collect());
        let moment = TakenMoment { line, at: first, is_undone: false, files, agent, whole };
        (!moment.files.is_empty() && self.can_all_be_had(&moment.files)).then_some(moment)
    }

    /// The files that the step of this line has changed.
    pub(super) fn step(&self, at: usize, agent: &AgentNote, is_part: bool) -> Vec<TakenFile> {
        let is_full = |line: &Line| line.full && line.agent.is_some();
        let end = (at + 1..self.lines.len()).find(|at| is_full(&self.lines[*at]));
        let paths = self.candidates(at, end);
        self.ask_git(paths.iter().cloned());
        let is_back = |file: &TakenFile| {
            let now = Sight { at, state: file.before.clone(), git: None, written: None };
            self.sight_now(&file.path).is_some_and(|it| is_alike(&it, &now))
        };
        let is_undone = self.lines[at].moment.as_deref().is_some_and(|id| self.undone.contains(id));
        let mut files: Vec<TakenFile> =
            paths.into_iter().filter_map(|path| self.changed(at, end, agent, path)).collect();
        files.retain(|file| is_part || is_undone || !is_back(file));
        files
    }

    /// The files that it may have changed: those that it saw, and where it saw all, those that were seen since.
    fn candidates(&self, at: usize, end: Option<usize>) -> BTreeSet<RepoPath> {
        let of_line = |line: &Line| {
            let absent = line.agent.iter().flat_map(absent);
            line.files.iter().filter_map(Seen::path).chain(absent).collect::<Vec<_>>()
        };
        let mut paths: BTreeSet<RepoPath> = of_line(&self.lines[at]).into_iter().collect();
        if self.lines[at].full {
            let last = end.unwrap_or(self.lines.len() - 1);
            let since = &self.lines[at + 1..=last.max(at)];
            paths.extend(
                since
                    .iter()
                    .filter(|it| it.moment.is_some() || it.is_of_versions())
                    .flat_map(of_line),
            );
            if end.is_none() {
                paths.extend(self.uncommitted().iter().cloned());
            }
        }
        paths.retain(|path| !is_ours(path.file_name()));
        paths
    }

    fn changed(
        &self,
        at: usize,
        end: Option<usize>,
        agent: &AgentNote,
        path: RepoPath,
    ) -> Option<TakenFile> {
        let seen = self.sights().of.get(&path).map_or(&[][..], Vec::as_slice);
        let own = seen.iter().rfind(|sight| sight.at == at).cloned();
        let next = seen.iter().find(|sight| sight.at > at && end.is_none_or(|end| sight.at <= end));
        let (is_told, before) = (own.is_some(), own.or_else(|| self.unseen(at, &path))?);
        let now = self.sight_now(&path)?;
        let id = self.lines[at].moment.as_deref()?;
        let is_undone = self.undone.contains(id);
        let mut after = next.cloned().or_else(|| self.unseen(end?, &path)).unwrap_or(now.clone());
        if is_alike(&after, &now) {
            after.state = now.state;
        }
        let is_late = after.written.is_some_and(|time| time > agent.clock + LONGEST);
        // An edit has changed it all the same; a command may not have.
        let after = Some(after).filter(|_| !is_late);
        let was_made = before.state == State::Nothing;
        if is_late && self.lines[at].full
            || after.as_ref().is_some_and(|after| is_alike(&before, after))
            || was_made && !is_told && !is_undone && !self.has_begun_since(&path, agent.clock)
        {
            return None;
        }
        let is_gits = !is_told && !was_made;
        Some(TakenFile { path, before: before.state, is_gits, after: after.map(|it| it.state) })
    }

    fn sight_now(&self, path: &RepoPath) -> Option<Sight> {
        let (at, git, written) = (self.lines.len(), self.git_id(path), self.written(path));
        Some(Sight { at, state: self.now(path)?, git, written })
    }

    /// What a file was that this look, which saw all that is uncommitted, did not see.
    fn unseen(&self, at: usize, path: &RepoPath) -> Option<Sight> {
        let line = &self.lines[at];
        let agent = line.agent.as_ref().filter(|_| line.full)?;
        let objects = &self.store.objects;
        // It may have seen what was forgotten since.
        let is_seen = line.files.iter().any(|seen| seen.is_of(path));
        if is_seen || agent.left.contains(&quote(path.as_bytes(), true)) {
            return None;
        }
        let entry = match &line.head {
            Some(head) => {
                let (tree, _) = objects.commit(objects.parse(head).ok()?).ok()?;
                objects.lookup(tree, path).ok()?
            }
            None => None,
        };
        let state = match entry {
            None => State::Nothing,
            Some(entry) if entry.is_file() => {
                let permissions = if entry.mode & 0o100 == 0 { 0o644 } else { 0o755 };
                State::File { blob: entry.id.to_string(), permissions }
            }
            Some(_) => return None,
        };
        Some(Sight { at, state, git: None, written: None })
    }

    /// What is uncommitted now.
    fn uncommitted(&self) -> &[RepoPath] {
        self.uncommitted.get_or_init(|| {
            let exclude = self.store.settings.exclude.clone();
            let options = SurveyOptions { untracked: true, exclude, ..SurveyOptions::default() };
            let git = self.store.repository.git();
            let (missing, run) = (missing::start(&git), at_risk::start(&git, &options));
            let survey = run.and_then(at_risk::SurveyRun::finish).unwrap_or_default();
            let missing = missing.map(missing::finish).unwrap_or_default();
            survey.files.into_iter().map(|file| file.path).chain(missing).collect()
        })
    }

    fn written(&self, path: &RepoPath) -> Option<i64> {
        let place = self.store.repository.top.join(path.to_path_buf());
        Some(seconds(place.symlink_metadata().ok()?.modified().ok()?))
    }

    /// Where the file system doesn't tell, it may have been there before.
    fn has_begun_since(&self, path: &RepoPath, clock: i64) -> bool {
        let began = platform::began(&self.store.repository.top.join(path.to_path_buf()));
        began.is_some_and(|time| seconds(time) >= clock)
    }
}

fn seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// The same bytes, or to Git the same.
fn is_alike(one: &Sight, other: &Sight) -> bool {
    match (&one.state, &other.state) {
        (State::File { blob, permissions }, State::File { blob: others, permissions: bits }) => {
            let git =
                |sight: &Sight, blob: &String| sight.git.clone().unwrap_or_else(|| blob.clone());
            (permissions ^ bits) & 0o100 == 0
                && (blob == others || git(one, blob) == git(other, others))
        }
        (state, others) => state == others,
    }
}
