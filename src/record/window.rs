//! What a hook reads: today's and yesterday's lines, backwards, at most 1 MiB of them; and tomorrow's, where the clock
//! went back over midnight.

use std::io::{Read, Seek, SeekFrom};
use std::thread::Builder;

use super::{History, Record, day_of, lines};
use crate::model::events::line::Line;
use crate::model::now::Now;
use crate::os::private;

/// How much is read at most, in bytes.
const MOST: u64 = 1 << 20;
const A_DAY: i64 = 86_400;
/// A line has its worktree within so many bytes.
const HEAD: usize = 96;
/// With fewer days than this, another thread is not worth its start.
const MANY_DAYS: usize = 8;

impl Record {
    /// The lines of this worktree of these days, as far as they lie within the bound. The lists of big snapshots are
    /// long: only a caller that has as many files to look at reads them.
    pub fn window(&self, now: &Now, with_lists: bool) -> History {
        let Some(id) = self.known_worktree() else { return History::default() };
        let mut left = MOST;
        let mut lines: Vec<Line> = Vec::new();
        for day in [A_DAY, 0, -A_DAY].map(|days| day_of(now.timestamp() + days)) {
            let Some(text) = self.end_of(&day, &mut left) else { continue };
            let mut of_day = Vec::new();
            lines_of(&text, Some(&id), &mut of_day);
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

/// Adds the lines of one worktree, or of all; whether all of them make sense. Most of a shared record is of others: what
/// doesn't name it is not parsed.
fn lines_of(text: &[u8], worktree: Option<&str>, found: &mut Vec<Line>) -> bool {
    let mut is_all = true;
    for line in lines(text).filter(|line| !line.is_empty()) {
        if !worktree.is_none_or(|id| may_be_of(line, id.as_bytes())) {
            // Whether it is whole is not ours to say, but rubbish may have been a line of ours.
            is_all &= line[0] == b'{';
            continue;
        }
        match Line::parse(line) {
            // What is gone may be gone of all.
            Some(line) if worktree.is_none_or(|id| [id, ""].contains(&&*line.worktree)) => {
                found.push(line);
            }
            parsed => is_all &= parsed.is_some(),
        }
    }
    is_all
}

/// Whether a line names a worktree, or none.
fn may_be_of(line: &[u8], id: &[u8]) -> bool {
    const NAME: &[u8] = b"\"wt\":\"";
    let head = &line[..line.len().min(HEAD)];
    let at = head.windows(NAME.len()).position(|part| part == NAME);
    at.is_none_or(|at| head[at + NAME.len()..].starts_with(id))
}

impl Record {
    /// The lines of one day: of one worktree, or of all.
    pub fn day(&self, day: &str, worktree: Option<&str>) -> History {
        let mut lines = Vec::new();
        let is_all = self.add_day(day, worktree, &mut lines);
        History::of(lines).with_unread((!is_all).then(|| day.to_owned()))
    }

    /// Adds the lines of a day; whether that is all of it.
    fn add_day(&self, day: &str, worktree: Option<&str>, lines: &mut Vec<Line>) -> bool {
        // One that can't be read must not hide the others.
        let Ok(text) = self.text(day) else { return false };
        // What has no line feed yet is being written, or will be overwritten.
        let whole = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let before = lines.len();
        let is_all = lines_of(&text[..whole], worktree, lines);
        lines[before..].iter_mut().for_each(|line| self.fill(line, day));
        is_all
    }

    /// The lines since the day of an instant: of one worktree, or of all. Two threads share many days.
    pub fn history(&self, worktree: Option<&str>, since: i64) -> History {
        let first = day_of(since.max(0));
        let days: Vec<String> = self.days().into_iter().filter(|day| *day >= first).collect();
        let read = |days: &[String]| {
            let (mut lines, mut unread) = (Vec::new(), Vec::new());
            for day in days {
                let is_all = self.add_day(day, worktree, &mut lines);
                unread.extend((!is_all).then(|| day.clone()));
            }
            (lines, unread)
        };
        let half = if days.len() < MANY_DAYS { 0 } else { days.len() / 2 };
        let (older, newer) = days.split_at(half);
        let ((mut lines, mut unread), others) = std::thread::scope(|scope| {
            let aside = (half > 0).then(|| Builder::new().spawn_scoped(scope, || read(older)));
            let newer = read(newer);
            // Where the system has no thread left, or one came to grief, it is read here.
            let read_older = aside.and_then(|aside| aside.ok()?.join().ok());
            (read_older.unwrap_or_else(|| read(older)), newer)
        });
        lines.extend(others.0);
        unread.extend(others.1);
        History::of(lines).with_unread(unread)
    }
}
