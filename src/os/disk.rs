//! How much room there is on a disk. Its last bytes are Git's: without them a commit fails.

use std::io;
use std::path::Path;

/// The room on the disk that something lies on.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    bytes: Supply,
    /// Files that may still be made; none are counted where the file system has no limit.
    files: Supply,
}

#[derive(Debug, Clone, Copy)]
struct Supply {
    free: u64,
    /// So much stays free of backup files.
    reserve: u64,
}

impl Room {
    /// That of the disk of `path`, if the system tells.
    pub fn of(path: &Path) -> Option<Self> {
        #[cfg(unix)]
        {
            let disk = rustix::fs::statvfs(path).ok()?;
            let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
            let bytes = Supply::of(bytes(disk.f_bavail), bytes(disk.f_blocks), 64 << 20);
            let files = Supply::of(disk.f_favail, disk.f_files, 1000);
            Some(Self { bytes, files })
        }
        #[cfg(not(unix))]
        {
            let _ = path;
            None
        }
    }

    /// Whether a backup file of so many bytes leaves what is Git's.
    pub fn has_for_file(self, size: u64) -> bool {
        self.leaves(size, 1)
    }

    /// The same of what only the vault would have: it may come closer.
    pub fn has_for_vault(self, size: u64) -> bool {
        self.leaves(size, 4)
    }

    /// Whether there is any for a snapshot of so many files that copies none: folders, links, a line.
    pub fn has_for_links(self, count: usize) -> bool {
        let count = count as u64;
        let has = |left: Supply, least: u64, each: u64| {
            left.reserve == 0 || left.free >= (left.reserve / 4).min(least) + each
        };
        has(self.bytes, 1 << 20, count.min(256) * 4096) && has(self.files, 100, count * 2)
    }

    /// Whether a part of the reserves is left.
    fn leaves(self, size: u64, part: u64) -> bool {
        let rest = self.bytes.free.checked_sub(size);
        rest.is_some_and(|rest| rest >= self.bytes.reserve / part)
            && self.files.free >= self.files.reserve / part
    }
}

impl Supply {
    #[cfg(any(unix, test))]
    /// A tenth of it all is the reserve, or `most`.
    fn of(free: u64, all: u64, most: u64) -> Self {
        Self { free, reserve: (all / 10).min(most) }
    }
}

/// Whether it failed because nothing more fits on the disk, or into the user's share of it.
pub fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vault_may_come_closer_to_the_end_than_a_file() {
        let room = |bytes, files| {
            let files = Supply { free: files, reserve: 40 };
            Room { bytes: Supply { free: bytes, reserve: 400 }, files }
        };
        assert!(room(1000, 40).has_for_file(600) && !room(1000, 40).has_for_file(601));
        assert!(!room(1000, 39).has_for_file(1) && room(1000, 10).has_for_vault(900));
        assert!(!room(1000, 40).has_for_vault(901) && !room(1000, 40).has_for_vault(u64::MAX));
        assert!(room(4196, 12).has_for_links(1) && !room(4195, 12).has_for_links(1));
        assert!(!room(4196, 11).has_for_links(1));
        let no_limit = Supply::of(0, 0, 1000);
        let unlimited = Room { bytes: Supply::of(9000, 10_000, 1), files: no_limit };
        assert!(unlimited.has_for_file(8000) && unlimited.has_for_links(1));
    }
}
