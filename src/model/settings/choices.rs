//! The settings that are one word out of a few (docs/reference.md, "Settings").

use std::fmt;
use std::str::FromStr;

use anyhow::{Error, Result, bail};

/// Makes an enum of words: each variant is read from, and printed as, exactly its word. Lower case
/// only, as Git's own settings of this kind are. The default is the variant that comes first.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            pub const WORDS: &[&str] = &[$($word),+];

            /// Every variant, in the order of [`Self::WORDS`].
            const ALL: &[Self] = &[$(Self::$variant),+];
        }

        impl Default for $name {
            fn default() -> Self {
                Self::ALL[0]
            }
        }

        impl FromStr for $name {
            type Err = Error;

            /// Reads one of [`Self::WORDS`]; the error names the text and the words.
            fn from_str(text: &str) -> Result<Self> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => bail!("not one of {}: {text:?}", Self::WORDS.join(", ")),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$variant => $word,)+
                })
            }
        }
    };
}

words! {
    /// `bak.scope`: which files pre-commit backs up.
    Scope {
        /// Staged files, and tracked ones with unstaged edits.
        Tracked = "tracked",
        Staged = "staged",
        /// As `tracked`, and untracked files that aren't ignored.
        All = "all",
    }
}

words! {
    /// `bak.cleanup`: which backups post-commit unlinks.
    Cleanup {
        /// Every backup of this worktree that is held.
        All = "all",
        /// Those of the files in this commit.
        Committed = "committed",
        Never = "never",
    }
}

words! {
    /// `bak.location`: where backup files are written.
    Location {
        /// Beside the files, except where that would do harm.
        Auto = "auto",
        Beside = "beside",
        /// Under `bak/files/` in the worktree's Git directory.
        Gitdir = "gitdir",
    }
}

words! {
    /// `bak.onError`: what pre-commit does when it can't protect a file.
    OnError {
        /// It says so and lets the commit go on.
        Warn = "warn",
        /// It says so and stops the commit.
        Block = "block",
    }
}

words! {
    /// `bak.verbosity`: how much the hooks print.
    Verbosity {
        /// A line per file up to five, a count beyond, nothing when there was nothing to do.
        Normal = "normal",
        Quiet = "quiet",
        Verbose = "verbose",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads_its_words<T: FromStr<Err = Error> + fmt::Display>(words: &[&str]) {
        for word in words {
            assert_eq!(word.parse::<T>().unwrap().to_string(), *word);
            assert!(word.to_uppercase().parse::<T>().is_err(), "{word} in capitals");
            assert!(format!(" {word}").parse::<T>().is_err(), "{word} after a blank");
        }
        for text in ["", "nonsense", "true"] {
            assert!(text.parse::<T>().is_err(), "{text}");
        }
    }

    #[test]
    fn every_choice_reads_what_it_prints_and_nothing_else() {
        reads_its_words::<Scope>(&["tracked", "staged", "all"]);
        reads_its_words::<Cleanup>(&["all", "committed", "never"]);
        reads_its_words::<Location>(&["auto", "beside", "gitdir"]);
        reads_its_words::<OnError>(&["warn", "block"]);
        reads_its_words::<Verbosity>(&["normal", "quiet", "verbose"]);
    }

    #[test]
    fn the_first_word_is_the_default() {
        assert_eq!(Scope::default(), Scope::Tracked);
        assert_eq!(Cleanup::default(), Cleanup::All);
        assert_eq!(Location::default(), Location::Auto);
        assert_eq!(OnError::default(), OnError::Warn);
        assert_eq!(Verbosity::default(), Verbosity::Normal);
    }

    #[test]
    fn the_error_names_the_text_and_the_words() {
        let error = "Tracked".parse::<Scope>().unwrap_err().to_string();
        assert_eq!(error, "not one of tracked, staged, all: \"Tracked\"");
    }
}
