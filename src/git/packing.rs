//! Putting loose objects into a pack, by Git's own program.
//!
//! Order, and why it is safe: the pack is whole and under its name before any loose object goes, and only what
//! that pack has goes. A `gc` that runs beside doesn't know the pack and leaves it; older packs it may be about
//! to remove, so what only they have stays loose, too. Whoever dies in between leaves objects twice, which is
//! nobody's harm. Readers that miss a loose object look for new packs.

use std::fs;

use anyhow::{Context, Result};

use super::objects::{Objects, Oid};
use super::repository::Repository;

/// Packs the loose objects `ids`, each with a name by which Git finds those that are alike. An object that
/// is in a pack already is left where it is.
///
/// # Errors
/// When Git can't read one of them, or there is no room: all is as it was then.
pub fn pack(repository: &Repository, objects: &Objects, ids: &[(Oid, Vec<u8>)]) -> Result<()> {
    let folder = repository.objects_dir.join("pack");
    let options =
        ["pack-objects", "-q", "--incremental", "--local", "--non-empty", "--delta-base-offset"];
    let args = options.map(Into::into).into_iter().chain([folder.join("pack").into_os_string()]);
    let line =
        |(id, name): &(Oid, Vec<u8>)| [id.to_string().as_bytes(), b" ", name, b"\n"].concat();
    let git = repository.git();
    let made = git.feed(args, ids.iter().flat_map(line).collect())?.success()?;
    let made = String::from_utf8(made)?;
    if made.trim().is_empty() {
        return Ok(());
    }
    let index = folder.join(format!("pack-{}.idx", made.trim()));
    let index = fs::read(&index).with_context(|| format!("{}", index.display()))?;
    // A line for each object: where it is in the pack, its id, a checksum (git-show-index(1)).
    let listed = String::from_utf8(git.feed(["show-index"], index)?.success()?)?;
    for id in listed.lines().filter_map(|line| line.split(' ').nth(1)) {
        objects.unlink_loose(objects.parse(id)?);
    }
    Ok(())
}
