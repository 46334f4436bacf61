//! Which of some paths Git tracks: what it tracks is never ours to touch.

use std::collections::HashSet;

use anyhow::{Context, Result};

use super::command::Git;
use super::repository::Repository;
use crate::model::repo_path::RepoPath;

/// An index up to this size in bytes is read faster than a child is started.
const SMALL: u64 = 1 << 20;

/// Those of `paths` that are in the index. libgit2 reads a small index of an ordinary format; Git is
/// asked about every other one.
pub fn among(repository: &Repository, paths: &[RepoPath]) -> Result<HashSet<RepoPath>> {
    if paths.is_empty() {
        return Ok(HashSet::new());
    }
    if let Some(index) = small_index(repository) {
        let is_in = |path: &&RepoPath| index.get_path(&path.to_path_buf(), 0).is_some();
        return Ok(paths.iter().filter(is_in).cloned().collect());
    }
    ask(&repository.git(), paths)
}

/// The index, if libgit2 can read it. It refuses what it doesn't know (split and sparse indexes).
fn small_index(repository: &Repository) -> Option<git2::Index> {
    let file = match std::env::var_os("GIT_INDEX_FILE") {
        Some(file) => repository.top.join(file),
        None => repository.git_dir.join("index"),
    };
    let small = std::fs::metadata(&file).is_ok_and(|meta| meta.len() <= SMALL);
    small.then(|| git2::Index::open_ext(&file, repository.format.of_git2()).ok()).flatten()
}

fn ask(git: &Git, paths: &[RepoPath]) -> Result<HashSet<RepoPath>> {
    // The list is cut where an argument list would be.
    let mut found = HashSet::new();
    for some in paths.chunks(500) {
        let mut args: Vec<Vec<u8>> = vec![b"ls-files".to_vec(), b"-z".to_vec(), b"--".to_vec()];
        args.extend(some.iter().map(|path| [b":(top,literal)", path.as_bytes()].concat()));
        let args = args.iter().map(|arg| super::platform::path_from_bytes(arg).into_os_string());
        let names = git.output(args).context("what Git tracks can't be listed")?;
        let names = names.split(|&b| b == 0).filter(|name| !name.is_empty());
        found.extend(names.filter_map(|name| RepoPath::from_bytes(name.to_vec()).ok()));
    }
    Ok(found)
}
