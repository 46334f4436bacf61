//! The working trees of a repository.

use std::path::PathBuf;

use anyhow::Result;

use crate::git::command::Git;
use crate::git::repository::Repository;
use crate::os::platform::{bytes_of, place_from_bytes};

/// The top of each, the main one's first (git-worktree(1), "Porcelain Format"). One whose folder is gone may be
/// among them.
pub fn tops(git: &Git) -> Result<Vec<PathBuf>> {
    let listed = git.output(["worktree", "list", "--porcelain", "-z"])?;
    let fields = listed.split(|&byte| byte == 0);
    Ok(fields.filter_map(|field| field.strip_prefix(b"worktree ")).map(place_from_bytes).collect())
}

/// The repository as each of its working trees has it, as far as its own folder of ours is concerned.
pub fn repositories(repository: &Repository) -> Vec<Repository> {
    let main = Repository { git_dir: repository.common_dir.clone(), ..repository.clone() };
    let linked = std::fs::read_dir(repository.common_dir.join("worktrees"));
    let linked = linked.into_iter().flatten().filter_map(Result::ok).map(|entry| Repository {
        git_dir: entry.path(),
        worktree: Some(bytes_of(&entry.file_name())),
        ..repository.clone()
    });
    std::iter::once(main).chain(linked).collect()
}
