//! The trees of ours that updates have superseded, and their removal.
//!
//! They don't pile up until a `gc` sets in, and they aren't removed at once: whoever read the ref before
//! may still be reading them. They are put on a list, and when that has grown those that have waited long
//! enough are unlinked.
//!
//! What could go wrong: a tree that was superseded is written again, and is removed while the vault names
//! it. So what is written goes on the list as well, and takes back what stood there before. A list that
//! can't be written to the end is emptied, and so is one that missed an update (`Locked::is_left`): what
//! it named is left to `gc`.
//!
//! Or: it is somebody else's. The ref may have been made to name a commit's tree, or a tag the vault's. So only
//! what looks like a part of a vault goes, and nothing that a ref names or that lies in such a tree.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::Path;

use anyhow::Result;

use super::{REF, Vault};
use crate::git::objects::{Oid, TreeEntry};
use crate::model::snapshot_id;
use crate::os::private;

/// How long, in seconds, a superseded tree stays.
const GRACE: i64 = 3600;
/// How much the list grows, in bytes, before somebody looks for old ones: some forty updates.
const GROWTH: u64 = 16 << 10;
/// How many may wait whatever their age: far below the number of loose objects that sets off a `gc`.
const MOST: usize = 1024;

/// The list, under the vault's lock.
#[derive(Debug)]
pub(super) struct Superseded<'a> {
    bak_dir: &'a Path,
    swept: &'a mut Swept,
}

/// The last look for old ones.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Swept {
    /// What it left of the list, in bytes.
    pub left: u64,
    /// When it was.
    pub time: i64,
}

impl<'a> Superseded<'a> {
    pub fn new(bak_dir: &'a Path, swept: &'a mut Swept) -> Self {
        Self { bak_dir, swept }
    }

    /// Forgets all of it.
    pub fn clear(&mut self) {
        *self.swept = Swept::default();
        // One that isn't there is empty; one that stays is cut short by who can.
        if let Ok(file) = private::open(&self.path()) {
            let _ = file.set_len(0);
        }
    }

    /// Puts the trees `old`, which an update at `now` superseded, on the list, and those that it wrote.
    pub fn add(&mut self, vault: &Vault, now: i64, old: &[Oid], written: &[Oid]) {
        let mut text = String::new();
        for id in old {
            text.push_str(&format!("- {now} {id}\n"));
        }
        for id in written {
            text.push_str(&format!("+ {now} {id}\n"));
        }
        if self.append(vault, now, &text).is_err() {
            self.clear();
        }
    }

    fn append(&mut self, vault: &Vault, now: i64, text: &str) -> Result<()> {
        let mut file = private::open(&self.path())?;
        let size = file.seek(std::io::SeekFrom::End(0))?;
        file.write_all(text.as_bytes())?;
        let Swept { left, time } = *self.swept;
        if size > left + GROWTH || left > 0 && now.saturating_sub(time) > GRACE {
            self.sweep(vault, &mut file, now)?;
        }
        Ok(())
    }

    fn sweep(&mut self, vault: &Vault, file: &mut File, now: i64) -> Result<()> {
        let mut text = String::new();
        file.rewind()?;
        file.read_to_string(&mut text)?;
        let (old, young) = take_old(&text, now);
        // Shorter by what is about to go: whoever dies in between leaves trees for `gc`.
        file.rewind()?;
        file.set_len(0)?;
        file.write_all(young.as_bytes())?;
        *self.swept = Swept { left: young.len() as u64, time: now };
        let kept = kept(vault)?;
        let old = old.iter().filter_map(|id| vault.objects.parse(id).ok());
        for id in old.filter(|id| !kept.contains(id) && is_ours(vault, *id)) {
            vault.objects.unlink_loose(id);
        }
        Ok(())
    }

    fn path(&self) -> std::path::PathBuf {
        self.bak_dir.join("superseded")
    }
}

/// Whether it is a tree such as we write: of folders alone, called by day, by hour, or as snapshots are.
fn is_ours(vault: &Vault, id: Oid) -> bool {
    let is_folder = |entry: &TreeEntry| {
        let name = entry.name.as_slice();
        let digits = name.iter().all(u8::is_ascii_digit) && matches!(name.len(), 2 | 8);
        let is_snapshot = || snapshot_id::parse_folder(b"20000101", b"00", name).is_some();
        entry.is_tree() && (digits || is_snapshot())
    };
    vault.objects.afresh().tree(id).is_ok_and(|entries| entries.iter().all(is_folder))
}

/// The trees that other refs than the vault's name, with the two levels below them that may be ours.
fn kept(vault: &Vault) -> Result<HashSet<Oid>> {
    let mut kept: HashSet<Oid> = vault.refs.named(REF)?.into_iter().collect();
    for _ in 0..2 {
        let below = |id: &Oid| {
            let entries =
                if is_ours(vault, *id) { vault.objects.tree(*id) } else { Ok(Vec::new()) };
            entries.unwrap_or_default().into_iter().map(|entry| entry.id)
        };
        let more: Vec<Oid> = kept.iter().flat_map(below).collect();
        kept.extend(more);
    }
    Ok(kept)
}

/// Which of the superseded trees may go, and the list without them and without what was taken back.
fn take_old(text: &str, now: i64) -> (Vec<String>, String) {
    let mut waiting: HashMap<&str, (usize, i64)> = HashMap::new();
    for (at, line) in text.lines().enumerate() {
        let words: Vec<&str> = line.splitn(3, ' ').collect();
        match words[..] {
            ["-", time, id] => {
                // A time that can't be read is none that has passed.
                waiting.insert(id, (at, time.parse().unwrap_or(now)));
            }
            [_, _, id] => drop(waiting.remove(id)),
            _ => {}
        }
    }
    let mut waiting: Vec<(&str, (usize, i64))> = waiting.into_iter().collect();
    waiting.sort_by_key(|(_, (at, _))| *at);
    let too_many = waiting.len().saturating_sub(MOST);
    let (mut old, mut young) = (Vec::new(), String::new());
    for (at, (id, (_, time))) in waiting.into_iter().enumerate() {
        if at < too_many || time.saturating_add(GRACE) < now {
            old.push(id.to_owned());
        } else {
            young.push_str(&format!("- {time} {id}\n"));
        }
    }
    (old, young)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn superseded(ids: std::ops::Range<usize>) -> String {
        ids.map(|id| format!("- 10000 {id}\n")).collect()
    }

    #[test]
    fn superseded_trees_wait_an_hour_unless_they_are_too_many() {
        let text = superseded(0..1000);
        assert_eq!(take_old(&text, 10_000 + GRACE), (vec![], text.clone()));
        assert_eq!(take_old(&text, 10_001 + GRACE).0.len(), 1000);
        let text = superseded(0..MOST + 3);
        assert_eq!(take_old(&text, 10_000).0, ["0", "1", "2"]);
    }

    #[test]
    fn a_tree_that_was_written_again_is_not_removed() {
        let text = "- 1 a\n- 1 b\n+ 2 a\n+ 2 c\n";
        assert_eq!(take_old(text, 10_000), (vec!["b".to_owned()], String::new()));
        let again = format!("{text}- 3 a\n");
        assert_eq!(take_old(&again, 10_000).0, ["b", "a"]);
    }

    #[test]
    fn what_makes_no_sense_removes_nothing() {
        for text in ["", "\n", "-\n", "- 1\n", "x y z\n", "- x a\n"] {
            assert!(take_old(text, 10_000).0.is_empty(), "{text:?}");
        }
    }
}
