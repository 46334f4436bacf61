//! Running a command of the user's: what it prints is passed through as it comes, its tail is kept, and a
//! signal that ends us ends it, with all that it has started.
//!
//! - `unix`, `windows`: the same for each system.
//!
//! The command is the leader of a process group of its own. On a terminal that group is handed the
//! terminal, as a shell does with a job, so that it may read from it and Ctrl-C and Ctrl-Z are its. A
//! SIGINT, SIGTERM or SIGHUP that reaches us goes on to the group; five seconds later it is killed. We
//! ourselves go on, for the files have to be put back.
//!
//! What a command leaves running when it succeeds (a server that was reloaded) is left alone, and its
//! output no longer waited for. What a failed or an interrupted one leaves is ended: it could write to
//! files that are being put back.

use std::ffi::OsStr;
use std::io::{self, PipeReader, Read};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use super::process;
use crate::model::tail::{self, Tail};

#[cfg(unix)]
mod unix;
#[cfg(not(unix))]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(not(unix))]
use windows as system;

pub use system::{interrupted, shell, watch};

/// How long a process that a command left running may hold up the output that is still in the pipe.
const LEFT_OVER: Duration = Duration::from_millis(300);

/// Which of a command's streams something was printed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    Output,
    Error,
}

/// Takes what a command prints, as it comes; false: no more of it is wanted.
pub type PassOn = fn(Stream, &[u8]) -> bool;

/// What our own streams are, for a command that must find them as if we were not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Streams {
    pub output_is_terminal: bool,
    pub error_is_terminal: bool,
    /// Both are one file: the order counts in which things are printed to the two.
    pub are_one: bool,
}

#[derive(Debug, Clone)]
pub struct Ended {
    /// Its exit status; 128 and more: the signal that ended it.
    pub status: i32,
    /// The signal that has reached us meanwhile, or ended it on the terminal.
    pub interrupted: bool,
    /// The tail of what it printed, at most 64 KiB, without secrets.
    pub output: Vec<u8>,
}

impl Ended {
    /// It came to its end, with success.
    pub fn is_success(&self) -> bool {
        self.status == 0 && !self.interrupted
    }
}

/// Runs `command` to its end. An error means that it could not be started.
pub fn run(mut command: Command, pass_on: PassOn) -> Result<Ended> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    follow(command, pass_on, None, |_| {})
}

/// The same, but what is a terminal stays one, and nothing is kept of what goes there: a program shows other
/// things on a terminal than in a pipe. `started` is told the number of the process.
pub fn run_in_place(
    mut command: Command,
    streams: Streams,
    pass_on: PassOn,
    started: impl FnOnce(u32),
) -> Result<Ended> {
    if streams.are_one && !streams.output_is_terminal {
        let (both, writer) = std::io::pipe()?;
        command.stdout(writer.try_clone()?).stderr(writer);
        return follow(command, pass_on, Some(both), started);
    }
    let pipe = |is_terminal| if is_terminal { Stdio::inherit() } else { Stdio::piped() };
    command.stdout(pipe(streams.output_is_terminal)).stderr(pipe(streams.error_is_terminal));
    follow(command, pass_on, None, started)
}

fn follow(
    mut command: Command,
    pass_on: PassOn,
    both: Option<PipeReader>,
    started: impl FnOnce(u32),
) -> Result<Ended> {
    process::as_we_were_started(&mut command);
    let what = command.get_program().to_string_lossy().into_owned();
    let mut running = system::Running::start(&mut command)
        .with_context(|| format!("{what} could not be started"))?;
    // With it goes our end of the pipe that it writes to.
    drop(command);
    started(running.child.id());
    let tail = Arc::new(Mutex::new(Tail::default()));
    let (ended, end) = channel();
    let mut pumps = 0;
    if let Some(from) = both {
        pumps += usize::from(pump(from, Stream::Output, pass_on, &tail, &ended));
    }
    if let Some(from) = running.child.stdout.take() {
        pumps += usize::from(pump(from, Stream::Output, pass_on, &tail, &ended));
    }
    if let Some(from) = running.child.stderr.take() {
        pumps += usize::from(pump(from, Stream::Error, pass_on, &tail, &ended));
    }
    let (status, interrupted) = running.wait()?;
    if status != 0 || interrupted {
        running.end_what_is_left();
    }
    for _ in 0..pumps {
        let _ = end.recv_timeout(LEFT_OVER);
    }
    let variables: Vec<_> = std::env::vars_os().collect();
    let pairs = variables.iter().map(|(name, value)| (name.as_os_str(), value.as_os_str()));
    // A list of folders, too: paths that exist are no secret.
    let is_there = |path: PathBuf| path.is_absolute() && path.exists();
    let is_path = |value: &OsStr| std::env::split_paths(value).all(is_there);
    let secrets = tail::secrets(pairs, is_path);
    let output = tail.lock().map(|tail| tail.without(&secrets)).unwrap_or_default();
    Ok(Ended { status, interrupted, output })
}

/// Passes on what comes, in a thread of its own; false if there can't be one.
fn pump(
    mut from: impl Read + Send + 'static,
    stream: Stream,
    pass_on: PassOn,
    tail: &Arc<Mutex<Tail>>,
    ended: &Sender<()>,
) -> bool {
    let (tail, ended) = (Arc::clone(tail), ended.clone());
    let passing = move || {
        let mut buffer = [0; 1 << 14];
        loop {
            match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => {
                    let piece = buffer.get(..length).unwrap_or_default();
                    if let Ok(mut tail) = tail.lock() {
                        tail.push(piece);
                    }
                    // The pipe is closed then, and the command is told as it would be without us.
                    if !pass_on(stream, piece) {
                        break;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        // The receiver may have stopped waiting.
        let _ = ended.send(());
    };
    thread::Builder::new().spawn(passing).is_ok()
}
