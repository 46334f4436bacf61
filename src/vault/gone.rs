//! Which versions the record says are gone.
//!
//! A note is about what the record had when it was written: a version whose line stands behind it was
//! copied later, and stays. One from a clock that was ahead says nothing of what is older than an instant.

use std::collections::HashMap;

use crate::model::line::{Line, Seen, What};
use crate::record::{Place, Raw};

/// What tells a version from others: its path, id and instant.
pub(super) type Key = (Vec<u8>, String, i64);

/// All notes of what is gone.
#[derive(Debug, Default)]
pub(super) struct Gone {
    named: HashMap<Key, Vec<Note>>,
    spans: Vec<(i64, i64, Note)>,
}

#[derive(Debug, Clone)]
struct Note {
    /// Empty: all worktrees.
    worktree: String,
    place: Option<Place>,
}

/// The version of a file in a line.
pub(super) fn key(line: &Line, seen: &Seen) -> Option<Key> {
    Some((seen.path_bytes()?, seen.id.clone()?, line.time))
}

impl Gone {
    /// What the lines say at the instant `now`.
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a Raw>, now: i64) -> Self {
        let mut gone = Self::default();
        for raw in lines {
            if raw.line.what == What::Gone {
                gone.hear(raw, now);
            }
        }
        gone
    }

    fn hear(&mut self, raw: &Raw, now: i64) {
        let note = Note { worktree: raw.line.worktree.clone(), place: raw.place.clone() };
        if let Some(before) = raw.line.before
            && raw.line.time <= now
        {
            let after = raw.line.after.unwrap_or(i64::MIN);
            self.spans.push((after, before, note.clone()));
        }
        for seen in &raw.line.files {
            if let (Some(path), Some(id), Some(time)) = (seen.path_bytes(), &seen.id, seen.t) {
                self.named.entry((path, id.clone(), time)).or_default().push(note.clone());
            }
        }
    }

    pub fn ids(&self) -> impl Iterator<Item = &String> {
        self.named.keys().map(|(_, id, _)| id)
    }

    pub fn has(&self, raw: &Raw, seen: &Seen) -> bool {
        let time = raw.line.time;
        let spans =
            self.spans.iter().filter(|(after, before, _)| (*after..*before).contains(&time));
        spans.map(|(.., note)| note).any(|note| note.is_about(raw))
            || key(&raw.line, seen)
                .and_then(|key| self.named.get(&key))
                .is_some_and(|notes| notes.iter().any(|note| note.is_about(raw)))
    }
}

impl Note {
    fn is_about(&self, raw: &Raw) -> bool {
        let is_later = match (&raw.place, &self.place) {
            (Some(version), Some(note)) => version > note,
            _ => false,
        };
        !is_later && (self.worktree.is_empty() || self.worktree == raw.line.worktree)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(day: &str, at: usize, text: &str) -> Raw {
        Raw::of(day, Some((day.to_owned(), at)), text.as_bytes()).unwrap()
    }

    fn version(day: &str, at: usize, time: i64) -> Raw {
        let files = r#"[{"path":"a","id":"11"},{"path":"b","id":"22"}]"#;
        raw(day, at, &format!(r#"{{"t":{time},"wt":"w","ev":"snapshot","files":{files}}}"#))
    }

    fn of(raw: &Raw, gone: &Gone) -> Vec<bool> {
        raw.line.files.iter().map(|seen| gone.has(raw, seen)).collect()
    }

    #[test]
    fn a_named_version_is_gone_and_one_that_comes_later_is_not() {
        let note = r#"{"t":5,"wt":"w","ev":"gone","files":[{"path":"a","id":"11","t":3}]}"#;
        let gone = Gone::of([&raw("2026-01-01", 1, note)], 9);
        assert_eq!(of(&version("2026-01-01", 0, 3), &gone), [true, false]);
        assert_eq!(of(&version("2026-01-01", 2, 3), &gone), [false; 2]);
        assert_eq!(of(&version("2026-01-01", 0, 4), &gone), [false; 2]);
        let mut elsewhere = version("2026-01-01", 0, 3);
        elsewhere.line.worktree = "x".to_owned();
        assert_eq!(of(&elsewhere, &gone), [false; 2]);
    }

    #[test]
    fn a_span_is_of_the_past_and_has_two_ends() {
        let note = r#"{"t":50,"wt":"","ev":"gone","after":3,"before":5}"#;
        let note = raw("2026-01-02", 0, note);
        let gone = Gone::of([&note], 50);
        for (time, is_gone) in [(2, false), (3, true), (4, true), (5, false)] {
            assert_eq!(of(&version("2026-01-01", 0, time), &gone), [is_gone; 2], "{time}");
        }
        let ahead = Gone::of([&note], 49);
        assert_eq!(of(&version("2026-01-01", 0, 4), &ahead), [false; 2]);
    }
}
