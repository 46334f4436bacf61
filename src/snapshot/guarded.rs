//! The files that a Git command may overwrite or delete, as versions to keep.
//!
//! There may be far more ignored files than the user wants back: a folder of which everything is ignored
//! counts as one file, and where it is over the limits of one (`bak.maxFileSize` in bytes, `bak.maxFiles`
//! in files: what a build makes, what a package manager fetches) it is left out and named.

use std::collections::HashSet;

use anyhow::Result;

use crate::backups::Store;
use crate::git::survey::untracked;
use crate::model::command::danger::{Danger, Untracked};
use crate::model::events::event::Kind;
use crate::model::names::backup_name::is_ours;
use crate::model::names::repo_path::RepoPath;
use crate::snapshot::plan::{From, Wanted};

/// What to keep, and what is left out for its size.
#[derive(Debug, Default)]
pub struct Guarded {
    pub wanted: Vec<Wanted>,
    /// Ignored folders that are left out, each with the reason.
    pub left_out: Vec<(RepoPath, String)>,
    /// Repositories inside that Git doesn't track: what is in them is theirs to keep.
    pub nested: Vec<RepoPath>,
}

/// What `danger` threatens besides the edits that a survey has found.
/// What Git writes out takes the place of what stands there, and of all that is in a folder there: `gone` are the
/// tracked files that may come back.
pub fn find(
    store: &Store,
    danger: &Danger,
    edits: Vec<Wanted>,
    gone: Vec<RepoPath>,
) -> Result<Guarded> {
    let edits = edits.into_iter().map(|wanted| Wanted { kind: Kind::Guard, ..wanted });
    let mut guarded = Guarded { wanted: edits.collect(), ..Guarded::default() };
    let (git, exclude) = (store.repository.git(), &store.settings.exclude);
    let mut paths = Vec::new();
    if matches!(danger.untracked, Untracked::Plain | Untracked::All) {
        (paths, guarded.nested) = untracked::plain(&git, exclude)?;
    }
    guarded.add(store, paths, &From::WorkingTree);
    if matches!(danger.untracked, Untracked::Ignored | Untracked::All) {
        let ignored = untracked::ignored(&git, exclude)?;
        let ignored = without_big_folders(store, ignored, &mut guarded.left_out)?;
        guarded.add(store, ignored, &From::Unseen { git: None, is_ignored: true });
    }
    let mut paths = untracked::in_place_of(&git, &store.repository.top, gone, exclude)?;
    for tree in &danger.trees {
        paths.extend(untracked::in_the_way(&git, &store.repository.top, tree, exclude)?);
    }
    guarded.add(store, paths, &From::WorkingTree);
    Ok(guarded)
}

impl Guarded {
    /// Adds the regular files among `paths` that are no backups of ours and not there yet.
    fn add(&mut self, store: &Store, paths: Vec<RepoPath>, from: &From) {
        let mut known: HashSet<RepoPath> =
            self.wanted.iter().map(|wanted| wanted.path.clone()).collect();
        for path in paths {
            let place = store.repository.top.join(path.to_path_buf());
            if !is_ours(path.file_name())
                && place.symlink_metadata().is_ok_and(|meta| meta.is_file())
                && known.insert(path.clone())
            {
                self.wanted.push(Wanted { path, kind: Kind::Guard, from: from.clone() });
            }
        }
    }
}

/// The ignored files without those in ignored folders that are over the limits of one file.
fn without_big_folders(
    store: &Store,
    ignored: Vec<RepoPath>,
    left_out: &mut Vec<(RepoPath, String)>,
) -> Result<Vec<RepoPath>> {
    if ignored.is_empty() {
        return Ok(ignored);
    }
    let mut rest = ignored;
    for folder in untracked::ignored_folders(&store.repository.git())? {
        let prefix = [folder.as_bytes(), b"/"].concat();
        let is_below = |path: &RepoPath| path.as_bytes().starts_with(&prefix);
        if let Some(reason) = too_much(store, rest.iter().filter(|path| is_below(path))) {
            rest.retain(|path| !is_below(path));
            left_out.push((folder, reason));
        }
    }
    Ok(rest)
}

/// Why the files of an ignored folder are left out, if they are.
fn too_much<'a>(store: &Store, files: impl Iterator<Item = &'a RepoPath>) -> Option<String> {
    let (mut count, mut bytes) = (0, 0);
    for path in files {
        count += 1;
        let place = store.repository.top.join(path.to_path_buf());
        bytes += place.symlink_metadata().map_or(0, |meta| meta.len());
        if store.settings.max_files.is_some_and(|most| count > most) {
            return Some("an ignored folder of more files than bak.maxFiles".to_owned());
        }
        if store.settings.max_file_size.is_some_and(|most| bytes > most.bytes()) {
            return Some("an ignored folder of more bytes than bak.maxFileSize".to_owned());
        }
    }
    None
}
