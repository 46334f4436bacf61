//! What install and uninstall say.

use std::io;
use std::path::{Path, PathBuf};

use super::{Mark, Term};
use crate::git::hooks_path::HooksPath;
use crate::git::platform;
use crate::model::quote;
use crate::model::settings::Settings;
use crate::storage::hook_files::{HookFile, Obstacle, Place, Plan, Removal};

impl Term {
    /// The hooks from which git-bak runs now, and what became of those that were there.
    pub fn hooks_installed(&self, hooks: &[(HookFile, Plan, Option<PathBuf>)]) {
        let kept = |plan: &Plan| *plan == Plan::Keep;
        let updated = |plan: &Plan| matches!(plan, Plan::Update | Plan::Renew);
        let new = |plan: &Plan| !kept(plan) && !updated(plan);
        self.group("installed", hooks, &new);
        self.group("updated", hooks, &updated);
        self.group("already installed", hooks, &kept);
        for (hook, plan, aside) in hooks {
            if let Some(aside) = aside {
                self.moved_aside(hook, plan, aside);
            }
            if let Plan::Chain { dangling, .. } = plan {
                self.hook_chained(hook, *dangling);
            }
        }
    }

    fn group(
        &self,
        what: &str,
        hooks: &[(HookFile, Plan, Option<PathBuf>)],
        belongs: &dyn Fn(&Plan) -> bool,
    ) {
        let names: Vec<&str> =
            hooks.iter().filter(|hook| belongs(&hook.1)).map(|hook| hook.0.name.name()).collect();
        if !names.is_empty() {
            self.say(Mark::Done, &format!("{what}: {}", names.join(", ")));
        }
    }

    fn hook_chained(&self, hook: &HookFile, dangling: bool) {
        let (name, chained) = (hook.name, shown(&hook.chained_path()));
        if dangling {
            let text = format!(
                "{name}: your own is a link that leads nowhere, and Git skipped it: kept as {chained}"
            );
            return self.say(Mark::Note, &text);
        }
        self.say(Mark::Done, &format!("{name}: your own still runs, after git-bak, as {chained}"));
    }

    fn moved_aside(&self, hook: &HookFile, plan: &Plan, aside: &Path) {
        let what = match plan {
            Plan::Renew => "the edited hook",
            _ => "the older hook from before",
        };
        let text = format!("{}: {what} no longer runs, and is kept as {}", hook.name, shown(aside));
        self.say(Mark::Note, &text);
    }

    /// A hook that is left as it is, why, and what helps.
    pub fn hook_refused(&self, hook: &HookFile, obstacle: Obstacle, line: &str) {
        let (file, chained) = (shown(&hook.path()), shown(&hook.chained_path()));
        let text = match obstacle {
            Obstacle::ByOwnName { place } => format!(
                "{file} finds its work by its own name and can't be renamed: {}",
                add(place, line)
            ),
            Obstacle::Managed { place: Place::NewFile } => format!(
                "{file} would be in a folder that git-bak doesn't write to: {}",
                add(Place::NewFile, line)
            ),
            Obstacle::Managed { place } => {
                format!("{file} is in a folder that git-bak doesn't write to: {}", add(place, line))
            }
            Obstacle::TwoHooks => format!(
                "{file} and {chained} are both there, and only one can be chained: remove one, or \
                 'git bak install --force' keeps the second as {chained}.1"
            ),
            Obstacle::Edited => format!(
                "{file} is git-bak's, but was edited, and is left as it is: 'git bak install --force' \
                 writes it anew and keeps the edited one"
            ),
            Obstacle::NotAFile => {
                format!("{file} is not a file: remove it, then 'git bak install'")
            }
        };
        self.say(Mark::Failed, &text);
    }

    /// A hook that could not be read or written.
    pub fn hook_not_written(&self, hook: &HookFile, error: &io::Error) {
        let file = shown(&hook.path());
        self.say(Mark::Failed, &format!("{file} was not installed: {error}"));
    }

    /// Git takes hooks from a folder that other repositories use too.
    pub fn hooks_are_elsewhere(&self, setting: &HooksPath, own: &Path) {
        let origin = setting.origin.trim_end_matches(':').escape_debug();
        let folder = shown(&setting.folder);
        let way_out = match setting.scope.as_str() {
            // The command line wins over everything that could be set.
            "command" => "run 'git bak install' without it".to_owned(),
            _ => format!(
                "to use this repository's own instead, run: git config --local core.hooksPath {}, \
                 then 'git bak install'",
                shown(own)
            ),
        };
        let text = format!(
            "core.hooksPath ({origin}) takes hooks from {folder}, \
             which is not this repository's: {way_out}"
        );
        self.say(Mark::Failed, &text);
    }

