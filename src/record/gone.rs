//! Which versions the record says have left the vault.
//!
//! A note is about what the record had when it was written: a version whose line stands behind it was copied later,
//! and stays. It is about one file of one worktree: another with the same bytes, of the same instant, stays as well.

use std::collections::HashMap;

use crate::model::events::line::{Line, Seen, What};

/// What tells a version from others of its worktree: its path, id and instant.
pub type VersionKey = (Vec<u8>, String, i64);

/// All notes of what is gone. `P` is where a line stands: later ones have greater ones.
#[derive(Debug, Clone)]
pub struct Gone<P> {
    named: HashMap<VersionKey, Vec<Note<P>>>,
    /// The instants from and before which.
    spans: Vec<(i64, i64, Note<P>)>,
}

#[derive(Debug, Clone)]
struct Note<P> {
    /// Empty: all worktrees.
    worktree: String,
    /// None for one that only a commit has.
    place: Option<P>,
}

/// The version of a file in a line.
pub fn key(line: &Line, seen: &Seen) -> Option<VersionKey> {
    Some((seen.path_bytes()?, seen.id.clone()?, line.time))
}

impl<P> Default for Gone<P> {
    fn default() -> Self {
        Self { named: HashMap::new(), spans: Vec::new() }
    }
}

impl<P: PartialOrd + Clone> Gone<P> {
    /// What the lines say, each with its place; of spans, those that were noted by the instant `now`.
    pub fn of<'a>(lines: impl IntoIterator<Item = (&'a Line, Option<P>)>, now: i64) -> Self {
        let mut gone = Self::default();
        for (line, place) in lines.into_iter().filter(|(line, _)| line.what == What::Gone) {
            gone.hear(line, place, now);
        }
        gone
    }

    fn hear(&mut self, line: &Line, place: Option<P>, now: i64) {
        let note = Note { worktree: line.worktree.clone(), place };
        if let Some(before) = line.before
            && line.time <= now
        {
            let after = line.after.unwrap_or(i64::MIN);
            self.spans.push((after, before, note.clone()));
        }
        for seen in &line.files {
            if let (Some(path), Some(id), Some(time)) = (seen.path_bytes(), &seen.id, seen.t) {
                self.named.entry((path, id.clone(), time)).or_default().push(note.clone());
            }
        }
    }

    pub fn ids(&self) -> impl Iterator<Item = &String> {
        self.named.keys().map(|(_, id, _)| id)
    }

    /// Whether the version in a line, which stands at `place`, is gone.
    pub fn has(&self, line: &Line, place: Option<&P>, seen: &Seen) -> bool {
        let is_about = |note: &Note<P>| note.is_about(line, place);
        let mut spans = self.spans.iter();
        spans.any(|(after, before, note)| (*after..*before).contains(&line.time) && is_about(note))
            || !self.named.is_empty()
                && key(line, seen)
                    .and_then(|key| self.named.get(&key))
                    .is_some_and(|notes| notes.iter().any(is_about))
    }
}

impl<P: PartialOrd> Note<P> {
    fn is_about(&self, line: &Line, place: Option<&P>) -> bool {
        let is_later =
            matches!((place, &self.place), (Some(version), Some(note)) if version > note);
        !is_later && (self.worktree.is_empty() || self.worktree == line.worktree)
    }
}
