//! What install says.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::report::count;
use super::{Mark, Term, path_word};
use crate::backups::location::Elsewhere;
use crate::git::config::hooks_path::HooksPath;
use crate::model::hook::name::HookName;
use crate::model::names::repo_path::RepoPath;
use crate::model::settings::Settings;
use crate::setup::hook_files::{HookFile, HookPlace, HookPlan, Obstacle};
use crate::setup::template::Template;
use crate::snapshot::Taken;

impl Term {
    /// The hooks from which git-bak runs now, and what became of those that were there.
    pub fn hooks_installed(
        &self,
        hooks: &[(HookFile, HookPlan, Option<PathBuf>)],
        template: Option<&Path>,
    ) {
        let place = template
            .map_or(String::new(), |folder| format!(" in the template {}", path_word(folder)));
        let place = place.as_str();
        let kept = |plan: &HookPlan| *plan == HookPlan::Keep;
        let updated = |plan: &HookPlan| matches!(plan, HookPlan::Update | HookPlan::Renew);
        let new = |plan: &HookPlan| !kept(plan) && !updated(plan) && *plan != HookPlan::Never;
        self.group(&format!("installed{place}"), hooks, &new);
        self.group(&format!("updated{place}"), hooks, &updated);
        self.group(&format!("already installed{place}"), hooks, &kept);
        for (hook, plan, aside) in hooks {
            if let Some(aside) = aside {
                self.moved_aside(hook, plan, aside);
            }
            match plan {
                HookPlan::Chain { dangling, .. } => self.hook_chained(hook, *dangling),
                HookPlan::Never => self.hook_never_runs(hook),
                _ => {}
            }
        }
    }

    fn group(
        &self,
        what: &str,
        hooks: &[(HookFile, HookPlan, Option<PathBuf>)],
        belongs: &dyn Fn(&HookPlan) -> bool,
    ) {
        let names: Vec<&str> =
            hooks.iter().filter(|hook| belongs(&hook.1)).map(|hook| hook.0.name.name()).collect();
        if !names.is_empty() {
            self.say(Mark::Done, &format!("{what}: {}", names.join(", ")));
        }
    }

    fn hook_never_runs(&self, hook: &HookFile) {
        let what = match hook.name {
            HookName::PostIndexChange => {
                "work is backed up when it is committed, not when it is staged"
            }
            _ => "its part is left out",
        };
        self.say(Mark::Note, &format!("{}: husky doesn't run this hook: {what}", hook.name));
    }

    fn hook_chained(&self, hook: &HookFile, dangling: bool) {
        let (name, chained) = (hook.name, path_word(&hook.chained_path()));
        if dangling {
            let text = format!(
                "{name}: your own hook is a broken link, which Git skipped: kept as {chained}"
            );
            return self.say(Mark::Note, &text);
        }
        self.say(
            Mark::Done,
            &format!("{name}: your own hook still runs, after git-bak, as {chained}"),
        );
    }

    fn moved_aside(&self, hook: &HookFile, plan: &HookPlan, aside: &Path) {
        let what = match plan {
            HookPlan::Renew => "the edited hook",
            _ => "the older hook from before",
        };
        let text =
            format!("{}: {what} no longer runs, and is kept as {}", hook.name, path_word(aside));
        self.say(Mark::Note, &text);
    }

    /// A hook that is left as it is, why, and what helps.
    pub fn hook_refused(&self, hook: &HookFile, obstacle: Obstacle, line: &str) {
        let (file, chained) = (path_word(&hook.path()), path_word(&hook.chained_path()));
        let text = match obstacle {
            Obstacle::ByOwnName { place } => format!(
                "{file} depends on its own file name and can't be renamed: {}",
                add(place, line)
            ),
            Obstacle::Managed { place: HookPlace::NewFile } => format!(
                "{file} would be in a folder that git-bak doesn't write to: {}",
                add(HookPlace::NewFile, line)
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
                 rewrites it and keeps the edited one"
            ),
            Obstacle::NotAFile => {
                format!("{file} is not a file: remove it, then 'git bak install'")
            }
        };
        self.say(Mark::Failed, &text);
    }

    /// What follows is about the submodule that is checked out there.
    pub fn in_submodule(&self, top: &Path) {
        self.say(Mark::Note, &format!("in the submodule {}:", path_word(top)));
    }

    pub fn guard_installed(&self, was_there: bool) {
        let text = if was_there {
            "already installed: the guard (core.fsmonitor)"
        } else {
            "installed: the guard: Git asks git-bak before it overwrites or deletes files (core.fsmonitor)"
        };
        self.say(Mark::Done, text);
    }

    /// Git's own daemon was asked until now.
    pub fn guard_passes_on(&self) {
        let text = "installed: the guard: Git asks git-bak before it overwrites or deletes files, and git-bak passes on \
                    what Git's own monitor answers (core.fsmonitor)";
        self.say(Mark::Done, text);
    }

    /// This Git takes no hooks from the configuration.
    pub fn no_entries(&self) {
        let text = "this Git knows no hooks for every repository (2.54 and later do); for those that are cloned or made \
                    from now on: git bak install --template";
        self.say(Mark::Failed, text);
    }

    /// How every repository has them from now on.
    pub fn global_installed(&self, hooks: &[HookName], guard: bool, file: &Path) {
        let mut names: Vec<&str> = hooks.iter().map(|hook| hook.name()).collect();
        names.extend(guard.then_some("the guard"));
        let text = format!("set for every repository: {} ({})", names.join(", "), path_word(file));
        self.say(Mark::Done, &text);
    }

