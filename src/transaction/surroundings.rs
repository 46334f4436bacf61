//! What stands in a working tree: every file that Git tracks or would track, as the system knows it, and the folders,
//! those with nothing in them as well. Git doesn't keep these.
//!
//! One look at each file and into each folder that has some; a folder of ignored files is entered
//! only until the first file is found, so that what is ignored (`node_modules`) costs nothing. A `.gitignore` is looked
//! at even if it ignores itself, for it says what else is not looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};

use anyhow::{Context, Result};

use crate::backups::Store;
use crate::model::names::backup_name::is_ours;
use crate::model::names::repo_path::RepoPath;
use crate::model::surroundings::Seal;
use crate::os::folder::{EntryKind, Folder, Stat};
use crate::transaction::ancestors;

/// In practice folders without a file are never nested deeper than this.
const DEEPEST: usize = 64;

pub const RULES: &[u8] = b".gitignore";

#[derive(Debug, Default)]
pub struct SeenTree {
    /// The files and links among those that were asked for, and each `.gitignore` beside them.
    pub files: BTreeMap<RepoPath, Stat>,
    /// The folders, with their permission bits, and whether all that is in them was asked for, or nothing is.
    pub folders: BTreeMap<RepoPath, (u32, bool)>,
    /// The folders above them that we may not read.
    pub closed: Vec<RepoPath>,
}

impl SeenTree {
    /// Adds what a look at other paths has found: a folder is one that was asked for if either has asked.
    pub fn add(&mut self, other: Self) {
        self.files.extend(other.files);
        for (path, (bits, all)) in other.folders {
            self.folders.entry(path).or_insert((bits, all)).1 |= all;
        }
        self.closed.extend(other.closed);
        self.closed.sort();
        self.closed.dedup();
    }
}

/// Looks at all `paths` and at the folders they are in.
pub fn look(store: &Store, paths: &BTreeSet<&RepoPath>) -> Result<SeenTree> {
    let top = open(store)?;
    let folders = by_folder(paths);
    let mut seen = SeenTree::default();
    for (path, files) in &folders {
        let folder = match inside(&top, path.as_ref()) {
            Ok(folder) => folder,
            // Else it is gone, or no folder any more.
            Err(error) => {
                let is_closed = error.kind() == ErrorKind::PermissionDenied;
                seen.closed.extend(path.clone().filter(|_| is_closed));
                continue;
            }
        };
        for file in files.iter().copied().chain(RepoPath::below(path.as_ref(), RULES).as_ref()) {
            let stat = folder.stat(file.file_name()).ok().flatten();
            if let Some(stat) = stat.filter(|stat| stat.kind != EntryKind::Folder) {
                seen.files.insert(file.clone(), stat);
            }
        }
        look_around(&folder, path.as_ref(), &folders, &mut seen);
    }
    Ok(seen)
}

/// The paths in the folders that they lie in, each with those above it; `None` is the top.
type ByFolder<'a> = BTreeMap<Option<RepoPath>, Vec<&'a RepoPath>>;

fn by_folder<'a>(paths: &BTreeSet<&'a RepoPath>) -> ByFolder<'a> {
    let mut folders = ByFolder::from([(None, Vec::new())]);
    let mut paths = paths.iter().copied().peekable();
    while let Some(path) = paths.next() {
        let folder = path.parent();
        for above in folder.iter().flat_map(ancestors) {
            folders.entry(Some(above)).or_default();
        }
        let files = folders.entry(folder).or_default();
        files.push(path);
        // Mostly the next ones lie there, too.
        while let Some(next) = paths.next_if(|next| next.is_beside(path)) {
            files.push(next);
        }
    }
    folders
}

/// What the system knows of a file, to compare with later.
pub fn seal_of(stat: &Stat) -> Seal {
    let Stat { size, modified, changed, permissions, .. } = *stat;
    Seal { size, modified, changed, inode: stat.inode.1, permissions }
}

/// The folders inside `folder`: those that are known have permissions, the others may be empty.
fn look_around(
    folder: &Folder,
    path: Option<&RepoPath>,
    known: &ByFolder<'_>,
    seen: &mut SeenTree,
) {
    let mut inside = Vec::new();
    // One that can't be listed has none.
    let _ = folder.each(|name, is_folder| inside.extend(is_folder.then(|| name.to_vec())));
    for name in inside {
        let stat = folder.stat(&name).ok().flatten();
        let Some(stat) = stat.filter(|stat| stat.kind == EntryKind::Folder) else { continue };
        let place = RepoPath::below(path, &name);
        let is_known = known.contains_key(&place);
        let Some(path) = place else { continue };
        let mut hollow = Vec::new();
        if is_known {
            seen.folders.insert(path, (stat.permissions, true));
        } else if is_hollow(folder, &path, &stat, DEEPEST, &mut hollow) {
            seen.folders.extend(hollow.into_iter().map(|(path, bits)| (path, (bits, true))));
        } else {
            seen.folders.insert(path, (stat.permissions, false));
        }
    }
}

/// Whether there is no file below this folder of `above` but backups; the folders that were looked into are in `all`.
fn is_hollow(
    above: &Folder,
    path: &RepoPath,
    stat: &Stat,
    depth: usize,
    all: &mut Vec<(RepoPath, u32)>,
) -> bool {
    let Ok(inside) = RepoPath::from_bytes([path.file_name(), b"/x"].concat()) else { return false };
    let (Ok(folder), true) = (above.parent_of(&inside), depth > 0) else { return false };
    let Ok(names) = folder.names() else { return false };
    all.push((path.clone(), stat.permissions));
    names.iter().filter(|name| !is_ours(name)).all(|name| {
        let stat = folder.stat(name).ok().flatten().filter(|it| it.kind == EntryKind::Folder);
        let inside = stat.zip(RepoPath::below(Some(path), name));
        inside.is_some_and(|(stat, path)| is_hollow(&folder, &path, &stat, depth - 1, all))
    })
}

fn open(store: &Store) -> Result<Folder> {
    let top = &store.repository.top;
    Folder::open(top).with_context(|| format!("{}", top.display()))
}

fn inside(top: &Folder, path: Option<&RepoPath>) -> io::Result<Folder> {
    let file = RepoPath::below(path, b"x").ok_or(ErrorKind::InvalidInput)?;
    top.parent_of(&file)
}
