//! The hooks: one file each with the order of its steps.
//!
//! What is the same for all: nothing is printed to standard output, nothing of ours can make Git fail
//! (pre-commit under `bak.onError=block` apart), and the user's own hook runs after ours with the same
//! arguments, standard input and environment, and its exit status is what Git gets.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;

use crate::git::repository::Repository;
pub use crate::model::hook::name::HookName as Hook;
use crate::model::now::Now;
use crate::model::settings::Settings;
use crate::model::settings::config_entry::{ConfigEntry, SettingProblem};
use crate::os::process;
use crate::setup::{hook_files, remembered};
use crate::term::Term;

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
}

/// Runs a hook; the result is the exit status for Git.
pub fn run(run: &Run) -> i32 {
    process::survive_file_size_limit();
    let repository = match Repository::of_hook() {
        Ok(repository) => repository,
        Err(error) => {
            Term::of_hook(&Settings::default()).hook_failed(run.hook.name(), &error);
            None
        }
    };
    let chained = hook_files::chained(run.hook.name(), repository.as_ref());
    if chained.as_deref().is_some_and(chained::is_loop) {
        // The user's hook has led back to us: both have run already.
        return 0;
    }
    match repository {
        Some(repository) if !is_off() => match run.hook {
            Hook::PreCommit => pre_commit::run(run, repository, chained.as_deref()),
            Hook::PostCommit => {
                post_commit::run(run, repository);
                hand_over(run, chained)
            }
            Hook::PostIndexChange => {
                post_index_change::run(run, repository);
                hand_over(run, chained)
            }
            Hook::PostCheckout => {
                post_checkout::run(run, repository);
                hand_over(run, chained)
            }
        },
        _ => hand_over(run, chained),
    }
}

/// `GIT_BAK=0`: off for one command.
fn is_off() -> bool {
    std::env::var("GIT_BAK")
        .is_ok_and(|value| ["0", "false", "no", "off"].contains(&value.as_str()))
}

fn hand_over(run: &Run, chained: Option<PathBuf>) -> i32 {
    chained.map_or(0, |hook| chained::hand_over(run, &hook))
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