    /// pre-commit stands in the repository's own settings, too.
    pub fn entry_installed(&self) {
        let text = "installed: pre-commit in the settings, before other hooks there (hook.git-bak-pre-commit)";
        self.say(Mark::Done, text);
    }

    /// The guard is set for every repository.
    pub fn guard_is_global(&self) {
        self.say(
            Mark::Done,
            "already installed: the guard, for every repository (git config --global)",
        );
    }

    /// Another program than ours has the place of the guard.
    pub fn guard_stays_out(&self, value: &str, origin: &str) {
        let origin = origin.trim_end_matches(':').escape_debug();
        let text = format!(
            "core.fsmonitor is {value} ({origin}), and Git asks only one: the guard stays out, and what reset --hard \
             and the like throw away is not protected; to have it instead, unset that, then 'git bak install'"
        );
        self.say(Mark::Note, &text);
    }

    /// A hook that could not be read or written.
    pub fn hook_not_written(&self, hook: &HookFile, error: &io::Error) {
        let file = path_word(&hook.path());
        self.say(Mark::Failed, &format!("{file} was not installed: {error}"));
    }

    /// Git takes hooks from a folder that other repositories use too.
    pub fn hooks_are_elsewhere(&self, setting: &HooksPath, own: &Path) {
        let origin = setting.origin.trim_end_matches(':').escape_debug();
        let folder = path_word(&setting.folder);
        let way_out = match setting.scope.as_str() {
            // The command line wins over everything that could be set.
            "command" => "run 'git bak install' without it".to_owned(),
            _ => format!(
                "to use this repository's own instead, run: git config --local core.hooksPath {}, \
                 then 'git bak install'",
                path_word(own)
            ),
        };
        let text = format!(
            "core.hooksPath ({origin}) takes hooks from {folder}, \
             which is not this repository's: {way_out}"
        );
        self.say(Mark::Failed, &text);
    }

    /// How repositories get the hooks from now on; `set` is the value it was given just now.
    pub fn template_installed(&self, template: &Template, set: Option<&Path>) {
        if let Some(value) = set {
            let value = value.display();
            self.say(Mark::Done, &format!("set: init.templateDir = {value} (git config --global)"));
        }
        if template.is_from_environment {
            let text = "GIT_TEMPLATE_DIR names this folder: where it isn't set, Git takes another";
            self.say(Mark::Note, text);
        }
        let text = "every repository that is cloned or made from now on has them; in those that exist: \
                    git bak install";
        self.say(Mark::Note, text);
    }

    /// The ignore block or the hidden refs could not be written.
    pub fn not_prepared(&self, error: &anyhow::Error) {
        let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
        let causes = causes.join(": ").replace('\n', " ");
        self.say(Mark::Failed, &format!("{causes}: fix it, then 'git bak install' again"));
    }

    /// Files whose backups don't lie beside them.
    pub fn lie_elsewhere(&self, elsewhere: &Elsewhere) {
        if let Some(text) = what_lies_elsewhere(elsewhere) {
            self.say(Mark::Note, &text);
        }
    }

    /// What there was to protect when git-bak was installed; so many untracked files were not copied.
    pub fn first_snapshot(&self, taken: &Taken, uncopied: usize) {
        let kept: BTreeSet<&RepoPath> = taken.events.iter().map(|event| &event.path).collect();
        let kept = match kept.len() {
            0 => None,
            number => Some(format!("{} with uncommitted work backed up", count(number, "file"))),
        };
        let uncopied = match uncopied {
            0 => None,
            number => Some(format!(
                "{} not backed up until staged: git bak snapshot --untracked",
                count(number, "untracked file")
            )),
        };
        let mark = if kept.is_some() { Mark::Done } else { Mark::Note };
        let said: Vec<String> = kept.into_iter().chain(uncopied).collect();
        if !said.is_empty() {
            self.say(mark, &said.join("; "));
        }
        self.snapshot_troubles(taken);
    }

    /// Settings under which the hooks do less than a user who installs them may think.
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
        let encrypting = settings.encrypting();
        if !encrypting.is_empty() && settings.vault {
            self.say(Mark::Note, &what_is_encrypted(&encrypting));
        }
    }
}

/// Where the backups of some files go, and why.
pub fn what_lies_elsewhere(elsewhere: &Elsewhere) -> Option<String> {
    let harms: Vec<String> = elsewhere.harms.iter().map(ToString::to_string).collect();
    let files = count(elsewhere.files, "file");
    let text = format!(
        "backups of {files} go under bak/files in the Git directory, for beside the file {} (bak.location)",
        harms.join("; ")
    );
    (elsewhere.files > 0).then_some(text)
}

/// What holds for files under these filter drivers.
pub fn what_is_encrypted(drivers: &[String]) -> String {
    let drivers = drivers.join(", ");
    format!(
        "of files under an encrypting filter ({drivers}) the vault holds what the filter makes of them, never the \
         plain text; a backup beside one is as plain as the file itself"
    )
}

/// How a line is added to a hook so that it runs before all else.
fn add(place: HookPlace, line: &str) -> String {
    let how = match place {
        HookPlace::NewFile => {
            "make it, executable, with #!/bin/sh as its first line and this as its second"
        }
        HookPlace::FirstLine => "add this as its first line",
        HookPlace::SecondLine => "add this as its second line",
        HookPlace::OtherLanguage => "make it run this first, as a shell would",
    };
    format!("{how}: {line}")
}
