//! apply: patches, as one transaction.
//!
//! - `artifacts`: the patches and their ids;
//! - `checks`: everything that is checked before a file changes.
//!
//! Order of steps, and why it is safe: the lock, so that no other upgrade begins; the patches are read and
//! rehearsed on copies, and the validate command sees the result, while the working tree is as it was; what
//! speaks against a commit is found before there is one to make; then the transaction (its own order is in
//! `transaction`): for each artifact the backups, then the files; reload, test, commit, clean-up.
//! A step that fails leads to the rollback, but for the commit: its changes stay, and so does the record by
//! which they can be undone.

use anyhow::Result;

use super::{Session, upgrade};
use crate::cli::ApplyArgs;
use crate::exit_status::ExitStatus;
use crate::git::objects;
use crate::model::events::failure::Tried;
use crate::model::transaction::{State, Transaction};
use crate::os::{child, process};
use crate::transaction::rehearsal::Rehearsal;
use crate::transaction::{Change, Upgrade};
use upgrade::Stopped;

mod artifacts;
mod checks;

use artifacts::{Artifacts, Wishes};
use checks::Refused;

pub fn run(session: &Session, args: &ApplyArgs) -> Result<ExitStatus> {
    child::watch();
    objects::sync_writes();
    if args.abort {
        return upgrade::abort(session);
    }
    if args.proceed {
        return upgrade::proceed(session);
    }
    let artifacts = Artifacts::read(session, args)?;
    let wishes = Wishes::of(args, &session.store.settings, &artifacts)?;
    let lock = upgrade::lock(session)?;
    let rehearsal = match checks::validate(session, args, &artifacts, &wishes) {
        Ok(rehearsal) => rehearsal,
        Err(Refused { stopped, files }) => {
            session.term.refused(&stopped.reason);
            upgrade::note(session, Tried::Apply, &stopped, files);
            return Ok(ExitStatus::No);
        }
    };
    let record = record(session, &artifacts, wishes, &rehearsal)?;
    let mut upgrade = Upgrade::begin(&session.store, lock, record)?;
    for (at, changes) in rehearsal.stages.iter().enumerate() {
        if let Err(error) = apply(session, &mut upgrade, &artifacts, at, changes) {
            return upgrade::stop(session, upgrade, &Stopped::by("apply", &error));
        }
    }
    upgrade::conclude(session, upgrade)
}

fn record(
    session: &Session,
    artifacts: &Artifacts,
    wishes: Wishes,
    rehearsal: &Rehearsal,
) -> Result<Transaction> {
    let now = &session.store.now;
    let began = (now.timestamp(), now.offset().local_minus_utc());
    Ok(Transaction {
        head: session.store.refs.head()?.map(|id| id.to_string()),
        artifacts: artifacts.ids.clone(),
        touched: rehearsal.touched.clone(),
        folders: rehearsal.folders.clone(),
        reload: wishes.reload,
        test: wishes.test,
        commit: wishes.commit,
        ..Transaction::new(Tried::Apply, process::own(), began)
    })
}

/// One artifact: backups of what it changes, then the change.
fn apply(
    session: &Session,
    under_way: &mut Upgrade<'_>,
    artifacts: &Artifacts,
    at: usize,
    changes: &[Change],
) -> Result<()> {
    let (Some(id), many) = (artifacts.ids.get(at), artifacts.ids.len()) else { return Ok(()) };
    session.term.applying(at + 1, many, id);
    let there = changes.iter().filter(|change| matches!(change.from, State::File { .. }));
    let paths = there.map(|change| change.path.clone()).collect();
    upgrade::back_up(session, under_way, paths, Some(*id))?;
    under_way.install(changes)?;
    session.term.applied(changes);
    Ok(())
}
