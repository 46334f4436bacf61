//! Files in `bak/new` that are not what their names say: a power cut leaves them empty, cut short or full of zeros.
//!
//! Order, and why nothing is lost: under the record's lock each is read once more, and only one that can be read to
//! its end and is no object is renamed, never deleted. A writer that replaced it just now looks under the same lock
//! whether its blob is still there before it appends its line, and puts it in again if not.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::emptying;
use crate::git::objects::Objects;
use crate::git::repository::Repository;
use crate::os::private;
use crate::record::Record;

/// Those below `bak`, by id.
pub(super) fn of(repository: &Repository, bak: &Path) -> Vec<(String, PathBuf)> {
    let new = bak.join("new");
    let objects = Objects::in_dir(repository, new.clone());
    let mut found = emptying::loose(&new);
    found.retain(|(id, path)| is_damaged(&objects, id, path));
    found
}

/// Moves them into `aside`, as objects of a repository there; how many. Where locks are none, it moves none.
pub(super) fn put_aside(repository: &Repository, record: &Record, aside: &Path) -> Result<usize> {
    let objects = Objects::in_dir(repository, record.bak().join("new"));
    let mut moved = 0;
    for (id, path) in of(repository, record.bak()) {
        let lock = record.lock()?;
        if lock.is_sure() && is_damaged(&objects, &id, &path) {
            let (folder, name) = id.split_at(2);
            let folder = aside.join("objects").join(folder);
            private::make_dir(&folder)?;
            std::fs::rename(&path, folder.join(name))
                .with_context(|| path.display().to_string())?;
            moved += 1;
        }
    }
    Ok(moved)
}

/// Nothing is known of one that can't be read to its end now.
fn is_damaged(objects: &Objects, id: &str, path: &Path) -> bool {
    objects.parse(id).is_ok_and(|id| objects.lacks(id)) && std::fs::read(path).is_ok()
}
