//! Processes: who started us, and whether a process still lives.
//!
//! - `unix`; `windows`, with `windows_tree` (who started whom) and `windows_commands` (their command lines).

#[cfg(unix)]
mod unix;
#[cfg(not(unix))]
mod windows;
#[cfg(not(unix))]
mod windows_commands;
#[cfg(not(unix))]
mod windows_tree;

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::model::events::attempt::Process;
#[cfg(unix)]
use unix as system;
#[cfg(not(unix))]
use windows as system;

/// The process that has started the script which asks us.
static ASKED_BY: OnceLock<u32> = OnceLock::new();

/// From now on the process of this number counts as our parent: between us and it there is but a script of ours. (On
/// Windows a shell's numbers are its own, and mean nothing to us.)
pub fn asked_by(number: u32) {
    if number > 1 {
        let _ = ASKED_BY.set(number);
    }
}

/// The process that runs this hook: `git commit` itself. `None` where the system doesn't tell.
pub fn parent() -> Option<Process> {
    system::parent()
}

pub fn own() -> Process {
    system::own()
}

/// The process of this number, which lives.
pub fn of(pid: u32) -> Process {
    system::of(pid)
}

/// Whether that very process, and not a later one with its number, still lives.
pub fn is_alive(process: &Process) -> bool {
    system::is_alive(process)
}

/// Whether that very process has ended, or does within a second: one that was just killed takes a moment.
pub fn ends_soon(process: &Process) -> bool {
    (0..50).any(|_| {
        let has_ended = !system::is_alive(process);
        if !has_ended {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        has_ended
    })
}

/// Whether a process of this number lives. Numbers are used again: this can err towards "yes" only.
pub fn is_number_alive(pid: u32) -> bool {
    system::is_alive(&Process { pid, started: None })
}

/// Lets a write beyond the limit of file sizes (`ulimit -f`) fail like one to a full disk, where it would
/// end this process and with it the commit.
pub fn survive_file_size_limit() {
    system::survive_file_size_limit();
}

/// Lets this process hold as many files open as the system allows it, up to 65,536: each folder in which a
/// backup lies is held, and many systems begin with 1,024 or fewer.
pub fn hold_many_files() {
    system::hold_many_files();
}

/// Starts a command of the user's with the limits that we were started with.
pub fn as_we_were_started(command: &mut std::process::Command) {
    system::as_we_were_started(command);
}

/// Sets the mask of permissions for new files, and gives back the one before (no effect on Windows).
pub fn umask(mask: u32) -> u32 {
    system::umask(mask)
}

/// The number of the Git that runs us, however many scripts are between; `None` where the system
/// doesn't tell.
pub fn git() -> Option<u32> {
    system::git()
}

/// How long ago, and no shorter, the Git that runs us began; `None` where the system doesn't tell.
pub fn age_of_git() -> Option<std::time::Duration> {
    system::age_of_git()
}

/// The words that the Git that runs us was started with, its own name first; `None` where the system
/// doesn't tell.
pub fn git_words() -> Option<Vec<Vec<u8>>> {
    system::git_words()
}

/// The current directory of the Git that runs us. `None` where the system doesn't tell.
pub fn folder_of_git() -> Option<PathBuf> {
    system::folder_of_git()
}

/// Whether no Git is between us and the process of this number above us; `None` where the system doesn't tell.
pub fn is_no_git_up_to(number: u32) -> Option<bool> {
    system::is_no_git_up_to(number)
}

/// The words of the command that runs us and of those above it, the nearest first, at most `most` of them;
/// as far as the system tells.
pub fn command_lines(most: usize) -> Vec<Vec<Vec<u8>>> {
    system::command_lines(most)
}
