//! `git bak uninstall`: the guard and our shims out, the user's hooks back, the ignore block out.
//!
//! The ignore block goes last: while there are hooks there may be new backups. Backups, vault and the
//! setting that hides our refs stay.

use anyhow::Result;

use super::{install, shims};
use crate::backups::{ignore_block, outstanding};
use crate::commands::Session;
use crate::exit_status::ExitStatus;
use crate::git::config::fsmonitor::ConfigPlace;
use crate::git::config::{fsmonitor, section};
use crate::git::repository::Repository;
use crate::git::worktree::submodules;
use crate::model::hook::name::HookName;
use crate::setup::alone::alone_in;
use crate::setup::hook_files::HookFile;
use crate::setup::hook_files::folder;
use crate::setup::hook_files::folder::HooksFolder;
use crate::term::Term;

pub fn run(session: &Session) -> Result<ExitStatus> {
    let status = take_out(&session.store.repository, &session.term)?;
    // What can't be counted is no reason to fail: the hooks are out.
    let backups = outstanding::everywhere(&session.store);
    session.term.what_is_left(
        backups.map_or(0, |backups| backups.len()),
        session.store.records.all().snapshots(),
    );
    Ok(status)
}

/// Takes out what install put in, in the submodules, too.
fn take_out(repository: &Repository, term: &Term) -> Result<ExitStatus> {
    let mut status = take_out_here(repository, term)?;
    for submodule in submodules::checked_out(repository) {
        term.in_submodule(&submodule.top);
        status = status.and(take_out(&submodule, term)?);
    }
    Ok(status)
}

fn take_out_here(repository: &Repository, term: &Term) -> Result<ExitStatus> {
    let _alone = alone_in(&repository.common_dir);
    let guard = fsmonitor::remove(&repository.git(), ConfigPlace::Repository)?;
    if section::take_out(&install::config_file(repository))? {
        term.entry_removed();
    }
    let (removed, status) = shims::take_out(hooks(repository)?, term);
    let block = ignore_block::remove(repository)?;
    term.hooks_removed(&removed, guard, block);
    Ok(status)
}

/// Every hook that may be ours. The usual folder too: the setting may be newer than the shims there.
fn hooks(repository: &Repository) -> Result<Vec<HookFile>> {
    let mut folders = vec![folder::default(repository)];
    match folder::find(repository)? {
        HooksFolder::Ours(folder) | HooksFolder::Managed(folder) if !folders.contains(&folder) => {
            folders.push(folder);
        }
        _ => {}
    }
    let of_folder = |folder| HookName::ALL.map(|name| HookFile::new(folder, name));
    Ok(folders.iter().flat_map(of_folder).collect())
}
