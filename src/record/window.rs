//! What a hook reads: today's and yesterday's lines, backwards, at most 1 MiB of them; and tomorrow's, where the clock
//! went back over midnight.

use std::io::{Read, Seek, SeekFrom};

use super::{History, Record, day_of, split};
use crate::model::events::line::Line;
use crate::model::now::Now;
use crate::os::private;

/// How much is read at most, in bytes.
const MOST: u64 = 1 << 20;
const A_DAY: i64 = 86_400;
/// A line has its worktree within so many bytes.
const HEAD: usize = 96;

impl Record {
    /// The lines of this worktree of these days, as far as they lie within the bound. The lists of big snapshots are
    /// long: only a caller that has as many files to look at reads them.
    pub fn window(&self, now: &Now, with_lists: bool) -> History {
        let Some(id) = self.known_worktree() else { return History::default() };
        let mut left = MOST;
        let mut lines: Vec<Line> = Vec::new();
        for day in [A_DAY, 0, -A_DAY].map(|days| day_of(now.timestamp() + days)) {
            let Some(text) = self.end_of(&day, &mut left) else { continue };
            let mut of_day = lines_of(&text, &id).0;
            if with_lists {
                of_day.iter_mut().for_each(|line| self.fill(line, &day));
            }
            of_day.append(&mut lines);
            lines = of_day;
        }
        History::of(lines)
    }

    /// As much of the end of a day's file as is left of the bound, whole lines.
    fn end_of(&self, day: &str, left: &mut u64) -> Option<Vec<u8>> {
        let mut file = private::open_to_read(&self.folder().join(day)).ok()?;
        let length = file.metadata().ok()?.len();
        let start = length.saturating_sub(*left);
        if start > 0 {
            file.seek(SeekFrom::Start(start)).ok()?;
        }
        let mut text = Vec::with_capacity(usize::try_from(length - start).ok()?);
        file.take(length - start).read_to_end(&mut text).ok()?;
        *left -= text.len() as u64;
        if start > 0 {
            let first = text.iter().position(|&byte| byte == b'\n').map_or(text.len(), |at| at + 1);
            text.drain(..first);
        }
        Some(text)
    }
}

/// The lines of one worktree, and whether all of them make sense. Most of a shared record is of others: what doesn't
/// name it is not parsed.
fn lines_of(text: &[u8], id: &str) -> (Vec<Line>, bool) {
    // What is gone may be gone of all.
    let own = |line: &&[u8]| {
        let head = &line[..line.len().min(HEAD)];
        names(head, id.as_bytes()) || !names(head, b"\"wt\":")
    };
    let (mut lines, is_all) = parsed(split(text).filter(own));
    lines.retain(|line| line.worktree == id || line.worktree.is_empty());
    (lines, is_all)
}

/// What makes sense, and whether that is all.
fn parsed<'a>(lines: impl Iterator<Item = &'a [u8]>) -> (Vec<Line>, bool) {
    let mut is_all = true;
    let mut parse = |line| {
        let line = Line::parse(line);
        is_all &= line.is_some();
        line
    };
    (lines.filter_map(&mut parse).collect(), is_all)
}

/// Whether there is anything that isn't even the beginning of a line of ours.
fn has_rubbish(text: &[u8]) -> bool {
    text.split(|&byte| byte == b'\n').any(|line| !matches!(line.first(), None | Some(b'{')))
}

fn names(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|part| part == word)
}

impl Record {
    /// The lines of one day: of one worktree, or of all.
    pub fn day(&self, day: &str, worktree: Option<&str>) -> History {
        // One that can't be read must not hide the others.
        let Ok(text) = self.text(day) else {
            return History::of(Vec::new()).with_unread([day.to_owned()]);
        };
        // What has no line feed yet is being written, or will be overwritten.
        let whole = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let (mut lines, is_all) = match worktree {
            Some(id) => lines_of(&text[..whole], id),
            None => parsed(split(&text[..whole])),
        };
        lines.iter_mut().for_each(|line| self.fill(line, day));
        let is_all = is_all && !has_rubbish(&text[..whole]);
        History::of(lines).with_unread((!is_all).then(|| day.to_owned()))
    }

    /// The lines since the day of an instant: of one worktree, or of all.
    pub fn history(&self, worktree: Option<&str>, since: i64) -> History {
        let first = day_of(since.max(0));
        let days = self.days().into_iter().filter(|day| *day >= first);
        let (mut lines, mut unread) = (Vec::new(), Vec::new());
        for of_day in days.map(|day| self.day(&day, worktree)) {
            unread.extend(of_day.unread().to_vec());
            lines.extend(of_day.into_lines());
        }
        History::of(lines).with_unread(unread)
    }
}
