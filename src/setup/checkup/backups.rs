//! The backup files: old ones, damaged ones, and those that the vault lacks.

use std::collections::HashSet;

use anyhow::Result;

use super::{Good, Outcome, Problem};
use crate::backups::files::BackupFile;
use crate::backups::{Store, outstanding, versions};
use crate::git::objects::Oid;
use crate::git::survey::tracked;
use crate::model::check::Check;
use crate::model::harm::BackupPlace;
use crate::model::names::artifact::ArtifactId;
use crate::model::names::repo_path::RepoPath;

pub fn look(store: &Store) -> Vec<Outcome> {
    let backups = match all(store) {
        Ok(backups) => backups,
        Err(error) => return vec![Outcome::bad(Check::StrayBackups, Problem::Unseen(error))],
    };
    let (damaged, whole): (Vec<_>, Vec<_>) =
        backups.iter().partition(|backup| is_damaged(store, backup));
    let mut outcomes = vec![old(store, &backups)];
    outcomes.extend(damaged.iter().map(|backup| {
        let (location, file) = (backup.location(), backup.file());
        let right = right_bytes(store, backup);
        Outcome::bad(Check::DamagedBackups, Problem::Damaged { location, file, right })
    }));
    if damaged.is_empty() {
        outcomes.push(Outcome::good(Check::DamagedBackups, Good::NoneDamaged(backups.len())));
    }
    let (known, held) = (known(store), in_vault(store));
    let stray = whole.into_iter().filter(|backup| is_stray(store, &known, &held, backup));
    let stray: Vec<RepoPath> = stray.map(BackupFile::location).collect();
    outcomes.push(match stray.is_empty() {
        true => Outcome::good(Check::StrayBackups, Good::NoneStray),
        false => Outcome::bad(Check::StrayBackups, Problem::Stray(stray)),
    });
    outcomes
}

/// Every backup file of this working tree that Git doesn't track.
pub(super) fn all(store: &Store) -> Result<Vec<BackupFile>> {
    let mut backups = outstanding::everywhere(store)?;
    let is_beside = |backup: &BackupFile| backup.place() == BackupPlace::Beside;
    let beside = backups.iter().filter(|backup| is_beside(backup));
    let locations: Vec<RepoPath> = beside.map(BackupFile::location).collect();
    let tracked = tracked::among(&store.repository, &locations)?;
    backups.retain(|backup| !is_beside(backup) || !tracked.contains(&backup.location()));
    Ok(backups)
}

/// The locations of the backups on record.
pub(super) fn known(store: &Store) -> HashSet<RepoPath> {
    outstanding::named(store).iter().map(BackupFile::location).collect()
}

/// Every version that the record names for this working tree.
fn in_vault(store: &Store) -> HashSet<(RepoPath, String)> {
    let versions = store.records.own().versions();
    versions.filter_map(|it| Some((it.seen.path()?, it.seen.id.clone()?))).collect()
}

/// Whether the vault should have a copy, and hasn't: it is on no record, or it was made so lately
/// that nothing of it can have expired.
fn is_stray(
    store: &Store,
    known: &HashSet<RepoPath>,
    held: &HashSet<(RepoPath, String)>,
    backup: &BackupFile,
) -> bool {
    let now = store.now.naive_local();
    let made = backup.on_disk(&store.now).effective_time(now);
    let expiry = store.settings.vault_expire.age();
    let has_expired = expiry.is_some_and(|age| made < now - age.as_delta());
    if !store.settings.vault || has_expired && known.contains(&backup.location()) {
        return false;
    }
    let is_held =
        |id: Oid| held.contains(&(backup.path.clone(), id.to_string())) && store.vault.has(id);
    if store.clean_forms.is_for(&backup.path) {
        let versions = versions::of(store, &backup.path);
        let its = versions
            .iter()
            .find(|version| version.backup.as_ref().is_some_and(|its| its.name == backup.name));
        return !its.is_some_and(|version| is_held(version.id));
    }
    // One that can't be read is called damaged.
    backup.hash(&store.objects).is_ok_and(|(id, _)| !is_held(id))
}

/// Whether its bytes aren't those that were written. The artifact id tells if it is that of the bytes; that
/// of an upgrade says nothing of them, and the records have to tell.
fn is_damaged(store: &Store, backup: &BackupFile) -> bool {
    let Ok((id, _)) = backup.hash(&store.objects) else { return true };
    let hex = id.to_string();
    let Some(artifact) = backup.name.artifact else { return false };
    if ArtifactId::of_blob(&hex) == Some(artifact) {
        return false;
    }
    if store.clean_forms.is_for(&backup.path) {
        // The record says nothing of the bytes themselves.
        return false;
    }
    if let Some(blob) = store.records.blob_of(&backup.path, &backup.name.to_bytes()) {
        return blob != hex;
    }
    let in_vault = of_its_snapshot(store, backup);
    !in_vault.is_empty() && !in_vault.contains(&hex)
}

/// The blob id of the bytes that a damaged backup should have, in hex, if the vault has them.
fn right_bytes(store: &Store, backup: &BackupFile) -> Option<String> {
    let on_record = store.records.blob_of(&backup.path, &backup.name.to_bytes());
    let mut of_then = of_its_snapshot(store, backup).into_iter();
    let of_name = |hex: &String| ArtifactId::of_blob(hex) == backup.name.artifact;
    let right = on_record.or_else(|| of_then.find(of_name))?;
    store.objects.parse(&right).is_ok_and(|id| store.vault.has(id)).then_some(right)
}

/// The blob ids, in hex, of the versions of its file that the record has of its second.
fn of_its_snapshot(store: &Store, backup: &BackupFile) -> Vec<String> {
    let versions = store.records.own().versions();
    let of_then = versions.filter(|it| it.time() == backup.name.time);
    let of_file = of_then.filter(|it| it.seen.is_of(&backup.path));
    of_file.filter_map(|it| it.seen.id.clone()).collect()
}

fn old(store: &Store, backups: &[BackupFile]) -> Outcome {
    let now = store.now.naive_local();
    let a_week_ago = now - chrono::TimeDelta::weeks(1);
    let is_old = |it: &&BackupFile| it.on_disk(&store.now).effective_time(now) < a_week_ago;
    match backups.iter().filter(is_old).count() {
        0 => Outcome::good(Check::OldBackups, Good::NoneOld),
        old => Outcome::bad(Check::OldBackups, Problem::Old(old)),
    }
}
