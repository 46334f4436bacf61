//! The state of a submodule, or another repository inside the working tree: only to tell whether it changes.

use std::path::Path;

use anyhow::Result;

use super::scratch_worktree::LOCAL_ENV;
use crate::git::command::Git;
use crate::os::platform::{bytes_of, path_from_bytes};

/// What is nested deeper than this is not looked into.
const DEEPEST: usize = 8;

/// Its branch, commit, stash, what differs from that, and the stat data of each such file; empty where there is none.
pub fn standing(top: &Path) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    look(top, DEEPEST, &mut text)?;
    Ok(text)
}

fn look(top: &Path, depth: usize, text: &mut Vec<u8>) -> Result<()> {
    if depth == 0 || top.join(".git").symlink_metadata().is_err() {
        return Ok(());
    }
    let git = Git::new(top)
        .without_env(&LOCAL_ENV)
        .with_env("GIT_CEILING_DIRECTORIES", top.parent().unwrap_or(top));
    let args = [
        "-c",
        "core.fsmonitor=false",
        "status",
        "--porcelain=v2",
        "--branch",
        "--show-stash",
        "-z",
        "--no-renames",
        "--untracked-files=all",
        "--ignore-submodules=none",
    ];
    // One that Git can't read stands for itself.
    let found = git.output(args).unwrap_or_default();
    for record in found.split(|&byte| byte == 0) {
        text.extend_from_slice(record);
        let fields = match record.first() {
            Some(b'?') => 2,
            Some(b'1') => 9,
            Some(b'u') => 11,
            _ => continue,
        };
        let path = record.splitn(fields, |&byte| byte == b' ').nth(fields - 1).unwrap_or_default();
        let path = top.join(path_from_bytes(path));
        if let Ok(meta) = path.symlink_metadata() {
            let modified = meta.modified().ok();
            text.extend(
                format!("{:?} {:?} {:?}", meta.len(), modified, changed(&meta)).into_bytes(),
            );
            if meta.is_dir() {
                look(&path, depth - 1, text)?;
            }
        }
    }
    text.extend(bytes_of(top.as_os_str()));
    Ok(())
}

#[cfg(unix)]
fn changed(meta: &std::fs::Metadata) -> (i64, i64, u64) {
    use std::os::unix::fs::MetadataExt;
    (meta.ctime(), meta.ctime_nsec(), meta.ino())
}

#[cfg(not(unix))]
fn changed(_: &std::fs::Metadata) {}
