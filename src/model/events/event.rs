//! Events: what happened to backups. The record keeps them; their names there never change.

use std::fmt;
use std::str::FromStr;

use crate::model::access::Access;
use crate::model::names::repo_path::RepoPath;
use crate::model::names::timestamp::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    Created,
    /// A version was kept in the vault, and no file made of it.
    Deposited,
    /// The newest backup held the same bytes already: no file was made.
    Duplicate,
    Retired,
    /// A commit succeeded, or `clean` was asked for: a backup was unlinked.
    Cleaned,
    Restored,
    /// A snapshot left the vault because of its age.
    Expired,
    Forgotten,
    /// A backup or a version that no record knew was taken in.
    Found,
}

const EVENT_NAMES: [(EventKind, &str); 9] = [
    (EventKind::Created, "created"),
    (EventKind::Deposited, "deposited"),
    (EventKind::Duplicate, "duplicate"),
    (EventKind::Retired, "retired"),
    (EventKind::Cleaned, "cleaned"),
    (EventKind::Restored, "restored"),
    (EventKind::Expired, "expired"),
    (EventKind::Forgotten, "forgotten"),
    (EventKind::Found, "found"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Staged,
    /// It was in the working tree and not staged.
    Worktree,
    Manual,
    /// An upgrade was about to change it.
    Apply,
    /// A Git command, or a coding agent, was about to overwrite or delete it.
    Guard,
}

const KIND_NAMES: [(Kind, &str); 5] = [
    (Kind::Staged, "staged"),
    (Kind::Worktree, "worktree"),
    (Kind::Manual, "manual"),
    (Kind::Apply, "apply"),
    (Kind::Guard, "guard"),
];

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(name_in(&EVENT_NAMES, *self))
    }
}

impl FromStr for EventKind {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        find_in(&EVENT_NAMES, name)
    }
}

impl Kind {
    pub fn name(self) -> &'static str {
        name_in(&KIND_NAMES, self)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Kind {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        find_in(&KIND_NAMES, name)
    }
}

fn name_in<T: PartialEq + Copy>(names: &[(T, &'static str)], value: T) -> &'static str {
    names.iter().find(|(known, _)| *known == value).map_or("", |(_, name)| name)
}

fn find_in<T: PartialEq + Copy>(names: &[(T, &'static str)], name: &str) -> anyhow::Result<T> {
    let known = names.iter().find(|(_, known)| *known == name);
    known.map(|(value, _)| *value).ok_or_else(|| anyhow::anyhow!("unknown word '{name}'"))
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub what: EventKind,
    /// When, in seconds since 1970.
    pub time: i64,
    /// The local time's offset from UTC then, in seconds east.
    pub offset: i32,
    pub path: RepoPath,
    /// The backup file's name (without folders), if it is about one.
    pub backup: Option<Vec<u8>>,
    /// Where that is, as it is shown, if not beside the file.
    pub elsewhere: Option<Vec<u8>>,
    /// The blob id of the bytes, in hex.
    pub blob: Option<String>,
    /// The vault has a clean form of it: nothing that tells of the bytes themselves is written down.
    pub clean: bool,
    pub size: Option<u64>,
    pub permissions: Option<Access>,
    pub kind: Option<Kind>,
    pub label: Option<String>,
    /// The commit that made the backup unnecessary, in hex.
    pub commit: Option<String>,
}

impl Event {
    /// The local second in which it happened.
    pub fn local_time(&self) -> Timestamp {
        Timestamp::of_seconds(self.time, self.offset)
    }

    /// Where its backup is, as it is shown.
    pub fn shown_backup(&self) -> Option<Vec<u8>> {
        let beside =
            || Some(self.path.with_file_name(self.backup.as_deref()?).ok()?.as_bytes().to_vec());
        self.elsewhere.clone().or_else(beside)
    }

    /// An event at `now` with nothing said yet but what and which file.
    pub fn new(what: EventKind, now: &crate::model::now::Now, path: RepoPath) -> Self {
        Self {
            what,
            time: now.timestamp(),
            offset: now.offset().local_minus_utc(),
            path,
            backup: None,
            elsewhere: None,
            blob: None,
            clean: false,
            size: None,
            permissions: None,
            kind: None,
            label: None,
            commit: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back_as_what_it_was() {
        for (what, _) in EVENT_NAMES {
            assert_eq!(what.to_string().parse::<EventKind>().unwrap(), what);
        }
        for (kind, _) in KIND_NAMES {
            assert_eq!(kind.to_string().parse::<Kind>().unwrap(), kind);
        }
    }

    #[test]
    fn an_unknown_name_is_an_error() {
        assert!("Created".parse::<EventKind>().is_err());
        assert!("".parse::<Kind>().is_err());
    }
}
