//! What a working tree is like beyond its files' contents: permission bits, and folders with nothing in
//! them. Git doesn't keep either.
//!
//! One look at each tracked file and into each folder that has some; a folder of untracked files is entered
//! only until the first file is found, so that what is ignored (`node_modules`) costs nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};

use crate::backups::Store;
use crate::git::index::Index;
use crate::git::survey::pathspec::{SurveyOptions, pathspecs};
use crate::git::worktree::saved_index;
use crate::model::names::repo_path::RepoPath;
use crate::model::surroundings::FileKind;
use crate::os::folder::{EntryKind, Folder, Stat};
use crate::os::platform::path_from_bytes;
use crate::transaction::ancestors;

/// Deeper than this nobody nests folders without a file.
const DEEPEST: usize = 64;

/// A file that Git tracks, and whether it has it as executable; links and submodules are left out.
pub type Tracked = Vec<(RepoPath, FileKind)>;

#[derive(Debug, Default)]
pub struct SeenMode {
    /// The permission bits of what is there.
    pub permissions: Vec<(RepoPath, FileKind, u32)>,
    /// The folders that have no file below them, those above before those inside.
    pub empty: BTreeSet<RepoPath>,
}

/// The regular files in the index file `index`, without what the settings leave out.
pub fn tracked(store: &Store, index: &Path) -> Result<Tracked> {
    let kind = |mode: u32| match mode {
        0o100_755 => Some(FileKind::Executable),
        0o100_644 => Some(FileKind::Plain),
        _ => None,
    };
    if !index.exists() {
        return Ok(Tracked::new());
    }
    let mut found: Tracked = match Index::read(index, store.repository.format) {
        Ok(Some(read)) => {
            let path = |bytes: &[u8]| RepoPath::from_bytes(bytes.to_vec()).ok();
            read.entries().filter_map(|it| Some((path(it.path)?, kind(it.mode)?))).collect()
        }
        // Only Git can read it.
        Ok(None) | Err(_) => {
            let git = saved_index::git_with(&store.repository, index);
            let all = saved_index::entries(&git, &store.objects)?;
            let mode = |mode: &str| u32::from_str_radix(mode, 8).ok();
            let files = all.into_iter().filter_map(|(path, entries)| {
                let mode = mode(&entries.first()?.mode)?;
                Some((RepoPath::from_bytes(path).ok()?, kind(mode)?))
            });
            files.collect()
        }
    };
    found.dedup_by(|next, one| next.0 == one.0);
    if !store.settings.exclude.is_empty() {
        let options =
            SurveyOptions { exclude: store.settings.exclude.clone(), ..SurveyOptions::default() };
        let specs = pathspecs(&options);
        let specs = specs.iter().map(|spec| path_from_bytes(spec).into_os_string());
        let args = ["ls-files", "-z", "--"].map(Into::into).into_iter().chain(specs);
        let names = saved_index::git_with(&store.repository, index).output(args)?;
        let names: BTreeSet<&[u8]> = names.split(|&byte| byte == 0).collect();
        found.retain(|(path, _)| names.contains(path.as_bytes()));
    }
    Ok(found)
}

/// Looks at all `tracked` files and at the folders they are in.
pub fn look(store: &Store, tracked: &Tracked) -> Result<SeenMode> {
    let top = open(store)?;
    let mut folders: BTreeMap<Option<RepoPath>, Vec<(&RepoPath, FileKind)>> = BTreeMap::new();
    folders.entry(None).or_default();
    for (path, kind) in tracked {
        let folder = path.parent();
        if let Some(folder) =
            folder.as_ref().filter(|it| !folders.contains_key(&Some((*it).clone())))
        {
            for above in ancestors(folder) {
                folders.entry(Some(above)).or_default();
            }
        }
        folders.entry(folder).or_default().push((path, *kind));
    }
    let known: BTreeSet<RepoPath> = folders.keys().flatten().cloned().collect();
    let mut seen = SeenMode::default();
    for (path, files) in &folders {
        // Gone, or no folder any more.
        let Some(folder) = inside(&top, path.as_ref()) else { continue };
        for (file, kind) in files {
            let stat = folder.stat(file.file_name()).ok().flatten();
            if let Some(stat) = stat.filter(|stat| stat.kind == EntryKind::File) {
                seen.permissions.push(((*file).clone(), *kind, stat.permissions));
            }
        }
        let tracked: BTreeSet<&[u8]> = files.iter().map(|(file, _)| file.file_name()).collect();
        look_around(&folder, path.as_ref(), &known, &tracked, &mut seen);
    }
    Ok(seen)
}

/// The empty folders in the folders that only untracked files are in.
pub fn look_beside(store: &Store, untracked: &[RepoPath], seen: &mut SeenMode) -> Result<()> {
    let top = open(store)?;
    let known: BTreeSet<RepoPath> = untracked.iter().flat_map(ancestors).collect();
    for folder in &known {
        if let Some(inside) = inside(&top, Some(folder)) {
            look_around(&inside, Some(folder), &known, &BTreeSet::new(), seen);
        }
    }
    Ok(())
}

/// The folders inside `folder`: those that are known have permissions, the others may be empty.
fn look_around(
    folder: &Folder,
    path: Option<&RepoPath>,
    known: &BTreeSet<RepoPath>,
    tracked: &BTreeSet<&[u8]>,
    seen: &mut SeenMode,
) {
    for name in folder.names().unwrap_or_default() {
        if tracked.contains(name.as_slice()) {
            continue;
        }
        let Some(path) = child(path, &name) else { continue };
        let stat: Option<Stat> = folder.stat(&name).ok().flatten();
        let Some(stat) = stat.filter(|stat| stat.kind == EntryKind::Folder) else { continue };
        if known.contains(&path) {
            seen.permissions.push((path, FileKind::Folder, stat.permissions));
            continue;
        }
        let mut hollow = Vec::new();
        if is_hollow(folder, &path, &stat, DEEPEST, &mut hollow) {
            for (path, bits) in hollow {
                seen.permissions.push((path.clone(), FileKind::Folder, bits));
                seen.empty.insert(path);
            }
        }
    }
}

/// Whether there is no file below this folder of `above`; the folders that were looked into are in `all`.
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
    names.iter().all(|name| {
        let stat = folder.stat(name).ok().flatten().filter(|it| it.kind == EntryKind::Folder);
        let inside = stat.zip(child(Some(path), name));
        inside.is_some_and(|(stat, path)| is_hollow(&folder, &path, &stat, depth - 1, all))
    })
}

fn open(store: &Store) -> Result<Folder> {
    let top = &store.repository.top;
    Folder::open(top).with_context(|| format!("{}", top.display()))
}

fn inside(top: &Folder, path: Option<&RepoPath>) -> Option<Folder> {
    let file = child(path, b"x")?;
    top.parent_of(&file).ok()
}

fn child(folder: Option<&RepoPath>, name: &[u8]) -> Option<RepoPath> {
    let path = match folder {
        Some(folder) => [folder.as_bytes(), b"/", name].concat(),
        None => name.to_vec(),
    };
    RepoPath::from_bytes(path).ok()
}
