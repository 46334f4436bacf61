//! Trees and commits: read, kept, written, and written once more.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Result;
use git2::{ObjectType, Oid};

use super::{Objects, TreeEntry};
use crate::git::objects::body;
use crate::model::names::repo_path::RepoPath;

/// How many entries of trees, and how many commits, are kept in memory.
const MOST: usize = 50_000;

/// What was read of trees and commits: several steps read the same, and one commit has most of its parent's.
#[derive(Debug, Default)]
pub(super) struct ReadTrees {
    trees: HashMap<Oid, Arc<[TreeEntry]>>,
    entries: usize,
    commits: HashMap<Oid, (Oid, Vec<Oid>)>,
}

impl Objects {
    /// A tree's entries, in its own order.
    pub fn tree(&self, id: Oid) -> Result<Arc<[TreeEntry]>> {
        if let Some(entries) = self.read.borrow().trees.get(&id) {
            return Ok(entries.clone());
        }
        let body = match self.small(id, "tree") {
            Some(body) => body,
            None => self.body(id, ObjectType::Tree)?,
        };
        let entries: Arc<[TreeEntry]> = body::tree(&body, self.format)?.into();
        let mut read = self.read.borrow_mut();
        read.entries += entries.len();
        if read.entries > MOST {
            (read.trees, read.entries) = (HashMap::new(), entries.len());
        }
        read.trees.insert(id, entries.clone());
        Ok(entries)
    }

    /// What stands at `path` in the tree `root`.
    pub fn lookup(&self, root: Oid, path: &RepoPath) -> Result<Option<TreeEntry>> {
        let named = |tree, name: &[u8]| -> Result<Option<TreeEntry>> {
            Ok(self.tree(tree)?.iter().find(|entry| entry.name == name).cloned())
        };
        let mut folder = root;
        for step in path.parent_components() {
            match named(folder, step)?.filter(TreeEntry::is_tree) {
                Some(entry) => folder = entry.id,
                None => return Ok(None),
            }
        }
        named(folder, path.file_name())
    }

    /// Whether the object is a tree; an error if it can't be read.
    pub fn is_tree(&self, id: Oid) -> Result<bool> {
        Ok(self.header(id)?.0 == ObjectType::Tree)
    }

    /// A commit's tree and its parents.
    pub fn commit(&self, id: Oid) -> Result<(Oid, Vec<Oid>)> {
        if let Some(known) = self.read.borrow().commits.get(&id) {
            return Ok(known.clone());
        }
        let body = match self.small(id, "commit") {
            Some(body) => body,
            None => self.body(id, ObjectType::Commit)?,
        };
        let commit = body::commit(&body, self.format)?;
        let mut read = self.read.borrow_mut();
        if read.commits.len() > MOST {
            read.commits.clear();
        }
        read.commits.insert(id, commit.clone());
        Ok(commit)
    }
}
