//! The versions of a file that can be brought back: backup files and vault entries, as one list.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use chrono::NaiveDateTime;

use super::Store;
use super::backups::BackupFile;
use super::ledger::Known;
use super::records::Records;
use super::vault::{Filed, Slot, Stored};
use crate::git::objects::Oid;
use crate::model::artifact::ArtifactId;
use crate::model::event::Kind;
use crate::model::repo_path::RepoPath;
use crate::model::snapshot_id::SnapshotId;
use crate::model::timestamp::Timestamp;

/// One version of one file.
#[derive(Debug, Clone)]
pub struct Version {
    /// The file.
    pub path: RepoPath,
    /// Its place in the list of the file's versions: 1 is the newest. The same bytes in several snapshots
    /// in a row have one place.
    pub number: usize,
    /// The second in its name.
    pub time: Timestamp,
    /// The artifact id: the backup's, else that of its bytes.
    pub artifact: Option<ArtifactId>,
    /// The blob id of its bytes.
    pub id: Oid,
    /// Its size in bytes.
    pub size: u64,
    /// The backup file, if it is there.
    pub backup: Option<BackupFile>,
    /// The snapshot in the vault that has it.
    pub snapshot: Option<SnapshotId>,
    /// The vault has it, in that snapshot or in another.
    pub in_vault: bool,
    /// It was executable, as far as the vault knows.
    pub executable: bool,
    /// It is from a snapshot of another working tree.
    pub is_of_another_worktree: bool,
    /// What the ledger knows of it.
    pub known: Known,
    order: (NaiveDateTime, u32, bool, (i64, u32)),
}

impl Version {
    /// Why it was kept, as far as anybody knows: the ledger, else its place in the vault.
    pub fn kind(&self) -> Option<Kind> {
        self.known.kind
    }

    /// The linked worktree whose snapshot it is from; `None` for the main one.
    pub fn worktree(&self) -> Option<&[u8]> {
        self.snapshot.as_ref()?.worktree.as_deref()
    }

    /// Looks up what is on record about it, and how big it is: what takes a look at each one.
    pub fn complete(&mut self, store: &Store, records: &Records) {
        self.known = records.known(&self.path, &self.id.to_string(), self.time);
        self.size = match &self.backup {
            Some(backup) => backup.stat.size,
            None => store.vault.objects().blob_size(self.id).unwrap_or(0),
        };
    }

    /// Its bytes: the backup file's if they are what its id says, else the vault's.
    pub fn bytes(&self, store: &Store) -> Result<Vec<u8>> {
        if let Some(backup) = &self.backup
            && let Ok(bytes) = backup.read()
            && (store.vault.objects().hash(&bytes)? == self.id)
        {
            return Ok(bytes);
        }
        if !self.in_vault {
            let path = String::from_utf8_lossy(self.path.as_bytes()).into_owned();
            bail!("{path}: the backup can't be read, and the vault doesn't have it");
        }
        store.vault.objects().read_blob(self.id)
    }
}

/// The versions of `path`, newest first, the working tree's before the staged one of a snapshot.
pub fn of(store: &Store, records: &Records, path: &RepoPath) -> Result<Vec<Version>> {
    let mut versions = Vec::new();
    // A vault that can't be read must not hide the files.
    for stored in store.vault.snapshots(store.all_worktrees).unwrap_or_default() {
        for slot in [Slot::Main, Slot::Worktree] {
            if let Some(filed) = store.vault.file(&stored, path, slot)? {
                versions.push(from_vault(store, &stored, filed));
            }
        }
    }
    let mut versions = with_backups(store, path, versions);
    versions.iter_mut().for_each(|version| version.complete(store, records));
    Ok(versions)
}

/// The versions of many files, by file, as [`of`] has them; those that are wanted are still to be completed.
pub fn of_all(
    store: &Store,
    paths: &BTreeSet<RepoPath>,
) -> Result<BTreeMap<RepoPath, Vec<Version>>> {
    let mut all: BTreeMap<RepoPath, Vec<Version>> =
        paths.iter().map(|path| (path.clone(), Vec::new())).collect();
    for stored in store.vault.snapshots(store.all_worktrees).unwrap_or_default() {
        for filed in store.vault.files(&stored)? {
            if let Some(versions) = all.get_mut(&filed.path) {
                versions.push(from_vault(store, &stored, filed));
            }
        }
    }
    let finish = |(path, versions)| {
        let versions = with_backups(store, &path, versions);
        (path, versions)
    };
    Ok(all.into_iter().map(finish).collect())
}

