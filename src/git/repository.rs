//! Where everything of one repository is: working tree, Git directories, objects, hooks.
//!
//! In a hook the working tree is the current directory, always, and Git has said through `GIT_DIR`
//! or `.git` where its directory is: no child is needed. A command may be run from anywhere: see
//! `discovery`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};

use super::command::Git;
use super::index::{Index, Latest};
use super::object_format::ObjectFormat;
use crate::model::settings::git_value::parse_bool;
use crate::model::settings::sharing::Sharing;
use crate::os::{platform, process};

/// The places of one working tree of one repository.
#[derive(Debug, Clone)]
pub struct Repository {
    /// The top of the working tree.
    pub top: PathBuf,
    /// This working tree's own Git directory (absolute).
    pub git_dir: PathBuf,
    /// The Git directory that all working trees share (absolute).
    pub common_dir: PathBuf,
    /// The name of a linked worktree; `None` in the main one.
    pub worktree: Option<Vec<u8>>,
    pub objects_dir: PathBuf,
    pub format: ObjectFormat,
    /// Refs are files, as they always were; otherwise only Git knows how they are kept.
    pub refs_are_files: bool,
    pub sharing: Sharing,
    /// Its index, as it was read last.
    pub latest_index: Latest,
}

impl Repository {
    /// The repository a hook runs for; `None` in a bare one, where there is no working tree to lose.
    ///
    /// Reads `GIT_DIR` and the current directory, as Git sets them for its hooks.
    pub fn of_hook() -> Result<Option<Self>> {
        let cwd = std::env::current_dir().context("the current directory can't be read")?;
        if let Some(dir) = std::env::var_os("GIT_DIR") {
            let git_dir = cwd.join(&dir);
            // Git itself does so for what needs no working tree.
            return if is_same(&git_dir, &cwd) {
                Ok(None)
            } else {
                Self::from_parts(cwd.clone(), git_dir)
                    // Git asks the guard in the working tree, and names the directory from where it is itself.
                    .or_else(|error| match process::folder_of_git() {
                        Some(folder) if folder != cwd => Self::from_parts(cwd, folder.join(dir)),
                        _ => Err(error),
                    })
                    .map(Some)
            };
        }
        // Git runs its hooks at the top; a hook manager's script may have gone elsewhere.
        for dir in cwd.ancestors() {
            if let Some(git_dir) = resolve_dot_git(&dir.join(".git"))? {
                return Self::from_parts(dir.to_owned(), git_dir).map(Some);
            }
            if is_git_dir(dir) {
                return Self::around(dir);
            }
        }
        Ok(None)
    }

    /// The repository whose Git directory this is, for clients that run hooks there (dulwich does). Its
    /// working tree is where the settings say, or around it, and has a `.git` that leads back.
    fn around(git_dir: &Path) -> Result<Option<Self>> {
        let config = git_dir.join("config");
        let Ok(text) = std::fs::read(&config) else { return Ok(None) };
        let bare = setting(&config, &text, "core.bare");
        if bare.is_some_and(|bare| parse_bool(Some(&bare)) != Some(false)) {
            return Ok(None);
        }
        let worktree = setting(&config, &text, "core.worktree").unwrap_or_else(|| "..".to_owned());
        let top = tidy(&git_dir.join(worktree));
        match resolve_dot_git(&top.join(".git"))? {
            Some(back) if is_same(&back, git_dir) => {
                Self::from_parts(top, git_dir.to_owned()).map(Some)
            }
            _ => Ok(None),
        }
    }

    pub(super) fn from_parts(top: PathBuf, git_dir: PathBuf) -> Result<Self> {
        let common_dir = match std::fs::read(git_dir.join("commondir")) {
            Ok(text) => git_dir.join(platform::place_from_bytes(trim(&text))),
            Err(_) => git_dir.clone(),
        };
        let common_dir = tidy(&common_dir);
        let worktree =
            (common_dir != git_dir).then(|| git_dir.file_name().map(platform::bytes_of)).flatten();
        let objects_dir = match std::env::var_os("GIT_OBJECT_DIRECTORY") {
            Some(dir) => top.join(dir),
            None => common_dir.join("objects"),
        };
        let file = common_dir.join("config");
        let text =
            std::fs::read(&file).with_context(|| format!("{} can't be read", file.display()))?;
        let format = object_format(&file, &text)?;
        let sharing = sharing(&file, &text);
        let refs_are_files = refs_are_files(&file, &text);
        Ok(Self {
            top,
            git_dir,
            common_dir,
            worktree,
            objects_dir,
            format,
            refs_are_files,
            sharing,
            latest_index: Latest::default(),
        })
    }

