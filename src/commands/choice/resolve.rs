//! Which version is meant: a backup's file name, an artifact id, `FILE@{N}`, a time, a label.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::paths;
use super::times::{read, there_are};
use crate::backups::outstanding;
use crate::backups::versions;
use crate::backups::versions::Version;
use crate::backups::versions::work::Commits;
use crate::commands::Session;
use crate::exit_status::{NothingFound, UsageError};
use crate::model::names::artifact::ArtifactId;
use crate::model::names::backup_name::BackupName;
use crate::model::names::repo_path::RepoPath;
use crate::model::names::timestamp::Timestamp;
use crate::model::when::DayIs;
use crate::os::platform::{bytes_of, path_from_bytes};

/// Every file that has a version somewhere.
pub fn all_paths(session: &Session) -> Result<BTreeSet<RepoPath>> {
    let on_disk = outstanding::copies(&session.store)?;
    let mut paths: BTreeSet<RepoPath> = on_disk.into_iter().map(|backup| backup.path).collect();
    paths.extend(versions::paths(&session.store));
    Ok(paths)
}

/// The versions of one file, newest first.
pub fn versions_of(session: &Session, path: &RepoPath) -> Vec<Version> {
    versions::of(&session.store, path)
}

/// The one version that `word` names, of `file` if that is given.
pub fn backup(session: &Session, word: &OsStr, file: Option<&RepoPath>) -> Result<Version> {
    let mut found = candidates(session, word, file)?;
    if found.is_empty() {
        found = of_then(session, word, file)?;
    }
    let word = session.term.name(&bytes_of(word));
    if let Some(file) = file
        && let Some(other) = found.iter().find(|version| version.path != *file)
    {
        let (file, other) = (session.term.path(file), session.term.path(&other.path));
        return Err(UsageError(format!("'{word}' is a backup of {other}, not of {file}")).into());
    }
    let paths: BTreeSet<&RepoPath> = found.iter().map(|version| &version.path).collect();
    if paths.len() > 1 {
        let names: Vec<String> = paths.iter().take(3).map(|path| session.term.path(path)).collect();
        let more = if paths.len() > names.len() { " ..." } else { "" };
        let text = format!(
            "'{word}' names backups of {} files ({}{more}): name the file, too",
            paths.len(),
            names.join(", ")
        );
        return Err(UsageError(text).into());
    }
    let nothing = || {
        let labels = there_are(session);
        let no = if labels.is_empty() { String::new() } else { format!(" and no label{labels}") };
        NothingFound(format!("'{word}' matches no backup{no}: git bak list shows all"))
    };
    if found.is_empty() { Err(nothing().into()) } else { Ok(found.remove(0)) }
}

/// The version that a word names, which may be a file's name: then its newest.
pub fn of_word(session: &Session, word: &OsStr) -> Result<Version> {
    if let Ok(path) = paths::file(session, Path::new(word)) {
        if let Some(newest) = versions_of(session, &path).into_iter().next() {
            return Ok(newest);
        }
        if session.store.repository.top.join(path.to_path_buf()).is_dir() {
            let (folder, word) = (session.term.path(&path), session.term.word(&path));
            let text = format!("{folder} is a folder: name a file in it: git bak list -- {word}");
            return Err(UsageError(text).into());
        }
    }
    backup(session, word, None)
}

/// The version that a name typed for a file is: a backup's own name, or `FILE@{N}`. A file of that name, `path`,
/// goes before it.
pub fn named(session: &Session, word: &Path, path: Option<RepoPath>) -> Result<Option<Version>> {
    let is_backup = path.as_ref().is_some_and(|path| BackupName::parse(path.file_name()).is_some());
    let is_number = numbered(word.as_os_str()).is_some();
    if !is_backup && !is_number {
        return Ok(None);
    }
    if let Some(path) = path {
        let is_there = || session.store.repository.top.join(path.to_path_buf()).symlink_metadata();
        if is_number && is_there().is_ok() || versions::paths(&session.store).contains(&path) {
            return Ok(None);
        }
    }
    // Of the same bytes in several snapshots, that with the file.
    let mut found = candidates(session, word.as_os_str(), None)?;
    let at = found.iter().position(|version| version.backup.is_some()).unwrap_or(0);
    Ok((!found.is_empty()).then(|| found.swap_remove(at)))
}

