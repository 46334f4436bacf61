//! Which files of the working tree were edited since they were staged.
//!
//! Git's own rules (`ie_modified` in its read-cache.c): other permission to execute, or another size
//! than when the file was found equal last, is an edit whatever the bytes are. The same stat data is
//! none. In between (it was touched, copied or, racily, written in the second in which the index was)
//! Git compares the content behind its filters: here only bytes that no filter changes are compared.
//!
//! Git on most systems compares times by the second. Here nanoseconds count as well: that can only
//! make a file doubtful, never clean.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::num::NonZero;
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::thread::{self, Builder, ScopedJoinHandle};

use rustix::fs::{self, AtFlags, FileType, Mode, OFlags, Stat};

use super::filters;
use super::ordinary::{EXECUTABLE, LINK, is_ordinary};
use crate::git::index::{Entry, Index};
use crate::git::objects::{Objects, Oid};
use crate::git::repository::Repository;
use crate::model::at_risk::FileState;

/// How many files, and how many bytes of one and of all, are read to settle a doubt. Beyond that Git
/// would have to be quicker than we are.
const MOST_FILES: usize = 64;
const MOST_BYTES: u64 = 1 << 20;
const MOST_BYTES_OF_ALL: u64 = 4 << 20;

/// A file's time may lag this far behind the clock, in nanoseconds: the system rounds it down to its own
/// tick, and one that has no nanoseconds is never that much before an index of the same second.
const TICK: u32 = 20_000_000;

/// A folder with this many more files is opened for them: fewer are looked at in the time that takes.
const WORTH_OPENING: usize = 4;

/// How a folder is opened that nothing is read from.
#[cfg(any(target_os = "linux", target_os = "android"))]
const TO_LOOK: OFlags = OFlags::PATH;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const TO_LOOK: OFlags = OFlags::RDONLY;

/// As many files as are worth a thread: `THREAD_COST` in Git's preload-index.c.
const FILES_OF_A_THREAD: usize = 500;

/// The entries whose file is edited, in their order. `None` if only Git knows, or if one of them is out of
/// the ordinary.
pub(super) fn edited(
    index: &Index,
    repository: &Repository,
    objects: &Objects,
) -> Option<Vec<usize>> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let top = fs::open(&repository.top, flags, Mode::empty()).ok()?;
    let look = Look {
        top: &top,
        trusted: Trusted::before(index.modified),
        empty: objects.hash(b"").ok()?,
    };
    let looked = look.at_all(index)?;
    let doubtful: Vec<Entry<'_>> =
        looked.doubtful.iter().filter_map(|&at| index.entry(at)).collect();
    let settled = doubtful.is_empty()
        || !filters::may_apply(repository, &top, &doubtful)
            && are_as_staged(&top, objects, &doubtful);
    settled.then_some(looked.edited)
}

/// How the files of some entries stand to them. Where that isn't certain, they count as edited.
pub(super) fn states(
    index: &Index,
    wanted: &[usize],
    repository: &Repository,
    objects: &Objects,
    trust_stat: bool,
) -> Option<Vec<FileState>> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let top = fs::open(&repository.top, flags, Mode::empty()).ok()?;
    let trusted = if trust_stat { Trusted::before(index.modified) } else { Trusted::never() };
    let look = Look { top: &top, trusted, empty: objects.hash(b"").ok()? };
    let mut doubts = 0;
    let state = |&at: &usize| {
        let entry = index.entry(at)?;
        Some(match look.verdict(&entry) {
            None => FileState::Gone,
            // Whoever reads a young file compares its bytes, and keeps both where they differ.
            Some(Verdict::Same | Verdict::Racy) => FileState::AsStaged,
            Some(Verdict::Edited) if trust_stat => FileState::Edited,
            Some(_) => {
                doubts += 1;
                let same = doubts <= MOST_FILES
                    && !filters::may_apply(repository, &top, &[entry])
                    && are_as_staged(&top, objects, &[entry]);
                if same { FileState::AsStaged } else { FileState::Edited }
            }
        })
    };
    wanted.iter().map(state).collect()
}

