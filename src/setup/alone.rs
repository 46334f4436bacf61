//! Only one process at a time installs or removes hooks: two at once are as one after the other.
//!
//! Each looks at what is there first and then does what that calls for; what another did in between would be undone.
//! The lock is on the folder itself, so it leaves nothing behind. Where there are no such locks, or another process
//! holds one for long, it is done without: no step of `hook_files` loses a hook then, either.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

/// Held until it is dropped.
#[derive(Debug)]
pub struct Alone {
    _locked: Option<File>,
}

/// Waits until no other process is at work in `folder`: a second or so is much for what they do.
pub fn alone_in(folder: &Path) -> Alone {
    let Ok(file) = File::open(folder) else { return Alone { _locked: None } };
    for _ in 0..500 {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => sleep(Duration::from_millis(20)),
            _ => break,
        }
    }
    Alone { _locked: Some(file) }
}
