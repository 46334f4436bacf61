//! post-checkout: after a switch, a checkout of files, `git restore`.
//!
//! Order of steps, and why: what is outstanding is read first, and where there is nothing (a fresh
//! clone, a new worktree, a repository at rest) that is all. After a switch, backups whose file is no
//! longer there are retired. After a checkout of files, edits that it overwrote are named; nothing is
//! unlinked then, for they are what the line speaks of.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use anyhow::Result;

use super::post_commit::expire;
use super::{Run, history, read_settings};
use crate::git::repository::Repository;
use crate::git::tracked;
use crate::model::event::{EventKind, Kind};
use crate::model::repo_path::RepoPath;
use crate::storage::attempts::{self, Saved};
use crate::storage::ledger::Ledger;
use crate::storage::outstanding::Index;
use crate::storage::records::Records;
use crate::storage::restore::{self, Present};
use crate::storage::{Store, audit, clean_up, outstanding, transaction, undeposited, versions};
use crate::term::Term;

/// A file that was written longer ago was not written by this checkout.
const JUST_NOW: Duration = Duration::from_secs(10);

/// Runs the hook. Its status would become checkout's, so there is none.
pub fn run(run: &Run, repository: Repository) {
    // Without a vault and a ledger there has never been a backup here.
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
    if !settings.enabled {
        return;
    }
    let done = Store::open(repository, settings, run.now).and_then(|store| {
        undeposited::settle(&store);
        if switched {
            after_switch(&store, &term)
        } else {
            after_checkout_of_files(&store, &term)
        }?;
        expire(&store, &term);
        Ok(())
    });
    if let Err(error) = done {
        term.hook_failed(run.hook.name(), &error);
    }
}

/// Retires the backups whose file is no longer in the working tree.
fn after_switch(store: &Store, term: &Term) -> Result<()> {
    let (live, ended): (Vec<Saved>, Vec<Saved>) =
        attempts::standing(&store.repository).into_iter().partition(Saved::is_live);
    let ledger = Ledger::open_existing(&store.repository).ok().flatten();
    let of_upgrade = transaction::backups(&store.repository);
    let of_upgrade: Vec<(&RepoPath, &[u8])> =
        of_upgrade.iter().map(|(path, name)| (path, name.as_slice())).collect();
    let mut backups = outstanding::all(store, &Index::Ledger(ledger.as_ref()), &ended);
    backups.retain(|backup| {
        let of_commits = live.iter().flat_map(|saved| saved.attempt.backups());
        let mut under_way = of_commits.chain(of_upgrade.iter().copied());
        let name = backup.name.to_bytes();
        matches!(restore::look(store, &backup.path), Ok(Present::Nothing))
            && !under_way.any(|of_live| of_live == (&backup.path, name.as_slice()))
    });
    if backups.is_empty() {
        return Ok(());
    }
    let unlinked = clean_up::unlink(store, backups, EventKind::Retired, None);
    term.retired(&unlinked);
    // Git would have removed the folders of a file that is gone, had our backups not been in them; unless
    // somebody else took the file away: the index has it still.
    let paths: Vec<RepoPath> = unlinked.events.iter().map(|event| event.path.clone()).collect();
    if let Ok(tracked) = tracked::among(&store.repository, &paths) {
        let gone = paths.iter().filter(|path| !tracked.contains(path));
        gone.for_each(|path| clean_up::remove_empty_folders(store, path));
    }
    let mut ledger = ledger.or_else(|| history::open_ledger(store, term));
    history::record(store, term, ledger.as_mut(), Vec::new(), &unlinked.events);
    Ok(())
}

/// Names the files whose edits were overwritten just now and of which there is a backup.
fn after_checkout_of_files(store: &Store, term: &Term) -> Result<()> {
    let mut paths: BTreeSet<RepoPath> = BTreeSet::new();
    if let Some(newest) = store.vault.newest(None)? {
        paths.extend(store.vault.files(&newest)?.into_iter().map(|file| file.path));
    }
    let records = Records::open(&store.repository);
    let index = Index::Ledger(records.ledger.as_ref());
    let backups = outstanding::all(store, &index, &records.on_file);
    paths.extend(backups.into_iter().map(|backup| backup.path));
    // Hook managers put edits away while they run, and bring them back: the commit under way looks
    // after its own edits when they have ended.
    for saved in records.on_file.iter().filter(|saved| saved.is_live()) {
        paths.retain(|path| saved.attempt.edits.iter().all(|edit| edit.path != *path));
    }
    let mut overwritten = Vec::new();
    for path in paths {
        if was_overwritten(store, &records, &path)? {
            overwritten.push(path);
        }
    }
    // What still differs from the index was not put back by Git.
    let edited = audit::still_edited(store, &overwritten)?;
    overwritten.retain(|path| !edited.contains(path));
    term.overwritten(&overwritten);
    Ok(())
}

/// It was written just now, and is not what its newest backup holds.
fn was_overwritten(store: &Store, records: &Records, path: &RepoPath) -> Result<bool> {
    let Ok(Present::File(stat)) = restore::look(store, path) else { return Ok(false) };
    let age = SystemTime::now().duration_since(stat.modified_at()).unwrap_or_default();
    if age > JUST_NOW {
        return Ok(false);
    }
    let Some(bytes) = restore::present_bytes(store, path)? else { return Ok(false) };
    let id = store.vault.objects().hash(&bytes)?;
    let versions = versions::of(store, records, path)?;
    let Some(newest) = versions.first() else { return Ok(false) };
    // What was staged and is cleaned up was committed: no edits. The backup may be an earlier snapshot's.
    let is_there = versions.iter().any(|v| v.id == newest.id && v.backup.is_some());
    let was_committed = newest.kind() == Some(Kind::Staged) && !is_there;
    Ok(newest.id != id
        && !was_committed
        && !audit::is_committed(store, path, &newest.id.to_string()))
}
