//! Swapping in what is taken back, as one transaction, and ending one that was cut short.

use anyhow::{Result, bail};

use super::plan::UndoPlan;
use crate::commands::Session;
use crate::exit_status::ExitStatus;
use crate::model::events::event::Kind;
use crate::model::events::failure::Tried;
use crate::model::events::line::What;
use crate::model::transaction::{State, Touched, Transaction};
use crate::os::process;
use crate::snapshot;
use crate::snapshot::Request;
use crate::snapshot::plan::{From, Wanted};
use crate::term;
use crate::transaction;
use crate::transaction::moments::{TakenMoment, folders, line_of};
use crate::transaction::rehearsal::missing_folders;
use crate::transaction::{Change, Lock, Upgrade};

pub fn take_back(
    session: &Session,
    lock: Lock,
    plan: &UndoPlan,
    moment: &TakenMoment<'_>,
) -> Result<ExitStatus> {
    let store = &session.store;
    back_up(session, plan)?;
    let tree = transaction::tree(store)?;
    for put in &plan.puts {
        // The snapshot has what stands there, but for the plain bytes of an encrypted file.
        let has_there = store.settings.vault && !store.clean_forms.is_for(&put.path);
        for (state, bytes) in
            [(&put.from, &put.there), (&put.to, &put.bytes)].iter().skip(has_there.into())
        {
            if matches!(state, State::File { .. }) {
                tree.keep(&put.path, bytes)?;
            }
        }
    }
    let touched = plan.puts.iter().map(|put| Touched {
        path: put.path.clone(),
        before: put.from.clone(),
        ours: vec![put.to.clone()],
    });
    let touched: Vec<Touched> = touched.collect();
    let now = &store.now;
    let began = (now.timestamp(), now.offset().local_minus_utc());
    let record = Transaction {
        folders: missing_folders(&tree, &touched),
        head: store.refs.head()?.map(|id| id.to_string()),
        undoes: Some(moment.taken_back()),
        touched,
        ..Transaction::new(Tried::Undo, process::own(), began)
    };
    let mut upgrade = Upgrade::begin(store, lock, record)?;
    let changes: Vec<Change> = plan
        .puts
        .iter()
        .map(|put| Change { path: put.path.clone(), from: put.from.clone(), to: put.to.clone() })
        .collect();
    if let Err(error) = upgrade.install(&changes) {
        term::fatal(&error);
        return nothing_done(session, upgrade);
    }
    conclude(session, upgrade)
}

/// What is overwritten, or removed, is in the vault first.
fn back_up(session: &Session, plan: &UndoPlan) -> Result<()> {
    let overwritten = plan.puts.iter().filter(|put| matches!(put.from, State::File { .. }));
    let wanted = overwritten.clone().map(|put| {
        let (path, from) = (put.path.clone(), From::WorkingTree);
        Wanted { path, kind: Kind::Manual, from }
    });
    let (wanted, cause) = (wanted.collect(), "before undo".to_owned());
    let request =
        Request { wanted, cause, vault_alone: true, any_size: true, ..Request::default() };
    let taken = snapshot::take(&session.store, &request)?;
    session.term.snapshot(&taken);
    for put in overwritten {
        let State::File { blob, .. } = &put.from else { continue };
        let id = session.store.objects.parse(blob)?;
        if !taken.read.contains(&(put.path.clone(), id)) {
            let path = session.term.path(&put.path);
            bail!("{path}: it was changed just now, or can't be backed up: nothing was undone");
        }
    }
    Ok(())
}

/// An undo that was cut short is brought to its end; where files were written to since, it is taken back.
pub fn mend(session: &Session, lock: Lock, left: Transaction) -> Result<ExitStatus> {
    session.term.mending(&left);
    let mut upgrade = Upgrade::take_over(&session.store, lock, left)?;
    let tree = transaction::tree(&session.store)?;
    let is_ours = |touched: &Touched| tree.look(&touched.path).is_ok_and(|now| touched.knows(&now));
    if upgrade.record.touched.iter().all(is_ours) {
        return match upgrade.complete() {
            Ok(()) => conclude(session, upgrade),
            // A folder that was made there meanwhile, say.
            Err(error) => {
                term::fatal(&error);
                nothing_done(session, upgrade)
            }
        };
    }
    // Theirs stays.
    upgrade.record.touched.retain(is_ours);
    nothing_done(session, upgrade)
}

fn nothing_done(session: &Session, mut upgrade: Upgrade<'_>) -> Result<ExitStatus> {
    let done = upgrade.roll_back()?;
    session.term.undo_failed(&done);
    Ok(ExitStatus::Failed)
}

/// Looks at what was done, writes it down, and lets the transaction go.
fn conclude(session: &Session, mut upgrade: Upgrade<'_>) -> Result<ExitStatus> {
    let tree = transaction::tree(&session.store)?;
    let mut wrong = Vec::new();
    for touched in &upgrade.record.touched {
        if tree.look(&touched.path)? != *touched.after() {
            wrong.push(touched.path.clone());
        }
    }
    let undoes = upgrade.record.undoes.clone();
    let undone = undoes.as_deref().and_then(|id| line_of(&session.store, id));
    let is_redo = undone.is_some_and(|line| line.undoes.is_some());
    let cause = if is_redo { "redo" } else { "undo" };
    let mut line = upgrade.moment(What::Restored, cause, &upgrade.record.touched)?;
    line.undoes = undoes;
    // A run's folders are known, and whether they were empty is its own affair.
    let knows_folders = undone.is_some_and(|line| line.cause.as_deref() == Some("run"));
    if let Some(undone) = undone {
        line.folders = folders::put_back(&mut upgrade, &undone.folders);
    }
    session.append(vec![line]);
    session.record(&upgrade.retired);
    let touched = upgrade.record.touched.clone();
    upgrade.finish_and(!knows_folders)?;
    session.term.has_undone(&touched, &wrong, is_redo);
    Ok(if wrong.is_empty() { ExitStatus::Done } else { ExitStatus::Failed })
}
