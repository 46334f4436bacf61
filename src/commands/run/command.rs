//! The command itself: where it was typed, on the terminal if that is where we are, and its own status.

use std::ffi::OsString;
use std::process::Command;

use crate::commands::Session;
use crate::commands::upgrade::Stopped;
use crate::model::names::quote::shell_argument;
use crate::os::platform::bytes_of;
use crate::os::{child, private, process};
use crate::term::upgrade::{pass_through, streams};
use crate::transaction::Upgrade;

/// Why the command has not succeeded.
pub struct Failed {
    /// What is said and written down of it.
    pub stopped: Stopped,
    /// The exit status to end with.
    pub status: u8,
    pub was_started: bool,
}

pub fn run(
    session: &Session,
    upgrade: &mut Upgrade<'_>,
    words: &[OsString],
) -> Result<(), Box<Failed>> {
    let (Some(program), args) = (words.first(), words.get(1..).unwrap_or_default()) else {
        return Ok(());
    };
    let mut command = Command::new(program);
    command.args(args).current_dir(&session.cwd);
    let started = |pid| {
        // Without it an --abort after a crash doesn't know of the command, and that is all.
        let _ = upgrade.name_command(process::of(pid));
    };
    let ended =
        private::unshared(|| child::run_in_place(command, streams(), pass_through, started));
    upgrade.record.command = None;
    match ended {
        Ok(ended) if ended.is_success() => Ok(()),
        Ok(ended) => {
            let signal = child::interrupted().map_or(1, |signal| 128 + signal);
            // A command that was interrupted has not come to its end, even if its status is 0.
            let status = if ended.status == 0 { signal } else { ended.status };
            let status = u8::try_from(status).unwrap_or(1);
            let stopped = Stopped::of("command", "Run", ended);
            Err(Box::new(Failed { stopped, status, was_started: true }))
        }
        Err(error) => {
            let kind = error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>());
            let is_absent = kind.is_some_and(|it| it.kind() == std::io::ErrorKind::NotFound);
            // As shells have it.
            let status = if is_absent { 127 } else { 126 };
            let stopped = Stopped::by("command", &error);
            Err(Box::new(Failed { stopped, status, was_started: false }))
        }
    }
}

/// The command as it would be typed.
pub fn line(words: &[OsString]) -> String {
    let words = words.iter().map(|word| shell_argument(&bytes_of(word)));
    words.collect::<Vec<_>>().join(" ")
}
