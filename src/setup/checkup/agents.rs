//! The coding agents that are found here: which ask git-bak before each step, and which don't. One that doesn't is no
//! problem in itself; one that is set up to, and can't, is.

use std::path::Path;

use super::{Good, Outcome, Problem};
use crate::model::agents::agent_name::AgentName;
use crate::model::check::Check;
use crate::setup::agents::{self, AgentFile};
use crate::setup::hook_files::missing;

pub fn look(top: &Path) -> Vec<Outcome> {
    AgentName::ALL.into_iter().filter_map(|agent| of_agent(agent, top)).collect()
}

/// How it stands; `None` if it isn't used here.
fn of_agent(agent: AgentName, top: &Path) -> Option<Outcome> {
    let check = Check::Agent;
    let files = [AgentFile::own(agent).ok(), Some(AgentFile::shared(agent, top))];
    let installed = files.into_iter().flatten().find_map(|file| Some((file.installed()?, file)));
    let Some((command, file)) = installed else {
        let good = Good::Agent { agent, covered: false };
        return agents::is_found(agent).then(|| Outcome::good(check, good));
    };
    let words = format!("hook agent {}", agent.name());
    Some(match missing(command.as_bytes(), &words) {
        Some(gone) => Outcome::bad(check, Problem::AgentProgram { file, gone }),
        None if !agents::is_trusted(&file) => Outcome::bad(check, Problem::AgentUntrusted(file)),
        None => Outcome::good(check, Good::Agent { agent, covered: true }),
    })
}
