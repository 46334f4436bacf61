//! What the vault's writers share: one lock among ourselves, and a page of notes under it.
//!
//! Our own lock (an advisory one, which the system drops when its holder dies) keeps our processes in
//! line, so that Git's lock on the ref is only ever contended by Git itself. The notes: which root we
//! left, which snapshots are too young to be sure of (see `mending`), when old ones were last dropped,
//! and which trees updates have superseded.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::Trouble;
use crate::git::objects::{Objects, Oid};
use crate::storage::private;

/// How long anybody waits for a lock.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);
/// How long a superseded tree stays: whoever read the ref before may still be reading it.
const GRACE: i64 = 3600;
/// How many superseded trees may wait before somebody looks for old ones.
const WAITING: usize = 128;
/// How many may wait whatever their age: far below the number of loose objects that sets off a `gc`.
const MOST: usize = 1024;

/// The vault, locked against other writers of ours. Dropping it unlocks.
#[derive(Debug)]
pub(super) struct Locked {
    file: File,
    notes: Notes,
}

/// A snapshot that a `gc` beside its writer may have harmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unsettled {
    /// When it was deposited, in seconds since 1970.
    pub time: i64,
    /// How often it has been looked at since.
    pub looks: u32,
    /// Which.
    pub id: String,
}

#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Notes {
    root: String,
    expired: i64,
    unsettled: Vec<Unsettled>,
    superseded: Vec<(i64, String)>,
}

impl Locked {
    /// Takes the lock, waiting up to a second.
    pub fn take(bak_dir: &Path) -> Result<Self> {
        private::make_dir(bak_dir)?;
        let path = bak_dir.join("vault.state");
        let mut file = private::open(&path).with_context(|| format!("{}", path.display()))?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(2));
                }
                Err(TryLockError::WouldBlock) => return Err(Trouble::Busy.into()),
                Err(TryLockError::Error(error)) => return Err(error).context("the vault's lock"),
            }
        }
        let mut text = String::new();
        // Notes that can't be read are as good as none: everything is then looked at again.
        let notes = match file.read_to_string(&mut text) {
            Ok(_) => Notes::parse(&text),
            Err(_) => Notes::default(),
        };
        Ok(Self { file, notes })
    }

    /// Whether the root is the one that we left: every writer since has come to its end. If it isn't,
    /// somebody may have gone back to an older one, and nothing that was superseded is removed any more.
    pub fn is_left(&mut self, root: Option<Oid>) -> bool {
        let left = root.is_none_or(|root| self.notes.root == root.to_string());
        if !left {
            self.notes.superseded.clear();
        }
        left
    }

    /// Notes the root that we leave.
    pub fn leave(&mut self, root: Option<Oid>) {
        self.notes.root = root.map(|root| root.to_string()).unwrap_or_default();
    }

    /// The snapshots that are not settled yet.
    pub fn unsettled(&mut self) -> &mut Vec<Unsettled> {
        &mut self.notes.unsettled
    }

    /// When old snapshots were last dropped.
    pub fn expired(&self) -> i64 {
        self.notes.expired
    }

    /// Notes that old snapshots were dropped.
    pub fn set_expired(&mut self, now: i64) {
        self.notes.expired = now;
    }

    /// Notes which trees an update has superseded and which it has written (a tree may come back: what
    /// is written is never removed), and removes those that have waited long enough.
    pub fn supersede(&mut self, objects: &Objects, now: i64, old: &[Oid], written: &[Oid]) {
        self.notes.superseded.extend(old.iter().map(|id| (now, id.to_string())));
        let written: Vec<String> = written.iter().map(ToString::to_string).collect();
        self.notes.superseded.retain(|(_, id)| !written.contains(id));
        for id in self.notes.take_old(now) {
            if let Ok(id) = objects.parse(&id) {
                objects.unlink_loose(id);
            }
        }
    }

    /// Writes the notes down. A failure costs nothing but work: the next writer looks again.
    pub fn save(&mut self) {
        let text = self.notes.to_string();
        let _ = self
            .file
            .rewind()
            .and_then(|()| self.file.write_all(text.as_bytes()))
            .and_then(|()| self.file.set_len(text.len() as u64));
    }
}

