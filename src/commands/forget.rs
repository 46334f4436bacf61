//! forget: destroy versions for good.
//!
//! Order: what is meant is found, and a wrong word named, before anything is asked; what would go is shown and
//! asked about; then it goes (its own order is in `backups::forget`); then what could not be destroyed is
//! named, each with the command that does it.

use std::path::Path;

use anyhow::Result;

use super::Session;
use crate::backups::forget;
use crate::backups::receipt::Consent;
use crate::cli::ForgetArgs;
use crate::commands::choice::{paths, resolve};
use crate::exit_status::{ExitStatus, NothingFound, UsageError};
use crate::model::events::forgetting::{Forgetting, ToForget};
use crate::model::names::backup_name::BackupName;
use crate::model::settings::age::Age;
use crate::os::platform::bytes_of;
use crate::term;
use crate::transaction;

pub fn run(session: &Session, args: &ForgetArgs) -> Result<ExitStatus> {
    let age = args.older_than.as_deref().map(str::parse::<Age>).transpose();
    let age = age.map_err(|error| UsageError(format!("--older-than: {error}")))?;
    let of =
        args.what.iter().map(|word| named(session, word)).collect::<Result<Vec<ToForget>>>()?;
    let before = age.map(|age| forget::limit(&session.store, age));
    let forgetting = Forgetting { of, before };
    transaction::none_under_way(&session.store.repository)?;
    let doomed = forget::find(&session.store, &forgetting)?;
    let paths = doomed.paths();
    if paths.is_empty() {
        let text = "there is nothing of it to forget: git bak list --vault shows what there is";
        return Err(NothingFound(text.into()).into());
    }
    session.term.doomed(&doomed);
    if !args.yes && !confirm()? {
        session.term.nothing_forgotten();
        return Ok(ExitStatus::No);
    }
    let consent = Consent::of_user();
    let left = doomed.destroy(&session.store, &forgetting, &consent)?;
    session.term.forgotten(&paths, &left);
    Ok(if left.is_empty() { ExitStatus::Done } else { ExitStatus::No })
}

/// A file or folder that is there or that there are versions of; else what names one version.
fn named(session: &Session, word: &std::ffi::OsStr) -> Result<ToForget> {
    let is_backup = BackupName::parse(&bytes_of(Path::new(word).file_name().unwrap_or(word)));
    if is_backup.is_none()
        && let Ok(path) = paths::file(session, Path::new(word))
    {
        let is_there = session.store.repository.top.join(path.to_path_buf()).symlink_metadata();
        let one = ToForget::Below(path);
        let known = Forgetting { of: vec![one.clone()], before: None };
        if is_there.is_ok() || resolve::all_paths(session)?.iter().any(|path| known.touches(path)) {
            return Ok(one);
        }
    }
    let version = resolve::backup(session, word, None)?;
    Ok(ToForget::Content(version.path, version.id.to_string()))
}

fn confirm() -> Result<bool> {
    match term::ask("destroy it for good? [y/N] ") {
        Some(answer) => Ok(["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str())),
        None => {
            Err(UsageError("nobody can be asked here: --yes says that you are sure".into()).into())
        }
    }
}
