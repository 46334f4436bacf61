//! What `restore` puts back: of each file its newest open version.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::Result;

use super::plan::{Put, RestorePlan};
use crate::backups::versions;
use crate::backups::versions::Version;
use crate::backups::versions::work::{Commits, FileWork, WorkFate};
use crate::cli::RestoreArgs;
use crate::commands::Session;
use crate::commands::choice::resolve;
use crate::commands::choice::selection::{Selected, Selection};
use crate::exit_status::ExitStatus;
use crate::git::survey::tracked;
use crate::model::names::repo_path::RepoPath;
use crate::snapshot::audit;
use crate::term::restore::{Closed, Closing};

pub fn plan(session: &Session, args: &RestoreArgs) -> Result<RestorePlan> {
    let selection = Selection::of(session, &args.files)?;
    let commits = Commits::of(&session.store);
    let (mut plan, named) =
        named(session, &selection, &mut |plan, path| by_name(session, &commits, path, plan))?;
    if args.all || plan.is_list {
        plan.is_list = true;
        below(session, args, &commits, (&selection, &named), &mut plan)?;
    }
    session.term.also_missing(&plan.missing, &args.files);
    Ok(plan)
}

/// Of each of these files, as if all were named.
pub fn each(session: &Session, paths: &[RepoPath]) -> Result<RestorePlan> {
    let commits = Commits::of(&session.store);
    let mut plan = RestorePlan::default();
    for path in paths {
        by_name(session, &commits, path, &mut plan)?;
    }
    // From the top, wherever the user is.
    let word = |path: &RepoPath| PathBuf::from(":/").join(path.to_path_buf());
    let words: Vec<PathBuf> = plan.missing.iter().map(word).collect();
    session.term.also_missing(&plan.missing, &words);
    Ok(plan)
}

/// What the names select that are names of one file, each of which goes to `take`; other names make a list.
pub fn named(
    session: &Session,
    selection: &Selection,
    take: &mut dyn FnMut(&mut RestorePlan, &RepoPath) -> Result<()>,
) -> Result<(RestorePlan, BTreeSet<RepoPath>)> {
    let (mut plan, mut named) = (RestorePlan::default(), BTreeSet::new());
    let known = versions::paths(&session.store);
    for (_, selected) in selection.each() {
        match selected {
            Selected::Version(version) => {
                if named.insert(version.path.clone()) {
                    match Put::of(session, (**version).clone())? {
                        Some(put) => plan.puts.push(put),
                        None => session.term.already(version),
                    }
                }
            }
            Selected::Path(path) if !is_folder(session, path, &known) => {
                if named.insert(path.clone()) {
                    take(&mut plan, path)?;
                }
            }
            _ => plan.is_list = true,
        }
    }
    Ok((plan, named))
}

/// Whether a path is a folder: what stands there decides, else whether files below it are known and it is none itself.
pub(super) fn is_folder(session: &Session, path: &RepoPath, known: &BTreeSet<RepoPath>) -> bool {
    let selected = Selected::Path(path.clone());
    let has_known = || known.iter().any(|other| other != path && selected.has(other));
    let place = session.store.repository.top.join(path.to_path_buf());
    match place.symlink_metadata() {
        Ok(meta) => meta.is_dir() && (!known.contains(path) || has_known()),
        Err(_) => !known.contains(path) && has_known(),
    }
}

fn by_name(
    session: &Session,
    commits: &Commits<'_>,
    path: &RepoPath,
    plan: &mut RestorePlan,
) -> Result<()> {
    let work = commits.work(path, &resolve::versions_of(session, path));
    let Some((version, seen)) = work.open() else {
        let closed = closed(session, commits, path, &work)?;
        session.term.nothing_open(path, &closed);
        plan.may_miss_edits |= closed.stash.is_none();
        let place = session.store.repository.top.join(path.to_path_buf());
        if place.symlink_metadata().is_err()
            && tracked::among(&session.store.repository, std::slice::from_ref(path))?.contains(path)
        {
            plan.missing.push(path.clone());
        }
        plan.status = ExitStatus::No;
        return Ok(());
    };
    match Put::of(session, version.clone()) {
        Err(error) => {
            session.term.cannot_restore(version, &error);
            plan.status = ExitStatus::No;
        }
        Ok(None) => session.term.already(version),
        Ok(Some(put)) => {
            let put = Put { since: commits.head_then(seen).map(str::to_owned), ..put };
            plan.may_miss_edits |= put.may_be_older();
            plan.puts.push(Put { has_edits: has_edits(session, commits, path)?, ..put });
        }
    }
    Ok(())
}

