//! What Git has put where something else comes back: its file in the place of a folder, its folder in that of a file.
//!
//! What could go wrong: work goes with it. So nothing makes way but what the index has there and Git by itself, of a
//! folder all that is in it; the vault has it first, like all that an undo removes, and it is removed only while it is
//! what was looked at.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use crate::backups::place::{SeenFile, Tree};
use crate::backups::{Store, restore};
use crate::model::events::line::What;
use crate::model::names::backup_name::is_ours;
use crate::model::names::repo_path::RepoPath;
use crate::model::transaction::State;
use crate::transaction;
use crate::transaction::moments::{Moments, TakenMoment};

/// What makes way, and for which files of the moment.
#[derive(Debug, Default)]
pub struct WayMade {
    gone: BTreeMap<RepoPath, SeenFile>,
    files: BTreeSet<RepoPath>,
}

impl WayMade {
    pub fn of(store: &Store, moments: &Moments<'_>, moment: &TakenMoment<'_>) -> Result<Self> {
        let mut made = Self::default();
        if moment.line.what != What::Snapshot {
            // Of our own moments it is known what they made.
            return Ok(made);
        }
        let tree = transaction::tree(store)?;
        let back = moment.files.iter().filter(|file| file.before != State::Nothing);
        for path in back.map(|file| &file.path) {
            let in_the_way = in_the_way(&tree, path)?;
            let can_go = |it: &RepoPath| {
                let is_nested = restore::refuse_nested_repository(store, it).is_err();
                !is_nested && !moment.files.iter().any(|file| file.path == *it)
            };
            if in_the_way.is_empty()
                || !in_the_way.iter().all(can_go)
                || !moments.are_gits(&in_the_way)
            {
                continue;
            }
            made.files.insert(path.clone());
            for path in in_the_way {
                let seen = tree.read(&path)?;
                made.gone.insert(path, seen);
            }
        }
        Ok(made)
    }

    pub fn is_for(&self, path: &RepoPath) -> bool {
        self.files.contains(path)
    }

    /// What goes, as it stands there.
    pub fn gone(self) -> impl Iterator<Item = (RepoPath, SeenFile)> {
        self.gone.into_iter()
    }
}

/// The file or link where the folder of `path` was, or the files in a folder that stands at `path`.
fn in_the_way(tree: &Tree<'_>, path: &RepoPath) -> Result<Vec<RepoPath>> {
    if tree.has_folder(path) {
        let mut below = tree.below(path)?;
        below.retain(|it| !is_ours(it.file_name()));
        return Ok(below);
    }
    let is_none = |above: &RepoPath| tree.has(above) && !tree.has_folder(above);
    Ok(transaction::ancestors(path).find(is_none).into_iter().collect())
}
