//! The working tree's form of what is staged: as `git checkout` would write it, through line-end
//! conversion, `ident`, `working-tree-encoding`, LFS and every other filter.
//!
//! One `git checkout-index --temp`-like child writes all of them below a private folder. Only it gets
//! filters right everywhere, and it reads the very index that is being committed.

use std::path::Path;

use anyhow::Result;

use crate::git::command::Git;
use crate::model::names::repo_path::RepoPath;

/// Writes the staged versions of `paths` below `folder`, each under its own path. Returns what Git said
/// if it could not write them all: those that are missing then have no working-tree form.
pub fn write(git: &Git, folder: &Path, paths: &[&RepoPath]) -> Result<Option<String>> {
    let mut prefix = folder.as_os_str().to_owned();
    prefix.push("/");
    let mut option = std::ffi::OsString::from("--prefix=");
    option.push(prefix);
    // What a sparse checkout leaves out of the working tree may be staged all the same.
    let args =
        ["checkout-index", "--quiet", "--force", "--ignore-skip-worktree-bits", "-z", "--stdin"];
    let args = args.map(Into::into);
    let input = paths.iter().flat_map(|path| [path.as_bytes(), b"\0"].concat()).collect();
    let finished = git.feed(args.into_iter().chain([option]), input)?;
    Ok((finished.status != Some(0)).then(|| finished.reason()))
}