/// What the stat data says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Same,
    /// The same but for the time of its last modification, which is too young to tell.
    Racy,
    Edited,
    Doubtful,
}

#[derive(Default)]
struct Looked {
    edited: Vec<usize>,
    doubtful: Vec<usize>,
}

/// What a look at the working tree goes by.
#[derive(Clone, Copy)]
struct Look<'a> {
    top: &'a OwnedFd,
    /// Which files are old enough to be believed.
    trusted: Trusted,
    /// The id of an empty file.
    empty: Oid,
}

impl Look<'_> {
    /// Looks at every entry's file, in a big tree with all processors.
    fn at_all(self, index: &Index) -> Option<Looked> {
        let count = index.count();
        let wanted = count / FILES_OF_A_THREAD;
        if wanted < 2 {
            return self.at(index, 0..count);
        }
        let most = thread::available_parallelism().map_or(1, NonZero::get);
        let threads = wanted.min(most);
        let size = count.div_ceil(threads);
        let parts = thread::scope(|scope| {
            let mut parts = (0..count).step_by(size).map(|first| first..count.min(first + size));
            let start =
                |part| Builder::new().spawn_scoped(scope, move || self.at(index, part)).ok();
            // The first is for this thread itself.
            let first = parts.next()?;
            let running: Vec<_> = parts.map(start).collect();
            let first = std::iter::once(self.at(index, first));
            let finish = |part: ScopedJoinHandle<'_, _>| part.join().ok().flatten();
            let others = running.into_iter().map(|part| part.and_then(finish));
            first.chain(others).collect::<Option<Vec<_>>>()
        })?;
        let mut all = Looked::default();
        for part in parts {
            all.edited.extend(part.edited);
            all.doubtful.extend(part.doubtful);
        }
        (all.doubtful.len() <= MOST_FILES).then_some(all)
    }

    /// Looks at the files of some entries.
    fn at(self, index: &Index, part: Range<usize>) -> Option<Looked> {
        let mut looked = Looked::default();
        let mut known: &[u8] = b"";
        let mut opened = None;
        for at in part {
            let entry = index.entry(at).filter(is_ordinary)?;
            let folder = parent(entry.path);
            if folder != known {
                if !self.is_folder(folder, known) {
                    return None;
                }
                let later = index.entry(at + WORTH_OPENING);
                let has_many = later.is_some_and(|later| parent(later.path) == folder);
                opened = has_many.then(|| self.open(folder)).flatten();
            }
            known = folder;
            let stat = match &opened {
                Some(handle) => stat_at(handle, name(entry.path)),
                None => self.stat(entry.path),
            };
            match self.compare(&entry, &stat?)? {
                Verdict::Same => {}
                Verdict::Edited => looked.edited.push(at),
                Verdict::Racy | Verdict::Doubtful => looked.doubtful.push(at),
            }
            if looked.doubtful.len() > MOST_FILES {
                return None;
            }
        }
        Some(looked)
    }

    /// How one file stands to its entry; `None` if there is none.
    fn verdict(self, entry: &Entry<'_>) -> Option<Verdict> {
        let folder = parent(entry.path);
        let is_there = folder.is_empty() || self.is_folder(folder, b"");
        self.compare(entry, &self.stat(entry.path).filter(|_| is_there)?)
    }

    fn stat(self, path: &[u8]) -> Option<Stat> {
        stat_at(self.top, path)
    }

    /// A folder, to look at what is in it: the system finds a name faster than a path, and threads that
    /// look through one handle wait for each other to count it.
    fn open(self, folder: &[u8]) -> Option<OwnedFd> {
        let flags = TO_LOOK | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        fs::openat(self.top, OsStr::from_bytes(folder), flags, Mode::empty()).ok()
    }

    /// Whether every step to `folder` is a folder and no link; what leads to `known` is known to be.
    /// Behind a link is none of Git's files.
    fn is_folder(self, folder: &[u8], known: &[u8]) -> bool {
        let slashes =
            folder.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        slashes.chain([folder.len()]).filter_map(|end| folder.get(..end)).all(|step| {
            let leads_to_known = known
                .strip_prefix(step)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"));
            step.is_empty()
                || leads_to_known
                || self
                    .stat(step)
                    .is_some_and(|stat| FileType::from_raw_mode(stat.st_mode).is_dir())
        })
    }

    // The fields' widths differ between systems; the index has 32 bits of each.
    #[allow(clippy::unnecessary_cast, clippy::useless_conversion, clippy::cast_lossless)]
    fn compare(self, entry: &Entry<'_>, stat: &Stat) -> Option<Verdict> {
        let kind = FileType::from_raw_mode(stat.st_mode);
        if entry.mode == LINK {
            // Wherever a link leads, it is no file at risk.
            return kind.is_symlink().then_some(Verdict::Same);
        }
        if !kind.is_file() {
            return None;
        }
        let executable = u32::from(stat.st_mode) & 0o100 != 0;
        let size = size_in_index(stat.st_size as u64);
        // A size of 0 stands for "not known", too.
        if executable != (entry.mode == EXECUTABLE) || entry.size != size && entry.size != 0 {
            return Some(Verdict::Edited);
        }
        let same = entry.size == size
            && is_time(entry.mtime, stat.st_mtime as u32, stat.st_mtime_nsec as u32)
            && is_time(entry.ctime, stat.st_ctime as u32, stat.st_ctime_nsec as u32)
            && (entry.ino, entry.uid, entry.gid) == (stat.st_ino as u32, stat.st_uid, stat.st_gid)
            && (entry.size != 0 || entry.id == self.empty);
        let is_old = self.trusted.has((entry.mtime.0.into(), entry.mtime.1));
        Some(match (same, is_old) {
            (true, true) => Verdict::Same,
            (true, false) => Verdict::Racy,
            (false, _) => Verdict::Doubtful,
        })
    }
}

