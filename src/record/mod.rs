//! The record: an append-only text under `bak/record/`, one JSON line an event, one file a UTC day.
//!
//! It is the truth; the commits in the vault are made from it. Order of an append, and why it is safe:
//! 1. the lock on `bak/lock`, a file that is never removed: two writers never mix, and a fold that empties
//!    `bak/new` has read every line before it looks;
//! 2. a last look, which is the caller's: is each blob that the lines name still where it was put?
//! 3. what a power cut or a writer that died has left half-written at the end is overwritten with line feeds:
//!    without one it is no line;
//! 4. one write. One that came short (a full disk) is overwritten like that at once, and is an error.
//!
//! A process that dies before 4 has written nothing; a line that is there is whole. The file is never cut: a writer
//! that got no lock (the file system has none, or its holder has stopped) may have written behind what seems to be
//! the end. It begins with a line feed, so two may cost a blank line, never one another's.
//!
//! - `window`: what a hook reads, backwards, bounded;
//! - `raw`: all lines as they were written, for the fold;
//! - `gone`: which versions have left the vault;
//! - `history`: what the lines come to: versions, attempts, backups that should be there;
//! - `worktree`: the id of a worktree.

use std::fs::File;
use std::io::{self, BufRead, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use chrono::DateTime;

use crate::git::repository::Repository;
use crate::model::events::line::Line;
use crate::model::now::Now;
use crate::os::private;

mod gone;
mod history;
mod raw;
mod window;
mod worktree;

pub use gone::{Gone, VersionKey, key};
pub use history::{Attempted, History, Named, RecordedVersion, StandingBackups};
pub use raw::{Place, Raw, Reading};
pub use worktree::random_id;

/// What a moment is called: eight digits, to be typed.
pub fn new_moment() -> String {
    random_id().split_off(8)
}

/// How long a hook waits for another process at most.
const PATIENCE: Duration = Duration::from_secs(1);

/// The record of a repository, seen from one of its working trees.
#[derive(Debug, Clone)]
pub struct Record {
    /// `bak/` in the common Git directory.
    bak: PathBuf,
    /// `bak/` in this working tree's own.
    own: PathBuf,
}

/// The lock on `bak/lock`; it ends when this is dropped.
#[derive(Debug)]
pub struct Locked {
    /// `None` where the file system has no locks.
    file: Option<File>,
}

/// What an append has found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// It was the first of its day: a day before it may be finished.
    pub is_new_day: bool,
}

impl Record {
    pub fn of(repository: &Repository) -> Self {
        Self { bak: repository.shared_bak_dir(), own: repository.own_bak_dir() }
    }

    pub fn exists(&self) -> bool {
        self.folder().is_dir()
    }

    pub fn folder(&self) -> PathBuf {
        self.bak.join("record")
    }

    /// The id of this working tree, made the first time that it is asked for.
    pub fn worktree(&self) -> Result<String> {
        worktree::id(&self.own).with_context(|| format!("{}", self.own.display()))
    }

    /// The id of this working tree, if it has one yet.
    pub fn known_worktree(&self) -> Option<String> {
        worktree::known(&self.own)
    }

