//! What the fold takes for gone: what the record's notes say at an instant. A note from a clock that was ahead says
//! nothing of what is older than an instant.

use crate::model::events::line::Seen;
use crate::record::{self, Place, Raw};

/// All notes of what is gone.
#[derive(Debug, Default)]
pub(super) struct GoneLines(record::Gone<Place>);

impl GoneLines {
    /// What the lines say at the instant `now`.
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a Raw>, now: i64) -> Self {
        let places = lines.into_iter().map(|raw| (&raw.line, raw.place.clone()));
        Self(record::Gone::of(places, now))
    }

    pub fn ids(&self) -> impl Iterator<Item = &String> {
        self.0.ids()
    }

    pub fn has(&self, raw: &Raw, seen: &Seen) -> bool {
        self.0.has(&raw.line, raw.place.as_ref(), seen)
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

    fn of(raw: &Raw, gone: &GoneLines) -> Vec<bool> {
        raw.line.files.iter().map(|seen| gone.has(raw, seen)).collect()
    }

    #[test]
    fn a_named_version_is_gone_and_one_that_comes_later_is_not() {
        let note = r#"{"t":5,"wt":"w","ev":"gone","files":[{"path":"a","id":"11","t":3}]}"#;
        let gone = GoneLines::of([&raw("2026-01-01", 1, note)], 9);
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
        let gone = GoneLines::of([&note], 50);
        for (time, is_gone) in [(2, false), (3, true), (4, true), (5, false)] {
            assert_eq!(of(&version("2026-01-01", 0, time), &gone), [is_gone; 2], "{time}");
        }
        let ahead = GoneLines::of([&note], 49);
        assert_eq!(of(&version("2026-01-01", 0, 4), &ahead), [false; 2]);
    }
}
