//! fold: what a hook starts and nobody waits for. It says nothing: nobody listens.

use anyhow::Result;

use super::Session;
use crate::exit_status::ExitStatus;
use crate::vault::{due, fold};

pub fn run(session: &Session) -> Result<ExitStatus> {
    due::detach();
    let store = &session.store;
    let settings = session.fold_settings();
    fold::fold(&store.repository, &store.record, settings, &store.now)?;
    Ok(ExitStatus::Done)
}
