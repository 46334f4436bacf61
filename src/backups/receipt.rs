//! Receipts: the only way to unlink a backup.
//!
//! A [`Receipt`] is proof that the vault holds the very bytes that are in a backup file. Its fields are
//! private and it is made here alone, so deleting without proof does not compile:
//!
//! ```compile_fail,E0599
//! fn careless(backup: git_bak::backups::files::BackupFile) {
//!     backup.unlink().unwrap();
//! }
//! ```
//!
//! ```compile_fail,E0451
//! fn forged(backup: git_bak::backups::files::BackupFile) -> git_bak::backups::receipt::Receipt {
//!     git_bak::backups::receipt::Receipt { backup }
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
//! fn careful(receipt: git_bak::backups::receipt::Receipt) {
//!     receipt.unlink().unwrap();
//! }
//! ```
//!
//! Order of a proof, and why it is safe:
//! 1. the file is read and hashed, whatever its name claims; one that the vault has as a filter makes it goes through
//!    that filter, and the id of what comes out counts;
//! 2. the vault gives the very bytes of that id, read from the disk as it is now, or they are kept now;
//! 3. the record names them as a version of that very file, or a line is written that does;
//! 4. unlinking looks whether the file is still the one that was hashed, and leaves it if not.
//!
//! A process that dies between any two of these leaves the file where it was.

use std::collections::HashSet;
use std::io;

use anyhow::{Error, Result, anyhow};

use super::Store;
use crate::backups::files::{BackupFile, SMALL};
use crate::git::objects::Oid;
use crate::model::events::event::{Event, EventKind};
use crate::model::events::line::{Line, Seen, What};
use crate::model::names::repo_path::RepoPath;
use crate::model::now::Now;

/// The user's word that backups may be destroyed, even if no copy of their bytes exists.
#[derive(Debug)]
pub struct Consent(());

impl Consent {
    /// Only the user can give it.
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
    pub fn location(&self) -> RepoPath {
        self.backup.location()
    }

    /// Without a proof, by the user's consent.
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
    /// The id under which the vault has it, or will have it.
    id: Oid,
    /// How many bytes that is of.
    size: u64,
    clean: bool,
}

/// Proves, as far as it can be proven, that `backups` are held. What the vault lacks is taken in first.
/// Without a vault (`bak.vault=false`) nothing is asked: that is what the setting means.
pub fn prove(store: &Store, backups: Vec<BackupFile>) -> Proofs {
    let mut proofs = Proofs::default();
    if !store.settings.vault {
        proofs.receipts = backups.into_iter().map(|backup| Receipt { backup }).collect();
        return proofs;
    }
    let mut hashed = Vec::new();
    store.clean_forms.ask(backups.iter().map(|backup| &backup.path));
    for mut backup in backups {
        match hash(store, &mut backup) {
            Ok((id, size, clean)) => hashed.push(Hashed { backup, id, size, clean }),
            Err(error) => proofs.unproven.push((backup, error)),
        }
    }
    let (named, vault) = (named(store), store.vault.afresh());
    let (held, lacking): (Vec<Hashed>, Vec<Hashed>) = hashed.into_iter().partition(|it| {
        named.contains(&(it.backup.path.clone(), it.id.to_string())) && vault.proves(it.id, it.size)
    });
    proofs.settle(held, None);
    let taken_in = take_in(store, &lacking);
    proofs.settle(lacking, taken_in.err().as_ref());
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

/// The id of a backup, or of its clean form, with that one's size, and whether it is that.
fn hash(store: &Store, backup: &mut BackupFile) -> Result<(Oid, u64, bool)> {
    let (own, stat) = backup.hash(&store.objects)?;
    backup.stat = stat;
    if store.clean_forms.is_for(&backup.path) {
        let id = backup.clean_id(store, own)?;
        return Ok((id, store.clean_forms.size(&store.objects, id)?, true));
    }
    let mut versions = store.records.own().versions();
    if versions.any(|it| it.seen.clean && it.seen.is_of(&backup.path)) {
        return Err(anyhow!("the vault has the output of a filter that is not set up now"));
    }
    Ok((own, stat.size, false))
}

/// The versions that the record names, as far as a hook reads it.
fn named(store: &Store) -> HashSet<(RepoPath, String)> {
    let versions = store.records.own().versions();
    versions.filter_map(|it| Some((it.seen.path()?, it.seen.id.clone()?))).collect()
}

/// Has the vault keep what it lacks, and names it in the record as what was found at this moment.
fn take_in(store: &Store, lacking: &[Hashed]) -> Result<()> {
    if lacking.is_empty() {
        return Ok(());
    }
    lacking.iter().try_for_each(|hashed| keep(store, hashed))?;
    let mut line = Line::new(What::Found, &store.now);
    line.cause = Some("found".to_owned());
    line.files = lacking.iter().map(seen).collect();
    let mut look = || {
        let gone = lacking.iter().filter(|hashed| !store.vault.look(hashed.id));
        gone.into_iter().try_for_each(|hashed| keep(store, hashed))
    };
    store.record.append(std::slice::from_mut(&mut line), &store.now, &mut look)?;
    Ok(())
}

fn seen(hashed: &Hashed) -> Seen {
    let Hashed { backup, id, size, clean } = hashed;
    let mut event = Event::new(EventKind::Found, &Now::default(), backup.path.clone());
    event.backup = Some(backup.name.to_bytes());
    event.blob = Some(id.to_string());
    event.clean = *clean;
    event.size = Some(*size);
    event.permissions = Some(backup.stat.access());
    Seen::of_event(&event)
}

fn keep(store: &Store, hashed: &Hashed) -> Result<()> {
    let Hashed { backup, id, clean, size } = hashed;
    if *clean {
        store.clean_forms.keep(&store.vault, &store.objects, *id)?;
        return match store.vault.afresh().proves(*id, *size) {
            true => Ok(()),
            false => Err(anyhow!("the vault can't read it back")),
        };
    }
    let changed = || anyhow!("it changed while it was read");
    if backup.stat.size <= SMALL {
        let kept = store.vault.keep_for_sure(&store.objects, &backup.read()?)?;
        return if kept == *id { Ok(()) } else { Err(changed()) };
    }
    let source = backup.folder().read(&backup.name.to_bytes())?;
    let size = source.stat.size;
    store.vault.keep_file(&store.objects, *id, &source.file, size)?;
    if store.vault.afresh().proves(*id, size) {
        return Ok(());
    }
    Err(anyhow!("the vault can't read it back"))
}
