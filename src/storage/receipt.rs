//! Receipts: the only way to unlink a backup.
//!
//! A [`Receipt`] is proof that Git holds the very bytes that are in a backup file. Its fields are
//! private and it is made here alone, so deleting without proof does not compile:
//!
//! ```compile_fail,E0599
//! fn careless(backup: git_bak::storage::backups::BackupFile) {
//!     backup.unlink().unwrap();
//! }
//! ```
//!
//! ```compile_fail,E0451
//! fn forged(backup: git_bak::storage::backups::BackupFile) -> git_bak::storage::receipt::Receipt {
//!     git_bak::storage::receipt::Receipt { backup }
//! }
//! ```
//!
//! ```compile_fail,E0624
//! fn behind_its_back(folder: git_bak::os::folder::Folder) {
//!     folder.unlink(b"a.txt.bak.20251106_201045.abc12345").unwrap();
//! }
//! ```
//!
//! ```
//! fn careful(receipt: git_bak::storage::receipt::Receipt) {
//!     receipt.unlink().unwrap();
//! }
//! ```
//!
//! Order of a proof, and why it is safe:
//! 1. the file is read and hashed, whatever its name claims;
//! 2. the vault (or HEAD) names that very blob for that very path, or the bytes are deposited now;
//! 3. the object's header is read from the disk as it is now: a ref may name what a `gc` took;
//! 4. unlinking looks whether the file is still the one that was hashed, and leaves it if not.
//!
//! Whoever dies between any two of these leaves the file where it was.

use std::collections::HashMap;
use std::io;

use anyhow::{Error, Result, anyhow};

use super::Store;
use super::backups::{BackupFile, SMALL};
use crate::git::objects::Oid;
use crate::model::at_risk::Mode;
use crate::model::now;
use crate::model::repo_path::RepoPath;
use crate::storage::vault::{Entry, Slot};

/// Somebody has said that backups are to be destroyed, whether anybody holds their bytes or not.
#[derive(Debug)]
pub struct Consent(());

impl Consent {
    /// The user has: nobody else can.
    pub fn of_user() -> Self {
        Self(())
    }
}

/// Proof that a backup's bytes are held.
#[derive(Debug)]
pub struct Receipt {
    backup: BackupFile,
}

impl Receipt {
    /// Where the backup is.
    pub fn location(&self) -> RepoPath {
        self.backup.location()
    }

    /// Instead of a proof, the word of who wants it gone.
    pub fn by_consent(backup: BackupFile, _: &Consent) -> Self {
        Self { backup }
    }

    /// Unlinks the backup that was proven to be held; an error if it is no longer the same file.
    pub fn unlink(self) -> io::Result<BackupFile> {
        let name = self.backup.name.to_bytes();
        if self.backup.folder().stat(&name)? != Some(self.backup.stat) {
            return Err(io::Error::other("it changed just now"));
        }
        self.backup.folder().unlink(&name)?;
        Ok(self.backup)
    }
}

/// What came of asking for receipts.
#[derive(Debug, Default)]
pub struct Proofs {
    /// The backups that may be unlinked.
    pub receipts: Vec<Receipt>,
    /// Those that may not, each with the reason.
    pub unproven: Vec<(BackupFile, Error)>,
}

struct Hashed {
    backup: BackupFile,
    id: Oid,
}

