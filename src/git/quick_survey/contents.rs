//! Whether files that may be edited have the bytes that are staged.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;

use rustix::fs::{self, Mode, OFlags};

use super::filters;
use super::worktree::parent;
use crate::git::index::Entry;
use crate::git::objects::Objects;

/// How many files, and how many bytes of one and of all, are read to settle a doubt. Beyond that Git
/// would have to be quicker than we are.
pub(super) const MOST_FILES: usize = 64;
const MOST_BYTES: u64 = 1 << 20;
const MOST_BYTES_OF_ALL: u64 = 4 << 20;

/// Whether these files hold, byte for byte, what is staged, and no conversion of Git's applies.
pub(super) fn are_as_staged(top: &OwnedFd, objects: &Objects, entries: &[Entry<'_>]) -> bool {
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
