//! diff: what a restore would change, as a patch that `git apply` takes, by Git's own diff.
//!
//! Both sides are commits in a repository of their own that is thrown away, so Git shows names from the top, goes by the
//! user's attributes, drivers, colours and pager, and takes every option that it has.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Session;
use crate::backups::restore::Present;
use crate::backups::versions;
use crate::backups::versions::Version;
use crate::backups::versions::work::Commits;
use crate::cli::DiffArgs;
use crate::commands::choice::selection::{Selected, Selection};
use crate::commands::choice::{paths, resolve};
use crate::exit_status::ExitStatus;
use crate::model::events::line::Line;
use crate::model::names::pathspec::Pathspec;
use crate::model::names::repo_path::RepoPath;
use crate::model::names::timestamp::Timestamp;
use crate::os::platform::{bytes_of, path_from_bytes};
use crate::os::private;
use crate::vault::states;

/// Names as `git apply` takes them, whatever somebody likes to look at; an option of theirs counts more.
const NAMES: [&str; 5] = [
    "diff.noprefix=false",
    "diff.mnemonicPrefix=false",
    "diff.srcPrefix=a/",
    "diff.dstPrefix=b/",
    "diff.relative=false",
];
/// Git takes a word of its own after each of these.
const WITH_VALUE: [&[u8]; 6] = [b"-S", b"-G", b"-O", b"-U", b"-l", b"--output"];

pub fn run(session: &Session, args: &DiffArgs) -> Result<ExitStatus> {
    let (options, words, files) = parted(&args.words);
    let (versions, status) = chosen(session, &words, &files)?;
    if versions.is_empty() {
        return Ok(status);
    }
    Ok(show(session, &options, &versions)?.and(status))
}

/// Git's options, what else was typed, and what was typed after `--`.
fn parted(words: &[PathBuf]) -> (Vec<PathBuf>, Vec<PathBuf>, Vec<PathBuf>) {
    let (mut options, mut others) = (Vec::new(), Vec::new());
    let end = words.iter().position(|word| word.as_os_str() == "--");
    let (words, files) = words.split_at(end.unwrap_or(words.len()));
    let mut is_value = false;
    for word in words {
        let bytes = bytes_of(word.as_os_str());
        let is_option = is_value || bytes.starts_with(b"-");
        is_value = !is_value && WITH_VALUE.contains(&bytes.as_slice());
        if is_option { options.push(word.clone()) } else { others.push(word.clone()) }
    }
    (options, others, files.iter().skip(1).cloned().collect())
}

/// Hands the files as they are, and as the versions have them, to Git.
fn show(session: &Session, options: &[PathBuf], versions: &[Version]) -> Result<ExitStatus> {
    let store = &session.store;
    let scratch = match versions.iter().any(|version| version.clean) {
        // Nothing of its bytes is to be under the Git directory, should we die.
        true => tempfile::Builder::new().prefix("git-bak-diff-").tempdir()?,
        false => private::scratch(&store.repository.own_bak_dir(), "diff")?,
    };
    let mut files = Vec::with_capacity(versions.len());
    for version in versions {
        let is_executable = match session.look(&version.path)? {
            // A restore leaves the mode.
            Present::File(stat) => stat.permissions & 0o100 != 0,
            Present::Nothing => version.executable,
        };
        let (present, bytes) = (session.present(&version.path)?, session.bytes(version)?);
        files.push((&version.path, present, bytes, is_executable));
    }
    let old = files
        .iter()
        .filter_map(|(path, present, _, mode)| Some((*path, present.as_deref()?, *mode)));
    let new = files.iter().map(|(path, _, bytes, mode)| (*path, bytes.as_slice(), *mode));
    let states = [old.collect(), new.collect()];
    let [old, new] = states::commit(scratch.path(), store.repository.format, &states)?;
    let objects = states::borrowing(&scratch.path().join("objects"));
    let is_read = store.repository.git().with_env(states::BORROWS, objects.clone());
    let is_read = is_read.output(["rev-parse", "-q", "--verify", &format!("{old}^{{}}")]);
    let mut command = std::process::Command::new("git");
    if is_read.is_err() {
        // Git can't read the user's repository (a broken ref, say): it needs nothing of it but the attributes.
        command.args([
            Path::new("--git-dir"),
            scratch.path(),
            Path::new("--work-tree"),
            &store.repository.top,
        ]);
    }
    // The user's own command line, so with the user's own hooks path, pager and configuration.
    let status = command
        .args(NAMES.iter().flat_map(|setting| ["-c", setting]))
        .args(unfiltered(session))
        .arg("diff")
        .args(options)
        .args([old, new])
        .arg("--")
        .current_dir(&session.cwd)
        .env(states::BORROWS, objects)
        .status()
        .context("git diff can't be started")?;
    Ok(match status.code() {
        Some(0) => ExitStatus::Done,
        // Git's word for "they differ", where it was asked for.
        Some(1) => ExitStatus::No,
        Some(129) => ExitStatus::Usage,
        _ => ExitStatus::Failed,
    })
}

/// Both sides are as the working tree has them: for a program that shows them Git would filter them once more.
fn unfiltered(session: &Session) -> Vec<OsString> {
    let keys: [&[u8]; 3] = [b".smudge=", b".process=", b".required=false"];
    let setting = |driver: &[u8], key| path_from_bytes(&[b"filter.", driver, key].concat());
    let drivers = session.store.settings.filters.iter();
    let settings = drivers.flat_map(|driver| keys.map(|key| setting(driver, key)));
    settings.flat_map(|setting| ["-c".into(), setting.into_os_string()]).collect()
}

/// The versions that are to be compared, one of each file, and what the command ends with besides.
fn chosen(
    session: &Session,
    words: &[PathBuf],
    files: &[PathBuf],
) -> Result<(Vec<Version>, ExitStatus)> {
    let one = |version| Ok((vec![version], ExitStatus::Done));
    match (words, files) {
        ([word], []) if let Some(versions) = snapshot(session, word)? => {
            return Ok((versions, ExitStatus::Done));
        }
        ([version], [file]) => {
            return one(resolve::backup(
                session,
                version.as_os_str(),
                Some(&paths::file(session, file)?),
            )?);
        }
        ([file, version], [])
            if !is_file(session, version)
                && !Pathspec::is_special(&bytes_of(version.as_os_str())) =>
        {
            let path = paths::file(session, file)?;
            return one(resolve::backup(session, version.as_os_str(), Some(&path))?);
        }
        _ => {}
    }
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
        let Some((version, _)) = work.open().filter(|(_, seen)| *seen >= horizon) else { continue };
        match session.present(&path) {
            Ok(Some(bytes)) if version.is_same_as(&session.store, &bytes) => {}
            Ok(_) => found.push(version.clone()),
            Err(error) => session.term.cannot_restore(version, &error),
        }
    }
    found
}
