//! The terminal as a screen of our own, and the way back to what it was.
//!
//! However we end, the terminal is put back first: on the way out, in a panic (the hook runs before a release
//! aborts), and at a signal, by a thread that waits for one. A signal's default action follows then, so that
//! the shell sees what has ended or stopped us. Only SIGKILL leaves a terminal as it is.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use crossterm::event::{Event, read};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{cursor, execute, terminal};

use super::keys::{self, Pressed};
use super::line::ScreenLine;
use crate::model::picker::Key;

/// What is on the screen, and whether it is ours now: the thread that waits for signals needs both.
struct ScreenState {
    /// From the beginning to the end, though another program may have the terminal meanwhile.
    is_wanted: bool,
    is_ours: bool,
    frame: Vec<u8>,
}

static STATE: Mutex<ScreenState> = Mutex::new(ScreenState::new(false));

impl ScreenState {
    const fn new(is_ours: bool) -> Self {
        Self { is_wanted: false, is_ours, frame: Vec::new() }
    }
}

/// A screen of our own, until it is dropped.
#[derive(Debug)]
pub struct Screen {
    colours: bool,
}

/// True on an interactive terminal.
pub fn is_there() -> bool {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stdin().is_terminal() && io::stdout().is_terminal() && !is_dumb
}

impl Screen {
    pub fn enter(colours: bool) -> io::Result<Self> {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            leave_in_panic();
            before(panic);
        }));
        #[cfg(unix)]
        signals::wait_for()?;
        let screen = Self { colours };
        let mut state = state();
        state.is_wanted = true;
        enter(&mut state)?;
        Ok(screen)
    }

    /// How many columns and lines there are.
    pub fn size(&self) -> (usize, usize) {
        let (columns, lines) = terminal::size().unwrap_or((80, 24));
        // Some terminals don't know.
        let or = |number: u16, other| if number == 0 { other } else { usize::from(number) };
        (or(columns, 80), or(lines, 24))
    }

    /// Shows these lines, and nothing else.
    pub fn show(&self, lines: &[ScreenLine]) -> io::Result<()> {
        let mut frame = String::from("\x1b[H");
        for (at, line) in lines.iter().enumerate() {
            frame.push_str(if at == 0 { "" } else { "\r\n" });
            frame.push_str(&line.bytes(self.colours));
            frame.push_str("\x1b[K");
        }
        frame.push_str("\x1b[J");
        let mut state = state();
        state.frame = frame.into_bytes();
        if state.is_ours { write(&state.frame) } else { Ok(()) }
    }

    /// Waits for the next key; `None` if the screen must be drawn again (its size has changed).
    pub fn key(&self, page: usize) -> io::Result<Option<Key>> {
        loop {
            match read()? {
                Event::Resize(..) => return Ok(None),
                Event::Key(event) => match keys::read(&event, page) {
                    Pressed::Key(key) => return Ok(Some(key)),
                    Pressed::Suspend => suspend(),
                    Pressed::Nothing => {}
                },
                _ => {}
            }
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let mut state = state();
        state.is_wanted = false;
        leave(&mut state);
    }
}

fn state() -> MutexGuard<'static, ScreenState> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

fn enter(state: &mut ScreenState) -> io::Result<()> {
    terminal::enable_raw_mode()?;
    state.is_ours = true;
    execute!(io::stdout(), EnterAlternateScreen, cursor::Hide)?;
    write(&state.frame)
}

fn leave(state: &mut ScreenState) {
    if state.is_ours {
        state.is_ours = false;
        // Where the terminal is gone there is nothing to put back.
        let _ = execute!(io::stdout(), cursor::Show, LeaveAlternateScreen);
        let _ = terminal::disable_raw_mode();
    }
}

/// The panic may have come while this very thread was drawing.
fn leave_in_panic() {
    match STATE.try_lock() {
        Ok(mut state) => leave(&mut state),
        Err(TryLockError::Poisoned(state)) => leave(&mut state.into_inner()),
        Err(TryLockError::WouldBlock) => leave(&mut ScreenState::new(true)),
    }
}

/// Stops us and the process that started us, Git say, as the terminal would have at Ctrl-Z. The terminal is
/// put back before: from the background we could not.
#[cfg(unix)]
fn suspend() {
    leave(&mut state());
    let _ = rustix::process::kill_current_process_group(rustix::process::Signal::TSTP);
}

#[cfg(not(unix))]
fn suspend() {}

#[cfg(unix)]
mod signals {
    use std::io;
    use std::sync::Once;
    use std::thread;

    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    use super::{enter, leave, state};

    pub fn wait_for() -> io::Result<()> {
        static STARTED: Once = Once::new();
        let mut signals = None;
        STARTED.call_once(|| {
            signals = Some(Signals::new([SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP]));
        });
        let Some(signals) = signals else { return Ok(()) };
        let mut signals = signals?;
        thread::spawn(move || signals.forever().for_each(heed));
        Ok(())
    }

    fn heed(signal: i32) {
        let mut state = state();
        if signal == SIGCONT {
            if state.is_wanted {
                // After SIGSTOP, too, which can't be caught; the shell has set the terminal since.
                let _ = crossterm::terminal::disable_raw_mode();
                // Where it can't be had, the next key ends it.
                let _ = enter(&mut state);
            }
            return;
        }
        // Nothing is drawn any more: the lock is held to the end.
        leave(&mut state);
        if signal == SIGTSTP {
            drop(state);
        }
        let _ = emulate_default_handler(signal);
    }
}
