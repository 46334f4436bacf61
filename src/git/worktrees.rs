//! The working trees of a repository.

use std::path::PathBuf;

use anyhow::Result;

use super::command::Git;
use crate::os::platform::place_from_bytes;

/// The top of each, the main one's first (git-worktree(1), "Porcelain Format"). One whose folder is gone may be
/// among them.
pub fn tops(git: &Git) -> Result<Vec<PathBuf>> {
    let listed = git.output(["worktree", "list", "--porcelain", "-z"])?;
    let fields = listed.split(|&byte| byte == 0);
    Ok(fields.filter_map(|field| field.strip_prefix(b"worktree ")).map(place_from_bytes).collect())
}
