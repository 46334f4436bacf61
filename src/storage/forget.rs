//! Destroying versions for good: backups, vault entries, what the records tell of their content, objects.
//!
//! Order of steps, and why: the vault first, for as long as it names a version no object can go and a
//! backup that is unlinked could be deposited again; the backups; the records, from which the contents of versions
//! long expired are known; the objects last, when nothing of ours names them. Whoever dies in between leaves
//! less than there was, and the same command once more does the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::Store;
use super::attempts;
use super::backups::{BackupFile, Backups};
use super::ledger::Ledger;
use super::outstanding;
use super::receipt::{Consent, Receipt};
use super::records::Records;
use super::transaction;
use super::vault::TakenOut;
use crate::git::objects::Oid;
use crate::git::repository::Repository;
use crate::git::unreferenced::{self, Fate};
use crate::git::worktrees;
use crate::model::backup_name::BackupName;
use crate::model::event::{Event, EventKind};
use crate::model::forgetting::Forgetting;
use crate::model::repo_path::RepoPath;
use crate::model::settings::Location;
use crate::model::timestamp::Timestamp;
use crate::os::platform::bytes_of;

/// What there is to be destroyed.
#[derive(Debug, Default)]
pub struct Doomed {
    /// The backup files of this working tree.
    pub backups: Vec<BackupFile>,
    /// The versions in the vault, of all working trees.
    pub stored: Vec<TakenOut>,
    /// Each content, with a file that had it.
    contents: BTreeMap<Oid, RepoPath>,
}

/// What could not be destroyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left {
    /// The object with this content: why, and under which other paths the vault has it.
    Content(RepoPath, Oid, Fate, Vec<RepoPath>),
    /// A content that is staged.
    Staged(RepoPath, Oid),
    /// A backup file, and why.
    Backup(RepoPath, String),
    /// Backup files of another working tree.
    Elsewhere(PathBuf, usize),
    /// The records, and why.
    Records(String),
    /// An older ledger that was set aside and is kept.
    OldLedger(PathBuf),
    /// A commit is under way, and writes down at its end what it has backed up.
    UnderWay,
}

/// Finds what `forgetting` names.
pub fn find(store: &Store, records: &Records, forgetting: &Forgetting) -> Result<Doomed> {
    for repository in every_working_tree(&store.repository) {
        // It may have to put them back.
        if transaction::read(&repository)?.is_some() {
            let dir = repository.git_dir.display();
            bail!(
                "an upgrade in {dir} has not ended: git bak apply --abort or --continue, then again"
            );
        }
    }
    let mut doomed = Doomed { stored: store.vault.named(forgetting)?, ..Doomed::default() };
    for version in &doomed.stored {
        doomed.contents.insert(version.id, version.path.clone());
    }
    let objects = store.vault.objects();
    for backup in candidates(store, records, forgetting, &doomed)? {
        let Ok((id, _)) = backup.hash(objects) else { continue };
        if forgetting.names(&backup.path, &id.to_string(), backup.name.time) {
            doomed.contents.insert(id, backup.path.clone());
            doomed.backups.push(backup);
        }
    }
    for (path, blob) in records.contents(forgetting)? {
        doomed.contents.entry(objects.parse(&blob)?).or_insert(path);
    }
    Ok(doomed)
}

/// The backup files that may be meant, wherever the setting says or said that they lie.
fn candidates(
    store: &Store,
    records: &Records,
    forgetting: &Forgetting,
    doomed: &Doomed,
) -> Result<Vec<BackupFile>> {
    let mut found = outstanding::everywhere(store, records)?;
    found.retain(|backup| forgetting.touches(&backup.path));
    let mut paths: BTreeSet<&RepoPath> =
        doomed.stored.iter().map(|version| &version.path).collect();
    paths.extend(forgetting.paths());
    let other = if store.backups.are_beside() { Location::Gitdir } else { Location::Beside };
    if other == Location::Beside || store.repository.own_bak_dir().join("files").is_dir() {
        let other = Backups::open(&store.repository, other)?;
        found.extend(paths.into_iter().flat_map(|path| other.of(path)));
    }
    Ok(found)
}

