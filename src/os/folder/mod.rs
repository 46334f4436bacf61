//! A folder held open, and everything we do to files in it.
//!
//! - `unix`: by handle; `windows`: by path.
//!
//! What could go wrong: a folder on the way to a file is swapped for a link to somewhere else between
//! a check and the use. So nothing is checked first. A [`Folder`] is reached from the top of the
//! working tree one step at a time without following links, stays the same folder whatever happens to
//! its name, and every operation names a file directly inside it. Where the system has no such
//! handles (Windows), each step is looked at just before it is used.

use std::fs::File;
use std::io;
use std::time::{Duration, SystemTime};

use crate::model::access::Access;

#[cfg(unix)]
mod unix;
#[cfg(not(unix))]
mod windows;

#[cfg(unix)]
pub use unix::Folder;
#[cfg(unix)]
use unix::has_list;
#[cfg(unix)]
pub(crate) use unix::{set_access, set_bits, stat_of};
#[cfg(not(unix))]
pub use windows::Folder;
#[cfg(not(unix))]
use windows::has_list;
#[cfg(not(unix))]
pub(crate) use windows::{set_access, set_bits, stat_of};

/// What the system knows of a file; if two are equal, it was not written to in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// What kind of entry it is.
    pub kind: EntryKind,
    pub size: u64,
    /// Last modification: seconds since 1970 and nanoseconds.
    pub modified: (i64, u32),
    /// Last change of its inode, likewise.
    pub changed: (i64, u32),
    pub inode: (u64, u64),
    /// Permission bits (0o777).
    pub permissions: u32,
    /// The group that the group's bits are for.
    pub group: u32,
}

/// What kind of entry a name leads to, links not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    File,
    Folder,
    /// A symbolic link, a device, a socket, a pipe.
    Other,
}

impl Stat {
    pub fn access(&self) -> Access {
        Access::new(self.permissions, self.group)
    }

    /// Of a file with an access list a copy is for its owner alone: the list names whom the bits don't.
    fn without_list(self, has_list: bool) -> Self {
        let permissions = if has_list { self.permissions & 0o700 } else { self.permissions };
        Self { permissions, ..self }
    }

    pub fn modified_at(&self) -> SystemTime {
        let (seconds, nanos) = self.modified;
        let nanos = Duration::from_nanos(u64::from(nanos));
        let whole = Duration::from_secs(seconds.unsigned_abs());
        let base = if seconds < 0 {
            SystemTime::UNIX_EPOCH.checked_sub(whole)
        } else {
            SystemTime::UNIX_EPOCH.checked_add(whole)
        };
        base.and_then(|time| time.checked_add(nanos)).unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

/// A regular file open for reading, with what the system knew of it at that moment.
#[derive(Debug)]
pub struct Source {
    pub file: File,
    /// Its state when it was opened.
    pub stat: Stat,
}

impl Source {
    /// Its state, with the permissions that a copy of it may have.
    pub fn like(&self) -> Stat {
        self.stat.without_list(self.stat.permissions & 0o077 != 0 && has_list(&self.file))
    }
}

impl Folder {
    /// The state of a file in it, with the permissions that a copy of it may have.
    pub fn like(&self, name: &[u8], stat: Stat) -> Stat {
        stat.without_list(stat.permissions & 0o077 != 0 && self.has_list(name))
    }
}

/// Gives an open file the permissions of the file it is a copy of, readable by no more people.
pub(crate) fn set_permissions(file: &File, like: &Stat) -> io::Result<()> {
    set_access(file, Access { bits: like.permissions, group: Some(like.group) })
}

/// The error for a name that leads to something else than a regular file.
fn not_regular() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")
}
