//! The names of a snapshot's backups: one second for all of them, free for all of them.

use anyhow::{Result, bail};

use super::Taken;
use super::capture::Captured;
use super::copying::Copy;
use crate::backups::Store;
use crate::model::events::event::Kind;
use crate::model::names::artifact::ArtifactId;
use crate::model::names::backup_name::BackupName;
use crate::model::names::timestamp::Timestamp;
use crate::model::retention::snapshot_time;

/// How far a snapshot may move: a saboteur who has planted an hour of names won't stop at that.
const FARTHEST: usize = 3600;

/// Gives every waiting copy the name that it will have, and returns the second in them.
pub(super) fn settle(
    store: &Store,
    versions: &mut [Captured],
    artifact: Option<ArtifactId>,
    taken: &mut Taken,
) -> Result<Timestamp> {
    let newest = versions
        .iter()
        .flat_map(|version| store.backups.of(&version.path))
        .map(|backup| backup.name.time);
    let mut time = snapshot_time(super::begin(store), newest);
    for _ in 0..FARTHEST {
        if !versions.iter().any(|version| collides(version, time, artifact)) {
            for version in &mut *versions {
                let name = name_of(version, time, artifact);
                if let Copy::Waiting(_, waiting) = &mut version.copy {
                    *waiting = Some(name);
                }
            }
            return Ok(time);
        }
        time = time.next_second();
    }
    taken.unprotected.extend(versions.iter().map(|v| (v.path.clone(), "no free name".to_owned())));
    bail!("every second of the next hour is taken by another backup")
}

/// Something has this version's name already: a file with other bytes, a folder, a link.
fn collides(version: &Captured, time: Timestamp, artifact: Option<ArtifactId>) -> bool {
    let Copy::Waiting(..) = version.copy else { return false };
    let Some(folder) = version.folder() else { return false };
    let name = name_of(version, time, artifact).to_bytes();
    // A name that can't be looked at is not free either.
    !matches!(folder.stat(&name), Ok(None))
}

/// The upgrade's id stands in the name of what the upgrade is about to change: the working tree's file.
fn name_of(version: &Captured, time: Timestamp, artifact: Option<ArtifactId>) -> BackupName {
    let own = ArtifactId::of_blob(&version.own.to_string());
    let artifact = artifact.filter(|_| version.kind != Kind::Staged).or(own);
    BackupName { original: version.path.file_name().to_vec(), time, artifact }
}
