//! post-commit: the commit has succeeded, so the backups may go.
//!
//! Order of steps, and why:
//! 1. this commit's own attempt is found among those on file, with the settings that pre-commit read;
//!    a commit without one (`--no-verify`, cherry-pick, revert, rebase) reads them itself;
//! 2. the audit, before anything is unlinked: a line about lost edits must not depend on the rest;
//! 3. clean-up, with a receipt for every backup. The backups of another commit that is still under way
//!    are left alone: it may fail;
//! 4. the ledger learns what happened: now, if it has to be asked about backups anyway or something is
//!    left behind, else when several attempts have been put aside for it. Whoever dies before this leaves
//!    the attempt on file, and the next hook takes it in;
//! 5. what has expired leaves the vault, once a day.

use std::collections::HashSet;

use anyhow::Result;

use super::{Run, history, read_settings};
use crate::git::history::changed_paths;
use crate::git::repository::Repository;
use crate::model::attempt::State;
use crate::model::event::EventKind;
use crate::model::now;
use crate::model::repo_path::RepoPath;
use crate::model::settings::{Cleanup, Settings};
use crate::storage::attempts::{self, Saved};
use crate::storage::backups::BackupFile;
use crate::storage::clean_up::{self, Unlinked};
use crate::storage::ledger::Ledger;
use crate::storage::outstanding::Index;
use crate::storage::{Store, audit, hook_files, outstanding, transaction, undeposited};
use crate::term::Term;

/// Runs the hook. Nothing that goes wrong in it is Git's concern.
pub fn run(run: &Run, repository: Repository) {
    let mut on_file = attempts::standing(&repository);
    let own = attempts::take_own(&mut on_file);
    let settings = match &own {
        Some(own) => Ok(Settings::read(&own.attempt.settings).0),
        None => read_settings(&repository, &run.now).map(|(_, settings, _)| settings),
    };
    let settings = settings.unwrap_or_else(|error| {
        Term::of_hook(&Settings::default()).hook_failed(run.hook.name(), &error);
        Settings::default()
    });
    if !settings.enabled {
        return;
    }
    let term = Term::of_hook(&settings);
    if own.is_none()
        && let Some(hook) = hook_files::displaced_pre_commit(run.hook)
    {
        term.pre_commit_displaced(&hook);
    }
    let done = Store::open(repository, settings, run.now)
        .and_then(|store| after_commit(&store, &term, own, on_file));
    if let Err(error) = done {
        term.hook_failed(run.hook.name(), &error);
    }
}

fn after_commit(
    store: &Store,
    term: &Term,
    mut own: Option<Saved>,
    on_file: Vec<Saved>,
) -> Result<()> {
    let (live, mut ended): (Vec<Saved>, Vec<Saved>) = on_file.into_iter().partition(Saved::is_live);
    let killed = ended.iter().filter(|saved| saved.attempt.state == State::Open);
    for saved in killed.chain(&own) {
        match audit::audit(store, &saved.attempt) {
            Ok(audit) => term.vanished(&audit),
            Err(error) => term.hook_failed("post-commit", &error),
        }
    }
    let commit = store.vault.refs().head()?.map(|id| id.to_string()).unwrap_or_default();
    let committed = committed_paths(store, &commit);
    if let Some(own) = &mut own {
        match audit::lost_from_index(store, &own.attempt, &committed) {
            Ok(paths) => term.not_committed(&paths),
            Err(error) => term.hook_failed("post-commit", &error),
        }
        own.attempt.state = State::Succeeded { commit: commit.clone() };
    }
    ended.extend(own);
    undeposited::settle(store);
    if Ledger::names_no_backup(&store.repository) {
        let unlinked = clean_up(store, &Index::Empty, &ended, &live, &committed, &commit);
        term.cleaned(&unlinked);
        if let Err(ended) = history::put_aside(store, ended, &unlinked.events) {
            let mut ledger = history::open_ledger(store, term);
            history::record(store, term, ledger.as_mut(), ended, &unlinked.events);
        }
    } else {
        let mut ledger = history::open_ledger(store, term);
        let index = Index::Ledger(ledger.as_ref());
        let unlinked = clean_up(store, &index, &ended, &live, &committed, &commit);
        term.cleaned(&unlinked);
        history::record(store, term, ledger.as_mut(), ended, &unlinked.events);
    }
    expire(store, term);
    Ok(())
}

/// Unlinks the backups that the settings let go.
fn clean_up(
    store: &Store,
    index: &Index<'_>,
    ended: &[Saved],
    live: &[Saved],
    committed: &[RepoPath],
    commit: &str,
) -> Unlinked {
    if store.settings.cleanup == Cleanup::Never {
        return Unlinked::default();
    }
    let mut backups = match store.settings.cleanup {
        Cleanup::All => outstanding::all(store, index, ended),
        _ => Vec::new(),
    };
    let known: HashSet<RepoPath> = backups.iter().map(BackupFile::location).collect();
    let beside = committed.iter().flat_map(|path| store.backups.of(path));
    backups.extend(beside.filter(|backup| !known.contains(&backup.location())));
    let of_upgrade = transaction::backups(&store.repository);
    let of_upgrade = of_upgrade.iter().map(|(path, name)| (path, name.as_slice()));
    let protected: HashSet<(&RepoPath, &[u8])> =
        live.iter().flat_map(|saved| saved.attempt.backups()).chain(of_upgrade).collect();
    backups
        .retain(|backup| !protected.contains(&(&backup.path, backup.name.to_bytes().as_slice())));
    clean_up::unlink(store, backups, EventKind::Cleaned, Some(commit))
}

/// The paths of the commit just made. One that can't be read hides nothing but strays.
fn committed_paths(store: &Store, commit: &str) -> Vec<RepoPath> {
    let objects = store.vault.objects();
    objects.parse(commit).and_then(|id| changed_paths(objects, id)).unwrap_or_default()
}

/// Drops from the vault, and from the ledger, what is older than it need be, once a day.
pub(super) fn expire(store: &Store, term: &Term) {
    let has_vault = store.settings.vault && matches!(store.vault.root(), Ok(Some(_)));
    let has_ledger = Ledger::path(&store.repository).exists();
    if !has_vault && !has_ledger {
        return;
    }
    let age = store.settings.vault_expire.age().filter(|_| has_vault);
    let limit = age.map(|age| now::timestamp(&store.now).plus(-age.as_delta()));
    match store.vault.expire_daily(limit, &store.now) {
        Ok(Some(expired)) => {
            term.expired(&expired);
            let events = expired.events(&store.now);
            if has_ledger || !events.is_empty() {
                history::expire(store, term, &events);
            }
        }
        Ok(None) => {}
        Err(error) => term.hook_failed("expiry", &error),
    }
}
