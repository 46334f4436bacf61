//! Processes on Unix; `/proc` tells more where there is one.

use std::fs::File;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustix::param::clock_ticks_per_second;
use rustix::process::{
    Pid, Resource, Rlimit, Signal, getppid, getrlimit, setrlimit, test_kill_process,
};

use crate::model::events::attempt::Process;
use crate::os::signals::is_ignored;

/// Our parent, with no script of ours in between.
fn above() -> Option<u32> {
    let parent = || u32::try_from(getppid()?.as_raw_nonzero().get()).ok();
    super::ASKED_BY.get().copied().or_else(parent)
}

/// The Git that runs us: our parent, or the nearest ancestor where a hook manager is in between.
pub fn parent() -> Option<Process> {
    let pid = above()?;
    let pid = nearest_git(pid).unwrap_or(pid);
    Some(Process { pid, started: started(pid) })
}

pub fn own() -> Process {
    of(std::process::id())
}

pub fn of(pid: u32) -> Process {
    Process { pid, started: started(pid) }
}

/// The first process named git, from `pid` upwards.
fn nearest_git(pid: u32) -> Option<u32> {
    first(pid, |pid, name| is_git(name) && !runs_us(pid))
}

/// The first process that is it by number and name, from `pid` upwards: field 2 of `/proc/PID/stat` is the name,
/// field 4 the parent (proc(5)).
fn first(mut pid: u32, is_it: impl Fn(u32, &str) -> bool) -> Option<u32> {
    while pid > 1 {
        let stat = stat(pid)?;
        let (name, rest) = stat.rsplit_once(')')?;
        if name.split_once('(').is_some_and(|(_, name)| is_it(pid, name)) {
            return Some(pid);
        }
        pid = rest.split_whitespace().nth(1)?.parse().ok()?;
    }
    None
}

/// `/proc/PID/stat`, at one reading: the system makes it up for each.
fn stat(pid: u32) -> Option<String> {
    let mut buffer = [0; 1024];
    let length = File::open(format!("/proc/{pid}/stat")).ok()?.read(&mut buffer).ok()?;
    Some(String::from_utf8_lossy(buffer.get(..length)?).into_owned())
}

/// The words of our ancestors: `/proc/PID/cmdline` has them, each ended by NUL (proc(5)).
#[cfg(not(target_os = "macos"))]
pub fn command_lines(most: usize) -> Vec<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    let mut pid = above();
    while let Some(number) = pid.filter(|&number| number > 1 && found.len() < most) {
        let Some(words) = words(number) else { break };
        found.push(words);
        pid = (found.len() < most).then(|| parent_of(number)).flatten();
    }
    found
}

/// The words of our parent (sysctl(3), KERN_PROCARGS2): their number, the program's path, NULs up to
/// the first word, then the words, each ended by NUL. Who is above it, this system doesn't tell here.
#[cfg(target_os = "macos")]
pub fn command_lines(most: usize) -> Vec<Vec<Vec<u8>>> {
    let parent = above().and_then(|pid| i32::try_from(pid).ok());
    let words = parent.filter(|_| most > 0).and_then(macos::arguments);
    words.into_iter().collect()
}

#[cfg(target_os = "macos")]
mod macos {
    use std::ffi::c_int;

    /// As much as the system gives the arguments and the environment together (ARG_MAX).
    const MOST: usize = 1 << 20;

    pub fn arguments(pid: c_int) -> Option<Vec<Vec<u8>>> {
        let mut name = [libc::CTL_KERN, libc::KERN_PROCARGS2, pid];
        let mut text = vec![0_u8; MOST];
        let mut length = text.len();
        // SAFETY: the name has three numbers, the buffer `length` bytes; nothing is set.
        let failed = unsafe {
            libc::sysctl(
                name.as_mut_ptr(),
                3,
                text.as_mut_ptr().cast(),
                &raw mut length,
                std::ptr::null_mut(),
                0,
            )
        };
        (failed == 0).then_some(())?;
        let (count, rest) = text.get(..length)?.split_first_chunk::<4>()?;
        let count = usize::try_from(c_int::from_ne_bytes(*count)).ok()?;
        let start = rest.iter().position(|&byte| byte == 0)?;
        let padding = rest.get(start..)?.iter().position(|&byte| byte != 0)?;
        let words = rest.get(start + padding..)?.split(|&byte| byte == 0);
        Some(words.take(count).map(<[u8]>::to_vec).collect())
    }
}

