//! `git bak install`: the shims, the ignore block, and what keeps our refs from being fetched.
//!
//! The order: what can't be done is found before anything is written; then the ignore block, since the
//! first backup must be born ignored; the shims and the guard last, since from then on there are backups.
//! Hooks of ours that are not wanted any more go after those that are wanted have come.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::agents::AgentArgs;
use super::shims::{self, Planned, Shims};
use crate::backups::{ignore_block, location};
use crate::exit_status::ExitStatus;
use crate::git::config::fsmonitor;
use crate::git::config::fsmonitor::{ConfigPlace, Monitor};
use crate::git::config::{self, entries, section};
use crate::git::repository::Repository;
use crate::git::worktree::submodules;
use crate::model::hook::name::HookName;
use crate::model::settings::Settings;
use crate::os::sharing::adjust_folder;
use crate::setup::alone::alone_in;
use crate::setup::hook_files::folder;
use crate::setup::hook_files::folder::HooksFolder;
use crate::setup::hook_files::{HookFile, program};
use crate::term::Term;
use crate::vault::remote;

/// What `install` takes.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct InstallArgs {
    /// Install these hooks only, separated by commas, and remove git-bak's others; default: all four
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "post-index-change,pre-commit,post-commit,post-checkout",
        hide_default_value = true
    )]
    pub hooks: Vec<HookName>,

    /// Don't let Git ask git-bak before it overwrites or deletes files (core.fsmonitor)
    ///
    /// Then nothing is saved before reset --hard, checkout, restore, clean, stash and the like
    #[arg(long)]
    pub no_guard: bool,

    /// Let Git ask git-bak, as it does by default: takes back a --no-guard before it
    #[arg(long = "guard", hide = true, overrides_with = "no_guard")]
    pub with_guard: bool,

    /// Install for every repository that is cloned or created from now on, instead of this one
    ///
    /// Into the folder that init.templateDir names; if it isn't set, it is set to a new one
    #[arg(long)]
    pub template: bool,

    /// Keep a copy of the vault there, updated every 15 minutes at most: a URL or folder (bak.remote)
    ///
    /// What is sent: versions of files that Git doesn't ignore, with their names; commit ids, branches, the name of this
    /// machine and the path of the repository
    #[arg(long, value_name = "URL")]
    pub remote: Option<String>,

    /// Install into your own Git settings, for all repositories, before all other hooks (Git 2.54 or later)
    ///
    /// Nothing is written to .git/hooks then
    #[arg(long, conflicts_with = "template")]
    pub global: bool,

    /// Install even if an older <hook>.before-bak is in the way, or git-bak's hook was edited
    ///
    /// The file in the way is kept as <hook>.before-bak.1
    #[arg(long)]
    pub force: bool,

    #[command(flatten)]
    pub agents: AgentArgs,
}

impl InstallArgs {
    /// The hooks to install, and those to remove.
    pub fn chosen(&self) -> (Vec<HookName>, Vec<HookName>) {
        HookName::ALL.into_iter().partition(|name| self.hooks.contains(name))
    }
}

/// Installs here and in the submodules that are checked out: each has hooks and settings of its own.
pub fn run(repository: &Repository, settings: &Settings, args: &InstallArgs) -> Result<ExitStatus> {
    let mut status = here(repository, settings, args)?;
    for submodule in submodules::checked_out(repository) {
        Term::of_command(settings).in_submodule(&submodule.top);
        let (settings, _) = Settings::read(&config::read(&submodule.git())?);
        status = status.and(run(&submodule, &settings, args)?);
    }
    Ok(status)
}

