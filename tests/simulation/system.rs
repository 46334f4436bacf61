//! What the system is asked for: a process is started that stops at its calls, its registers and memory are read and
//! written, and it goes on. All of the simulation's unsafe code, for x86-64.
//!
//! A filter (seccomp) stops a process at the listed calls alone: everything else runs at full speed. No privileges are needed.

use std::ffi::{CString, OsStr};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::process::Command;

use libc::{c_int, c_long, c_void, pid_t, user_regs_struct};

/// What became of a process that is followed.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// It is about to make a call of the list.
    Call,
    /// It has made the call after which it was to stop.
    Done,
    /// It has made another process or a thread.
    Child(pid_t),
    Exec,
    Signal(c_int),
    Gone(c_int),
    Other,
}

fn check(result: c_long) -> io::Result<c_long> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

fn c_string(text: &OsStr) -> CString {
    CString::new(text.as_bytes()).unwrap()
}

/// Where `command` finds its program, on its own PATH.
fn program(command: &Command) -> PathBuf {
    let name = command.get_program();
    let path = command.get_envs().find(|(key, _)| *key == "PATH").and_then(|(_, value)| value);
    let found = path.into_iter().flat_map(std::env::split_paths).map(|folder| folder.join(name));
    found.into_iter().find(|file| file.is_file()).unwrap_or_else(|| name.into())
}

/// Starts a command, in its own environment alone, that stops at the calls of `list`; what it prints goes to `out` and `err`.
pub fn start(command: &Command, list: &[c_long], out: &File, err: &File) -> io::Result<pid_t> {
    let program = c_string(program(command).as_os_str());
    let mut words = vec![c_string(command.get_program())];
    words.extend(command.get_args().map(c_string));
    let set = command.get_envs().filter_map(|(key, value)| Some((key, value?)));
    let set: Vec<CString> = set.map(|(k, v)| c_string(&[k, v].join(OsStr::new("=")))).collect();
    let pointers = |all: &[CString]| {
        all.iter().map(|it| it.as_ptr()).chain([std::ptr::null()]).collect::<Vec<_>>()
    };
    let (argv, envp) = (pointers(&words), pointers(&set));
    let folder = c_string(command.get_current_dir().unwrap().as_os_str());
    let null = File::open("/dev/null")?;
    let mut filter = filter(list);
    let length = u16::try_from(filter.len()).unwrap();
    let rules = libc::sock_fprog { len: length, filter: filter.as_mut_ptr() };
    // SAFETY: between `fork` and `execve` the child makes system calls alone, on memory made before.
    unsafe {
        let pid = libc::fork();
        if pid != 0 {
            return check(pid.into()).and_then(|_| begin(pid));
        }
        libc::setsid();
        libc::chdir(folder.as_ptr());
        let streams = [(null.as_raw_fd(), 0), (out.as_raw_fd(), 1), (err.as_raw_fd(), 2)];
        for (from, to) in streams {
            libc::dup2(from, to);
        }
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        if libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) == 0 {
            libc::kill(libc::getpid(), libc::SIGSTOP);
            libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const rules);
            libc::execve(program.as_ptr(), argv.as_ptr(), envp.as_ptr());
        }
        libc::_exit(127)
    }
}

/// The first stop of a child, from which on it is followed with all that it starts.
fn begin(pid: pid_t) -> io::Result<pid_t> {
    let mut status = 0;
    // SAFETY: plain calls on a child of ours; the status is written to a variable of ours.
    unsafe {
        check(libc::waitpid(pid, &raw mut status, libc::__WALL).into())?;
        if !libc::WIFSTOPPED(status) {
            return Err(io::Error::from(io::ErrorKind::PermissionDenied));
        }
        let options = libc::PTRACE_O_TRACESECCOMP
            | libc::PTRACE_O_TRACEFORK
            | libc::PTRACE_O_TRACEVFORK
            | libc::PTRACE_O_TRACECLONE
            | libc::PTRACE_O_TRACEEXEC
            | libc::PTRACE_O_TRACESYSGOOD
            | libc::PTRACE_O_EXITKILL;
        check(libc::ptrace(libc::PTRACE_SETOPTIONS, pid, 0, options))?;
    }
    go(pid, false, 0);
    Ok(pid)
}

