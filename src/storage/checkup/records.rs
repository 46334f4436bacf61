//! The ledger, the vault, and what is written down of an upgrade under way.

use anyhow::Result;

use super::{Good, Outcome, Problem, State};
use crate::model::check::Check;
use crate::storage::ledger::{self, Health as LedgerHealth, Ledger};
use crate::storage::vault::Health as VaultHealth;
use crate::storage::{Store, transaction};

/// Looks at all three.
pub fn look(store: &Store) -> Vec<Outcome> {
    vec![
        Outcome { check: Check::Ledger, state: ledger(store) },
        Outcome::of(Check::Vault, vault(store)),
        Outcome { check: Check::VaultLock, state: vault_lock(store) },
        Outcome::of(Check::Upgrade, upgrade(store)),
    ]
}

fn ledger(store: &Store) -> State {
    let health = ledger::look(&store.repository);
    match health {
        LedgerHealth::Whole(events) => State::Good(Good::Ledger(Some(events))),
        // Before the first snapshot there is nothing that it could know.
        LedgerHealth::Missing if matches!(store.vault.root(), Ok(None)) => {
            State::Good(Good::Ledger(None))
        }
        _ => State::Bad(Problem::Ledger(health, Ledger::path(&store.repository))),
    }
}

fn vault(store: &Store) -> Result<State> {
    if !store.settings.vault {
        return Ok(State::Good(Good::NoVault));
    }
    let health = store.vault.health()?;
    Ok(match health {
        VaultHealth::Empty | VaultHealth::Whole { .. } => State::Good(Good::Vault(health)),
        _ => State::Bad(Problem::Vault(health)),
    })
}

fn vault_lock(store: &Store) -> State {
    match store.vault.stale_lock() {
        Some(file) => State::Bad(Problem::StaleLock(file)),
        None => State::Good(Good::Unlocked),
    }
}

fn upgrade(store: &Store) -> Result<State> {
    Ok(match transaction::read(&store.repository)? {
        Some(left) if !transaction::is_live(&left) => {
            State::Bad(Problem::Unfinished(Box::new(left)))
        }
        found => State::Good(Good::Upgrade { under_way: found.is_some() }),
    })
}
