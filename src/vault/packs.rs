//! The vault's pack: one of all that the branches reach.
//!
//! What could go wrong: a `gc` that the user runs in the vault packs with `--local`, which leaves out what `bak/new`
//! lends, and then removes the packs that were there when it began. If one of those were ours, and what it holds
//! were taken out of `bak/new` meanwhile, both would be gone (seen: 17 blobs of 1300 snapshots). So our pack has
//! its `.keep` before it has a name: no `gc` or `repack` ever removes it, and only packs so kept count as
//! holding anything. That is why this isn't left to `git repack`.
//!
//! Order: all that the branches reach is packed in a folder aside → `.keep` → the pack → its index, which makes it
//! visible to every Git → the packs that were there before go, those that the user marked to be kept, too. Killed
//! anywhere, it leaves one pack too many.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::git::Sealed;
use crate::os::platform::remove_file;
use crate::os::private;

pub(super) const ASIDE: &str = "packing";

/// Puts all that the branches reach, what `bak/new` lends included, into one pack, and drops the rest. The
/// lock stays held by Git, should we die meanwhile: the next fold removes what a dead one left, and no more.
pub(super) fn repack(git: &Sealed, lock: &mut File) -> Result<()> {
    let before = indexes(git)?;
    let aside = git.git_dir().join(ASIDE);
    private::make_dir(&aside)?;
    let mut names = make(git, lock, &aside, &[])?;
    let objects = git.git_dir().join("objects");
    let packs = objects.join("pack");
    let is_taken = |name: &String| {
        let index = packs.join(format!("{name}.idx"));
        index.exists() && !is_kept(&index)
    };
    if names.iter().any(is_taken) {
        // The very same pack is there, and its maker may be about to remove it: ours needs another name.
        names = make(git, lock, &aside, &["--no-reuse-object", "--compression=1"])?;
    }
    if let Some(name) = names.iter().find(|name| is_taken(name)) {
        bail!("{name} is there, and not kept");
    }
    // A `gc` of the user's made these from packs that go.
    let _ = std::fs::remove_file(objects.join("info/commit-graph"));
    let _ = std::fs::remove_dir_all(objects.join("info/commit-graphs"));
    let _ = std::fs::remove_file(packs.join("multi-pack-index"));
    let mut ours = Vec::new();
    for name in &names {
        ours.push(put_in_place(&aside, &packs, name)?);
    }
    let _ = std::fs::remove_dir_all(&aside);
    for index in before.iter().filter(|index| !ours.contains(index)) {
        remove(index)?;
    }
    Ok(())
}

/// Packs all that the branches reach in the folder aside; what the packs are called.
fn make(git: &Sealed, lock: &mut File, aside: &Path, how: &[&str]) -> Result<Vec<String>> {
    let base = aside.join("pack");
    let args = ["pack-objects", "--all", "--non-empty", "--delta-base-offset", "-q"];
    let args = args.iter().chain(how).map(OsStr::new);
    // It reads what else to pack, and there is nothing to read behind the end.
    lock.seek(SeekFrom::End(0))?;
    let names = git.holding(args.chain([base.as_os_str()]), lock)?;
    let names = String::from_utf8_lossy(&names);
    Ok(names.lines().map(|name| format!("pack-{name}")).collect())
}

/// Gives a pack its name, kept from the first moment; its index.
fn put_in_place(aside: &Path, packs: &Path, name: &str) -> Result<PathBuf> {
    let index = packs.join(format!("{name}.idx"));
    private::write_synced(&index.with_extension("keep"), b"git-bak\n")?;
    for extension in ["pack", "rev", "idx"] {
        let from = aside.join(format!("{name}.{extension}"));
        let to = index.with_extension(extension);
        if from.exists() {
            std::fs::rename(&from, &to).with_context(|| to.display().to_string())?;
        }
    }
    #[cfg(unix)]
    File::open(packs)?.sync_all()?;
    Ok(index)
}

/// First the index, without which the rest is nothing.
fn remove(index: &Path) -> Result<()> {
    for extension in ["idx", "bitmap", "mtimes", "rev", "pack", "promisor", "keep"] {
        let path = index.with_extension(extension);
        match remove_file(&path) {
            Err(error) if path.exists() => return Err(error).context(path.display().to_string()),
            _ => {}
        }
    }
    Ok(())
}

fn is_kept(index: &Path) -> bool {
    index.with_extension("keep").exists()
}

/// There is one pack, and it is ours; or none.
pub(super) fn is_tidy(git: &Sealed) -> Result<bool> {
    let indexes = indexes(git)?;
    Ok(indexes.len() < 2 && indexes.iter().all(|index| is_kept(index)))
}

/// Removes loose objects of the vault's own that no branch reaches, those of this second, too. What hooks put in
/// is not the vault's own, but lent to it.
pub(super) fn drop_unreached(git: &Sealed, lock: &File) -> Result<()> {
    git.holding(["prune", "--expire=now"], lock)?;
    Ok(())
}

/// The ids of all objects in packs that are kept. What it borrows is not among them, which is why Git isn't
/// asked whether it has an object: to Git, all of `bak/new` is there.
pub(super) fn held(git: &Sealed) -> Result<HashSet<String>> {
    let mut held = HashSet::new();
    for index in indexes(git)? {
        let has_pack = index.with_extension("pack").metadata().is_ok_and(|meta| meta.len() > 0);
        if has_pack && is_kept(&index) {
            let file = File::open(&index).with_context(|| index.display().to_string())?;
            let text = git.holding(["show-index"], &file)?;
            let text = String::from_utf8_lossy(&text);
            held.extend(text.lines().filter_map(|line| line.split(' ').nth(1)).map(str::to_owned));
        }
    }
    Ok(held)
}

/// An error if a pack, or its index, can't be opened now.
pub(super) fn unreadable(git: &Sealed) -> Result<()> {
    for index in indexes(git)? {
        for file in [index.with_extension("pack"), index] {
            File::open(&file).with_context(|| file.display().to_string())?;
        }
    }
    Ok(())
}

fn indexes(git: &Sealed) -> Result<Vec<PathBuf>> {
    let folder = git.git_dir().join("objects").join("pack");
    let entries = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let mut indexes = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "idx") {
            indexes.push(path);
        }
    }
    Ok(indexes)
}

/// How many bytes the files below a folder have.
pub(super) fn size_of(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let sizes = entries.filter_map(Result::ok).map(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => size_of(&entry.path()),
        _ => entry.metadata().map_or(0, |meta| meta.len()),
    });
    sizes.sum()
}
