//! What is said of coding agents.

use super::{Mark, Term, path_word};
use crate::model::agents::agent_name::AgentName;
use crate::setup::agents::{self, AgentChange, AgentFile};

impl Term {
    pub fn agent_installed(&self, file: &AgentFile, change: AgentChange) {
        let (agent, path) = (file.row.agent, path_word(&file.path));
        let text = match change {
            AgentChange::Already => format!("already installed: {agent} ({path})"),
            AgentChange::Updated => format!("updated: {agent} starts this git-bak ({path})"),
            _ => format!("installed: {agent} asks git-bak before each step ({path})"),
        };
        self.say(Mark::Done, &text);
        // It trusts a hook by what it says: one that is new to it has to be looked at, whatever was there before.
        if !agents::is_trusted(file)
            || file.row.agent == AgentName::Codex && change != AgentChange::Already
        {
            self.say(Mark::Note, &still_to_be_trusted(file));
        }
        if file.is_shared && change == AgentChange::Installed {
            let text = format!("{path} is for everybody who has git-bak on their PATH: commit it");
            self.say(Mark::Note, &text);
        }
    }

    /// Settings that are left as they are, why, and what helps.
    pub fn agent_not_installed(&self, file: &AgentFile, command: &str, error: &anyhow::Error) {
        let (name, path) = (file.row.agent.name(), path_word(&file.path));
        let text = format!(
            "{path} is left as it is: {error:#}; mend that, then 'git bak install --agent {name}', or add a hook \
             that runs: {command}"
        );
        self.say(Mark::Failed, &text);
    }

    pub fn no_agents(&self) {
        self.say(Mark::Failed, "no coding agent was found here: git bak install --agent NAME");
    }

    pub fn agent_removed(&self, file: &AgentFile, change: AgentChange) {
        let (agent, path) = (file.row.agent, path_word(&file.path));
        let text = match change {
            AgentChange::Restored => format!("removed from {agent}: {path} is as it was before"),
            AgentChange::Nothing => format!("nothing of git-bak's is in {path}"),
            _ => format!("removed from {agent}: what was edited since in {path} stays"),
        };
        self.say(Mark::Done, &text);
    }

    /// Settings that are left as they are, and why.
    pub fn agent_not_removed(&self, file: &AgentFile, error: &anyhow::Error) {
        let path = path_word(&file.path);
        let text = format!("{path} is left as it is: {error:#}; take git-bak's hook out by hand");
        self.say(Mark::Failed, &text);
    }

    pub fn no_agent_installed(&self) {
        self.say(Mark::Done, "nothing of git-bak's is in any agent's settings");
    }
}

/// What an agent still asks of its user.
pub fn still_to_be_trusted(file: &AgentFile) -> String {
    format!("{} runs it only once you trust it: type /hooks there", file.row.agent)
}
