//! diff: a backup against the file as it is now, by Git's own diff with its pager and drivers.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, Result};

use super::Session;
use crate::backups::restore::{Present, present_bytes};
use crate::backups::versions::Version;
use crate::cli::DiffArgs;
use crate::commands::choice::{paths, resolve};
use crate::exit_status::{ExitStatus, NothingFound, UsageError};
use crate::model::names::repo_path::RepoPath;
use crate::os::platform::{for_shell, path_from_bytes};
use crate::os::private;

pub fn run(session: &Session, args: &DiffArgs) -> Result<ExitStatus> {
    let version = chosen(session, args)?;
    let scratch = match version.clean {
        // Nothing of its bytes is to be under the Git directory, should we die: Git itself puts what it shows a
        // program of the user's into a folder for temporary files.
        true => tempfile::Builder::new().prefix("git-bak-diff-").tempdir()?,
        false => private::scratch(&session.store.repository.own_bak_dir(), "diff")?,
    };
    let old = scratch.path().join(shown_name(&version));
    private::write(&old, &session.bytes(&version)?)?;
    let top = &session.store.repository.top;
    // Git opens it by its path: behind a link, or as one, it is not the file that was backed up.
    let new = match session.look(&version.path)? {
        Present::File(_) => version.path.to_path_buf(),
        Present::Nothing => Path::new("/dev/null").to_owned(),
    };
    // The user's own command line, so with the user's own hooks path, pager and configuration.
    // By their paths from the top, as Git writes them: they are what it shows, and what attributes go by.
    let old = path_from_bytes(&for_shell(old.strip_prefix(top).unwrap_or(&old)));
    let status = std::process::Command::new("git")
        .args(unfiltered(session, &version))
        .args(["diff", "--no-index", "--"])
        .args([&old, &new])
        .current_dir(top)
        .status()
        .context("git diff can't be started")?;
    // 1 is Git's word for "they differ", which is no failure here.
    Ok(if matches!(status.code(), Some(0 | 1)) { ExitStatus::Done } else { ExitStatus::Failed })
}

/// Both sides are plain: Git would show the file as its filter encrypts it.
fn unfiltered(session: &Session, version: &Version) -> Vec<OsString> {
    let drivers = session.store.settings.filters.iter().filter(|_| version.clean);
    let keys: [&[u8]; 3] = [b".clean=", b".process=", b".required=false"];
    let setting = |driver: &[u8], key| path_from_bytes(&[b"filter.", driver, key].concat());
    let settings = drivers.flat_map(|driver| keys.map(|key| setting(driver, key)));
    settings.flat_map(|setting| ["-c".into(), setting.into_os_string()]).collect()
}

fn chosen(session: &Session, args: &DiffArgs) -> Result<Version> {
    match (&args.file, &args.backup) {
        (Some(file), Some(backup)) => {
            let path = paths::file(session, Path::new(file))?;
            resolve::backup(session, backup, Some(&path))
        }
        (Some(word), None) => {
            let newest = match paths::file(session, Path::new(word)) {
                Ok(path) => newest(session, &path)?,
                Err(_) => None,
            };
            newest.map_or_else(|| resolve::backup(session, word, None), Ok)
        }
        (None, _) => {
            let mut paths = resolve::all_paths(session)?.into_iter();
            match (paths.next(), paths.next()) {
                (Some(path), None) => newest(session, &path)?.ok_or_else(no_backups),
                (None, _) => Err(no_backups()),
                _ => Err(UsageError(
                    "several files have backups: name one that git bak list shows".into(),
                )
                .into()),
            }
        }
    }
}

fn no_backups() -> anyhow::Error {
    NothingFound("there are no backups".into()).into()
}

/// The newest version that differs from the file, or simply the newest, if there is any.
fn newest(session: &Session, path: &RepoPath) -> Result<Option<Version>> {
    let versions = resolve::versions_of(session, path);
    let present = present_bytes(&session.store, path).ok().flatten();
    let is_there = |version: &Version| {
        present.as_ref().is_some_and(|bytes| version.is_same_as(&session.store, bytes))
    };
    let differs = versions.iter().position(|version| !is_there(version)).unwrap_or(0);
    Ok(versions.into_iter().nth(differs))
}

fn shown_name(version: &Version) -> std::path::PathBuf {
    let mut name = version.path.file_name().to_vec();
    name.extend_from_slice(format!(".bak.{}", version.time).as_bytes());
    // A scratch file's name must be one that the file system takes.
    name.truncate(255);
    path_from_bytes(&name)
}
