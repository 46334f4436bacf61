//! A linked worktree for a while: with a detached HEAD and an index of its own, so that whatever is done
//! in it, a commit too, changes nothing of the real one.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::git::command::Git;
use crate::git::repository::Repository;

/// What leads Git's programs to another repository than that of the folder they run in: what `git
/// rev-parse --local-env-vars` lists, without the settings.
pub const LOCAL_ENV: [&str; 13] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
];

/// The linked worktree. Dropping it takes it away.
#[derive(Debug)]
pub struct ScratchWorktree {
    git: Git,
    pub path: PathBuf,
}

impl ScratchWorktree {
    /// Makes one at `path` with HEAD and the index of `repository`, and no files.
    pub fn add(repository: &Repository, path: PathBuf) -> Result<Self> {
        let git = repository.git();
        let commit = match git.output(["rev-parse", "--quiet", "--verify", "HEAD^{commit}"]) {
            Ok(commit) => commit,
            Err(_) => commit_of_nothing(&git)?,
        };
        let commit = String::from_utf8_lossy(&commit).trim().to_owned();
        let mut args: Vec<OsString> =
            ["worktree", "add", "--quiet", "--detach", "--no-checkout"].map(Into::into).into();
        args.extend([path.clone().into_os_string(), commit.into()]);
        // From here on there is something to take away.
        let made = Self { git, path };
        made.git.output(args).context("no scratch worktree could be made")?;
        let index = made.git.output(["ls-files", "--stage", "-z"])?;
        let own = Git::new(&made.path).without_env(&LOCAL_ENV);
        own.feed(["update-index", "-z", "--index-info"], index)?.success()?;
        Ok(made)
    }

    /// Lets its index know the files as they are now.
    pub fn refresh(&self) {
        let own = Git::new(&self.path).without_env(&LOCAL_ENV);
        // It says with its status that some file differs.
        let _ = own.output(["update-index", "-q", "--refresh"]);
    }

    /// Removes what a process that died has left at `path`.
    pub fn remove_left(repository: &Repository, path: &Path) {
        remove(&repository.git(), path);
    }
}

impl Drop for ScratchWorktree {
    fn drop(&mut self) {
        remove(&self.git, &self.path);
    }
}

fn remove(git: &Git, path: &Path) {
    let mut args: Vec<OsString> =
        ["worktree", "remove", "--force", "--force"].map(Into::into).into();
    args.push(path.into());
    let _ = git.output(args);
}

/// An empty commit that no ref names, for a repository that has none yet.
fn commit_of_nothing(git: &Git) -> Result<Vec<u8>> {
    let tree = git.feed(["mktree"], Vec::new())?.success()?;
    let tree = String::from_utf8_lossy(&tree).trim().to_owned();
    let mut git = git.clone();
    for key in ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"]
    {
        git = git.with_env(key, "git-bak");
    }
    git.output(["commit-tree", "-m", "nothing yet", &tree])
}
