//! Words for a hook that doesn't do its work.

use super::{Said, word};
use crate::model::quote::shell_word;
use crate::storage::hook_files::{Health, HookFile, Obstacle, Place};

/// What installs the hooks.
pub const INSTALL: &str = "git bak install";

/// What is wrong with it; `line` is what would do in a hook of somebody else's.
pub fn problem(hook: &HookFile, health: &Health, line: &str) -> Said {
    let (path, file) = (hook.path(), word(&hook.path()));
    let install = |text: String| (text, Some(INSTALL.to_owned()));
    match health {
        Health::Absent => install("not installed".to_owned()),
        Health::NotExecutable => {
            install(format!("{} is not executable, and Git passes over it", path.display()))
        }
        Health::OtherVersion(version) => {
            let own = env!("CARGO_PKG_VERSION");
            install(format!("written by git-bak {version}, and this is {own}"))
        }
        Health::NoProgram(program) => {
            install(format!("starts {}, which is not there", program.display()))
        }
        Health::Foreign => {
            install(format!("{} is another hook, and commits are not backed up", path.display()))
        }
        Health::Refused(obstacle) => match obstacle {
            Obstacle::Edited => {
                let text = format!("{} is git-bak's, but was edited", path.display());
                (text, Some(format!("{INSTALL} --force")))
            }
            Obstacle::TwoHooks => {
                let chained = hook.chained_path();
                let text = format!("{} is in the way of yours", chained.display());
                (text, Some(format!("{INSTALL} --force")))
            }
            Obstacle::NotAFile => {
                let text = format!("{} is not a file", path.display());
                (text, Some(format!("mv {file} {file}.old && {INSTALL}")))
            }
            Obstacle::ByOwnName { place } | Obstacle::Managed { place } => {
                let text = format!("{} doesn't run git-bak", path.display());
                (text, Some(add_line(*place, &file, line)))
            }
        },
        Health::Works | Health::RunsUs => (String::new(), None),
    }
}

/// What puts git-bak's line into a hook. The file stays the one it is, with its mode.
fn add_line(place: Place, file: &str, line: &str) -> String {
    let line = shell_word(line.as_bytes());
    let through =
        |lines: &str| format!("{lines} >{file}.new && cat {file}.new >{file} && rm {file}.new");
    match place {
        Place::NewFile => format!("printf '%s\\n' '#!/bin/sh' {line} >{file} && chmod +x {file}"),
        Place::FirstLine => through(&format!("{{ printf '%s\\n' {line}; cat {file}; }}")),
        Place::SecondLine => {
            through(&format!("{{ head -n 1 {file}; printf '%s\\n' {line}; tail -n +2 {file}; }}"))
        }
        Place::OtherLanguage => format!("run this first in {file}: {line}"),
    }
}
