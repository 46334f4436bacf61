//! The rehearsal of an upgrade: the patches are applied, one on top of the other, to copies of the files
//! that they touch. What comes of it is what will be put into the working tree, so that everything is
//! known, and refused if need be, before the first file changes.
//!
//! Git itself applies them, with the repository's settings and attributes, in a folder that only looks like
//! the working tree. For a validate command there is a whole one, a linked worktree with the uncommitted
//! state and the patches in it; both are gone when they are dropped, and what a killed process has left of
//! them goes with the next.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::backups::place::Tree;
use crate::backups::{Store, restore};
use crate::git::patch::Patch;
use crate::git::survey::tracked;
use crate::git::worktree::scratch_worktree::ScratchWorktree;
use crate::model::names::repo_path::RepoPath;
use crate::model::settings::Location;
use crate::model::transaction::{State, Touched};
use crate::os::folder::Folder;
use crate::os::{private, process};
use crate::transaction::{Change, ancestors, folder_of, go_on, tree};

#[derive(Debug, Default)]
pub struct Rehearsal {
    /// What each patch changes, in their order.
    pub stages: Vec<Vec<Change>>,
    /// Every path that is changed: what stands there now, and what each patch makes of it.
    pub touched: Vec<Touched>,
    /// The folders that are made, from the top down.
    pub folders: Vec<RepoPath>,
}

/// Applies `patches` to copies. The bytes of all states are in the object database then.
pub fn rehearse(store: &Store, patches: &[Patch]) -> Result<Rehearsal> {
    let real = tree(store)?;
    let folder = private::scratch(&folder_of(&store.repository), "copies")?;
    let copies = tree_at(folder.path(), store)?;
    let git = store.repository.git();
    let inside = git
        .clone()
        .with_env("GIT_DIR", &store.repository.git_dir)
        .with_env("GIT_WORK_TREE", folder.path())
        .in_dir(folder.path());
    let mut states: BTreeMap<RepoPath, Touched> = BTreeMap::new();
    let mut stages = Vec::new();
    for patch in patches {
        go_on()?;
        let paths = patch.paths(&git)?;
        refuse(store, patch, &paths)?;
        for path in &paths {
            if !states.contains_key(path) {
                let before = copy(store, &real, &copies, path)?;
                let touched = Touched { path: path.clone(), before, ours: Vec::new() };
                states.insert(path.clone(), touched);
            }
        }
        private::unshared(|| patch.apply(&inside))?;
        stages.push(observe(&copies, &paths, &mut states)?);
    }
    let touched: Vec<Touched> =
        states.into_values().filter(|touched| !touched.ours.is_empty()).collect();
    refuse_full_folders(store, &real, &touched)?;
    let folders = missing_folders(&real, &touched);
    Ok(Rehearsal { stages, touched, folders })
}

/// Copies a file, and the attributes that Git goes by for it; its state.
fn copy(store: &Store, real: &Tree<'_>, copies: &Tree<'_>, path: &RepoPath) -> Result<State> {
    let seen = real.read(path)?;
    if let Some(most) =
        store.settings.max_file_size.filter(|most| seen.bytes.len() as u64 > most.bytes())
    {
        bail!(
            "{}: it is larger than {most}, and would not be backed up: git -c bak.maxFileSize=0 bak apply",
            shown(path)
        );
    }
    if matches!(seen.state, State::File { .. }) {
        real.keep(path, &seen.bytes)?;
    }
    if seen.state != State::Nothing {
        copies.put_bytes(path, &seen.state, &seen.bytes)?;
    }
    let top = RepoPath::from_bytes(b".gitattributes".to_vec()).ok();
    let inside = |folder: RepoPath| {
        RepoPath::from_bytes([folder.as_bytes(), b"/.gitattributes"].concat()).ok()
    };
    let names = ancestors(path).filter_map(inside);
    for attributes in top.into_iter().chain(names) {
        if !copies.has(&attributes) && attributes != *path {
            real.copy_to(&attributes, copies)?;
        }
    }
    Ok(seen.state)
}

/// What the patch has made of the copies.
fn observe(
    copies: &Tree<'_>,
    paths: &[RepoPath],
    states: &mut BTreeMap<RepoPath, Touched>,
) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    for path in paths {
        let Some(touched) = states.get_mut(path) else { continue };
        let seen = copies.read(path)?;
        let from = touched.after().clone();
        let to = with_mode(&from, seen.state);
        if to == from {
            continue;
        }
        if matches!(to, State::File { .. }) {
            copies.keep(path, &seen.bytes)?;
        }
        touched.ours.push(to.clone());
        changes.push(Change { path: path.clone(), from, to });
    }
    Ok(changes)
}

/// Git creates files with the mode that the umask leaves. A file that was there keeps its own, except for what
/// the patch changes: who may run it.
fn with_mode(from: &State, to: State) -> State {
    let (State::File { permissions: old, .. }, State::File { blob, permissions: new }) =
        (from, &to)
    else {
        return to;
    };
    let permissions = match (old & 0o100 != 0, new & 0o100 != 0) {
        (false, true) => old | (old & 0o444) >> 2,
        (true, false) => old & !0o111,
        _ => *old,
    };
    State::File { blob: blob.clone(), permissions }
}

