//! The journal: every failure that is on record, and what ended it.

use std::cmp::Reverse;

use anyhow::Result;

use super::Store;
use super::failures::of_attempt;
use super::records::Records;
use crate::git::commits_since::commits_since;
use crate::model::journal::{End, Entry};
use crate::model::repo_path::RepoPath;

/// The failures with any file that is `wanted`, newest first; an error if the ledger can't be read.
///
/// What ended them is a later attempt at a commit in the ledger, else a later commit of the present
/// history: one made with `--no-verify`, by a merge or a rebase.
pub fn failures(
    store: &Store,
    records: &Records,
    wanted: &dyn Fn(&RepoPath) -> bool,
) -> Result<Vec<Entry>> {
    let mut entries =
        records.readable()?.map_or(Ok(Vec::new()), |ledger| ledger.failures(wanted))?;
    let on_file = records.on_file.iter().filter(|saved| !saved.is_live());
    let on_file = on_file.filter_map(|saved| of_attempt(&saved.attempt));
    let on_file = on_file.filter(|it| it.files.is_empty() || it.files.iter().any(wanted));
    entries.splice(0..0, on_file.map(|failure| Entry { failure, end: None }));
    entries.sort_by_key(|entry| Reverse(entry.failure.time));
    find_ends(store, &mut entries);
    Ok(entries)
}

/// The earlier failures of these files, newest first; none if the ledger can't be read, for it is no reason
/// not to go on.
pub fn of_files(store: &Store, records: &Records, paths: &[RepoPath]) -> Vec<Entry> {
    let mut entries = failures(store, records, &|path| paths.contains(path)).unwrap_or_default();
    entries.retain(|entry| !entry.failure.files.is_empty());
    // What other files there were is not asked.
    entries.iter_mut().for_each(|entry| entry.failure.files.retain(|path| paths.contains(path)));
    entries
}

/// Looks through history for what the ledger doesn't know.
fn find_ends(store: &Store, entries: &mut [Entry]) {
    let is_open = |entry: &&mut Entry| entry.end.is_none();
    let oldest = entries.iter_mut().filter(is_open).map(|entry| entry.failure.time).min();
    let Some(oldest) = oldest else { return };
    // A history that can't be read ends nothing.
    let commits = commits_since(&store.repository.git(), oldest).unwrap_or_default();
    for entry in entries.iter_mut().filter(is_open) {
        let is_after = |time: i64| time > entry.failure.time;
        let files = &entry.failure.files;
        let found = commits.iter().find(|commit| {
            is_after(commit.time) && files.iter().any(|path| commit.paths.contains(path.as_bytes()))
        });
        entry.end = found.map(|it| End { commit: it.id.clone(), time: it.time });
    }
}
