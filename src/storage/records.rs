//! What has been recorded: the ledger, and the attempts that it doesn't have yet.

use std::cmp::Reverse;
use std::collections::HashSet;

use anyhow::{Error, Result, bail};

use super::attempts::{self, Saved};
use super::ledger::{Known, LastAttempt, Ledger};
use crate::git::repository::Repository;
use crate::model::attempt::{NOT_COMPLETED, State};
use crate::model::backup_name::BackupName;
use crate::model::event::Event;
use crate::model::forgetting::Forgetting;
use crate::model::repo_path::RepoPath;
use crate::model::timestamp::Timestamp;

/// The ledger, if it can be used, and the attempts on file.
#[derive(Debug)]
pub struct Records {
    /// The ledger; `None` if there is none, or none that can be read.
    pub ledger: Option<Ledger>,
    /// Why there is a ledger that can't be read.
    pub trouble: Option<Error>,
    /// The attempts that it doesn't have yet, oldest first.
    pub on_file: Vec<Saved>,
}

impl Records {
    /// Opens what there is, and gives the ledger what waits for it; makes nothing.
    pub fn open(repository: &Repository) -> Self {
        let (mut ledger, trouble) = match Ledger::open_existing(repository) {
            Ok(ledger) => (ledger, None),
            Err(error) => (None, Some(error)),
        };
        let aside = attempts::aside(repository);
        if let (Some(ledger), false) = (&mut ledger, aside.is_empty())
            // One made anew has to find out first what is there: a hook sees to it.
            && !ledger.is_new
            && ledger.record(aside.iter().map(|saved| &saved.attempt), &[]).is_ok()
        {
            aside.into_iter().for_each(Saved::forget);
        }
        Self { ledger, trouble, on_file: attempts::all(repository) }
    }

    /// Keeps the ledger's state as it is for whoever asks it many things: it is locked and looked at once then,
    /// and not for each. Nobody writes meanwhile.
    pub fn one_view(&self) -> Option<impl Drop + '_> {
        self.ledger.as_ref()?.one_view().ok()
    }

    /// What is known of the version of `path` with this blob id in the snapshot of `time`.
    pub fn known(&self, path: &RepoPath, blob: &str, time: Timestamp) -> Known {
        let about = |event: &&Event| {
            event.path == *path && event.blob.as_deref() == Some(blob) && event.kind.is_some()
        };
        let of_that_time = |event: &&Event| {
            let name = event.backup.as_deref().and_then(BackupName::parse);
            name.is_some_and(|name| name.time == time)
        };
        let on_file = || {
            let newest_first = self.on_file.iter().rev();
            newest_first.flat_map(|saved| saved.attempt.events.iter().rev()).filter(about)
        };
        let of_then = || on_file().filter(of_that_time).map(Known::of);
        let in_ledger = self.ledger.as_ref().and_then(|it| it.known(path, blob, time).ok()?);
        let has_label = |known: &Known| known.label.is_some();
        match (of_then().find(has_label).or_else(|| of_then().next()), in_ledger) {
            // Whoever gave it a label wants to see it, whatever has happened to it since.
            (Some(known), Some((true, labelled))) if !has_label(&known) && has_label(&labelled) => {
                labelled
            }
            (Some(known), _) => known,
            (None, Some((_, known))) if known.kind.is_some() => known,
            (None, _) => on_file().next().map(Known::of).unwrap_or_default(),
        }
    }

    /// The blob id that the backup of `path` with this name was made of, in hex, if that is on record.
    pub fn blob_of(&self, path: &RepoPath, backup: &[u8]) -> Option<String> {
        let events = self.on_file.iter().rev().flat_map(|saved| saved.attempt.events.iter().rev());
        let is_of = |event: &&Event| event.path == *path && event.backup.as_deref() == Some(backup);
        let on_file = events.filter(is_of).find_map(|event| event.blob.clone());
        on_file.or_else(|| self.ledger.as_ref()?.blob_of(path, backup).ok().flatten())
    }

    /// What happened to the files that are `wanted`, newest first; an error if the ledger can't be read.
    pub fn events(
        &self,
        wanted: &dyn Fn(&RepoPath) -> bool,
        most: Option<usize>,
    ) -> Result<Vec<Event>> {
        let most = most.unwrap_or(usize::MAX);
        let mut events = self.readable()?.map_or(Ok(Vec::new()), |it| it.events(wanted, most))?;
        let on_file = self.on_file.iter().flat_map(|saved| &saved.attempt.events);
        events.splice(0..0, on_file.filter(|event| wanted(&event.path)).rev().cloned());
        events.sort_by_key(|event| Reverse(event.time));
        events.truncate(most);
        Ok(events)
    }

    /// The ledger, if there is one; an error if it can't be read.
    pub fn readable(&self) -> Result<Option<&Ledger>> {
        match &self.trouble {
            Some(error) => bail!("the ledger can't be read: {error:#}: git bak doctor"),
            None => Ok(self.ledger.as_ref()),
        }
    }

    /// The files and blob ids, in hex, of the versions that `forgetting` names, as far as any are known.
    pub fn contents(&self, forgetting: &Forgetting) -> Result<HashSet<(RepoPath, String)>> {
        let known = self.ledger.as_ref().map(|ledger| ledger.contents(forgetting)).transpose()?;
        let events = self.on_file.iter().flat_map(|saved| &saved.attempt.events);
        let on_file = events.filter_map(|event| {
            let blob = event.blob.clone()?;
            let named = forgetting.names(&event.path, &blob, event.local_time());
            named.then(|| (event.path.clone(), blob))
        });
        Ok(known.unwrap_or_default().into_iter().chain(on_file).collect())
    }

    /// The last attempt, and whether it is under way.
    pub fn last_attempt(&self) -> Option<(LastAttempt, bool)> {
        let mut tries = self.on_file.iter().filter(|saved| saved.attempt.state != State::Staged);
        if let Some(saved) = tries.next_back() {
            let step = match &saved.attempt.state {
                State::Failed { step, .. } => Some(step.clone()),
                State::Open => Some(NOT_COMPLETED.to_owned()),
                State::Succeeded { .. } | State::Staged => None,
            };
            let live = saved.is_live();
            let failed = step.is_some() && !live;
            let step = step.filter(|_| failed);
            return Some((LastAttempt { began: saved.attempt.began, failed, step }, live));
        }
        let last = self.ledger.as_ref()?.last_attempt().ok().flatten()?;
        Some((last, false))
    }
}
