//! The settings, read by Git: every scope, includes, `git -c`, the environment.
//!
//! - `sources`: the files and variables they come from; `section`: our own lines in one of them;
//! - `hooks_path`, `template_dir`, `fsmonitor`, `entries` (`hook.NAME.command`): settings that decide whether we are started;
//! - `transport`: those that `bak.remote` needs.

pub mod entries;
pub mod fsmonitor;
pub mod hooks_path;
pub mod section;
pub mod sources;
pub mod template_dir;
pub mod transport;

use std::thread::{Builder, JoinHandle};

use anyhow::{Result, anyhow, bail};

use super::command::Git;
use crate::model::settings::ConfigEntry;

/// A read of the configuration that runs beside other work, or is still to do where the system has no thread left
/// for it.
#[derive(Debug)]
pub struct ConfigRead(Result<JoinHandle<Result<Vec<ConfigEntry>>>, Git>);

/// Every key that `Settings` knows, those by which `compares_as_usual`, `has_filters` and `sets_hooks_path` go, those by
/// which further files come in (see `config_sources`), and the file that says what is ignored.
const KEYS: &str = r"^(bak\..*|color\.ui|core\.(quotepath|fsync|fsyncobjectfiles|checkstat|trustctime|filemode|symlinks|hookspath|excludesfile)|(gc|maintenance)\.autodetach|include(if\..*)?\.path|filter\..*\.(clean|process))$";

const HOOKS_PATH: &[u8] = b"core.hookspath";
pub const EXCLUDES_FILE: &[u8] = b"core.excludesfile";

/// Reads every key that is of use to us, in the order in which later ones win.
pub fn read(git: &Git) -> Result<Vec<ConfigEntry>> {
    let mut entries = matching(git, KEYS)?;
    // The last of these is our own: every child of ours gets one on its command line, and runs no hooks.
    if let Some(ours) = entries.iter().rposition(|entry| entry.key == HOOKS_PATH) {
        entries.remove(ours);
    }
    Ok(entries)
}

fn matching(git: &Git, keys: &str) -> Result<Vec<ConfigEntry>> {
    let finished = git.start(["config", "-z", "--show-origin", "--get-regexp", keys])?.finish()?;
    match finished.status {
        Some(0) => parse(&finished.stdout),
        // Git's word for "no such key": nothing is set, which is the ordinary case.
        Some(1) => Ok(Vec::new()),
        _ => bail!("the settings can't be read: {}", finished.reason()),
    }
}

/// Starts reading in a thread: starting a child blocks the caller until the child has begun.
pub fn start_aside(git: Git) -> ConfigRead {
    let aside = git.clone();
    ConfigRead(Builder::new().spawn(move || read(&aside)).map_err(|_| git))
}

impl ConfigRead {
    /// The entries, in the order in which later ones win.
    pub fn finish(self) -> Result<Vec<ConfigEntry>> {
        match self.0 {
            Ok(reading) => reading.join().map_err(|_| anyhow!("the settings can't be read"))?,
            Err(git) => read(&git),
        }
    }
}

/// Whether Git is sent to another folder for hooks.
pub fn sets_hooks_path(entries: &[ConfigEntry]) -> bool {
    entries.iter().any(|entry| entry.key == HOOKS_PATH)
}

/// Whether Git compares files with the index in its ordinary way: nothing is set that changes which
/// parts of a file's state count, or how modes and links are seen (git-config, "core").
pub fn compares_as_usual(entries: &[ConfigEntry]) -> bool {
    entries.iter().filter(|entry| entry.key.starts_with(b"core.")).all(|entry| {
        let value = entry.value.as_deref().unwrap_or(b"true").to_ascii_lowercase();
        match entry.key.as_slice() {
            b"core.filemode" | b"core.symlinks" | b"core.trustctime" => value == b"true",
            b"core.checkstat" => value == b"default",
            _ => true,
        }
    })
}

/// Whether there is a program that makes other bytes of a file when it is staged (gitattributes(5),
/// "filter"). What Git itself converts, it converts back, and in all but an encoding the size tells.
pub fn has_filters(entries: &[ConfigEntry]) -> bool {
    entries.iter().any(|entry| entry.key.starts_with(b"filter."))
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
