//! Words for a ledger or a vault that can't do its work.

use std::path::Path;

use super::{Said, entries, fix};
use crate::storage::ledger::Health as LedgerHealth;
use crate::storage::vault::{Health as VaultHealth, REF};
use crate::term::Term;

/// What is wrong with the ledger.
pub fn of_ledger(health: &LedgerHealth, path: &Path) -> Said {
    let file = path.display();
    match health {
        LedgerHealth::Missing => fix("there is none, but there are snapshots"),
        LedgerHealth::Damaged(reason) => fix(&format!("{file} can't be read: {reason}")),
        LedgerHealth::ReadOnly(reason) => fix(&format!("{file} can't be written: {reason}")),
        LedgerHealth::Locked => {
            (format!("{file} is locked by another program"), Some("git bak doctor".to_owned()))
        }
        LedgerHealth::Newer => {
            (format!("{file} was written by a newer git-bak: update this one"), None)
        }
        LedgerHealth::Whole(_) => (String::new(), None),
    }
}

impl Term {
    /// What is wrong with the vault.
    pub(super) fn of_vault(&self, health: &VaultHealth) -> Said {
        match health {
            VaultHealth::Lost(Some(_)) => {
                fix(&format!("{REF} is gone or can't be read; its content is still there"))
            }
            VaultHealth::Lost(None) => fix(&format!("{REF} names what is not there")),
            VaultHealth::NotATree(left) => {
                let text = format!("{REF} does not name a tree: somebody else has moved it");
                let back = left.as_ref().map(|root| format!("git update-ref {REF} {root}"));
                (text, Some(back.unwrap_or_else(|| format!("git update-ref -d {REF}"))))
            }
            VaultHealth::Dangling(missing) => {
                let text = format!("{} without content", entries(missing.len()));
                fix(&self.with_names(text, missing.iter().map(|entry| self.name(&entry.place))))
            }
            VaultHealth::Empty | VaultHealth::Whole { .. } => (String::new(), None),
        }
    }
}
