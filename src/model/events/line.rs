//! One line of the record: an event, as JSON (docs/vault.md, "The record").
//!
//! The short names are those of the file, and never change; fields are only ever added. A reader passes over
//! what it doesn't know, and only `forget` rewrites a line.
//!
//! | field | meaning |
//! |---|---|
//! | `t`, `z` | the instant, in seconds since 1970, and the local time's offset from UTC then, in seconds east |
//! | `wt` | the id of the worktree |
//! | `ev` | what happened: see [`What`] |
//! | `files` | the files it is about: see [`Seen`] |
//! | `attempt`, `pid`, `started` | the try at a commit that it belongs to, and the process of that `git commit` |

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::agent_note::AgentNote;
use super::attempt::{Process, Stamp};
use super::event::{Event, EventKind, Kind};
use super::failure::Failure;
use crate::model::access::Access;
use crate::model::names::backup_name::BackupName;
use crate::model::names::quote::{quote, unquote};
use crate::model::names::repo_path::RepoPath;
use crate::model::names::timestamp::Timestamp;
use crate::model::now::Now;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// Files were seen, and copied where that was needed.
    Snapshot,
    /// A commit was made: it ends an attempt, and names the backups that went.
    Commit,
    /// An attempt ended without a commit.
    Failed,
    /// Edits that an attempt has seen are gone, and that was said.
    Vanished,
    Retired,
    Cleaned,
    Restored,
    /// An apply or a run has changed files.
    Changed,
    /// A backup that no record knew was taken in.
    Found,
    Forgotten,
    /// An apply or a run came to nothing.
    Failure,
    /// Versions left the vault: those in `files` (path, id and `t` are the version's), and those from `after`
    /// on and before `before`. Of the worktree `wt`; of all if it names none. It is about what the record had
    /// when it was written: a version whose line stands behind it is not gone by it, and one that lies in the
    /// future (the clock was set back since) says nothing of `before`.
    Gone,
    /// Versions of before `before` are old enough to go, if a second look a day on finds the same.
    Overdue,
    #[default]
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    #[serde(rename = "path", skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The same where it isn't UTF-8, as Git quotes it.
    #[serde(rename = "path_c", skip_serializing_if = "Option::is_none")]
    pub quoted: Option<String>,
    #[serde(deserialize_with = "known", serialize_with = "word")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// What was done: `created`, `duplicate` (its backup was there), `deposited` (no backup was made).
    #[serde(deserialize_with = "known", serialize_with = "word")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what: Option<EventKind>,
    /// The blob id of its bytes, which the vault has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Git's own id of it, where a filter makes that another. In the line of a commit: what that has there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git: Option<String>,
    /// In the line of a commit: Git's id of what its first parent has there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// The vault holds what Git's filter made of it: an encrypting one's plain text is not kept.
    #[serde(skip_serializing_if = "is_false")]
    pub clean: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<u32>,
    /// Git would not take it in: it stays on this machine.
    #[serde(skip_serializing_if = "is_false")]
    pub ignored: bool,
    /// The group that the mode is for, where its rights differ from those of all others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gid: Option<u32>,
    /// What stands behind `.bak.` in the name of its backup; `*` for an id that would tell of a clean version's bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bak: Option<String>,
    /// The state of the file that was read: size, modification time (seconds, nanoseconds), inode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stat: Option<(u64, i64, u32, u64)>,
    /// It stood there before: in the line of a moment, beside what stands there after it, if anything does.
    #[serde(skip_serializing_if = "is_false")]
    pub was: bool,
    /// Where it leads, quoted as Git does, if it is a link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// In `gone`: the instant of the version that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub t: Option<i64>,
}

