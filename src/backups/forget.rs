//! Destroying versions for good: what the vault has of them, backups, what the record tells of their content.
//!
//! Order of steps, and why: the vault and the record first, for as long as the record names a version a backup that is
//! unlinked could be taken in again; then the backups. A process that dies in between leaves less than there was, and
//! the same command once more does the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::Store;
use super::attempts;
use super::outstanding;
use super::receipt::{Consent, Receipt};
use super::versions::{self, Version};
use crate::backups::files::BackupFile;
use crate::git::objects::Oid;
use crate::git::whereabouts::{self, Whereabouts};
use crate::git::worktree::worktrees;
use crate::model::events::forgetting::Forgetting;
use crate::model::names::backup_name::BackupName;
use crate::model::names::repo_path::RepoPath;
use crate::model::names::timestamp::Timestamp;
use crate::os::platform::bytes_of;
use crate::record::day_of;
use crate::vault::forget::{self, Candidate};
use crate::vault::remote::state::RemoteState;

/// What will be destroyed.
#[derive(Debug, Default)]
pub struct Doomed {
    /// The backup files of this working tree.
    pub backups: Vec<BackupFile>,
    /// The versions on record, of all working trees: file and blob id in hex.
    pub stored: Vec<(RepoPath, String)>,
    /// The files that the record names with such versions, those that have left the vault as well.
    told: BTreeSet<RepoPath>,
    /// The worktrees and days of those versions.
    days: BTreeSet<(String, String)>,
    /// Each content, with a file that had it.
    contents: BTreeMap<Oid, RepoPath>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left {
    /// The vault has the same content as a version of other files, which were not named.
    Shared(RepoPath, Vec<RepoPath>),
    /// What the vault still has, or why it can't be told.
    Vault(String),
    /// Git itself has the content, in the user's own objects.
    Git(RepoPath, Oid, Whereabouts),
    Backup(RepoPath, String),
    /// Backup files of another working tree.
    Elsewhere(PathBuf, usize),
    /// A commit is under way, and may still tell of it.
    UnderWay,
    /// What was sent to another place is there still.
    Remote(String),
}

/// Finds what `forgetting` names.
pub fn find(store: &Store, forgetting: &Forgetting) -> Result<Doomed> {
    let mut doomed = Doomed::default();
    for it in store.records.all().versions() {
        let (Some(path), Some(hex)) = (it.seen.path(), &it.seen.id) else { continue };
        if forgetting.names(&path, hex, Timestamp::of_seconds(it.line.time, it.line.zone)) {
            doomed.stored.push((path, hex.clone()));
        }
    }
    // The record still names what has left the vault, as far back as it goes.
    for (line, seen) in store.record.history(None, 0).copied() {
        let (Some(path), Some(hex)) = (seen.path(), &seen.id) else { continue };
        if forgetting.names(&path, hex, Timestamp::of_seconds(line.time, line.zone)) {
            // A field that is no id names no content.
            if let Ok(id) = store.objects.parse(hex) {
                doomed.contents.insert(id, path.clone());
                doomed.told.insert(path);
                doomed.days.insert((line.worktree.clone(), day_of(line.time)));
            }
        }
    }
    for backup in candidates(store, forgetting, &doomed)? {
        let Some(id) = id_of(store, &backup) else { continue };
        if forgetting.names(&backup.path, &id.to_string(), backup.name.time) {
            doomed.contents.insert(id, backup.path.clone());
            doomed.backups.push(backup);
        }
    }
    Ok(doomed)
}

/// The id that the record has, or would have, of a backup's bytes. A filter may make another form each time: then it
/// is that of the version which the backup was made with.
fn id_of(store: &Store, backup: &BackupFile) -> Option<Oid> {
    if !store.clean_forms.is_for(&backup.path) {
        return Some(backup.hash(&store.objects).ok()?.0);
    }
    let is_it = |version: &Version| {
        version.backup.as_ref().is_some_and(|its| its.location() == backup.location())
    };
    versions::of(store, &backup.path).into_iter().find(is_it).map(|version| version.id)
}

/// The backup files that may be meant.
fn candidates(store: &Store, forgetting: &Forgetting, doomed: &Doomed) -> Result<Vec<BackupFile>> {
    let mut found = outstanding::copies(store)?;
    found.retain(|backup| forgetting.touches(&backup.path));
    let mut paths: BTreeSet<&RepoPath> = doomed.told.iter().collect();
    paths.extend(forgetting.paths());
    let known: BTreeSet<PathBuf> = found.iter().map(BackupFile::file).collect();
    let others = paths.into_iter().flat_map(|path| store.backups.copies(path));
    found.extend(others.filter(|backup| !known.contains(&backup.file())));
    Ok(found)
}

impl Doomed {
    /// The files that have such versions.
    pub fn paths(&self) -> BTreeSet<RepoPath> {
        let backups = self.backups.iter().map(|backup| backup.path.clone());
        backups.chain(self.told.iter().cloned()).collect()
    }

