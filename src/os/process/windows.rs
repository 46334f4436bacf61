//! Processes on Windows.
//!
//! Git runs hooks through its own shell there: the Git that we run for is further up.

use std::path::PathBuf;

use windows_sys::Win32::Foundation::{
    CloseHandle, ERROR_ACCESS_DENIED, GetLastError, WAIT_TIMEOUT,
};
use windows_sys::Win32::System::Threading::{
    OpenProcess, PROCESS_SYNCHRONIZE, WaitForSingleObject,
};

use super::windows_tree::{above, all, is_git, started};
use crate::model::events::attempt::Process;

pub use super::windows_commands::{command_lines, words};

/// The Git that runs us, if there is one above us.
pub fn parent() -> Option<Process> {
    git().map(of)
}

pub fn own() -> Process {
    of(std::process::id())
}

pub fn of(pid: u32) -> Process {
    Process { pid, started: started(pid) }
}

/// The Git that runs us: the nearest of that name.
pub fn git() -> Option<u32> {
    let above = above(all(), std::process::id(), started);
    above.into_iter().find(|&pid| is_git(all(), pid) && !runs_us(pid))
}

/// It is the `git bak hook …` of a script, which waits for us alone.
fn runs_us(pid: u32) -> bool {
    words(pid).is_some_and(|words| words.windows(2).any(|two| two == [&b"bak"[..], b"hook"]))
}

pub fn age_of_git() -> Option<std::time::Duration> {
    None
}

/// It doesn't tell.
pub fn folder_of_git() -> Option<PathBuf> {
    None
}

/// The words that the Git that runs us was started with.
pub fn git_words() -> Option<Vec<Vec<u8>>> {
    words(git()?)
}

/// Whether it lives, and began when it says.
pub fn is_alive(process: &Process) -> bool {
    // SAFETY: no pointers; the handle is closed once, and only if there is one.
    let exists = unsafe {
        let handle = OpenProcess(PROCESS_SYNCHRONIZE, 0, process.pid);
        if handle.is_null() {
            // Another user's, an administrator's say.
            GetLastError() == ERROR_ACCESS_DENIED
        } else {
            let alive = WaitForSingleObject(handle, 0) == WAIT_TIMEOUT;
            CloseHandle(handle);
            alive
        }
    };
    let is_another = || process.started.zip(started(process.pid)).is_some_and(|(a, b)| a != b);
    exists && !is_another()
}

/// Of a shell's own number nothing can be told.
pub fn is_no_git_up_to(number: u32) -> Option<bool> {
    let above = above(all(), std::process::id(), started);
    above.contains(&number).then(|| git() == Some(number))
}

pub fn survive_file_size_limit() {}

/// There is no limit that a working tree would reach.
pub fn hold_many_files() {}

pub fn as_we_were_started(_command: &mut std::process::Command) {}

pub fn umask(_mask: u32) -> u32 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_process_of_the_same_number_is_another() {
        let own = own();
        assert!(own.started.is_some() && is_alive(&own));
        assert!(is_alive(&Process { started: None, ..own }));
        assert!(!is_alive(&Process { started: own.started.map(|began| began - 1), ..own }));
    }
}
