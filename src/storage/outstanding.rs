//! The backup files of this working tree that are there: what clean-up, retention after a switch, `list`
//! and `status` start from.
//!
//! The ledger's index and the attempts it doesn't have yet name them. Where the ledger can't be used, or
//! was made anew, the vault does: every backup's name follows from its snapshot's time and its blob.

use std::collections::BTreeSet;
use std::num::NonZero;
use std::thread::{self, available_parallelism};

use anyhow::Result;

use super::Store;
use super::attempts::Saved;
use super::backups::BackupFile;
use super::folder::Folder;
use super::ledger::Ledger;
use super::records::Records;
use crate::git::tracked;
use crate::model::artifact::ArtifactId;
use crate::model::backup_name::BackupName;
use crate::model::repo_path::RepoPath;

/// A backup file's original and its own name.
pub type Named = (RepoPath, Vec<u8>);

/// Fewer folders than this for each are walked through in the time in which a thread starts.
const WORTH_A_THREAD: usize = 16;

/// What is known of the backups that no attempt on file names.
pub enum Index<'a> {
    /// There are none.
    Empty,
    /// The ledger knows; `None` if it can't be used.
    Ledger(Option<&'a Ledger>),
}

/// The backup files that are there, in the order of their paths.
pub fn all(store: &Store, index: &Index<'_>, attempts: &[Saved]) -> Vec<BackupFile> {
    let named = on_record(store, index, attempts);
    named.into_iter().filter_map(|(path, name)| store.backups.find(&path, &name)).collect()
}

/// The backup files that the records name, be they there or not.
fn on_record(store: &Store, index: &Index<'_>, attempts: &[Saved]) -> BTreeSet<Named> {
    let mut named: BTreeSet<Named> = BTreeSet::new();
    for saved in attempts {
        named.extend(saved.attempt.backups().map(|(path, name)| (path.clone(), name.to_vec())));
    }
    if let Index::Ledger(ledger) = index {
        match ledger.map(Ledger::on_disk) {
            Some(Ok(index)) => named.extend(index),
            _ => named.extend(from_vault(store)),
        }
        if ledger.is_some_and(|ledger| ledger.is_new) {
            named.extend(from_vault(store));
        }
    }
    named
}

/// Lets a ledger that was made anew name the backups that are there, before it is told of anything else: once
/// it knows something it is new no longer.
pub fn take_over(store: &Store, ledger: &Ledger) {
    if ledger.is_new {
        let mut found = from_vault(store);
        found.retain(|(path, name)| store.backups.find(path, name).is_some());
        // Where it can't be written, it can't be told either.
        let _ = ledger.index_found(&found);
    }
}

/// Every backup that lies in the working tree, whoever made it and whatever the ledger knows: a walk
/// through all of it, for commands.
pub fn everywhere(store: &Store, records: &Records) -> Result<Vec<BackupFile>> {
    let index = Index::Ledger(records.ledger.as_ref());
    let mut named = on_record(store, &index, &records.on_file);
    let (mut found, mut strays) = (Vec::new(), Vec::new());
    if store.backups.are_beside() {
        let folders = walk(Folder::open(&store.repository.top)?).into_iter();
        let listed = |it: WithBackups| store.backups.listed(it.path.as_ref(), it.folder, it.files);
        for backup in folders.flat_map(listed) {
            match named.remove(&(backup.path.clone(), backup.name.to_bytes())) {
                true => found.push(backup),
                false => strays.push(backup),
            }
        }
    }
    // Where the walk doesn't go, they may lie all the same, or be listed under a name taken apart.
    let elsewhere = named.iter().filter_map(|(path, name)| store.backups.find(path, name));
    let elsewhere: Vec<BackupFile> = elsewhere.collect();
    strays.retain(|stray| !elsewhere.iter().any(|backup| backup.is_listed_as(stray)));
    found.extend(elsewhere);
    found.extend(untracked(store, strays));
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// What Git tracks is no backup of ours, whatever it is called. Where the index can't be read, none is
/// believed to be one.
fn untracked(store: &Store, mut strays: Vec<BackupFile>) -> Vec<BackupFile> {
    let locations: Vec<RepoPath> = strays.iter().map(BackupFile::location).collect();
    let Ok(tracked) = tracked::among(&store.repository, &locations) else { return Vec::new() };
    strays.retain(|stray| !tracked.contains(&stray.location()));
    strays
}

/// A folder that has files with the names of backups, and the names of all its files.
struct WithBackups {
    folder: Folder,
    path: Option<RepoPath>,
    files: Vec<Vec<u8>>,
}

/// The folders with backups in and below `top`. The folders in it are shared out among the processors: to list
/// them is nearly all that a command like `status` does.
fn walk(top: Folder) -> Vec<WithBackups> {
    let (files, below) = WithBackups::names_in(&top, true);
    let most = available_parallelism().map_or(1, NonZero::get);
    let threads = most.min(below.len() / WORTH_A_THREAD).max(1);
    let work = |number: usize| {
        let mut found = Vec::new();
        let share = below.iter().skip(number).step_by(threads);
        share.for_each(|name| walk_into(&top, None, name, &mut found));
        found
    };
    let mut found = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|number| scope.spawn(move || work(number))).collect();
        let mut found = work(0);
        others.into_iter().for_each(|other| found.extend(other.join().unwrap_or_default()));
        found
    });
    found.extend(WithBackups::of(top, None, files));
    found
}

fn walk_into(parent: &Folder, above: Option<&RepoPath>, name: &[u8], found: &mut Vec<WithBackups>) {
    // A name that Git can't have is the name of no file of ours.
    let Some(path) = RepoPath::below(above, name) else { return };
    let Ok(folder) = parent.inside(name) else { return };
    let (files, below) = WithBackups::names_in(&folder, false);
    below.iter().for_each(|name| walk_into(&folder, Some(&path), name, found));
    found.extend(WithBackups::of(folder, Some(path), files));
}

impl WithBackups {
    /// The names of the files in a folder, and those of the folders in it. What belongs to another repository is
    /// not looked at, nor a folder that can't be read.
    fn names_in(folder: &Folder, is_top: bool) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
        let entries = folder.entries().unwrap_or_default();
        if !is_top && entries.iter().any(|(name, _)| name == b".git") {
            return Default::default();
        }
        let (mut files, mut folders) = (Vec::new(), Vec::new());
        for (name, is_folder) in entries {
            if !is_folder {
                files.push(name);
            } else if name != b".git" {
                folders.push(name);
            }
        }
        (files, folders)
    }

    fn of(folder: Folder, path: Option<RepoPath>, files: Vec<Vec<u8>>) -> Option<Self> {
        let has = files.iter().any(|name| BackupName::parse(name).is_some());
        has.then_some(Self { folder, path, files })
    }
}

/// The names that this working tree's snapshots in the vault would have as files.
fn from_vault(store: &Store) -> Vec<Named> {
    let mut named = Vec::new();
    // A vault that can't be read names nothing; what is beside committed files is still found.
    for stored in store.vault.snapshots(false).unwrap_or_default() {
        for file in store.vault.files(&stored).unwrap_or_default() {
            let name = BackupName {
                original: file.path.file_name().to_vec(),
                time: stored.id.time,
                artifact: ArtifactId::of_blob(&file.id.to_string()),
            };
            named.push((file.path, name.to_bytes()));
        }
    }
    named
}
