//! The hooks, and the folder that Git takes them from.

use std::path::Path;

use anyhow::Result;

use super::{CheckState, Good, Outcome, Problem, managers};
use crate::git::command::Git;
use crate::git::config::{entries, fsmonitor};
use crate::git::repository::Repository;
use crate::model::check::Check;
use crate::model::hook::name::HookName;
use crate::setup::hook_files::folder;
use crate::setup::hook_files::folder::HooksFolder;
use crate::setup::hook_files::{Health, HookFile, Obstacle, program};

/// Looks at the folder and then at each hook in it.
pub fn look(repository: &Repository) -> Vec<Outcome> {
    look_at(repository, folder::find(repository), &HookName::ALL)
}

fn look_at(
    repository: &Repository,
    found: Result<HooksFolder>,
    names: &[HookName],
) -> Vec<Outcome> {
    let check = Check::HooksPath;
    let (folder, is_ours) = match found {
        Ok(HooksFolder::Ours(folder)) => (folder, true),
        Ok(HooksFolder::Managed(folder)) => (folder, false),
        Ok(HooksFolder::Outside(setting)) => {
            let own = folder::default(repository);
            return vec![Outcome::bad(check, Problem::HooksElsewhere { setting, own })];
        }
        Err(error) => return vec![Outcome::bad(check, Problem::Unseen(error))],
    };
    let mut outcomes = vec![Outcome::good(check, Good::HooksPath(folder.clone()))];
    for &name in names {
        outcomes
            .push(Outcome::of(Check::Hook(name), hook(&repository.top, &folder, name, is_ours)));
    }
    outcomes
}

/// Which hooks in the configuration run before our first look at a commit, if any do: none where there is the guard.
pub fn order(repository: &Repository) -> Option<Outcome> {
    let git = repository.git();
    let is_guarded = fsmonitor::read(&git).is_ok_and(|monitor| monitor.is_guard());
    if is_guarded || !entries::are_known(&git).unwrap_or(false) {
        return None;
    }
    let before = entries::at(&git, HookName::PreCommit).map(|mut all| {
        let ours = all.iter().position(|entry| entry.is_ours(HookName::PreCommit));
        all.truncate(ours.unwrap_or(all.len()));
        all
    });
    match before {
        Ok(all) if all.is_empty() => None,
        Ok(all) => Some(Outcome::bad(Check::HookOrder, Problem::Before(all))),
        Err(error) => Some(Outcome::bad(Check::HookOrder, Problem::Unseen(error))),
    }
}

/// Whether it is certain that no hook of ours runs before a commit. One that is edited or of another version
/// does, and for a program that is gone there may be another on the `PATH`. Git is asked where its hooks are if
/// it `is_sent_elsewhere`.
pub fn leave_commits_alone(repository: &Repository, is_sent_elsewhere: bool) -> bool {
    let folder = match is_sent_elsewhere {
        true => folder::find(repository),
        false => Ok(folder::without_setting(repository)),
    };
    look_at(repository, folder, &[HookName::PreCommit]).iter().any(|outcome| match &outcome.state {
        CheckState::Bad(Problem::HooksElsewhere { setting, .. }) => {
            let folder = repository.top.join(&setting.folder);
            let hook = HookFile::new(folder, HookName::PreCommit);
            !matches!(hook.health_managed(), Ok(Health::RunsUs))
        }
        CheckState::Bad(Problem::Hook { hook, health, .. }) if hook.name == HookName::PreCommit => {
            match health {
                Health::Absent | Health::NotExecutable | Health::Foreign => true,
                Health::Refused(obstacle) => *obstacle != Obstacle::Edited,
                _ => false,
            }
        }
        _ => false,
    })
}

fn hook(top: &Path, folder: &Path, name: HookName, is_ours: bool) -> Result<CheckState> {
    let hook = HookFile::new(folder, name);
    let health = if is_ours { hook.health() } else { hook.health_managed() }?;
    if let (Health::Foreign, Some(manager)) = (&health, managers::listing(top, name)) {
        return Ok(CheckState::Good(Good::Listed(manager)));
    }
    if health == Health::Absent && entries::is_global(&Git::new(top), name)? {
        return Ok(CheckState::Good(Good::ForAll));
    }
    if health == Health::Absent && is_left_out(top, folder, name) {
        return Ok(CheckState::Good(Good::LeftOut(name)));
    }
    if matches!(health, Health::Works | Health::RunsUs) {
        return Ok(CheckState::Good(Good::Hook(health)));
    }
    Ok(CheckState::Bad(Problem::Hook { hook, health, program: program::path()? }))
}

/// Without the hook at staging time the others do their job alone: a user who installed them alone wants that,
/// and husky runs no such hook. A hook manager's list has two of them.
fn is_left_out(top: &Path, folder: &Path, name: HookName) -> bool {
    let pre_commit = HookFile::new(folder, HookName::PreCommit).health();
    match name {
        HookName::PostIndexChange => !matches!(pre_commit, Ok(Health::Absent)),
        HookName::PostCheckout => {
            matches!(pre_commit, Ok(Health::Foreign))
                && managers::listing(top, HookName::PreCommit).is_some()
        }
        HookName::PreCommit | HookName::PostCommit => false,
    }
}
