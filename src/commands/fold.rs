//! fold: started by a hook, which doesn't wait for it, and silent. What is folded then goes to `bak.remote`;
//! how that went is written down.

use anyhow::Result;

use super::Session;
use crate::exit_status::ExitStatus;
use crate::vault::remote::push::push;
use crate::vault::{due, fold};

pub fn run(session: &Session) -> Result<ExitStatus> {
    due::detach();
    let store = &session.store;
    let settings = session.fold_settings();
    let folded = fold::fold(&store.repository, &store.record, settings, &store.now)?;
    if let Some(url) =
        store.settings.remote.as_ref().filter(|_| store.settings.vault && store.record.exists())
        && !folded.is_busy
    {
        push(&store.repository, &store.record, url, true, &store.now)?;
    }
    Ok(ExitStatus::Done)
}
