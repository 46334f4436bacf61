//! What stands in a working tree: every file that Git tracks or would track, as the system knows it, and the folders,
//! those with nothing in them as well. Git doesn't keep these.
//!
//! One look at each file and into each folder that has some; a folder of ignored files is entered
//! only until the first file is found, so that what is ignored (`node_modules`) costs nothing. A `.gitignore` is looked
//! at even if it ignores itself, for it says what else is not looked at.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::num::NonZero;
use std::thread::{self, Builder, ScopedJoinHandle};

use anyhow::{Context, Result};

use crate::backups::Store;
use crate::model::names::backup_name::is_ours;
use crate::model::names::repo_path::RepoPath;
use crate::model::surroundings::Seal;
use crate::os::folder::{EntryKind, Folder, Stat};
use crate::transaction::ancestors;

/// In practice folders without a file are never nested deeper than this.
const DEEPEST: usize = 64;

/// How many files are worth a thread.
const FILES_OF_A_THREAD: usize = 1000;

pub const RULES: &[u8] = b".gitignore";

#[derive(Debug, Default)]
pub struct SeenTree {
    /// The files and links among those that were asked for, and each `.gitignore` beside them.
    pub files: BTreeMap<RepoPath, Stat>,
    /// The folders, with their permission bits, and whether all that is in them was asked for, or nothing is.
    pub folders: BTreeMap<RepoPath, (u32, bool)>,
    /// The folders above them that we may not read.
    pub closed: Vec<RepoPath>,
    /// Whatever else lies beside them, and whether it is a folder.
    pub others: Vec<(RepoPath, bool)>,
}

impl SeenTree {
    /// Adds what a look at other paths has found: a folder is one that was asked for if either has asked.
    pub fn add(&mut self, other: Self) {
        self.files.extend(other.files);
        for (path, (bits, all)) in other.folders {
            self.folders.entry(path).or_insert((bits, all)).1 |= all;
        }
        self.others.extend(other.others);
        self.closed.extend(other.closed);
        self.closed.sort();
        self.closed.dedup();
    }
}

/// Looks at all `paths`, which are in order, and at the folders they are in; if they are many, with all processors.
pub fn look(store: &Store, paths: &[&RepoPath]) -> Result<SeenTree> {
    let top = open(store)?;
    let folders = by_folder(paths);
    let most = thread::available_parallelism().map_or(1, NonZero::get);
    let share = paths.len().div_ceil(most).max(FILES_OF_A_THREAD);
    let (mut parts, mut room) = (Vec::new(), 0);
    for (path, files) in &folders {
        if room == 0 {
            parts.push(Vec::new());
            room = share;
        }
        room = room.saturating_sub(files.len());
        parts.last_mut().into_iter().for_each(|part| part.push((path.as_ref(), files)));
    }
    let look_at = |part: &[(Option<&RepoPath>, &Vec<&RepoPath>)]| {
        let mut seen = SeenPart::default();
        part.iter().for_each(|(path, files)| look_into(&top, *path, files, &folders, &mut seen));
        seen
    };
    let (mut files, mut seen) = (Vec::new(), SeenTree::default());
    thread::scope(|scope| {
        let (look_at, (own, others)) = (&look_at, parts.split_at(parts.len().min(1)));
        let begin = |part| Builder::new().spawn_scoped(scope, move || look_at(part)).ok();
        let running: Vec<_> = others.iter().map(|part| (part, begin(part))).collect();
        let own = own.iter().map(|part| look_at(part)).collect::<Vec<_>>().into_iter();
        // What no thread was left for is done here.
        let finish = |part, it: Option<ScopedJoinHandle<'_, _>>| {
            it.and_then(|it| it.join().ok()).unwrap_or_else(|| look_at(part))
        };
        for part in own.chain(running.into_iter().map(|(part, it)| finish(part, it))) {
            files.extend(part.files);
            seen.add(part.tree);
        }
    });
    seen.files = files.into_iter().collect();
    Ok(seen)
}

/// What was seen by one thread; putting each file in its place is left for the end.
#[derive(Default)]
struct SeenPart {
    files: Vec<(RepoPath, Stat)>,
    tree: SeenTree,
}

fn look_into(
    top: &Folder,
    path: Option<&RepoPath>,
    files: &[&RepoPath],
    known: &ByFolder<'_>,
    seen: &mut SeenPart,
) {
    let folder = match inside(top, path) {
        Ok(folder) => folder,
        // Else it is gone, or no folder any more.
        Err(error) => {
            let is_closed = error.kind() == ErrorKind::PermissionDenied;
            seen.tree.closed.extend(path.filter(|_| is_closed).cloned());
            return;
        }
    };
    for file in files.iter().copied().chain(RepoPath::below(path, RULES).as_ref()) {
        let stat = folder.stat(file.file_name()).ok().flatten();
        if let Some(stat) = stat.filter(|stat| stat.kind != EntryKind::Folder) {
            seen.files.push((file.clone(), stat));
        }
    }
    look_around(&folder, path, files, known, &mut seen.tree);
}

/// The paths in the folders that they lie in, each with those above it; `None` is the top.
type ByFolder<'a> = BTreeMap<Option<RepoPath>, Vec<&'a RepoPath>>;

fn by_folder<'a>(paths: &[&'a RepoPath]) -> ByFolder<'a> {
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

/// What lies in `folder` besides `files`: the folders that are known have permissions, the others may be empty.
fn look_around(
    folder: &Folder,
    path: Option<&RepoPath>,
    files: &[&RepoPath],
    known: &ByFolder<'_>,
    seen: &mut SeenTree,
) {
    let start = path.map_or(0, |path| path.as_bytes().len() + 1);
    let (mut inside, mut others) = (Vec::new(), Vec::new());
    let listed = folder.each(|name, is_folder| {
        if is_folder {
            inside.push(name.to_vec());
        } else if files.binary_search_by(|file| file.as_bytes()[start..].cmp(name)).is_err() {
            others.extend(RepoPath::below(path, name).map(|path| (path, false)));
        }
    });
    if listed.is_err() {
        // There may be anything in it.
        others.extend(path.cloned().map(|path| (path, true)));
    }
    seen.others.extend(others);
    for name in inside {
        let stat = folder.stat(&name).ok().flatten();
        let Some(stat) = stat.filter(|stat| stat.kind == EntryKind::Folder) else { continue };
        let place = RepoPath::below(path, &name);
        let is_known = known.contains_key(&place);
        let Some(path) = place else { continue };
        if is_known {
            seen.folders.insert(path, (stat.permissions, true));
            continue;
        }
        seen.others.push((path.clone(), true));
        let mut hollow = Vec::new();
        if is_hollow(folder, &path, &stat, DEEPEST, &mut hollow) {
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
