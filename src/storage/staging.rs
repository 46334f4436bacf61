//! Which of the staged versions are kept already.
//!
//! The newest snapshot often has what is staged: `git add` made it a moment before. Such a version needs
//! no second look at its bytes: the next snapshot names the same blob, and where that would be all, there
//! is no next snapshot. A backup beside the original is believed by its name and size; whoever has
//! written to it since has not reached the vault, and clean-up goes by proof alone.

use std::collections::HashMap;

use anyhow::Result;

use super::Store;
use super::backups::{BackupFile, SMALL};
use super::restore::{self, Present};
use super::snapshot::plan::{From, Plan, Wanted};
use super::snapshot::{self, Carried, Request};
use super::vault::{A_DAY, Entry, Filed, Slot};
use crate::git::objects::Oid;
use crate::model::artifact::ArtifactId;
use crate::model::at_risk::Mode;
use crate::model::event::Kind;
use crate::model::now;
use crate::model::repo_path::RepoPath;

/// What pre-commit asks of a snapshot. A version whose backup is gone is copied once more.
///
/// # Errors
/// When the vault can't be read.
pub fn at_commit(store: &Store, plan: Plan) -> Result<Request> {
    let too_many = snapshot::too_many_files(store, &plan.wanted);
    let mut request = Request::default();
    let known = newest(store)?;
    for wanted in plan.wanted {
        let found = carried(store, &known, &wanted).map(|carried| {
            let reason = || too_many.clone().or_else(|| too_big(store, &carried));
            let vault_only = if carried.backup.is_some() { None } else { reason() };
            Carried { vault_only, ..carried }
        });
        match found {
            Some(found)
                if (found.backup.is_some() || found.vault_only.is_some())
                    && is_all_there_is(store, &wanted, &found) =>
            {
                request.carried.push(found);
            }
            _ => request.wanted.push(wanted),
        }
    }
    Ok(request)
}

/// What a snapshot at staging time is asked for: every staged version, those that the newest snapshot has
/// as they are there. `None` if it has them all.
///
/// # Errors
/// When the vault can't be read.
pub fn at_staging(store: &Store, plan: Plan) -> Result<Option<Request>> {
    let mut request = Request::default();
    let known = newest(store)?;
    for wanted in plan.wanted.into_iter().filter(|wanted| wanted.kind == Kind::Staged) {
        match carried(store, &known, &wanted) {
            Some(carried) => request.carried.push(carried),
            None => request.wanted.push(wanted),
        }
    }
    Ok((!request.wanted.is_empty()).then_some(request))
}

/// The files of this working tree's newest snapshot, unless it is so old that what it has is to be kept
/// anew.
fn newest(store: &Store) -> Result<HashMap<RepoPath, Filed>> {
    let newest = if store.settings.vault { store.vault.newest(None)? } else { None };
    let now = now::timestamp(&store.now).naive();
    let is_young = |time: chrono::NaiveDateTime| (0..A_DAY).contains(&(now - time).num_seconds());
    let Some(newest) = newest.filter(|newest| is_young(newest.id.time.naive())) else {
        return Ok(HashMap::new());
    };
    let files = store.vault.files(&newest)?.into_iter();
    Ok(files.filter(|f| f.slot == Slot::Main).map(|f| (f.path.clone(), f)).collect())
}

fn carried(store: &Store, known: &HashMap<RepoPath, Filed>, wanted: &Wanted) -> Option<Carried> {
    let From::Index { blob, .. } = &wanted.from else { return None };
    let filed = known.get(&wanted.path).filter(|filed| filed.id.to_string() == *blob)?;
    let size = store.vault.objects().blob_size(filed.id).ok()?;
    let artifact = ArtifactId::of_blob(blob);
    let is_it = |backup: &BackupFile| backup.name.artifact == artifact && backup.stat.size == size;
    let backup = store.backups.of(&wanted.path).into_iter().rfind(is_it);
    let mode = if filed.executable { Mode::Executable } else { Mode::Regular };
    let entry = Entry { path: filed.path.clone(), slot: filed.slot, id: filed.id, mode };
    Some(Carried { entry, backup, vault_only: None })
}

/// Whether the working tree's file, where Git takes it for the staged version, has no other bytes: what a
/// filter leaves out of the staged version is nowhere else. A file too big to look at may have.
fn is_all_there_is(store: &Store, wanted: &Wanted, carried: &Carried) -> bool {
    let From::Index { as_worktree: true, .. } = wanted.from else { return true };
    let is_of_size = |size| size <= SMALL || carried.vault_only.is_some();
    let objects = store.vault.objects();
    let size = objects.blob_size(carried.entry.id);
    match restore::look(store, &wanted.path) {
        Ok(Present::File(stat)) if size.is_ok_and(|size| size == stat.size) => {
            is_of_size(stat.size)
                && (stat.size > SMALL || has_bytes(store, &wanted.path, carried.entry.id))
        }
        _ => false,
    }
}

fn has_bytes(store: &Store, path: &RepoPath, id: Oid) -> bool {
    let bytes = restore::present_bytes(store, path).ok().flatten();
    bytes.is_some_and(|bytes| store.vault.objects().hash(&bytes).is_ok_and(|found| found == id))
}

/// Why no backup of it would be made, if it is over the limit.
fn too_big(store: &Store, carried: &Carried) -> Option<String> {
    let size = store.vault.objects().blob_size(carried.entry.id).ok()?;
    let over = store.settings.max_file_size.is_some_and(|most| size > most.bytes());
    over.then(|| snapshot::over_limit(size))
}
