//! `git bak install --global` and `git bak uninstall --global`: hooks and guard in the user's own settings, for every
//! repository, before any other hook there. Needs no repository.
//!
//! All of it goes in, and out, in one write: a hook without its command would stop every Git of this user.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::install::InstallArgs;
use super::template::open;
use crate::exit_status::ExitStatus;
use crate::git::command::Git;
use crate::git::config::{entries, fsmonitor, section};
use crate::os::platform::place_from_bytes;
use crate::setup::hook_files::program;

pub fn install(args: &InstallArgs) -> Result<ExitStatus> {
    let (git, term) = open()?;
    if !entries::are_known(&git)? {
        term.no_entries();
        return Ok(ExitStatus::No);
    }
    let files = files(&git)?;
    let Some(file) = files.iter().find(|file| file.exists()).or(files.last()) else {
        return Ok(ExitStatus::Failed);
    };
    let (program, (chosen, _)) = (program::path()?, args.chosen());
    let mut sections: Vec<_> =
        chosen.iter().map(|&hook| entries::section(hook, &program)).collect();
    let other = if args.no_guard { None } else { fsmonitor::other_for_all(&git)? };
    let guard = !args.no_guard && other.is_none();
    if guard {
        sections.push(fsmonitor::section(&program));
    }
    section::put(file, &sections)?;
    if let Some(value) = other {
        term.guard_stays_out(&value, "git config --global");
    }
    term.global_installed(&chosen, guard, file);
    Ok(ExitStatus::Done)
}

pub fn uninstall() -> Result<ExitStatus> {
    let (git, term) = open()?;
    if !entries::are_known(&git)? {
        term.no_entries();
        return Ok(ExitStatus::No);
    }
    let mut removed = Vec::new();
    for file in files(&git)? {
        if section::take_out(&file)? {
            removed.push(file);
        }
    }
    term.global_removed(&removed);
    Ok(ExitStatus::Done)
}

/// The user's own settings, in the order in which Git reads them.
fn files(git: &Git) -> Result<Vec<PathBuf>> {
    let listed = git.output(["var", "GIT_CONFIG_GLOBAL"])?;
    let lines = listed.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    let files: Vec<PathBuf> = lines.map(place_from_bytes).collect();
    match files.iter().find(|file| is_no_file(file)) {
        Some(file) => {
            bail!("the settings for all repositories are {}, which is not a file", file.display())
        }
        None => Ok(files),
    }
}

fn is_no_file(file: &Path) -> bool {
    file.exists() && !file.is_file()
}
