//! What one hook does for those before it: attempts that have ended go into the ledger.

use crate::model::event::Event;
use crate::storage::Store;
use crate::storage::attempts::{self, Saved};
use crate::storage::ledger::Ledger;
use crate::term::Term;

/// Gives the ledger the attempts that have ended, and further events. Where it can't be used, the
/// attempts stay as files until it can.
pub fn record(term: &Term, ledger: Option<&mut Ledger>, ended: Vec<Saved>, events: &[Event]) {
    let recorded =
        ledger.map(|ledger| ledger.record(ended.iter().map(|saved| &saved.attempt), events));
    match recorded {
        Some(Ok(())) => ended.into_iter().for_each(Saved::forget),
        failed => {
            if let Some(Err(error)) = failed {
                term.ledger_left_out(&error);
            }
            keep(ended, events);
        }
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