#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    #[serde(rename = "t")]
    pub time: i64,
    #[serde(rename = "z", default)]
    pub zone: i32,
    #[serde(rename = "wt", default, skip_serializing_if = "String::is_empty")]
    pub worktree: String,
    /// What a linked worktree is called.
    #[serde(rename = "wn", default, skip_serializing_if = "Option::is_none")]
    pub worktree_name: Option<String>,
    #[serde(rename = "ev")]
    pub what: What,
    /// Why: `add`, `commit`, `before git reset --hard`, `snapshot`, `before restore`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The commit that HEAD named, in hex, and the branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// A tracked file that isn't in it was clean.
    #[serde(default, skip_serializing_if = "is_false")]
    pub full: bool,
    /// It is a moment, or one if the command before which it was made took anything: what that is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moment: Option<String>,
    /// The agent's step that it was made before.
    #[serde(default, deserialize_with = "note", skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentNote>,
    /// The moments that it takes back, parted by blanks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<String>,
    /// Of a moment: the folders that it changed, quoted, each with its permission bits before; `None`: it wasn't there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub folders: Vec<(String, Option<u32>)>,
    /// The second in the names of its backups, where that isn't the local one of `t`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<u64>,
    /// The attempt needs no end: a merge runs no post-commit.
    #[serde(default, skip_serializing_if = "is_false")]
    pub done: bool,
    /// The commit that was made, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Its parents, where `files` has every path that it changed against the first of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parents: Option<Vec<String>>,
    /// After it, no backup of this worktree that the record knew of is left.
    #[serde(default, skip_serializing_if = "is_false")]
    pub clear: bool,
    /// What was tried, which step failed, its exit status, what it printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// In `gone` and `overdue`: the instant before which, and in `gone` the one from which on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<i64>,
    /// Why versions left: `expired`, `limit`, `clean`, `forgotten`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<Seen>,
    /// Where in the day's list of big snapshots the files are: offset and length in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub big: Option<(u64, u64)>,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// A word of a closed list; `None` for one that only a later version has.
fn known<'de, D: Deserializer<'de>, T: FromStr>(deserializer: D) -> Result<Option<T>, D::Error> {
    struct KnownWord<T>(PhantomData<T>);
    impl<T: FromStr> Visitor<'_> for KnownWord<T> {
        type Value = Option<T>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a word")
        }

        fn visit_str<E>(self, word: &str) -> Result<Option<T>, E> {
            Ok(word.parse().ok())
        }
    }
    deserializer.deserialize_str(KnownWord(PhantomData))
}

/// A note; `None` for one that only a later version makes sense of.
fn note<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<AgentNote>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}

fn word<S: Serializer, T: fmt::Display>(
    word: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match word {
        Some(word) => serializer.collect_str(word),
        None => serializer.serialize_none(),
    }
}

impl Seen {
    pub fn of(path: &RepoPath) -> Self {
        let text = std::str::from_utf8(path.as_bytes());
        Self {
            text: text.ok().map(str::to_owned),
            quoted: text.is_err().then(|| quote(path.as_bytes(), true)),
            ..Self::default()
        }
    }

    /// The path; `None` where it is none that a file of a working tree can have.
    pub fn path(&self) -> Option<RepoPath> {
        RepoPath::from_bytes(self.path_bytes()?).ok()
    }

    /// Whether it is about the file at a path.
    pub fn is_of(&self, path: &RepoPath) -> bool {
        match &self.text {
            Some(text) => text.as_bytes() == path.as_bytes(),
            None => self.path_bytes().is_some_and(|bytes| bytes == path.as_bytes()),
        }
    }

    /// The bytes of its path, whatever they are.
    pub fn path_bytes(&self) -> Option<Vec<u8>> {
        match (&self.text, &self.quoted) {
            (Some(path), _) => Some(path.as_bytes().to_vec()),
            (None, Some(quoted)) => unquote(quoted),
            (None, None) => None,
        }
    }

    /// It, its version's id and instant and the name of its backup, and nothing else: how a `gone` names it.
    pub fn naming(&self, time: i64) -> Self {
        let (text, quoted, id) = (self.text.clone(), self.quoted.clone(), self.id.clone());
        Self { text, quoted, id, bak: self.bak.clone(), t: Some(time), ..Self::default() }
    }

    pub fn of_event(event: &Event) -> Self {
        let bak = event.backup.as_deref().and_then(|name| suffix(name, event.clean));
        Self {
            clean: event.clean,
            kind: event.kind,
            what: Some(event.what),
            id: event.blob.clone(),
            size: event.size,
            mode: event.permissions.map(|it| it.bits),
            gid: event.permissions.and_then(|it| it.group),
            bak,
            ..Self::of(&event.path)
        }
    }

    /// Who could use it, if that is said.
    pub fn access(&self) -> Option<Access> {
        self.mode.map(|bits| Access { bits: bits & 0o777, group: self.gid })
    }

    /// What stood in the working tree; of the two that the guard may have copied, that which was read from a file there.
    pub fn is_of_worktree(&self) -> bool {
        match self.kind {
            Some(Kind::Staged) => false,
            Some(Kind::Guard) => self.stat.is_some(),
            _ => true,
        }
    }

