//! The vault, the record, and what is written down of an upgrade under way.

use anyhow::{Result, anyhow};

use super::{CheckState, Good, Outcome, Problem};
use crate::backups::Store;
use crate::git::old_vault;
use crate::model::check::Check;
use crate::transaction;
use crate::vault::health;

pub fn look(store: &Store) -> Vec<Outcome> {
    let mut outcomes = vault(store);
    outcomes.push(Outcome::of(Check::Upgrade, upgrade(store)));
    let place = store.record.bak();
    if place.symlink_metadata().is_ok_and(|meta| !meta.is_dir()) {
        let error = anyhow!("{} is not a folder, so nothing can be kept there", place.display());
        outcomes.insert(0, Outcome::bad(Check::Vault, Problem::Unseen(error)));
    }
    if old_vault::is_there(&store.repository) {
        outcomes.push(Outcome::bad(Check::OldVault, Problem::OldVault));
    }
    outcomes
}

fn vault(store: &Store) -> Vec<Outcome> {
    let check = Check::Vault;
    if !store.settings.vault {
        return vec![Outcome::good(check, Good::NoVault)];
    }
    let findings = health::look(&store.repository, &store.record, false, &store.now);
    if !findings.is_empty() {
        let bad = |finding| Outcome::bad(check, Problem::Vault(finding));
        return findings.into_iter().map(bad).collect();
    }
    let history = store.records.all();
    let (snapshots, versions) = (history.snapshots(), history.versions().count());
    vec![Outcome::good(check, Good::Vault { snapshots, versions })]
}

fn upgrade(store: &Store) -> Result<CheckState> {
    Ok(match transaction::read(&store.repository)? {
        Some(left) if !transaction::is_live(&left) => {
            CheckState::Bad(Problem::Unfinished(Box::new(left)))
        }
        found => CheckState::Good(Good::Upgrade { under_way: found.is_some() }),
    })
}
