//! The work that no commit has, as it stands there now: what of it some version holds, and what a careless command
//! would take for good, each with the reason why nothing holds it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::plan::{self, From, Wanted};
use super::unseen;
use crate::backups::location::Locations;
use crate::backups::versions::Version;
use crate::backups::versions::work::Commits;
use crate::backups::{Store, restore, versions};
use crate::git::fs_daemon;
use crate::git::survey::at_risk;
use crate::git::survey::at_risk::SurveyRun;
use crate::git::survey::pathspec::SurveyOptions;
use crate::model::at_risk::{FileState, Survey};
use crate::model::names::repo_path::RepoPath;
use crate::model::settings::Scope;
use crate::model::settings::size::Size;

/// Why no version holds a file's work.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Nothing has looked at it since it was changed.
    Edited,
    Staged,
    /// `bak.exclude` names it.
    Excluded,
    /// The attribute `-bak` does.
    LeftOut,
    /// It has so many bytes, and `bak.maxFileSize` is less.
    TooBig(u64),
    Untracked,
}

#[derive(Debug, Default)]
pub struct Uncommitted {
    /// How many files with such work have a version of it.
    pub held: usize,
    pub unprotected: BTreeMap<RepoPath, Reason>,
    /// Why Git could not say exactly which files they are, if it couldn't.
    pub doubt: Option<String>,
}

/// Begins to look at all of the working tree.
pub fn begin(store: &Store) -> Result<SurveyRun> {
    start(store, &[])
}

/// Goes on with what was begun. `with_backups`: the files that have backups, which the record needn't know.
pub fn finish(
    store: &Store,
    begun: SurveyRun,
    with_backups: BTreeSet<RepoPath>,
) -> Result<Uncommitted> {
    let survey = begun.finish()?;
    let mut plan = plan::of_scope(store, &survey, Scope::All);
    // The next commit asks once more for what Git doesn't see, and says what can't be found out.
    let _ = unseen::add(store, &mut plan);
    let is_there = |it: &Wanted| {
        matches!(it.from, From::Index { as_worktree: false, .. }) || size(store, &it.path).is_some()
    };
    let mut wanted: BTreeMap<RepoPath, Vec<Wanted>> = BTreeMap::new();
    for it in plan.wanted.into_iter().filter(is_there) {
        wanted.entry(it.path.clone()).or_default().push(it);
    }
    let mut known = with_backups;
    known.extend(versions::paths(store));
    known.retain(|path| wanted.contains_key(path));
    let mut known = versions::all_of_each(store, &known);
    let commits = Commits::of(store);
    let mut found = Uncommitted { doubt: survey.doubt.clone(), ..Uncommitted::default() };
    for (path, wanted) in wanted {
        let versions = known.remove(&path).unwrap_or_default();
        match wanted.iter().find(|it| !is_held(store, &commits, it, &versions)) {
            None => found.held += 1,
            Some(Wanted { from: From::Index { .. }, .. }) => {
                found.unprotected.insert(path, Reason::Staged);
            }
            Some(_) => drop(found.unprotected.insert(path, Reason::Edited)),
        }
    }
    name_reasons(store, &survey, &mut found)?;
    Ok(found)
}

fn start(store: &Store, exclude: &[Vec<u8>]) -> Result<SurveyRun> {
    let options =
        SurveyOptions { untracked: true, exclude: exclude.to_vec(), ..SurveyOptions::default() };
    let mut git = store.repository.git();
    if !fs_daemon::is_there(&store.repository) {
        // A program that is asked takes longer than the look, and ours has nothing to tell.
        git = git.without_monitor();
    }
    at_risk::start(&git, &options)
}

/// Whether a version has the bytes.
fn is_held(store: &Store, commits: &Commits<'_>, wanted: &Wanted, versions: &[Version]) -> bool {
    let mut versions =
        versions.iter().filter(|it| !it.is_doubtful && (it.backup.is_some() || it.in_vault));
    if let From::Index { blob, as_worktree: false, .. } = &wanted.from {
        return versions.any(|it| commits.ids(it).contains(blob));
    }
    // Most of what nothing holds need not be read.
    let size = size(store, &wanted.path).unwrap_or(0);
    let mut versions = versions.filter(|it| it.clean || it.size == size).peekable();
    versions.peek().is_some()
        && restore::present_bytes(store, &wanted.path)
            .ok()
            .flatten()
            .is_some_and(|bytes| versions.any(|version| version.is_same_as(store, &bytes)))
}

/// How many bytes a regular file has.
fn size(store: &Store, path: &RepoPath) -> Option<u64> {
    let meta = store.repository.top.join(path.to_path_buf()).symlink_metadata().ok()?;
    meta.is_file().then_some(meta.len())
}

/// Sets the reason for files that Git doesn't track, and for those that the settings leave out.
fn name_reasons(store: &Store, survey: &Survey, found: &mut Uncommitted) -> Result<()> {
    let Store { repository, settings, .. } = store;
    let mut excluded: BTreeSet<RepoPath> = BTreeSet::new();
    if !found.unprotected.is_empty() && !settings.exclude.is_empty() {
        excluded.extend(survey.files.iter().map(|it| it.path.clone()));
        let included = start(store, &settings.exclude)?.finish()?;
        for file in included.files {
            excluded.remove(&file.path);
        }
    }
    let untracked = survey.files.iter().filter(|it| it.state == FileState::Untracked);
    let untracked: BTreeSet<&RepoPath> = untracked.map(|it| &it.path).collect();
    let locations = Locations::of(repository, settings, found.unprotected.keys());
    let most = settings.max_file_size.map_or(u64::MAX, Size::bytes);
    for (path, reason) in &mut found.unprotected {
        let size = size(store, path).unwrap_or(0);
        if excluded.contains(path) {
            *reason = Reason::Excluded;
        } else if locations.leaves_out(path) {
            *reason = Reason::LeftOut;
        } else if size > most {
            *reason = Reason::TooBig(size);
        } else if untracked.contains(path) {
            *reason = Reason::Untracked;
        }
    }
    Ok(())
}
