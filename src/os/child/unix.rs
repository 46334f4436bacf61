//! Process groups, signals and the terminal.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, getpgrp, kill_process_group, waitpid};
use rustix::stdio::{stderr as error, stdin as input, stdout as output};
use rustix::termios::{tcgetpgrp, tcsetpgrp};
use signal_hook::flag;
use signal_hook::iterator::Signals;

use crate::os::signals::{ignoring, is_ignored};

/// The last signal that has reached us; 0: none.
static CAUGHT: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);
/// The process group of the command under way; 0: none.
static GROUP: AtomicI32 = AtomicI32::new(0);
/// How long a command may take to end before it is killed.
const GRACE: Duration = Duration::from_secs(5);

/// From now on SIGINT, SIGTERM and SIGHUP don't end this process: they are noted, and go on to the
/// command under way. What we were told to ignore (`nohup`) stays ignored.
pub fn watch() {
    let heeded = [Signal::INT, Signal::TERM, Signal::HUP].into_iter().filter(|it| !is_ignored(*it));
    let numbers: Vec<i32> = heeded.map(Signal::as_raw).collect();
    for &number in &numbers {
        // Noted at once, and passed on as soon as the thread below is awake.
        let _ = flag::register_usize(number, Arc::clone(&CAUGHT), number as usize);
    }
    if let Ok(mut signals) = Signals::new(numbers) {
        in_a_thread(move || signals.forever().for_each(pass_on));
    }
}

/// The signal that has reached us since [`watch`].
pub fn interrupted() -> Option<i32> {
    i32::try_from(CAUGHT.load(Ordering::SeqCst)).ok().filter(|&number| number != 0)
}

/// Sends a signal to the command under way, which has a while to end then.
fn pass_on(number: i32) {
    let (Some(group), Some(signal)) = (under_way(), Signal::from_named_raw(number)) else { return };
    let _ = kill_process_group(group, signal);
    in_a_thread(move || {
        thread::sleep(GRACE);
        if under_way() == Some(group) {
            let _ = kill_process_group(group, Signal::KILL);
        }
    });
}

fn under_way() -> Option<Pid> {
    Pid::from_raw(GROUP.load(Ordering::SeqCst))
}

/// Where there can't be one, nothing is done.
fn in_a_thread(act: impl FnOnce() + Send + 'static) {
    let _ = thread::Builder::new().spawn(act);
}

/// A command line, for the shell.
pub fn shell(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", line]);
    command
}

pub struct Running {
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
            pass_on(number);
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
            // The command opened the terminal itself, for example to ask for a password.
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

/// Makes `group` the one that the terminal listens to. A process that asks for that in the background is
/// stopped, unless SIGTTOU is ignored.
fn set_terminal(terminal: &File, group: Pid) {
    let _ = ignoring(Signal::TTOU, || tcsetpgrp(terminal, group));
}

fn exit_status(status: WaitStatus) -> i32 {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(status), _) => status,
        (None, Some(signal)) => 128 + signal,
        (None, None) => 1,
    }
}
