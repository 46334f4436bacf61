//! list: the backups, by file, newest first.

use std::collections::BTreeSet;

use anyhow::Result;

use super::Session;
use crate::backups::restore::present_bytes;
use crate::backups::versions;
use crate::backups::versions::Version;
use crate::cli::ListArgs;
use crate::commands::choice::resolve;
use crate::commands::choice::selection::Selection;
use crate::exit_status::ExitStatus;
use crate::git::line_diff;
use crate::model::names::repo_path::RepoPath;
use crate::term;
use crate::term::report::Row;

/// How many versions are compared with their files; where there are more, none is.
const MOST_COMPARED: usize = 100;

pub fn run(session: &Session, args: &ListArgs) -> Result<ExitStatus> {
    let selected = Selection::of(session, &args.paths)?;
    let progress = session.term.progress("looking for backups");
    let mut paths: BTreeSet<RepoPath> = if args.vault || args.all_worktrees {
        resolve::all_paths(session)?
    } else {
        let found = session.look_everywhere().finish(&session.store)?;
        found.into_iter().map(|backup| backup.path).collect()
    };
    let known = paths.clone();
    paths.retain(|path| selected.has(path));
    progress.of(paths.len());
    let is_wanted =
        |version: &Version| args.vault || args.all_worktrees || version.backup.is_some();
    let found = versions::of_each(&session.store, &paths, &is_wanted);
    // Nobody who looks at so many looks at each; whoever does names the file.
    let versions: usize = found.values().map(Vec::len).sum();
    let are_compared = !args.json && versions <= MOST_COMPARED;
    let mut rows = Vec::with_capacity(versions);
    for (path, versions) in found {
        progress.step();
        rows.extend(match are_compared {
            true => compared(session, &path, versions),
            false => versions.into_iter().map(Row::not_compared).collect(),
        });
    }
    drop(progress);
    let status = selected.name_unknown(session, known);
    if args.json {
        term::print(term::json::list_json(&rows, &session.store.now).as_bytes())?;
    } else if !rows.is_empty() {
        let page = session.page();
        page.show(&session.term.list(&rows, &session.store.now, &page))?;
    } else if status == ExitStatus::Done {
        session.term.no_backups(args.vault || args.all_worktrees);
    }
    Ok(status)
}

/// The versions of one file, each with how many lines would come and go by restoring it.
fn compared(session: &Session, path: &RepoPath, versions: Vec<Version>) -> Vec<Row> {
    // A file that is gone, or no file any more, has no lines.
    let present = present_bytes(&session.store, path).ok().flatten().unwrap_or_default();
    versions
        .into_iter()
        .map(|version| {
            let bytes = version.bytes(&session.store).ok();
            let lines = bytes.and_then(|bytes| line_diff::count(&present, &bytes));
            Row { version, lines, is_compared: true }
        })
        .collect()
}
