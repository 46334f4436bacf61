//! A scratch repository: real Git, the real binary, nothing of the machine's own configuration.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The binary under test.
pub const BAK: &str = match option_env!("CARGO_BIN_EXE_git-bak") {
    Some(path) => path,
    // Where the tests are only compiled.
    None => "git-bak",
};

/// The first second of every scratch repository's clock: 2025-11-06 20:10:45 UTC.
const START: i64 = 1_762_459_845;

/// The settings of every scratch repository.
const CONFIG: &str = "[user]\n\tname = Test\n\temail = test@example.org\n\
                      [maintenance]\n\tauto = false\n[gc]\n\tauto = 0\n";

/// A repository with a HOME of its own and a clock that moves a second with every command.
pub struct Scratch {
    root: TempDir,
    top: PathBuf,
    clock: Cell<i64>,
    /// Variables of its own, and those that must be absent.
    env: BTreeMap<String, Option<OsString>>,
}

/// What a command printed and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Scratch {
    /// A repository with git-bak installed and one commit: `a.txt` holding "one\n".
    pub fn new() -> Self {
        Self::installed(&["install"])
    }

    /// The same on another file system: in a folder of its own below `folder`.
    pub fn new_in(folder: &Path) -> Self {
        Self::with_first_commit(Self::empty_in(folder), &["install"])
    }

    /// The same without post-index-change: for tests of what pre-commit makes by itself (the second in a
    /// name, collisions, limits, the lines it prints), which `git add` would have made before it.
    pub fn without_staging() -> Self {
        Self::installed(&["install", "--hooks", "pre-commit,post-commit,post-checkout"])
    }

    /// The same without the guard: for tests of how many snapshots others take.
    pub fn without_guard() -> Self {
        Self::installed(&["install", "--no-guard"])
    }

    fn installed(install: &[&str]) -> Self {
        Self::with_first_commit(Self::empty(), install)
    }

    fn with_first_commit(scratch: Self, install: &[&str]) -> Self {
        scratch.bak(install);
        scratch.write("a.txt", "one\n");
        scratch.git(["add", "a.txt"]);
        scratch.git(["commit", "-qm", "first"]);
        scratch
    }

    /// A repository without commits, and without git-bak.
    pub fn empty() -> Self {
        Self::empty_in(&std::env::temp_dir())
    }

    fn empty_in(folder: &Path) -> Self {
        let root = tempfile::Builder::new().prefix("git-bak-test-").tempdir_in(folder).unwrap();
        // What Git calls the top is a name without links.
        let base = plain(root.path().canonicalize().unwrap());
        std::fs::create_dir(base.join("home")).unwrap();
        std::fs::create_dir(base.join("bin")).unwrap();
        let link = base.join("bin").join(if cfg!(windows) { "git-bak.exe" } else { "git-bak" });
        place(&link);
        let scratch =
            Self { root, top: base.join("repo"), clock: Cell::new(START), env: BTreeMap::new() };
        std::fs::create_dir(&scratch.top).unwrap();
        scratch.git(["init", "-q", "-b", "main"]);
        let config = scratch.read(".git/config") + CONFIG;
        scratch.write(".git/config", config);
        scratch
    }

    /// Another working tree, or another repository, in the same surroundings.
    pub fn at(&self, top: impl Into<PathBuf>) -> Other<'_> {
        Other { scratch: self, top: top.into() }
    }

    /// The folder that holds the repository, its HOME, and room for more.
    pub fn root(&self) -> PathBuf {
        self.top.parent().unwrap().to_owned()
    }

    /// The top of the working tree.
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// Sets a variable for every command that follows.
    pub fn set_env(&mut self, key: &str, value: impl Into<OsString>) {
        self.env.insert(key.to_owned(), Some(value.into()));
    }

    /// Takes a variable away from every command that follows.
    pub fn unset_env(&mut self, key: &str) {
        self.env.insert(key.to_owned(), None);
    }

    /// Moves the clock.
    pub fn advance(&self, seconds: i64) {
        self.clock.set(self.clock.get() + seconds);
    }

    /// The time that the next command reads, in RFC 3339.
    pub fn now(&self) -> String {
        chrono::DateTime::from_timestamp(self.clock.get(), 0).unwrap().to_rfc3339()
    }

    /// Runs Git; it must succeed.
    pub fn git<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ran {
        self.at(&self.top).git(args)
    }

    /// Runs Git with git-bak switched off, however it ends.
    pub fn git_alone<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ran {
        let mut command = self.at(&self.top).command("git");
        Ran::of(&output(command.env("GIT_BAK", "0").args(args)))
    }

    /// Runs Git, however it ends.
    pub fn try_git<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ran {
        self.at(&self.top).try_git(args)
    }

    /// Runs `git-bak`; it must succeed.
    pub fn bak<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ran {
        self.at(&self.top).bak(args)
    }

    /// Runs `git-bak`, however it ends.
    pub fn try_bak<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ran {
        self.at(&self.top).try_bak(args)
    }

    /// A command in the repository, with the clock moved on, not yet started.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        self.at(&self.top).command(program)
    }

    /// Writes a file of the working tree, and the folders on the way.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let file = self.top.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    /// A file of the working tree.
    pub fn read(&self, path: &str) -> String {
        String::from_utf8_lossy(&std::fs::read(self.top.join(path)).unwrap()).into_owned()
    }

    /// Whether there is such a file.
    pub fn exists(&self, path: &str) -> bool {
        self.top.join(path).symlink_metadata().is_ok()
    }

    /// Writes an executable script as the user's own hook: as the chained one where ours is installed.
    pub fn hook(&self, name: &str, body: &str) {
        let hooks = self.top.join(".git/hooks");
        let ours =
            std::fs::read_to_string(hooks.join(name)).is_ok_and(|text| text.contains("git-bak"));
        let file = hooks.join(if ours { format!("{name}.before-bak") } else { name.to_owned() });
        script(&file, body);
    }

    /// The names of the backups of `path`, sorted.
    pub fn backups(&self, path: &str) -> Vec<String> {
        let file = self.top.join(path);
        let name = format!("{}.bak.", file.file_name().unwrap().to_string_lossy());
        let Ok(entries) = std::fs::read_dir(file.parent().unwrap()) else { return Vec::new() };
        let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        let mut found: Vec<String> = names.filter(|other| other.starts_with(&name)).collect();
        found.sort();
        found
    }

    /// The contents of the backups of `path`, in the order of their names.
    pub fn backup_texts(&self, path: &str) -> Vec<String> {
        let folder = Path::new(path).parent().unwrap().to_owned();
        let read = |name: String| self.read(&folder.join(name).to_string_lossy());
        self.backups(path).into_iter().map(read).collect()
    }

    /// Everything below the working tree that looks like one of ours, whatever its file.
    pub fn all_backups(&self) -> Vec<String> {
        let listed = self.git(["ls-files", "-o", "--", "*.bak.*"]).stdout;
        listed.lines().map(str::to_owned).collect()
    }

    /// See [`Other::vault`].
    pub fn vault(&self) -> BTreeMap<String, String> {
        self.at(&self.top).vault()
    }

    /// See [`Other::record`].
    pub fn record(&self) -> Vec<serde_json::Value> {
        self.at(&self.top).record()
    }

    /// See [`Other::vault_has`].
    pub fn vault_has(&self, path: &str, text: &str) -> bool {
        self.at(&self.top).vault_has(path, text)
    }
}