/// What `word` could mean, newest first.
fn candidates(session: &Session, word: &OsStr, file: Option<&RepoPath>) -> Result<Vec<Version>> {
    let plain = word.to_str().filter(|word| file.is_some() && word.len() < 4);
    if let Some(number) = plain.and_then(|word| word.parse::<usize>().ok())
        && let Some(path) = file
    {
        return Ok(keep(versions_of(session, path), |version| version.number == number));
    }
    if let Some((name, number)) = numbered(word) {
        let path = match file {
            Some(path) if name.as_os_str().is_empty() => path.clone(),
            _ => paths::file(session, &name)?,
        };
        return Ok(keep(versions_of(session, &path), |version| version.number == number));
    }
    if let Ok(path) = paths::file(session, Path::new(word))
        && let Some(name) = BackupName::parse(path.file_name())
    {
        let original = path.with_file_name(&name.original)?;
        let exact = keep(versions_of(session, &original), |version| is_named(version, &name));
        if !exact.is_empty() {
            return Ok(proved_first(exact));
        }
        // A bare file name, typed from another folder.
        return among_all(session, file, |version| is_named(version, &name)).map(proved_first);
    }
    // Whatever else it names is plain text.
    let Some(word) = word.to_str() else { return Ok(Vec::new()) };
    if let Ok(time) = word.parse::<Timestamp>() {
        return among_all(session, file, |version| version.time == time);
    }
    if let Ok(artifact) = word.parse::<ArtifactId>() {
        return among_all(session, file, |version| version.artifact == Some(artifact))
            .map(proved_first);
    }
    Ok(Vec::new())
}

/// What was live of a file at the time that a word names; of a label, of every file of its snapshot.
fn of_then(session: &Session, word: &OsStr, file: Option<&RepoPath>) -> Result<Vec<Version>> {
    let Some(word) = word.to_str() else { return Ok(Vec::new()) };
    let Some(file) = file else {
        let Some(line) = session.store.records.own().labelled(word) else { return Ok(Vec::new()) };
        let is_of_it =
            |it: &Version| it.time == line.timestamp() && it.known.label.as_deref() == Some(word);
        return among_all(session, None, is_of_it);
    };
    let Ok(at) = read(session, word, DayIs::Over) else { return Ok(Vec::new()) };
    let commits = Commits::of(&session.store);
    let cut = commits.line_at(word, at.instant);
    let live = commits.live(file, &versions_of(session, file), (at.instant, cut));
    if live.is_some() {
        session.term.as_of(at.local, None, None);
    }
    Ok(live.into_iter().collect())
}

/// Those first whose bytes are what their artifact id says: a backup file that was written to since
/// has its old name still, and the vault has what the name promises.
fn proved_first(mut versions: Vec<Version>) -> Vec<Version> {
    versions.sort_by_key(|v| v.artifact != ArtifactId::of_blob(&v.id.to_string()));
    versions
}

fn among_all(
    session: &Session,
    file: Option<&RepoPath>,
    wanted: impl Fn(&Version) -> bool,
) -> Result<Vec<Version>> {
    let paths = match file {
        Some(path) => BTreeSet::from([path.clone()]),
        None => all_paths(session)?,
    };
    let mut found = Vec::new();
    for path in &paths {
        found.extend(keep(versions_of(session, path), &wanted));
    }
    Ok(found)
}

fn keep(versions: Vec<Version>, wanted: impl Fn(&Version) -> bool) -> Vec<Version> {
    versions.into_iter().filter(wanted).collect()
}

fn is_named(version: &Version, name: &BackupName) -> bool {
    version.path.file_name() == name.original
        && version.time == name.time
        && (name.artifact.is_none() || version.artifact == name.artifact)
}

/// `FILE@{N}`
fn numbered(word: &OsStr) -> Option<(PathBuf, usize)> {
    let word = bytes_of(word);
    let at = word.windows(2).rposition(|pair| pair == b"@{")?;
    let number = std::str::from_utf8(word[at + 2..].strip_suffix(b"}")?).ok()?;
    Some((path_from_bytes(&word[..at]), number.parse().ok()?))
}

/// Has the session look at what is on record of a worktree, which its id names, the beginning of that, or its name.
pub fn look_at_worktree(session: &mut Session, word: &str) -> Result<()> {
    let lines = session.store.records.all().lines().iter();
    let names = lines.map(|line| {
        let name = line.worktree_name.clone().unwrap_or_else(|| "main".to_owned());
        (line.worktree.clone(), name)
    });
    let all: BTreeMap<String, String> = names.filter(|(id, _)| !id.is_empty()).collect();
    let is_id = |id: &str| word.len() >= 4 && id.starts_with(word);
    let mut found = all.iter().filter(|(id, name)| *name == word || is_id(id));
    if let (Some((id, _)), None) = (found.next(), found.next()) {
        session.store.look_at_worktree(&id.clone());
        return Ok(());
    }
    let shown = all.iter().map(|(id, name)| {
        format!("{} ({})", session.term.name(name.as_bytes()), id.get(..8).unwrap_or(id))
    });
    let shown = shown.collect::<Vec<_>>().join(", ");
    let text = format!("'{word}' is not one worktree on record: there are {shown}");
    Err(NothingFound(text).into())
}
