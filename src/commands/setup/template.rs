//! `git bak install --template` and `git bak uninstall --template`: the hooks for every repository to
//! come. Needs no repository.
//!
//! The order: what can't be done is found before anything is written; the ignore block, for from the setting on Git
//! copies what is there; the setting, and where it can't be written all is as it was; then the shims. Taking it out
//! goes the other way round.

use anyhow::{Context, Result};

use super::install::InstallArgs;
use super::shims::{self, Shims};
use crate::exit_status::ExitStatus;
use crate::git::command::Git;
use crate::git::config;
use crate::git::config::template_dir;
use crate::model::hook::name::HookName;
use crate::model::settings::Settings;
use crate::setup::alone::{Alone, alone_in};
use crate::setup::template::Template;
use crate::term::Term;

pub fn install(args: &InstallArgs) -> Result<ExitStatus> {
    let (git, term) = open()?;
    let shims = Shims::new(&term, args.force)?;
    Template::find(&git)?.make()?;
    let (template, _alone) = alone_with(&git)?;
    template.make()?;
    let (chosen, others) = args.chosen();
    let plans = chosen.into_iter().map(|name| shims.plan(template.hook(name))).collect();
    template.prepare(&git, !args.no_guard)?;
    let own = template.own_value.as_deref().filter(|_| !template.is_set);
    if let Some(value) = own
        && let Err(error) = template_dir::set(&git, value)
    {
        template.clean(&git)?;
        return Err(error);
    }
    let status = shims.carry_out(plans, Some(&template.folder));
    let others = others.into_iter().map(|name| template.hook(name));
    let status = status.and(shims::take_out_others(others, &term));
    term.template_installed(&template, own);
    Ok(status)
}

pub fn uninstall() -> Result<ExitStatus> {
    let (git, term) = open()?;
    let (template, _alone) = alone_with(&git)?;
    let unset = template.is_set && template.own_value.is_some();
    if unset {
        template_dir::unset(&git)?;
    }
    let (removed, status) = shims::take_out(HookName::ALL.map(|name| template.hook(name)), &term);
    let more = template.clean(&git)?;
    term.template_removed(&template.folder, &removed, more, unset);
    Ok(status)
}

/// The template, as it is once no other process is at work there.
fn alone_with(git: &Git) -> Result<(Template, Alone)> {
    let alone = alone_in(&Template::find(git)?.folder);
    Ok((Template::find(git)?, alone))
}

pub(super) fn open() -> Result<(Git, Term)> {
    let cwd = std::env::current_dir().context("the current directory can't be read")?;
    let git = Git::new(cwd);
    let (settings, _) = Settings::read(&config::read(&git)?);
    Ok((git, Term::of_command(&settings)))
}
