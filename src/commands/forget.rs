//! forget: destroy versions for good.
//!
//! Order: what is meant is found, and a wrong word named, before anything is asked; what would go is shown and
//! asked about; then it goes (its own order is in `backups::forget`); then what could not be destroyed is
//! named, each with the command that does it.

use std::ffi::OsStr;

use anyhow::Result;

use super::Session;
use crate::backups::forget;
use crate::backups::receipt::Consent;
use crate::cli::ForgetArgs;
use crate::commands::choice::selection::{Selected, Selection};
use crate::commands::choice::{resolve, times};
use crate::exit_status::{ExitStatus, NothingFound, UsageError};
use crate::model::events::forgetting::{Forgetting, ToForget};
use crate::model::names::repo_path::RepoPath;
use crate::term;
use crate::transaction;

pub fn run(session: &Session, args: &ForgetArgs) -> Result<ExitStatus> {
    let age = args.older_than.as_deref().map(|word| times::age(session, word)).transpose()?;
    let of = args.what.iter().map(|word| named(session, word)).collect::<Result<Vec<_>>>()?;
    let of = of.into_iter().flatten().collect();
    let before = age.map(|age| forget::limit(&session.store, age));
    let forgetting = Forgetting { of, before };
    transaction::none_under_way(&session.store.repository)?;
    let doomed = forget::find(&session.store, &forgetting)?;
    let paths = doomed.paths();
    if paths.is_empty() {
        let text = "there is nothing of it to forget: git bak list shows what there is";
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

/// What a name asks to forget: every version of a path that is there or known, of every file that a pathspec
/// selects, or one content.
fn named(session: &Session, word: &OsStr) -> Result<Vec<ToForget>> {
    let selection = Selection::of(session, &[word.into()]);
    let of_files: Vec<ToForget> = match selection.as_ref().map(|it| it.each().next()) {
        Ok(Some((_, Selected::Version(version)))) => {
            return Ok(vec![ToForget::Content(version.path.clone(), version.id.to_string())]);
        }
        Ok(Some((_, Selected::Path(path)))) => {
            let place = session.store.repository.top.join(path.to_path_buf());
            let known = Forgetting { of: vec![ToForget::Below(path.clone())], before: None };
            let is_known = |path: &RepoPath| known.touches(path);
            let is_there = place.symlink_metadata().is_ok();
            let is_one = is_there || resolve::all_paths(session)?.iter().any(is_known);
            if is_one { known.of } else { Vec::new() }
        }
        Ok(Some((_, Selected::Files(spec)))) if !spec.excludes => {
            let known = resolve::all_paths(session)?.into_iter();
            known.filter(|path| spec.has(path.as_bytes())).map(ToForget::Below).collect()
        }
        _ => Vec::new(),
    };
    if !of_files.is_empty() {
        return Ok(of_files);
    }
    let version = resolve::backup(session, word, None)?;
    Ok(vec![ToForget::Content(version.path, version.id.to_string())])
}

fn confirm() -> Result<bool> {
    match term::ask("destroy it for good? [y/N] ") {
        Some(answer) => Ok(["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str())),
        None => Err(UsageError("not a terminal: add --yes to confirm".into()).into()),
    }
}
