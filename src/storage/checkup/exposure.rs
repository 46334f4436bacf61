//! What would show backups or the vault to others: a rule that un-ignores them, refs that aren't hidden,
//! remotes that take every ref.

use anyhow::Result;

use super::{Good, Outcome, Problem, State};
use crate::git::{hide_refs, ignored, mirrors};
use crate::model::check::Check;
use crate::storage::{Store, ignore_block};

/// A name that every backup's rules fit.
const PROBE: &[u8] = b"x.bak.20251106_201045.abc12345";

/// Looks at all three.
pub fn look(store: &Store) -> Vec<Outcome> {
    let mut outcomes = ignored(store);
    outcomes.push(Outcome::of(Check::HideRefs, hidden(store)));
    outcomes.extend(mirrored(store));
    outcomes
}

fn ignored(store: &Store) -> Vec<Outcome> {
    let check = Check::Ignore;
    if !store.backups.are_beside() {
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

fn hidden(store: &Store) -> Result<State> {
    let hidden = hide_refs::are_hidden(&store.repository.git())?;
    Ok(if hidden { State::Good(Good::Hidden) } else { State::Bad(Problem::NotHidden) })
}

fn mirrored(store: &Store) -> Vec<Outcome> {
    let check = Check::Mirror;
    match mirrors::mirrors(&store.repository.git()) {
        Ok(mirrors) if mirrors.is_empty() => vec![Outcome::good(check, Good::NoMirror)],
        Ok(mirrors) => {
            mirrors.into_iter().map(|it| Outcome::bad(check, Problem::Mirror(it))).collect()
        }
        Err(error) => vec![Outcome::bad(check, Problem::Unseen(error))],
    }
}