/// A program for the kernel: the listed calls are told to us, the others are made.
fn filter(list: &[c_long]) -> Vec<libc::sock_filter> {
    let line = |code: u32, jt: usize, jf: u8, k: u32| libc::sock_filter {
        code: u16::try_from(code).unwrap(),
        jt: u8::try_from(jt).unwrap(),
        jf,
        k,
    };
    let mut lines = vec![line(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0)];
    for (at, number) in list.iter().enumerate() {
        let number = u32::try_from(*number).unwrap();
        lines.push(line(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, list.len() - at, 0, number));
    }
    lines.push(line(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW));
    lines.push(line(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_TRACE));
    lines
}

/// The next event of any process that this thread follows, if there is one by now.
pub fn next() -> Option<(pid_t, Event)> {
    let mut status = 0;
    // SAFETY: as in `begin`. Children of the test's other threads aren't waited for.
    let pid = unsafe {
        libc::waitpid(-1, &raw mut status, libc::__WALL | libc::__WNOTHREAD | libc::WNOHANG)
    };
    if pid <= 0 {
        return None;
    }
    if !libc::WIFSTOPPED(status) {
        let signal = libc::WIFSIGNALED(status);
        let code = if signal { -libc::WTERMSIG(status) } else { libc::WEXITSTATUS(status) };
        return Some((pid, Event::Gone(code)));
    }
    let event = match (status >> 16, libc::WSTOPSIG(status)) {
        (libc::PTRACE_EVENT_SECCOMP, _) => Event::Call,
        (libc::PTRACE_EVENT_EXEC, _) => Event::Exec,
        (libc::PTRACE_EVENT_FORK | libc::PTRACE_EVENT_VFORK | libc::PTRACE_EVENT_CLONE, _) => {
            let mut child: libc::c_ulong = 0;
            // SAFETY: the number is written to a variable of ours.
            unsafe { libc::ptrace(libc::PTRACE_GETEVENTMSG, pid, 0, &raw mut child) };
            Event::Child(pid_t::try_from(child).unwrap())
        }
        (0, signal) if signal == libc::SIGTRAP | 0x80 => Event::Done,
        (0, signal) => Event::Signal(signal),
        _ => Event::Other,
    };
    Some((pid, event))
}

/// Lets a process go on, up to its next call of the list or, with `once`, until the call is made.
pub fn go(pid: pid_t, once: bool, signal: c_int) {
    let how = if once { libc::PTRACE_SYSCALL } else { libc::PTRACE_CONT };
    // SAFETY: no memory is involved. One that was killed meanwhile tells so by itself.
    unsafe { libc::ptrace(how, pid, 0, c_long::from(signal)) };
}

pub fn kill(pid: pid_t) {
    // SAFETY: no memory is involved.
    unsafe { libc::kill(pid, libc::SIGKILL) };
}

/// `None`: it was killed meanwhile.
pub fn registers(pid: pid_t) -> Option<user_regs_struct> {
    let mut registers = std::mem::MaybeUninit::<user_regs_struct>::zeroed();
    // SAFETY: the registers are written to a variable of ours; all zeros are registers as well.
    let result = unsafe { libc::ptrace(libc::PTRACE_GETREGS, pid, 0, registers.as_mut_ptr()) };
    // SAFETY: see above.
    (result == 0).then(|| unsafe { registers.assume_init() })
}

pub fn set_registers(pid: pid_t, registers: &user_regs_struct) {
    // SAFETY: they are read from a variable of ours.
    unsafe { libc::ptrace(libc::PTRACE_SETREGS, pid, 0, std::ptr::from_ref(registers)) };
}

/// The bytes at `address`, up to the end of what can be read there.
pub fn read(pid: pid_t, address: u64, length: usize) -> Vec<u8> {
    let mut bytes = vec![0u8; length];
    let local = libc::iovec { iov_base: bytes.as_mut_ptr().cast::<c_void>(), iov_len: length };
    let remote = libc::iovec { iov_base: address as *mut c_void, iov_len: length };
    // SAFETY: at most `length` bytes are written to `bytes`.
    let got = unsafe { libc::process_vm_readv(pid, &raw const local, 1, &raw const remote, 1, 0) };
    bytes.truncate(usize::try_from(got).unwrap_or(0));
    bytes
}

pub fn write(pid: pid_t, address: u64, bytes: &[u8]) {
    let from = bytes.as_ptr().cast_mut().cast::<c_void>();
    let local = libc::iovec { iov_base: from, iov_len: bytes.len() };
    let remote = libc::iovec { iov_base: address as *mut c_void, iov_len: bytes.len() };
    // SAFETY: `bytes` is read only; what is written is the other process's memory.
    unsafe { libc::process_vm_writev(pid, &raw const local, 1, &raw const remote, 1, 0) };
}
