//! Git's own programs, run as children.
//!
//! Every child of ours runs the same way: it takes no optional lock (so it writes no index and calls
//! no hook), fetches nothing, runs no hook of the user's and not the guard, and reads nothing from our standard input
//! unless it is given something. What it prints on standard error is kept for the message, never shown.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};

/// Set for our children: the guard has nothing to look after in them.
pub const NO_GUARD: &str = "GIT_BAK_NO_GUARD";

/// This process is the program that Git asks.
static IS_GUARD: AtomicBool = AtomicBool::new(false);

/// From now on children are started without a `core.fsmonitor` program: it would be this one again.
pub fn ask_no_monitor() {
    IS_GUARD.store(true, Ordering::Relaxed);
}

/// How Git's programs are started for one working tree.
#[derive(Debug, Clone)]
pub struct Git {
    dir: PathBuf,
    env: Vec<(&'static str, OsString)>,
    absent: Vec<&'static str>,
    asks_no_monitor: bool,
}

/// A child that has been started and whose output is being collected.
#[derive(Debug)]
pub struct RunningGit {
    child: Child,
    what: String,
    stderr: File,
}

/// What a finished child left: its exit status and both streams.
#[derive(Debug)]
pub struct Finished {
    what: String,
    /// The exit status; `None` if a signal ended it.
    pub status: Option<i32>,
    /// Everything it wrote to standard output.
    pub stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Git {
    /// Git in the folder `dir`, with the environment this process has.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), env: Vec::new(), absent: Vec::new(), asks_no_monitor: false }
    }

    /// The same, with one variable of the environment set for every child.
    pub fn with_env(mut self, key: &'static str, value: impl Into<OsString>) -> Self {
        self.env.push((key, value.into()));
        self
    }

    pub fn in_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.dir = dir.into();
        self
    }

    /// The same, with some variables of the environment kept from every child.
    pub fn without_env(mut self, keys: &[&'static str]) -> Self {
        self.absent.extend(keys);
        self
    }

    /// The same, which looks at the files itself, whatever program could tell it of them.
    pub fn without_monitor(mut self) -> Self {
        self.asks_no_monitor = true;
        self
    }

    /// The folder the children run in.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A command that is set up but not started, for callers that need its terminal.
    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new("git");
        command.args(["-c", "core.hooksPath=/dev/null"]);
        // Those in the configuration (Git 2.54 and later) stop for this alone.
        for event in ["post-checkout", "post-index-change", "reference-transaction"] {
            command.args(["-c", &format!("hook.{event}.enabled=false")]);
        }
        if self.asks_no_monitor || IS_GUARD.load(Ordering::Relaxed) {
            command.args(["-c", "core.fsmonitor=false"]);
        }
        command
            .args(args)
            .current_dir(&self.dir)
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env(NO_GUARD, "1");
        // It is for `git config` alone: any other command would miss its settings.
        command.env_remove("GIT_CONFIG");
        // What is measured by them is the user's command. GIT_TRACE, for people, may show all.
        for key in ["GIT_TRACE2", "GIT_TRACE2_EVENT", "GIT_TRACE2_PERF"] {
            command.env_remove(key);
        }
        // Our pathspecs say in their own magic how to read them.
        for key in ["LITERAL", "GLOB", "NOGLOB", "ICASE"] {
            command.env_remove(format!("GIT_{key}_PATHSPECS"));
        }
        for key in &self.absent {
            command.env_remove(key);
        }
        for (key, value) in &self.env {
            command.env(key, value);
        }
        command
    }

    /// Starts a child without waiting for it.
    pub fn start<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Result<RunningGit> {
        self.spawn(args, Stdio::null()).map(|(running, _)| running)
    }

    /// Runs a child to its end; an exit status other than 0 is an error with the child's last words.
    pub fn output<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Result<Vec<u8>> {
        self.start(args)?.finish()?.success()
    }

