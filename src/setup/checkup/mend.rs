//! Putting right what is ours to put right.
//!
//! The backups come last, since they are copied into the vault. The hooks are installed by the caller, as install does.

use anyhow::Result;

use super::{CheckState, Outcome, Problem, backups};
use crate::backups::{Store, ignore_block, receipt};
use crate::git::config::fsmonitor;
use crate::git::config::fsmonitor::ConfigPlace;
use crate::model::check::Check;
use crate::model::names::repo_path::RepoPath;
use crate::setup::hook_files::program;
use crate::vault::{self, health::VaultFinding};

#[derive(Debug)]
pub enum Mended {
    Ignored,
    Guard,
    Vault(vault::mend::MendedVault),
    /// The vault has copies of these now.
    Deposited(Vec<RepoPath>),
}

/// Puts right what can be, of what was found; each thing for itself, with what was done or why it couldn't be.
pub fn mend(store: &Store, outcomes: &[Outcome]) -> Vec<(Check, Result<Mended>)> {
    let mut done = Vec::new();
    let rank = |problem: &Problem| matches!(problem, Problem::Stray(_));
    let mut bad: Vec<(Check, &Problem)> = outcomes
        .iter()
        .filter_map(|outcome| match &outcome.state {
            CheckState::Bad(problem) => Some((outcome.check, problem)),
            CheckState::Good(_) => None,
        })
        .collect();
    bad.sort_by_key(|(_, problem)| rank(problem));
    if bad.iter().any(
        |(_, problem)| matches!(problem, Problem::Vault(it) if !matches!(it, VaultFinding::Aside(_))),
    ) {
        let (repository, record) = (&store.repository, &store.record);
        let mended = vault::mend::mend(repository, record, store.fold_settings(), &store.now);
        done.push((Check::Vault, mended.map(Mended::Vault)));
    }
    for (check, problem) in bad {
        done.extend(one(store, problem).transpose().map(|result| (check, result)));
    }
    done
}

/// Puts one thing right; `None` if it is not ours to.
fn one(store: &Store, problem: &Problem) -> Result<Option<Mended>> {
    Ok(Some(match problem {
        Problem::NoIgnoreBlock => {
            ignore_block::ensure(&store.repository)?;
            Mended::Ignored
        }
        Problem::Guard(_) => {
            fsmonitor::set(&store.repository.git(), ConfigPlace::Repository, &program::path()?)?;
            Mended::Guard
        }
        Problem::Stray(locations) => Mended::Deposited(deposit(store, locations)?),
        _ => return Ok(None),
    }))
}

/// Copies into the vault what it lacks, and puts it on record: the backups of which a copy is had now.
fn deposit(store: &Store, locations: &[RepoPath]) -> Result<Vec<RepoPath>> {
    let mut stray = backups::all(store)?;
    stray.retain(|backup| locations.contains(&backup.location()));
    let proofs = receipt::prove(store, stray);
    let proven = proofs.receipts.iter().map(receipt::Receipt::location).collect();
    match proofs.unproven.into_iter().next() {
        Some((backup, error)) => {
            let name = String::from_utf8_lossy(&backup.name.to_bytes()).into_owned();
            Err(error.context(name))
        }
        None => Ok(proven),
    }
}
