//! What is known of the record: the lines that a hook reads, or, for a command, those as far back as the vault
//! reaches; read when they are first asked for.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap};

use super::attempts;
use crate::model::access::Access;
use crate::model::events::attempt::{Attempt, AttemptState};
use crate::model::events::event::{Event, Kind};
use crate::model::events::line::Line;
use crate::model::names::backup_name::BackupName;
use crate::model::names::repo_path::RepoPath;
use crate::model::names::timestamp::Timestamp;
use crate::model::now::Now;
use crate::record::{Attempted, History, Record};

/// What the record knows of one version of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    pub kind: Option<Kind>,
    pub permissions: Option<Access>,
    pub label: Option<String>,
    /// What it was copied for.
    pub cause: Option<String>,
}

impl Known {
    pub fn of(event: &Event) -> Self {
        let Event { kind, permissions, label, .. } = event.clone();
        Self { kind, permissions, label, cause: None }
    }
}

/// How the last try at a commit went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastAttempt {
    /// When it began: seconds since 1970 and offset from UTC.
    pub began: (i64, i32),
    pub failed: bool,
    pub step: Option<String>,
}

/// The record, as one command reads it.
#[derive(Debug)]
pub struct Records {
    record: Record,
    reach: Reach,
    own: OnceCell<History>,
    all: OnceCell<History>,
    attempts: OnceCell<Vec<Attempted>>,
    by_path: OnceCell<HashMap<RepoPath, Vec<Event>>>,
    unread: RefCell<BTreeSet<String>>,
    /// It is about another place: what lies here is no part of it.
    pub is_elsewhere: bool,
}

#[derive(Debug, Clone, Copy)]
enum Reach {
    /// Today and yesterday, so much of it.
    Window(Now),
    /// Since the day of an instant.
    Since(i64),
}

impl Records {
    pub fn of_hook(record: &Record, now: &Now) -> Self {
        Self::reaching(record, Reach::Window(*now))
    }

    /// All that was written since an instant.
    pub fn since(record: &Record, since: i64) -> Self {
        Self::reaching(record, Reach::Since(since))
    }

    /// These lines and no others, of whatever worktree.
    pub fn of_lines(record: &Record, lines: Vec<Line>) -> Self {
        let history = History::of(lines);
        let (own, all) = (OnceCell::from(history.clone()), OnceCell::from(history));
        Self { own, all, is_elsewhere: true, ..Self::reaching(record, Reach::Since(i64::MAX)) }
    }

    fn reaching(record: &Record, reach: Reach) -> Self {
        let record = record.clone();
        let (own, all, attempts, by_path, unread, is_elsewhere) = Default::default();
        Self { record, reach, own, all, attempts, by_path, unread, is_elsewhere }
    }

    /// The days that were asked for and can't be read in full.
    pub fn unread(&self) -> Vec<String> {
        self.unread.borrow().iter().cloned().collect()
    }

    fn heard(&self, history: History) -> History {
        self.unread.borrow_mut().extend(history.unread().iter().cloned());
        history
    }

    pub fn own(&self) -> &History {
        let read = || match (self.reach, self.record.known_worktree()) {
            (Reach::Window(now), _) => self.record.window(&now, false),
            (Reach::Since(since), Some(id)) => self.record.history(Some(&id), since),
            (Reach::Since(_), None) => History::default(),
        };
        self.own.get_or_init(|| self.heard(read()))
    }

    /// The same, with the lists of big snapshots if they are `wanted`.
    pub fn with_lists(&self, wanted: bool) -> Cow<'_, History> {
        match self.reach {
            Reach::Window(now) if wanted => Cow::Owned(self.record.window(&now, true)),
            _ => Cow::Borrowed(self.own()),
        }
    }

    pub fn all(&self) -> &History {
        let since = match self.reach {
            Reach::Window(now) => now.timestamp(),
            Reach::Since(since) => since,
        };
        self.all.get_or_init(|| self.heard(self.record.history(None, since)))
    }

    /// The tries at a commit, oldest first.
    pub fn attempts(&self) -> &[Attempted] {
        self.attempts.get_or_init(|| self.own().attempts())
    }

    /// What is said of versions of `path`, newest first.
    fn about(&self, path: &RepoPath) -> &[Event] {
        let by_path = self.by_path.get_or_init(|| {
            let mut by_path: HashMap<RepoPath, Vec<Event>> = HashMap::new();
            for event in self.own().events().filter(|event| event.kind.is_some()) {
                by_path.entry(event.path.clone()).or_default().push(event);
            }
            by_path
        });
        by_path.get(path).map_or(&[], Vec::as_slice)
    }

    /// What is known of the version of `path` with this blob id in the snapshot of `time`: of the events of then
    /// the one in which it got a label, else the newest; else of any the newest.
    pub fn known(&self, path: &RepoPath, blob: &str, time: Timestamp) -> Known {
        let about = || self.about(path).iter().filter(|event| event.blob.as_deref() == Some(blob));
        let is_of_then = |event: &&Event| {
            let name = event.backup.as_deref().and_then(BackupName::parse);
            event.local_time() == time || name.is_some_and(|name| name.time == time)
        };
        let of_then = || about().filter(is_of_then);
        let labelled = of_then().find(|event| event.label.is_some());
        let found = labelled.or_else(|| of_then().next()).or_else(|| about().next());
        found.map(Known::of).unwrap_or_default()
    }

    /// The blob id that the backup of `path` with this name was made of, in hex, if that is on record.
    pub fn blob_of(&self, path: &RepoPath, backup: &[u8]) -> Option<String> {
        let without_id = BackupName::parse(backup).map(|name| name.without_id());
        let is_of = |event: &&Event| {
            let name = event.backup.as_deref();
            name == Some(backup) || event.clean && name == without_id.as_deref()
        };
        self.about(path).iter().filter(is_of).find_map(|event| event.blob.clone())
    }

    /// What happened to the files that are `wanted`, newest first, at most `most`.
    pub fn events(&self, wanted: &dyn Fn(&RepoPath) -> bool, most: Option<usize>) -> Vec<Event> {
        let Some(id) = self.record.known_worktree() else { return Vec::new() };
        let most = most.unwrap_or(usize::MAX);
        let mut events = Vec::new();
        for day in self.record.days().iter().rev() {
            if events.len() >= most {
                break;
            }
            let of_day = self.heard(self.record.day(day, Some(&id)));
            events.extend(of_day.events().filter(|event| wanted(&event.path)));
        }
        events.truncate(most);
        events
    }

    /// The last attempt, and whether it is under way. `has_succeeded` tells of one that no step has ended.
    pub fn last_attempt(
        &self,
        has_succeeded: impl Fn(&Attempt) -> bool,
    ) -> Option<(LastAttempt, bool)> {
        let last = &self.attempts().last()?.attempt;
        let live = attempts::is_live(last);
        let step = match &last.state {
            AttemptState::Failed { step, .. } => Some(step.clone()),
            AttemptState::Open if !has_succeeded(last) => {
                Some(crate::model::events::attempt::NOT_COMPLETED.to_owned())
            }
            AttemptState::Open | AttemptState::Succeeded { .. } => None,
        };
        let failed = step.is_some() && !live;
        let step = step.filter(|_| failed);
        Some((LastAttempt { began: last.began, failed, step }, live))
    }
}
