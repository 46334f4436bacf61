//! An attempt: one try at a commit, from pre-commit to post-commit.
//!
//! The line of its snapshot opens it, and carries what was backed up and which unstaged edits there were, so that
//! post-commit can look whether they still are; later lines of the record end it.

use super::event::{Event, EventKind};
use crate::model::names::repo_path::RepoPath;

/// The step of an attempt that no post-commit ended, for a reason that no hook of ours saw: another hook, the
/// editor, the message, signing, a lost race, a kill.
pub const NOT_COMPLETED: &str = "not completed";

/// A process, told apart from later ones of the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process {
    pub pid: u32,
    /// When it began, in a unit of the system's own; `None` where that isn't known.
    pub started: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum AttemptState {
    /// Under way, or given up without a word.
    #[default]
    Open,
    Failed {
        step: String,
        status: i32,
    },
    Succeeded {
        commit: String,
    },
}

/// An unstaged edit that was there before the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub path: RepoPath,
    /// The blob id of its bytes, in hex.
    pub blob: String,
    /// Its state then: size, modification time (seconds, nanoseconds), inode. As long as this is the
    /// same, the file has not been written to.
    pub stamp: Stamp,
    /// Git's own id of what was staged of it then, in hex.
    pub staged: Option<String>,
    /// What the index had then, in hex, if a filter hid the edit from Git by making that of it.
    pub hidden: Option<String>,
}

/// A file's state, as far as it shows whether the file was written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamp {
    pub size: u64,
    /// Modification time: seconds since 1970, nanoseconds.
    pub modified: (i64, u32),
    pub inode: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attempt {
    /// The `git commit` that tries; `None` where the system doesn't tell.
    pub process: Option<Process>,
    /// When it began, in seconds since 1970, and the offset from UTC in seconds.
    pub began: (i64, i32),
    /// The commit that HEAD named then, in hex.
    pub head: Option<String>,
    pub state: AttemptState,
    pub events: Vec<Event>,
    /// The unstaged edits that were there.
    pub edits: Vec<Edit>,
}

impl Attempt {
    /// Whether a later line has ended it. The snapshot's own line may call it done: what a merge needs.
    pub fn is_ended(&self) -> bool {
        match &self.state {
            AttemptState::Open => false,
            AttemptState::Failed { .. } => true,
            AttemptState::Succeeded { commit } => !commit.is_empty(),
        }
    }

    /// The backups that this attempt stands on, made by it or found to be there: path and file name.
    pub fn backups(&self) -> impl Iterator<Item = (&RepoPath, &[u8])> {
        self.events
            .iter()
            .filter(|event| matches!(event.what, EventKind::Created | EventKind::Duplicate))
            .filter_map(|event| Some((&event.path, event.backup.as_deref()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &[u8]) -> RepoPath {
        RepoPath::from_bytes(name.to_vec()).unwrap()
    }

    #[test]
    fn backups_are_those_made_and_those_found_to_be_there() {
        let now: crate::model::now::Now = "2025-11-06T20:10:45+02:00".parse().unwrap();
        let mut event = Event::new(EventKind::Duplicate, &now, path(b"a"));
        event.backup = Some(b"a.bak.20251106_201045.abc12345".to_vec());
        let mut attempt = Attempt { events: vec![event], ..Attempt::default() };
        assert_eq!(attempt.backups().count(), 1);
        attempt.events[0].what = EventKind::Retired;
        assert_eq!(attempt.backups().count(), 0);
    }
}
