//! The vault: a Git tree under `refs/bak/vault` with every snapshot not yet expired.
//!
//! `<YYYYMMDD>/<HH>/<snapshot>/<path>`, where a snapshot is named by its minute and second (see
//! `SnapshotId`). A ref that names a tree is no commit: no log shows it, and `gc` and `fsck` treat it
//! as they treat any object that a ref keeps.
//!
//! - `read`: what is in it;
//! - `deposit`: putting a snapshot in;
//! - `update`: the one way to move the ref;
//! - `expiry`: taking old snapshots out;
//! - `health`: what is wrong with it, and putting it right;
//! - `forget`: taking versions out for good;
//! - `mending`: taking entries out whose object is gone;
//! - `packing`: packing what is loose before it is too much;
//! - `spare`: what to write again if a `gc` takes it;
//! - `state`: the lock and what writers tell each other;
//! - `superseded`: the trees that updates leave behind.

use std::path::PathBuf;

use anyhow::Result;

use crate::git::objects::{Objects, Oid};
use crate::git::refs::Refs;
use crate::git::repository::Repository;
use crate::model::at_risk::Mode;
use crate::model::repo_path::RepoPath;
use crate::os::private;

mod deposit;
mod expiry;
mod forget;
mod health;
mod mending;
mod packing;
mod read;
mod spare;
mod state;
mod superseded;
mod update;

pub use deposit::{A_DAY, Deposited};
pub use expiry::Expired;
pub use forget::TakenOut;
pub use health::Health;
pub use mending::Dangling;
pub use read::{Filed, Stored};

/// The hidden ref.
pub const REF: &str = "refs/bak/vault";

/// As many folders lie in one another at most: Git's own limit (`core.maxTreeDepth`), and all that a path of
/// 4096 bytes can have. What lies deeper nobody of ours has put there, and looking at it would take the
/// stack's end.
const DEEPEST: usize = 2048;

/// Whether what is in the folder `place` is left alone.
fn is_deepest(place: &[u8]) -> bool {
    place.len() > 2 * DEEPEST && place.iter().filter(|&&byte| byte == b'/').count() > DEEPEST
}

/// The two places that a path has in one snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// The snapshot's folder: the staged version, or the only one.
    Main,
    /// The folder beside it, with `-worktree` in its name: the working tree's version where both exist.
    Worktree,
}

/// One version of one file, to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whose version.
    pub path: RepoPath,
    /// Which of the two places.
    pub slot: Slot,
    /// The blob; it is in the object database.
    pub id: Oid,
    /// Its mode.
    pub mode: Mode,
}

/// Why the vault could not take or give anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Others held its lock for a second.
    Busy,
    /// The ref names something that is no tree.
    NotATree,
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Busy => "the vault is locked",
            Self::NotATree => "refs/bak/vault does not name a tree",
        })
    }
}

impl std::error::Error for Trouble {}

/// A repository's vault, seen from one of its working trees.
pub struct Vault {
    objects: Objects,
    refs: Refs,
    repository: Repository,
}

impl Vault {
    /// Opens the vault of `repository`; it need not exist yet.
    pub fn open(repository: &Repository) -> Result<Self> {
        private::share(repository.sharing);
        Ok(Self {
            objects: Objects::of(repository),
            refs: Refs::open(repository),
            repository: repository.clone(),
        })
    }

    /// The objects that it is made of.
    pub fn objects(&self) -> &Objects {
        &self.objects
    }

    /// The repository's refs.
    pub fn refs(&self) -> &Refs {
        &self.refs
    }

    /// The tree that the ref names; `None` before the first deposit, and when that tree is gone: a vault
    /// of which nothing can be read is begun anew.
    pub fn root(&self) -> Result<Option<Oid>> {
        self.readable(self.refs.read(REF)?)
    }

    fn readable(&self, root: Option<Oid>) -> Result<Option<Oid>> {
        if root.is_some_and(|id| self.objects.tree(id).is_ok()) {
            return Ok(root);
        }
        if root.is_some_and(|id| self.write_spare(id)) {
            return Ok(root);
        }
        match root.map(|id| self.objects.is_tree(id)) {
            Some(Ok(true)) => Ok(root),
            Some(Ok(false)) => Err(Trouble::NotATree.into()),
            Some(Err(_)) | None => Ok(None),
        }
    }

    fn bak_dir(&self) -> PathBuf {
        self.repository.shared_bak_dir()
    }

    fn own_worktree(&self) -> Option<&[u8]> {
        self.repository.worktree.as_deref()
    }
}
