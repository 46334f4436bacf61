//! restore -p: Git's own hunk picker over what restore would put back.
//!
//! Git borrows the version from a repository that is thrown away, as what it would have committed: compared in that form
//! nothing but the work differs. What stands there is kept first; what is picked Git writes.

use anyhow::{Context, Result};

use super::plan::Put;
use super::{back_up, files};
use crate::backups::versions::Version;
use crate::backups::versions::work::Commits;
use crate::cli::RestoreArgs;
use crate::commands::Session;
use crate::commands::choice::resolve;
use crate::exit_status::{ExitStatus, UsageError};
use crate::git::objects::Objects;
use crate::model::names::repo_path::RepoPath;
use crate::os::platform::path_from_bytes;
use crate::os::private;
use crate::vault::states;

pub fn run(session: &Session, args: &RestoreArgs) -> Result<ExitStatus> {
    let files = files(session, args)?;
    let [path] = &files[..] else {
        return Err(UsageError("-p goes through one file: name it".into()).into());
    };
    let version = match &args.from {
        Some(word) => resolve::backup(session, word, Some(path))?,
        None => match open(session, path) {
            Some(version) => version,
            None => {
                session.term.nothing_to_pick(path);
                return Ok(ExitStatus::No);
            }
        },
    };
    let Some(put) = Put::of(session, version.clone())? else {
        session.term.already(&version);
        return Ok(ExitStatus::Done);
    };
    back_up(session, std::slice::from_ref(&put))?;
    picked(session, path, &put)
}

fn open(session: &Session, path: &RepoPath) -> Option<Version> {
    let versions = resolve::versions_of(session, path);
    Commits::of(&session.store).work(path, &versions).open().map(|(version, _)| version.clone())
}

fn picked(session: &Session, path: &RepoPath, put: &Put) -> Result<ExitStatus> {
    let repository = &session.store.repository;
    let scratch = match put.version.clean {
        // Nothing of its bytes is to be under the Git directory, should we die.
        true => tempfile::Builder::new().prefix("git-bak-pick-").tempdir()?,
        false => private::scratch(&repository.own_bak_dir(), "pick")?,
    };
    let objects = scratch.path().join("form");
    private::make_dir(&objects)?;
    // As Git would commit it.
    let git = repository.git().in_dir(&repository.top).with_env("GIT_OBJECT_DIRECTORY", &objects);
    let name = path_from_bytes(&[b"--path=", path.as_bytes()].concat()).into_os_string();
    let words = ["hash-object".into(), "-w".into(), "--stdin".into(), name];
    let id = git.feed(words, put.bytes.clone())?.success()?;
    let form = Objects::in_dir(repository, objects);
    let bytes = form.read_blob(form.parse(&String::from_utf8_lossy(id.trim_ascii()))?)?;
    let state = vec![(path, bytes.as_slice(), put.version.executable)];
    let place = scratch.path().join("state");
    let ids = states::commit(&place, repository.format, &[state])?;
    let only = path_from_bytes(&[b":(top,literal)", path.as_bytes()].concat());
    let status = std::process::Command::new("git")
        .args(["restore", "-p"])
        .arg(format!("--source={}", ids.concat()))
        .arg("--")
        .arg(only)
        .current_dir(&session.cwd)
        .env(states::BORROWS, states::borrowing(&place.join("objects")))
        .status()
        .context("git restore can't be started")?;
    Ok(if status.success() { ExitStatus::Done } else { ExitStatus::Failed })
}
