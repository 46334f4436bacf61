//! The journal: every failure that is on record, and what ended it.

use std::collections::HashSet;

use super::Store;
use super::attempts::{commit_of, is_live};
use super::records::Records;
use crate::git::commits_since::commits_since;
use crate::model::events::attempt::AttemptState;
use crate::model::events::event::{Event, Kind};
use crate::model::events::failure::{Failure, Tried};
use crate::model::events::journal::{End, JournalEntry};
use crate::model::names::repo_path::RepoPath;
use crate::record::Attempted;

/// The failures with any file that is `wanted`, newest first.
///
/// What ended them is a later commit of which the record knows, else a later commit of the present
/// history: one made with `--no-verify`, by a merge or a rebase.
pub fn failures(
    store: &Store,
    records: &Records,
    wanted: &dyn Fn(&RepoPath) -> bool,
) -> Vec<JournalEntry> {
    let attempts = records.attempts();
    let is_none = |it: &&Attempted| is_live(&it.attempt) || commit_of(store, &it.attempt).is_some();
    let none: HashSet<(i64, i32)> =
        attempts.iter().filter(is_none).map(|it| it.attempt.began).collect();
    let failures = records.own().failures().into_iter().rev();
    let failures = failures
        .filter(|it| it.tried != Tried::Commit || !none.contains(&(it.time, it.offset)))
        .filter(|it| it.files.is_empty() || it.files.iter().any(wanted));
    let mut entries: Vec<JournalEntry> =
        failures.map(|failure| JournalEntry { end: end_of(&failure, attempts), failure }).collect();
    find_ends(store, &mut entries);
    entries
}

/// The next commit of any of its files that the record knows of.
fn end_of(failure: &Failure, attempts: &[Attempted]) -> Option<End> {
    attempts.iter().find_map(|it| {
        let AttemptState::Succeeded { commit } = &it.attempt.state else { return None };
        let is_of =
            |event: &Event| event.kind == Some(Kind::Staged) && failure.files.contains(&event.path);
        let ends = it.attempt.began.0 > failure.time
            && !commit.is_empty()
            && it.attempt.events.iter().any(is_of);
        ends.then(|| End { commit: commit.clone(), time: it.attempt.began.0 })
    })
}

/// The earlier failures of these files, newest first.
pub fn of_files(store: &Store, records: &Records, paths: &[RepoPath]) -> Vec<JournalEntry> {
    let mut entries = failures(store, records, &|path| paths.contains(path));
    entries.retain(|entry| !entry.failure.files.is_empty());
    // The other files don't matter here.
    entries.iter_mut().for_each(|entry| entry.failure.files.retain(|path| paths.contains(path)));
    entries
}

/// Looks through history for what the record doesn't know.
fn find_ends(store: &Store, entries: &mut [JournalEntry]) {
    let is_open = |entry: &&mut JournalEntry| entry.end.is_none();
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
