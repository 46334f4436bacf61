//! What a working tree is like before a command of which nobody knows what it will change.
//!
//! Order of steps, and why it is safe: the index is copied first, and everything else is told against the
//! copy, so that a file and its entry belong together whatever others do meanwhile. What Git has already, it
//! keeps; the bytes of every other file go into the object database here. Nothing is changed.

use std::path::PathBuf;

use anyhow::Result;

use super::{file, tree};
use crate::backups::Store;
use crate::backups::place::Tree;
use crate::git::survey::differences;
use crate::git::worktree::saved_index;
use crate::model::at_risk::Survey;
use crate::model::names::repo_path::RepoPath;
use crate::model::settings::size::Size;
use crate::model::surroundings::{Permissions, Surroundings};
use crate::model::transaction::{State, Touched};
use crate::snapshot::audit::stamp_of;
use crate::transaction::surroundings;

#[derive(Debug)]
pub struct Before {
    /// What HEAD was, in hex; `None` before the first commit.
    pub head: Option<String>,
    /// Every file that is not as the index has it, as it is.
    pub touched: Vec<Touched>,
    /// What is known of all others.
    pub around: Surroundings,
    pub survey: Survey,
    /// Files with uncommitted work that can't be saved, each with the reason.
    pub too_much: Vec<(RepoPath, String)>,
}

/// The copy of the index, for [`observe`] and for all who compare with it.
pub(super) fn index(store: &Store) -> PathBuf {
    file::index_of(&store.repository)
}

/// Looks at everything, and saves what is uncommitted. Whoever calls it has the lock.
pub fn observe(store: &Store) -> Result<Before> {
    file::forget_aside(&store.repository);
    let copy = index(store);
    saved_index::save(&store.repository, &copy)?;
    let git = saved_index::git_with(&store.repository, &copy);
    // Git compares while this process looks at what it doesn't compare.
    let look = differences::start(&git, &store.settings.exclude)?;
    let tracked = surroundings::tracked(store, &copy)?;
    let mut seen = surroundings::look(store, &tracked)?;
    let found = look.finish()?;
    surroundings::look_beside(store, &found.untracked, &mut seen)?;
    let refs = &store.refs;
    let mut before = Before {
        head: refs.head()?.map(|id| id.to_string()),
        touched: Vec::new(),
        around: Surroundings {
            branch: refs.branch()?,
            permissions: Permissions::of(&seen.permissions),
            empty: seen.empty.into_iter().collect(),
            unsaved: Vec::new(),
        },
        survey: found.survey,
        too_much: Vec::new(),
    };
    let tree = tree(store)?;
    for path in found.changed.into_iter().chain(found.untracked) {
        before.save(&tree, path, store.settings.max_file_size)?;
    }
    Ok(before)
}

impl Before {
    /// Puts a file's bytes into the object database, unless there are too many.
    fn save(&mut self, tree: &Tree<'_>, path: RepoPath, most: Option<Size>) -> Result<()> {
        let stat = tree.stat(&path)?;
        let too_big = stat.zip(most).filter(|(stat, most)| stat.size > most.bytes());
        let read = match too_big {
            Some((stat, _)) => {
                let size = Size::from_bytes(stat.size);
                Err(format!("its {size} are more than the limit (bak.maxFileSize)"))
            }
            None => tree.read(&path).map_err(|error| error.root_cause().to_string()),
        };
        match read {
            Ok(seen) => {
                if matches!(seen.state, State::File { .. }) {
                    tree.keep(&seen.bytes)?;
                }
                self.touched.push(Touched { path, before: seen.state, ours: Vec::new() });
            }
            Err(reason) => {
                let stamp = stat.as_ref().map(stamp_of).unwrap_or_default();
                self.around.unsaved.push((path.clone(), stamp));
                self.too_much.push((path, reason));
            }
        }
        Ok(())
    }
}
