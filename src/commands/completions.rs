//! completions: a shell's completion script, to standard output.

use anyhow::Result;
use clap::ValueEnum;

use crate::exit_status::ExitStatus;
use crate::term;

/// A shell that there is a completion script for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Shell {
    /// For ~/.local/share/bash-completion/completions/git-bak, or to be sourced from ~/.bashrc
    Bash,
    /// For a file _git-bak in a folder of $fpath
    Zsh,
    /// For ~/.config/fish/completions/git-bak.fish
    Fish,
    /// For $PROFILE
    Powershell,
}

impl Shell {
    /// The script: it asks `complete`, so it stays right whatever the program learns.
    fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("../../install/completions/git-bak.bash"),
            Self::Zsh => include_str!("../../install/completions/_git-bak"),
            Self::Fish => include_str!("../../install/completions/git-bak.fish"),
            Self::Powershell => include_str!("../../install/completions/git-bak.ps1"),
        }
    }
}

/// Runs it.
pub fn run(shell: Shell) -> Result<ExitStatus> {
    term::print(shell.script().as_bytes())?;
    Ok(ExitStatus::Done)
}