/// Proves, as far as it can be proven, that `backups` are held. What Git lacks is deposited first.
/// Without a vault (`bak.vault=false`) nothing is asked: that is what the setting means.
pub fn prove(store: &Store, backups: Vec<BackupFile>) -> Proofs {
    let mut proofs = Proofs::default();
    if !store.settings.vault {
        proofs.receipts = backups.into_iter().map(|backup| Receipt { backup }).collect();
        return proofs;
    }
    let mut hashed = Vec::new();
    for mut backup in backups {
        match backup.hash(store.vault.objects()) {
            Ok((id, stat)) => {
                backup.stat = stat;
                hashed.push(Hashed { backup, id });
            }
            Err(error) => proofs.unproven.push((backup, error)),
        }
    }
    let (named, mut lacking): (Vec<Hashed>, Vec<Hashed>) =
        hashed.into_iter().partition(|backup| is_held(store, backup).unwrap_or(false));
    match missing(store, &named) {
        Ok(missing) => {
            let (held, gone) = named.into_iter().partition(|it| !missing.contains(&it.id));
            proofs.settle(held, None);
            // Named, but a `gc` took the object: the file has the bytes still.
            let gone: Vec<Hashed> = gone;
            lacking.extend(gone);
        }
        Err(error) => proofs.settle(named, Some(&error)),
    }
    let deposited = deposit(store, &lacking);
    proofs.settle(lacking, deposited.err().as_ref());
    proofs
}

impl Proofs {
    fn settle(&mut self, hashed: Vec<Hashed>, why_not: Option<&Error>) {
        for Hashed { backup, .. } in hashed {
            match why_not {
                None => self.receipts.push(Receipt { backup }),
                Some(error) => self.unproven.push((backup, anyhow!("{error:#}"))),
            }
        }
    }
}

/// Whether the vault names these bytes for this path, or HEAD does.
fn is_held(store: &Store, hashed: &Hashed) -> Result<bool> {
    holds(store, &hashed.backup, hashed.id)
}

/// Whether the vault or HEAD names the bytes `id` for the path of `backup`.
pub fn holds(store: &Store, backup: &BackupFile, id: Oid) -> Result<bool> {
    let path = &backup.path;
    // A vault that can't be read names nothing; HEAD may.
    if store.vault.names(path, id, backup.name.time).unwrap_or(false) {
        return Ok(true);
    }
    let Some(head) = store.vault.refs().head()? else { return Ok(false) };
    let (tree, _) = store.vault.objects().commit(head)?;
    Ok(store.vault.objects().lookup(tree, path)?.is_some_and(|entry| entry.id == id))
}

fn missing(store: &Store, held: &[Hashed]) -> Result<Vec<Oid>> {
    if held.is_empty() {
        return Ok(Vec::new());
    }
    Ok(store.vault.objects().unreadable(held.iter().map(|hashed| hashed.id)))
}

/// Puts into the vault what Git lacks, as snapshots of this moment. A path with several versions takes
/// several snapshots, two versions each.
fn deposit(store: &Store, lacking: &[Hashed]) -> Result<()> {
    let mut rounds: Vec<Vec<Entry>> = Vec::new();
    let mut seen: HashMap<_, usize> = HashMap::new();
    for hashed in lacking {
        write_blob(store, hashed)?;
        let count = seen.entry(&hashed.backup.path).or_default();
        let (round, slot) = (*count / 2, [Slot::Main, Slot::Worktree][*count % 2]);
        *count += 1;
        if rounds.len() == round {
            rounds.push(Vec::new());
        }
        let mode = Mode::of_permissions(hashed.backup.stat.permissions);
        rounds[round].push(Entry { path: hashed.backup.path.clone(), slot, id: hashed.id, mode });
    }
    let content = |id| {
        lacking.iter().find(|hashed| hashed.id == id).and_then(|hashed| hashed.backup.read().ok())
    };
    for entries in rounds {
        store.vault.deposit(&entries, now::timestamp(&store.now), &store.now, &content)?;
    }
    Ok(())
}

fn write_blob(store: &Store, hashed: &Hashed) -> Result<()> {
    let written = store.vault.objects().anew(hashed.id, |objects| {
        if hashed.backup.stat.size <= SMALL {
            return objects.write_blob(&hashed.backup.read()?);
        }
        let source = hashed.backup.folder().read(&hashed.backup.name.to_bytes())?;
        objects.write_blob_from(source.file, source.stat.size)
    })?;
    if written != hashed.id {
        return Err(anyhow!("it changed while it was read"));
    }
    Ok(())
}