    /// Appends lines of this worktree in one write. `before` is the last look, under the lock.
    pub fn append(
        &self,
        lines: &mut [Line],
        now: &Now,
        before: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Appended> {
        private::make_dir(&self.folder())?;
        let id = self.worktree()?;
        let lock = self.lock()?;
        before()?;
        let mut text = Vec::new();
        for line in lines.iter_mut() {
            line.worktree.clone_from(&id);
            self.write_big(line, now, &lock)?;
            text.extend(line.to_json());
            text.push(b'\n');
        }
        let day = self.folder().join(day_of(now.timestamp()));
        let appended =
            append_to(&day, &text, &lock).with_context(|| format!("{}", day.display()))?;
        if lock.file.is_none() {
            // A process that empties `new` has not waited for us.
            before()?;
        }
        Ok(appended)
    }

    /// Where a snapshot has very many files, their list goes into a file beside the day's.
    fn write_big(&self, line: &mut Line, now: &Now, lock: &Locked) -> Result<()> {
        if line.files.len() <= MANY {
            return Ok(());
        }
        let path = self.folder().join(format!("{}.big", day_of(now.timestamp())));
        let mut text = serde_json::to_vec(&line.files)?;
        let length = text.len() as u64;
        text.push(b'\n');
        append_to(&path, &text, lock).with_context(|| format!("{}", path.display()))?;
        let end = path.metadata()?.len();
        line.big = Some((end.saturating_sub(length + 1), length));
        line.files.clear();
        Ok(())
    }

    /// Waits for the lock, for a second at most.
    pub fn lock(&self) -> Result<Locked> {
        let path = self.bak.join("lock");
        let file = match File::options().read(true).write(true).open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => private::open(&path),
            other => other,
        };
        let file = file.with_context(|| format!("{}", path.display()))?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Locked { file: Some(file) }),
                Err(std::fs::TryLockError::WouldBlock) => {}
                Err(std::fs::TryLockError::Error(_)) => return Ok(Locked { file: None }),
            }
            if Instant::now() > deadline {
                // A process that holds it so long has stopped: a line can be written all the same.
                return Ok(Locked { file: None });
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// The days that there are, oldest first.
    pub fn days(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.folder()) else { return Vec::new() };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut days: Vec<String> = names.filter(|name| is_day(name)).collect();
        days.sort();
        days
    }

    /// The text of one day; empty if there is none.
    pub fn text(&self, day: &str) -> io::Result<Vec<u8>> {
        let mut file = match private::open_to_read(&self.folder().join(day)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        Ok(text)
    }

    /// The lines of one day that make sense, of all worktrees, oldest first, with the files of big snapshots.
    pub fn lines(&self, day: &str) -> io::Result<Vec<Line>> {
        let text = self.text(day)?;
        let mut lines: Vec<Line> = split(&text).filter_map(Line::parse).collect();
        lines.iter_mut().for_each(|line| self.fill(line, day));
        Ok(lines)
    }

    /// Reads the list of a big snapshot into its line; one that can't be read has no files.
    pub fn fill(&self, line: &mut Line, day: &str) {
        if let Some((offset, length)) = line.big {
            let list = self.list_text(day, offset, length).ok();
            let files = list.and_then(|list| serde_json::from_slice(&list).ok());
            line.files = files.unwrap_or_default();
        }
    }
}

impl Locked {
    /// No other process has it; otherwise the file system has no locks.
    pub fn is_sure(&self) -> bool {
        self.file.is_some()
    }
}

/// Snapshots of more files than this are listed in a file of their own.
pub const MANY: usize = 500;

/// The UTC day of an instant, as its file is called.
pub fn day_of(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default().format("%Y-%m-%d").to_string()
}

/// Whether a file of the record is a day's.
pub fn is_day(name: &str) -> bool {
    name.len() == 10 && chrono::NaiveDate::parse_from_str(name, "%Y-%m-%d").is_ok()
}

/// The lines of a text, without blank ones and what a power cut has left.
pub fn split(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    lines(text).filter(|line| line.starts_with(b"{"))
}

/// The lines of a text, without their ends.
fn lines(mut text: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let all = text;
        // Its search for an end is far quicker than one byte by byte.
        let length = text.skip_until(b'\n').ok().filter(|length| *length > 0)?;
        Some(all[..length].strip_suffix(b"\n").unwrap_or(&all[..length]))
    })
}

fn append_to(path: &Path, text: &[u8], lock: &Locked) -> io::Result<Appended> {
    // The file is there nearly always: no call of ours makes one unless it must.
    let (mut file, is_new_day) = match private::reopen_to_append(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => (private::open_to_append(path)?, true),
        other => (other?, false),
    };
    if !lock.is_sure() {
        file.write_all(&[b"\n", text].concat())?;
        return Ok(Appended { is_new_day });
    }
    let end = file.seek(SeekFrom::End(0))?;
    let whole = whole_lines(&mut file, end)?;
    blank(path, whole, end - whole)?;
    match file.write(text) {
        Ok(written) if written == text.len() => Ok(Appended { is_new_day }),
        Ok(written) => {
            blank(path, end, written as u64)?;
            // Why it came short is said of what comes next.
            let why = file.write_all(b"\n");
            Err(why.err().unwrap_or_else(|| io::Error::from(ErrorKind::StorageFull)))
        }
        Err(error) => Err(error),
    }
}

