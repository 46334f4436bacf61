//! What Git's configuration is read from: files, variables of the environment, the user.
//!
//! As long as none of it has changed, Git would read the same (git-config, "FILES", "ENVIRONMENT").
//! Where that can't be known, for a setting that holds for one command alone or for an include that
//! depends on the branch, the answer is "unknown", and Git has to be asked.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use anyhow::Result;

use crate::git::command::Git;
use crate::git::repository::Repository;
use crate::model::settings::config_entry::ConfigEntry;
use crate::model::settings::remembered::ConfigSource;
use crate::os::platform;

/// They decide which files Git reads, and what a relative path in them means.
const VARIABLES: [&str; 7] = [
    "HOME",
    "XDG_CONFIG_HOME",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_DIR",
    "GIT_COMMON_DIR",
];
const FOR_ONE_COMMAND: [&str; 2] = ["GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"];

/// Two writes in this time may leave a file with the same state: not every file system has a finer clock.
const RACY: Duration = Duration::from_secs(2);

/// The environment as far as the configuration depends on it; `None` if it carries settings itself.
pub fn surroundings() -> Option<String> {
    if FOR_ONE_COMMAND.iter().any(|name| std::env::var_os(name).is_some()) {
        return None;
    }
    let values = VARIABLES.map(std::env::var_os);
    Some(format!("{} {values:?}", platform::user()))
}

/// The files that `entries`, which Git has just read, come from, and those that would count as well if
/// they were there; an entry `include.path` must be among them if there is one. `Unknown::Now` if one
/// was written to shortly before `now`, or can't be told.
pub fn of(
    repository: &Repository,
    entries: &[ConfigEntry],
    now: SystemTime,
) -> Result<Vec<ConfigSource>, Unknown> {
    let origins = entries.iter().map(|entry| origin(repository, entry));
    let mut files = origins.collect::<Option<BTreeSet<PathBuf>>>().ok_or(Unknown::Now)?;
    if !files.iter().all(|file| file.exists()) {
        return Err(Unknown::Now);
    }
    for entry in entries.iter().filter(|entry| entry.key.starts_with(b"include")) {
        files.insert(included(repository, entry).ok_or(Unknown::Now)?);
    }
    files.extend(usual(repository));
    let sources = sources(&files, now).ok_or(Unknown::Now)?;
    let system = system(repository).ok_or(Unknown::Always)?;
    let system: BTreeSet<PathBuf> = system.into_iter().collect();
    Ok(sources.into_iter().chain(self::sources(&system, now).ok_or(Unknown::Now)?).collect())
}

/// Why the sources are not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// They may be the next time.
    Now,
    /// This Git doesn't say where it reads the system's settings from.
    Always,
}

/// The program that reads them: where Git has started us it says so itself, else the first on the search path.
pub fn program() -> Option<PathBuf> {
    let name = format!("git{}", std::env::consts::EXE_SUFFIX);
    if let Some(folder) = std::env::var_os("GIT_EXEC_PATH") {
        return Some(PathBuf::from(folder).join(name));
    }
    let folders = std::env::var_os("PATH")?;
    let mut files = std::env::split_paths(&folders).map(|folder| folder.join(&name));
    files.find(|file| file.is_file()).filter(|file| file.is_absolute())
}

/// That program, under both of its names: another one may read the system's settings from elsewhere. A script on the
/// search path may start another one each time.
pub fn programs(git: &Git, now: SystemTime) -> Option<Vec<ConfigSource>> {
    let found = program()?;
    let mut all = BTreeSet::from([found.clone()]);
    if std::env::var_os("GIT_EXEC_PATH").is_none() {
        let mut start = [0; 2];
        std::fs::File::open(&found).ok()?.read_exact(&mut start).ok()?;
        if start == *b"#!" {
            return None;
        }
        let folder = git.output(["--exec-path"]).ok()?;
        let name = format!("git{}", std::env::consts::EXE_SUFFIX);
        all.insert(platform::path_from_bytes(folder.strip_suffix(b"\n")?).join(name));
    }
    sources(&all, now)
}

/// Whether each of the files is as it was.
pub fn are_unchanged(sources: &[ConfigSource]) -> bool {
    sources.iter().all(|source| {
        let state = platform::file_state(&platform::path_from_bytes(&source.path));
        state.is_some_and(|(state, _)| state == source.state)
    })
}

fn sources(files: &BTreeSet<PathBuf>, now: SystemTime) -> Option<Vec<ConfigSource>> {
    let source = |file: &PathBuf| {
        let (state, changed) = platform::file_state(file)?;
        let settled = now.duration_since(changed).is_ok_and(|age| age > RACY);
        settled.then(|| ConfigSource { path: platform::bytes_of(file.as_os_str()), state })
    };
    files.iter().map(source).collect()
}

/// The files that Git looks for in every repository, the system's apart.
fn usual(repository: &Repository) -> Vec<PathBuf> {
    let mut files =
        vec![repository.common_dir.join("config"), repository.git_dir.join("config.worktree")];
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(global) = std::env::var_os("GIT_CONFIG_GLOBAL") {
        files.push(repository.top.join(global));
        return files;
    }
    let home = variable("HOME").map(PathBuf::from);
    let xdg = variable("XDG_CONFIG_HOME").map(PathBuf::from);
    let xdg = xdg.or_else(|| Some(home.as_ref()?.join(".config")));
    files.extend(xdg.map(|folder| folder.join("git/config")));
    files.extend(home.map(|home| home.join(".gitconfig")));
    files
}

/// The system's file, if Git reads one; `None` if this Git can't say.
fn system(repository: &Repository) -> Option<Option<PathBuf>> {
    if std::env::var_os("GIT_CONFIG_NOSYSTEM").is_some_and(|value| value == "1") {
        return Some(None);
    }
    // Git 2.42 and later.
    let path = repository.git().output(["var", "GIT_CONFIG_SYSTEM"]).ok()?;
    let path =
        path.strip_suffix(b"\n").filter(|path| !path.is_empty() && !path.contains(&b'\n'))?;
    Some(Some(repository.top.join(platform::path_from_bytes(path))))
}

/// The file that an entry stands in.
fn origin(repository: &Repository, entry: &ConfigEntry) -> Option<PathBuf> {
    Some(repository.top.join(entry.origin.strip_prefix("file:")?))
}

/// The file that an entry `include.path` or `includeIf.….path` names, whether it is read or not.
fn included(repository: &Repository, entry: &ConfigEntry) -> Option<PathBuf> {
    let condition = entry.key.strip_prefix(b"includeif.");
    // The folder of a repository stays what it is; its branch doesn't.
    if condition
        .is_some_and(|what| !what.starts_with(b"gitdir:") && !what.starts_with(b"gitdir/i:"))
    {
        return None;
    }
    let value = std::str::from_utf8(entry.value.as_deref()?).ok()?;
    if let Some(rest) = value.strip_prefix("~/") {
        return Some(PathBuf::from(std::env::var_os("HOME")?).join(rest));
    }
    let is_special = value.is_empty() || value.starts_with('~') || value.starts_with("%(");
    (!is_special).then(|| origin(repository, entry)?.parent().map(|folder| folder.join(value)))?
}
