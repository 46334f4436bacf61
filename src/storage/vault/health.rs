//! What is wrong with the vault, found without changing it, and putting it right.
//!
//! Our writers note the root that they leave. Where the ref is gone or can't be read, and that root is
//! still there, the vault can be had back whole: nothing but a `gc` takes the trees of a ref that is gone,
//! and none takes young ones.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::state::Locked;
use super::{Dangling, REF, Vault, is_deepest};
use crate::git::objects::{Objects, Oid};
use crate::git::refs::Swap;
use crate::model::now::Now;

/// How the vault is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// Nothing was ever put in, or all of it has expired.
    Empty,
    /// All that it names is there.
    Whole {
        /// How many snapshots.
        snapshots: usize,
        /// How many versions of files.
        versions: usize,
    },
    /// The ref is gone, or can't be read, or names what is not there; with the root that our last writer left,
    /// if that is still there.
    Lost(Option<String>),
    /// The ref names something that is no tree; with that root, likewise.
    NotATree(Option<String>),
    /// Entries whose object is gone.
    Dangling(Vec<Dangling>),
}

impl Vault {
    /// Looks at all of it: every object that it names is looked up on the disk.
    pub fn health(&self) -> Result<Health> {
        let left = self.left()?;
        let root = match self.refs.read(REF) {
            Ok(Some(root)) => root,
            Ok(None) if left.is_none() => return Ok(Health::Empty),
            Ok(None) | Err(_) => return Ok(Health::Lost(left.map(|id| id.to_string()))),
        };
        match self.objects.is_tree(root) {
            Err(_) => return Ok(Health::Lost(left.map(|id| id.to_string()))),
            Ok(false) => return Ok(Health::NotATree(left.map(|id| id.to_string()))),
            Ok(true) => {}
        }
        let mut look = Look { disk: self.objects.afresh(), missing: Vec::new(), versions: 0 };
        look.below(root, &mut Vec::new());
        if !look.missing.is_empty() {
            return Ok(Health::Dangling(look.missing));
        }
        let snapshots = self.snapshots(true)?.len();
        match snapshots {
            0 => Ok(Health::Empty),
            _ => Ok(Health::Whole { snapshots, versions: look.versions }),
        }
    }

    /// Drops every entry whose object is gone, and names them.
    pub fn mend_all(&self, now: &Now) -> Result<Vec<Dangling>> {
        let mut lock = Locked::take(&self.bak_dir())?;
        let dropped = self.mend(&mut lock, now, true)?;
        lock.save();
        Ok(dropped)
    }

    /// Lets the ref, which is gone or can't be read, name the root that our last writer left, or makes way for
    /// a vault begun anew; whether there was such a root.
    pub fn recover(&self) -> Result<bool> {
        let lock = Locked::take(&self.bak_dir())?;
        let left = self.readable(self.objects.parse(lock.left()).ok())?;
        self.put_aside_broken_ref()?;
        let Some(left) = left else { return Ok(false) };
        match self.refs.swap(REF, self.refs.read(REF)?, left)? {
            Swap::Done => Ok(true),
            Swap::Changed | Swap::Locked => bail!("the vault is locked"),
        }
    }

    /// Removes a lock on the ref that was left behind; the file, if there was one.
    pub fn unlock(&self) -> Result<Option<PathBuf>> {
        // Ours, so that none of our processes is about to make one.
        let _lock = Locked::take(&self.bak_dir())?;
        let stale = self.stale_lock();
        self.remove_stale_lock();
        Ok(stale)
    }

    /// The root that our last writer left, if that is there.
    fn left(&self) -> Result<Option<Oid>> {
        if !self.bak_dir().is_dir() {
            return Ok(None);
        }
        let lock = Locked::take(&self.bak_dir())?;
        self.readable(self.objects.parse(lock.left()).ok())
    }

    /// A ref's file that makes no sense would keep everybody from writing it.
    fn put_aside_broken_ref(&self) -> Result<()> {
        if self.refs.read(REF).is_ok() {
            return Ok(());
        }
        let file = self.repository.common_dir.join(REF);
        let aside = self.bak_dir().join("vault.broken-ref");
        std::fs::rename(&file, aside).with_context(|| format!("{}", file.display()))
    }
}

/// One look through the vault.
struct Look {
    /// The objects as the disk has them now.
    disk: Objects,
    missing: Vec<Dangling>,
    versions: usize,
}

impl Look {
    fn below(&mut self, tree: Oid, place: &mut Vec<u8>) {
        if is_deepest(place) {
            return;
        }
        let Ok(entries) = self.disk.tree(tree) else {
            self.missing.push(Dangling { place: place.clone() });
            return;
        };
        for entry in entries {
            let length = place.len();
            if length > 0 {
                place.push(b'/');
            }
            place.extend_from_slice(&entry.name);
            if entry.is_tree() {
                self.below(entry.id, place);
            } else if entry.is_file() {
                self.versions += 1;
                if self.disk.lacks(entry.id) {
                    self.missing.push(Dangling { place: place.clone() });
                }
            }
            place.truncate(length);
        }
    }
}
