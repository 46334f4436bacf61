//! What uninstall says.

use std::io;
use std::path::Path;

use super::{Mark, Term, path_word};
use crate::setup::hook_files::{HookFile, Removal};

impl Term {
    /// The hooks that are gone, those that are back, the guard and the ignore block.
    pub fn hooks_removed(&self, hooks: &[(HookFile, Removal)], guard: bool, block: bool) {
        let mut names: Vec<&str> = hooks.iter().map(|(hook, _)| hook.name.name()).collect();
        names.extend(guard.then_some("the guard"));
        names.extend(block.then_some("the lines in info/exclude"));
        if names.is_empty() {
            return self.say(Mark::Done, "git-bak is not installed here");
        }
        self.say(Mark::Done, &format!("removed: {}", names.join(", ")));
        self.hooks_are_back(hooks);
    }

    /// The entry in the repository's settings is gone.
    pub fn entry_removed(&self) {
        self.say(Mark::Done, "removed: pre-commit in the settings, before other hooks there");
    }

    /// The files of settings from which our lines are gone.
    pub fn global_removed(&self, files: &[std::path::PathBuf]) {
        for file in files {
            self.say(Mark::Done, &format!("removed: git-bak's lines in {}", path_word(file)));
        }
        if files.is_empty() {
            self.say(Mark::Done, "git-bak is not in your own settings");
        }
    }

    fn hooks_are_back(&self, hooks: &[(HookFile, Removal)]) {
        for (hook, _) in hooks.iter().filter(|(_, removal)| *removal == Removal::Restored) {
            self.say(Mark::Done, &format!("your own hook is back: {}", path_word(&hook.path())));
        }
        for (hook, removal) in hooks {
            let text = match removal {
                Removal::HandedOn { runs: true } => {
                    format!("your own hook still runs, as {}", path_word(&hook.legacy_path()))
                }
                Removal::HandedOn { runs: false } => {
                    format!("your own hook is kept as {}", path_word(&hook.old_path()))
                }
                _ => continue,
            };
            self.say(Mark::Done, &text);
        }
    }

    /// A hook that is left as it is, and what to do by hand.
    pub fn hook_left(&self, hook: &HookFile, removal: Removal) {
        let (file, chained) = (path_word(&hook.path()), path_word(&hook.chained_path()));
        let by_hand = |file: &str| match hook.has_chained() {
            true => format!("mv {chained} {file}"),
            false => format!("rm {file}"),
        };
        let text = match removal {
            Removal::HasLine => format!("{file} runs git-bak by a line in it: take that line out"),
            Removal::TakenOver => {
                let legacy = path_word(&hook.legacy_path());
                let by_hand = by_hand(&legacy);
                format!(
                    "{file} runs git-bak's hook, which it took over as {legacy} and which was edited: \
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
        self.say(Mark::Failed, &format!("{} was not removed: {error}", path_word(&hook.path())));
    }

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
                &format!("left in the vault: {snapshots} ('git bak list' shows them)"),
            );
        }
    }

    /// What is gone from the template.
    pub fn template_removed(
        &self,
        folder: &Path,
        hooks: &[(HookFile, Removal)],
        more: bool,
        unset: bool,
    ) {
        if hooks.is_empty() && !more && !unset {
            return self.say(Mark::Done, "git-bak is not installed in the template");
        }
        let mut names: Vec<&str> = hooks.iter().map(|(hook, _)| hook.name.name()).collect();
        names.extend(more.then_some("the lines in info/exclude and config"));
        names.extend(unset.then_some("the setting init.templateDir"));
        let folder = path_word(folder);
        self.say(Mark::Done, &format!("removed from the template {folder}: {}", names.join(", ")));
        self.hooks_are_back(hooks);
        self.say(
            Mark::Note,
            "repositories that have git-bak keep it: 'git bak uninstall' removes it there",
        );
    }
}
