//! status: what nothing protects now, how many backups there are, what the vault holds, how the last commit went.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::Session;
use crate::backups::attempts::{self, is_live};
use crate::backups::versions::work::Commits;
use crate::cli::StatusArgs;
use crate::commands::choice::resolve;
use crate::exit_status::ExitStatus;
use crate::git::config;
use crate::model::events::attempt::AttemptState;
use crate::model::names::repo_path::RepoPath;
use crate::record::Attempted;
use crate::setup::checkup;
use crate::snapshot::{audit, unprotected};
use crate::term;
use crate::term::report::{OfFile, Overview};
use crate::vault::remote::state::RemoteState;

pub fn run(session: &Session, args: &StatusArgs) -> Result<ExitStatus> {
    let progress = session.term.progress("looking for backups");
    let overview = look(session)?;
    drop(progress);
    let text = if args.json {
        term::json::status_json(&overview)
    } else {
        let page = session.page();
        session.term.status(&overview, &session.store.now, &page)
    };
    term::print(text.as_bytes())?;
    let sets_hooks_path = config::sets_hooks_path(&session.entries);
    if checkup::leave_commits_alone(&session.store.repository, sets_hooks_path) {
        session.term.commits_unprotected();
    }
    Ok(ExitStatus::Done)
}

fn look(session: &Session) -> Result<Overview> {
    // Git looks while we read.
    let begun = unprotected::begin(&session.store);
    let now = session.store.now.naive_local();
    let a_week_ago = now - chrono::TimeDelta::weeks(1);
    let mut files: BTreeMap<RepoPath, OfFile> = BTreeMap::new();
    let mut stuck = 0;
    let found = session.look_everywhere().finish(&session.store)?;
    for backup in found.into_iter().filter(|backup| backup.name.is_ours()) {
        let of_file = files.entry(backup.path.clone()).or_default();
        of_file.backups += 1;
        of_file.bytes += backup.stat.size;
        of_file.newest = of_file.newest.max(Some(backup.name.time));
        if backup.on_disk(&session.store.now).effective_time(now) < a_week_ago {
            stuck += 1;
        }
    }
    let with_backups = files.keys().cloned().collect();
    let uncommitted =
        begun.and_then(|begun| unprotected::finish(&session.store, begun, with_backups));
    let history = session.store.records.own();
    let in_vault = if session.store.settings.vault { history.versions().count() } else { 0 };
    let snapshots = if session.store.settings.vault { history.snapshots() } else { 0 };
    let store = &session.store;
    let mut attempt = store.records.last_attempt(|it| attempts::commit_of(store, it).is_some());
    let mut is_missing = false;
    if attempt.as_ref().is_some_and(|(attempt, _)| attempt.failed) {
        let open = open_work(session);
        is_missing = open.contains(&false);
        attempt = attempt.filter(|_| !open.is_empty());
    }
    let vanished = vanished(session)?;
    let remote = store.settings.remote.clone().filter(|_| store.settings.vault);
    let remote = remote.map(|url| (url, RemoteState::read(store.record.bak())));
    Ok(Overview {
        uncommitted,
        files,
        stuck,
        snapshots,
        in_vault,
        attempt,
        is_missing,
        vanished,
        remote,
    })
}

/// Of each file of the last attempt that has work which is still not committed: whether that is what stands there.
fn open_work(session: &Session) -> Vec<bool> {
    let last = session.store.records.attempts().last().into_iter();
    let paths: BTreeSet<&RepoPath> =
        last.flat_map(|it| &it.attempt.events).map(|event| &event.path).collect();
    let commits = Commits::of(&session.store);
    let is_there = |path: &RepoPath| {
        let work = commits.work(path, &resolve::versions_of(session, path));
        let (version, _) = work.open()?;
        let present = session.present(path).ok().flatten();
        Some(present.is_some_and(|bytes| version.is_same_as(&session.store, &bytes)))
    };
    paths.into_iter().filter_map(is_there).collect()
}

/// The files whose unstaged edits went with a commit that did not come to its end.
fn vanished(session: &Session) -> Result<BTreeSet<RepoPath>> {
    let mut all = BTreeSet::new();
    for Attempted { attempt, .. } in session.store.records.attempts() {
        let is_unfinished = !matches!(attempt.state, AttemptState::Succeeded { .. });
        if is_unfinished && !is_live(attempt) {
            all.extend(audit::audit(&session.store, attempt)?.vanished);
        }
    }
    Ok(all)
}
