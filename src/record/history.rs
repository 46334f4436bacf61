//! What the lines of one worktree come to: versions, attempts at a commit, backups that should be there.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::gone::Gone;
use crate::model::events::attempt::{Attempt, AttemptState, Edit, NOT_COMPLETED};
use crate::model::events::event::{Event, EventKind, Kind};
use crate::model::events::failure::{Failure, Tried};
use crate::model::events::line::{Line, Seen, What};
use crate::model::names::repo_path::RepoPath;
use crate::model::names::timestamp::Timestamp;

/// A backup file's original and its own name.
pub type Named = (RepoPath, Vec<u8>);

/// The lines of one worktree, or of all, oldest first.
#[derive(Debug, Clone, Default)]
pub struct History {
    lines: Vec<Line>,
    gone: Gone<usize>,
    unread: Vec<String>,
}

/// One version of one file that was copied.
#[derive(Debug, Clone, Copy)]
pub struct RecordedVersion<'a> {
    pub line: &'a Line,
    /// Its place among the lines: later ones have greater ones.
    pub at: usize,
    pub seen: &'a Seen,
}

/// A try at a commit, or what was backed up when it was staged.
#[derive(Debug, Clone)]
pub struct Attempted {
    /// What tells it from others; empty for what was staged.
    pub id: String,
    pub attempt: Attempt,
}

/// The backups that should be there.
#[derive(Debug, Clone, Default)]
pub struct StandingBackups {
    pub named: BTreeSet<Named>,
    /// There are no older ones that the lines don't tell of.
    pub is_all: bool,
}

impl History {
    pub fn of(lines: Vec<Line>) -> Self {
        let lines = without_repeated(lines);
        let places = lines.iter().enumerate().map(|(at, line)| (line, Some(at)));
        Self { gone: Gone::of(places, i64::MAX), lines, unread: Vec::new() }
    }

    /// The same, with the days of which some lines, or all, can't be read.
    pub(super) fn with_unread(mut self, days: impl IntoIterator<Item = String>) -> Self {
        self.unread.extend(days);
        self
    }

    /// The days of which some lines, or all, can't be read.
    pub fn unread(&self) -> &[String] {
        &self.unread
    }