impl Doomed {
    /// The files that have such versions.
    pub fn paths(&self) -> BTreeSet<RepoPath> {
        let backups = self.backups.iter().map(|backup| backup.path.clone());
        let stored = self.stored.iter().map(|version| version.path.clone());
        backups.chain(stored).chain(self.contents.values().cloned()).collect()
    }

    /// Destroys all of it, as far as that can be done; what is left.
    pub fn destroy(
        self,
        store: &Store,
        records: &mut Records,
        forgetting: &Forgetting,
        consent: &Consent,
    ) -> Result<Vec<Left>> {
        let paths = self.paths();
        store.vault.forget(forgetting, &store.now).context("the vault")?;
        let mut left = Vec::new();
        for backup in self.backups {
            let location = backup.location();
            if let Err(error) = Receipt::by_consent(backup, consent).unlink() {
                left.push(Left::Backup(location, error.to_string()));
            }
        }
        left.extend(forget_records(store, records, forgetting, &paths)?);
        left.extend(elsewhere(store, &paths)?);
        let contents: Vec<Oid> = self.contents.keys().copied().collect();
        for (id, fate) in unreferenced::remove(&store.repository, &contents) {
            let path = self.contents[&id].clone();
            match fate {
                Fate::Named if is_staged(store, id)? => left.push(Left::Staged(path, id)),
                fate => {
                    let others = others_with(store, id)?;
                    left.push(Left::Content(path, id, fate, others));
                }
            }
        }
        Ok(left)
    }
}

/// The ledger, and the attempts that it doesn't have yet, of all working trees.
fn forget_records(
    store: &Store,
    records: &mut Records,
    forgetting: &Forgetting,
    paths: &BTreeSet<RepoPath>,
) -> Result<Vec<Left>> {
    let mut left = Vec::new();
    for repository in every_working_tree(&store.repository) {
        for mut saved in attempts::all(&repository) {
            if saved.is_live() {
                let touches = |event: &Event| forgetting.touches(&event.path);
                left.extend(saved.attempt.events.iter().any(touches).then_some(Left::UnderWay));
                continue;
            }
            if saved.attempt.forget(forgetting) {
                saved.save()?;
            }
        }
    }
    let events =
        paths.iter().map(|path| Event::new(EventKind::Forgotten, &store.now, path.clone()));
    let events: Vec<Event> = events.collect();
    if let Some(ledger) = &mut records.ledger {
        let done = ledger.forget(forgetting).and_then(|()| ledger.record([], &events));
        left.extend(done.err().map(|error| Left::Records(format!("{error:#}"))));
    } else if Ledger::path(&store.repository).exists() {
        left.push(Left::Records("it can't be opened".to_owned()));
    }
    let aside = Ledger::set_aside_files(&store.repository).into_iter();
    left.extend(aside.map(Left::OldLedger));
    Ok(left)
}

/// The repository as each of its working trees has it, as far as its own folder of ours is concerned.
fn every_working_tree(repository: &Repository) -> Vec<Repository> {
    let main = Repository { git_dir: repository.common_dir.clone(), ..repository.clone() };
    let linked = std::fs::read_dir(repository.common_dir.join("worktrees"));
    let linked = linked.into_iter().flatten().filter_map(Result::ok).map(|entry| Repository {
        git_dir: entry.path(),
        worktree: Some(bytes_of(&entry.file_name())),
        ..repository.clone()
    });
    std::iter::once(main).chain(linked).collect()
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

fn is_staged(store: &Store, id: Oid) -> Result<bool> {
    let listed = store.repository.git().output(["ls-files", "--stage"])?;
    Ok(String::from_utf8_lossy(&listed).contains(&id.to_string()))
}

/// The paths under which the vault still has this content.
fn others_with(store: &Store, id: Oid) -> Result<Vec<RepoPath>> {
    let mut paths = BTreeSet::new();
    for stored in store.vault.snapshots(true)? {
        let files = store.vault.files(&stored)?.into_iter();
        paths.extend(files.filter(|file| file.id == id).map(|file| file.path));
    }
    Ok(paths.into_iter().collect())
}

/// The newest moment that `forgetting` leaves alone, for versions that are younger than `age`.
pub fn limit(store: &Store, age: crate::model::age::Age) -> Timestamp {
    crate::model::now::timestamp(&store.now).plus(-age.as_delta())
}
