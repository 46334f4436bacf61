//! What a working tree is like before a command that may change anything.
//!
//! Order of steps, and why it is safe: the index is copied first, and everything else is compared with the
//! copy, so that a file and its entry belong together whatever others do meanwhile; then each file is looked at, once,
//! and then read, so that what is written in between shows. What Git has byte for byte, it keeps; the bytes of every
//! other file are kept here. Nothing is changed.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;

use super::proof::{has_same_rules, was_ignored};
use super::surroundings::SeenTree;
use super::{elsewhere, file, git_settings, standing, surroundings};
use crate::backups::Store;
use crate::git::command::Git;
use crate::git::config::compares_as_usual;
use crate::git::index::Index;
use crate::git::survey::differences::{self, Differences, DifferencesRun};
use crate::git::survey::held;
use crate::git::worktree::saved_index;
use crate::model::at_risk::Survey;
use crate::model::names::repo_path::{RepoPath, next_at};
use crate::model::settings::ConfigEntry;
use crate::model::surroundings::Surroundings;

/// The most paths that Git is asked of one by one.
pub(super) const MOST_PATHS: usize = 100;

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

/// Looks at everything, keeps what Git doesn't have as it is, and writes it down. `settings` are Git's. The caller holds
/// the lock.
pub fn observe(store: &Store, settings: &[ConfigEntry]) -> Result<Before> {
    file::forget_aside(&store.repository);
    let copy = index(store);
    let known = file::start_reading_seen(&store.repository);
    let index = saved_index::save(&store.repository, &copy)?;
    let git = saved_index::git_with(&store.repository, &copy);
    let look = first_look(store, &git, known, index.as_ref(), settings)?;
    let FirstLook { known, all, mut seen, mut around, mut found, digest } = look;
    let closed = std::mem::take(&mut seen.closed);
    let mut look = standing::begin(store, &git, known.looked, &all, closed)?;
    let mut files = look.stand_all(&all, known.files, seen.files, &found)?;
    look.uncover(&mut files, &mut found.survey)?;
    let doubtful = look.doubtful(&files, &all, &found);
    let bits = |(path, (bits, all)): (RepoPath, (u32, bool))| (path, all.then_some(bits));
    around.files = files;
    around.folders = seen.folders.into_iter().map(bits).collect();
    around.ignored = elsewhere::ignored(&look.tree, &found.ignored)?;
    file::write_around(&store.repository, &around)?;
    let is_folder = |(path, seal)| (path, Option::is_none(seal));
    let ignored = known.ignored.iter().map(is_folder).eq(around.ignored.iter().map(is_folder));
    if look.is_new || !ignored || !known.settings.contains_key(&digest) {
        file::write_seen(&store.repository, &around, digest);
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
    /// What stands for Git's settings.
    digest: Vec<u8>,
}

fn first_look(
    store: &Store,
    git: &Git,
    known: std::io::Result<file::SeenRead>,
    index: Option<&Index>,
    settings: &[ConfigEntry],
) -> Result<FirstLook> {
    let exclude = &store.settings.exclude;
    let is_usual = exclude.is_empty() && compares_as_usual(settings);
    let ordinary = index.filter(|it| is_usual && !it.is_sparse && !it.has_unusual);
    // Git looks while this process does.
    let comparing = match ordinary {
        Some(_) => None,
        None => Some(differences::start(git, [], exclude)?),
    };
    let refs = elsewhere::begin(store)?;
    // Without it the look takes longer.
    let known = known.ok().and_then(|it| it.join().ok()?.ok()).unwrap_or_default();
    let mut left = known.files.iter().peekable();
    let may_know = |path: &RepoPath| {
        next_at(&mut left, |(path, _)| path, path).is_some_and(|(_, it)| it.state.is_some())
    };
    let has_filters = !store.settings.filters.is_empty();
    let all = held::tracked(git, &store.objects, index, has_filters, may_know)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let looked = (i64::try_from(now.as_secs())?, now.subsec_nanos());
    let is_module = |it: &&held::TrackedPath| it.mode == held::SUBMODULE;
    let paths: Vec<_> = all.iter().filter(|it| !is_module(it)).map(|it| &it.path).collect();
    let mut seen = surroundings::look(store, &paths)?;
    let modules: Vec<_> = all.iter().filter(is_module).map(|it| it.path.clone()).collect();
    seen.others.retain(|(path, _)| !modules.contains(path));
    let settings = git_settings::read(store, settings);
    let digest = git_settings::digest(store, &settings)?;
    let found = match (comparing, ordinary) {
        (Some(comparing), _) => Some(comparing.finish()?),
        (None, Some(index)) => {
            let is_same = known.settings.contains_key(&digest) && has_same_rules(&known, &seen);
            let was_ignored = |(path, is_folder): &mut (RepoPath, bool)| {
                is_same && was_ignored(&known, path, *is_folder)
            };
            let ignored: Vec<_> = seen.others.extract_if(.., was_ignored).collect();
            compare(store, git, (index, &all), &seen, &ignored)?
        }
        (None, None) => None,
    };
    let found = found.map_or_else(|| differences::start(git, [], exclude)?.finish(), Ok)?;
    let mut around = Surroundings {
        looked,
        branch: store.refs.branch()?,
        settings,
        exclude: exclude.clone(),
        ..elsewhere::look(store, &modules, refs)?
    };
    around.nested.extend(elsewhere::nested(store, &found.nested)?);
    if !found.untracked.is_empty() {
        seen.add(surroundings::look(store, &found.untracked.iter().collect::<Vec<_>>())?);
    }
    store.clean_forms.ask(paths.into_iter().chain(&found.untracked));
    Ok(FirstLook { known, all, seen, around, found, digest })
}

/// Compares what was seen with the index; of what lies beside it, except what is `ignored`, Git says whether it is.
/// `None` if only Git can compare.
fn compare(
    store: &Store,
    git: &Git,
    index: (&Index, &[held::TrackedPath]),
    seen: &SeenTree,
    ignored: &[(RepoPath, bool)],
) -> Result<Option<Differences>> {
    if !seen.closed.is_empty() || seen.others.len() > MOST_PATHS {
        return Ok(None);
    }
    let others = seen.others.iter().map(|(path, _)| path);
    let others = (others.len() > 0).then(|| differences::start(git, others, &[])).transpose()?;
    let Store { repository, objects, refs, .. } = store;
    let tracked = differences::of_seen(repository, objects, refs.head()?, index, &seen.files);
    let mut others = others.map(DifferencesRun::finish).transpose()?.unwrap_or_default();
    let slash = |is_folder| if is_folder { &b"/"[..] } else { b"" };
    let ignored =
        ignored.iter().map(|(path, is_folder)| [path.as_bytes(), slash(*is_folder)].concat());
    others.ignored.extend(ignored);
    Ok(tracked.map(|tracked| tracked.with(others)))
}
