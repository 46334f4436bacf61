//! What a working tree is like before a command that may change anything.
//!
//! Order of steps, and why it is safe: the index is copied first, and everything else is compared with the
//! copy, so that a file and its entry belong together whatever others do meanwhile; then each file is looked at, and
//! then read, so that what is written in between shows. What Git has byte for byte, it keeps; the bytes of every other
//! file are kept here. Nothing is changed.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;

use super::surroundings::SeenTree;
use super::{elsewhere, file, standing, surroundings};
use crate::backups::Store;
use crate::git::command::Git;
use crate::git::survey::differences::Differences;
use crate::git::survey::{differences, held};
use crate::git::worktree::saved_index;
use crate::model::at_risk::Survey;
use crate::model::names::repo_path::RepoPath;
use crate::model::surroundings::Surroundings;

#[derive(Debug)]
pub struct Before {
    /// What HEAD was, in hex; `None` before the first commit.
    pub head: Option<String>,
    pub around: Surroundings,
    pub survey: Survey,
    /// Tracked files of which Git might store something else than HEAD has: with edits, staged or not, whatever Git was
    /// told about them, and those that it converts, for it may do so by other rules now.
    pub doubtful: Vec<RepoPath>,
    /// Files with uncommitted work that can't be saved, each with the reason.
    pub too_much: Vec<(RepoPath, String)>,
}

/// The copy of the index, for [`observe`] and for all who compare with it.
pub(super) fn index(store: &Store) -> PathBuf {
    file::index_of(&store.repository)
}

/// Looks at everything, keeps what Git doesn't have as it is, and writes it down. The caller holds the lock.
pub fn observe(store: &Store) -> Result<Before> {
    file::forget_aside(&store.repository);
    let copy = index(store);
    saved_index::save(&store.repository, &copy)?;
    let git = saved_index::git_with(&store.repository, &copy);
    let FirstLook { known, all, mut seen, mut around, mut found } = first_look(store, &git)?;
    let closed = std::mem::take(&mut seen.closed);
    let mut look = standing::begin(store, &git, &known, &all, closed)?;
    let mut files = look.stand_all(&all, &seen, &found)?;
    look.uncover(&mut files, &mut found.survey)?;
    let doubtful = look.doubtful(&files, &all, &found);
    let bits = |(path, (bits, all)): (RepoPath, (u32, bool))| (path, all.then_some(bits));
    around.files = files;
    around.folders = seen.folders.into_iter().map(bits).collect();
    around.ignored = elsewhere::ignored(&look.tree, &found.ignored)?;
    file::write_around(&store.repository, &around)?;
    if look.is_new {
        file::write_seen(&store.repository, &around);
    }
    let head = store.refs.head()?.map(|id| id.to_string());
    Ok(Before { head, around, survey: found.survey, doubtful, too_much: look.too_much })
}

/// What is there, and what the last look has found.
struct FirstLook {
    known: Surroundings,
    all: Vec<held::TrackedPath>,
    seen: SeenTree,
    /// Without the files and folders of `seen`.
    around: Surroundings,
    found: Differences,
}

fn first_look(store: &Store, git: &Git) -> Result<FirstLook> {
    // Git compares while this process looks at what it doesn't compare.
    let comparing = differences::start(git, &store.settings.exclude)?;
    let known = file::read_seen(&store.repository);
    let may_know = |path: &RepoPath| known.files.get(path).is_some_and(|it| it.state.is_some());
    let has_filters = !store.settings.filters.is_empty();
    let copy = index(store);
    let all = held::tracked(&store.repository, &store.objects, &copy, has_filters, may_know)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let looked = (i64::try_from(now.as_secs())?, now.subsec_nanos());
    let paths = all.iter().filter(|it| it.mode != held::SUBMODULE).map(|it| &it.path);
    let paths: BTreeSet<&RepoPath> = paths.collect();
    let mut seen = surroundings::look(store, &paths)?;
    let modules = all.iter().filter(|it| it.mode == held::SUBMODULE).map(|it| it.path.clone());
    let mut around = Surroundings {
        looked,
        branch: store.refs.branch()?,
        settings: elsewhere::settings(store),
        exclude: store.settings.exclude.clone(),
        ..elsewhere::look(store, &modules.collect::<Vec<_>>())?
    };
    let found = comparing.finish()?;
    around.nested.extend(elsewhere::nested(store, &found.nested)?);
    if !found.untracked.is_empty() {
        seen.add(surroundings::look(store, &found.untracked.iter().collect())?);
    }
    store.clean_forms.ask(paths.into_iter().chain(&found.untracked));
    Ok(FirstLook { known, all, seen, around, found })
}
