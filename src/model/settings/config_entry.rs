//! One value of Git's configuration, and what is said of one that can't be read.

use std::fmt;

use anyhow::Result;

use crate::model::fields::{Fields, Reader};

/// One line of Git's configuration, as `git config --list --show-origin -z` gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigEntry {
    /// The key with section and variable in lower case, as Git prints it: `bak.maxbackups`.
    pub key: Vec<u8>,
    /// The value; `None` for a key without one, which Git reads as true.
    pub value: Option<Vec<u8>>,
    /// Where it stands: `file:.git/config`, `command line:`.
    pub origin: String,
}

impl ConfigEntry {
    /// Adds the entry to a file of ours: a record of its own.
    pub fn write_to(&self, out: &mut Fields) {
        // A key without a value is not a key with an empty one.
        out.push(if self.value.is_some() { "setting" } else { "flag" });
        out.bytes(&self.key).bytes(self.value.as_deref().unwrap_or_default());
        out.push(&self.origin);
    }

    /// Reads what `write_to` wrote after the record's `tag`, which is `setting` or `flag`.
    pub fn read_from<'a>(
        tag: &[u8],
        fields: &mut Reader<impl Iterator<Item = &'a [u8]>>,
    ) -> Result<Self> {
        let (key, value) = (fields.bytes()?.to_vec(), fields.bytes()?.to_vec());
        let value = (tag == b"setting").then_some(value);
        Ok(Self { key, value, origin: fields.text()? })
    }
}

/// A value that can't be read, or a key that is no setting. Prints as one line, whatever the value contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingProblem {
    /// The key as the documentation writes it: `bak.maxBackups`.
    pub key: String,
    /// The value as it stands there, empty for a key without one; lossy where it isn't UTF-8.
    pub value: String,
    /// Where it stands, as in [`ConfigEntry::origin`].
    pub origin: String,
    /// What could be read: `a whole number, 0 for no limit`; empty where there is no such setting.
    pub expected: String,
    /// What is used instead, as one would write it.
    pub default: String,
}

impl fmt::Display for SettingProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.origin.trim_end_matches(':').escape_debug();
        if self.expected.is_empty() {
            let key = self.key.escape_debug();
            return write!(f, "{key} in {origin}: git-bak has no such setting");
        }
        // The value is whatever someone wrote: it must neither break the line nor fill the screen.
        let value: String = self.value.chars().take(60).collect();
        let cut = if value.len() < self.value.len() { "..." } else { "" };
        write!(
            f,
            "{} in {origin}: {value:?}{cut} is not {}; using {}",
            self.key, self.expected, self.default
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(value: &str, origin: &str) -> SettingProblem {
        SettingProblem {
            key: "bak.scope".to_owned(),
            value: value.to_owned(),
            origin: origin.to_owned(),
            expected: "one of tracked, staged, all".to_owned(),
            default: "tracked".to_owned(),
        }
    }

    #[test]
    fn a_problem_names_key_origin_value_and_what_is_used() {
        assert_eq!(
            problem("every", "command line:").to_string(),
            "bak.scope in command line: \"every\" is not one of tracked, staged, all; using tracked"
        );
    }

    #[test]
    fn a_problem_stays_one_short_line_whatever_it_is_about() {
        let line = problem(&"a\n\u{1b}[2J".repeat(1000), "file:odd\nname").to_string();
        assert!(line.len() < 500, "{line}");
        assert!(!line.contains(char::is_control), "{line}");
        assert!(line.contains("\"..."), "{line}");
    }

    #[test]
    fn a_short_value_is_not_cut() {
        assert!(!problem(&"é".repeat(60), "file:x").to_string().contains("..."));
    }
}
