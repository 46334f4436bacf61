//! Which snapshot `restore --all` means.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::resolve;
use crate::backups::outstanding;
use crate::backups::versions;
use crate::backups::versions::Version;
use crate::cli::RestoreArgs;
use crate::commands::Session;
use crate::exit_status::NothingFound;
use crate::model::names::repo_path::RepoPath;
use crate::model::names::timestamp::Timestamp;

/// Every file of one snapshot: the one that `--at` or `--from` names, else the newest in which any file
/// differs. The working tree's version goes before the staged one.
///
/// What a restore has overwritten is a snapshot, too, so that `--all` once more undoes it. But where the
/// restore has brought back some files of an older snapshot, `--all` goes on with the others of that.
pub fn choose(session: &Session, args: &RestoreArgs, only: &[RepoPath]) -> Result<Vec<Version>> {
    let time = match (&args.at, &args.from) {
        (Some(word), _) => {
            let at = resolve::moment(session, word)?.local;
            session.term.as_of(at);
            Some(at)
        }
        (None, Some(word)) => Some(resolve::backup(session, word, only.first())?.time),
        (None, None) => None,
    };
    let progress = session.term.progress("looking for the snapshot");
    let on_disk = outstanding::copies(&session.store)?;
    let mut times: BTreeSet<Timestamp> = on_disk.iter().map(|backup| backup.name.time).collect();
    times.extend(versions::times(&session.store));
    progress.of(times.len());
    let mut overwritten = Overwritten::of(session);
    for &at in times.iter().rev().filter(|at| time.is_none_or(|time| **at <= time)) {
        progress.step();
        let mut found = versions::at(&session.store, at, &on_disk);
        found.retain(|version| only.is_empty() || only.contains(&version.path));
        if found.is_empty() {
            continue;
        }
        if time.is_some() {
            return Ok(found);
        }
        let differing = differing(session, &found)?;
        if differing.is_empty() && overwritten.newest.is_none() {
            continue;
        }
        if overwritten.is_by_restore(at, &found) {
            overwritten.pass_over(found);
        } else {
            return Ok(overwritten.before(found, &differing));
        }
    }
    match (time, overwritten.newest) {
        (Some(time), _) => {
            let text = format!("there is no snapshot at or before {}", time.for_people());
            Err(NothingFound(text).into())
        }
        (None, Some(newest)) => Ok(newest),
        (None, None) if times.is_empty() => Err(NothingFound("there are no backups".into()).into()),
        (None, None) => {
            session.term.all_same_already();
            Ok(Vec::new())
        }
    }
}

/// The files that are not as these versions have them.
fn differing(session: &Session, found: &[Version]) -> Result<BTreeSet<RepoPath>> {
    let mut differing = BTreeSet::new();
    for version in found {
        let present = session.present(&version.path)?;
        if !present.is_some_and(|bytes| version.is_same_as(&session.store, &bytes)) {
            differing.insert(version.path.clone());
        }
    }
    Ok(differing)
}

/// Snapshots of what restores have overwritten, newer than any other.
struct Overwritten {
    restored: BTreeMap<Timestamp, BTreeSet<RepoPath>>,
    /// The newest of them that differs.
    newest: Option<Vec<Version>>,
    /// The files in all of them.
    paths: BTreeSet<RepoPath>,
}

impl Overwritten {
    fn of(session: &Session) -> Self {
        let mut restored: BTreeMap<Timestamp, BTreeSet<RepoPath>> = BTreeMap::new();
        for (time, path) in session.store.records.restored() {
            restored.entry(time).or_default().insert(path);
        }
        Self { restored, newest: None, paths: BTreeSet::new() }
    }

    /// Whether a restore made this snapshot, of what it was about to overwrite.
    fn is_by_restore(&self, at: Timestamp, found: &[Version]) -> bool {
        let of_then = self.restored.get(&at);
        of_then.is_some_and(|paths| found.iter().all(|version| paths.contains(&version.path)))
    }

    fn pass_over(&mut self, found: Vec<Version>) {
        self.paths.extend(found.iter().map(|version| version.path.clone()));
        self.newest.get_or_insert(found);
    }

    /// The snapshot `found` before them, if all that was restored came from it and some of it did not, or
    /// else the newest of them.
    fn before(self, found: Vec<Version>, differing: &BTreeSet<RepoPath>) -> Vec<Version> {
        let has = |path: &RepoPath| found.iter().any(|version| version.path == *path);
        let all_came_from_it = self.paths.iter().all(|path| has(path) && !differing.contains(path));
        match self.newest {
            Some(newest) if differing.is_empty() || !all_came_from_it => newest,
            _ => found,
        }
    }
}
