//! The settings, read by Git: every scope, includes, `git -c`, the environment.

use anyhow::{Result, bail};

use super::command::{Git, Running};
use crate::model::settings::ConfigEntry;

/// A read of the configuration under way beside other work.
#[derive(Debug)]
pub struct ConfigRead(Running);

/// Starts reading every key that `Settings` knows.
pub fn start(git: &Git) -> Result<ConfigRead> {
    let keys = r"^(bak\..*|core\.(quotepath|fsync|fsyncobjectfiles))$";
    git.start(["config", "-z", "--show-origin", "--get-regexp", keys]).map(ConfigRead)
}

impl ConfigRead {
    /// The entries, in the order in which later ones win.
    pub fn finish(self) -> Result<Vec<ConfigEntry>> {
        let finished = self.0.finish()?;
        match finished.status {
            Some(0) => parse(&finished.stdout),
            // Git's word for "no such key": nothing is set, which is the ordinary case.
            Some(1) => Ok(Vec::new()),
            _ => bail!("the settings can't be read: {}", finished.reason()),
        }
    }
}

/// The entries in `git config -z --show-origin` output: origin, NUL, key, then LF and the value
/// unless the key has none, NUL (git-config, "-z").
fn parse(text: &[u8]) -> Result<Vec<ConfigEntry>> {
    let mut fields = text.split(|&b| b == 0);
    let mut entries = Vec::new();
    while let Some(origin) = fields.next() {
        let Some(entry) = fields.next() else { break };
        let (key, value) = match entry.iter().position(|&b| b == b'\n') {
            Some(at) => (&entry[..at], Some(entry[at + 1..].to_vec())),
            None => (entry, None),
        };
        let origin = String::from_utf8_lossy(origin).into_owned();
        entries.push(ConfigEntry { key: key.to_vec(), value, origin });
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_may_hold_newlines_and_keys_may_have_none() {
        let text = b"file:.git/config\0bak.exclude\na\nb\0command line:\0bak.vault\0";
        let entries = parse(text).unwrap();
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].value.as_deref(), Some(&b"a\nb"[..]));
        assert_eq!(entries[1].key, b"bak.vault");
        assert_eq!(entries[1].value, None);
    }
}