/// The times of modification that are believed. A file that was modified as late as the index was written may
/// have been written once more after it was staged, in what is the same moment for its clock (Git's
/// Documentation/technical/racy-git).
#[derive(Clone, Copy)]
struct Trusted {
    /// Before this second a file is old whatever its clock.
    second: i64,
    /// Before this moment it is where the file system has a clock that is finer.
    moment: (i64, u32),
}

impl Trusted {
    /// Those before an index that was written at this time.
    fn before((seconds, nanos): (i64, u32)) -> Self {
        // Not every file system has nanoseconds: one that has is known by having stored some.
        let moment = match nanos {
            0 => (seconds, 0),
            _ => earlier((seconds, nanos), TICK),
        };
        Self { second: seconds, moment }
    }

    /// None at all.
    fn never() -> Self {
        Self { second: i64::MIN, moment: (i64::MIN, 0) }
    }

    fn has(self, modified: (i64, u32)) -> bool {
        match modified.1 {
            0 => modified.0 < self.second,
            _ => modified < self.moment,
        }
    }
}

/// `time` less some nanoseconds.
fn earlier((seconds, nanos): (i64, u32), by: u32) -> (i64, u32) {
    match nanos.checked_sub(by) {
        Some(nanos) => (seconds, nanos),
        None => (seconds - 1, nanos + 1_000_000_000 - by),
    }
}

/// A time of 0 nanoseconds was stored by a Git, or for a file system, that has none.
fn is_time(stored: (u32, u32), seconds: u32, nanos: u32) -> bool {
    stored.0 == seconds && (stored.1 == 0 || stored.1 == nanos)
}

/// A size as the index has it (`munge_st_size` in Git's read-cache.c): 32 bits, never 0 for a file
/// that isn't empty.
fn size_in_index(size: u64) -> u32 {
    match size as u32 {
        0 if size != 0 => 1 << 31,
        low => low,
    }
}

fn stat_at(folder: &OwnedFd, path: &[u8]) -> Option<Stat> {
    fs::statat(folder, OsStr::from_bytes(path), AtFlags::SYMLINK_NOFOLLOW).ok()
}

