//! Processes on Unix; `/proc` tells more where there is one.

use rustix::process::{Pid, getppid, test_kill_process};

use crate::model::attempt::Process;

/// Our parent.
pub fn parent() -> Option<Process> {
    let pid = getppid()?.as_raw_nonzero().get();
    let pid = u32::try_from(pid).ok()?;
    Some(Process { pid, started: started(pid) })
}

/// Whether it lives, and began when it says.
pub fn is_alive(process: &Process) -> bool {
    let Some(pid) = i32::try_from(process.pid).ok().and_then(Pid::from_raw) else { return false };
    let exists = match test_kill_process(pid) {
        Ok(()) => true,
        Err(error) => error == rustix::io::Errno::PERM,
    };
    exists && (process.started.is_none() || process.started == started(process.pid))
}

/// Whether our parent's program is called git.
pub fn parent_is_git() -> Option<bool> {
    let pid = getppid()?.as_raw_nonzero();
    let name = std::fs::read(format!("/proc/{pid}/comm")).ok()?;
    Some(name.starts_with(b"git"))
}

/// When a process began, in clock ticks since the system's start: field 22 of `/proc/PID/stat`
/// (proc(5)). The name in field 2 may hold anything, so fields are counted from its last parenthesis.
fn started(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}
