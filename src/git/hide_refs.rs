//! `transfer.hideRefs`: our refs are not shown to those who fetch from this repository.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use anyhow::{Result, bail};

use super::command::Git;

const KEY: &str = "transfer.hideRefs";
const OURS: &str = "refs/bak";

/// Whether our refs are hidden, by the settings of any scope.
pub fn are_hidden(git: &Git) -> Result<bool> {
    is_there(git, &[])
}

/// Makes sure that the repository's own settings hide our refs; those of others stay.
pub fn ensure(git: &Git) -> Result<()> {
    add(git, &["--local".into()])
}

/// The same for a file of settings.
pub fn ensure_in(git: &Git, file: &Path) -> Result<()> {
    add(git, &of_file(file))
}

/// Takes our value out of a file of settings; whether it was there.
pub fn remove_from(git: &Git, file: &Path) -> Result<bool> {
    if !file.exists() || !is_there(git, &of_file(file))? {
        return Ok(false);
    }
    let ours = format!("^{OURS}$");
    git.output(args(&of_file(file), &["--unset-all", KEY, &ours])).map(|_| true)
}

fn add(git: &Git, place: &[OsString]) -> Result<()> {
    if is_there(git, place)? {
        return Ok(());
    }
    git.output(args(place, &["--add", KEY, OURS])).map(drop)
}

fn is_there(git: &Git, place: &[OsString]) -> Result<bool> {
    let finished = git.start(args(place, &["-z", "--get-all", KEY]))?.finish()?;
    match finished.status {
        Some(0) => Ok(finished.stdout.split(|&b| b == 0).any(|value| value == OURS.as_bytes())),
        Some(1) => Ok(false),
        _ => bail!("{KEY} can't be read: {}", finished.reason()),
    }
}

fn of_file(file: &Path) -> [OsString; 2] {
    ["--file".into(), file.into()]
}

fn args(place: &[OsString], rest: &[&str]) -> Vec<OsString> {
    let rest = rest.iter().map(OsString::from);
    [OsStr::new("config").to_owned()].into_iter().chain(place.iter().cloned()).chain(rest).collect()
}
