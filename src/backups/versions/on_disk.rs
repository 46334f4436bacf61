//! The backup files among the versions of a file: each is put to the recorded version that it was made with.

use std::cmp::Reverse;

use anyhow::{Context, Result};

use super::Version;
use crate::backups::Store;
use crate::backups::files::BackupFile;
use crate::backups::records::Known;
use crate::git::objects::Oid;
use crate::model::names::artifact::ArtifactId;
use crate::os::zone;

/// What says which bytes a backup has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    Bytes,
    /// The name it was made under, if the record has the version of that name.
    Name,
}

/// Adds the backup files, and brings all into their order.
pub(super) fn add_backups(
    store: &Store,
    backups: impl IntoIterator<Item = BackupFile>,
    proof: Proof,
    versions: &mut Vec<Version>,
) {
    for backup in backups {
        // One that can't be read can't be brought back either; the others can.
        let _ = add_backup(store, backup, proof, versions);
    }
    versions.sort_by_key(|version| Reverse(version.order));
}

/// Puts a backup file to the recorded version it was made with, or in the list by itself.
fn add_backup(
    store: &Store,
    backup: BackupFile,
    proof: Proof,
    versions: &mut Vec<Version>,
) -> Result<()> {
    if store.clean_forms.is_for(&backup.path) || versions.iter().any(|version| version.clean) {
        return add_clean(store, backup, versions);
    }
    let named = |version: &Version| {
        version.time == backup.name.time && version.artifact == backup.name.artifact
    };
    let said = || versions.iter().find(|version| named(version)).map(|version| version.id);
    let id = match said().filter(|_| proof == Proof::Name && backup.name.artifact.is_some()) {
        Some(id) => id,
        None => {
            let name = || String::from_utf8_lossy(&backup.name.to_bytes()).into_owned();
            backup.hash(&store.objects).with_context(name)?.0
        }
    };
    let same = |version: &&mut Version| {
        !version.is_of_another_worktree()
            && version.backup.is_none()
            && version.time == backup.name.time
            && version.id == id
    };
    if let Some(version) = versions.iter_mut().find(same) {
        version.artifact = backup.name.artifact;
        version.order.4 = backup.stat.modified;
        version.size = backup.stat.size;
        version.backup = Some(backup);
        return Ok(());
    }
    // What its name says is on record, and not in it: it was overwritten.
    let spoiled = backup.name.artifact.is_some() && versions.iter().any(named);
    let in_vault = store.settings.vault && versions.iter().any(|version| version.id == id);
    let is_doubtful = is_doubtful(store, &backup, id);
    versions.push(alone(store, backup, (id, false), (in_vault, is_doubtful, spoiled)));
    Ok(())
}

/// The same for a file of which the vault has clean forms: a backup is put to the version of its second that has the
/// clean form of its bytes; else, where its bytes are what its name says, to another of that second (a filter may
/// make another form each time).
fn add_clean(store: &Store, backup: BackupFile, versions: &mut Vec<Version>) -> Result<()> {
    let own = backup.hash(&store.objects)?.0;
    let is_whole = ArtifactId::of_blob(&own.to_string()) == backup.name.artifact;
    let id = backup.clean_id(store, own).unwrap_or(own);
    let is_of_then = |version: &Version| {
        !version.is_of_another_worktree()
            && version.backup.is_none()
            && version.time == backup.name.time
    };
    let found = versions
        .iter()
        .position(|it| is_of_then(it) && it.id == id)
        .or_else(|| versions.iter().position(|it| is_of_then(it) && it.clean && is_whole));
    if let Some(at) = found {
        let version = &mut versions[at];
        version.artifact = backup.name.artifact;
        version.order.4 = backup.stat.modified;
        version.size = backup.stat.size;
        version.backup = Some(backup);
        return Ok(());
    }
    let spoiled = !is_whole && versions.iter().any(is_of_then);
    let in_vault = store.settings.vault && versions.iter().any(|version| version.id == id);
    let said = store.records.blob_of(&backup.path, &backup.name.to_bytes());
    let is_doubtful = !is_whole && backup.name.artifact.is_some() && said != Some(id.to_string());
    let clean = store.clean_forms.is_for(&backup.path);
    versions.push(alone(store, backup, (id, clean), (in_vault, is_doubtful, spoiled)));
    Ok(())
}

/// A backup that no version on record was made with.
fn alone(
    store: &Store,
    backup: BackupFile,
    (id, clean): (Oid, bool),
    (in_vault, is_doubtful, spoiled): (bool, bool, bool),
) -> Version {
    let modified = if spoiled { (i64::MIN, 0) } else { backup.stat.modified };
    let local = backup.on_disk(&store.now).effective_time(store.now.naive_local());
    let offset = zone::offset_at(local, &store.now).local_minus_utc();
    let instant = local.and_utc().timestamp() - i64::from(offset);
    Version {
        path: backup.path.clone(),
        number: 0,
        time: backup.name.time,
        artifact: backup.name.artifact,
        id,
        clean,
        size: backup.stat.size,
        in_vault,
        executable: backup.stat.permissions & 0o100 != 0,
        other_worktree: None,
        is_doubtful,
        known: Known::default(),
        line: None,
        // What is doubtful comes last, whatever time it claims.
        order: (!is_doubtful, instant, 0, false, modified),
        backup: Some(backup),
    }
}

/// Whether the bytes `id` of a backup are neither those that its name says, nor those on record. The id of an
/// upgrade says nothing of bytes, and names of the older form say nothing at all.
fn is_doubtful(store: &Store, backup: &BackupFile, id: Oid) -> bool {
    let hex = id.to_string();
    let says_so = backup.name.artifact.is_none_or(|said| Some(said) == ArtifactId::of_blob(&hex));
    !says_so
        && store.records.blob_of(&backup.path, &backup.name.to_bytes()).as_deref() != Some(&*hex)
}
