//! What would show backups to others: a rule that un-ignores them.

use anyhow::Result;

use super::{Good, Outcome, Problem};
use crate::backups::{Store, ignore_block};
use crate::git::survey::ignored;
use crate::model::check::Check;
use crate::model::settings::Location;

/// A name that every backup's rules fit.
const PROBE: &[u8] = b"x.bak.20251106_201045.abc12345";

pub fn look(store: &Store) -> Vec<Outcome> {
    let check = Check::Ignore;
    if store.settings.location == Location::Gitdir {
        return vec![Outcome::good(check, Good::Ignored { beside: false })];
    }
    match ignore_block::stands(&store.repository) {
        Ok(true) => {}
        Ok(false) => return vec![Outcome::bad(check, Problem::NoIgnoreBlock)],
        Err(error) => return vec![Outcome::bad(check, Problem::Unseen(error))],
    }
    match undone(store) {
        Ok(undone) if undone.is_empty() => {
            vec![Outcome::good(check, Good::Ignored { beside: true })]
        }
        Ok(undone) => undone.into_iter().map(|problem| Outcome::bad(check, problem)).collect(),
        Err(error) => vec![Outcome::bad(check, Problem::Unseen(error))],
    }
}

/// The rules that would let a backup be seen, in any folder that has rules of its own.
fn undone(store: &Store) -> Result<Vec<Problem>> {
    let git = store.repository.git();
    let folders = ignored::folders_with_rules(&git)?;
    let probes: Vec<Vec<u8>> = folders.iter().map(|folder| [folder, PROBE].concat()).collect();
    let top = &store.repository.top;
    let undone = |negation| Problem::IgnoreUndone { negation, top: top.clone() };
    Ok(ignored::negations(&git, &probes)?.into_iter().map(undone).collect())
}
