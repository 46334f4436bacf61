//! What our own streams are, and the terminal that they lead to.

#[cfg(unix)]
use rustix::stdio::{stderr, stdout};

pub fn columns() -> Option<usize> {
    width().map(usize::from).filter(|&columns| columns > 0)
}

#[cfg(unix)]
fn width() -> Option<u16> {
    rustix::termios::tcgetwinsize(stdout()).ok().map(|size| size.ws_col)
}

#[cfg(not(unix))]
fn width() -> Option<u16> {
    crossterm::terminal::size().ok().map(|(columns, _)| columns)
}

#[cfg(unix)]
pub fn obeys_colours() -> bool {
    true
}

/// Whether it obeys our colours: a console has to be told to.
#[cfg(not(unix))]
pub fn obeys_colours() -> bool {
    crossterm::ansi_support::supports_ansi()
}

/// Whether what is printed to standard output and to standard error goes to one file.
#[cfg(unix)]
pub fn streams_are_one() -> bool {
    let file =
        |stat: rustix::io::Result<rustix::fs::Stat>| stat.ok().map(|it| (it.st_dev, it.st_ino));
    let output = file(rustix::fs::fstat(stdout()));
    output.is_some() && output == file(rustix::fs::fstat(stderr()))
}

#[cfg(not(unix))]
pub fn streams_are_one() -> bool {
    false
}
