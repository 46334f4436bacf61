//! Which of the staged versions are not kept yet.

use std::collections::HashMap;

use anyhow::Result;

use super::Store;
use super::snapshot::Request;
use super::snapshot::plan::{self, From, Wanted};
use super::vault::{Entry, Filed, Slot};
use crate::git::staged::Staged;
use crate::model::at_risk::{Mode, Survey};
use crate::model::event::Kind;
use crate::model::repo_path::RepoPath;

/// What a snapshot at staging time is asked for: every staged version that the parents of a merge lack.
/// Those that the newest snapshot has stand in this one as they are. `None` if it has them all.
///
/// # Errors
/// When the vault can't be read.
pub fn request(store: &Store, staged: Staged) -> Result<Option<Request>> {
    if staged.files.is_empty() {
        return Ok(None);
    }
    let survey = Survey { files: staged.files, doubt: None };
    let plan = plan::of_survey(store, &survey);
    let known = newest(store)?;
    let mut request = Request { surveyed: staged.surveyed, ..Request::default() };
    for wanted in plan.wanted.into_iter().filter(|wanted| wanted.kind == Kind::Staged) {
        match known.get(&wanted.path).filter(|filed| is_it(filed, &wanted)) {
            Some(filed) => request.carried.push(entry(filed)),
            None => request.wanted.push(wanted),
        }
    }
    Ok((!request.wanted.is_empty()).then_some(request))
}

/// The files of this working tree's newest snapshot.
fn newest(store: &Store) -> Result<HashMap<RepoPath, Filed>> {
    let newest = if store.settings.vault { store.vault.newest(None)? } else { None };
    let Some(newest) = newest else { return Ok(HashMap::new()) };
    let files = store.vault.files(&newest)?.into_iter();
    Ok(files.filter(|f| f.slot == Slot::Main).map(|f| (f.path.clone(), f)).collect())
}

fn is_it(filed: &Filed, wanted: &Wanted) -> bool {
    matches!(&wanted.from, From::Index { blob, .. } if *blob == filed.id.to_string())
}

fn entry(filed: &Filed) -> Entry {
    let mode = if filed.executable { Mode::Executable } else { Mode::Regular };
    Entry { path: filed.path.clone(), slot: filed.slot, id: filed.id, mode }
}
