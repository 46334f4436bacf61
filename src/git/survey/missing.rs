//! The files that HEAD has and the working tree hasn't, or the index any more.

use anyhow::Result;

use crate::git::command::{Git, RunningGit};
use crate::model::names::repo_path::RepoPath;

/// Starts to look, beside other work.
pub fn start(git: &Git) -> Result<RunningGit> {
    let options = ["--name-only", "-z", "--diff-filter=D", "--no-renames", "--ignore-submodules"];
    git.start([&["diff-index"][..], &options, &["HEAD", "--"]].concat())
}

/// None before the first commit.
pub fn finish(run: RunningGit) -> Vec<RepoPath> {
    let found = run.finish().ok().filter(|found| found.status == Some(0));
    let names = found.map(|found| found.stdout).unwrap_or_default();
    let names = names.split(|&byte| byte == 0).filter(|name| !name.is_empty());
    names.filter_map(|name| RepoPath::from_bytes(name.to_vec()).ok()).collect()
}
