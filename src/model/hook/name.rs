//! The Git hooks that git-bak has a part in.

use std::fmt;
use std::str::FromStr;

/// A Git hook that git-bak has a part in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HookName {
    /// After the index was written: the snapshot at staging time.
    PostIndexChange,
    /// Before a commit: the snapshot.
    PreCommit,
    /// After a commit: clean-up and audit.
    PostCommit,
    /// After a checkout: retiring what the new branch doesn't have.
    PostCheckout,
}

impl HookName {
    /// All of them, in the order in which staging, a commit and then a checkout run them.
    pub const ALL: [Self; 4] =
        [Self::PostIndexChange, Self::PreCommit, Self::PostCommit, Self::PostCheckout];

    /// The name of the file that Git runs.
    pub fn name(self) -> &'static str {
        match self {
            Self::PostIndexChange => "post-index-change",
            Self::PreCommit => "pre-commit",
            Self::PostCommit => "post-commit",
            Self::PostCheckout => "post-checkout",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hook| hook.name() == name)
    }
}

impl fmt::Display for HookName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for HookName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || format!("not one of {}", Self::ALL.map(Self::name).join(", "));
        Self::named(text).ok_or_else(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_printed() {
        for name in HookName::ALL {
            assert_eq!(name.to_string().parse(), Ok(name));
        }
    }

    #[test]
    fn other_names_are_refused_with_those_there_are() {
        for text in ["", "Pre-Commit", "pre-commit ", "pre-push", "pre-commit.sample"] {
            let error = text.parse::<HookName>().unwrap_err();
            assert_eq!(
                error,
                "not one of post-index-change, pre-commit, post-commit, post-checkout"
            );
        }
    }
}
