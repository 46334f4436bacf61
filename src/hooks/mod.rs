//! The hooks: one file each with the order of its steps.
//!
//! - `post_index_change`, `pre_commit`, `post_commit`, `post_checkout`: Git's; `guard`: what `core.fsmonitor` starts; `agent`: what
//!   a coding agent starts;
//! - `asking`: settings and files at risk, asked for at the same time; `chained`: the user's own hook; `fold`: starting a fold.
//!
//! What is the same for all: nothing is printed to standard output, nothing of ours can make Git fail
//! (pre-commit under `bak.onError=block` apart), and the user's own hook runs after ours with the same
//! arguments, standard input and environment, and its exit status is what Git gets.
//!
//! **The script decides** (`hooks/`): it starts this program and believes nothing but three statuses that nothing
//! else ends with, no signal, no shell and no empty file. After every other one it goes on as if we had never been
//! there, so that no death of ours is Git's. It starts the user's own hook itself: what that ends with can't be taken
//! for a word of ours, and it runs once, whenever we die. Where it is a link to this program that Git starts, or a
//! line in a hook manager's list, the status is the user's hook's or 0, and 1 stops the commit.

use std::ffi::OsString;

use anyhow::Result;

use crate::git::repository::Repository;
pub use crate::model::hook::name::HookName as Hook;
use crate::model::now::Now;
use crate::model::settings::Settings;
use crate::model::settings::config_entry::{ConfigEntry, SettingProblem};
use crate::os::process;
use crate::setup::{hook_files, remembered};
use crate::term::Term;

pub mod agent;
mod asking;
mod chained;
mod fold;
pub mod guard;
mod post_checkout;
mod post_commit;
mod post_index_change;
mod pre_commit;

#[derive(Debug)]
pub struct Run {
    pub hook: Hook,
    pub args: Vec<OsString>,
    /// The one reading of the clock.
    pub now: Now,
    pub asked: Asked,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Git, a hook manager or a person: the user's own hook is ours to run.
    Plainly,
    ByScript,
    /// An entry in the configuration: before any hook file.
    ByEntry,
    /// The guard, which Git asks before the first hook of all.
    ByGuard,
    /// The script of pre-commit, once the user's own hook has ended with this status.
    Afterwards(i32),
}

/// What a script is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// Done: the user's own hook is next.
    Done = 10,
    /// Stop the commit (`bak.onError=block`).
    Stop = 11,
    /// Done, and so is the user's own hook.
    AllDone = 12,
}

/// Runs a hook; the result is the exit status for the caller.
pub fn run(run: &Run) -> i32 {
    process::survive_file_size_limit();
    let repository = match Repository::of_hook() {
        Ok(repository) => repository,
        Err(error) => {
            Term::of_hook(&Settings::default()).hook_failed(run.hook.name(), &error);
            None
        }
    };
    match run.asked {
        Asked::Plainly => plainly(run, repository),
        Asked::ByScript => by_script(run, repository) as i32,
        Asked::ByEntry | Asked::ByGuard => match ours(run, repository) {
            Err(Stop) => Reply::Stop as i32,
            Ok(_) => Reply::Done as i32,
        },
        Asked::Afterwards(status) => {
            if let Some(repository) = repository.filter(|_| !is_off()) {
                pre_commit::afterwards(run, repository, status);
            }
            Reply::Done as i32
        }
    }
}

fn by_script(run: &Run, repository: Option<Repository>) -> Reply {
    let is_done = match hook_files::told(run.hook.name()) {
        Some(told) if chained::is_loop(&told.chained) => return Reply::AllDone,
        told => told.is_some_and(|told| told.is_superseded()),
    };
    match ours(run, repository) {
        Err(Stop) => Reply::Stop,
        Ok(_) if is_done => Reply::AllDone,
        Ok(_) => Reply::Done,
    }
}

fn plainly(run: &Run, repository: Option<Repository>) -> i32 {
    let chained = hook_files::chained(run.hook.name(), repository.as_ref());
    if chained.as_deref().is_some_and(chained::is_loop) {
        // The user's hook has led back to us: both have run already.
        return 0;
    }
    let Ok(protected) = ours(run, repository) else { return 1 };
    match (chained, protected) {
        (None, _) => 0,
        (Some(hook), None) => chained::hand_over(run, &hook),
        (Some(hook), Some(protected)) => {
            let status = chained::run(run, &hook);
            protected.after_chained_hook(status);
            status
        }
    }
}

/// The commit must not go on.
struct Stop;

/// Our part; what to look at again after the user's own hook.
fn ours(run: &Run, repository: Option<Repository>) -> Result<Option<pre_commit::Protected>, Stop> {
    let Some(repository) = repository.filter(|_| !is_off()) else { return Ok(None) };
    match run.hook {
        Hook::PreCommit => return pre_commit::run(run, repository),
        Hook::PostCommit => post_commit::run(run, repository),
        Hook::PostIndexChange => post_index_change::run(run, repository),
        Hook::PostCheckout => post_checkout::run(run, repository),
    }
    Ok(None)
}

/// `GIT_BAK=0`: off for one command.
fn is_off() -> bool {
    std::env::var("GIT_BAK")
        .is_ok_and(|value| ["0", "false", "no", "off"].contains(&value.as_str()))
}

/// The settings as Git reads them.
fn read_settings(
    repository: &Repository,
    now: &Now,
) -> Result<(Vec<ConfigEntry>, Settings, Vec<SettingProblem>)> {
    let entries = remembered::read(repository, now)?;
    let (settings, problems) = Settings::read(&entries);
    Ok((entries, settings, problems))
}
