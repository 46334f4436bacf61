//! Git on its way to another place.
//!
//! It starts in a bare repository of its own, which borrows the vault's objects and goes when this is dropped: what
//! is made or fetched for the other place is never in the vault. Git is sealed there as in the vault; of the user's
//! settings it has those that say how to reach the net, from a file: a URL or a header may have a secret in it, and
//! every process sees a command line. It never prompts. What it prints goes into files, since a child of its that
//! outlives the deadline would keep a pipe open.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::git::command::Git;
use crate::git::config::transport;
use crate::git::repository::Repository;
use crate::model::settings::ConfigEntry;
use crate::model::settings::remote_url::{RemoteUrl, without_credentials};
use crate::os::{platform, private};
use crate::vault::bare;
use crate::vault::commits::{self, Day};
use crate::vault::git::Sealed;

/// How long one try may take.
const PATIENCE: Duration = Duration::from_secs(600);
/// Stops programs that would wait longer than that for an answer, and slow transfers.
const LIMITS: [&str; 3] =
    ["credential.interactive=false", "http.lowSpeedLimit=1", "http.lowSpeedTime=60"];
const BATCH: &str = "-o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=20";

pub struct Remote {
    folder: TempDir,
    pub(super) git: Sealed,
    ssh: Option<String>,
    /// How long one command may take.
    pub patience: Duration,
    /// It runs in the background: no user can end it by hand.
    pub is_detached: bool,
}

/// What a child has left.
pub(super) struct Response {
    pub is_success: bool,
    pub stdout: String,
    stderr: String,
}

impl Remote {
    pub fn open(repository: &Repository, url: &RemoteUrl) -> Result<Self> {
        let address = address(repository, url)?;
        let bak = repository.shared_bak_dir();
        let folder = private::scratch(&bak, "remote")?;
        let place = folder.path();
        bare::fill(place, repository.format)?;
        let lent = ["vault.git/objects", "new"].into_iter().filter(|it| bak.join(it).is_dir());
        let lent: String = lent.map(|it| format!("../../{it}\n")).collect();
        private::write(&place.join("objects/info/alternates"), lent.as_bytes())?;
        let mut config = std::fs::read(place.join("config"))?;
        config.extend(b"[remote \"bak\"]\n\turl = ");
        config.extend(transport::quoted(address.as_bytes()));
        config.push(b'\n');
        private::write(&place.join("config"), &config)?;
        let settings = transport::read(&repository.git())?;
        private::write(&place.join("user"), &transport::to_text(&settings))?;
        let (git, ssh) = (Sealed::of(place), ssh(&settings));
        Ok(Self { git, folder, ssh, patience: PATIENCE, is_detached: false })
    }

    /// Where its objects are, those that it borrows among them.
    pub fn objects_dir(&self) -> PathBuf {
        self.folder.path().join("objects")
    }

    /// The days that are there, from any machine and worktree.
    pub fn tips(&self) -> Result<Vec<(Day, String)>> {
        let listed = self.ask(&["ls-remote", "bak", "refs/heads/*"], "")?.success()?;
        let tips = listed.lines().filter_map(|line| {
            let (id, name) = line.split_once('\t')?;
            Some((commits::day_of(name)?, id.to_owned()))
        });
        Ok(tips.collect())
    }

    pub(super) fn ask(&self, args: &[&str], input: &str) -> Result<Response> {
        let limits = LIMITS.iter().flat_map(|limit| ["-c", limit]);
        let mut command = self.git.command(limits.chain(args.iter().copied()));
        command
            .env("GIT_CONFIG_GLOBAL", self.folder.path().join("user"))
            // Set, and empty: no other program that asks is looked for.
            .env("GIT_ASKPASS", "")
            .env("SSH_ASKPASS", "")
            .env("GCM_INTERACTIVE", "never");
        if let Some(ssh) = &self.ssh {
            command.env("GIT_SSH_COMMAND", ssh);
        }
        let place = self.folder.path();
        let file = || tempfile::tempfile_in(place);
        let (mut stdin, mut stdout, mut stderr) = (file()?, file()?, file()?);
        stdin.write_all(input.as_bytes())?;
        stdin.rewind()?;
        command.stdin(stdin).stdout(stdout.try_clone()?).stderr(stderr.try_clone()?);
        #[cfg(unix)]
        if self.is_detached {
            std::os::unix::process::CommandExt::process_group(&mut command, 0);
        }
        let is_success = self.wait(command.spawn().context("git can't be started")?)?;
        let (stdout, stderr) = (text_of(&mut stdout)?, text_of(&mut stderr)?);
        Ok(Response { is_success, stdout, stderr })
    }