/// The last part of `path`.
fn name(path: &[u8]) -> &[u8] {
    path.rsplit(|&byte| byte == b'/').next().unwrap_or(path)
}

/// The folder that `path` lies in; empty at the top.
pub(super) fn parent(path: &[u8]) -> &[u8] {
    let slash = path.iter().rposition(|&byte| byte == b'/');
    slash.and_then(|slash| path.get(..slash)).unwrap_or_default()
}

/// Whether these files hold, byte for byte, what is staged, and no conversion of Git's applies.
fn are_as_staged(top: &OwnedFd, objects: &Objects, entries: &[Entry<'_>]) -> bool {
    let mut left = MOST_BYTES_OF_ALL;
    entries.iter().all(|entry| {
        let bytes = content(top, entry.path, left.min(MOST_BYTES));
        bytes.is_some_and(|bytes| {
            left = left.saturating_sub(bytes.len() as u64);
            !filters::may_convert(&bytes) && objects.hash(&bytes).is_ok_and(|id| id == entry.id)
        })
    })
}

/// The bytes of a regular file, if there are no more than `most`.
fn content(top: &OwnedFd, path: &[u8], most: u64) -> Option<Vec<u8>> {
    let file = open_below(top, path).ok()?;
    let meta = file.metadata().ok()?;
    if !meta.is_file() || meta.len() > most {
        return None;
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).ok()? + 1);
    file.take(most + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= most).then_some(bytes)
}

/// Opens what `path` names for reading, a step at a time: a folder on the way may be a link by now.
pub(super) fn open_below(top: &OwnedFd, path: &[u8]) -> io::Result<File> {
    let (folder, mut here) = (parent(path), top.try_clone()?);
    let name = if folder.is_empty() { path } else { &path[folder.len() + 1..] };
    for step in folder.split(|&byte| byte == b'/').filter(|step| !step.is_empty()) {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        here = fs::openat(&here, OsStr::from_bytes(step), flags, Mode::empty())?;
    }
    // A pipe in the file's place would be waited for.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(File::from(fs::openat(&here, OsStr::from_bytes(name), flags, Mode::empty())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_cut_as_git_cuts_them() {
        assert_eq!(size_in_index(0), 0);
        assert_eq!(size_in_index(7), 7);
        assert_eq!(size_in_index((5 << 32) + 7), 7);
        assert_eq!(size_in_index(5 << 32), 1 << 31);
    }

    #[test]
    fn nanoseconds_count_where_they_were_stored() {
        assert!(is_time((5, 0), 5, 9) && is_time((5, 9), 5, 9));
        assert!(!is_time((5, 9), 5, 0) && !is_time((5, 0), 6, 0));
    }

    #[test]
    fn a_file_is_believed_if_it_is_older_by_the_clock_that_it_has() {
        let trusted = Trusted::before((5, 500_000_000));
        let old = [(4, 0), (4, 999_999_999), (5, 479_999_999)];
        assert!(old.into_iter().all(|time| trusted.has(time)));
        let young = [(5, 0), (5, 480_000_000), (5, 500_000_000), (6, 0), (6, 1)];
        assert!(!young.into_iter().any(|time| trusted.has(time)));
        let coarse = Trusted::before((5, 0));
        assert!(coarse.has((4, 0)) && coarse.has((4, 1)) && !coarse.has((5, 0)));
        assert!(!Trusted::never().has((0, 0)) && !Trusted::never().has((0, 1)));
    }

    #[test]
    fn a_tick_earlier_may_be_in_the_second_before() {
        assert_eq!(earlier((5, 30_000_000), TICK), (5, 10_000_000));
        assert_eq!(earlier((5, 0), TICK), (4, 980_000_000));
    }

    #[test]
    fn the_folder_of_a_path() {
        assert_eq!(parent(b"a/b/c"), b"a/b");
        assert_eq!(parent(b"c"), b"");
    }
}