/// The versions in the vault and the backups of one file, in their order and with their places.
fn with_backups(store: &Store, path: &RepoPath, mut versions: Vec<Version>) -> Vec<Version> {
    for backup in store.backups.of(path) {
        // One that can't be read can't be brought back either; the others can.
        let _ = add_backup(store, backup, &mut versions);
    }
    versions.sort_by_key(|version| Reverse(version.order));
    number(&mut versions);
    versions
}

/// Gives each version its place. Snapshots in a row that have the same bytes share one: to whoever looks
/// for work, they are one version.
fn number(versions: &mut [Version]) {
    let mut number = 0;
    let mut before = None;
    for version in versions {
        let same = Some((version.id, version.worktree().map(<[u8]>::to_vec)));
        number += usize::from(before != same);
        before = same;
        version.number = number;
    }
}

/// One for each number: what is there as a file, else the newest.
pub fn distinct(mut versions: Vec<Version>) -> Vec<Version> {
    versions.sort_by_key(|version| (version.number, version.backup.is_none()));
    versions.dedup_by(|next, kept| next.number == kept.number && next.backup.is_none());
    versions
}

/// The versions of every file that the snapshot of `time` has.
pub fn paths_at(store: &Store, time: Timestamp) -> Result<Vec<RepoPath>> {
    let mut paths = Vec::new();
    for stored in store.vault.snapshots(store.all_worktrees)? {
        if stored.id.time == time {
            paths.extend(store.vault.files(&stored)?.into_iter().map(|file| file.path));
        }
    }
    Ok(paths)
}

/// One of the vault's, still to be completed.
fn from_vault(store: &Store, stored: &Stored, filed: Filed) -> Version {
    let in_worktree_slot = filed.slot == Slot::Worktree;
    Version {
        number: 0,
        time: stored.id.time,
        artifact: ArtifactId::of_blob(&filed.id.to_string()),
        id: filed.id,
        size: 0,
        backup: None,
        snapshot: Some(stored.id.clone()),
        in_vault: true,
        executable: filed.executable,
        is_of_another_worktree: stored.id.worktree != store.repository.worktree,
        known: Known::default(),
        order: (stored.id.time.naive(), stored.id.ordinal, in_worktree_slot, (0, 0)),
        path: filed.path,
    }
}

/// Puts a backup file to the vault entry it was made with, or in the list by itself.
fn add_backup(store: &Store, backup: BackupFile, versions: &mut Vec<Version>) -> Result<()> {
    let (id, _) = backup
        .hash(store.vault.objects())
        .with_context(|| String::from_utf8_lossy(&backup.name.to_bytes()).into_owned())?;
    let same = |version: &&mut Version| {
        !version.is_of_another_worktree
            && version.backup.is_none()
            && version.time == backup.name.time
            && version.id == id
    };
    if let Some(version) = versions.iter_mut().find(same) {
        version.artifact = backup.name.artifact;
        let on_disk = backup.on_disk(&store.now);
        version.order.0 = on_disk.effective_time(store.now.naive_local());
        version.order.3 = backup.stat.modified;
        version.backup = Some(backup);
        return Ok(());
    }
    // What its name says is in the vault, and not in it: somebody has overwritten it.
    let named = |version: &Version| {
        version.time == backup.name.time && version.artifact == backup.name.artifact
    };
    let spoiled = backup.name.artifact.is_some() && versions.iter().any(named);
    let modified = if spoiled { (i64::MIN, 0) } else { backup.stat.modified };
    let in_vault = store.vault.names(&backup.path, id, backup.name.time).unwrap_or(false);
    let on_disk = backup.on_disk(&store.now);
    versions.push(Version {
        path: backup.path.clone(),
        number: 0,
        time: backup.name.time,
        artifact: backup.name.artifact,
        id,
        size: backup.stat.size,
        snapshot: None,
        in_vault,
        executable: backup.stat.permissions & 0o100 != 0,
        is_of_another_worktree: false,
        known: Known::default(),
        order: (on_disk.effective_time(store.now.naive_local()), 0, false, modified),
        backup: Some(backup),
    });
    Ok(())
}
