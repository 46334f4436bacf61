//! Where the user's own objects still have a content that the user wants gone. Nothing there is ours to
//! remove.

use std::path::PathBuf;

use anyhow::Result;

use super::command::Git;
use super::objects::{Objects, Oid};
use super::repository::Repository;
use crate::git::worktree::worktrees;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whereabouts {
    Index,
    /// It is staged in another working tree.
    IndexOf(PathBuf),
    /// A commit, a stash or a reflog has it.
    History,
    /// Nothing that is looked at names it: Git removes it some day.
    Unnamed,
}

/// What keeps the object `id`; `None` if the user's objects don't have it.
pub fn of(repository: &Repository, objects: &Objects, id: Oid) -> Result<Option<Whereabouts>> {
    if !objects.afresh().has(id) {
        return Ok(None);
    }
    let (git, hex) = (repository.git(), id.to_string());
    if is_staged(&git, &hex)? {
        return Ok(Some(Whereabouts::Index));
    }
    for top in worktrees::tops(&git)?.into_iter().filter(|top| *top != repository.top) {
        // One that is gone has nothing staged.
        if is_staged(&Git::new(&top), &hex).unwrap_or(false) {
            return Ok(Some(Whereabouts::IndexOf(top)));
        }
    }
    let find = format!("--find-object={hex}");
    let args =
        ["log", "--all", "--reflog", "--no-renames", "-m", "-t", "--format=%H", "-n1", &find];
    let found = git.output(args)?;
    Ok(Some(match found.is_empty() {
        true => Whereabouts::Unnamed,
        false => Whereabouts::History,
    }))
}

fn is_staged(git: &Git, hex: &str) -> Result<bool> {
    let staged = git.output(["ls-files", "--stage"])?;
    Ok(String::from_utf8_lossy(&staged).contains(hex))
}
