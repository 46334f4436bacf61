//! Which of some paths Git tracks: what it tracks is never ours to touch.

use std::collections::HashSet;

use anyhow::{Context, Result};

use crate::git::command::Git;
use crate::git::repository::Repository;
use crate::model::names::repo_path::RepoPath;

/// Those of `paths` that are in the index, read in this process; Git is asked where it alone can read the index, or one
/// of them lies in what a sparse index has as one folder.
pub fn among(repository: &Repository, paths: &[RepoPath]) -> Result<HashSet<RepoPath>> {
    if paths.is_empty() {
        return Ok(HashSet::new());
    }
    match repository.index() {
        Ok(Some(index)) => {
            let is_in = |path: &RepoPath| index.contains(path.as_bytes());
            if paths.iter().any(|path| is_in(path).is_none()) {
                return ask(&repository.git(), paths);
            }
            Ok(paths.iter().filter(|path| is_in(path) == Some(true)).cloned().collect())
        }
        Ok(None) | Err(_) => ask(&repository.git(), paths),
    }
}

/// All files that Git tracks.
pub fn all(git: &Git) -> Result<Vec<RepoPath>> {
    Ok(listed(&git.output(["ls-files", "-z", "--deduplicate"])?))
}

/// The files that Git tracks and that aren't there.
pub fn deleted(git: &Git) -> Result<Vec<RepoPath>> {
    let names = git.output(["ls-files", "-d", "-z", "--deduplicate"])?;
    Ok(listed(&names))
}

fn listed(names: &[u8]) -> Vec<RepoPath> {
    let names = names.split(|&byte| byte == 0).filter(|name| !name.is_empty());
    names.filter_map(|name| RepoPath::from_bytes(name.to_vec()).ok()).collect()
}

fn ask(git: &Git, paths: &[RepoPath]) -> Result<HashSet<RepoPath>> {
    // The list is cut where an argument list would be.
    let mut found = HashSet::new();
    for some in paths.chunks(500) {
        let mut args: Vec<Vec<u8>> = vec![b"ls-files".to_vec(), b"-z".to_vec(), b"--".to_vec()];
        args.extend(some.iter().map(|path| [b":(top,literal)", path.as_bytes()].concat()));
        let args =
            args.iter().map(|arg| crate::os::platform::path_from_bytes(arg).into_os_string());
        let names = git.output(args).context("the tracked files can't be listed")?;
        found.extend(listed(&names));
    }
    Ok(found)
}
