//! Which tracked files have the very bytes of their blob, so that Git's objects hold them in that form.
//!
//! What could go wrong: a file counts as held, and its bytes are in the working tree alone. So three things have to be
//! true: by all that the index knows of it, even what the settings tell Git to overlook, it was not written to since
//! Git found it equal; no attribute converts it; and it is as long as its blob, since rules that converted it once may
//! be gone by now. A filter may have made as many bytes: where one is set up the files are read.

use std::thread;

use anyhow::{Context, Result, anyhow, ensure};

use crate::git::command::Git;
use crate::git::index::Index;
use crate::git::objects::{Objects, Oid};
use crate::git::worktree::{filtered, saved_index};
use crate::model::names::repo_path::RepoPath;
use crate::os::folder::{EntryKind, Stat};

/// The mode of a submodule.
pub const SUBMODULE: u32 = 0o160_000;

/// As the index has it: cut to 32 bits.
type StatInIndex = (u32, (u32, u32), (u32, u32), u32);

/// A path of the index.
#[derive(Debug)]
pub struct TrackedPath {
    pub path: RepoPath,
    pub mode: u32,
    /// `None`: unmerged.
    pub id: Option<Oid>,
    /// Git was told not to look at it.
    pub is_hidden: bool,
    /// Size, time of modification, of the inode's change, inode: as long as they are the same it was not written to.
    known: Option<StatInIndex>,
    /// An attribute converts it, or its blob is not as long, or that was not looked at.
    pub is_converted: bool,
    /// Git LFS has its bytes.
    pub is_lfs: bool,
}

impl TrackedPath {
    /// Whether its file is as Git has seen it last.
    pub fn is_untouched(&self, stat: &Stat) -> bool {
        let cut = |(seconds, nanos): (i64, u32)| (seconds as u32, nanos);
        let now = (stat.size as u32, cut(stat.modified), cut(stat.changed), stat.inode.1 as u32);
        self.known == Some(now)
    }

    /// Whether it also has the mode that it has in the index.
    pub fn is_as_indexed(&self, stat: &Stat) -> bool {
        let mode = match stat.kind {
            EntryKind::File if stat.permissions & 0o100 != 0 => 0o100_755,
            EntryKind::File => 0o100_644,
            _ => 0o120_000,
        };
        self.mode == mode && self.is_untouched(stat)
    }
}

/// All paths of the index that `git` goes by, in its order; `index` is the same if it was `read`. `has_filters`: one
/// other than LFS's is set up. `is_known`: whether the caller may know the file's bytes by itself; if not, it reads them.
/// It is asked of one path after the other.
pub fn tracked(
    git: &Git,
    objects: &Objects,
    index: Option<&Index>,
    has_filters: bool,
    mut is_known: impl FnMut(&RepoPath) -> bool,
) -> Result<Vec<TrackedPath>> {
    let mut all = match index {
        Some(read) if !read.is_sparse => of_index(read),
        // Only Git can read it, or say what is in the folders that are one entry.
        _ => asked(git, objects)?,
    };
    // The sides of a conflict.
    all.dedup_by(|next, one| next.path == one.path);
    for it in &mut all {
        it.is_converted = is_known(&it.path);
    }
    look_closer(git, &mut all)?;
    all.iter_mut().for_each(|it| it.is_converted |= has_filters);
    Ok(all)
}

fn of_index(index: &Index) -> Vec<TrackedPath> {
    let proof = super::quick::trusted_before(index.modified);
    let entries = index.entries().filter_map(|entry| {
        let is_old = proof((entry.mtime.0.into(), entry.mtime.1)) && entry.size > 0;
        Some(TrackedPath {
            path: RepoPath::from_bytes(entry.path.to_vec()).ok()?,
            mode: entry.mode,
            id: (entry.stage == 0 && !entry.intent_to_add).then_some(entry.id),
            is_hidden: entry.assume_valid || entry.skip_worktree,
            known: is_old.then_some((entry.size, entry.mtime, entry.ctime, entry.ino)),
            is_converted: false,
            is_lfs: false,
        })
    });
    entries.collect()
}

fn asked(git: &Git, objects: &Objects) -> Result<Vec<TrackedPath>> {
    let mut all = Vec::new();
    for (path, entries) in saved_index::entries(git, objects)? {
        let (Some(entry), Ok(path)) = (entries.first(), RepoPath::from_bytes(path)) else {
            continue;
        };
        let is_one = entry.stage == 0 && !entry.intent_to_add;
        all.push(TrackedPath {
            path,
            mode: u32::from_str_radix(&entry.mode, 8)?,
            id: if is_one { Some(objects.parse(&entry.id)?) } else { None },
            is_hidden: entry.assume_unchanged || entry.skip_worktree,
            known: None,
            is_converted: false,
            is_lfs: false,
        });
    }
    Ok(all)
}

/// Asks Git, of all those that may be held, how long their blobs are and what converts them: two children at once.
fn look_closer(git: &Git, all: &mut [TrackedPath]) -> Result<()> {
    let mut files: Vec<&mut TrackedPath> = all
        .iter_mut()
        .filter(|it| it.known.is_some() && it.mode != SUBMODULE && !it.is_converted)
        .collect();
    if files.is_empty() {
        return Ok(());
    }
    let ids: Vec<Oid> = files.iter().filter_map(|it| it.id).collect();
    let (sizes, drivers) = thread::scope(|scope| {
        let sizes = thread::Builder::new().spawn_scoped(scope, || sizes(git, &ids))?;
        let drivers = filtered::converting(git)?;
        let sizes = sizes.join().map_err(|_| anyhow!("git cat-file could not be asked"))?;
        anyhow::Ok((sizes?, drivers))
    })?;
    let mut sizes = sizes.into_iter();
    for file in &mut files {
        let size = file.id.and_then(|_| sizes.next()).flatten();
        let driver = drivers.get(&file.path);
        file.is_lfs = driver.is_some_and(|driver| driver == b"lfs");
        let known = file.known.map(|known| u64::from(known.0));
        file.is_converted = driver.is_some() || size.map(|size| size & 0xffff_ffff) != known;
    }
    Ok(())
}

/// How many bytes each of these blobs has; `None` for one that isn't there.
fn sizes(git: &Git, ids: &[Oid]) -> Result<Vec<Option<u64>>> {
    let input = ids.iter().flat_map(|id| format!("{id}\n").into_bytes()).collect();
    let git = git.clone().with_env("GIT_NO_REPLACE_OBJECTS", "1");
    let args = ["cat-file", "--batch-check=%(objectsize)", "--buffer"];
    let text = git.feed(args, input)?.success()?;
    let text = std::str::from_utf8(&text).context("git cat-file printed what can't be read")?;
    let sizes: Vec<Option<u64>> = text.lines().map(|line| line.parse().ok()).collect();
    ensure!(sizes.len() == ids.len(), "git cat-file printed what can't be read");
    Ok(sizes)
}
