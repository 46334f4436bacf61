//! Unlinking backups, with receipts: for retention, for clean-up after a commit, for `clean`.
//!
//! What Git tracks is left alone, whatever its name, and so is what its owner has named in the older form; what can't
//! be proven to be held stays and is named with the reason.

use super::Store;
use super::location;
use super::receipt::{self, Receipt};
use crate::backups::files::BackupFile;
use crate::git::survey::tracked;
use crate::model::events::event::{Event, EventKind};
use crate::model::harm::{BackupPlace, Harm};
use crate::model::names::repo_path::RepoPath;
use crate::os::folder::Folder;

/// What was unlinked and what was not.
#[derive(Debug, Default)]
pub struct Unlinked {
    /// One event for each backup that was unlinked.
    pub events: Vec<Event>,
    /// The backups that had to stay, each with the reason.
    pub kept: Vec<(RepoPath, String)>,
    /// The files of those that lay beside nothing any more.
    bare: Vec<RepoPath>,
    /// Why the first of them that lay elsewhere didn't lie beside its file.
    pub why: Option<Harm>,
}

/// Unlinks `backups` as far as they are proven to be held, for the reason `what`.
pub fn unlink(
    store: &Store,
    mut backups: Vec<BackupFile>,
    what: EventKind,
    commit: Option<&str>,
) -> Unlinked {
    let mut result = Unlinked::default();
    backups.retain(|backup| backup.name.is_ours());
    if backups.is_empty() {
        return result;
    }
    let is_beside = |backup: &BackupFile| backup.place() == BackupPlace::Beside;
    let beside = backups.iter().filter(|backup| is_beside(backup));
    let locations: Vec<RepoPath> = beside.map(BackupFile::location).collect();
    match tracked::among(&store.repository, &locations) {
        Ok(tracked) => {
            backups.retain(|it| !is_beside(it) || !tracked.contains(&it.location()));
        }
        Err(error) => {
            let reason = error.to_string();
            result.kept = locations.into_iter().map(|path| (path, reason.clone())).collect();
            backups.retain(|backup| !is_beside(backup));
        }
    }
    let proofs = receipt::prove(store, backups);
    let unproven = proofs.unproven.into_iter();
    result.kept.extend(unproven.map(|(backup, error)| (backup.location(), error.to_string())));
    for receipt in proofs.receipts {
        use_receipt(store, receipt, what, commit, &mut result);
    }
    let elsewhere = result.events.iter().find(|event| event.elsewhere.is_some());
    result.why = elsewhere.and_then(|event| location::why(store, &event.path));
    result
}

fn use_receipt(
    store: &Store,
    receipt: Receipt,
    what: EventKind,
    commit: Option<&str>,
    result: &mut Unlinked,
) {
    let location = receipt.location();
    match receipt.unlink() {
        Ok(backup) => {
            let stands = || backup.folder().stat(backup.path.file_name());
            if backup.place() == BackupPlace::Beside && matches!(stands(), Ok(None)) {
                result.bare.push(backup.path.clone());
            }
            let mut event = Event::new(what, &store.now, backup.path.clone());
            event.backup = Some(backup.name.to_bytes());
            event.elsewhere = backup.elsewhere(&store.backups);
            event.size = Some(backup.stat.size);
            event.clean = store.clean_forms.is_for(&backup.path);
            event.commit = commit.map(Into::into);
            result.events.push(event);
        }
        // Another process has cleaned up: that is what was wanted.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => result.kept.push((location, error.to_string())),
    }
}

/// Removes the folders that only these backups kept alive: Git would have removed those of a file that is gone. Not if
/// something else removed the file: then the index still has it. Not for a rollback, which leaves folders as they were.
pub fn take_empty_folders(store: &Store, unlinked: &Unlinked) {
    let bare = &unlinked.bare;
    if let Ok(tracked) = tracked::among(&store.repository, bare) {
        bare.iter()
            .filter(|path| !tracked.contains(path))
            .for_each(|path| remove_empty(store, path));
    }
}

/// Removes the folders above `path` that are empty now, links not followed.
fn remove_empty(store: &Store, path: &RepoPath) {
    let mut empty = path.parent();
    while let Some(folder) = empty {
        let above = Folder::open(&store.repository.top).and_then(|top| top.parent_of(&folder));
        if above.and_then(|above| above.remove_empty(folder.file_name())).is_err() {
            break;
        }
        empty = folder.parent();
    }
}
