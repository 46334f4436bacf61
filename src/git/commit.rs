//! The commit of exactly some paths, through the user's hooks.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::repository::Repository;
use crate::git::survey::tracked;
use crate::model::names::repo_path::RepoPath;
use crate::os::platform::path_from_bytes;

/// What stands in the way of a commit of some paths alone; Git refuses it too.
pub fn obstacle(repository: &Repository) -> Option<&'static str> {
    let has = |name| repository.git().output(["rev-parse", "--quiet", "--verify", name]).is_ok();
    if has("MERGE_HEAD") {
        Some("a merge is under way: finish it first")
    } else if has("CHERRY_PICK_HEAD") {
        Some("a cherry-pick is under way: finish it first")
    } else {
        None
    }
}

/// The paths for a commit, and those of them that the index must hear of first.
#[derive(Debug, Default)]
pub struct Paths {
    /// All that the commit will take.
    pub all: Vec<RepoPath>,
    /// Those that are new to Git.
    pub new: Vec<RepoPath>,
}

impl Paths {
    /// What a commit of `paths` has to name: what is there, and what Git tracks.
    pub fn of(repository: &Repository, paths: &[RepoPath]) -> Result<Self> {
        let tracked = tracked::among(repository, paths)?;
        let there =
            |path: &RepoPath| repository.top.join(path.to_path_buf()).symlink_metadata().is_ok();
        let mut found = Self::default();
        for path in paths {
            let is_tracked = tracked.contains(path);
            if !is_tracked && there(path) {
                found.new.push(path.clone());
            }
            if is_tracked || there(path) {
                found.all.push(path.clone());
            }
        }
        Ok(found)
    }

    /// Tells the index of the new paths, without their contents.
    pub fn announce(&self, repository: &Repository) -> Result<()> {
        for some in self.new.chunks(500) {
            let args =
                ["add", "--force", "--intent-to-add", "--"].map(|arg| arg.as_bytes().to_vec());
            let specs = some.iter().map(pathspec);
            let args =
                args.into_iter().chain(specs).map(|arg| path_from_bytes(&arg).into_os_string());
            repository.git().output(args)?;
        }
        Ok(())
    }

    /// The paths as pathspecs, each ended by a NUL, for [`command`].
    pub fn pathspecs(&self) -> Vec<u8> {
        let specs = self.all.iter().map(|path| [pathspec(path).as_slice(), b"\0"].concat());
        specs.collect::<Vec<_>>().concat()
    }
}

/// Takes back what [`Paths::announce`] has told of these.
pub fn take_back(repository: &Repository, announced: &[RepoPath]) -> Result<()> {
    if announced.is_empty() {
        return Ok(());
    }
    let names = announced.iter().map(|path| [path.as_bytes(), b"\0"].concat());
    let names = names.collect::<Vec<_>>().concat();
    let args = ["update-index", "--force-remove", "-z", "--stdin"];
    repository.git().feed(args, names)?.success().map(drop)
}

fn pathspec(path: &RepoPath) -> Vec<u8> {
    [b":(top,literal)", path.as_bytes()].concat()
}

/// The commit, not yet started: of the paths that the file `pathspecs` lists, and of nothing else that is
/// staged. Unlike all other children of ours it runs the user's hooks.
pub fn command(repository: &Repository, message: &str, pathspecs: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .args(["commit", "--quiet", "--only"])
        .arg(format!("--message={message}"))
        .args(["--pathspec-file-nul", "--pathspec-from-file"])
        .arg(pathspecs)
        .current_dir(&repository.top);
    if std::env::var_os("GIT_DIR").is_some() {
        command.env("GIT_DIR", &repository.git_dir).env("GIT_WORK_TREE", &repository.top);
    }
    command
}
