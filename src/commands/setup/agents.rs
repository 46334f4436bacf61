//! `git bak install --agent` and `git bak uninstall --agent`: git-bak in the settings of coding agents. Needs no
//! repository, unless the settings are those that a project shares.
//!
//! Each agent is done for itself: one whose settings can't be edited is named, and the others go on.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::exit_status::{ExitStatus, UsageError};
use crate::git::command::Git;
use crate::git::config;
use crate::git::repository::Repository;
use crate::model::agents::agent_name::AgentName;
use crate::model::names::quote;
use crate::model::settings::Settings;
use crate::setup::agents::{self, AgentChange, AgentFile};
use crate::setup::hook_files::program;
use crate::term::Term;

/// Which agents, and where.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct AgentArgs {
    /// These coding agents: claude, codex, gemini, cursor, copilot, opencode
    ///
    /// git-bak then copies the files at risk before each step of the agent
    #[arg(long = "agent", value_name = "NAME", value_delimiter = ',', num_args = 1..)]
    pub named: Vec<AgentName>,

    /// Every coding agent that is found
    #[arg(long = "agents")]
    pub found: bool,

    /// Use the agent settings that the project shares, instead of your own
    #[arg(long)]
    pub shared: bool,
}

impl AgentArgs {
    pub fn is_any(&self) -> bool {
        self.found || self.shared || !self.named.is_empty()
    }

    fn chosen(&self) -> Result<Vec<AgentName>> {
        if !self.found && self.named.is_empty() {
            return Err(UsageError("--shared goes with --agent NAME or --agents".to_owned()).into());
        }
        let is_chosen = |agent: &AgentName| {
            self.named.contains(agent) || self.found && agents::is_found(*agent)
        };
        Ok(AgentName::ALL.into_iter().filter(is_chosen).collect())
    }

    fn file(&self, agent: AgentName) -> Result<AgentFile> {
        match self.shared {
            true => Ok(AgentFile::shared(agent, &Repository::discover(&here()?)?.top)),
            false => AgentFile::own(agent),
        }
    }
}

pub fn install(args: &AgentArgs) -> Result<ExitStatus> {
    let (term, chosen) = (term()?, args.chosen()?);
    if chosen.is_empty() {
        term.no_agents();
        return Ok(ExitStatus::No);
    }
    let program = quote::shell_argument(&program::path()?);
    let mut status = ExitStatus::Done;
    for agent in chosen {
        let file = args.file(agent)?;
        match file.install(&program) {
            Ok(change) => term.agent_installed(&file, change),
            Err(error) => {
                term.agent_not_installed(&file, &file.command(&program), &error);
                status = ExitStatus::No;
            }
        }
    }
    Ok(status)
}

pub fn uninstall(args: &AgentArgs) -> Result<ExitStatus> {
    let (term, mut chosen) = (term()?, args.chosen()?);
    if args.found {
        // One that is gone may have left its settings.
        chosen = AgentName::ALL.to_vec();
    }
    let (mut status, mut nothing) = (ExitStatus::Done, true);
    for agent in chosen {
        let file = args.file(agent)?;
        match file.uninstall() {
            Ok(AgentChange::Nothing) if args.found => continue,
            Ok(change) => term.agent_removed(&file, change),
            Err(error) => {
                term.agent_not_removed(&file, &error);
                status = ExitStatus::No;
            }
        }
        nothing = false;
    }
    if nothing {
        term.no_agent_installed();
    }
    Ok(status)
}

pub fn is_in_repository() -> bool {
    here().is_ok_and(|cwd| Repository::discover(&cwd).is_ok())
}

fn here() -> Result<PathBuf> {
    std::env::current_dir().context("the current directory can't be read")
}

fn term() -> Result<Term> {
    let (settings, _) = Settings::read(&config::read(&Git::new(here()?))?);
    Ok(Term::of_command(&settings))
}
