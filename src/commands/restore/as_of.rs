//! What was there at some time: of each file the version that was live then, over all snapshots.

use anyhow::Result;

use super::open;
use super::plan::{Put, RestorePlan};
use crate::backups::versions::work::Commits;
use crate::cli::RestoreArgs;
use crate::commands::Session;
use crate::commands::choice::selection::Selection;
use crate::commands::choice::times::Moment;
use crate::commands::choice::{resolve, times};
use crate::exit_status::{ExitStatus, NothingFound};
use crate::model::events::line::Line;
use crate::model::names::repo_path::RepoPath;

pub fn plan(session: &Session, args: &RestoreArgs, word: &str) -> Result<RestorePlan> {
    let at = times::moment(session, word)?;
    let selection = Selection::of(session, &args.files)?;
    let commits = Commits::of(&session.store);
    let cut = commits.line_at(word, at.instant);
    let then = cut.and_then(|line| commits.stood(line));
    let branch = session.store.refs.branch()?;
    session.term.as_of(at.local, then, branch.as_deref());
    let mut clean = Vec::new();
    let (mut plan, named) = open::named(session, &selection, &mut |plan, path| {
        if !add(session, &commits, ((at, cut), then), path, plan, &mut clean)? {
            session.term.nothing_then(path, at.local);
            plan.status = ExitStatus::No;
        }
        Ok(())
    })?;
    if plan.is_list || args.files.is_empty() {
        plan.is_list = true;
        let mut known = resolve::all_paths(session)?;
        let unknown = selection.name_unknown(session, known.iter().cloned());
        known.retain(|path| selection.has(path) && !named.contains(path));
        let mut any = false;
        for path in &known {
            any |= add(session, &commits, ((at, cut), then), path, &mut plan, &mut clean)?;
        }
        plan.status = plan.status.and(unknown);
        if !any && unknown == ExitStatus::Done {
            let text = format!("there is no snapshot at or before {}", at.local.for_people());
            return Err(NothingFound(text).into());
        }
    }
    if let Some(head) = then.and_then(|line| line.head.as_deref())
        && !clean.is_empty()
    {
        session.term.clean_then(&clean, head);
        plan.status = if named.is_empty() { plan.status } else { ExitStatus::No };
    }
    plan.is_asked = then.is_some_and(|line| line.branch.is_some() && line.branch != branch);
    Ok(plan)
}

/// Adds what was live of a file, or the file to those that were as HEAD had them; whether it was either.
fn add(
    session: &Session,
    commits: &Commits<'_>,
    ((at, cut), then): ((Moment, Option<usize>), Option<&Line>),
    path: &RepoPath,
    plan: &mut RestorePlan,
    clean: &mut Vec<RepoPath>,
) -> Result<bool> {
    let versions = resolve::versions_of(session, path);
    if let Some(version) = commits.live(path, &versions, (at.instant, cut)) {
        match Put::of(session, version.clone()) {
            Ok(Some(put)) => plan.puts.push(put),
            Ok(None) if plan.is_list => {}
            Ok(None) => session.term.already(&version),
            Err(error) => {
                session.term.cannot_restore(&version, &error);
                plan.status = ExitStatus::No;
            }
        }
        return Ok(true);
    }
    let blob = then.and_then(|line| commits.blob_of(line.head.as_deref()?, path));
    let Some(blob) = blob else { return Ok(false) };
    let present = session.present(path).ok().flatten();
    let present = present.map(|bytes| session.store.objects.hash(&bytes)).transpose()?;
    if present.is_none_or(|id| id.to_string() != blob) {
        clean.push(path.clone());
    }
    Ok(true)
}
