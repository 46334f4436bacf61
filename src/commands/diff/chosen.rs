//! Which versions a diff is about, by the words that were typed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::backups::versions;
use crate::backups::versions::Version;
use crate::backups::versions::work::Commits;
use crate::commands::Session;
use crate::commands::choice::selection::{Selected, Selection};
use crate::commands::choice::{paths, resolve};
use crate::exit_status::ExitStatus;
use crate::model::events::line::Line;
use crate::model::names::pathspec::Pathspec;
use crate::model::names::repo_path::RepoPath;
use crate::model::names::timestamp::Timestamp;
use crate::os::platform::bytes_of;

/// The versions to compare, one of each file, and what the command ends with besides.
pub(super) fn chosen(
    session: &Session,
    words: &[PathBuf],
    files: &[PathBuf],
) -> Result<(Vec<Version>, ExitStatus)> {
    let of_file = |file: &Path, version: &Path| {
        let path = paths::file(session, file)?;
        Ok((vec![resolve::backup(session, version.as_os_str(), Some(&path))?], ExitStatus::Done))
    };
    match (words, files) {
        ([word], []) if let Some(versions) = snapshot(session, word)? => {
            Ok((versions, ExitStatus::Done))
        }
        ([version], [file]) => of_file(file, version),
        ([file, version], [])
            if !is_file(session, version)
                && !Pathspec::is_special(&bytes_of(version.as_os_str())) =>
        {
            of_file(file, version)
        }
        _ => of_all(session, words, files),
    }
}

/// Those of every file that is named, or below what is.
fn of_all(
    session: &Session,
    words: &[PathBuf],
    files: &[PathBuf],
) -> Result<(Vec<Version>, ExitStatus)> {
    let typed: Vec<PathBuf> = words.iter().chain(files).cloned().collect();
    let selection = Selection::of(session, &typed)?;
    let commits = Commits::of(&session.store);
    let (mut found, mut status, mut named) = (Vec::new(), ExitStatus::Done, BTreeSet::new());
    let mut is_list = typed.is_empty();
    let known = resolve::all_paths(session)?;
    for (word, selected) in selection.each() {
        match selected {
            Selected::Version(version) => found.push((**version).clone()),
            Selected::Path(path) if known.contains(path) => {
                named.insert(path.clone());
                found.extend(of_file(session, &commits, path));
            }
            Selected::Path(path) if !known.iter().any(|other| selected.has(other)) => {
                if !is_file(session, word) {
                    // An artifact id, or a backup that lies in another folder.
                    found.push(resolve::backup(session, word.as_os_str(), None)?);
                    named.insert(path.clone());
                    continue;
                }
                session.term.unknown(&bytes_of(word.as_os_str()));
                status = ExitStatus::No;
            }
            _ => is_list = true,
        }
    }
    if is_list {
        let below = known.into_iter().filter(|path| selection.has(path) && !named.contains(path));
        found.extend(missing(session, &commits, &below.collect()));
        if found.is_empty() && status == ExitStatus::Done {
            session.term.nothing_to_restore();
        }
    }
    Ok((found, status))
}

fn is_file(session: &Session, word: &Path) -> bool {
    let path = paths::file(session, word).ok();
    path.is_some_and(|path| {
        session.store.repository.top.join(path.to_path_buf()).symlink_metadata().is_ok()
            || versions::paths(&session.store).contains(&path)
    })
}

/// All that a snapshot has, which a label or a time names; `None` for any other word.
fn snapshot(session: &Session, word: &Path) -> Result<Option<Vec<Version>>> {
    let Some(word) = word.to_str().filter(|_| !is_file(session, word)) else { return Ok(None) };
    let labelled = session.store.records.own().labelled(word).map(Line::timestamp);
    let Some(time) = labelled.or_else(|| word.parse::<Timestamp>().ok()) else { return Ok(None) };
    let is_label = labelled.is_some();
    let mut found: Vec<Version> = Vec::new();
    for versions in
        versions::all_of_each(&session.store, &resolve::all_paths(session)?).into_values()
    {
        let is_of_it = |it: &Version| {
            it.time == time && (!is_label || it.known.label.as_deref() == Some(word))
        };
        found.extend(versions.into_iter().find(is_of_it));
    }
    Ok(Some(found).filter(|found| !found.is_empty()))
}

/// What restore would put back, if that is another; else the newest version that differs, or simply the newest.
fn of_file(session: &Session, commits: &Commits<'_>, path: &RepoPath) -> Option<Version> {
    let versions = resolve::versions_of(session, path);
    let present = session.present(path).ok().flatten();
    let differs = |version: &Version| {
        present.as_ref().is_none_or(|bytes| !version.is_same_as(&session.store, bytes))
    };
    let work = commits.work(path, &versions);
    if let Some((open, _)) = work.open().filter(|(open, _)| differs(open)) {
        return Some(open.clone());
    }
    let differing = versions.iter().position(differs).unwrap_or(0);
    versions.into_iter().nth(differing)
}

/// Of each of these files the work that is missing since the last commit: what restore would put back.
fn missing(session: &Session, commits: &Commits<'_>, paths: &BTreeSet<RepoPath>) -> Vec<Version> {
    let (horizon, _) = commits.horizon();
    let mut found = Vec::new();
    for (path, versions) in versions::all_of_each(&session.store, paths) {
        let work = commits.work(&path, &versions);
        let missing = work
            .open()
            .filter(|(version, seen)| *seen >= horizon && !commits.is_taken_out(version, *seen));
        let Some((version, _)) = missing else { continue };
        match session.present(&path) {
            Ok(Some(bytes)) if version.is_same_as(&session.store, &bytes) => {}
            Ok(_) => found.push(version.clone()),
            Err(error) => session.term.cannot_restore(version, &error),
        }
    }
    found
}