    /// The ignore block or the hidden refs could not be written.
    pub fn not_prepared(&self, error: &anyhow::Error) {
        let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
        let causes = causes.join(": ").replace('\n', " ");
        self.say(Mark::Failed, &format!("{causes}: mend it, then 'git bak install' again"));
    }

    /// Settings under which the hooks do less than somebody who installs them may think.
    pub fn what_settings_mean(&self, settings: &Settings) {
        if !settings.enabled {
            self.say(
                Mark::Note,
                "bak.enabled is false: the hooks make no backups until it is true",
            );
        }
        if !settings.vault {
            let text = "bak.vault is false: a backup that is cleaned up after a commit, or is one too \
                        many, is simply deleted and can't be brought back";
            self.say(Mark::Note, text);
        }
    }

    /// The hooks that are gone, those that are back, and the ignore block.
    pub fn hooks_removed(&self, hooks: &[(HookFile, Removal)], block: bool) {
        let mut names: Vec<&str> = hooks.iter().map(|(hook, _)| hook.name.name()).collect();
        names.extend(block.then_some("the lines in info/exclude"));
        if names.is_empty() {
            return self.say(Mark::Done, "nothing of git-bak's is installed here");
        }
        self.say(Mark::Done, &format!("removed: {}", names.join(", ")));
        for (hook, _) in hooks.iter().filter(|(_, removal)| *removal == Removal::Restored) {
            self.say(Mark::Done, &format!("your own is back: {}", shown(&hook.path())));
        }
        for (hook, removal) in hooks {
            let text = match removal {
                Removal::HandedOn { runs: true } => {
                    format!("your own still runs, as {}", shown(&hook.legacy_path()))
                }
                Removal::HandedOn { runs: false } => {
                    format!("your own is kept as {}", shown(&hook.old_path()))
                }
                _ => continue,
            };
            self.say(Mark::Done, &text);
        }
    }

    /// A hook that is left as it is, and what to do by hand.
    pub fn hook_left(&self, hook: &HookFile, removal: Removal) {
        let (file, chained) = (shown(&hook.path()), shown(&hook.chained_path()));
        let by_hand = |file: &str| match hook.has_chained() {
            true => format!("mv {chained} {file}"),
            false => format!("rm {file}"),
        };
        let text = match removal {
            Removal::HasLine => format!("{file} runs git-bak by a line in it: take that line out"),
            Removal::TakenOver => {
                let legacy = shown(&hook.legacy_path());
                let by_hand = by_hand(&legacy);
                format!(
                    "{file} runs git-bak's hook, which it took over as {legacy} and somebody edited: \
                     {by_hand}"
                )
            }
            Removal::Foreign => format!(
                "{file} is not git-bak's and is left as it is; your hook from before is {chained}"
            ),
            Removal::Edited
            | Removal::Nothing
            | Removal::Removed
            | Removal::Restored
            | Removal::HandedOn { .. } => {
                let by_hand = by_hand(&file);
                format!("{file} is git-bak's, but was edited, and is left as it is: {by_hand}")
            }
        };
        self.say(Mark::Failed, &text);
    }

    /// A hook that could not be removed.
    pub fn hook_not_removed(&self, hook: &HookFile, error: &io::Error) {
        self.say(Mark::Failed, &format!("{} was not removed: {error}", shown(&hook.path())));
    }

    /// What uninstall leaves.
    pub fn what_is_left(&self, backups: usize, snapshots: usize) {
        let count = |n: usize, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
        if backups > 0 {
            let backups = count(backups, "backup");
            self.say(
                Mark::Note,
                &format!("left beside your files: {backups} ('git bak clean' removes them)"),
            );
        }
        if snapshots > 0 {
            let snapshots = count(snapshots, "snapshot");
            self.say(
                Mark::Note,
                &format!("left in the vault: {snapshots} ('git bak list --vault' shows them)"),
            );
        }
    }
}

/// How a line is added to a hook so that it runs before all else.
fn add(place: Place, line: &str) -> String {
    let how = match place {
        Place::NewFile => {
            "make it, executable, with #!/bin/sh as its first line and this as its second"
        }
        Place::FirstLine => "add this as its first line",
        Place::SecondLine => "add this as its second line",
        Place::OtherLanguage => "have it run this first, as a shell would",
    };
    format!("{how}: {line}")
}

/// A path as it is shown and as a shell takes it.
fn shown(path: &Path) -> String {
    quote::shell_word(&platform::bytes_of(path.as_os_str()))
}
