//! What history holds: the files a commit changed, and the parents that a merge is about to join.

use std::path::Path;

use anyhow::Result;

use super::objects::{Objects, Oid, TreeEntry};
use crate::model::names::repo_path::RepoPath;

/// A path that a commit changed, with the blobs there before and after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedPath {
    pub path: RepoPath,
    pub old: Option<Oid>,
    pub new: Option<Oid>,
}

/// What the commit `id` changed against its first parent (all that it has, in a first commit), and its parents.
pub fn changes(objects: &Objects, id: Oid) -> Result<(Vec<ChangedPath>, Vec<Oid>)> {
    let (tree, parents) = objects.commit(id)?;
    let before = match parents.first() {
        Some(parent) => Some(objects.commit(*parent)?.0),
        None => None,
    };
    let mut changes = Vec::new();
    compare(objects, before, Some(tree), &mut Vec::new(), &mut changes)?;
    Ok((changes, parents))
}

/// The paths that a commit changed. Deleted ones count: their backups have nothing left to protect.
pub fn changed_paths(objects: &Objects, id: Oid) -> Result<Vec<RepoPath>> {
    Ok(changes(objects, id)?.0.into_iter().map(|change| change.path).collect())
}

/// The paths in which an amended commit differs from the one that it replaced, if it is such a one: what was taken out
/// of that again doesn't differ from its parent's.
pub fn amended_paths(objects: &Objects, id: Oid, head: Oid) -> Result<Vec<RepoPath>> {
    let ((tree, parents), (before, others)) = (objects.commit(id)?, objects.commit(head)?);
    let mut changes = Vec::new();
    if parents == others {
        compare(objects, Some(before), Some(tree), &mut Vec::new(), &mut changes)?;
    }
    Ok(changes.into_iter().map(|change| change.path).collect())
}

/// Walks only where the two trees differ.
fn compare(
    objects: &Objects,
    old: Option<Oid>,
    new: Option<Oid>,
    prefix: &mut Vec<u8>,
    found: &mut Vec<ChangedPath>,
) -> Result<()> {
    if old == new {
        return Ok(());
    }
    let old = old.map(|id| objects.tree(id)).transpose()?.unwrap_or_default();
    let new = new.map(|id| objects.tree(id)).transpose()?.unwrap_or_default();
    // Most often all is the same before one entry, and behind it.
    let start = old.iter().zip(&*new).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[start..], &new[start..]);
    let end = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[..old.len() - end], &new[..new.len() - end]);
    let names: std::collections::BTreeSet<&[u8]> =
        old.iter().chain(new).map(|entry| entry.name.as_slice()).collect();
    // The mode counts, too.
    let by_name = |entries: &[TreeEntry]| -> std::collections::HashMap<Vec<u8>, (i32, bool, Oid)> {
        entries.iter().map(|e| (e.name.clone(), (e.mode, e.is_tree(), e.id))).collect()
    };
    let (old, new) = (by_name(old), by_name(new));
    for name in names {
        let (a, b) = (old.get(name), new.get(name));
        if a == b {
            continue;
        }
        let length = prefix.len();
        prefix.extend_from_slice(name);
        let file = |side: Option<&(i32, bool, Oid)>| {
            side.filter(|(_, is_tree, _)| !*is_tree).map(|side| side.2)
        };
        let (old, new) = (file(a), file(b));
        if (old.is_some() || new.is_some())
            && let Ok(path) = RepoPath::from_bytes(prefix.clone())
        {
            found.push(ChangedPath { path, old, new });
        }
        let tree = |side: Option<&(i32, bool, Oid)>| {
            side.filter(|(_, is_tree, _)| *is_tree).map(|side| side.2)
        };
        if tree(a).is_some() || tree(b).is_some() {
            prefix.push(b'/');
            compare(objects, tree(a), tree(b), prefix, found)?;
        }
        prefix.truncate(length);
    }
    Ok(())
}

/// The trees of the commits that a merge under way joins to HEAD; empty without one. A merge that waits
/// for its commit has them in `MERGE_HEAD`, one that runs hooks itself in the environment.
pub fn merge_trees(objects: &Objects, git_dir: &Path) -> Vec<Oid> {
    let text = std::fs::read_to_string(git_dir.join("MERGE_HEAD")).unwrap_or_default();
    let waiting = text.lines().map(|line| line.trim().to_owned());
    waiting
        .chain(heads_of_running_merge())
        .filter_map(|line| objects.parse(&line).ok())
        .filter_map(|id| objects.commit(id).ok())
        .map(|(tree, _)| tree)
        .collect()
}

/// What `git merge` tells its children: a variable `GITHEAD_<id>` for each head. Its pre-merge-commit hook
/// often is the pre-commit hook (Git's own sample has it so), and no post-commit follows.
pub fn heads_of_running_merge() -> impl Iterator<Item = String> {
    let names = std::env::vars_os().filter_map(|(key, _)| key.into_string().ok());
    names.filter_map(|key| key.strip_prefix("GITHEAD_").map(str::to_owned))
}
