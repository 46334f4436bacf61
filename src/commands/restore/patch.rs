//! restore -p: Git's own hunk picker over what restore would put back.
//!
//! Git borrows the version from a repository that is thrown away, as what it would have committed: compared in that
//! form nothing but the work differs. What stands there is kept first; what is picked Git writes.

use anyhow::{Context, Result};

use super::plan::Put;
use super::{back_up, files, open};
use crate::cli::RestoreArgs;
use crate::commands::Session;
use crate::commands::choice::resolve;
use crate::exit_status::{ExitStatus, UsageError};
use crate::git::objects::Objects;
use crate::os::platform::path_from_bytes;
use crate::os::private;
use crate::vault::states;

pub fn run(session: &Session, args: &RestoreArgs) -> Result<ExitStatus> {
    let mut status = ExitStatus::Done;
    let puts = match &args.from {
        Some(word) => {
            let [path] = &files(session, args)?[..] else {
                return Err(
                    UsageError("-p with --from goes through one file: name it".into()).into()
                );
            };
            let version = resolve::backup(session, word, Some(path))?;
            let put = Put::of(session, version.clone())?;
            if put.is_none() {
                session.term.already(&version);
            }
            put.into_iter().collect()
        }
        None => {
            let plan = open::plan(session, args)?;
            status = plan.status;
            plan.puts
        }
    };
    if puts.is_empty() {
        return Ok(status);
    }
    back_up(session, &puts)?;
    Ok(picked(session, &puts)?.and(status))
}

fn picked(session: &Session, puts: &[Put]) -> Result<ExitStatus> {
    let repository = &session.store.repository;
    let scratch = match puts.iter().any(|put| put.version.clean) {
        // None of its bytes may be left under the Git directory, should we die.
        true => tempfile::Builder::new().prefix("git-bak-pick-").tempdir()?,
        false => private::scratch(&repository.own_bak_dir(), "pick")?,
    };
    let objects = scratch.path().join("form");
    private::make_dir(&objects)?;
    let git = repository.git().in_dir(&repository.top).with_env("GIT_OBJECT_DIRECTORY", &objects);
    let form = Objects::in_dir(repository, objects);
    // As Git would commit it.
    let as_committed = |put: &Put| {
        let name = [b"--path=", put.version.path.as_bytes()].concat();
        let name = path_from_bytes(&name).into_os_string();
        let words = ["hash-object".into(), "-w".into(), "--stdin".into(), name];
        let id = git.feed(words, put.bytes.clone())?.success()?;
        form.read_blob(form.parse(&String::from_utf8_lossy(id.trim_ascii()))?)
    };
    let forms: Vec<Vec<u8>> = puts.iter().map(as_committed).collect::<Result<_>>()?;
    let state = puts.iter().zip(&forms);
    let state = state
        .map(|(Put { version, .. }, bytes)| (&version.path, bytes.as_slice(), version.executable));
    let place = scratch.path().join("state");
    let ids = states::commit(&place, repository.format, &[state.collect()])?;
    let only = puts
        .iter()
        .map(|put| path_from_bytes(&[b":(top,literal)", put.version.path.as_bytes()].concat()));
    let status = std::process::Command::new("git")
        .args(["restore", "-p"])
        .arg(format!("--source={}", ids.concat()))
        .arg("--")
        .args(only)
        .current_dir(&session.cwd)
        .env(states::BORROWS, states::borrowing(&place.join("objects")))
        .status()
        .context("git restore can't be started")?;
    Ok(if status.success() { ExitStatus::Done } else { ExitStatus::Failed })
}
