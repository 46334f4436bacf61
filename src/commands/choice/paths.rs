//! Paths as they are typed: relative to where one is, made relative to the working tree's top.

use std::path::{Component, Path, PathBuf};

use anyhow::Result;

use crate::commands::Session;
use crate::exit_status::UsageError;
use crate::git::worktree::spelling;
use crate::model::names::repo_path::RepoPath;

/// A typed file. The top of the working tree is none.
pub fn file(session: &Session, typed: &Path) -> Result<RepoPath> {
    in_tree(session, typed)?.ok_or_else(|| {
        UsageError(format!("{}: this is the whole working tree: name a file", typed.display()))
            .into()
    })
}

/// A typed path relative to the top; `None` for the top itself. Outside it there is nothing of ours.
pub fn in_tree(session: &Session, typed: &Path) -> Result<Option<RepoPath>> {
    let top = &session.store.repository.top;
    let place = tidy(&session.cwd.join(typed));
    // Backups in a folder of ours have the same paths there.
    let backup = place.strip_prefix(session.store.backups.own_path()).ok().map(Path::to_owned);
    let Some(relative) = backup.or_else(|| spelling::below(top, &place)) else {
        let text = format!("{}: outside the working tree {}", typed.display(), top.display());
        return Err(UsageError(text).into());
    };
    if relative.as_os_str().is_empty() {
        return Ok(None);
    }
    let path = RepoPath::from_path(&relative);
    path.map(Some).map_err(|error| UsageError(format!("{}: {error}", typed.display())).into())
}

/// A path as the user would type it in the current folder; lossy where it isn't UTF-8.
pub fn from_here(session: &Session, path: &RepoPath) -> String {
    String::from_utf8_lossy(&path.seen_from(&session.here)).into_owned()
}

/// The path without `.` and `..`, read as text: a file that is gone has no other name.
fn tidy(path: &Path) -> PathBuf {
    let mut tidied = PathBuf::new();
    for step in path.components() {
        match step {
            Component::CurDir => {}
            Component::ParentDir => drop(tidied.pop()),
            other => tidied.push(other),
        }
    }
    tidied
}
