//! A terminal of a given width, for what is printed on one. Where keys are pressed, see `picker`.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::Command;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// What a command prints on a terminal of so many columns, standard error included, and its exit status.
pub fn run(command: Command, columns: u16) -> (String, i32) {
    typing(command, columns, "")
}

/// The same, while these keys are typed.
pub fn typing(command: Command, columns: u16, keys: &str) -> (String, i32) {
    answering(command, columns, "", || {}, keys)
}

/// The same, once this was said and something was done.
pub fn answering(
    mut command: Command,
    columns: u16,
    to: &str,
    first: impl FnOnce(),
    keys: &str,
) -> (String, i32) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let size = Winsize { ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
    let slave = File::options().read(true).write(true).open(name).unwrap();
    tcsetwinsize(&slave, size).unwrap();
    let again = || OwnedFd::from(slave.try_clone().unwrap());
    command.stdin(again()).stdout(again()).stderr(again()).env("TERM", "xterm");
    let mut child = command.spawn().unwrap();
    // As long as another process has it open, the end doesn't come.
    drop((command, slave));
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    let mut master = File::from(master);
    let mut said = Vec::new();
    while !String::from_utf8_lossy(&said).contains(to) {
        let count = master.read(&mut buffer).unwrap();
        said.extend_from_slice(&buffer[..count]);
    }
    text.extend_from_slice(&said);
    first();
    master.write_all(keys.as_bytes()).unwrap();
    // At the end Linux says EIO, others that nothing is left.
    while let Ok(count @ 1..) = master.read(&mut buffer) {
        text.extend_from_slice(&buffer[..count]);
    }
    let status = child.wait().unwrap().code().unwrap_or(-1);
    (String::from_utf8_lossy(&text).replace("\r\n", "\n"), status)
}
