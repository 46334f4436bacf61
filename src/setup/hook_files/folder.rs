//! Which folder Git takes hooks from, and whether it is ours to write to.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::git::config::hooks_path;
use crate::git::config::hooks_path::HooksPath;
use crate::git::repository::Repository;

/// The folder that Git takes hooks from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HooksFolder {
    /// In the Git directory: no other tool's files, and no file that Git tracks.
    Ours(PathBuf),
    /// A hook manager's, one with tracked files, or one that this repository's own settings or a link
    /// lead to: not written to. A line in each hook does for a shim.
    Managed(PathBuf),
    /// One that other repositories use too.
    Outside(HooksPath),
}

/// The folder where `core.hooksPath` is not set.
pub fn without_setting(repository: &Repository) -> HooksFolder {
    let folder = default(repository);
    // It may be a link, to a folder of tracked files say.
    match is_in_git_dir(&folder, repository) {
        true => HooksFolder::Ours(folder),
        false => HooksFolder::Managed(folder),
    }
}

pub fn find(repository: &Repository) -> Result<HooksFolder> {
    let Some(setting) = hooks_path::read(&repository.git())? else {
        return Ok(without_setting(repository));
    };
    let folder = repository.top.join(&setting.folder);
    if is_in_git_dir(&folder, repository) {
        return Ok(HooksFolder::Ours(folder));
    }
    // `.git/hooks` in a linked worktree, where `.git` is a file: Git runs no hook at all.
    let leads_nowhere = folder.ancestors().any(Path::is_file);
    let is_its_own = ["local", "worktree"].contains(&setting.scope.as_str())
        || real(&folder).starts_with(real(&repository.top));
    Ok(match is_its_own && !leads_nowhere {
        true => HooksFolder::Managed(hand_written(folder)),
        false => HooksFolder::Outside(setting),
    })
}

/// The folder that Git takes hooks from where no setting says otherwise.
pub fn default(repository: &Repository) -> PathBuf {
    repository.common_dir.join("hooks")
}

fn is_in_git_dir(folder: &Path, repository: &Repository) -> bool {
    let folder = real(folder);
    [&repository.common_dir, &repository.git_dir].iter().any(|dir| folder.starts_with(real(dir)))
}

/// husky generates the hooks in `.husky/_`; those that people edit are in the folder above.
fn hand_written(folder: PathBuf) -> PathBuf {
    let is_generated = folder.ends_with("_") && folder.join("h").is_file();
    match folder.parent() {
        Some(parent) if is_generated => parent.to_owned(),
        _ => folder,
    }
}

/// The path without links, as far as it exists.
fn real(path: &Path) -> PathBuf {
    let existing =
        path.ancestors().find_map(|part| Some((part, std::fs::canonicalize(part).ok()?)));
    match existing {
        Some((part, real)) => real.join(path.strip_prefix(part).unwrap_or(Path::new(""))),
        None => path.to_owned(),
    }
}
