//! What the vault's writers share: one lock among ourselves, and a page of notes under it.
//!
//! Our own lock (an advisory one, which the system drops when its holder dies) keeps our processes in
//! line, so that Git's lock on the ref is only ever contended by Git itself. The notes: until when the
//! vault's entries were last seen whole, when old ones were last dropped, and which trees updates have
//! superseded.

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

#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Notes {
    verified: i64,
    expired: i64,
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

    /// Seconds since 1970 up to which the vault's entries were seen whole; 0: never.
    pub fn verified(&self) -> i64 {
        self.notes.verified
    }

    /// When old snapshots were last dropped.
    pub fn expired(&self) -> i64 {
        self.notes.expired
    }

    /// Notes that old snapshots were dropped.
    pub fn set_expired(&mut self, now: i64) {
        self.notes.expired = now;
    }

    /// Notes that the entries were seen whole.
    pub fn set_verified(&mut self, now: i64) {
        self.notes.verified = now;
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
    /// Lines of `word seconds [id]`; what can't be read is passed over.
    fn parse(text: &str) -> Self {
        let mut notes = Self::default();
        for line in text.lines() {
            let mut words = line.split(' ');
            let (Some(word), Some(Ok(time))) = (words.next(), words.next().map(str::parse)) else {
                continue;
            };
            match (word, words.next()) {
                ("verified", None) => notes.verified = time,
                ("expired", None) => notes.expired = time,
                ("superseded", Some(id)) => notes.superseded.push((time, id.to_owned())),
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
        writeln!(f, "verified {}\nexpired {}", self.verified, self.expired)?;
        self.superseded.iter().try_for_each(|(time, id)| writeln!(f, "superseded {time} {id}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_come_back_as_they_were_written() {
        let superseded = vec![(7, "ab".repeat(20))];
        let notes = Notes { verified: 5, expired: 6, superseded };
        assert_eq!(Notes::parse(&notes.to_string()), notes);
    }

    #[test]
    fn notes_that_make_no_sense_are_no_notes() {
        assert_eq!(Notes::parse("verified x\n\u{0}\nexpired\nsuperseded 1"), Notes::default());
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