/// Where the last line feed before `end` stands, and with it the last whole line.
fn whole_lines(file: &mut File, mut end: u64) -> io::Result<u64> {
    const STEP: u64 = 4096;
    // Backwards, a block at a time: the first look nearly always says that all is well.
    let mut block = 1;
    while end > 0 {
        let start = end.saturating_sub(block);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        (&mut *file).take(end - start).read_to_end(&mut bytes)?;
        if let Some(at) = bytes.iter().rposition(|&byte| byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
        block = STEP;
    }
    Ok(0)
}

/// Overwrites these bytes with line feeds.
fn blank(path: &Path, from: u64, length: u64) -> io::Result<()> {
    if length == 0 {
        return Ok(());
    }
    let mut file = private::open_to_overwrite(path)?;
    file.seek(SeekFrom::Start(from))?;
    io::copy(&mut io::repeat(b'\n').take(length), &mut file).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::events::line::{Seen, What};

    fn record() -> (tempfile::TempDir, Record) {
        let folder = tempfile::tempdir().unwrap();
        let bak = folder.path().join("bak");
        std::fs::create_dir(&bak).unwrap();
        (folder, Record { bak: bak.clone(), own: bak })
    }

    fn now() -> Now {
        "2025-11-06T20:10:45+02:00".parse().unwrap()
    }

    fn append(record: &Record, step: &str) -> Appended {
        let mut line = Line::new(What::Failed, &now());
        line.step = Some(step.to_owned());
        record.append(&mut [line], &now(), &mut || Ok(())).unwrap()
    }

    fn steps(record: &Record) -> Vec<String> {
        record.lines("2025-11-06").unwrap().into_iter().filter_map(|line| line.step).collect()
    }

    #[test]
    fn what_was_appended_is_read_and_the_first_of_a_day_says_so() {
        let (_folder, record) = record();
        assert!(append(&record, "a").is_new_day);
        assert!(!append(&record, "b").is_new_day);
        assert_eq!(steps(&record), ["a", "b"]);
        assert_eq!(record.days(), ["2025-11-06"]);
    }

    #[test]
    fn a_torn_end_goes_and_nothing_before_or_behind_it() {
        for torn in [&b"{\"t\":1"[..], &[0; 9000], b"x", &[b'y'; 4096]] {
            let (_folder, record) = record();
            append(&record, "a");
            let path = record.folder().join("2025-11-06");
            let mut file = File::options().append(true).open(&path).unwrap();
            file.write_all(torn).unwrap();
            let length = file.metadata().unwrap().len();
            append(&record, "b");
            assert_eq!(steps(&record), ["a", "b"]);
            let text = std::fs::read(&path).unwrap();
            assert!(split(&text).all(|line| Line::parse(line).is_some()));
            assert!(text.len() as u64 > length && !text.contains(&0), "it is overwritten, not cut");
        }
    }

    #[test]
    fn a_file_without_any_line_has_one_then() {
        let (_folder, record) = record();
        append(&record, "a");
        std::fs::write(record.folder().join("2025-11-06"), [0; 5000]).unwrap();
        append(&record, "b");
        assert_eq!(steps(&record), ["b"]);
    }

    #[test]
    fn very_many_files_are_listed_elsewhere_and_read_from_there() {
        let (_folder, record) = record();
        let path = |n: usize| format!("f{n}").parse().unwrap();
        for round in 1..3 {
            let mut line = Line::new(What::Snapshot, &now());
            line.files = (0..MANY + round).map(|n| Seen::of(&path(n))).collect();
            record.append(&mut [line], &now(), &mut || Ok(())).unwrap();
        }
        let counts: Vec<usize> =
            record.lines("2025-11-06").unwrap().iter().map(|line| line.files.len()).collect();
        assert_eq!(counts, [MANY + 1, MANY + 2]);
        assert!(record.text("2025-11-06").unwrap().len() < 1000);
    }

    #[test]
    fn a_list_that_a_rewrite_left_when_it_died_goes_with_the_next() {
        let (_folder, record) = record();
        let path = |n: usize| format!("f{n}").parse().unwrap();
        let mut line = Line::new(What::Snapshot, &now());
        line.files = (0..=MANY).map(|n| Seen::of(&path(n))).collect();
        record.append(&mut [line], &now(), &mut || Ok(())).unwrap();
        let lists = record.folder().join("2025-11-06.big");
        let text = std::fs::read(&lists).unwrap();
        let is_told = |text: &[u8]| text.windows(4).any(|word| word == b"f499");
        for _ in 0..2 {
            assert!(record.rewrite("2025-11-06", &|_| None, &is_told).unwrap());
            assert!(!lists.exists());
            assert_eq!(record.lines("2025-11-06").unwrap()[0].files.len(), MANY + 1);
            std::fs::write(&lists, &text).unwrap();
        }
        assert!(record.rewrite("2025-11-06", &|_| None, &|_| false).unwrap());
        assert!(lists.exists(), "nobody asked for it");
    }

    #[test]
    fn without_locks_a_line_begins_with_a_line_feed() {
        let (_folder, record) = record();
        append(&record, "a");
        let path = record.folder().join("2025-11-06");
        append_to(&path, b"{\"t\":1,\"ev\":\"failed\",\"step\":\"b\"}\n", &Locked { file: None })
            .unwrap();
        assert_eq!(steps(&record), ["a", "b"]);
    }
}