    /// Git's own id of it, in hex.
    pub fn git_id(&self) -> Option<String> {
        self.git.clone().or_else(|| self.id.clone())
    }

    pub fn backup(&self, path: &RepoPath) -> Option<Vec<u8>> {
        let name = [path.file_name(), b".bak.", self.bak.as_ref()?.as_bytes()].concat();
        let is_one = BackupName::parse(&name).is_some() || BackupName::is_without_id(&name);
        is_one.then_some(name)
    }

    pub fn stamp(&self) -> Option<Stamp> {
        let (size, seconds, nanos, inode) = self.stat?;
        Some(Stamp { size, modified: (seconds, nanos), inode })
    }
}

/// What stands behind the mark in a backup's name; `clean`: with nothing that tells of its bytes.
fn suffix(name: &[u8], clean: bool) -> Option<String> {
    let name = BackupName::parse(name)?;
    let time = name.time;
    if clean && name.artifact.is_some() {
        return Some(format!("{time}.*"));
    }
    Some(name.artifact.map_or_else(|| time.to_string(), |artifact| format!("{time}.{artifact}")))
}

impl Line {
    /// A line at `now` with nothing said yet but what.
    pub fn new(what: What, now: &Now) -> Self {
        Self {
            time: now.timestamp(),
            zone: now.offset().local_minus_utc(),
            what,
            ..Self::default()
        }
    }

    /// Lines for events that are no snapshot, one for each kind of event in a row.
    pub fn of_events(events: &[Event], now: &Now) -> Vec<Self> {
        let mut lines: Vec<(EventKind, Option<String>, Self)> = Vec::new();
        for event in events {
            let seen = Seen::of_event(event);
            match lines.last_mut() {
                Some((kind, commit, line)) if *kind == event.what && *commit == event.commit => {
                    line.files.push(seen);
                }
                _ => {
                    let Some(what) = What::of(event.what) else { continue };
                    let mut line = Self::new(what, now);
                    line.commit.clone_from(&event.commit);
                    line.files.push(seen);
                    lines.push((event.what, event.commit.clone(), line));
                }
            }
        }
        lines.into_iter().map(|(_, _, line)| line).collect()
    }

    /// The line of an apply or a run that came to nothing.
    pub fn of_failure(failure: &Failure) -> Self {
        let zone = chrono::FixedOffset::east_opt(failure.offset);
        let then = chrono::DateTime::from_timestamp(failure.time, 0).unwrap_or_default();
        let then = zone.map_or_else(|| then.fixed_offset(), |zone| then.with_timezone(&zone));
        let mut line = Self::new(What::Failure, &then);
        line.tried = Some(failure.tried.to_string());
        line.step = Some(failure.step.clone());
        line.status = failure.status;
        line.output = Some(String::from_utf8_lossy(&failure.output).into_owned());
        line.files = failure.files.iter().map(Seen::of).collect();
        line
    }

    /// Whether its files with an id are versions.
    pub fn is_of_versions(&self) -> bool {
        matches!(self.what, What::Snapshot | What::Found)
    }

    /// The versions that it tells of.
    pub fn versions(&self) -> impl Iterator<Item = &Seen> {
        self.files.iter().filter(|seen| self.is_of_versions() && seen.id.is_some())
    }

    pub fn process(&self) -> Option<Process> {
        Some(Process { pid: self.pid?, started: self.started })
    }

    /// The second in the names of its backups.
    pub fn timestamp(&self) -> Timestamp {
        let named = self.named.as_ref().and_then(|named| named.parse().ok());
        named.unwrap_or_else(|| Timestamp::of_seconds(self.time, self.zone))
    }

    /// What it says of each of its files, as events; those that make no sense are passed over.
    pub fn events(&self) -> impl Iterator<Item = Event> {
        self.files.iter().filter(|seen| !seen.was).filter_map(|seen| self.event(seen))
    }