/// Another place in the surroundings of a scratch repository.
pub struct Other<'a> {
    scratch: &'a Scratch,
    top: PathBuf,
}

impl Other<'_> {
    /// Runs Git here; it must succeed.
    pub fn git<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ran {
        self.run("git", args).expect_success()
    }

    /// Runs Git here, however it ends.
    pub fn try_git<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ran {
        self.run("git", args)
    }

    /// Runs `git-bak` here; it must succeed.
    pub fn bak<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ran {
        self.run(BAK, args).expect_success()
    }

    /// Runs `git-bak` here, however it ends.
    pub fn try_bak<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ran {
        self.run(BAK, args)
    }

    /// A command here, with the clock moved on.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let root = self.scratch.root();
        let mut path = OsString::from(root.join("bin"));
        path.push(if cfg!(windows) { ";" } else { ":" });
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let mut command = Command::new(program);
        command.current_dir(&self.top).env_clear().stdin(Stdio::null());
        if cfg!(windows) {
            command
                .envs(std::env::vars_os().filter(|(key, _)| key == "SystemRoot" || key == "TEMP"));
        }
        command
            .env("PATH", path)
            .env("HOME", root.join("home"))
            .env("TZ", "UTC")
            .env("LC_ALL", "C.UTF-8")
            .env("GIT_CONFIG_GLOBAL", if cfg!(windows) { "NUL" } else { "/dev/null" })
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_EDITOR", "true")
            // No hook folds by itself then, whatever the clock says: a test that wants it takes this away.
            .env("CI", "true")
            .env("GIT_BAK_NOW", self.scratch.now());
        for (key, value) in &self.scratch.env {
            match value {
                Some(value) => command.env(key, value),
                None => command.env_remove(key),
            };
        }
        self.scratch.advance(1);
        command
    }

    /// What the vault holds: `<line of the record>/<path>` with its content, by plain Git and the record's text alone.
    pub fn vault(&self) -> BTreeMap<String, String> {
        let git_dir = self.git(["rev-parse", "--path-format=absolute", "--git-common-dir"]).stdout;
        let bak = Path::new(git_dir.trim_end()).join("bak");
        let vault = format!("--git-dir={}", bak.join("vault.git").display());
        let mut contents: BTreeMap<String, Option<String>> = BTreeMap::new();
        let mut all = BTreeMap::new();
        for (at, line) in self.record().iter().enumerate() {
            if !["snapshot", "found"].contains(&line["ev"].as_str().unwrap_or_default()) {
                continue;
            }
            for (n, file) in line["files"].as_array().into_iter().flatten().enumerate() {
                let Some(id) = file["id"].as_str() else { continue };
                if !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    continue;
                }
                let path = file["path"].as_str().or(file["path_c"].as_str()).unwrap_or_default();
                let content = contents.entry(id.to_owned()).or_insert_with(|| {
                    let read = self.try_git([vault.as_str(), "cat-file", "blob", id]);
                    (read.status == 0).then_some(read.stdout)
                });
                let kind = file["kind"].as_str().unwrap_or("-");
                let mut place = format!("{at:05}/{kind}/{path}");
                if all.contains_key(&place) {
                    place = format!("{at:05}.{n}/{kind}/{path}");
                }
                all.extend(content.clone().map(|content| (place, content)));
            }
        }
        all
    }

    /// The lines of the record, of every worktree, oldest first, with the lists of big snapshots in them.
    pub fn record(&self) -> Vec<serde_json::Value> {
        let git_dir = self.git(["rev-parse", "--path-format=absolute", "--git-common-dir"]).stdout;
        let folder = Path::new(git_dir.trim_end()).join("bak/record");
        let Ok(entries) = std::fs::read_dir(&folder) else { return Vec::new() };
        let mut days: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        days.retain(|day| day.extension().is_none());
        days.sort();
        let mut lines = Vec::new();
        for day in days {
            let text = std::fs::read(&day).unwrap();
            let whole = text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
            for line in whole {
                let Ok(mut line) = serde_json::from_slice::<serde_json::Value>(line) else {
                    continue;
                };
                if let Some(place) = line["big"].as_array() {
                    let at = |n: usize| usize::try_from(place[n].as_u64().unwrap()).unwrap();
                    let list = std::fs::read(day.with_extension("big")).unwrap_or_default();
                    let part = list.get(at(0)..at(0).saturating_add(at(1))).unwrap_or_default();
                    line["files"] = serde_json::from_slice(part).unwrap_or_default();
                }
                lines.push(line);
            }
        }
        lines
    }

    /// Whether some version of `path` with this text can be had from the vault.
    pub fn vault_has(&self, path: &str, text: &str) -> bool {
        let suffix = format!("/{path}");
        self.vault().iter().any(|(at, content)| at.ends_with(&suffix) && content == text)
    }

    fn run<S: AsRef<OsStr>>(&self, program: &str, args: impl IntoIterator<Item = S>) -> Ran {
        Ran::of(&output(self.command(program).args(args)))
    }
}

