//! What one hook does for those before it: attempts that have ended go into the ledger, and what the
//! vault could not take then is deposited now.

use crate::model::event::Event;
use crate::storage::attempts::{self, Saved};
use crate::storage::ledger::Ledger;
use crate::storage::{Store, receipt};
use crate::term::Term;

/// Deposits the backups of an attempt that the vault did not have.
pub fn deposit_left(store: &Store, saved: &mut Saved) {
    if !saved.attempt.undeposited || !store.settings.vault {
        return;
    }
    let backups =
        saved.attempt.backups().filter_map(|(path, name)| store.backups.find(path, name)).collect();
    // Proving deposits what is not held; what can't be deposited now is tried again by the next hook.
    if receipt::prove(store, backups).unproven.is_empty() {
        saved.attempt.undeposited = false;
        let _ = saved.save();
    }
}

/// Gives the ledger the attempts that have ended, and further events. Where it can't be used, the
/// attempts stay as files until it can.
pub fn record(term: &Term, ledger: Option<&mut Ledger>, ended: Vec<Saved>, events: &[Event]) {
    let recorded =
        ledger.map(|ledger| ledger.record(ended.iter().map(|saved| &saved.attempt), events));
    match recorded {
        Some(Ok(())) => ended.into_iter().for_each(Saved::forget),
        Some(Err(error)) => {
            term.ledger_left_out(&error);
            attempts::limit(ended);
        }
        None => attempts::limit(ended),
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
