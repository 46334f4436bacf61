//! Process groups, signals and the terminal.

use std::ffi::{c_int, c_uint};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, getpgrp, kill_process_group, waitpid};
use rustix::stdio::{stderr as error, stdin as input, stdout as output};
use rustix::termios::{tcgetpgrp, tcsetpgrp};

/// The first signal that has reached us; 0: none.
static CAUGHT: AtomicI32 = AtomicI32::new(0);
/// The process group of the command under way; 0: none.
static GROUP: AtomicI32 = AtomicI32::new(0);
/// How long a command may take to end, in seconds, before it is killed.
const GRACE: c_uint = 5;

unsafe extern "C" {
    // signal(2): the address of a handler, the one before comes back.
    fn signal(number: c_int, handler: usize) -> usize;
    // kill(2), alarm(2): both may be called in a handler (signal-safety(7)).
    fn kill(pid: c_int, number: c_int) -> c_int;
    fn alarm(seconds: c_uint) -> c_uint;
}

const DEFAULT: usize = 0;
const IGNORE: usize = 1;

extern "C" fn on_signal(number: c_int) {
    let is_alarm = number == Signal::ALARM.as_raw();
    if !is_alarm {
        // The first one counts; Git sends on what the terminal has sent to both of us.
        let _ = CAUGHT.compare_exchange(0, number, Ordering::SeqCst, Ordering::SeqCst);
    }
    let group = GROUP.load(Ordering::SeqCst);
    if group > 0 {
        pass_to(group, if is_alarm { Signal::KILL.as_raw() } else { number });
    }
}

/// Sends a signal to a group, which has a while to end then.
fn pass_to(group: i32, number: c_int) {
    // SAFETY: neither touches memory, and both may be called in a handler.
    unsafe {
        kill(-group, number);
        alarm(GRACE);
    }
}

/// From now on SIGINT, SIGTERM and SIGHUP don't end this process: they are noted, and go on to the
/// command under way. What we were told to ignore (`nohup`) stays ignored.
pub fn watch() {
    for number in [Signal::INT, Signal::TERM, Signal::HUP, Signal::ALARM].map(Signal::as_raw) {
        // SAFETY: the handler uses atomics and calls that may be made in a handler; it lives as long as
        // the program.
        unsafe {
            if signal(number, on_signal as *const () as usize) == IGNORE {
                signal(number, IGNORE);
            }
        }
    }
}

/// The signal that has reached us since [`watch`].
pub fn interrupted() -> Option<i32> {
    Some(CAUGHT.load(Ordering::SeqCst)).filter(|&number| number != 0)
}

/// A command line, for the shell.
pub fn shell(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", line]);
    command
}

/// A command under way.
pub struct Running {
    /// The child.
    pub child: Child,
    group: Pid,
    /// The terminal that it was handed.
    terminal: Option<File>,
}

impl Running {
    /// Starts it in a process group of its own, and hands it the terminal if that is ours.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let is_ours = |owner: rustix::io::Result<Pid>| owner.is_ok_and(|owner| owner == getpgrp());
        let is_on_terminal = is_ours(tcgetpgrp(input()))
            || is_ours(tcgetpgrp(output()))
            || is_ours(tcgetpgrp(error()));
        let child = command.process_group(0).spawn()?;
        let raw = i32::try_from(child.id()).unwrap_or_default();
        let group = Pid::from_raw(raw).ok_or_else(|| io::Error::other("it has no number"))?;
        GROUP.store(raw, Ordering::SeqCst);
        let terminal = if is_on_terminal { terminal() } else { None };
        let running = Self { child, group, terminal };
        running.hand_over_terminal();
        // One that came before the command had begun.
        if let Some(number) = interrupted() {
            pass_to(raw, number);
        }
        Ok(running)
    }

    fn hand_over_terminal(&self) {
        if let Some(terminal) = &self.terminal {
            set_terminal(terminal, self.group);
            // It may have asked for the terminal before it had it.
            let _ = kill_process_group(self.group, Signal::CONT);
        }
    }

    /// Waits for its end: its exit status, and whether it or we were interrupted.
    pub fn wait(&mut self) -> io::Result<(i32, bool)> {
        let status = loop {
            match waitpid(Some(self.group), WaitOptions::UNTRACED) {
                Ok(Some((_, status))) if status.stopped() => self.stop_with_it(),
                Ok(Some((_, status))) => break status,
                Ok(None) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => {
                    self.forget();
                    return Err(error.into());
                }
            }
        };
        self.forget();
        Ok((exit_status(status), self.is_interrupted(status)))
    }

    fn forget(&self) {
        GROUP.store(0, Ordering::SeqCst);
        // SAFETY: takes and returns numbers.
        unsafe { alarm(0) };
        if let Some(terminal) = &self.terminal {
            set_terminal(terminal, getpgrp());
        }
    }

    /// On the terminal Ctrl-C is the command's, and only its end tells us of it.
    fn is_interrupted(&self, status: WaitStatus) -> bool {
        let keys = [Signal::INT, Signal::QUIT].map(|signal| Some(signal.as_raw()));
        interrupted().is_some()
            || self.terminal.is_some() && keys.contains(&status.terminating_signal())
            || self.terminal.is_some() && status.exit_status() == Some(128 + Signal::INT.as_raw())
    }

    /// Ctrl-Z on the terminal stops the command; we stop with it, so that the shell comes back, and both
    /// go on together.
    fn stop_with_it(&mut self) {
        let Some(terminal) = &self.terminal else {
            // None of its streams is the terminal, and it wants it all the same: to ask for a password, say.
            self.terminal = terminal();
            return self.hand_over_terminal();
        };
        set_terminal(terminal, getpgrp());
        let _ = kill_process_group(getpgrp(), Signal::TSTP);
        // Here we have been continued.
        self.hand_over_terminal();
        let _ = kill_process_group(self.group, Signal::CONT);
    }

    /// Ends what the command has left running.
    pub fn end_what_is_left(&self) {
        if kill_process_group(self.group, Signal::TERM).is_err() {
            return;
        }
        for _ in 0..50 {
            thread::sleep(Duration::from_millis(10));
            if rustix::process::test_kill_process_group(self.group).is_err() {
                return;
            }
        }
        let _ = kill_process_group(self.group, Signal::KILL);
    }
}

/// The terminal, if it listens to us.
fn terminal() -> Option<File> {
    let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
    tcgetpgrp(&terminal).is_ok_and(|owner| owner == getpgrp()).then_some(terminal)
}

/// Makes `group` the one that the terminal listens to. Whoever asks for that in the background is
/// stopped, unless SIGTTOU is ignored.
fn set_terminal(terminal: &File, group: Pid) {
    let number = Signal::TTOU.as_raw();
    // SAFETY: sets and resets the action of one signal, and nothing else runs that needs it.
    let before = unsafe { signal(number, IGNORE) };
    let _ = tcsetpgrp(terminal, group);
    // SAFETY: as above; what stood there before was valid.
    unsafe { signal(number, if before == IGNORE { IGNORE } else { DEFAULT }) };
}

fn exit_status(status: WaitStatus) -> i32 {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(status), _) => status,
        (None, Some(signal)) => 128 + signal,
        (None, None) => 1,
    }
}
