//! The versions of a file that can be brought back: backup files and vault entries, as one list.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
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

mod ahead;
mod on_disk;

pub use ahead::Ahead;
use on_disk::{Proof, add_backups};

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
    /// Its name says other bytes, and nothing on record says these: whoever has put them there, they are not
    /// what was backed up.
    pub is_doubtful: bool,
    /// What the ledger knows of it.
    pub known: Known,
    order: (bool, NaiveDateTime, u32, bool, (i64, u32)),
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
    measure(store, &mut versions);
    add_backups(store, records, store.backups.of(path), Proof::Bytes, &mut versions);
    number(&mut versions);
    learn(records, &mut versions);
    Ok(versions)
}

/// From this many files on, a backup is taken for what its name says: whoever looks at so many looks at none,
/// and whoever wants one names its file.
const TOO_MANY_TO_READ: usize = 100;

/// The [distinct] versions of each of these files that are wanted.
pub fn of_each(
    store: &Store,
    records: &Records,
    paths: &BTreeSet<RepoPath>,
    mut ahead: Ahead,
    is_wanted: &dyn Fn(&Version) -> bool,
) -> Result<BTreeMap<RepoPath, Vec<Version>>> {
    let others = paths.iter().filter(|path| !ahead.has(path)).cloned().collect();
    ahead.add(Ahead::of(store, others, Vec::new())?);
    let proof = if paths.len() <= TOO_MANY_TO_READ { Proof::Bytes } else { Proof::Name };
    let _view = records.one_view();
    let mut all = BTreeMap::new();
    for path in paths {
        let versions = match ahead.take(path) {
            Some(on_record) => on_record.finish(store, records, path, proof, is_wanted),
            None => {
                let mut versions = distinct(of(store, records, path)?);
                versions.retain(is_wanted);
                versions
            }
        };
        all.insert(path.clone(), versions);
    }
    Ok(all)
}

/// Of each file that the snapshot of `time` has, or that a backup of that time lies beside, the version of
/// that time that comes first among [all of the file's](of). It is not numbered: that would take all of them.
pub fn at(
    store: &Store,
    records: &Records,
    time: Timestamp,
    on_disk: &[BackupFile],
) -> Result<Vec<Version>> {
    let mut all: BTreeMap<RepoPath, Vec<Version>> = BTreeMap::new();
    for stored in store.vault.snapshots(store.all_worktrees)? {
        if stored.id.time == time {
            for filed in store.vault.files(&stored)? {
                all.entry(filed.path.clone()).or_default().push(from_vault(store, &stored, filed));
            }
        }
    }
    for backup in on_disk.iter().filter(|backup| backup.name.time == time) {
        all.entry(backup.path.clone()).or_default();
    }
    let mut first = Vec::new();
    for (path, mut versions) in all {
        let backups = store.backups.of(&path);
        let of_then = backups.into_iter().filter(|backup| backup.name.time == time);
        add_backups(store, records, of_then, Proof::Bytes, &mut versions);
        first.extend(versions.into_iter().find(|version| !version.is_doubtful));
    }
    learn(records, &mut first);
    measure(store, &mut first);
    Ok(first)
}

/// Looks up what is on record of them.
fn learn(records: &Records, versions: &mut [Version]) {
    for version in versions {
        version.known = records.known(&version.path, &version.id.to_string(), version.time);
    }
}

/// Looks up how big those are that the vault has.
fn measure(store: &Store, versions: &mut [Version]) {
    for version in versions.iter_mut().filter(|version| version.backup.is_none()) {
        version.size = store.vault.objects().blob_size(version.id).unwrap_or(0);
    }
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

/// A version in the vault; how big it is is not known yet.
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
        is_doubtful: false,
        known: Known::default(),
        order: (true, stored.id.time.naive(), stored.id.ordinal, in_worktree_slot, (0, 0)),
        path: filed.path,
    }
}
