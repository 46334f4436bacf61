//! How much room there is on a disk. Its last bytes are Git's: without them a commit fails.

use std::io;
use std::path::Path;

/// The room on the disk that something lies on.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    free: u64,
    /// So much stays free of backup files.
    reserve: u64,
}

impl Room {
    const MOST: u64 = 64 << 20;
    const LEAST: u64 = 1 << 20;

    /// That of the disk of `path`, if the system tells.
    pub fn of(path: &Path) -> Option<Self> {
        #[cfg(unix)]
        {
            let disk = rustix::fs::statvfs(path).ok()?;
            let (free, all) = (disk.f_bavail, disk.f_blocks);
            let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
            Some(Self { free: bytes(free), reserve: (bytes(all) / 10).min(Self::MOST) })
        }
        #[cfg(not(unix))]
        {
            let _ = path;
            None
        }
    }

    /// Whether a backup file of so many bytes leaves what is Git's.
    pub fn has_for_file(self, size: u64) -> bool {
        self.free.checked_sub(size).is_some_and(|rest| rest >= self.reserve)
    }

    /// The same of what only the vault would have: it may come closer.
    pub fn has_for_vault(self, size: u64) -> bool {
        self.free.checked_sub(size).is_some_and(|rest| rest >= self.reserve / 4)
    }

    /// Whether there is any for what we would write down, however little that is.
    pub fn has_any(self) -> bool {
        self.free >= (self.reserve / 4).min(Self::LEAST)
    }
}

/// Whether it failed because nothing more fits on the disk, or into somebody's share of it.
pub fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vault_may_come_closer_to_the_end_than_a_file() {
        let room = Room { free: 1000, reserve: 400 };
        assert!(room.has_for_file(600) && !room.has_for_file(601));
        assert!(room.has_for_vault(900) && !room.has_for_vault(901));
        assert!(!room.has_for_vault(u64::MAX));
    }
}
