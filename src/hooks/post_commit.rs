//! post-commit: the commit has succeeded, so the backups may go.
//!
//! Order of steps, and why:
//! 1. this commit's own attempt is found in the record (one made with `--no-verify`, by cherry-pick, revert or rebase
//!    has none);
//! 2. the audit, before anything is unlinked: a line about lost edits must not depend on the rest;
//! 3. clean-up, with a receipt for every backup. The backups of another commit that is still under way
//!    are left alone: it may fail;
//! 4. one append: what became of older attempts, the commit, and what was cleaned up. A process that dies before it
//!    leaves an attempt that the next hook calls failed, and names of backups that are gone: a look each;
//! 5. if a fold is due it is started, without waiting for it.

use std::collections::{HashMap, HashSet};

use anyhow::Result;

use super::{Run, fold, read_settings};
use crate::backups::attempts;
use crate::backups::attempts::is_live;
use crate::backups::clean_up;
use crate::backups::clean_up::Unlinked;
use crate::backups::files::BackupFile;
use crate::backups::{Store, outstanding};
use crate::git::history::{ChangedPath, changes};
use crate::git::objects::Oid;
use crate::git::repository::Repository;
use crate::model::command::git_command;
use crate::model::events::attempt::NOT_COMPLETED;
use crate::model::events::event::EventKind;
use crate::model::events::line::{Line, Seen, What};
use crate::model::names::repo_path::RepoPath;
use crate::model::settings::{Cleanup, Settings};
use crate::os::process;
use crate::record::{Attempted, MANY};
use crate::setup::hook_files;
use crate::snapshot::audit;
use crate::term::Term;
use crate::transaction;

/// Runs the hook. Nothing that goes wrong in it is Git's concern.
pub fn run(run: &Run, repository: Repository) {
    let settings = read_settings(&repository, &run.now).map(|(_, settings, _)| settings);
    let settings = settings.unwrap_or_else(|error| {
        Term::of_hook(&Settings::default()).hook_failed(run.hook.name(), &error);
        Settings::default()
    });
    if !settings.enabled {
        return;
    }
    let term = Term::of_hook(&settings);
    let done = Store::open(repository, settings, run.now)
        .and_then(|store| after_commit(run, &store, &term));
    if let Err(error) = done {
        term.hook_failed(run.hook.name(), &error);
    }
}

fn after_commit(run: &Run, store: &Store, term: &Term) -> Result<()> {
    let (own, others) = attempts::with_own_apart(store.records.own());
    if own.is_none()
        && let Some(hook) = hook_files::displaced_pre_commit(run.hook)
    {
        term.pre_commit_displaced(&hook);
    }
    let killed = others.iter().filter(|it| !is_live(&it.attempt));
    for Attempted { attempt, .. } in killed.clone().chain(&own) {
        match audit::audit(store, attempt) {
            Ok(audit) => term.vanished(&audit),
            Err(error) => term.hook_failed("post-commit", &error),
        }
    }
    let end = |it: &Attempted| match &own {
        // The commit that is there is this one's.
        Some(_) => attempts::failed(&it.id, NOT_COMPLETED, None, &store.now),
        None => attempts::ended(store, &it.id, &it.attempt),
    };
    let mut lines: Vec<Line> = killed.map(end).collect();
    let commit = store.refs.head()?.map(|id| id.to_string()).unwrap_or_default();
    // One that can't be read hides nothing but strays.
    let made = store.objects.parse(&commit).and_then(|id| changes(&store.objects, id)).ok();
    let changed = made.iter().flat_map(|(changes, _)| changes);
    let committed: Vec<RepoPath> = changed.map(|change| change.path.clone()).collect();
    if let Some(Attempted { attempt, .. }) = &own {
        match audit::lost_from_index(store, attempt, &committed) {
            Ok(paths) => term.not_committed(&paths),
            Err(error) => term.hook_failed("post-commit", &error),
        }
    }
    let cleaned = clean_up(store, &others, &committed, &commit);
    term.cleaned(&cleaned.unlinked);
    clean_up::take_empty_folders(store, &cleaned.unlinked);
    let before = own.as_ref().and_then(|own| own.attempt.head.clone());
    let mut line = line(store, own, commit, &cleaned);
    if let Some((changes, parents)) = made {
        name_changes(&mut line, &changes, &parents, before);
    }
    lines.push(line);
    store.record.append(&mut lines, &store.now, &mut || Ok(()))?;
    fold::start_if_due(store);
    Ok(())
}

