//! Trees and commits: read, kept, written, and written once more.

use std::collections::HashSet;

#[cfg(unix)]
use anyhow::Context;
use anyhow::Result;
use git2::{ObjectType, Oid};

use super::{Objects, TreeEntry};
use crate::git::object_body;
use crate::model::repo_path::RepoPath;

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
        let entries = object_body::tree(&body, self.format)?;
        let mut read = self.read.borrow_mut();
        if read.len() < MOST_TREES {
            read.insert(id, entries.clone());
        }
        Ok(entries)
    }

    /// Stores a tree of these entries, without those whose names Git forbids: whoever can write a ref can
    /// have put such names into an old tree, and they must not keep the others from being kept.
    pub fn write_tree(&self, entries: impl IntoIterator<Item = TreeEntry>) -> Result<Oid> {
        let entries: Vec<TreeEntry> = entries.into_iter().collect();
        let id = self.shared(self.store_tree(&object_body::of_tree(&entries))?);
        self.trees.borrow_mut().push((id, entries));
        Ok(id)
    }

    /// Stores a tree of this content.
    pub fn write_tree_of(&self, body: &[u8]) -> Result<Oid> {
        self.write_tree(object_body::tree(body, self.format)?)
    }

    /// The content of those of the trees `ids` that were written through this, in the order in which they were.
    pub fn written(&self, ids: &[Oid]) -> Vec<(Oid, Vec<u8>)> {
        let ids: HashSet<&Oid> = ids.iter().collect();
        let trees = self.trees.borrow();
        let written = trees.iter().filter(|(id, _)| ids.contains(id));
        written.map(|(id, entries)| (*id, object_body::of_tree(entries))).collect()
    }

    #[cfg(unix)]
    fn store_tree(&self, body: &[u8]) -> Result<Oid> {
        let id = Oid::hash_object_ext(ObjectType::Tree, body, self.format.of_git2())?;
        crate::git::loose::write_tree(&self.loose(id), body)
            .with_context(|| format!("{} can't be written to", self.dir.display()))?;
        Ok(id)
    }

    #[cfg(not(unix))]
    fn store_tree(&self, body: &[u8]) -> Result<Oid> {
        Ok(self.odb()?.write(ObjectType::Tree, body)?)
    }

    /// Writes those of the trees `ids` once more that were written before, with a database opened afresh:
    /// it must not believe in what a `gc` has taken.
    pub fn write_trees_again(&self, ids: &[Oid]) -> Result<()> {
        let afresh = self.afresh();
        for (_, entries) in self.trees.borrow().iter().filter(|(id, _)| ids.contains(id)) {
            afresh.write_tree(entries.iter().cloned())?;
        }
        Ok(())
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
        object_body::commit(&body, self.format)
    }
}