    /// Runs a child that reads `input`.
    pub fn feed<S: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
        input: Vec<u8>,
    ) -> Result<Finished> {
        let (mut running, what) = self.spawn(args, Stdio::piped())?;
        let stdin = running.child.stdin.take();
        // A thread of its own: a child that writes before it has read everything would block us both.
        let writer = std::thread::Builder::new().spawn(move || {
            if let Some(mut stdin) = stdin {
                // A child that stops reading early says why with its exit status.
                let _ = stdin.write_all(&input);
            }
        });
        // Without a writer its standard input is closed by now, and it ends.
        let finished = running.finish();
        let writer = writer.with_context(|| format!("could not write to {what}"))?;
        writer.join().map_err(|_| anyhow::anyhow!("could not write to {what}"))?;
        finished
    }

    /// Runs a child that reads an open file, from where that stands.
    pub fn read_from<S: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
        input: File,
    ) -> Result<Finished> {
        self.spawn(args, Stdio::from(input))?.0.finish()
    }

    fn spawn<S: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
        stdin: Stdio,
    ) -> Result<(RunningGit, String)> {
        let args: Vec<S> = args.into_iter().collect();
        let verb = args.iter().map(|a| a.as_ref().to_string_lossy()).find(|a| !a.starts_with('-'));
        let what = format!("git {}", verb.unwrap_or_default());
        // A file without a name: a child that says much can't block on it, and reading it costs nothing
        // unless something went wrong.
        let stderr = nameless_file().with_context(|| format!("no room to run {what}"))?;
        let child = self
            .command(args)
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(stderr.try_clone()?)
            .spawn()
            .with_context(|| format!("could not start {what}"))?;
        Ok((RunningGit { child, what: what.clone(), stderr }, what))
    }
}

/// A file that no folder knows: in memory where the system has such files.
fn nameless_file() -> std::io::Result<File> {
    #[cfg(target_os = "linux")]
    {
        let flags = rustix::fs::MemfdFlags::CLOEXEC;
        if let Ok(file) = rustix::fs::memfd_create("git-bak", flags) {
            return Ok(File::from(file));
        }
    }
    tempfile::tempfile()
}

impl RunningGit {
    /// Waits for the child and collects what it printed.
    pub fn finish(mut self) -> Result<Finished> {
        let mut stdout = Vec::new();
        if let Some(mut pipe) = self.child.stdout.take() {
            pipe.read_to_end(&mut stdout)
                .with_context(|| format!("could not read from {}", self.what))?;
        }
        let status =
            self.child.wait().with_context(|| format!("could not wait for {}", self.what))?;
        let mut stderr = Vec::new();
        if !status.success() {
            // What it said is for the message; without it there is still the status.
            let _ = self.stderr.rewind().and_then(|()| self.stderr.read_to_end(&mut stderr));
        }
        Ok(Finished { what: self.what, status: status.code(), stdout, stderr })
    }

    /// Ends the child and drops what it found: its answer turned out not to be needed.
    pub fn abandon(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Finished {
    /// Its output, or an error that ends in the child's own words.
    pub fn success(self) -> Result<Vec<u8>> {
        match self.status {
            Some(0) => Ok(self.stdout),
            _ => bail!("{} failed: {}", self.what, self.reason()),
        }
    }

    /// What the child wrote to standard error, a line each, without the word before it ("error: ").
    pub fn messages(&self) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.stderr);
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let words = ["error: ", "fatal: ", "warning: "];
        let bare =
            |line: &str| words.iter().find_map(|w| line.strip_prefix(w)).unwrap_or(line).to_owned();
        lines.map(bare).collect()
    }

    /// The last line the child wrote to standard error, or its exit status.
    pub fn reason(&self) -> String {
        let text = String::from_utf8_lossy(&self.stderr);
        let last = text.lines().rfind(|line| !line.trim().is_empty()).map(str::trim);
        match (last, self.status) {
            (Some(line), _) => line.to_owned(),
            (None, Some(status)) => format!("exit status {status}"),
            (None, None) => "ended by a signal".to_owned(),
        }
    }
}