    /// Destroys all of it, as far as that can be done; what is left.
    pub fn destroy(
        self,
        store: &Store,
        forgetting: &Forgetting,
        consent: &Consent,
    ) -> Result<Vec<Left>> {
        let paths = self.paths();
        let mut left = Vec::new();
        let touches = |path: &RepoPath| forgetting.touches(path);
        let mut live = attempts::under_way(store.records.attempts());
        left.extend(live.any(|event| touches(&event.path)).then_some(Left::UnderWay));
        let zone = store.now.offset().local_minus_utc();
        let pick = |it: &Candidate<'_>| {
            let path = RepoPath::from_bytes(it.path.to_vec());
            let time = Timestamp::of_seconds(it.time, zone);
            path.is_ok_and(|path| forgetting.names(&path, it.id, time))
        };
        let forgotten = forget::forget(&store.repository, &store.record, &pick, &store.now)
            .context("the vault")?;
        let troubles = forgotten.left.into_iter().chain(forgotten.failed);
        left.extend(troubles.map(Left::Vault));
        for backup in self.backups {
            let location = backup.location();
            if !backup.name.is_ours() {
                left.push(Left::Backup(location, "it is a copy of your own".to_owned()));
            } else if let Err(error) = Receipt::by_consent(backup, consent).unlink() {
                left.push(Left::Backup(location, error.to_string()));
            }
        }
        left.extend(elsewhere(store, &paths)?);
        let remote = RemoteState::read(store.record.bak());
        left.extend(remote.has_any(&self.days).then_some(Left::Remote(remote.url)));
        for (id, path) in self.contents {
            if let Some(others) = forgotten.kept.get(&id.to_string()) {
                let others =
                    others.iter().filter_map(|path| RepoPath::from_bytes(path.clone()).ok());
                left.push(Left::Shared(path.clone(), others.collect()));
            }
            let found = whereabouts::of(&store.repository, &store.objects, id)?;
            left.extend(found.map(|found| Left::Git(path, id, found)));
        }
        Ok(left)
    }
}

/// Backups of these files in other working trees: theirs to destroy.
fn elsewhere(store: &Store, paths: &BTreeSet<RepoPath>) -> Result<Vec<Left>> {
    let mut left = Vec::new();
    for top in worktrees::tops(&store.repository.git())? {
        if top == store.repository.top {
            continue;
        }
        let count = paths.iter().map(|path| backups_in(&top, path)).sum();
        if count > 0 {
            left.push(Left::Elsewhere(top, count));
        }
    }
    Ok(left)
}

fn backups_in(top: &std::path::Path, path: &RepoPath) -> usize {
    let place = top.join(path.to_path_buf());
    let entries = place.parent().map(std::fs::read_dir).into_iter().flatten().flatten();
    let names = entries.filter_map(Result::ok).map(|entry| bytes_of(&entry.file_name()));
    let is_one = |name: &Vec<u8>| {
        BackupName::parse(name).is_some_and(|name| name.is_backup_of(path.file_name()))
    };
    names.filter(is_one).count()
}

/// The newest moment that `forgetting` leaves alone, for versions that are younger than `age`.
pub fn limit(store: &Store, age: crate::model::settings::age::Age) -> Timestamp {
    crate::model::now::timestamp(&store.now).plus(-age.as_delta())
}
