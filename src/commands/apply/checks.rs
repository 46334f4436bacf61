//! Whether it can be done: the rehearsal on copies, what stands in the way, the validate command. Nothing
//! here changes a file.

use std::collections::HashSet;

use anyhow::{Result, bail};

use super::artifacts::{Artifacts, Wishes};
use crate::backups::Store;
use crate::cli::ApplyArgs;
use crate::commands::Session;
use crate::commands::upgrade::{self, Stopped};
use crate::git::commit;
use crate::git::survey::pathspec::{SurveyOptions, pathspecs};
use crate::git::survey::standing::Standing;
use crate::git::survey::{committed, standing};
use crate::git::worktree::scratch_worktree::LOCAL_ENV;
use crate::model::names::repo_path::RepoPath;
use crate::model::transaction::State;
use crate::os::child;
use crate::os::platform::path_from_bytes;
use crate::transaction::rehearsal;
use crate::transaction::rehearsal::Rehearsal;

/// Why nothing was begun, and the files it was about.
pub struct Refused {
    /// Which step failed, and why.
    pub stopped: Stopped,
    pub files: Vec<RepoPath>,
}

/// Finds out whether all of it can be done; changes nothing.
pub fn validate(
    session: &Session,
    args: &ApplyArgs,
    artifacts: &Artifacts,
    wishes: &Wishes,
) -> Result<Rehearsal, Refused> {
    let refused = |error: &anyhow::Error, files: &[RepoPath]| Refused {
        stopped: Stopped::by("validate", error),
        files: files.to_vec(),
    };
    let rehearsal = rehearsal::rehearse(&session.store, &artifacts.patches)
        .map_err(|error| refused(&error, &[]))?;
    let files: Vec<RepoPath> =
        rehearsal.touched.iter().map(|touched| touched.path.clone()).collect();
    may_change(session, &rehearsal)
        .and_then(|()| may_commit(session, args, wishes, &files))
        .map_err(|error| refused(&error, &files))?;
    session.earlier_failures(&files);
    let Some(line) = &wishes.validate else { return Ok(rehearsal) };
    let whole = rehearsal::whole(&session.store, &rehearsal);
    let whole = whole.map_err(|error| refused(&error, &files))?;
    let mut command = child::shell(line);
    command.current_dir(&whole.worktree.path);
    for key in LOCAL_ENV {
        command.env_remove(key);
    }
    upgrade::run_command(session, ("validate", "Validate", line), command)
        .map_err(|stopped| Refused { stopped, files })?;
    Ok(rehearsal)
}

/// An error if a file is staged in a version of its own, or would not be backed up.
fn may_change(session: &Session, rehearsal: &Rehearsal) -> Result<()> {
    let store = &session.store;
    let paths: Vec<RepoPath> = rehearsal.touched.iter().map(|it| it.path.clone()).collect();
    for (path, standing) in standing::of(&store.repository.git(), &paths)? {
        let path = session.term.path(&path);
        match standing {
            Standing::StagedDifferently => bail!(
                "{path}: what is staged is another version than the file: commit it, stage the \
                 file, or git restore --staged it"
            ),
            Standing::Unmerged => bail!("{path}: a merge has left it unresolved: resolve it first"),
            Standing::Edited | Standing::Untracked => {}
        }
    }
    let there = rehearsal.touched.iter().filter(|it| matches!(it.before, State::File { .. }));
    let there: Vec<RepoPath> = there.map(|touched| touched.path.clone()).collect();
    match left_out(session, &there)?.first() {
        Some(path) => {
            let path = session.term.path(path);
            bail!("{path}: it is excluded by bak.exclude, and could not be put back");
        }
        None => Ok(()),
    }
}

/// Those of `paths` that the settings leave out.
fn left_out(session: &Session, paths: &[RepoPath]) -> Result<Vec<RepoPath>> {
    let exclude = &session.store.settings.exclude;
    if exclude.is_empty() || paths.is_empty() {
        return Ok(Vec::new());
    }
    let only = paths.iter().map(|path| [b":(top,literal)", path.as_bytes()].concat()).collect();
    let specs =
        pathspecs(&SurveyOptions { only, exclude: exclude.clone(), ..SurveyOptions::default() });
    let args = ["ls-files", "-z", "--cached", "--others", "--"].map(std::ffi::OsString::from);
    let specs = specs.iter().map(|spec| path_from_bytes(spec).into_os_string());
    let listed = session.store.repository.git().output(args.into_iter().chain(specs))?;
    let listed: HashSet<&[u8]> = listed.split(|&byte| byte == 0).collect();
    Ok(paths.iter().filter(|path| !listed.contains(path.as_bytes())).cloned().collect())
}

/// An error if a commit of these files would take more than the upgrade, or could not be made.
fn may_commit(
    session: &Session,
    args: &ApplyArgs,
    wishes: &Wishes,
    paths: &[RepoPath],
) -> Result<()> {
    if wishes.commit.is_none() {
        return Ok(());
    }
    let repository = &session.store.repository;
    if let Some(reason) = commit::obstacle(repository) {
        bail!("no commit can be made now: {reason}");
    }
    upgrade::none_skipped(session, paths)?;
    if args.include_dirty {
        return Ok(());
    }
    let Store { objects, refs, .. } = &session.store;
    let standing = standing::of(&repository.git(), paths)?;
    // Whatever Git was told about it; an ignored file is as new to a commit as an untracked one.
    let differing = committed::differing(repository, objects, refs.head()?, paths)?;
    let dirty = |path: &&RepoPath| standing.contains_key(path) || differing.contains(path);
    match paths.iter().find(dirty) {
        Some(path) => {
            let path = session.term.path(path);
            bail!(
                "{path}: it has edits that would be committed too: commit them first, or use \
                 --include-dirty"
            )
        }
        None => Ok(()),
    }
}
