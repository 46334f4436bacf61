//! What one hook does for those before it: attempts that have ended go into the ledger.

use crate::model::event::Event;
use crate::model::repo_path::RepoPath;
use crate::storage::attempts::{self, Saved};
use crate::storage::ledger::Ledger;
use crate::storage::{Store, outstanding};
use crate::term::Term;

/// Gives the ledger the attempts that have ended, those put aside among them, and further events. Where it
/// can't be used, the attempts stay as files until it can.
pub fn record(
    store: &Store,
    term: &Term,
    ledger: Option<&mut Ledger>,
    ended: Vec<Saved>,
    events: &[Event],
) {
    if let Some(ledger) = &ledger {
        outstanding::take_over(store, ledger);
    }
    let aside = attempts::aside(&store.repository);
    let attempts = || aside.iter().chain(&ended).map(|saved| &saved.attempt);
    match ledger.map(|ledger| ledger.record(attempts(), events)) {
        Some(Ok(())) => aside.into_iter().chain(ended).for_each(Saved::forget),
        failed => {
            if let Some(Err(error)) = failed {
                term.ledger_left_out(&error);
            }
            keep(ended, events);
        }
    }
}

/// Puts the attempts that have ended aside, with further events, if the ledger has nothing else to say and
/// no backup is left that only they name. Gives them back if not.
pub fn put_aside(store: &Store, mut ended: Vec<Saved>, events: &[Event]) -> Result<(), Vec<Saved>> {
    let is_gone = |(path, name): (&RepoPath, &[u8])| {
        let is_it = |event: &Event| event.path == *path && event.backup.as_deref() == Some(name);
        events.iter().any(is_it) || store.backups.find(path, name).is_none()
    };
    let left_none = ended.iter().flat_map(|saved| saved.attempt.backups()).all(is_gone);
    if !left_none || attempts::are_several_aside(&store.repository) {
        return Err(ended);
    }
    let Some(last) = ended.iter().rposition(|saved| !saved.is_of_staging()) else {
        return if ended.is_empty() && events.is_empty() { Ok(()) } else { Err(ended) };
    };
    // What was staged while the last one was under way comes before it, too: the events are its end.
    let later = ended.split_off(last + 1);
    let Some(mut last) = ended.pop() else { return Ok(()) };
    last.attempt.events.extend_from_slice(events);
    ended.extend(later);
    let mut staged = Vec::new();
    for saved in ended.into_iter().chain([last]) {
        if saved.is_of_staging() { staged.push(saved) } else { put_aside_with(saved, &mut staged) }
    }
    Ok(())
}

/// Puts a try aside, and with it what was `staged` before it: the ledger is to learn of a backup before it
/// learns what became of it.
fn put_aside_with(mut saved: Saved, staged: &mut Vec<Saved>) {
    let earlier = staged.iter().flat_map(|saved| saved.attempt.events.iter().cloned());
    saved.attempt.events.splice(0..0, earlier.collect::<Vec<_>>());
    // One that can't be put aside stays where it was, and says less.
    if saved.put_aside().is_ok() {
        staged.drain(..).for_each(Saved::forget);
    }
}

/// Keeps on file what the ledger can't take now: how the attempts ended, and what happened since.
fn keep(mut ended: Vec<Saved>, events: &[Event]) {
    if let Some(last) = ended.last_mut() {
        last.attempt.events.extend_from_slice(events);
    }
    for saved in &ended {
        // The file as it was then says less, but nothing that is wrong.
        let _ = saved.save();
    }
    attempts::limit(ended);
}

/// Writes down what has left the vault, and lets go of what the ledger has remembered long enough.
pub fn expire(store: &Store, term: &Term, events: &[Event]) {
    let mut ledger = open_ledger(store, term);
    if !events.is_empty() {
        record(store, term, ledger.as_mut(), Vec::new(), events);
    }
    let limit = store.settings.ledger_expire.age().map(|age| store.now.timestamp() - age.seconds());
    let worktrees = store.repository.common_dir.join("worktrees");
    if let Some(Err(error)) = ledger.map(|mut ledger| ledger.expire(limit, &worktrees)) {
        term.ledger_left_out(&error);
    }
}

/// Opens the ledger, or says once that the work is done without it.
pub fn open_ledger(store: &Store, term: &Term) -> Option<Ledger> {
    match Ledger::open(&store.repository) {
        Ok(ledger) => Some(ledger),
        Err(error) => {
            term.ledger_left_out(&error);
            None
        }
    }
}
