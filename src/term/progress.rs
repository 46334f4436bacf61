//! A line that says what takes so long: on a terminal, after a second, and gone when it is done.
//!
//! A thread of its own writes it, so that the work needn't know of it. Whatever else is printed meanwhile
//! takes the line away first and holds it off while it writes.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::Term;
use super::columns::start_of;
use crate::model::settings::Verbosity;

/// What is over before that needs no word.
const FIRST: Duration = Duration::from_secs(1);
/// How often the line is rewritten.
const EVERY: Duration = Duration::from_millis(100);
/// To the beginning of the line, and nothing left of it.
const CLEAR: &str = "\r\x1b[K";

/// Whether the line is on the terminal.
static SHOWN: Mutex<bool> = Mutex::new(false);

/// Work under way, until it is dropped.
#[derive(Debug, Default)]
pub struct Progress {
    counts: Arc<(AtomicUsize, AtomicUsize)>,
    thread: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Term {
    /// Work that may take a while: `what` is being done, say "looking for backups".
    pub fn progress(&self, what: &'static str) -> Progress {
        let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        if self.verbosity == Verbosity::Quiet || !std::io::stderr().is_terminal() || is_dumb {
            return Progress::default();
        }
        let counts: Arc<(AtomicUsize, AtomicUsize)> = Arc::default();
        let (sender, receiver) = channel();
        let (shared, began) = (Arc::clone(&counts), Instant::now());
        let is_ascii = !self.utf8;
        let thread = thread::spawn(move || {
            let mut wait = FIRST;
            while let Err(RecvTimeoutError::Timeout) = receiver.recv_timeout(wait) {
                let read = |count: &AtomicUsize| count.load(Ordering::Relaxed);
                let text = line(what, (read(&shared.0), read(&shared.1)), began.elapsed());
                draw(&text.unwrap_or_default(), is_ascii);
                wait = EVERY;
            }
        });
        Progress { counts, thread: Some((sender, thread)) }
    }
}

impl Progress {
    /// There are so many things to do.
    pub fn of(&self, total: usize) {
        self.counts.1.store(total, Ordering::Relaxed);
    }

    pub fn step(&self) {
        self.counts.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.thread.take() {
            drop(sender);
            let _ = thread.join();
            drop(held_off());
        }
    }
}

/// Takes the line away; it doesn't come back before what is returned is dropped.
pub fn held_off() -> MutexGuard<'static, bool> {
    let mut shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if std::mem::take(&mut *shown) {
        let _ = std::io::stderr().write_all(CLEAR.as_bytes());
    }
    shown
}

/// What the line says, if it is time to say anything.
fn line(what: &str, (done, total): (usize, usize), took: Duration) -> Option<String> {
    let seconds = took.as_secs();
    match (took < FIRST, total) {
        (true, _) => None,
        (false, 0) => Some(format!("{what}, {seconds} s")),
        (false, total) => Some(format!("{what}: {done} of {total}, {seconds} s")),
    }
}

fn draw(text: &str, is_ascii: bool) {
    let width = crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns).max(2));
    let mut shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
    // The last column is left free: some terminals go on to the next line there.
    let text = start_of(text, width - 1, is_ascii);
    *shown = true;
    let _ = std::io::stderr().write_all(format!("{CLEAR}{text}").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_below_a_second() {
        let at = |millis| line("looking", (3, 40), Duration::from_millis(millis));
        assert_eq!(at(0), None);
        assert_eq!(at(999), None);
        assert_eq!(at(1000).unwrap(), "looking: 3 of 40, 1 s");
        let counted = line("looking", (0, 0), Duration::from_millis(2900));
        assert_eq!(counted.unwrap(), "looking, 2 s");
    }
}
