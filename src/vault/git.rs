//! The one way in which Git is started in the vault: sealed from where the user is and what they have set.
//!
//! A hook has `GIT_OBJECT_DIRECTORY`, `GIT_CONFIG_PARAMETERS`, `GIT_QUARANTINE_PATH` and more in its
//! environment. With the first of these a repack of the vault would empty the user's repository; a hook of theirs
//! (`reference-transaction`) would stop every fold; `gc.pruneExpire=now` would throw away what is a second old. So:
//! - no variable `GIT_*` passes but those that say where Git's programs are, how it reaches the net, and what it
//!   traces;
//! - no settings but the vault's own and those given here are read; hooks of every kind are among them;
//! - the repository is named (`--git-dir`), so nothing is searched for, and Git asks neither whose it is
//!   (`safe.directory`) nor whether it may be bare (`safe.bareRepository`): both are about what it found by itself.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};

use crate::git::command::NO_GUARD;

/// What passes: names, and beginnings of names.
const PASSES: [&str; 4] = ["GIT_EXEC_PATH", "GIT_SSL", "GIT_SSH", "GIT_TRACE"];

const OURS: [(&str, &str); 9] = [
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_CONFIG_SYSTEM", NOWHERE),
    ("GIT_CONFIG_GLOBAL", NOWHERE),
    ("GIT_ATTR_NOSYSTEM", "1"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_TERMINAL_PROMPT", "0"),
    (NO_GUARD, "1"),
];

/// Git for Windows takes it, too.
const NOWHERE: &str = "/dev/null";

/// These win over whatever the vault's own `config` says.
const SETTINGS: [&str; 21] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.commitGraph=false",
    "core.attributesFile=/dev/null",
    "core.logAllRefUpdates=false",
    "core.quotePath=true",
    "core.fsync=committed,-loose-object",
    "gc.auto=0",
    "gc.autoDetach=false",
    "gc.pruneExpire=never",
    "maintenance.auto=false",
    "repack.writeBitmaps=false",
    "repack.packKeptObjects=false",
    "repack.updateServerInfo=false",
    "pack.packSizeLimit=0",
    "core.bigFileThreshold=16m",
    "pack.writeBitmapHashCache=false",
    "fastimport.unpackLimit=1",
    "log.showSignature=false",
    "i18n.logOutputEncoding=UTF-8",
    "push.gpgSign=false",
];

#[derive(Debug, Clone)]
pub struct Sealed {
    git_dir: PathBuf,
}

impl Sealed {
    pub fn of(git_dir: impl Into<PathBuf>) -> Self {
        Self { git_dir: git_dir.into() }
    }

    pub fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// A command that is set up but not started.
    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        self.with(&["--no-pager"], args)
    }

    /// The same for a user who looks at what it prints.
    pub fn for_user<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        self.with(&[], args)
    }

    fn with<S: AsRef<OsStr>>(&self, first: &[&str], args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new("git");
        seal(&mut command);
        let mut git_dir = OsString::from("--git-dir=");
        git_dir.push(&self.git_dir);
        command.arg(git_dir).args(first);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        // A folder that is there as long as there is anything to do.
        command.args(args).current_dir(&self.git_dir);
        command
    }

    /// Runs it to its end; what it printed.
    pub fn output<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Result<Vec<u8>> {
        run(self.command(args), Stdio::null(), Stdio::piped(), None)
    }

    /// Runs it with `input` to read.
    pub fn feed<S: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
        input: Vec<u8>,
    ) -> Result<Vec<u8>> {
        run(self.command(args), Stdio::piped(), Stdio::piped(), Some(input))
    }

    /// Runs it with an open file as its standard input, from where that stands: one that is locked stays so until
    /// the child has ended, should we die before.
    pub fn holding<S: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
        file: &File,
    ) -> Result<Vec<u8>> {
        run(self.command(args), Stdio::from(file.try_clone()?), Stdio::piped(), None)
    }

    /// Runs it with `input` to read, and with a locked file as its standard output, to which it prints nothing.
    pub fn feed_holding<S: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
        input: Vec<u8>,
        file: &File,
    ) -> Result<()> {
        run(self.command(args), Stdio::piped(), Stdio::from(file.try_clone()?), Some(input))?;
        Ok(())
    }
}

/// Removes from a child's environment what may not pass.
pub fn seal(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_ascii_uppercase();
        if text.starts_with("GIT_") && !PASSES.iter().any(|passes| text.starts_with(passes)) {
            command.env_remove(&name);
        }
    }
    command.envs(OURS);
}

fn run(
    mut command: Command,
    stdin: Stdio,
    stdout: Stdio,
    input: Option<Vec<u8>>,
) -> Result<Vec<u8>> {
    let what = format!("git {}", verb(&command));
    let mut child = command
        .stdin(stdin)
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("could not start {what}"))?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    // Each stream by itself: a child that fills one while we wait for another would never end.
    let (stdout, stderr) = std::thread::scope(|scope| {
        let writer = scope.spawn(move || {
            if let (Some(mut stdin), Some(input)) = (stdin, input) {
                // A child that stops reading early says why with its exit status.
                let _ = stdin.write_all(&input);
            }
        });
        let errors = scope.spawn(move || stderr.map(all_of).unwrap_or_default());
        let output = stdout.map(all_of).unwrap_or_default();
        let _ = writer.join();
        (output, errors.join().unwrap_or_default())
    });
    ended(&mut child, &what, &stderr)?;
    Ok(stdout)
}

fn all_of(mut stream: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What was cut off shows in the exit status.
    let _ = stream.read_to_end(&mut bytes);
    bytes
}

fn ended(child: &mut Child, what: &str, stderr: &[u8]) -> Result<()> {
    let status = child.wait().with_context(|| format!("could not wait for {what}"))?;
    if status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(stderr);
    // The first word of it is the cause, and what follows are consequences.
    let reason = text.lines().map(str::trim).find(|line| !line.is_empty());
    match reason {
        Some(reason) => bail!("{what} failed in the vault: {reason}"),
        None => Err(anyhow!("{what} failed in the vault: {status}")),
    }
}

/// The name of what is run, behind our settings.
fn verb(command: &Command) -> String {
    let mut args = command.get_args();
    while let Some(arg) = args.next() {
        let arg = arg.to_string_lossy();
        if arg == "-c" {
            args.next();
        } else if !arg.starts_with('-') {
            return arg.into_owned();
        }
    }
    String::new()
}