    pub fn into_lines(self) -> Vec<Line> {
        self.lines
    }

    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The versions, newest first; of one snapshot, the working tree's before the staged one.
    pub fn versions(&self) -> impl Iterator<Item = RecordedVersion<'_>> {
        let lines = self.lines.iter().enumerate().rev();
        let snapshots = lines.filter(|(_, line)| line.is_of_versions());
        snapshots.flat_map(move |(at, line)| {
            let has =
                move |seen: &&Seen| seen.id.is_some() && !self.gone.has(line, Some(&at), seen);
            let files = line.files.iter().rev().filter(has);
            files.map(move |seen| RecordedVersion { line, at, seen })
        })
    }

    /// All files that were copied, those that have left the vault since as well.
    pub fn copied(&self) -> impl Iterator<Item = (&Line, &Seen)> {
        let snapshots = self.lines.iter();
        let snapshots = snapshots.filter(|line| line.is_of_versions());
        let files = snapshots.flat_map(|line| line.files.iter().map(move |seen| (line, seen)));
        files.filter(|(_, seen)| seen.id.is_some())
    }

    pub fn snapshots(&self) -> usize {
        let mut at: Vec<usize> = self.versions().map(|version| version.at).collect();
        at.dedup();
        at.len()
    }

    /// The tries at a commit, oldest first.
    pub fn attempts(&self) -> Vec<Attempted> {
        let mut all: Vec<Attempted> = Vec::new();
        for line in &self.lines {
            match (line.what, &line.attempt) {
                (What::Snapshot, Some(id)) => all.push(begun(id, line)),
                (_, Some(id)) => {
                    if let Some(it) = all.iter_mut().rfind(|it| it.id == *id) {
                        it.hear(line);
                    }
                }
                (..) => {}
            }
        }
        all
    }

    /// The attempts that no step has ended.
    pub fn open_attempts(&self) -> Vec<Attempted> {
        let mut all = self.attempts();
        all.retain(|it| it.attempt.state == AttemptState::Open);
        all
    }

    /// The backups that should be there.
    pub fn standing(&self) -> StandingBackups {
        let since = self.lines.iter().rposition(|line| line.clear);
        let mut standing = StandingBackups { is_all: since.is_some(), named: BTreeSet::new() };
        for line in &self.lines[since.map_or(0, |at| at + 1)..] {
            for event in line.events() {
                let Some(name) = event.backup else { continue };
                match event.what {
                    EventKind::Created | EventKind::Duplicate | EventKind::Found => {
                        standing.named.insert((event.path, name));
                    }
                    EventKind::Retired | EventKind::Cleaned => {
                        standing.named.remove(&(event.path, name));
                    }
                    _ => {}
                }
            }
        }
        standing
    }

    /// Of each file, its versions in the newest snapshot that saw it.
    pub fn newest_by_path(&self) -> HashMap<RepoPath, Vec<RecordedVersion<'_>>> {
        let mut newest: HashMap<RepoPath, Vec<RecordedVersion<'_>>> = HashMap::new();
        for version in self.versions().filter(RecordedVersion::is_of_snapshot) {
            let Some(path) = version.seen.path() else { continue };
            let of_path = newest.entry(path).or_default();
            if of_path.first().is_none_or(|first| first.at == version.at) {
                of_path.push(version);
            }
        }
        newest
    }

    /// The files of the newest snapshot.
    pub fn newest_paths(&self) -> BTreeSet<RepoPath> {
        let Some(at) =
            self.versions().find(RecordedVersion::is_of_snapshot).map(|newest| newest.at)
        else {
            return BTreeSet::new();
        };
        let newest = self.versions().filter(|version| version.at == at);
        newest.filter_map(|version| version.seen.path()).collect()
    }

    /// Whether any line names these bytes as a version of `path`.
    pub fn names(&self, path: &RepoPath, id: &str) -> bool {
        let is_it =
            |it: RecordedVersion<'_>| it.seen.id.as_deref() == Some(id) && it.seen.is_of(path);
        self.versions().any(is_it)
    }

    pub fn events(&self) -> impl Iterator<Item = Event> {
        let newest_first = self.lines.iter().rev();
        newest_first.flat_map(|line| line.events().collect::<Vec<_>>().into_iter().rev())
    }

    /// The last try at a commit.
    pub fn last_attempt(&self) -> Option<Attempted> {
        self.attempts().pop()
    }

    /// The newest snapshot with this label.
    pub fn labelled(&self, label: &str) -> Option<&Line> {
        self.lines.iter().rfind(|line| line.label.as_deref() == Some(label))
    }

    /// The labels of snapshots, those used last first.
    pub fn labels(&self) -> Vec<String> {
        let mut labels: Vec<String> = Vec::new();
        for label in self.lines.iter().rev().filter_map(|line| line.label.as_ref()) {
            if !labels.contains(label) {
                labels.push(label.clone());
            }
        }
        labels
    }

    /// The failures of applies and runs, and of commits, oldest first.
    pub fn failures(&self) -> Vec<Failure> {
        let of_lines = self.lines.iter().filter(|line| line.what == What::Failure);
        let mut failures: Vec<Failure> = of_lines.filter_map(failure).collect();
        failures.extend(self.attempts().iter().filter_map(|it| of_attempt(&it.attempt)));
        failures.sort_by_key(|failure| failure.time);
        failures
    }
}

/// The lines without exact repetitions: a copy of a file, put behind itself, tells of nothing that happened.
fn without_repeated(mut lines: Vec<Line>) -> Vec<Line> {
    let mut by_time: Vec<usize> = (0..lines.len()).collect();
    by_time.sort_by_key(|at| lines[*at].time);
    let mut repeated = HashSet::new();
    for of_then in by_time.chunk_by(|a, b| lines[*a].time == lines[*b].time) {
        for (number, at) in of_then.iter().enumerate() {
            // Few share a second: where very many were written in one, not all are compared.
            let before = &of_then[number.saturating_sub(32)..number];
            if before.iter().any(|other| lines[*other] == lines[*at]) {
                repeated.insert(*at);
            }
        }
    }
    let mut places = 0..;
    if !repeated.is_empty() {
        lines.retain(|_| places.next().is_some_and(|at: usize| !repeated.contains(&at)));
    }
    lines
}

