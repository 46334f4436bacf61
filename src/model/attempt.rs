//! An attempt: one try at a commit, from pre-commit to post-commit.
//!
//! While it lasts it is a small file in the working tree's Git directory, not a row in the ledger: the
//! next hook must find it whatever state the ledger is in. It carries the settings that pre-commit
//! read, what was backed up, and which unstaged edits there were, so that post-commit can look whether
//! they still are.
//!
//! Its format is that of [`fields`](super::fields). What can't be read is an error: the file is then left
//! for a newer version that can.

use anyhow::{Result, bail};

use super::event::{Event, EventKind};
use super::fields::{Fields, Reader};
use super::forgetting::Forgetting;
use super::repo_path::RepoPath;
use super::settings::ConfigEntry;
use super::timestamp::Timestamp;

const FORMAT: &str = "git-bak attempt 1";

/// The step of an attempt that no post-commit ended, and of which no hook of ours saw why: another hook, the
/// editor, the message, signing, a lost race, a kill.
pub const NOT_COMPLETED: &str = "not completed";

/// A process, told apart from later ones of the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// When it began, in a unit of the system's own; `None` where that isn't known.
    pub started: Option<u64>,
}

/// How an attempt stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum State {
    /// Under way, or given up without a word.
    #[default]
    Open,
    /// A step said no.
    Failed {
        /// Which.
        step: String,
        /// Its exit status.
        status: i32,
    },
    /// The commit was made.
    Succeeded {
        /// Its id, in hex.
        commit: String,
    },
    /// No try at all: what was backed up when it was staged, and waits for the ledger.
    Staged,
}

/// An unstaged edit that was there before the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The file.
    pub path: RepoPath,
    /// The blob id of its bytes, in hex.
    pub blob: String,
    /// Its state then: size, modification time (seconds, nanoseconds), inode. As long as this is the
    /// same, nobody has written to it.
    pub stamp: Stamp,
}

/// A file's state, as far as it shows that nobody wrote to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamp {
    /// Size in bytes.
    pub size: u64,
    /// Modification time: seconds since 1970, nanoseconds.
    pub modified: (i64, u32),
    /// Inode.
    pub inode: u64,
}

/// One try at a commit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attempt {
    /// The `git commit` that tries; `None` where the system doesn't tell.
    pub process: Option<Process>,
    /// When it began, in seconds since 1970, and the offset from UTC in seconds.
    pub began: (i64, i32),
    /// How it stands.
    pub state: State,
    /// The settings as pre-commit read them.
    pub settings: Vec<ConfigEntry>,
    /// What happened in it.
    pub events: Vec<Event>,
    /// The unstaged edits that were there.
    pub edits: Vec<Edit>,
}

impl Attempt {
    /// The backups that this attempt stands on, made by it or found to be there: path and file name.
    pub fn backups(&self) -> impl Iterator<Item = (&RepoPath, &[u8])> {
        self.events
            .iter()
            .filter(|event| matches!(event.what, EventKind::Created | EventKind::Duplicate))
            .filter_map(|event| Some((&event.path, event.backup.as_deref()?)))
    }

    /// Takes out what tells of contents that are to be forgotten; whether there was any.
    pub fn forget(&mut self, forgetting: &Forgetting) -> bool {
        let mut found = false;
        for event in &mut self.events {
            let blob = event.blob.clone().unwrap_or_default();
            let tells = event.blob.is_some() || event.backup.is_some();
            if tells && forgetting.names(&event.path, &blob, event.local_time()) {
                (event.blob, event.size, event.backup) = (None, None, None);
                found = true;
            }
        }
        let began = Timestamp::of_seconds(self.began.0, self.began.1);
        let before = self.edits.len();
        self.edits.retain(|edit| !forgetting.names(&edit.path, &edit.blob, began));
        found || self.edits.len() < before
    }

    /// The attempt as a file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Fields::default();
        out.push(FORMAT);
        out.push("began").push(self.began.0).push(self.began.1);
        if let Some(process) = self.process {
            out.push("process").push(process.pid).maybe(process.started);
        }
        match &self.state {
            State::Open => {}
            State::Failed { step, status } => drop(out.push("failed").push(step).push(status)),
            State::Succeeded { commit } => drop(out.push("succeeded").push(commit)),
            State::Staged => drop(out.push("staged")),
        }
        for entry in &self.settings {
            entry.write_to(&mut out);
        }
        for event in &self.events {
            write_event(&mut out, event);
        }
        for edit in &self.edits {
            let Stamp { size, modified, inode } = edit.stamp;
            out.push("edit").bytes(edit.path.as_bytes()).push(&edit.blob);
            out.push(size).push(modified.0).push(modified.1).push(inode);
        }
        out.into_bytes()
    }

    /// Reads what `to_bytes` wrote.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut fields = Reader::of(bytes);
        if fields.text()? != FORMAT {
            bail!("not an attempt that this version can read");
        }
        let mut attempt = Self::default();
        while let Some(tag) = fields.tag() {
            attempt.read_record(tag, &mut fields)?;
        }
        Ok(attempt)
    }

    fn read_record<'a>(
        &mut self,
        tag: &[u8],
        fields: &mut Reader<impl Iterator<Item = &'a [u8]>>,
    ) -> Result<()> {
        match tag {
            b"began" => self.began = (fields.number()?, fields.number()?),
            b"process" => {
                self.process = Some(Process { pid: fields.number()?, started: fields.maybe()? });
            }
            b"failed" => {
                self.state = State::Failed { step: fields.text()?, status: fields.number()? };
            }
            b"succeeded" => self.state = State::Succeeded { commit: fields.text()? },
            b"staged" => self.state = State::Staged,
            b"setting" | b"flag" => self.settings.push(ConfigEntry::read_from(tag, fields)?),
            b"event" => self.events.push(read_event(fields)?),
            b"edit" => self.edits.push(read_edit(fields)?),
            _ => bail!("an attempt with an unknown record"),
        }
        Ok(())
    }
}

