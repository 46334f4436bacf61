//! The lock on `bak/fold.lock`: only its holder makes, removes or repacks anything in the vault.
//!
//! It is handed on to Git's children that do so, so that it ends with the last of them and not with us.

use std::fs::File;
use std::io::{Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::os::private;

/// The lock on `bak/fold.lock`.
#[derive(Debug)]
pub(super) struct FoldLock {
    pub file: File,
    /// No other process has it; otherwise the file system has no locks.
    pub is_sure: bool,
}

impl FoldLock {
    /// Takes it; `None` if another process holds it for all of `patience`.
    pub fn take(bak: &Path, patience: Duration) -> Result<Option<Self>> {
        let path = bak.join("fold.lock");
        let file = private::open(&path).with_context(|| path.display().to_string())?;
        let deadline = Instant::now() + patience;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self { file, is_sure: true })),
                Err(std::fs::TryLockError::Error(_)) => {
                    return Ok(Some(Self { file, is_sure: false }));
                }
                Err(std::fs::TryLockError::WouldBlock) if Instant::now() >= deadline => {
                    return Ok(None);
                }
                Err(std::fs::TryLockError::WouldBlock) => {
                    std::thread::sleep(Duration::from_millis(20));
                }
            }
        }
    }

    /// Writes down when it was tried, and when it was done last, for [`super::due`].
    pub fn say(&mut self, done: Option<i64>, tried: i64) {
        let done = done.unwrap_or_else(|| super::due::times(&self.file).0);
        // A note for the next hook: without it, it starts a fold for nothing.
        let _ = self
            .file
            .rewind()
            .and_then(|()| self.file.write_all(format!("{done:<20} {tried:<20}\n").as_bytes()));
    }
}
