//! clean: unlink backups, with receipts, or drop what has expired from the vault.

use std::collections::BTreeMap;

use anyhow::Result;

use super::{Session, paths};
use crate::cli::CleanArgs;
use crate::exit_status::{ExitStatus, UsageError};
use crate::model::age::{Age, Expiry};
use crate::model::event::EventKind;
use crate::model::now;
use crate::model::repo_path::RepoPath;
use crate::model::retention::{OnDisk, to_retire};
use crate::storage::backups::BackupFile;
use crate::storage::{clean_up, outstanding, transaction};
use crate::term;

/// Runs it.
pub fn run(session: &Session, args: &CleanArgs) -> Result<ExitStatus> {
    let age = args.older_than.as_deref().map(str::parse::<Age>).transpose();
    let age = age.map_err(|error| UsageError(format!("--older-than: {error}")))?;
    if args.expired {
        return expired(session, args.dry_run);
    }
    let selected = paths::Selection::of(session, &args.paths)?;
    let progress = session.term.progress("looking for backups");
    let mut backups = outstanding::everywhere(&session.store, &session.records)?;
    backups.retain(|backup| selected.has(&backup.path) || selected.has(&backup.location()));
    if args.keep.is_some() || age.is_some() {
        backups = surplus(session, backups, args.keep, age);
    }
    drop(progress);
    let live = session.records.on_file.iter().filter(|saved| saved.is_live());
    let of_upgrade = transaction::backups(&session.store.repository);
    let of_upgrade = of_upgrade.iter().map(|(path, name)| (path, name.as_slice()));
    let under_way: Vec<(&RepoPath, &[u8])> =
        live.flat_map(|s| s.attempt.backups()).chain(of_upgrade).collect();
    backups.retain(|b| !under_way.contains(&(&b.path, b.name.to_bytes().as_slice())));
    if backups.is_empty() {
        session.term.nothing_to_clean();
        return Ok(ExitStatus::Done);
    }
    if args.dry_run {
        let locations: Vec<RepoPath> = backups.iter().map(BackupFile::location).collect();
        term::print(session.term.would_clean(&locations).as_bytes())?;
        return Ok(ExitStatus::Done);
    }
    let progress = session.term.progress("cleaning up");
    let unlinked = clean_up::unlink(&session.store, backups, EventKind::Cleaned, None);
    drop(progress);
    session.term.cleaned(&unlinked);
    session.record(&unlinked.events);
    Ok(if unlinked.kept.is_empty() { ExitStatus::Done } else { ExitStatus::Failed })
}

/// Those that the options let go: beyond the newest `keep` of a file, or older than `age`. With an age
/// alone their number doesn't matter; with a number alone their age doesn't.
fn surplus(
    session: &Session,
    backups: Vec<BackupFile>,
    keep: Option<usize>,
    age: Option<Age>,
) -> Vec<BackupFile> {
    if keep == Some(0) {
        return backups;
    }
    let mut by_path: BTreeMap<RepoPath, Vec<BackupFile>> = BTreeMap::new();
    for backup in backups {
        by_path.entry(backup.path.clone()).or_default().push(backup);
    }
    let now = session.store.now.naive_local();
    let mut surplus = Vec::new();
    for of_file in by_path.into_values() {
        let all: Vec<OnDisk> = of_file.iter().map(|b| b.on_disk(&session.store.now)).collect();
        let retired = to_retire(&all, &[], keep.unwrap_or(0), age, now);
        surplus.extend(of_file.into_iter().filter(|backup| retired.contains(&backup.name)));
    }
    surplus
}

fn expired(session: &Session, dry_run: bool) -> Result<ExitStatus> {
    let Expiry::After(age) = session.store.settings.vault_expire else {
        session.term.never_expires();
        return Ok(ExitStatus::Done);
    };
    let limit = now::timestamp(&session.store.now).plus(-age.as_delta());
    if dry_run {
        let expired = session.store.vault.expired(limit)?;
        term::print(session.term.would_expire(&expired).as_bytes())?;
        return Ok(ExitStatus::Done);
    }
    let progress = session.term.progress("dropping what has expired");
    let expired = session.store.vault.expire(limit, &session.store.now)?;
    drop(progress);
    session.term.expired_now(&expired);
    session.record(&expired.events(&session.store.now));
    Ok(ExitStatus::Done)
}