impl Notes {
    /// One note a line, its word first; what can't be read is passed over.
    fn parse(text: &str) -> Self {
        let mut notes = Self::default();
        for line in text.lines() {
            let words: Vec<&str> = line.splitn(4, ' ').collect();
            match words[..] {
                ["root", root] => root.clone_into(&mut notes.root),
                ["expired", time] => notes.expired = time.parse().unwrap_or_default(),
                ["unsettled", time, looks, id] => {
                    if let (Ok(time), Ok(looks)) = (time.parse(), looks.parse()) {
                        notes.unsettled.push(Unsettled { time, looks, id: id.to_owned() });
                    }
                }
                ["superseded", time, id] => {
                    if let Ok(time) = time.parse() {
                        notes.superseded.push((time, id.to_owned()));
                    }
                }
                _ => {}
            }
        }
        notes
    }

    fn take_old(&mut self, now: i64) -> Vec<String> {
        if self.superseded.len() <= WAITING {
            return Vec::new();
        }
        let too_many = self.superseded.len().saturating_sub(MOST);
        let mut at = 0;
        let (old, young) =
            std::mem::take(&mut self.superseded).into_iter().partition(|(time, _)| {
                at += 1;
                at <= too_many || time.saturating_add(GRACE) < now
            });
        self.superseded = young;
        let old: Vec<(i64, String)> = old;
        old.into_iter().map(|(_, id)| id).collect()
    }
}

impl std::fmt::Display for Notes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "root {}\nexpired {}", self.root, self.expired)?;
        for Unsettled { time, looks, id } in &self.unsettled {
            writeln!(f, "unsettled {time} {looks} {id}")?;
        }
        self.superseded.iter().try_for_each(|(time, id)| writeln!(f, "superseded {time} {id}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_come_back_as_they_were_written() {
        let notes = Notes {
            root: "cd".repeat(20),
            expired: 6,
            unsettled: vec![Unsettled { time: 8, looks: 2, id: "20251106/20/1045-1@a b".into() }],
            superseded: vec![(7, "ab".repeat(20))],
        };
        assert_eq!(Notes::parse(&notes.to_string()), notes);
    }

    #[test]
    fn notes_that_make_no_sense_are_no_notes() {
        let text = "unsettled x 1 a\n\u{0}\nexpired\nsuperseded 1\nunsettled 1\n";
        assert_eq!(Notes::parse(text), Notes::default());
    }

    #[test]
    fn when_somebody_else_has_moved_the_ref_nothing_superseded_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let mut lock = Locked::take(folder.path()).unwrap();
        lock.notes.superseded = vec![(7, "ab".repeat(20))];
        let ours = git2::Oid::from_str(&"cd".repeat(20)).unwrap();
        lock.leave(Some(ours));
        assert!(lock.is_left(Some(ours)));
        assert_eq!(lock.notes.superseded.len(), 1);
        assert!(!lock.is_left(Some(git2::Oid::from_str(&"ef".repeat(20)).unwrap())));
        assert!(lock.notes.superseded.is_empty());
    }

    #[test]
    fn superseded_trees_wait_an_hour_unless_they_are_too_many() {
        let young = |n: usize| (0..n).map(|i| (10_000, i.to_string())).collect();
        let mut notes = Notes { superseded: young(1000), ..Notes::default() };
        assert!(notes.take_old(10_000 + GRACE).is_empty());
        assert_eq!(notes.take_old(10_001 + GRACE).len(), 1000);
        let mut notes = Notes { superseded: young(MOST + 3), ..Notes::default() };
        assert_eq!(notes.take_old(10_000), ["0", "1", "2"]);
    }
}
