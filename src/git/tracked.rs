//! Which of some paths Git tracks: what it tracks is never ours to touch.

use std::collections::HashSet;

use anyhow::{Result, bail};

use super::command::Git;
use crate::model::repo_path::RepoPath;

/// Those of `paths` that are in the index. Asks Git, whatever the index's format.
pub fn among(git: &Git, paths: &[RepoPath]) -> Result<HashSet<RepoPath>> {
    if paths.is_empty() {
        return Ok(HashSet::new());
    }
    // Through a file of pathspecs there is no limit to their number; ls-files has none, so the list is
    // cut where an argument list would be.
    let mut found = HashSet::new();
    for some in paths.chunks(500) {
        let mut args: Vec<Vec<u8>> = vec![b"ls-files".to_vec(), b"-z".to_vec(), b"--".to_vec()];
        args.extend(some.iter().map(|path| [b":(top,literal)", path.as_bytes()].concat()));
        let args = args.iter().map(|arg| super::platform::path_from_bytes(arg).into_os_string());
        let answer = git.start(args)?.finish()?;
        if answer.status != Some(0) {
            bail!("what Git tracks can't be listed: {}", answer.reason());
        }
        let names = answer.stdout.split(|&b| b == 0).filter(|name| !name.is_empty());
        found.extend(names.filter_map(|name| RepoPath::from_bytes(name.to_vec()).ok()));
    }
    Ok(found)
}
