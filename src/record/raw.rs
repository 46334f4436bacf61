//! The lines as they were written, for the fold: it puts them into commits byte for byte, what a later
//! version added to them included.
//!
//! A big snapshot's line gets its list instead of the place of the list, so that it says everything by itself.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};

use anyhow::{Context, Result, ensure};

use super::{Locked, Record, append_to, day_of, split};
use crate::model::events::line::Line;
use crate::model::now::Now;
use crate::os::private;

/// Where a line stands in the record: its day's file, and how many are before it there.
pub type Place = (String, usize);

/// A line with all that it says.
#[derive(Debug, Clone)]
pub struct Raw {
    /// The day's file that it is in, or whose commits.
    pub day: String,
    /// `None` for one that only a commit has.
    pub place: Option<Place>,
    /// Itself, without the line feed, with the list of a big snapshot in it.
    pub text: Vec<u8>,
    pub line: Line,
}

/// The lines of all days, and how much of each day's file that was.
#[derive(Debug, Default)]
pub struct Reading {
    pub lines: Vec<Raw>,
    /// Up to where each day was read: behind a line feed.
    lengths: BTreeMap<String, u64>,
    /// Lines that make no sense, or whose list can't be had: what they name is unknown.
    pub damaged: usize,
    /// Days whose file can't be read now.
    pub unread: Vec<(String, String)>,
}

impl Raw {
    pub fn of(day: &str, place: Option<Place>, text: &[u8]) -> Option<Self> {
        let line = Line::parse(text)?;
        Some(Self { day: day.to_owned(), place, text: text.to_vec(), line })
    }
}

impl Record {
    /// `bak/` in the common Git directory.
    pub fn bak(&self) -> &std::path::Path {
        &self.bak
    }

    /// The id of the main working tree, if it has one yet.
    pub fn main_worktree(&self) -> Option<String> {
        super::worktree::known(&self.bak)
    }

    /// Every line that is there now. The lock is held only until it is known how long each day is.
    pub fn read_all(&self) -> Result<Reading> {
        let lock = self.lock()?;
        let lengths = self.lengths();
        drop(lock);
        let mut read = Reading::default();
        for (day, length) in lengths? {
            self.read_day(&day, 0, length, &mut read);
        }
        Ok(read)
    }

    fn lengths(&self) -> Result<Vec<(String, u64)>> {
        let folder = self.folder();
        let entries = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
        let mut lengths = Vec::new();
        for entry in entries {
            let entry = entry?;
            if let Ok(day) = entry.file_name().into_string()
                && super::is_day(&day)
            {
                lengths.push((day, entry.metadata()?.len()));
            }
        }
        lengths.sort();
        Ok(lengths)
    }

    /// The lines that were appended since `read`; the lock is the caller's.
    pub fn read_since(&self, read: &Reading, _: &Locked) -> Result<Reading> {
        let mut since = Reading::default();
        for (day, length) in self.lengths()? {
            let start = read.lengths.get(&day).copied().unwrap_or(0);
            if length != start {
                self.read_day(&day, start, length, &mut since);
            }
        }
        Ok(since)
    }

    fn read_day(&self, day: &str, start: u64, end: u64, read: &mut Reading) {
        let text = match self.part(day, start, end) {
            Ok(text) => text,
            Err(error) => return read.unread.push((day.to_owned(), error.to_string())),
        };
        // What has no line feed yet is being written, or never will be a line.
        let whole = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        read.lengths.insert(day.to_owned(), start + whole as u64);
        for (at, line) in split(&text[..whole]).enumerate() {
            match self.whole_line(day, at, line) {
                Ok(Some(raw)) => read.lines.push(raw),
                Ok(None) => read.damaged += 1,
                Err(error) => read.unread.push((day.to_owned(), error.to_string())),
            }
        }
    }

    fn part(&self, day: &str, start: u64, end: u64) -> io::Result<Vec<u8>> {
        let mut file = private::open_to_read(&self.folder().join(day))?;
        // Shorter than it was known to be: all of it is new.
        let start = if start > end { 0 } else { start };
        file.seek(SeekFrom::Start(start))?;
        let mut text = Vec::new();
        file.take(end - start).read_to_end(&mut text)?;
        Ok(text)
    }

