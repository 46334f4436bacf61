//! Which entry was used: a hook, by the name we were started under or by `hook NAME`, or a command.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use git_bak::cli::Cli;
use git_bak::exit_status::ExitStatus;
use git_bak::hooks::{self, Asked, Hook, Run};
use git_bak::os::process;
use git_bak::{clock, commands, term};

fn main() -> ExitCode {
    ExitCode::from(run())
}

/// The whole program; its exit status.
fn run() -> u8 {
    let args: Vec<OsString> = std::env::args_os().collect();
    // Git asks before nearly everything it does, and most of it needs no more than the answer.
    if args.get(1).is_some_and(|word| word == "guard") {
        let by_line = args.get(2).is_some_and(|word| word == "--script") && asked_by(args.get(3));
        let now = || clock::read().unwrap_or_else(|_| clock::system());
        let since = args.get(5).filter(|_| args[4] == "--since");
        let status = hooks::guard::run(now, by_line, since.map(OsString::as_os_str));
        return u8::try_from(status).unwrap_or(1);
    }
    // So do coding agents.
    if let [_, hook, agent, rest @ ..] = &args[..]
        && hook == "hook"
        && agent == "agent"
    {
        let name = rest.first().map(|name| name.to_string_lossy().into_owned());
        let now = || clock::read().unwrap_or_else(|_| clock::system());
        hooks::agent::run(&name.unwrap_or_default(), now);
        return ExitStatus::Done.code();
    }
    let now = match clock::read() {
        Ok(now) => now,
        Err(error) => {
            term::fatal(&error);
            if hook_entry(&args).is_none() {
                return ExitStatus::Usage.code();
            }
            // Git must not fail for it, and the work is at risk all the same.
            clock::system()
        }
    };
    // A hook is run many times a day: it doesn't wait for the command line to be parsed.
    if let Some((hook, args)) = hook_entry(&args) {
        let (asked, args) = asked(args);
        let status = hooks::run(&Run { hook, args, now, asked });
        return u8::try_from(status).unwrap_or(1);
    }
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(mut error) => {
            let status = if error.use_stderr() { ExitStatus::Usage } else { ExitStatus::Done };
            term::usage(&mut error);
            return status.code();
        }
    };
    let status = commands::run(cli, &now).unwrap_or_else(|error| {
        term::fatal(&error);
        ExitStatus::of(&error)
    });
    status.code()
}

/// The hook that we were started as, and its arguments.
fn hook_entry(args: &[OsString]) -> Option<(Hook, Vec<OsString>)> {
    let named = |name: &OsStr| Hook::named(name.to_str()?);
    let program = Path::new(args.first()?).file_stem()?;
    if let Some(hook) = named(program) {
        return Some((hook, args[1..].to_vec()));
    }
    match args {
        [_, verb, name, rest @ ..] if verb == "hook" => Some((named(name)?, rest.to_vec())),
        _ => None,
    }
}

/// Who asks for the hook, and Git's own arguments: a script of ours says so, and gives the number of its Git.
fn asked(args: Vec<OsString>) -> (Asked, Vec<OsString>) {
    match &args[..] {
        [flag, git, rest @ ..] if flag == "--script" && asked_by(Some(git)) => {
            (Asked::ByScript, rest.to_vec())
        }
        [flag, git, rest @ ..] if flag == "--entry" && asked_by(Some(git)) => {
            (Asked::ByEntry, rest.to_vec())
        }
        [flag, git, ended] if flag == "--after" && asked_by(Some(git)) => {
            let status = ended.to_str().and_then(|text| text.parse().ok()).unwrap_or(1);
            (Asked::Afterwards(status), Vec::new())
        }
        _ => (Asked::Plainly, args),
    }
}

/// Takes the process of this number for the one that started our script.
fn asked_by(number: Option<&OsString>) -> bool {
    let number = number.and_then(|text| text.to_str()?.parse().ok());
    number.inspect(|&number| process::asked_by(number)).is_some()
}
