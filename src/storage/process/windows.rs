//! Processes on Windows.
//!
//! Git runs hooks through its own shell there, and who our parent is says nothing about `git commit`.

use windows_sys::Win32::Foundation::{CloseHandle, WAIT_TIMEOUT};
use windows_sys::Win32::System::Threading::{
    OpenProcess, PROCESS_SYNCHRONIZE, WaitForSingleObject,
};

use crate::model::attempt::Process;

pub use super::windows_commands::command_lines;

/// Not known.
pub fn parent() -> Option<Process> {
    None
}

/// This process.
pub fn own() -> Process {
    of(std::process::id())
}

/// The process of this number.
pub fn of(pid: u32) -> Process {
    Process { pid, started: None }
}

/// Not known.
pub fn git() -> Option<u32> {
    None
}

/// Not known.
pub fn git_words() -> Option<Vec<Vec<u8>>> {
    None
}

/// Whether a process of this number lives.
pub fn is_alive(process: &Process) -> bool {
    // SAFETY: no pointers; the handle is closed once, and only if there is one.
    unsafe {
        let handle = OpenProcess(PROCESS_SYNCHRONIZE, 0, process.pid);
        if handle.is_null() {
            return false;
        }
        let alive = WaitForSingleObject(handle, 0) == WAIT_TIMEOUT;
        CloseHandle(handle);
        alive
    }
}

/// Whether no process of this number lives.
pub fn has_ended(process: &Process) -> bool {
    !is_alive(process)
}

/// Not known.
pub fn parent_is_git() -> Option<bool> {
    None
}

/// There is no such limit.
pub fn survive_file_size_limit() {}

/// There is no limit that a working tree would reach.
pub fn hold_many_files() {}

/// Nothing was changed.
pub fn as_we_were_started(_command: &mut std::process::Command) {}

/// There is none.
pub fn umask(_mask: u32) -> u32 {
    0
}