    fn event(&self, seen: &Seen) -> Option<Event> {
        let path = seen.path()?;
        let what = match self.what {
            What::Snapshot => seen.what.unwrap_or(EventKind::Deposited),
            What::Commit if seen.what.is_none() => return None,
            What::Commit | What::Cleaned => EventKind::Cleaned,
            What::Retired => EventKind::Retired,
            What::Restored => EventKind::Restored,
            What::Found => EventKind::Found,
            What::Forgotten => EventKind::Forgotten,
            What::Gone if self.why.as_deref() == Some("forgotten") => EventKind::Forgotten,
            What::Gone => EventKind::Expired,
            _ => return None,
        };
        Some(Event {
            what,
            time: self.time,
            offset: self.zone,
            backup: seen.backup(&path),
            elsewhere: None,
            path,
            blob: seen.id.clone(),
            clean: seen.clean,
            size: seen.size,
            permissions: seen.access(),
            kind: seen.kind,
            label: self.label.clone(),
            commit: self.commit.clone(),
        })
    }

    /// The line as JSON, without the line feed.
    pub fn to_json(&self) -> Vec<u8> {
        // A value of ours has no map keys that aren't strings: nothing in it can fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads a line; `None` for what is none.
    pub fn parse(text: &[u8]) -> Option<Self> {
        // Once it is known to be text, no string in it need be asked.
        let mut line: Self = serde_json::from_str(std::str::from_utf8(text).ok()?).ok()?;
        // Most have one: room for more would be most of the memory that a month of lines takes.
        line.files.shrink_to_fit();
        Some(line)
    }
}

impl What {
    /// The line that tells of such an event by itself.
    fn of(kind: EventKind) -> Option<Self> {
        match kind {
            EventKind::Created | EventKind::Deposited | EventKind::Duplicate => {
                Some(Self::Snapshot)
            }
            EventKind::Retired => Some(Self::Retired),
            EventKind::Cleaned => Some(Self::Cleaned),
            EventKind::Restored => Some(Self::Restored),
            EventKind::Expired => Some(Self::Gone),
            EventKind::Forgotten => Some(Self::Forgotten),
            EventKind::Found => Some(Self::Found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Now {
        "2025-11-06T20:10:45+02:00".parse().unwrap()
    }

    fn path(bytes: &[u8]) -> RepoPath {
        RepoPath::from_bytes(bytes.to_vec()).unwrap()
    }

    #[test]
    fn a_line_comes_back_as_it_was_written() {
        let mut line = Line::new(What::Snapshot, &now());
        line.worktree = "0123456789abcdef".into();
        line.cause = Some("commit".into());
        line.attempt = Some("1-2".into());
        let absent = vec!["c".to_owned()];
        line.agent = Some(AgentNote { session: "s".into(), absent, ..AgentNote::default() });
        let mut seen = Seen::of(&path(b"d/\xff\n.txt"));
        seen.kind = Some(Kind::Staged);
        seen.what = Some(EventKind::Created);
        seen.bak = Some("20251106_201045.abc12345".into());
        seen.stat = Some((3, -1, 999, 42));
        line.files = vec![seen, Seen::of(&path("é\"".as_bytes()))];
        let text = line.to_json();
        assert!(!text.contains(&b'\n'));
        assert_eq!(Line::parse(&text).unwrap(), line);
        let events: Vec<Event> = line.events().collect();
        assert_eq!(
            events[0].backup.as_deref(),
            Some(&b"\xff\n.txt.bak.20251106_201045.abc12345"[..])
        );
        assert_eq!(events[1].path, path("é\"".as_bytes()));
    }

    #[test]
    fn what_a_later_version_adds_is_passed_over() {
        let text = br#"{"t":5,"ev":"dance","new":[1],"agent":7,"files":[{"path":"a","kind":"odd","what":"sung","x":1}]}"#;
        let line = Line::parse(text).unwrap();
        assert_eq!((line.what, line.time), (What::Unknown, 5));
        assert_eq!((line.files[0].kind, line.files[0].what), (None, None));
        assert_eq!(Line::parse(&line.to_json()), Some(line));
    }

    #[test]
    fn hostile_lines_are_none_or_harmless() {
        for text in
            [&b""[..], b"{}", b"[]", b"{\"t\":1}", b"{\"t\":\"x\",\"ev\":\"commit\"}", b"\0\0"]
        {
            assert_eq!(Line::parse(text), None, "{text:?}");
        }
        let text = br#"{"t":1,"ev":"snapshot","files":[{"path":"../x"},{"path":".git/config"},{"path":"a","bak":"x/../y"}]}"#;
        let events: Vec<Event> = Line::parse(text).unwrap().events().collect();
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].backup, None);
    }
}
