//! Trees and commits: read, kept, written, and written once more.

use anyhow::Result;
use git2::{ObjectType, Oid};

use super::{Objects, TreeEntry};
use crate::git::objects::body;
use crate::model::names::repo_path::RepoPath;

/// How many trees are kept in memory.
const MOST_TREES: usize = 64;

impl Objects {
    /// A tree's entries, in its own order. Those of the first few are kept: several steps read the same.
    pub fn tree(&self, id: Oid) -> Result<Vec<TreeEntry>> {
        if let Some(entries) = self.read.borrow().get(&id) {
            return Ok(entries.clone());
        }
        let body = match self.small(id, "tree") {
            Some(body) => body,
            None => self.body(id, ObjectType::Tree)?,
        };
        let entries = body::tree(&body, self.format)?;
        let mut read = self.read.borrow_mut();
        if read.len() < MOST_TREES {
            read.insert(id, entries.clone());
        }
        Ok(entries)
    }

    /// What stands at `path` in the tree `root`.
    pub fn lookup(&self, root: Oid, path: &RepoPath) -> Result<Option<TreeEntry>> {
        let named = |tree, name: &[u8]| -> Result<Option<TreeEntry>> {
            Ok(self.tree(tree)?.into_iter().find(|entry| entry.name == name))
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
        let body = match self.small(id, "commit") {
            Some(body) => body,
            None => self.body(id, ObjectType::Commit)?,
        };
        body::commit(&body, self.format)
    }
}
