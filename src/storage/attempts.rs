//! Attempts as files: `bak/attempts/` in the working tree's own Git directory.
//!
//! A file is complete under its name or isn't there. It stays until the ledger has what is in it. An
//! attempt that is over and has left no backup behind waits for nothing else: it is put aside under a
//! name of its own, so that hooks need not read it, and the ledger takes several in at once. What was backed
//! up at staging time waits here, too, for the commit that cleans it up.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::git::repository::Repository;
use crate::model::attempt::{Attempt, NOT_COMPLETED, State};
use crate::model::event::Event;
use crate::model::now::Now;
use crate::os::{private, process};

/// How many attempts wait for a ledger that can be used.
const SEVERAL: usize = 16;
/// How many finished attempts wait for a ledger that can't be used.
const MOST: usize = 100;
/// What the name of an attempt ends in that was put aside.
const ASIDE: &str = "over";

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

    /// It is no try at a commit, but what was backed up when it was staged.
    pub fn is_of_staging(&self) -> bool {
        self.attempt.state == State::Staged
    }

    /// No post-commit has ended it and none will.
    pub fn call_failed(&mut self) {
        if self.attempt.state == State::Open {
            self.attempt.state = State::Failed { step: NOT_COMPLETED.into(), status: 0 };
        }
    }

    /// Removes the file: the ledger has it now.
    pub fn forget(self) {
        // Taken in twice is better than not at all.
        let _ = std::fs::remove_file(self.file);
    }

    /// Puts the attempt aside as it is now: it is over, and has left no backup behind.
    pub fn put_aside(&self) -> Result<()> {
        self.save()?;
        let aside = self.file.with_extension(ASIDE);
        std::fs::rename(&self.file, &aside).with_context(|| format!("{}", aside.display()))
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

/// Notes what was backed up at staging time, for the ledger and for clean-up.
pub fn note_staged(repository: &Repository, now: &Now, events: Vec<Event>) -> Result<()> {
    let began = (now.timestamp(), now.offset().local_minus_utc());
    let attempt = Attempt { began, state: State::Staged, events, ..Attempt::default() };
    let folder = folder_of(repository);
    private::make_dir(&folder).with_context(|| format!("{}", folder.display()))?;
    let file = folder.join(format!("{}-staged-{}", began.0, std::process::id()));
    Saved { attempt, file }.save()
}

/// What was backed up at staging time, where so much of it was noted that it is time for the ledger to
/// take it in; nothing otherwise.
pub fn several_staged(repository: &Repository) -> Vec<Saved> {
    let mut files = files(repository);
    files.retain(|file| is_of_staging(file));
    if files.len() < SEVERAL { Vec::new() } else { read(files) }
}

fn is_of_staging(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name.to_string_lossy().contains("-staged-"))
}

/// The attempts of this working tree that are under way, or may have left backups behind; oldest first.
pub fn standing(repository: &Repository) -> Vec<Saved> {
    let mut files = files(repository);
    files.retain(|file| !is_aside(file));
    read(files)
}

/// The attempts that were put aside, oldest first.
pub fn aside(repository: &Repository) -> Vec<Saved> {
    let mut files = files(repository);
    files.retain(|file| is_aside(file));
    read(files)
}

/// All attempts of this working tree that the ledger doesn't have yet, oldest first.
pub fn all(repository: &Repository) -> Vec<Saved> {
    read(files(repository))
}

/// Whether so many were put aside that it is time for the ledger to take them in.
pub fn are_several_aside(repository: &Repository) -> bool {
    files(repository).iter().filter(|file| is_aside(file)).count() >= SEVERAL
}

fn is_aside(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == ASIDE)
}

fn files(repository: &Repository) -> Vec<PathBuf> {
    let folder = folder_of(repository);
    if private::link_on_the_way(&folder).is_some() {
        return Vec::new();
    }
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
}

fn read(files: Vec<PathBuf>) -> Vec<Saved> {
    let mut all: Vec<Saved> = files
        .into_iter()
        .filter_map(|file| {
            // One that can't be read may be a later version's: it is left for that.
            let attempt = Attempt::parse(&std::fs::read(&file).ok()?).ok()?;
            Some(Saved { attempt, file })
        })
        .collect();
    all.sort_by(|a, b| (a.attempt.began, &a.file).cmp(&(b.attempt.began, &b.file)));
    all
}

/// Takes this process's own attempt out of `all`: the one of the `git commit` that is our parent.
/// Where parents aren't known, the newest that no step has ended. A client that commits more than once
/// has given up on the older ones that it left open.
pub fn take_own(all: &mut Vec<Saved>) -> Option<Saved> {
    let parent = process::parent();
    let is_own = |saved: &Saved| match parent {
        Some(parent) if saved.attempt.process.is_some() => saved.attempt.process == Some(parent),
        _ => saved.attempt.state == State::Open,
    };
    let at = all.iter().rposition(is_own)?;
    let own = all.remove(at);
    if parent.is_some() {
        all[..at].iter_mut().filter(|saved| is_own(saved)).for_each(Saved::call_failed);
    }
    Some(own)
}

/// Drops the oldest finished attempts when a ledger that can't be used has let too many pile up.
pub fn limit(finished: Vec<Saved>) {
    let too_many = finished.len().saturating_sub(MOST);
    finished.into_iter().take(too_many).for_each(Saved::forget);
}

fn folder_of(repository: &Repository) -> PathBuf {
    repository.own_bak_dir().join("attempts")
}
