//! The walk through a working tree, for the folders that have backups.
//!
//! Listing all folders is most of what a command like `status` does. So they are shared out: each thread takes the
//! next one when it is free, and the thread that started the walk goes on with other work until it needs the result.

use std::io;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{Builder, JoinHandle, available_parallelism};

use crate::backups::files::Listing;
use crate::model::names::backup_name::{BackupName, Temporary};
use crate::model::names::repo_path::RepoPath;
use crate::os::folder::Folder;
use crate::os::process;

/// With fewer folders than this for each thread, starting one takes longer than the walk.
const WORTH_A_THREAD: usize = 16;

/// The path of a folder with backups, `None` for the top, and what is in it.
pub type ListedFolder = (Option<RepoPath>, Listing);

/// A walk, that may be under way.
#[derive(Debug)]
pub struct Walk {
    folders: Arc<TopFolders>,
    ahead: Option<Walking>,
}

/// The folders in the top folder.
#[derive(Debug)]
struct TopFolders {
    path: PathBuf,
    /// Known as soon as a thread has listed it.
    top: OnceLock<io::Result<Top>>,
    next: AtomicUsize,
}

/// The top folder, and the names in it.
#[derive(Debug)]
struct Top {
    folder: Folder,
    files: Vec<Vec<u8>>,
    folders: Vec<Vec<u8>>,
}

impl Walk {
    /// A walk in and below `top`, not yet begun.
    pub fn new(top: &Path) -> Self {
        let path = top.to_owned();
        let folders = TopFolders { path, top: OnceLock::new(), next: AtomicUsize::new(0) };
        Self { folders: Arc::new(folders), ahead: None }
    }

    /// One that is under way in a thread of its own, if the system has one left for it.
    pub fn start(top: &Path) -> Self {
        // It is early: each folder with backups is held open.
        process::hold_many_files();
        let walk = Self::new(top);
        let folders = Arc::clone(&walk.folders);
        let ahead = Builder::new().spawn(move || folders.walk(processors().saturating_sub(2)));
        Self { ahead: ahead.ok(), ..walk }
    }

    /// What it has found, once all was looked at.
    pub fn finish(self) -> io::Result<Vec<ListedFolder>> {
        let others = if self.ahead.is_some() { 0 } else { processors().saturating_sub(1) };
        let mut found = self.folders.walk(others)?;
        if let Some(ahead) = self.ahead {
            found.extend(ended(ahead)?);
        }
        let top = self.folders.top()?;
        keep(Folder::open(top.folder.path())?, None, top.files.clone(), &mut found);
        Ok(found)
    }
}

/// A thread that walks, and what it has found.
type Walking = JoinHandle<io::Result<Vec<ListedFolder>>>;

fn ended(thread: Walking) -> io::Result<Vec<ListedFolder>> {
    thread.join().unwrap_or_else(|_| Err(io::Error::other("the walk has ended early")))
}

fn processors() -> usize {
    available_parallelism().map_or(1, NonZero::get)
}

impl TopFolders {
    /// The top folder, listed by the first thread that comes.
    fn top(&self) -> io::Result<&Top> {
        let list = || {
            let folder = Folder::open(&self.path)?;
            let (files, folders) = names_in(&folder, true);
            Ok(Top { folder, files, folders })
        };
        let top: &io::Result<Top> = self.top.get_or_init(list);
        top.as_ref().map_err(|error| io::Error::new(error.kind(), error.to_string()))
    }

    /// Walks through one after the other, as long as any is left to take; with as many other threads, if there is so
    /// much to do and the system has them.
    fn walk(self: &Arc<Self>, others: usize) -> io::Result<Vec<ListedFolder>> {
        let top = self.top()?;
        let others = others.min(top.folders.len() / WORTH_A_THREAD);
        let other = |_| {
            let folders = Arc::clone(self);
            Builder::new().spawn(move || folders.walk(0)).ok()
        };
        let others: Vec<Walking> = (0..others).filter_map(other).collect();
        let mut found = Vec::new();
        while let Some(name) = top.folders.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            walk_into(&top.folder, None, name, &mut found);
        }
        for other in others {
            found.extend(ended(other)?);
        }
        Ok(found)
    }
}

fn walk_into(
    parent: &Folder,
    above: Option<&RepoPath>,
    name: &[u8],
    found: &mut Vec<ListedFolder>,
) {
    // A name that Git can't have is the name of no file of ours.
    let Some(path) = RepoPath::below(above, name) else { return };
    let Ok(folder) = parent.inside(name) else { return };
    let (names, below) = names_in(&folder, false);
    below.iter().for_each(|name| walk_into(&folder, Some(&path), name, found));
    keep(folder, Some(path), names, found);
}

/// Keeps a folder that has files with these names, if one of them is a backup's. Elsewhere nothing is taken for
/// what a writer that died has left: a name alone says too little for that.
fn keep(
    folder: Folder,
    path: Option<RepoPath>,
    names: Vec<Vec<u8>>,
    found: &mut Vec<ListedFolder>,
) {
    if names.iter().any(|name| BackupName::parse(name).is_some()) {
        found.extend(Listing::of(folder, names).ok().map(|listing| (path, listing)));
    }
}

/// The names in a folder that are like ours, and those of the folders in it. What belongs to another repository
/// is not looked at, nor a folder that can't be read.
fn names_in(folder: &Folder, is_top: bool) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    let mut is_another = false;
    let all = folder.each(|name, is_folder| {
        if name == b".git" {
            is_another |= !is_top;
        } else if is_folder {
            folders.push(name.to_vec());
        } else if BackupName::parse(name).is_some() || Temporary::parse(name).is_some() {
            files.push(name.to_vec());
        }
    });
    if is_another || all.is_err() {
        return Default::default();
    }
    (files, folders)
}
