//! The vault: every version not yet expired, in a place of git-bak's own that no `gc`, `prune`, mirror or
//! bundle of the user's sees.
//!
//! - `bak/new/`: the loose blobs that hooks put in. The vault borrows them (`objects/info/alternates`), so that every
//!   Git reads them there, and none may remove one;
//! - `bak/vault.git`: an ordinary bare repository, in which the fold makes a branch for each day of the
//!   record and packs it.
//!
//! What is in here is known by the record: an object that no line names is not a version.
//!
//! - `keep`: putting a blob in;
//! - `bare`: making the repository;
//! - `git`: the one way in which Git is started in it;
//! - `fold`: commits and packs from the record, in the order that loses nothing; `lock`, `making`, `days`, `stream`,
//!   `names`, `present`, `commits` and `gone` say what a day is made of, `packs`, `emptying` and `remains` what may leave
//!   `new/`, `expiry` and `limit` which versions go;
//! - `forget`: versions destroyed for good, and `strip` what lines say of them;
//! - `health`, `mend` and `damaged`: what is wrong with it, and putting that right;
//! - `states`: files as commits in a repository that is thrown away, for Git to compare;
//! - `remote`: a copy of it in another place, and what others have there;
//! - `due`: when a fold is called for, and how it is started on its own.

use std::path::PathBuf;

use anyhow::{Result, anyhow};

use crate::git::objects::{Objects, Oid};
use crate::git::repository::Repository;

pub mod bare;
mod commits;
mod damaged;
mod days;
pub mod due;
mod emptying;
mod expiry;
pub mod fold;
pub mod forget;
pub mod git;
mod gone;
pub mod health;
mod keep;
mod limit;
mod lock;
mod making;
pub mod mend;
mod names;
mod packs;
mod present;
mod remains;
pub mod remote;
pub mod states;
mod stream;
mod strip;
#[cfg(all(test, unix))]
mod tests;

pub use days::{LeftOut, Why};

/// `objects/info/alternates`: the vault borrows what hooks put in.
const BORROWED: &str = "../../new\n";

/// What is bigger than this is not read into memory, in bytes.
const BIG: u64 = 64 << 20;

pub struct Vault {
    bak: PathBuf,
    repository: Repository,
    new: Objects,
    /// What is packed; all of it where the fold was.
    folded: Objects,
}

impl Vault {
    /// The vault of `repository`; it need not exist yet. Makes nothing.
    pub fn of(repository: &Repository) -> Self {
        let bak = repository.shared_bak_dir();
        Self {
            new: Objects::in_dir(repository, bak.join("new")),
            folded: Objects::in_packs_of(repository, bak.join("vault.git").join("objects")),
            repository: repository.clone(),
            bak,
        }
    }

    /// `bak/vault.git`.
    pub fn git_dir(&self) -> PathBuf {
        self.bak.join("vault.git")
    }

    /// `bak/new`.
    pub fn new_dir(&self) -> PathBuf {
        self.bak.join("new")
    }

    /// A blob's bytes, which are proven to be those that its id names.
    pub fn read(&self, id: Oid) -> Result<Vec<u8>> {
        let read = match self.new.is_loose(id) {
            true => self.new.read_blob(id).or_else(|_| self.folded.read_blob(id)),
            false => self.folded.read_blob(id),
        };
        // Its id was looked at by who has read it.
        read.map_err(|_| anyhow!("the vault can't give {id}"))
    }

    /// Whether the vault gives all of a blob, of so many bytes. A big one is not read
    /// into memory: its size is believed, and Git's own proof when it is packed.
    pub fn proves(&self, id: Oid, size: u64) -> bool {
        match size <= BIG {
            true => self.read(id).is_ok(),
            false => self.size(id).is_ok_and(|found| found == size),
        }
    }

    /// How many bytes a blob has.
    pub fn size(&self, id: Oid) -> Result<u64> {
        let size = if self.new.is_loose(id) { self.new.blob_size(id) } else { Err(anyhow!("")) };
        size.or_else(|_| self.folded.blob_size(id))
    }

    /// Whether the header of the blob can be read from the disk as it is now.
    pub fn has(&self, id: Oid) -> bool {
        self.size(id).is_ok()
    }

    /// The same vault, which reads what these objects are, too: those that it has are among them.
    pub fn reading(self, objects: PathBuf) -> Self {
        Self { folded: Objects::in_dir(&self.repository, objects), ..self }
    }

    /// The same vault with nothing remembered of packs that a fold may have replaced.
    pub fn afresh(&self) -> Self {
        Self::of(&self.repository)
    }
}
