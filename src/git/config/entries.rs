//! Our hooks as entries in the configuration (`hook.NAME.command`, Git 2.54 and later): they run before any hook file,
//! in the order of the files and lines in which they stand.
//!
//! An entry is a hook script in one line, and decides as those do: it takes no status of the program's for Git's own.
//! Its name is not that of an event, which Git would refuse.

use anyhow::{Context, Result};

use super::section::Section;
use crate::git::command::Git;
use crate::model::hook::name::HookName;
use crate::model::hook::shim::single_quoted;

/// One that runs at an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookEntry {
    /// Where it stands: `global`, `local` …
    pub scope: String,
    pub name: String,
}

/// Whether this Git knows such hooks.
pub fn are_known(git: &Git) -> Result<bool> {
    let version = git.output(["version"])?;
    let version = String::from_utf8_lossy(&version);
    let number = version.trim().strip_prefix("git version ").context("what Git is this?")?;
    let mut parts = number.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let (major, minor) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    Ok((major, minor) >= (2, 54))
}

/// The entry for `hook` that starts the program at `program` (as a shell knows it).
pub fn section(hook: HookName, program: &[u8]) -> Section {
    let entries = vec![("command", line(hook, program)), ("event", hook.name().into())];
    Section { header: format!("hook \"{}\"", name(hook)), entries }
}

/// Those that run at `hook`, in their order; the hook file, which is last, is none.
pub fn at(git: &Git, hook: HookName) -> Result<Vec<HookEntry>> {
    let listed = git.start(["hook", "list", "--show-scope", hook.name()])?.finish()?;
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    let entry = |line: &str| {
        let (scope, name) = line.split_once('\t')?;
        Some(HookEntry { scope: scope.to_owned(), name: name.to_owned() })
    };
    Ok(text.lines().filter_map(entry).collect())
}

/// Whether ours stands in the user's own settings, and so for every repository.
pub fn is_global(git: &Git, hook: HookName) -> Result<bool> {
    let key = format!("hook.{}.command", name(hook));
    Ok(git.start(["config", "--global", "--get", &key])?.finish()?.status == Some(0))
}

impl HookEntry {
    pub fn is_ours(&self, hook: HookName) -> bool {
        self.name == name(hook)
    }
}

fn name(hook: HookName) -> String {
    format!("git-bak-{hook}")
}

/// Git adds its arguments at the end, too, so a word that takes them stands there. A program that is gone is
/// named once for each commit: these lines are for every repository.
fn line(hook: HookName, program: &[u8]) -> Vec<u8> {
    let start = match hook {
        HookName::PostIndexChange => "; [ \"$1\" = 0 ] || exit 0",
        _ => "",
    };
    let end = match hook {
        HookName::PreCommit => {
            "[ $s != 11 ] || exit 1; \
             [ $s = 10 ] || { [ \"$b\" = false ] && s='is not found' || s=\"ended with status $s\"; \
             echo \"git-bak x this commit may not be backed up, for git-bak $s: reinstall it, or take its lines out \
             of the settings (git config --global --edit)\" >&2; }; :"
        }
        _ => {
            "[ $s = 10 ] || [ \"$b\" = false ] || \
             echo \"git-bak x what was at risk may not be backed up, for git-bak ended with status $s: git bak doctor\" >&2; :"
        }
    };
    let rest = format!(
        "{start}; [ -x \"$b\" ] || b=$(command -v git-bak) || b=false; \
         \"$b\" hook {hook} --entry $PPID \"$@\"; s=$?; {end}"
    );
    [b"b=", &single_quoted(program)[..], rest.as_bytes()].concat()
}
