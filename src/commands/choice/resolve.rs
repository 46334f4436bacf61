//! Which version is meant: a backup's file name, an artifact id, `FILE@{N}`, a time, a label.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::Result;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};

use super::paths;
use crate::backups::outstanding;
use crate::backups::versions;
use crate::backups::versions::Version;
use crate::clock;
use crate::commands::Session;
use crate::exit_status::{NothingFound, UsageError};
use crate::model::names::artifact::ArtifactId;
use crate::model::names::backup_name::BackupName;
use crate::model::names::repo_path::RepoPath;
use crate::model::names::timestamp::Timestamp;
use crate::model::now;
use crate::model::settings::age::Age;
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
    let nothing =
        || NothingFound(format!("'{word}' names no backup: git bak list --vault shows all"));
    if found.is_empty() { Err(nothing().into()) } else { Ok(found.remove(0)) }
}

/// What `word` could mean, newest first.
fn candidates(session: &Session, word: &OsStr, file: Option<&RepoPath>) -> Result<Vec<Version>> {
    if let Some((name, number)) = numbered(word) {
        let path = paths::file(session, &name)?;
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

/// Those first whose bytes are what their artifact id says: a backup file that somebody has written to
/// since has its old name still, and the vault has what the name promises.
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

/// The moment that `--at` names: a label, a backup's time, a date, a clock time, an age.
pub fn moment(session: &Session, word: &str) -> Result<Timestamp> {
    let now = &session.store.now;
    if let Some(time) = labelled(session, word) {
        return Ok(time);
    }
    if let Ok(time) = word.parse::<Timestamp>() {
        return Ok(time);
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(word) {
        return Ok(Timestamp::from_local(clock::local(&time, now)));
    }
    let formats = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"];
    if let Some(time) =
        formats.iter().find_map(|format| NaiveDateTime::parse_from_str(word, format).ok())
    {
        return Ok(Timestamp::from_local(time));
    }
    if let Ok(day) = NaiveDate::parse_from_str(word, "%Y-%m-%d")
        && let Some(end) = day.and_hms_opt(23, 59, 59)
    {
        return Ok(Timestamp::from_local(end));
    }
    let clock = ["%H:%M:%S", "%H:%M"];
    if let Some(time) = clock.iter().find_map(|format| NaiveTime::parse_from_str(word, format).ok())
    {
        return Ok(Timestamp::from_local(now.date_naive().and_time(time)));
    }
    if let Ok(age) = word.parse::<Age>() {
        return Ok(now::timestamp(now).plus(-age.as_delta()));
    }
    Err(NothingFound(format!(
        "'{word}' is no time and no label: say 20251106_201045, 20:10, 2025-11-06, or 2.hours"
    ))
    .into())
}

fn labelled(session: &Session, label: &str) -> Option<Timestamp> {
    session.store.records.own().labelled(label)
}
