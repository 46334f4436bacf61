//! push: what the vault has goes to `bak.remote` now.
//!
//! The record is folded first, so that what has expired is not sent.

use anyhow::Result;

use super::Session;
use crate::exit_status::{ExitStatus, NothingFound, UsageError};
use crate::model::settings::remote_url::RemoteUrl;
use crate::vault::fold;
use crate::vault::remote::fetch::{Fetched, fetch};
use crate::vault::remote::push::push;

pub fn run(session: &Session) -> Result<ExitStatus> {
    let (store, url) = (&session.store, url(session)?);
    if !store.record.exists() || !store.settings.vault {
        return Err(NothingFound("there is no vault here: git bak doctor says why".into()).into());
    }
    let progress = session.term.progress("folding the record");
    let folded = fold::fold(&store.repository, &store.record, session.fold_settings(), &store.now);
    drop(progress);
    if let Err(error) = folded {
        session.term.not_folded(&error);
    }
    let progress = session.term.progress("pushing");
    let pushed = push(&store.repository, &store.record, url, false, &store.now);
    drop(progress);
    let pushed = pushed.map_err(|error| error.context(url.to_string()))?;
    session.term.pushed(url, &pushed);
    let is_done = pushed.failed.is_empty() && !pushed.is_busy;
    Ok(if is_done { ExitStatus::Done } else { ExitStatus::Failed })
}

/// Has the session look at what is in the other place instead of what is here.
pub fn look_there(session: &mut Session, all: bool) -> Result<Fetched> {
    let url = url(session)?.clone();
    let progress = session.term.progress("fetching");
    let fetched = fetch(&session.store.repository, &url);
    drop(progress);
    let fetched = fetched.map_err(|error| error.context(url.to_string()))?;
    let store = &mut session.store;
    let own = store.record.known_worktree();
    let lines = match all {
        true => fetched.all(),
        false => fetched.of_repository(&store.objects, own.as_deref()),
    };
    if lines.is_empty() {
        let text = format!("{url} has nothing of this repository");
        return Err(NothingFound(text).into());
    }
    store.look_at(lines, fetched.objects_dir());
    Ok(fetched)
}

fn url(session: &Session) -> Result<&RemoteUrl> {
    let text = "there is no other place for the vault: git bak install --remote URL names one";
    session.store.settings.remote.as_ref().ok_or_else(|| UsageError(text.into()).into())
}