fn here(repository: &Repository, settings: &Settings, args: &InstallArgs) -> Result<ExitStatus> {
    let term = Term::of_command(settings);
    let remote = args.remote.as_deref().map(|url| remote::checked(repository, url)).transpose()?;
    let _alone = alone_in(&repository.common_dir);
    let shims = Shims::new(&term, args.force)?;
    let (folder, is_ours) = match folder::find(repository)? {
        HooksFolder::Ours(folder) => (folder, true),
        HooksFolder::Managed(folder) => (folder, false),
        HooksFolder::Outside(setting) => {
            term.hooks_are_elsewhere(&setting, &folder::default(repository));
            return Ok(ExitStatus::No);
        }
    };
    let (chosen, others) = args.chosen();
    let hooks = chosen.into_iter().map(|name| HookFile::new(&folder, name));
    let plans = hooks.map(|hook| if is_ours { shims.plan(hook) } else { managed(hook) }).collect();
    let prepared = prepare(repository, &term);
    if is_ours {
        std::fs::create_dir_all(&folder)
            .map_err(|error| anyhow::anyhow!("{} can't be made: {error}", folder.display()))?;
        adjust_folder(&folder, repository.sharing);
    }
    let mut status = shims.carry_out(plans, None);
    if is_ours {
        let others = others.into_iter().map(|name| HookFile::new(&folder, name));
        status = status.and(shims::take_out_others(others, &term));
    }
    let is_guarded = guard(repository, &term, !args.no_guard)?;
    entry(repository, &term, !is_guarded && args.hooks.contains(&HookName::PreCommit))?;
    term.what_settings_mean(settings);
    if let Some(url) = remote {
        let args = ["config", "--local", "bak.remote", url.with_credentials()];
        repository.git().output(args).context("bak.remote was not set")?;
        term.will_be_pushed(&url);
    }
    // What can't be looked at now is looked at with each snapshot.
    if let Ok(elsewhere) = location::elsewhere(repository, settings) {
        term.lie_elsewhere(&elsewhere);
    }
    Ok(if prepared { status } else { ExitStatus::Failed })
}

fn managed(hook: HookFile) -> Planned {
    let plan = hook.plan_managed();
    (hook, plan)
}

/// Puts the guard in, unless another monitor keeps it out, or takes it out. Whether it is in.
fn guard(repository: &Repository, term: &Term, wanted: bool) -> Result<bool> {
    let git = repository.git();
    if !wanted {
        if fsmonitor::remove(&git, ConfigPlace::Repository)? {
            term.hooks_removed(&[], true, false);
        }
        return Ok(false);
    }
    let set = || {
        fsmonitor::set(&git, ConfigPlace::Repository, &program::path()?)
            .context("the guard was not installed")
    };
    match fsmonitor::read(&git)? {
        Monitor::Other { value, origin } => {
            if fsmonitor::is_daemon(&git, &value)? {
                set()?;
                if fsmonitor::read(&git)?.is_guard() {
                    term.guard_passes_on();
                    return Ok(true);
                }
                // The value of one working tree alone counts more.
                fsmonitor::remove(&git, ConfigPlace::Repository)?;
            }
            term.guard_stays_out(&value, &origin);
            return Ok(false);
        }
        Monitor::Guard { .. } if !fsmonitor::is_own(&git)? => term.guard_is_global(),
        monitor => {
            set()?;
            term.guard_installed(monitor.is_guard());
        }
    }
    Ok(true)
}

/// Hooks in the configuration, a formatter perhaps, run before any hook file: so does our look then, on a Git that
/// knows them, where there is no guard, which Git asks before all hooks. One for every repository does for this one,
/// too.
fn entry(repository: &Repository, term: &Term, wanted: bool) -> Result<()> {
    let (git, hook, file) = (repository.git(), HookName::PreCommit, config_file(repository));
    if !wanted || !entries::are_known(&git)? || entries::is_global(&git, hook)? {
        section::take_out(&file)?;
        return Ok(());
    }
    section::put(&file, &[entries::section(hook, &program::path()?)])?;
    term.entry_installed();
    Ok(())
}

/// The settings that all working trees of a repository share.
pub fn config_file(repository: &Repository) -> PathBuf {
    repository.common_dir.join("config")
}

/// What is needed besides the hooks. They protect files without it, so its failure stops nothing.
fn prepare(repository: &Repository, term: &Term) -> bool {
    let ignored = ignore_block::ensure(repository);
    if let Err(error) = &ignored {
        term.not_prepared(error);
    }
    ignored.is_ok()
}