impl RecordedVersion<'_> {
    /// The second that names its snapshot.
    pub fn time(&self) -> Timestamp {
        self.of_backup().unwrap_or_else(|| self.line.timestamp())
    }

    /// When it was copied, in seconds since 1970.
    pub fn instant(&self) -> i64 {
        let local = self.of_backup().map(|time| time.naive().and_utc().timestamp());
        local.map_or(self.line.time, |local| local - i64::from(self.line.zone))
    }

    /// A backup that was taken in later is as old as its name says, and newer than nothing that was seen since.
    fn of_backup(&self) -> Option<Timestamp> {
        let name = self.seen.bak.as_ref().filter(|_| self.line.what == What::Found)?;
        Timestamp::parse_bytes(name.as_bytes().get(..Timestamp::LENGTH)?)
    }

    pub fn is_of_snapshot(&self) -> bool {
        self.line.what == What::Snapshot
    }
}

fn begun(id: &str, line: &Line) -> Attempted {
    let state = match line.done {
        true => AttemptState::Succeeded { commit: String::new() },
        false => AttemptState::Open,
    };
    let staged = line.files.iter().filter(|seen| seen.kind == Some(Kind::Staged));
    let staged: HashMap<_, _> = staged.map(|seen| (seen.path(), seen.git_id())).collect();
    let edit = |seen: &Seen| {
        let (path, blob, stamp) = (seen.path()?, seen.id.clone()?, seen.stamp()?);
        let staged = staged.get(&Some(path.clone())).cloned().flatten();
        let edit = Edit { path, blob, stamp, staged, hidden: seen.git.clone() };
        (seen.kind == Some(Kind::Worktree)).then_some(edit)
    };
    let attempt = Attempt {
        process: line.process(),
        began: (line.time, line.zone),
        head: line.head.clone(),
        state,
        events: line.events().collect(),
        edits: line.files.iter().filter_map(edit).collect(),
    };
    Attempted { id: id.to_owned(), attempt }
}

impl Attempted {
    /// The one that the line of a snapshot opens.
    pub fn of_line(line: &Line) -> Option<Self> {
        line.attempt.as_ref().map(|id| begun(id, line))
    }

    /// What a later line says of it.
    fn hear(&mut self, line: &Line) {
        match line.what {
            What::Commit => {
                let commit = line.commit.clone().unwrap_or_default();
                self.attempt.state = AttemptState::Succeeded { commit };
            }
            What::Failed => {
                let step = line.step.clone().unwrap_or_else(|| NOT_COMPLETED.to_owned());
                self.attempt.state =
                    AttemptState::Failed { step, status: line.status.unwrap_or(0) };
            }
            What::Vanished => {
                let gone: Vec<RepoPath> = line.files.iter().filter_map(Seen::path).collect();
                self.attempt.edits.retain(|edit| !gone.contains(&edit.path));
            }
            _ => {}
        }
    }
}

/// What a failed try at a commit is to the journal: it was about what was staged for it, else all it saw.
pub fn of_attempt(attempt: &Attempt) -> Option<Failure> {
    let (step, status) = match &attempt.state {
        AttemptState::Failed { step, status } => {
            (step.clone(), (step != NOT_COMPLETED).then_some(*status))
        }
        AttemptState::Open => (NOT_COMPLETED.to_owned(), None),
        AttemptState::Succeeded { .. } => return None,
    };
    let staged = files(attempt, Some(Kind::Staged));
    let files = if staged.is_empty() { files(attempt, None) } else { staged };
    let (time, offset) = attempt.began;
    Some(Failure { time, offset, tried: Tried::Commit, step, status, files, output: Vec::new() })
}

fn files(attempt: &Attempt, kind: Option<Kind>) -> Vec<RepoPath> {
    let of_kind = attempt.events.iter().filter(|event| kind.is_none() || event.kind == kind);
    let files: BTreeSet<&RepoPath> = of_kind.map(|event| &event.path).collect();
    files.into_iter().cloned().collect()
}

fn failure(line: &Line) -> Option<Failure> {
    Some(Failure {
        time: line.time,
        offset: line.zone,
        tried: line.tried.as_ref()?.parse().ok()?,
        step: line.step.clone()?,
        status: line.status,
        files: line.files.iter().filter_map(Seen::path).collect(),
        output: line.output.clone().unwrap_or_default().into_bytes(),
    })
}
