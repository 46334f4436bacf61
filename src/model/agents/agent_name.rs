//! The coding agents that git-bak can be put into.

use std::fmt;
use std::str::FromStr;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentName {
    Claude,
    Codex,
    Gemini,
    Cursor,
    Copilot,
    Opencode,
}

impl AgentName {
    pub const ALL: [Self; 6] =
        [Self::Claude, Self::Codex, Self::Gemini, Self::Cursor, Self::Copilot, Self::Opencode];

    /// What it is called on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::Codex => "codex",
            Self::Gemini => "gemini",
            Self::Cursor => "cursor",
            Self::Copilot => "copilot",
            Self::Opencode => "opencode",
        }
    }
}

impl fmt::Display for AgentName {
    /// What its makers call it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Claude => "Claude Code",
            Self::Codex => "Codex",
            Self::Gemini => "Gemini CLI",
            Self::Cursor => "Cursor",
            Self::Copilot => "Copilot CLI",
            Self::Opencode => "opencode",
        })
    }
}

impl FromStr for AgentName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || format!("not one of {}", Self::ALL.map(Self::name).join(", "));
        Self::ALL.into_iter().find(|agent| agent.name() == text).ok_or_else(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_and_another_refused_with_those_there_are() {
        for agent in AgentName::ALL {
            assert_eq!(agent.name().parse(), Ok(agent));
        }
        for text in ["", "Claude", "claude ", "aider"] {
            let error = text.parse::<AgentName>().unwrap_err();
            assert_eq!(error, "not one of claude, codex, gemini, cursor, copilot, opencode");
        }
    }
}