/// Every file below what is named, or of all, whose open work is not there and no older than the last commit's attempt.
fn below(
    session: &Session,
    args: &RestoreArgs,
    commits: &Commits<'_>,
    (selection, named): (&Selection, &BTreeSet<RepoPath>),
    plan: &mut RestorePlan,
) -> Result<()> {
    let progress = session.term.progress("looking for what is lost");
    let mut known = resolve::all_paths(session)?;
    let unknown = selection.name_unknown(session, known.iter().chain(named).cloned());
    known.retain(|path| selection.has(path) && !named.contains(path));
    let (horizon, commit) = commits.horizon();
    let mut older: Vec<Version> = Vec::new();
    progress.of(known.len());
    for (path, versions) in versions::all_of_each(&session.store, &known) {
        progress.step();
        let work = commits.work(&path, &versions);
        let missing = work.open().filter(|(version, seen)| !commits.is_taken_out(version, *seen));
        let Some((version, seen)) = missing else { continue };
        match Put::of(session, version.clone()) {
            Ok(None) => {}
            Ok(Some(_)) if seen < horizon => older.push(version.clone()),
            Ok(Some(put)) => {
                let since = commits.head_then(seen).map(str::to_owned);
                plan.may_miss_edits |= put.may_be_older();
                plan.puts.push(Put {
                    has_edits: has_edits(session, commits, &path)?,
                    since,
                    ..put
                });
            }
            Err(error) => {
                session.term.cannot_restore(version, &error);
                plan.status = ExitStatus::No;
            }
        }
    }
    drop(progress);
    let mut gone = tracked::deleted(&session.store.repository.git())?;
    let is_known = |path: &RepoPath| {
        plan.puts.iter().map(|put| &put.version.path).any(|it| it == path)
            || older.iter().any(|it| it.path == *path)
            || named.contains(path)
    };
    gone.retain(|path| selection.has(path) && !is_known(path));
    session.term.also_missing(&gone, &args.files);
    if plan.puts.is_empty() && unknown.and(plan.status) == ExitStatus::Done {
        session.term.nothing_to_restore();
        plan.may_miss_edits = true;
        plan.status = if args.all { plan.status } else { ExitStatus::No };
    }
    if let Some(oldest) = older.iter().map(|version| version.time).min() {
        session.term.older(older.len(), commit, oldest);
    }
    plan.status = plan.status.and(unknown);
    Ok(())
}

/// Whether a file holds what neither Git nor a restore has put there.
fn has_edits(session: &Session, commits: &Commits<'_>, path: &RepoPath) -> Result<bool> {
    let store = &session.store;
    let Some(present) = session.present(path)? else { return Ok(false) };
    let id = store.id_of(path, &present)?;
    if commits.was_restored(path, &id.to_string())
        || audit::is_committed(store, path, &id.to_string())
    {
        return Ok(false);
    }
    let paths = [path.clone()];
    let is_tracked = tracked::among(&store.repository, &paths)?.contains(path);
    Ok(!is_tracked || audit::still_edited(store, &paths)?.contains(path))
}

/// Why there is nothing to put back.
fn closed(
    session: &Session,
    commits: &Commits<'_>,
    path: &RepoPath,
    work: &FileWork,
) -> Result<Closed> {
    let place = session.store.repository.top.join(path.to_path_buf());
    let mut closed = Closed { is_known: place.symlink_metadata().is_ok(), ..Closed::default() };
    closed.is_known |= work.fates().next().is_some()
        || tracked::among(&session.store.repository, std::slice::from_ref(path))?.contains(path);
    for (version, fate) in work.fates() {
        match fate {
            WorkFate::Stashed(entry) if closed.stash.is_none() => closed.stash = Some(*entry),
            WorkFate::Committed(commit) | WorkFate::Draft(commit) if closed.commit.is_none() => {
                closed.commit = Some(Closing {
                    commit: commit.clone(),
                    time: version.time,
                    is_here: commits.is_here(commit),
                });
            }
            _ => {}
        }
        if let (WorkFate::Draft(_), None) = (fate, &closed.draft) {
            closed.draft = Some(version.clone());
        }
    }
    Ok(closed)
}