fn line(store: &Store, own: Option<Attempted>, commit: String, cleaned: &Cleaned) -> Line {
    let mut line = Line::new(What::Commit, &store.now);
    line.attempt = own.map(|own| own.id);
    line.commit = Some(commit);
    line.cause = made_by();
    line.clear = cleaned.all && cleaned.unlinked.kept.is_empty();
    line.files = cleaned.unlinked.events.iter().map(Seen::of_event).collect();
    line
}

/// Notes all that the commit changed, so that no look has to ask Git's objects for it: not of one that was made in the
/// place of another, nor very long lists.
fn name_changes(line: &mut Line, changes: &[ChangedPath], parents: &[Oid], before: Option<String>) {
    let parents: Vec<String> = parents.iter().map(Oid::to_string).collect();
    let is_on_top = before.is_none_or(|before| parents.first() == Some(&before));
    if !is_on_top || changes.len() + line.files.len() > MANY {
        return;
    }
    let named = line.files.iter().enumerate().filter_map(|(at, seen)| Some((seen.path()?, at)));
    let named: HashMap<RepoPath, usize> = named.collect();
    for change in changes {
        let at = named.get(&change.path).copied().unwrap_or_else(|| {
            line.files.push(Seen::of(&change.path));
            line.files.len() - 1
        });
        line.files[at].git = change.new.map(|id| id.to_string());
        line.files[at].old = change.old.map(|id| id.to_string());
    }
    line.parents = Some(parents);
}

/// The command that made the commit: only `git commit` itself closes what was drafted before.
fn made_by() -> Option<String> {
    let action = std::env::var("GIT_REFLOG_ACTION").unwrap_or_default();
    let action = action.split([' ', ':']).next().unwrap_or_default();
    if !action.is_empty() {
        return Some(action.to_owned());
    }
    let words = process::git_words()?;
    let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
    git_command::verb(&words).map(|verb| String::from_utf8_lossy(verb).into_owned())
}

#[derive(Default)]
struct Cleaned {
    unlinked: Unlinked,
    /// Every backup that there was has been looked at.
    all: bool,
}

/// Unlinks the backups that the settings let go.
fn clean_up(store: &Store, others: &[Attempted], committed: &[RepoPath], commit: &str) -> Cleaned {
    if store.settings.cleanup == Cleanup::Never {
        return Cleaned::default();
    }
    let mut backups = match store.settings.cleanup {
        Cleanup::All => outstanding::all(store),
        _ => Vec::new(),
    };
    let known: HashSet<RepoPath> = backups.iter().map(BackupFile::location).collect();
    let beside = committed.iter().flat_map(|path| store.backups.of(path));
    backups.extend(beside.filter(|backup| !known.contains(&backup.location())));
    let before = backups.len();
    let of_upgrade = transaction::backups(&store.repository);
    let of_upgrade = of_upgrade.iter().map(|(path, name)| (path, name.as_slice()));
    let of_others = others.iter().filter(|it| is_live(&it.attempt));
    let protected: HashSet<(&RepoPath, &[u8])> =
        of_others.flat_map(|it| it.attempt.backups()).chain(of_upgrade).collect();
    backups.retain(|backup| !backup.is_among(&protected));
    let all = store.settings.cleanup == Cleanup::All && backups.len() == before;
    let unlinked = clean_up::unlink(store, backups, EventKind::Cleaned, Some(commit));
    Cleaned { unlinked, all }
}
