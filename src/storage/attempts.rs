//! Attempts as files: `bak/attempts/` in the working tree's own Git directory.
//!
//! A file is complete under its name or isn't there. It stays until the ledger has what is in it.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{private, process};
use crate::git::repository::Repository;
use crate::model::attempt::{Attempt, State};

/// How many finished attempts wait for a ledger that can't be used.
const MOST: usize = 100;

/// An attempt and the file it is in.
#[derive(Debug)]
pub struct Saved {
    /// The attempt.
    pub attempt: Attempt,
    file: PathBuf,
}

impl Saved {
    /// Its `git commit` is still under way.
    pub fn is_live(&self) -> bool {
        self.attempt.state == State::Open
            && self.attempt.process.is_some_and(|process| process::is_alive(&process))
    }

    /// Removes the file: the ledger has it now.
    pub fn forget(self) {
        // Taken in twice is better than not at all.
        let _ = std::fs::remove_file(self.file);
    }

    /// Writes the attempt again, as it is now.
    pub fn save(&self) -> Result<()> {
        private::write(&self.file, &self.attempt.to_bytes())
            .with_context(|| format!("{}", self.file.display()))
    }
}

/// Writes a new attempt down.
pub fn begin(repository: &Repository, attempt: Attempt) -> Result<Saved> {
    let folder = folder_of(repository);
    private::make_dir(&folder).with_context(|| format!("{}", folder.display()))?;
    let pid = attempt.process.map_or_else(std::process::id, |process| process.pid);
    let file = folder.join(format!("{}-{pid}", attempt.began.0));
    let saved = Saved { attempt, file };
    saved.save()?;
    Ok(saved)
}

/// All attempts of this working tree that the ledger doesn't have yet, oldest first.
pub fn all(repository: &Repository) -> Vec<Saved> {
    let Ok(entries) = std::fs::read_dir(folder_of(repository)) else { return Vec::new() };
    let mut all: Vec<Saved> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter_map(|file| {
            // One that can't be read may be a later version's: it is left for that.
            let attempt = Attempt::parse(&std::fs::read(&file).ok()?).ok()?;
            Some(Saved { attempt, file })
        })
        .collect();
    all.sort_by_key(|saved| saved.attempt.began);
    all
}

/// Takes this process's own attempt out of `all`: the one of the `git commit` that is our parent.
/// Where parents aren't known, the newest that no step has ended.
pub fn take_own(all: &mut Vec<Saved>) -> Option<Saved> {
    let parent = process::parent();
    let is_own = |saved: &Saved| match parent {
        Some(parent) => saved.attempt.process == Some(parent),
        None => saved.attempt.state == State::Open,
    };
    let at = all.iter().rposition(is_own)?;
    Some(all.remove(at))
}

/// Drops the oldest finished attempts when a ledger that can't be used has let too many pile up.
pub fn limit(finished: Vec<Saved>) {
    let too_many = finished.len().saturating_sub(MOST);
    finished.into_iter().take(too_many).for_each(Saved::forget);
}

fn folder_of(repository: &Repository) -> PathBuf {
    repository.own_bak_dir().join("attempts")
}
