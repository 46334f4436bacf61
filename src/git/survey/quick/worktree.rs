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
use std::num::NonZero;
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::thread::{self, Builder, ScopedJoinHandle};

use rustix::fs::{self, FileType, Mode, OFlags, Stat};

use super::below::{parent, stat_at};
use super::contents::{MOST_FILES, are_as_staged};
use super::filters;
use super::ordinary::is_ordinary;
use super::stat_data::{Trusted, is_time, size_in_index};
use super::unchanged::Unchanged;
use super::{EXECUTABLE, LINK};
use crate::git::index::{Entry, Index};
use crate::git::objects::{Objects, Oid};
use crate::git::repository::Repository;
use crate::model::at_risk::FileState;
use crate::os::folder::Folder;

/// A folder with this many more files is opened for them: fewer are looked at in the time that takes.
const WORTH_OPENING: usize = 4;

/// How a folder is opened that nothing is read from.
#[cfg(any(target_os = "linux", target_os = "android"))]
const TO_LOOK: OFlags = OFlags::PATH;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const TO_LOOK: OFlags = OFlags::RDONLY;

/// How many files are worth a thread: `THREAD_COST` in Git's preload-index.c.
const FILES_OF_A_THREAD: usize = 500;

/// The entries whose file is edited, in their order; what is `unchanged` is not looked at. `None` if only Git knows, or
/// if one of them is out of the ordinary.
pub(super) fn edited(
    index: &Index,
    repository: &Repository,
    objects: &Objects,
    unchanged: impl FnOnce(&Folder) -> Option<Unchanged>,
) -> Option<Vec<usize>> {
    let top = Folder::open(&repository.top).ok()?;
    let unchanged = unchanged(&top);
    let look = Look {
        top: &top,
        unchanged: unchanged.as_ref(),
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
    let top = Folder::open(&repository.top).ok()?;
    let trusted = if trust_stat { Trusted::before(index.modified) } else { Trusted::never() };
    let look = Look { top: &top, unchanged: None, trusted, empty: objects.hash(b"").ok()? };
    let mut doubts = 0;
    let state = |&at: &usize| {
        let entry = index.entry(at)?;
        Some(match look.verdict(&entry) {
            None => FileState::Gone,
            // The snapshot compares the bytes of a young file, and keeps both where they differ.
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
    top: &'a Folder,
    /// What need not be looked at.
    unchanged: Option<&'a Unchanged>,
    /// Which files are old enough to be believed.
    trusted: Trusted,
    /// The id of an empty file.
    empty: Oid,
}

impl Look<'_> {
    /// Looks at every entry's file, in a big tree with all processors.
    fn at_all(self, index: &Index) -> Option<Looked> {
        let count = index.count();
        let wanted = self.unchanged.map_or(count, Unchanged::others) / FILES_OF_A_THREAD;
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
            if self.unchanged.is_some_and(|unchanged| unchanged.has(at)) {
                continue;
            }
            let entry = index.entry(at)?;
            if let Some(folder) = entry.sparse_folder() {
                // Git takes apart one that is there.
                match self.stat(folder) {
                    Some(_) => return None,
                    None => continue,
                }
            }
            if !is_ordinary(&entry) {
                return None;
            }
            // `git status` looks away from these, too; see `survey::hidden`.
            if entry.is_marked() {
                continue;
            }
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

/// The last part of `path`.
fn name(path: &[u8]) -> &[u8] {
    path.rsplit(|&byte| byte == b'/').next().unwrap_or(path)
}
