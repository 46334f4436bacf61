//! Undoing a run: what the command has changed goes into the vault, and everything is put back.
//!
//! First a look at HEAD. If it has moved, there was a commit meanwhile, or a switch to another branch:
//! that is not ours to undo, and files put back without it would be edits that the user never made. Then
//! the commands are printed by which it can be undone, and the record is put aside for them.

use anyhow::Result;

use super::{Stopped, note};
use crate::commands::Session;
use crate::exit_status::ExitStatus;
use crate::model::events::event::{Event, EventKind};
use crate::model::events::failure::Tried;
use crate::transaction::{RolledBack, Upgrade};

/// Undoes it, because a step has stopped it or, without one, because it was asked for.
pub fn undo(
    session: &Session,
    mut upgrade: Upgrade<'_>,
    stopped: Option<&Stopped>,
) -> Result<ExitStatus> {
    let refs = &session.store.refs;
    let head = refs.head()?.map(|id| id.to_string());
    let branch = refs.branch()?;
    let (was, on) = (upgrade.record.head.clone(), upgrade.around()?.branch.clone());
    if (&was, &on) != (&head, &branch) {
        if let Some(stopped) = stopped {
            let changes = upgrade.changes(|_| true)?;
            let files = changes.touched.into_iter().map(|touched| touched.path).collect();
            note(session, Tried::Run, stopped, files);
        }
        session
            .term
            .head_moved((was.as_deref(), on.as_deref()), (head.as_deref(), branch.as_deref()));
        upgrade.set_aside()?;
        return Ok(ExitStatus::No);
    }
    session.term.rolling_back();
    let undone = upgrade.undo();
    if let Some(stopped) = stopped {
        let files = undone.as_ref().map(RolledBack::paths).unwrap_or_default();
        note(session, Tried::Run, stopped, files);
    }
    let done = match undone {
        Ok(done) => done,
        Err(error) => {
            session.term.not_rolled_back(&error, Tried::Run);
            return Ok(ExitStatus::Failed);
        }
    };
    session.term.undone(&done);
    session.record(&events(session, &done));
    Ok(match (done.is_whole(), stopped) {
        (false, _) => ExitStatus::Failed,
        (true, Some(_)) => ExitStatus::No,
        // It was asked for.
        (true, None) => ExitStatus::Done,
    })
}

fn events(session: &Session, done: &RolledBack) -> Vec<Event> {
    let mut events = Vec::new();
    events.extend_from_slice(&done.retired.events);
    let restored = done.restored.iter();
    events.extend(
        restored.map(|path| Event::new(EventKind::Restored, &session.store.now, path.clone())),
    );
    events
}
