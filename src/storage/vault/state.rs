//! What the vault's writers share: one lock among ourselves, and a page of notes under it.
//!
//! Our own lock (an advisory one, which the system drops when its holder dies) keeps our processes in
//! line, so that Git's lock on the ref is only ever contended by Git itself. The notes: which root we
//! left, which snapshots are too young to be sure of (see `mending`), when old ones were last dropped, how
//! many objects may be loose (see `packing`).

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::superseded::{Superseded, Swept};
use super::{Trouble, Vault};
use crate::git::objects::Oid;
use crate::model::snapshot_id::SnapshotId;
use crate::os::private;

/// How long anybody waits for a lock.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);
/// As many objects of a snapshot are noted; one of more is looked through instead.
const MOST_OBJECTS: usize = 64;

/// The vault, locked against other writers of ours. Dropping it unlocks.
#[derive(Debug)]
pub(super) struct Locked {
    bak_dir: PathBuf,
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
    /// Every object that it names; empty if they are too many to note.
    pub objects: Vec<String>,
}

#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Notes {
    root: String,
    expired: i64,
    unsettled: Vec<Unsettled>,
    swept: Swept,
    loose: u64,
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
        Ok(Self { bak_dir: bak_dir.to_owned(), file, notes })
    }

    /// Whether the root is the one that we left: every writer since has come to its end. If it isn't,
    /// somebody may have gone back to an older one, and nothing that was superseded is removed any more.
    pub fn is_left(&mut self, root: Option<Oid>) -> bool {
        let left = root.is_none_or(|root| self.notes.root == root.to_string());
        if !left {
            self.superseded().clear();
        }
        left
    }

    /// Notes the root that we leave.
    pub fn leave(&mut self, root: Option<Oid>) {
        self.notes.root = root.map(|root| root.to_string()).unwrap_or_default();
    }

    /// The root that our last writer left, in hex; empty if nobody has noted one.
    pub fn left(&self) -> &str {
        &self.notes.root
    }

    /// The snapshots that are not settled yet.
    pub fn unsettled(&mut self) -> &mut Vec<Unsettled> {
        &mut self.notes.unsettled
    }

    /// Notes a snapshot that was deposited just now, and the objects that it names.
    pub fn add_unsettled(&mut self, id: &SnapshotId, now: i64, objects: &[Oid]) {
        let few = objects.len() <= MOST_OBJECTS;
        let objects = if few { objects } else { &[] };
        self.notes.unsettled.push(Unsettled {
            time: now,
            looks: 0,
            id: id.to_string(),
            objects: objects.iter().map(ToString::to_string).collect(),
        });
    }

    /// How many objects new snapshots have brought since the last packing, at most.
    pub fn loose(&mut self) -> &mut u64 {
        &mut self.notes.loose
    }

    /// When old snapshots were last dropped.
    pub fn expired(&self) -> i64 {
        self.notes.expired
    }

    /// Notes that old snapshots were dropped.
    pub fn set_expired(&mut self, now: i64) {
        self.notes.expired = now;
    }

    /// Notes which trees an update has superseded and which it has written, and removes those that have
    /// waited long enough.
    pub fn supersede(&mut self, vault: &Vault, now: i64, old: &[Oid], written: &[Oid]) {
        self.superseded().add(vault, now, old, written);
    }

    fn superseded(&mut self) -> Superseded<'_> {
        Superseded::new(&self.bak_dir, &mut self.notes.swept)
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
            let words: Vec<&str> = line.splitn(5, ' ').collect();
            match words[..] {
                ["root", root] => root.clone_into(&mut notes.root),
                ["loose", count] => notes.loose = count.parse().unwrap_or_default(),
                ["expired", time] => notes.expired = time.parse().unwrap_or_default(),
                ["swept", left, time] => {
                    notes.swept.left = left.parse().unwrap_or_default();
                    notes.swept.time = time.parse().unwrap_or_default();
                }
                ["unsettled", time, looks, objects, id] => {
                    if let (Ok(time), Ok(looks)) = (time.parse(), looks.parse()) {
                        let objects = objects.split_terminator(',').map(str::to_owned).collect();
                        notes.unsettled.push(Unsettled { time, looks, id: id.to_owned(), objects });
                    }
                }
                _ => {}
            }
        }
        notes
    }
}

impl std::fmt::Display for Notes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "root {}\nexpired {}", self.root, self.expired)?;
        writeln!(f, "swept {} {}", self.swept.left, self.swept.time)?;
        writeln!(f, "loose {}", self.loose)?;
        self.unsettled.iter().try_for_each(|Unsettled { time, looks, id, objects }| {
            // The id comes last: a worktree's name may hold anything but a line feed.
            writeln!(f, "unsettled {time} {looks} {} {id}", objects.join(","))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_come_back_as_they_were_written() {
        let unsettled = |objects: &[&str]| Unsettled {
            time: 8,
            looks: 2,
            id: "20251106/20/1045-1@a b".into(),
            objects: objects.iter().map(ToString::to_string).collect(),
        };
        let notes = Notes {
            root: "cd".repeat(20),
            expired: 6,
            unsettled: vec![unsettled(&[]), unsettled(&["ab", "cd"])],
            swept: Swept { left: 7, time: 9 },
            loose: 11,
        };
        assert_eq!(Notes::parse(&notes.to_string()), notes);
    }

    #[test]
    fn notes_that_make_no_sense_are_no_notes() {
        let text = "unsettled x 1 , a\n\u{0}\nexpired\nswept x y\nunsettled 1\n";
        assert_eq!(Notes::parse(text), Notes::default());
    }

    #[test]
    fn when_somebody_else_has_moved_the_ref_nothing_superseded_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("superseded");
        std::fs::write(&list, "- 1 ab\n").unwrap();
        let mut lock = Locked::take(folder.path()).unwrap();
        let ours = git2::Oid::from_str(&"cd".repeat(20)).unwrap();
        lock.leave(Some(ours));
        assert!(lock.is_left(Some(ours)));
        assert_eq!(std::fs::read_to_string(&list).unwrap(), "- 1 ab\n");
        assert!(!lock.is_left(Some(git2::Oid::from_str(&"ef".repeat(20)).unwrap())));
        assert_eq!(std::fs::read_to_string(&list).unwrap(), "");
    }
}