/// Field 4 of `/proc/PID/stat` (proc(5)).
#[cfg(not(target_os = "macos"))]
fn parent_of(pid: u32) -> Option<u32> {
    stat(pid)?.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

/// It is the `git bak hook …` of a script, which waits for us alone.
fn runs_us(pid: u32) -> bool {
    let words = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    words.windows(10).any(|some| some == b"\0bak\0hook\0")
}

/// The Git that runs us; `None` if there is none, or if the system doesn't tell.
pub fn git() -> Option<u32> {
    nearest_git(above()?)
}

/// The first process named git, or of this number, says it.
pub fn is_no_git_up_to(number: u32) -> Option<bool> {
    first(above()?, |pid, name| pid == number || is_git(name) && !runs_us(pid))
        .map(|pid| pid == number)
}

/// How long ago it began. `/proc/uptime` and `/proc/PID/stat` are a hundredth of a second late, and so may be the time
/// of a file.
pub fn age_of_git() -> Option<Duration> {
    let began =
        Duration::from_secs(started(git()?)?) / u32::try_from(clock_ticks_per_second()).ok()?;
    let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
    let uptime = Duration::try_from_secs_f64(uptime.split(' ').next()?.parse().ok()?).ok()?;
    Some(uptime.saturating_sub(began) + Duration::from_millis(30))
}

/// The words that the Git that runs us was started with (`/proc/PID/cmdline`, each ended by a NUL).
pub fn git_words() -> Option<Vec<Vec<u8>>> {
    words(git()?)
}

pub fn folder_of_git() -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/{}/cwd", git()?)).ok()
}

fn words(pid: u32) -> Option<Vec<Vec<u8>>> {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let line = line.strip_suffix(&[0]).unwrap_or(&line);
    Some(line.split(|&byte| byte == 0).map(<[u8]>::to_vec).collect())
}

/// Whether it lives, and began when it says. One that has ended and wasn't reaped doesn't live (`Z` or `X` in field 3
/// of `/proc/PID/stat`, proc(5)): in a container whose first process never reaps it stays for good.
pub fn is_alive(process: &Process) -> bool {
    let Some(pid) = i32::try_from(process.pid).ok().and_then(Pid::from_raw) else { return false };
    let exists = match test_kill_process(pid) {
        Ok(()) => true,
        Err(error) => error == rustix::io::Errno::PERM,
    };
    exists
        && (process.started.is_none() || process.started == started(process.pid))
        && !is_dead(process.pid)
}

fn is_dead(pid: u32) -> bool {
    let state = stat(pid).and_then(|stat| stat.rsplit_once(')')?.1.trim_start().chars().next());
    matches!(state, Some('Z' | 'X'))
}

/// A name that a Git which runs hooks has. Other names begin like it: ours, and those of hook managers.
fn is_git(name: &str) -> bool {
    ["git", "git-commit"].contains(&name)
}

/// When a process began, in clock ticks since the system's start: field 22 of `/proc/PID/stat`
/// (proc(5)). The name in field 2 may hold anything, so fields are counted from its last parenthesis.
fn started(pid: u32) -> Option<u64> {
    stat(pid)?.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

/// Lets a write beyond the limit of file sizes fail, where it would end this process (setrlimit(2)).
/// A handler does it and not "ignore": that children inherit, and the user's hooks must not feel it.
pub fn survive_file_size_limit() {
    if !is_ignored(Signal::XFSZ) {
        // What it notes is never read. An error leaves all as it was.
        let _ = signal_hook::flag::register(Signal::XFSZ.as_raw(), Arc::default());
    }
}

/// How many files it may hold open as it was started, where that is no longer so.
static FEWER_FILES: OnceLock<Rlimit> = OnceLock::new();
/// What no working tree needs more of, and macOS grants (there "unlimited" is an error).
const MANY_FILES: [u64; 2] = [65_536, 10_240];

/// getrlimit(2), setrlimit(2)
pub fn hold_many_files() {
    let limit = getrlimit(Resource::Nofile);
    let Some(current) = limit.current else { return };
    for many in MANY_FILES.map(|many| limit.maximum.map_or(many, |most| most.min(many))) {
        let wider = Rlimit { current: Some(many), ..limit };
        if many > current && setrlimit(Resource::Nofile, wider).is_ok() {
            let _ = FEWER_FILES.set(limit);
            return;
        }
    }
}

/// setrlimit(2) in the child, which makes nothing but that call before it becomes the command.
pub fn as_we_were_started(command: &mut Command) {
    let Some(limit) = FEWER_FILES.get().copied() else { return };
    let set = move || Ok(setrlimit(Resource::Nofile, limit)?);
    // SAFETY: setrlimit may be called between fork and exec, and nothing is allocated.
    unsafe {
        command.pre_exec(set);
    }
}

/// umask(2)
pub fn umask(mask: u32) -> u32 {
    let mask = rustix::fs::RawMode::try_from(mask).unwrap_or(0o077);
    let old = rustix::process::umask(rustix::fs::Mode::from_bits_truncate(mask));
    // As wide as the system has it.
    #[allow(clippy::useless_conversion)]
    u32::from(old.bits())
}