fn write_event(out: &mut Fields, event: &Event) {
    out.push("event").push(event.what).push(event.time).push(event.offset);
    out.bytes(event.path.as_bytes()).bytes(event.backup.as_deref().unwrap_or_default());
    out.maybe(event.blob.as_ref()).maybe(event.size).maybe(event.permissions);
    out.maybe(event.kind).maybe(event.label.as_ref()).maybe(event.commit.as_ref());
}

fn read_event<'a>(fields: &mut Reader<impl Iterator<Item = &'a [u8]>>) -> Result<Event> {
    Ok(Event {
        what: fields.text()?.parse()?,
        time: fields.number()?,
        offset: fields.number()?,
        path: RepoPath::from_bytes(fields.bytes()?.to_vec())?,
        backup: Some(fields.bytes()?.to_vec()).filter(|name| !name.is_empty()),
        blob: fields.maybe()?,
        size: fields.maybe()?,
        permissions: fields.maybe()?,
        kind: fields.maybe()?,
        label: fields.maybe()?,
        commit: fields.maybe()?,
    })
}

fn read_edit<'a>(fields: &mut Reader<impl Iterator<Item = &'a [u8]>>) -> Result<Edit> {
    let path = RepoPath::from_bytes(fields.bytes()?.to_vec())?;
    let blob = fields.text()?;
    let (size, modified) = (fields.number()?, (fields.number()?, fields.number()?));
    Ok(Edit { path, blob, stamp: Stamp { size, modified, inode: fields.number()? } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::Kind;

    fn path(name: &[u8]) -> RepoPath {
        RepoPath::from_bytes(name.to_vec()).unwrap()
    }

    fn full() -> Attempt {
        Attempt {
            process: Some(Process { pid: 12, started: Some(345) }),
            began: (1_762_460_000, -3600),
            state: State::Failed { step: "pre-commit hook".into(), status: 1 },
            settings: vec![
                ConfigEntry { key: b"bak.vault".to_vec(), value: None, origin: "file:x".into() },
                ConfigEntry {
                    key: b"bak.exclude".to_vec(),
                    value: Some(b"a\nb".to_vec()),
                    origin: "command line:".into(),
                },
            ],
            events: vec![Event {
                what: EventKind::Created,
                time: 5,
                offset: 7200,
                path: path(b"d/\xff\n.txt"),
                backup: Some(b"\xff\n.txt.bak.20251106_201045.abc12345".to_vec()),
                blob: Some("ab".repeat(20)),
                size: Some(0),
                permissions: Some(0o600),
                kind: Some(Kind::Staged),
                label: None,
                commit: None,
            }],
            edits: vec![Edit {
                path: path(b"e"),
                blob: "cd".repeat(20),
                stamp: Stamp { size: 3, modified: (-1, 999), inode: 42 },
            }],
        }
    }

    #[test]
    fn an_attempt_comes_back_as_it_was_written() {
        assert_eq!(Attempt::parse(&full().to_bytes()).unwrap(), full());
        for state in [State::Open, State::Staged, State::Succeeded { commit: "ef".repeat(20) }] {
            let other = Attempt { state, ..Attempt::default() };
            assert_eq!(Attempt::parse(&other.to_bytes()).unwrap(), other);
        }
    }

    #[test]
    fn an_attempt_cut_short_anywhere_is_an_error_or_a_shorter_attempt_but_no_panic() {
        let bytes = full().to_bytes();
        for end in 0..bytes.len() {
            let _ = Attempt::parse(&bytes[..end]);
        }
        assert!(Attempt::parse(&bytes[..30]).is_err());
    }

    #[test]
    fn a_format_of_a_later_version_is_refused() {
        assert!(Attempt::parse(b"git-bak attempt 2\0").is_err());
        assert!(Attempt::parse(b"").is_err());
    }

    #[test]
    fn backups_are_those_made_and_those_found_to_be_there() {
        let mut attempt = full();
        attempt.events[0].what = EventKind::Duplicate;
        assert_eq!(attempt.backups().count(), 1);
        attempt.events[0].what = EventKind::Retired;
        assert_eq!(attempt.backups().count(), 0);
    }
}