    fn wait(&self, mut child: Child) -> Result<bool> {
        let deadline = Instant::now() + self.patience;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status.success());
            }
            if Instant::now() > deadline {
                self.end(&mut child);
                bail!("it takes longer than {} seconds", self.patience.as_secs());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it, and what it has started.
    fn end(&self, child: &mut Child) {
        #[cfg(unix)]
        if self.is_detached {
            use rustix::process::{Pid, Signal, kill_process_group};
            let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
            let _ = group.map(|group| kill_process_group(group, Signal::KILL));
        }
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl Response {
    pub fn success(self) -> Result<String> {
        ensure!(self.is_success, "{}", self.reason());
        Ok(self.stdout)
    }

    /// Why it failed: of a branch that was rejected the other place's own words, else the first of Git's.
    pub fn reason(&self) -> String {
        let rejected = self.stdout.lines().find_map(|line| line.strip_prefix("!\t"));
        let rejected = rejected.and_then(|line| line.split('\t').nth(1));
        let is_told =
            |line: &&str| !line.is_empty() && !line.to_lowercase().starts_with("warning: ");
        let mut lines = self.stderr.lines().map(str::trim).filter(is_told);
        let theirs = || lines.clone().find_map(|line| line.strip_prefix("remote: "));
        let reason = match (rejected, theirs()) {
            (Some(rejected), Some(theirs)) => format!("{rejected}: {}", theirs.trim()),
            (Some(rejected), None) => rejected.to_owned(),
            (None, _) => lines.next().unwrap_or("git gave no reason").to_owned(),
        };
        let reason = without_credentials(&reason);
        let reason = ["fatal: ", "error: "]
            .iter()
            .find_map(|word| reason.strip_prefix(word))
            .unwrap_or(&reason);
        reason.chars().take(200).collect()
    }
}

fn text_of(file: &mut File) -> Result<String> {
    file.rewind()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A URL that the user typed, if a copy can go there.
pub fn checked(repository: &Repository, typed: &str) -> Result<RemoteUrl> {
    let read = || {
        let url: RemoteUrl = typed.parse()?;
        // It is seen from here, and read from the top.
        let here = url.folder().filter(|folder| folder.starts_with('.'));
        let place = here.map(|folder| std::env::current_dir().map(|cwd| cwd.join(folder)));
        let place = place.transpose()?.map(|place| place.canonicalize().unwrap_or(place));
        let url = place.map_or(Ok(url), |place| place.to_string_lossy().parse())?;
        address(repository, &url).map(|_| url)
    };
    // What is no URL may have a password in it all the same: it is not repeated.
    read().context("--remote")
}

/// The URL as Git takes it from anywhere; an error if it leads back here.
fn address(repository: &Repository, url: &RemoteUrl) -> Result<String> {
    let Some(folder) = url.folder() else { return Ok(url.with_credentials().to_owned()) };
    let home = || std::env::home_dir().unwrap_or_default();
    let main = repository.common_dir.parent().unwrap_or(&repository.top);
    let place = match folder.strip_prefix("~/") {
        Some(rest) => home().join(rest),
        None => main.join(folder),
    };
    let asked = Git::new(&place)
        .without_env(&["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR"])
        .output(["rev-parse", "--path-format=absolute", "--git-common-dir"]);
    let plain = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let common = asked.map(|out| platform::path_from_bytes(out.trim_ascii_end()));
    if common.is_ok_and(|common| plain(&common).starts_with(plain(&repository.common_dir))) {
        bail!("it is this repository itself: a copy in it is lost with it");
    }
    Ok(String::from_utf8_lossy(&platform::for_shell(&place)).into_owned())
}

/// The command that Git reaches another machine with, told not to prompt; `None` where it is not OpenSSH's.
fn ssh(settings: &[ConfigEntry]) -> Option<String> {
    let set = settings.iter().rfind(|entry| entry.key == b"core.sshcommand");
    let set = set.and_then(|entry| String::from_utf8(entry.value.clone()?).ok());
    let line = match (std::env::var("GIT_SSH_COMMAND"), std::env::var_os("GIT_SSH")) {
        (Ok(line), _) => line,
        (Err(_), Some(_)) if set.is_none() => return None,
        (Err(_), _) => set.unwrap_or_else(|| "ssh".to_owned()),
    };
    let program = line.split_whitespace().next().unwrap_or_default();
    let name = program.rsplit(['/', '\\']).next().unwrap_or_default();
    matches!(name, "ssh" | "ssh.exe").then(|| format!("{line} {BATCH}"))
}