/// Runs a command to its end. wine now and then can't start one (ERROR_INTERNAL_ERROR): then once more.
fn output(command: &mut Command) -> Output {
    for _ in 0..5 {
        match command.output() {
            Err(error) if cfg!(windows) && error.raw_os_error() == Some(1359) => {}
            result => return result.unwrap(),
        }
    }
    panic!("{command:?} can't be started");
}

impl Ran {
    /// What a finished command left.
    pub fn of(output: &Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Itself, if it ended well.
    pub fn expect_success(self) -> Self {
        assert_eq!(self.status, 0, "{self:#?}");
        self
    }

    /// The command that a line of standard error ends in, if it names `git bak`.
    pub fn printed_command(&self, about: &str) -> Vec<String> {
        let line = self.stderr.lines().find(|line| line.contains(about) && line.contains(" bak "));
        let line = line.unwrap_or_else(|| panic!("no command about {about}: {self:#?}"));
        let at = line.rfind("git ").unwrap();
        line[at + 4..].split_whitespace().map(str::to_owned).collect()
    }
}

/// The path as Git and shells take it: on Windows without the `\\?\` that a canonical one begins with.
fn plain(path: PathBuf) -> PathBuf {
    match path.to_str().and_then(|text| text.strip_prefix(r"\\?\")) {
        Some(plain) if cfg!(windows) => PathBuf::from(plain),
        _ => path,
    }
}

/// The program under another name: a link to it, or, on another file system, a copy by a process of its own. A child
/// that another test starts just then would hold one of ours open for writing, and the system runs no such file.
pub fn place(link: &Path) {
    if std::fs::hard_link(BAK, link).is_ok() {
        return;
    }
    if cfg!(windows) {
        std::fs::copy(BAK, link).unwrap();
    } else {
        assert!(Command::new("cp").arg(BAK).arg(link).status().unwrap().success());
    }
}

/// Writes an executable shell script.
#[cfg(unix)]
pub fn script(file: &Path, body: &str) {
    use std::io::Write;
    // Not by this process: a child that another test starts just then would hold the file open for
    // writing, and the system runs no such file.
    let mut writer = Command::new("sh")
        .args(["-c", "cat >\"$1\" && chmod 755 \"$1\"", "sh"])
        .arg(file)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let text = format!("#!/bin/sh\n{body}\n");
    writer.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(writer.wait().unwrap().success());
}

/// Writes a shell script.
#[cfg(not(unix))]
pub fn script(file: &Path, body: &str) {
    std::fs::write(file, format!("#!/bin/sh\n{body}\n")).unwrap();
}
