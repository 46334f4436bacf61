//! clean: unlink backups, with receipts, or drop what has expired from the vault.

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;

use super::Session;
use crate::backups::attempts::is_live;
use crate::backups::files::BackupFile;
use crate::backups::{clean_up, outstanding};
use crate::cli::CleanArgs;
use crate::commands::choice::selection::Selection;
use crate::commands::choice::times;
use crate::exit_status::ExitStatus;
use crate::model::events::event::EventKind;
use crate::model::names::repo_path::RepoPath;
use crate::model::retention::{OnDisk, to_retire};
use crate::model::settings::age::Age;
use crate::term;
use crate::transaction;
use crate::vault::forget::{self, Candidate};

pub fn run(session: &Session, args: &CleanArgs) -> Result<ExitStatus> {
    let age = args.older_than.as_deref().map(|word| times::age(session, word)).transpose()?;
    let selected = Selection::of(session, &args.paths)?;
    if args.vault {
        return of_vault(session, args, &selected, age);
    }
    let progress = session.term.progress("looking for backups");
    let mut backups = outstanding::everywhere(&session.store)?;
    let known: Vec<RepoPath> = backups.iter().map(|backup| backup.path.clone()).collect();
    backups.retain(|backup| selected.has_backup(backup));
    if args.keep.is_some() || age.is_some() {
        backups = surplus(session, backups, args.keep, age);
    }
    drop(progress);
    let live = session.store.records.attempts().iter().filter(|it| is_live(&it.attempt));
    let of_upgrade = transaction::backups(&session.store.repository);
    let of_upgrade = of_upgrade.iter().map(|(path, name)| (path, name.as_slice()));
    let under_way: HashSet<(&RepoPath, &[u8])> =
        live.flat_map(|it| it.attempt.backups()).chain(of_upgrade).collect();
    backups.retain(|backup| !backup.is_among(&under_way));
    let named = selected.name_unknown(session, known);
    if backups.is_empty() {
        if named == ExitStatus::Done {
            session.term.nothing_to_clean();
        }
        return Ok(named);
    }
    if args.dry_run {
        let beside = |backup: &BackupFile| backup.location().as_bytes().to_vec();
        let shown = |backup: &BackupFile| backup.elsewhere(&session.store.backups);
        let names = backups.iter().map(|it| shown(it).unwrap_or_else(|| beside(it)));
        term::print(session.term.would_clean(&names.collect::<Vec<_>>()).as_bytes())?;
        return Ok(named);
    }
    let progress = session.term.progress("cleaning up");
    let unlinked = clean_up::unlink(&session.store, backups, EventKind::Cleaned, None);
    drop(progress);
    session.term.cleaned(&unlinked);
    clean_up::take_empty_folders(&session.store, &unlinked);
    session.record(&unlinked.events);
    Ok(if unlinked.kept.is_empty() { named } else { ExitStatus::Failed })
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

/// Drops versions from the vault: those of the files that are named, or what has expired; the record still tells of
/// them.
fn of_vault(
    session: &Session,
    args: &CleanArgs,
    selected: &Selection,
    age: Option<Age>,
) -> Result<ExitStatus> {
    let store = &session.store;
    let mut settings = session.fold_settings();
    settings.at_once = true;
    let before = age.map(|age| store.now.timestamp() - age.seconds());
    let expired = settings.expire.map(|age| store.now.timestamp() - age);
    let is_bare = args.paths.is_empty() && age.is_none();
    let limit = if is_bare { expired } else { before };
    let is_named = |path: &RepoPath, time: i64| {
        selected.has(path)
            && if is_bare || age.is_some() { limit.is_some_and(|it| time < it) } else { true }
    };
    if is_bare && limit.is_none() {
        session.term.never_expires();
        return Ok(ExitStatus::Done);
    }
    if args.dry_run {
        let versions = store.records.all().versions();
        let named =
            versions.filter_map(|it| it.seen.path().filter(|path| is_named(path, it.line.time)));
        term::print(session.term.would_drop(named.count()).as_bytes())?;
        return Ok(ExitStatus::Done);
    }
    let pick = |it: &Candidate<'_>| {
        RepoPath::from_bytes(it.path.to_vec()).is_ok_and(|path| is_named(&path, it.time))
    };
    let progress = session.term.progress("dropping versions");
    let (dropped, folded) =
        forget::drop_versions(&store.repository, &store.record, settings, &pick, &store.now)?;
    drop(progress);
    session.term.dropped(dropped + folded.expired);
    Ok(ExitStatus::Done)
}