    /// A line with its list; `Ok(None)` where there is nothing to be had of it.
    fn whole_line(&self, day: &str, at: usize, text: &[u8]) -> io::Result<Option<Raw>> {
        let place = Some((day.to_owned(), at));
        let Some(raw) = Raw::of(day, place.clone(), text) else { return Ok(None) };
        let Some((offset, length)) = raw.line.big else { return Ok(Some(raw)) };
        let list = match self.list_text(day, offset, length) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        Ok(with_list(text, (offset, length), &list).and_then(|text| Raw::of(day, place, &text)))
    }

    /// The list of a big snapshot.
    pub(super) fn list_text(&self, day: &str, offset: u64, length: u64) -> io::Result<Vec<u8>> {
        let mut file = private::open_to_read(&self.folder().join(format!("{day}.big")))?;
        file.seek(SeekFrom::Start(offset))?;
        let mut text = Vec::new();
        file.take(length).read_to_end(&mut text)?;
        Ok(text)
    }

    /// Rewrites a day, beside and renamed into place, where `change` has another text for a line or `is_told` says
    /// of one that makes no sense that it must go. `false`: a list that can't be read stays.
    pub fn rewrite(
        &self,
        day: &str,
        change: &dyn Fn(&Raw) -> Option<Vec<u8>>,
        is_told: &dyn Fn(&[u8]) -> bool,
    ) -> Result<bool> {
        let lock = self.lock()?;
        ensure!(lock.is_sure(), "the record can't be locked");
        let path = self.folder().join(day);
        let text = self.text(day).with_context(|| path.display().to_string())?;
        let (mut anew, mut is_changed, mut is_whole) = (Vec::new(), false, true);
        for (at, line) in split(&text).enumerate() {
            let Some(raw) = self.whole_line(day, at, line)? else {
                is_changed |= is_told(line);
                is_whole &= Line::parse(line).is_none();
                anew.extend(if is_told(line) { None } else { Some(line.to_vec()) });
                continue;
            };
            let other = change(&raw);
            is_changed |= other.is_some();
            anew.push(other.unwrap_or(raw.text));
        }
        // So has a list that no line names any more, or none yet: its writer may have died before its line was written,
        // and we may die between the two steps below.
        is_changed |= is_told(&self.text(&format!("{day}.big"))?);
        if !is_changed {
            return Ok(true);
        }
        anew.push(Vec::new());
        private::write_synced(&path, &anew.join(&b'\n'))
            .with_context(|| path.display().to_string())?;
        let lists = self.folder().join(format!("{day}.big"));
        if is_whole && lists.exists() {
            // Every line has its own now.
            std::fs::remove_file(&lists).with_context(|| lists.display().to_string())?;
        }
        Ok(is_whole)
    }

    /// Appends lines to the file of a day that may be long past: it had them once.
    pub fn append_to_day(&self, day: &str, lines: &[&[u8]]) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let lock = self.lock()?;
        let path = self.folder().join(day);
        let text = [lines.join(&b'\n'), b"\n".to_vec()].concat();
        append_to(&path, &text, &lock).with_context(|| path.display().to_string())?;
        Ok(())
    }

    /// Appends lines as they are, of whatever worktree; long lists go beside.
    pub fn append_as_they_are(&self, lines: &mut [Line], now: &Now) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        private::make_dir(&self.folder())?;
        let lock = self.lock()?;
        let mut text = Vec::new();
        for line in lines {
            self.write_big(line, now, &lock)?;
            text.extend(line.to_json());
            text.push(b'\n');
        }
        let day = self.folder().join(day_of(now.timestamp()));
        append_to(&day, &text, &lock).with_context(|| day.display().to_string())?;
        Ok(())
    }
}

/// A line's text with the list of its files instead of the place of the list.
fn with_list(text: &[u8], (offset, length): (u64, u64), list: &[u8]) -> Option<Vec<u8>> {
    // Within a string of JSON no quote stands by itself: this is the field.
    let field = format!("\"big\":[{offset},{length}]");
    let at = text.windows(field.len()).rposition(|part| part == field.as_bytes())?;
    Some([&text[..at], b"\"files\":", list, &text[at + field.len()..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_takes_the_place_of_where_it_is() {
        let text = br#"{"t":1,"ev":"snapshot","label":"\"big\":[1,2]","big":[1,2],"later":3}"#;
        let whole = with_list(text, (1, 2), b"[]").unwrap();
        let wanted = br#"{"t":1,"ev":"snapshot","label":"\"big\":[1,2]","files":[],"later":3}"#;
        assert_eq!(whole, wanted);
        assert_eq!(with_list(text, (1, 3), b"[]"), None);
    }
}