/// An error if the patch touches what is not ours to write: behind a link, in another repository, in a
/// submodule, where a folder stands.
fn refuse(store: &Store, patch: &Patch, paths: &[RepoPath]) -> Result<()> {
    let top = &store.repository.top;
    let mut above: Vec<RepoPath> = paths.iter().flat_map(ancestors).collect();
    above.sort();
    above.dedup();
    let entries: Vec<RepoPath> = above.iter().chain(paths).cloned().collect();
    let tracked = tracked::among(&store.repository, &entries)?;
    for path in paths {
        let refused = |why: &str| bail!("{}: {why}", patch.at(path.as_bytes()));
        for folder in ancestors(path) {
            let meta = top.join(folder.to_path_buf()).symlink_metadata();
            if meta.as_ref().is_ok_and(std::fs::Metadata::is_symlink) {
                return refused(&format!("{} is a symbolic link", shown(&folder)));
            }
            // The index has files, links and submodules. The first is a change from a file to a folder.
            let is_folder = meta.is_ok_and(|meta| meta.is_dir());
            if is_folder && tracked.contains(&folder) {
                return refused(&format!("{} is a submodule", shown(&folder)));
            }
        }
        if restore::refuse_nested_repository(store, path).is_err() {
            return refused("it is inside another repository");
        }
        let there = top.join(path.to_path_buf()).symlink_metadata();
        if there.is_ok_and(|meta| meta.is_dir()) && tracked.contains(path) {
            return refused("it is a submodule");
        }
    }
    Ok(())
}

/// An error if a file would take the place of a folder in which something stays.
fn refuse_full_folders(store: &Store, real: &Tree<'_>, touched: &[Touched]) -> Result<()> {
    for made in touched.iter().filter(|touched| *touched.after() != State::Nothing) {
        let goes = |path: &RepoPath| {
            touched.iter().any(|other| other.path == *path && *other.after() == State::Nothing)
        };
        let inside = real.below(&made.path)?;
        if let Some(stays) = inside.iter().find(|path| !goes(path)) {
            bail!("{}: it is a folder, and {} is in it", shown(&made.path), shown(stays));
        }
        if !inside.is_empty() && store.settings.location != Location::Gitdir {
            let path = shown(&made.path);
            bail!(
                "{path}: a folder has to go for it, and backups would be in that: \
                 git -c bak.location=gitdir bak apply does it"
            );
        }
    }
    Ok(())
}

/// The folders that stand above what will be made, and don't stand now.
pub fn missing_folders(real: &Tree<'_>, touched: &[Touched]) -> Vec<RepoPath> {
    let made = touched.iter().filter(|touched| touched.ours.iter().any(|s| *s != State::Nothing));
    let mut folders: Vec<RepoPath> = made.flat_map(|touched| ancestors(&touched.path)).collect();
    folders.sort();
    folders.dedup();
    folders.retain(|folder| !real.has_folder(folder));
    folders
}

/// A whole worktree for the validate command, with the upgrade in it.
pub struct Whole {
    /// Dropped first: Git takes the worktree away, then the folder goes.
    pub worktree: ScratchWorktree,
    _folder: TempDir,
}

const WHOLE: &str = "tree";

/// Makes it: every file that Git tracks or would track, as it is now, with what the patches make of them.
pub fn whole(store: &Store, rehearsal: &Rehearsal) -> Result<Whole> {
    let around = folder_of(&store.repository);
    remove_left(store, &around);
    let folder = private::scratch(&around, WHOLE)?;
    // Under its own name, for programs that go by that.
    let name = store.repository.top.file_name().unwrap_or("tree".as_ref());
    let worktree = ScratchWorktree::add(&store.repository, folder.path().join(name))?;
    let (real, copies) = (tree(store)?, tree_at(&worktree.path, store)?);
    let args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
    let names = store.repository.git().output(args)?;
    for name in names.split(|&byte| byte == 0).filter(|name| !name.is_empty()) {
        go_on()?;
        // A slash at its end: another repository.
        if let Ok(path) = RepoPath::from_bytes(name.to_vec()) {
            private::unshared(|| real.copy_to(&path, &copies))?;
        }
    }
    let (gone, put): (Vec<&Touched>, Vec<&Touched>) =
        rehearsal.touched.iter().partition(|touched| *touched.after() == State::Nothing);
    for touched in gone.into_iter().chain(put) {
        copies.put(&touched.path, touched.after())?;
        if *touched.after() == State::Nothing {
            let _ = ancestors(&touched.path).all(|folder| copies.remove_if_empty(&folder));
        }
    }
    worktree.refresh();
    Ok(Whole { worktree, _folder: folder })
}

/// Removes the worktrees of processes that died; their folders go with the next of their kind.
fn remove_left(store: &Store, around: &Path) {
    let entries = std::fs::read_dir(around).into_iter().flatten().filter_map(Result::ok);
    for entry in entries {
        let name = entry.file_name();
        let maker = name.to_str().and_then(|name| name.strip_prefix(WHOLE)?.split('-').nth(1));
        if let Some(Ok(pid)) = maker.map(str::parse)
            && !process::is_number_alive(pid)
        {
            for inside in std::fs::read_dir(entry.path()).into_iter().flatten().flatten() {
                ScratchWorktree::remove_left(&store.repository, &inside.path());
            }
        }
    }
}

fn tree_at<'a>(path: &Path, store: &'a Store) -> Result<Tree<'a>> {
    let top = Folder::open(path).with_context(|| format!("{}", path.display()))?;
    Ok(Tree { top, store, own: super::file::own(&store.repository), sync: false })
}

fn shown(path: &RepoPath) -> String {
    crate::model::names::quote::quote(path.as_bytes(), false)
}
