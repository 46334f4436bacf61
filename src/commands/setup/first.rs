//! What `install` ends with: work that is there is kept at once, and what is near is named, with the command for it.
//!
//! The snapshot goes to the vault alone: no file appears beside those of a user who has only just installed this. It
//! comes last, so a snapshot that fails leaves all hooks in place.

use anyhow::Result;

use crate::backups::Store;
use crate::commands::Session;
use crate::git::survey::at_risk;
use crate::git::survey::pathspec::SurveyOptions;
use crate::model::at_risk::FileState;
use crate::model::settings::Scope;
use crate::setup::checkup;
use crate::snapshot::{self, Request, Taken, plan, unseen};

pub fn protect(session: &Session) {
    let (store, term) = (&session.store, &session.term);
    if !store.settings.enabled {
        return;
    }
    match kept(store) {
        Ok((taken, uncopied)) => term.first_snapshot(&taken, uncopied),
        Err(error) => term.hook_failed("install", &error),
    }
    term.neighbours(&checkup::neighbours(&store.repository.top));
}

/// The snapshot of what a commit would back up, and how many untracked files it left.
fn kept(store: &Store) -> Result<(Taken, usize)> {
    let exclude = store.settings.exclude.clone();
    let options = SurveyOptions { untracked: true, exclude, ..SurveyOptions::default() };
    let mut survey = at_risk::start(&store.repository.git(), &options)?.finish()?;
    let before = survey.files.len();
    if store.settings.scope != Scope::All {
        survey.files.retain(|file| file.state != FileState::Untracked);
    }
    let uncopied = before - survey.files.len();
    let mut plan = plan::of_survey(store, &survey);
    // The next commit asks once more for what Git doesn't see, and says what can't be found out.
    let _ = unseen::add(store, &mut plan);
    if plan.wanted.is_empty() {
        return Ok((Taken::default(), uncopied));
    }
    let request = Request {
        wanted: plan.wanted,
        vault_alone: true,
        cause: "install".to_owned(),
        may_leave_out: true,
        full: true,
        ..Request::default()
    };
    Ok((snapshot::take(store, &request)?, uncopied))
}
