//! A failure: what the journal keeps of one try at a commit, an apply or a run that came to nothing.

use std::fmt;
use std::str::FromStr;

use crate::model::names::repo_path::RepoPath;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    Commit,
    /// `git bak apply`.
    Apply,
    /// `git bak run`.
    Run,
    /// `git bak undo`.
    Undo,
}

const NAMES: [(Tried, &str); 4] = [
    (Tried::Commit, "commit"),
    (Tried::Apply, "apply"),
    (Tried::Run, "run"),
    (Tried::Undo, "undo"),
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// When, in seconds since 1970.
    pub time: i64,
    /// The local time's offset from UTC then, in seconds east.
    pub offset: i32,
    pub tried: Tried,
    /// The step that failed: `validate`, `apply`, `reload`, `test`, `commit`, `interrupted`, or a hook.
    pub step: String,
    /// The exit status of what failed, 128 and more for a signal; `None` where nothing was run.
    pub status: Option<i32>,
    pub files: Vec<RepoPath>,
    /// The tail of what was printed, without secrets; at most 64 KiB.
    pub output: Vec<u8>,
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(NAMES.iter().find(|(known, _)| known == self).map_or("", |(_, name)| name))
    }
}

impl FromStr for Tried {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let known = NAMES.iter().find(|(_, known)| *known == name);
        known.map(|(tried, _)| *tried).ok_or_else(|| anyhow::anyhow!("unknown word '{name}'"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back_as_what_it_was() {
        for (tried, name) in NAMES {
            assert_eq!(tried.to_string(), name);
            assert_eq!(name.parse::<Tried>().unwrap(), tried);
        }
        assert!("Commit".parse::<Tried>().is_err());
    }
}
