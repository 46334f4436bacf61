//! list: the versions of each file, newest first, and before all others those that no commit has.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use anyhow::Result;

use super::Session;
use super::log::counted;
use crate::backups::restore::present_bytes;
use crate::backups::versions;
use crate::backups::versions::Version;
use crate::backups::versions::work::{Commits, WorkFate};
use crate::cli::ListArgs;
use crate::commands::choice::selection::Selection;
use crate::commands::choice::{resolve, times};
use crate::exit_status::ExitStatus;
use crate::git::line_diff;
use crate::git::objects::Oid;
use crate::model::names::repo_path::RepoPath;
use crate::term;
use crate::term::report::Row;

/// How many versions are compared with their files; where there are more, none is.
const MOST_COMPARED: usize = 100;

pub fn run(session: &Session, args: &ListArgs) -> Result<ExitStatus> {
    let (typed, number) = counted(&args.paths, args.number);
    let since = args.since.as_deref().map(|word| times::since(session, word)).transpose()?;
    let selected = Selection::of(session, &typed)?;
    let is_on_disk = args.files && args.worktree.is_none() && !args.remote;
    let progress = session.term.progress("looking for versions");
    let mut paths: BTreeSet<RepoPath> = if is_on_disk {
        let found = session.look_everywhere().finish(&session.store)?;
        found.into_iter().map(|backup| backup.path).collect()
    } else {
        resolve::all_paths(session)?
    };
    let known = paths.clone();
    paths.retain(|path| selected.has(path));
    progress.of(paths.len());
    let commits = Commits::of(&session.store);
    let found = versions::all_of_each(&session.store, &paths);
    // So long a list is not read line by line; a user who wants to compare names the file.
    let are_compared = !args.json && found.values().map(Vec::len).sum::<usize>() <= MOST_COMPARED;
    let mut groups = Vec::with_capacity(found.len());
    for (path, versions) in found {
        progress.step();
        let mut rows = with_fates(&commits, &path, versions);
        rows.retain(|row| !args.files || row.version.backup.is_some());
        if are_compared {
            compare(session, &path, &mut rows);
        }
        groups.push(rows);
    }
    let mut rows = open_first(groups);
    rows.retain(|row| since.is_none_or(|since| row.version.instant() >= since));
    only_newest(&mut rows, number);
    name_elsewhere(&commits, &mut rows);
    drop(progress);
    let status = selected.name_unknown(session, known);
    if args.json {
        term::print(term::json::list_json(&rows, &session.store.now).as_bytes())?;
    } else if !rows.is_empty() {
        let page = session.page();
        page.show(&session.term.list(&rows, &session.store.now, &page))?;
    } else if status == ExitStatus::Done {
        session.term.no_backups(args.files);
    }
    Ok(status)
}

/// A row for each version of a file, with what became of it.
pub(super) fn with_fates(
    commits: &Commits<'_>,
    path: &RepoPath,
    versions: Vec<Version>,
) -> Vec<Row> {
    let work = commits.work(path, &versions);
    let fates: HashMap<Oid, &WorkFate> =
        work.fates().map(|(version, fate)| (version.id, fate)).collect();
    let mut of_number: HashMap<usize, Vec<String>> = HashMap::new();
    for version in versions.iter().filter(|it| it.known.label.is_some()) {
        of_number.entry(version.number).or_default().extend(version.known.label.clone());
    }
    let row = |version: Version| {
        let fate = fates.get(&version.id).map(|fate| match fate {
            WorkFate::Gits => commits.head_of(&version).map_or(WorkFate::Gits, WorkFate::Committed),
            other => (*other).clone(),
        });
        let labels = of_number.get(&version.number).into_iter().flatten();
        let others = labels.filter(|label| version.known.label.as_ref() != Some(label));
        let labels = others.cloned().collect();
        Row { version, labels, fate, lines: None, is_compared: false, is_elsewhere: false }
    };
    versions::distinct(versions).into_iter().map(row).collect()
}

/// Leaves the newest ones in their places.
fn only_newest(rows: &mut Vec<Row>, number: Option<usize>) {
    let mut instants: Vec<i64> = rows.iter().map(|row| row.version.instant()).collect();
    instants.sort_unstable();
    let at = instants.len().saturating_sub(number.unwrap_or(usize::MAX));
    match instants.get(at) {
        Some(oldest) => rows.retain(|row| row.version.instant() >= *oldest),
        None => rows.clear(),
    }
    rows.truncate(number.unwrap_or(usize::MAX));
}

/// The files with work that no commit has, and of each file such versions, before the others; then what is newer.
fn open_first(mut groups: Vec<Vec<Row>>) -> Vec<Row> {
    let is_open = |row: &Row| matches!(row.fate, Some(WorkFate::Open));
    for rows in &mut groups {
        rows.sort_by_key(|row| !is_open(row));
    }
    groups.sort_by_key(|rows| {
        let first = rows.first();
        Reverse((first.is_some_and(is_open), first.map(|row| row.version.instant())))
    });
    groups.into_iter().flatten().collect()
}

/// Notes which commits are not in HEAD's history.
fn name_elsewhere(commits: &Commits<'_>, rows: &mut [Row]) {
    let all: BTreeSet<String> = rows.iter().filter_map(|row| row.commit().cloned()).collect();
    if all.is_empty() {
        return;
    }
    let elsewhere = commits.elsewhere(&all);
    for row in rows {
        row.is_elsewhere = row.commit().is_some_and(|commit| elsewhere.contains(commit));
    }
}

/// Counts how many lines would come and go by restoring each.
fn compare(session: &Session, path: &RepoPath, rows: &mut [Row]) {
    // A file that is gone, or no file any more, has no lines.
    let present = present_bytes(&session.store, path).ok().flatten().unwrap_or_default();
    for row in rows {
        let bytes = row.version.bytes(&session.store).ok();
        row.lines = bytes.and_then(|bytes| line_diff::count(&present, &bytes));
        row.is_compared = true;
    }
}
