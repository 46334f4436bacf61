//! Words for a hook that doesn't do its work.

use std::path::Path;

use super::Said;
use crate::model::hook::name::HookName;
use crate::model::hook::shim;
use crate::model::names::quote::shell_word;
use crate::setup::hook_files::{Health, HookFile, HookPlace, Obstacle};
use crate::term::path_word;

pub const INSTALL: &str = "git bak install";

/// What is wrong with it; `program` is this one, which a line in a foreign hook would start.
pub fn problem(hook: &HookFile, health: &Health, program: &[u8]) -> Said {
    let line = || shim::line_to_add(hook.name, program);
    let (path, file) = (hook.path(), path_word(&hook.path()));
    let install = |text: String| (text, Some(INSTALL.to_owned()));
    match health {
        Health::Absent => install("not installed".to_owned()),
        Health::NotExecutable => {
            install(format!("{} is not executable, so Git ignores it", path.display()))
        }
        Health::OtherVersion(version) => {
            let own = env!("CARGO_PKG_VERSION");
            install(format!("written by git-bak {version}, and this is {own}"))
        }
        Health::NoProgram(gone) => install(format!("starts {}", not_there(gone))),
        Health::NoProgramInLine { program: gone, place } => {
            let text = format!("{} starts {}", path.display(), not_there(gone));
            // A name alone may stand in it for other reasons, too: another line is sure.
            let replaced = gone.is_absolute().then(|| replace_program(&file, gone, program));
            (text, replaced.flatten().or_else(|| Some(add_line(*place, &file, &line()))))
        }
        Health::Foreign => {
            install(format!("{} is another hook, and {}", path.display(), undone(hook.name)))
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
                (text, Some(add_line(*place, &file, &line())))
            }
        },
        Health::Works | Health::RunsUs => (String::new(), None),
    }
}

/// What isn't done without the hook.
fn undone(hook: HookName) -> &'static str {
    match hook {
        HookName::PreCommit => "commits are not backed up",
        HookName::PostIndexChange => "work is not backed up when it is staged",
        HookName::PostCommit => "backups stay after a commit",
        HookName::PostCheckout => "files that a checkout overwrites are not named",
    }
}

/// A program that can't be started, and why.
pub fn not_there(program: &Path) -> String {
    let why = if program.is_absolute() { "not there" } else { "not on the PATH" };
    format!("{}, which is {why}", program.display())
}

/// What puts this program in the place of one that is gone, in a file that isn't ours; `None` if its name
/// would need quotes there. The file stays the one it is, with its mode.
pub fn replace_program(file: &str, gone: &Path, program: &[u8]) -> Option<String> {
    let new = String::from_utf8(program.to_vec()).ok().filter(|new| shell_word(program) == *new)?;
    let old = gone.to_str()?;
    let pairs = match gone.is_absolute() {
        true => vec![(old.to_owned(), new)],
        // Only where it is a command.
        false => [format!("{old} hook"), "git bak hook".to_owned()]
            .map(|old| (old, format!("{new} hook")))
            .to_vec(),
    };
    let edit = |(old, new): (String, String)| {
        let edit = format!("s|{}|{}|g", escaped(&old, r"\.*[]^$|"), escaped(&new, r"\&|"));
        format!(" -e {}", shell_word(edit.as_bytes()))
    };
    let edits: String = pairs.into_iter().map(edit).collect();
    Some(format!("sed{edits} {file} >{file}.new && cat {file}.new >{file} && rm {file}.new"))
}

/// The text with a `\` before each of these letters.
fn escaped(text: &str, letters: &str) -> String {
    let each = text.chars().map(|c| if letters.contains(c) { format!("\\{c}") } else { c.into() });
    each.collect()
}

/// What puts git-bak's line into a hook. The file stays the one it is, with its mode.
fn add_line(place: HookPlace, file: &str, line: &str) -> String {
    let line = shell_word(line.as_bytes());
    let through =
        |lines: &str| format!("{lines} >{file}.new && cat {file}.new >{file} && rm {file}.new");
    match place {
        HookPlace::NewFile => {
            format!("printf '%s\\n' '#!/bin/sh' {line} >{file} && chmod +x {file}")
        }
        HookPlace::FirstLine => through(&format!("{{ printf '%s\\n' {line}; cat {file}; }}")),
        HookPlace::SecondLine => {
            through(&format!("{{ head -n 1 {file}; printf '%s\\n' {line}; tail -n +2 {file}; }}"))
        }
        HookPlace::OtherLanguage => format!("run this first in {file}: {line}"),
    }
}