    /// The file that its index is in: in a hook of `git commit <path>` a temporary one.
    pub fn index_file(&self) -> PathBuf {
        match std::env::var_os("GIT_INDEX_FILE") {
            Some(file) => self.top.join(file),
            None => self.git_dir.join("index"),
        }
    }

    /// Its index as it is now; `None` if only Git can read it.
    pub fn index(&self) -> Result<Option<Arc<Index>>> {
        self.latest_index.of(self.index_file(), self.format)
    }

    /// Git's programs, run at the top of this working tree.
    pub fn git(&self) -> Git {
        let mut git = Git::new(&self.top);
        // Relative values hold only in the folder they were given for.
        if std::env::var_os("GIT_DIR").is_some() {
            git = git.with_env("GIT_DIR", &self.git_dir).with_env("GIT_WORK_TREE", &self.top);
        }
        git
    }

    /// The folder for what all working trees share: vault, record, locks.
    pub fn shared_bak_dir(&self) -> PathBuf {
        self.common_dir.join("bak")
    }

    /// The folder for what belongs to this working tree alone: its attempts.
    pub fn own_bak_dir(&self) -> PathBuf {
        self.git_dir.join("bak")
    }
}

/// What `.git` leads to: the directory itself, or the one that a `gitdir:` file names.
fn resolve_dot_git(dot_git: &Path) -> Result<Option<PathBuf>> {
    let Ok(meta) = std::fs::metadata(dot_git) else { return Ok(None) };
    if meta.is_dir() {
        return Ok(Some(dot_git.to_owned()));
    }
    let text =
        std::fs::read(dot_git).with_context(|| format!("{} can't be read", dot_git.display()))?;
    let Some(target) = text.strip_prefix(b"gitdir:") else {
        bail!("{} names no Git directory", dot_git.display());
    };
    let target = platform::place_from_bytes(trim(target));
    Ok(Some(tidy(&dot_git.parent().unwrap_or(Path::new("")).join(target))))
}

/// Reads `extensions.objectFormat`. The shared config file alone decides it: Git reads extensions from
/// nowhere else (gitrepository-layout, "extensions").
fn object_format(file: &Path, text: &[u8]) -> Result<ObjectFormat> {
    match setting(file, text, "extensions.objectformat").as_deref() {
        Some("sha256") => Ok(ObjectFormat::Sha256),
        Some("sha1") | None => Ok(ObjectFormat::Sha1),
        Some(other) => bail!("objects named by '{other}' are not known to this version"),
    }
}

/// Reads `extensions.refStorage`; a name that isn't known is not `files`.
fn refs_are_files(file: &Path, text: &[u8]) -> bool {
    let kind = setting(file, text, "extensions.refstorage");
    !mentions(text, "refstorage") || kind.is_some_and(|kind| kind == "files")
}

/// Reads `core.sharedRepository`, which `git init --shared` writes into the same file (git-config).
fn sharing(file: &Path, text: &[u8]) -> Sharing {
    setting(file, text, "core.sharedrepository")
        .map_or(Sharing::Umask, |value| Sharing::parse(&value))
}

/// One value of a config file. Most files don't mention it at all, and need no parser.
pub(super) fn setting(file: &Path, text: &[u8], key: &str) -> Option<String> {
    if !mentions(text, key.rsplit('.').next()?) {
        return None;
    }
    git2::Config::open(file).ok()?.get_string(key).ok()
}

pub(super) fn mentions(text: &[u8], name: &str) -> bool {
    text.windows(name.len()).any(|word| word.eq_ignore_ascii_case(name.as_bytes()))
}

fn trim(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii()
}

/// A Git directory, where there is no working tree to lose: a bare one, or `.git` itself.
pub(super) fn is_git_dir(dir: &Path) -> bool {
    dir.join("HEAD").is_file() && dir.join("objects").is_dir() && dir.join("refs").is_dir()
}

/// Without `..` where the path exists: two names of one directory must compare equal.
fn tidy(path: &Path) -> PathBuf {
    if path.components().any(|c| c.as_os_str() == OsStr::new("..")) {
        return std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    }
    path.to_owned()
}

pub(super) fn is_same(a: &Path, b: &Path) -> bool {
    match (std::fs::canonicalize(a), std::fs::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}
