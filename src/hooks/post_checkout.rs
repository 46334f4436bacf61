//! post-checkout: after a switch, a checkout of files, `git restore`.
//!
//! Order of steps, and why: what is outstanding is read first, and where there is nothing (a fresh
//! clone, a new worktree, a repository at rest) that is all. After a switch, backups whose file is no
//! longer there are retired. After a checkout of files, edits that it overwrote are named; nothing is
//! unlinked then, for they are what the line speaks of.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use anyhow::Result;

use super::{Run, read_settings};
use crate::backups::attempts::is_live;
use crate::backups::restore;
use crate::backups::restore::Present;
use crate::backups::{Store, clean_up, outstanding, versions};
use crate::git::repository::Repository;
use crate::model::command::danger;
use crate::model::events::event::{EventKind, Kind};
use crate::model::events::line::{Line, What};
use crate::model::names::repo_path::RepoPath;
use crate::model::transaction::State;
use crate::os::{platform, process};
use crate::record::Record;
use crate::snapshot::audit;
use crate::term::Term;
use crate::transaction;
use crate::transaction::moments;

/// Where the start of this checkout isn't known, a file that was written longer ago was not written by it.
const JUST_NOW: Duration = Duration::from_secs(10);

/// Runs the hook. Its status would become checkout's, so there is none.
pub fn run(run: &Run, repository: Repository) {
    let switched = run.args.get(2).is_some_and(|flag| flag == "1");
    let (settings, term) = match read_settings(&repository, &run.now) {
        Ok((_, settings, _)) => {
            let term = Term::of_hook(&settings);
            (settings, term)
        }
        Err(error) => {
            let settings = crate::model::settings::Settings::default();
            let term = Term::of_hook(&settings);
            term.hook_failed(run.hook.name(), &error);
            (settings, term)
        }
    };
    // Without a record there has never been a backup here.
    if !settings.enabled || !Record::of(&repository).exists() {
        return;
    }
    let done = Store::open(repository, settings, run.now).and_then(|store| match switched {
        true => after_switch(&store, &term),
        false => after_checkout_of_files(&store, &term),
    });
    if let Err(error) = done {
        term.hook_failed(run.hook.name(), &error);
    }
}

/// Retires the backups whose file is no longer in the working tree.
fn after_switch(store: &Store, term: &Term) -> Result<()> {
    let open = store.records.own().open_attempts();
    let of_upgrade = transaction::backups(&store.repository);
    let of_upgrade: Vec<(&RepoPath, &[u8])> =
        of_upgrade.iter().map(|(path, name)| (path, name.as_slice())).collect();
    let mut backups = outstanding::named(store);
    backups.retain(|backup| {
        let live = open.iter().filter(|it| is_live(&it.attempt));
        let of_commits = live.flat_map(|it| it.attempt.backups());
        let mut under_way = of_commits.chain(of_upgrade.iter().copied());
        matches!(restore::look(store, &backup.path), Ok(Present::Nothing))
            && !under_way.any(|(path, name)| *path == backup.path && backup.name.is_called(name))
    });
    if backups.is_empty() {
        return Ok(());
    }
    let unlinked = clean_up::unlink(store, backups, EventKind::Retired, None);
    term.retired(&unlinked);
    clean_up::take_empty_folders(store, &unlinked);
    let mut lines = Line::of_events(&unlinked.events, &store.now);
    store.record.append(&mut lines, &store.now, &mut || Ok(())).map(drop)
}

/// Names the files whose edits were overwritten just now and of which there is a backup.
fn after_checkout_of_files(store: &Store, term: &Term) -> Result<()> {
    let own = store.records.own();
    let mut paths: BTreeSet<RepoPath> = own.newest_paths();
    paths.extend(outstanding::named(store).into_iter().map(|backup| backup.path));
    // Hook managers put edits away while they run, and bring them back: the commit under way looks
    // after its own edits when they have ended.
    for it in own.open_attempts().iter().filter(|it| is_live(&it.attempt)) {
        paths.retain(|path| it.attempt.edits.iter().all(|edit| edit.path != *path));
    }
    if paths.is_empty() {
        return Ok(());
    }
    let mut found = Vec::new();
    let age = process::age_of_git().unwrap_or(JUST_NOW);
    let since = SystemTime::now().checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH);
    for path in paths {
        if let Some(written) = overwritten(store, &path, since)? {
            found.push((path, written));
        }
    }
    let mut overwritten = by_this_checkout(store, found);
    // What still differs from the index was not put back by Git.
    let edited = audit::still_edited(store, &overwritten)?;
    overwritten.retain(|path| !edited.contains(path));
    term.overwritten(&overwritten);
    let of_guard = |line: &Line| line.moment.is_some() && line.agent.is_none();
    if overwritten.is_empty() || own.lines().last().is_some_and(of_guard) {
        // The guard has said what was about to be taken.
        return Ok(());
    }
    let line = moment(store, overwritten)?;
    store.record.append(&mut [line], &store.now, &mut || Ok(())).map(drop)
}

/// Those that were written since this checkout locked the index, and so made the file that is the index now: that tells
/// it from a command just before it, where the system counts the starts of processes in hundredths of a second. Where
/// none was, something else has written an index since, or on another machine's clock: then it tells nothing.
fn by_this_checkout(store: &Store, mut found: Vec<(RepoPath, SystemTime)>) -> Vec<RepoPath> {
    if found.len() > 1
        && let Some(locked) = platform::began(&store.repository.git_dir.join("index"))
        && found.iter().any(|(_, written)| *written >= locked)
    {
        found.retain(|(_, written)| *written >= locked);
    }
    found.into_iter().map(|(path, _)| path).collect()
}

/// What was taken, so that it can be undone.
fn moment(store: &Store, overwritten: Vec<RepoPath>) -> Result<Line> {
    let (tree, mut files) = (transaction::tree(store)?, Vec::new());
    for path in overwritten {
        let Some(newest) = versions::of(store, &path).into_iter().next() else { continue };
        let permissions = newest.known.permissions.map_or(0o600, |access| access.bits);
        let before = State::File { blob: newest.id.to_string(), permissions };
        let after = moments::recorded(store, &path, tree.read(&path)?)?;
        files.push((path, before, after));
    }
    let words = process::git_words().and_then(|words| danger::shown(&words));
    let cause = format!("git {}", words.unwrap_or_default());
    Ok(moments::line(store, What::Changed, cause.trim_end(), files.into_iter()))
}

/// When it was written, if that was since this command began, and it is not what its newest backup holds.
fn overwritten(store: &Store, path: &RepoPath, since: SystemTime) -> Result<Option<SystemTime>> {
    let Ok(Present::File(stat)) = restore::look(store, path) else { return Ok(None) };
    if stat.modified_at() < since {
        return Ok(None);
    }
    let Some(bytes) = restore::present_bytes(store, path)? else { return Ok(None) };
    let id = store.id_of(path, &bytes)?;
    let versions = versions::of(store, path);
    let Some(newest) = versions.first() else { return Ok(None) };
    // What was staged and is cleaned up was committed: no edits. The backup may be an earlier snapshot's.
    let is_there = versions.iter().any(|v| v.id == newest.id && v.backup.is_some());
    let was_committed = newest.kind() == Some(Kind::Staged) && !is_there;
    let is_lost = newest.id != id
        && !was_committed
        && !audit::is_committed(store, path, &newest.id.to_string());
    Ok(is_lost.then(|| stat.modified_at()))
}
