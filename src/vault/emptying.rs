//! What may leave `bak/new`.
//!
//! Order, and why nothing is lost: the pack is read after it was made (a commit reaches what is in it, and no other
//! process removes it), and only then, under the record's lock, the lines appended since. A writer puts its blobs in,
//! waits for the lock, checks that each is still there, and appends: either its line is seen here, and keeps its
//! blobs, or the check comes after we are done, and the writer puts them in again. So these leave:
//! - what a pack of the vault's own holds, and no line outside of the commits names;
//! - what only gone versions had;
//! - what no line has named for as long as versions are kept: left by a writer that died before it appended.
//!
//! The latter two only where everything can be read and locks are real. The lock is held for one part at a time, so
//! that writers never wait for long.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Result;

use super::remains::changed;
use crate::record::{Reading, Record};

/// How many names are looked at under one lock.
const PART: usize = 2000;

/// What is known of the blobs in `bak/new`.
pub(super) struct KnownBlobs<'a> {
    /// In packs of the vault's own.
    pub packed: &'a HashSet<String>,
    /// Named by versions that no commit has.
    pub unfolded: &'a BTreeSet<String>,
    /// Named by versions that are not gone.
    pub live: &'a BTreeSet<String>,
    /// Named by versions that are gone.
    pub gone: &'a BTreeSet<String>,
    /// Every line was read, and made sense.
    pub is_all: bool,
    pub expire: Option<i64>,
}

/// Removes what may go; how many, and how many bytes.
pub(super) fn empty(
    record: &Record,
    read: &Reading,
    known: &KnownBlobs<'_>,
) -> Result<(usize, u64)> {
    let mut removed = (0, 0);
    for part in loose(&record.bak().join("new")).chunks(PART) {
        let lock = record.lock()?;
        let since = record.read_since(read, &lock)?;
        if !since.unread.is_empty() || since.damaged > 0 {
            break;
        }
        let came: HashSet<&String> = since
            .lines
            .iter()
            .flat_map(|raw| raw.line.versions())
            .filter_map(|seen| seen.id.as_ref())
            .collect();
        for (id, path) in part {
            if came.contains(id) || !known.may_go(id, path, lock.is_sure()) {
                continue;
            }
            let size = path.metadata().map_or(0, |meta| meta.len());
            if crate::os::platform::remove_file(path).is_ok() {
                removed = (removed.0 + 1, removed.1 + size);
            }
        }
    }
    Ok(removed)
}

impl KnownBlobs<'_> {
    fn may_go(&self, id: &String, path: &Path, is_sure: bool) -> bool {
        if self.unfolded.contains(id) {
            return false;
        }
        if self.packed.contains(id) {
            return true;
        }
        let is_certain = is_sure && self.is_all && !self.live.contains(id);
        is_certain && (self.gone.contains(id) || self.is_abandoned(path))
    }

    /// No line has named it in all that time.
    fn is_abandoned(&self, path: &Path) -> bool {
        let Some(expire) = self.expire.and_then(|expire| u64::try_from(expire).ok()) else {
            return false;
        };
        let changed = path.symlink_metadata().ok().and_then(|meta| changed(&meta));
        changed
            .and_then(|time| SystemTime::now().duration_since(time).ok())
            .is_some_and(|age| age > Duration::from_secs(expire))
    }
}

/// The objects in `bak/new`, by id.
pub(super) fn loose(new: &Path) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let Ok(folders) = std::fs::read_dir(new) else { return found };
    for folder in folders.filter_map(Result::ok) {
        let Some(head) = folder.file_name().to_str().map(str::to_owned) else { continue };
        let Ok(entries) = std::fs::read_dir(folder.path()) else { continue };
        for entry in entries.filter_map(Result::ok) {
            let id = entry.file_name().to_str().map(|rest| format!("{head}{rest}"));
            if let Some(id) = id.filter(|id| head.len() == 2 && super::days::is_id(id)) {
                found.push((id, entry.path()));
            }
        }
    }
    found
}
