//! What the hooks say: briefly, and nothing when there was nothing to do.

use std::collections::BTreeSet;
use std::path::Path;

use super::report::count;
use super::{Mark, Term, path_word};
use crate::backups::clean_up::Unlinked;
use crate::model::command::git_command::{folders, is_quiet};
use crate::model::events::event::Event;
use crate::model::harm::Harm;
use crate::model::names::quote::shell_argument;
use crate::model::names::repo_path::RepoPath;
use crate::model::settings::config_entry::SettingProblem;
use crate::os::process;
use crate::setup::hook_files::HookFile;
use crate::snapshot::Taken;
use crate::snapshot::audit::Audit;

impl Term {
    /// What a snapshot came to: each backup, and each file that has none with the reason.
    pub fn snapshot(&self, taken: &Taken) {
        // The first line that names one says why.
        let mut said = BTreeSet::new();
        let made = taken.created().filter_map(|event| {
            let harm = taken.elsewhere.get(&event.path).filter(|it| said.insert(*it));
            self.backup("backed up", event, harm)
        });
        let mut made: Vec<String> = made.collect();
        if made.len() > 1 && self.is_brief() {
            let paths: BTreeSet<&RepoPath> = taken.created().map(|event| &event.path).collect();
            let what = match paths.first() {
                Some(only) if paths.len() == 1 => {
                    format!("{} versions of {}", made.len(), self.path(only))
                }
                _ => count(paths.len(), "file"),
            };
            let harm = said.first().map(|harm| format!(" (not all beside their files: {harm})"));
            made = vec![format!("backed up: {what}{}", harm.unwrap_or_default())];
        }
        if self.speaks_of_success() {
            self.some(Mark::Done, &made, "more files backed up");
        }
        self.vault_only(&taken.vault_only);
        self.snapshot_troubles(taken);
    }

    /// Beside Git's own words one line is enough, unless details are wanted.
    fn is_brief(&self) -> bool {
        self.in_hook && !self.is_verbose()
    }

    /// Git was not told to be quiet.
    fn speaks_of_success(&self) -> bool {
        !self.is_brief() || {
            let words = process::git_words().unwrap_or_default();
            !is_quiet(&words.iter().map(Vec::as_slice).collect::<Vec<_>>())
        }
    }

    /// What a snapshot at staging time came to: nothing, where all went well.
    pub fn staged_snapshot(&self, taken: &Taken) {
        if self.is_verbose() { self.snapshot(taken) } else { self.snapshot_troubles(taken) }
    }

    pub(super) fn snapshot_troubles(&self, taken: &Taken) {
        if let Some(reason) = &taken.unrecorded {
            let there = match taken.created().next() {
                Some(_) => "; the backups are there",
                None => "",
            };
            self.say(Mark::Note, &format!("the record is left out: {reason}{there}"));
        }
        let bare: Vec<String> = taken
            .unprotected
            .iter()
            .map(|(path, reason)| format!("{}: not protected: {reason}", self.path(path)))
            .collect();
        self.some(Mark::Failed, &bare, "more files not protected");
        self.kept(&taken.not_retired);
    }

    /// Files that are in the vault and not beside the original. One reason for all is said once.
    fn vault_only(&self, files: &[(RepoPath, String)]) {
        let Some((first, reason)) = files.first() else { return };
        if files.len() > 1 && files.iter().all(|(_, other)| other == reason) {
            let text = format!("{} files are kept in the vault only: {reason}", files.len());
            return self.say(Mark::Note, &text);
        }
        if files.len() == 1 {
            let text = format!("{}: kept in the vault only: {reason}", self.path(first));
            return self.say(Mark::Note, &text);
        }
        let lines: Vec<String> = files
            .iter()
            .map(|(path, reason)| format!("{}: kept in the vault only: {reason}", self.path(path)))
            .collect();
        self.some(Mark::Note, &lines, "more files kept in the vault only");
    }

    /// Backups that were added to the index by force.
    pub fn staged_backups(&self, paths: &[RepoPath]) {
        let lines: Vec<String> = paths
            .iter()
            .map(|path| {
                let word = self.word(path);
                format!(
                    "{}: a backup is being committed: git rm --cached -- {word}",
                    self.path(path)
                )
            })
            .collect();
        self.some(Mark::Failed, &lines, "more backups are being committed");
    }

    /// Unstaged edits that are gone. Other changes (a formatter's) are details.
    pub fn vanished(&self, audit: &Audit) {
        let lines: Vec<String> = audit.vanished.iter().map(|path| self.edits_gone(path)).collect();
        self.some(Mark::Failed, &lines, "more files lost unstaged edits: git bak list");
        if self.is_verbose() {
            for path in &audit.changed {
                self.say(Mark::Note, &format!("{}: changed during the commit", self.path(path)));
            }
        }
    }

    /// Staged files that neither the commit nor the working tree has.
    pub fn not_committed(&self, paths: &[RepoPath]) {
        let line = |path| {
            let shown = self.path(path);
            format!(
                "{shown}: its staged content is gone, and was not committed: {}",
                self.restore(path)
            )
        };
        let lines: Vec<String> = paths.iter().map(line).collect();
        self.some(Mark::Failed, &lines, "more staged files are gone: git bak list");
    }

    /// A file whose unstaged edits are gone, and what brings them back.
    pub(super) fn edits_gone(&self, path: &RepoPath) -> String {
        format!("{}: its unstaged edits are gone: {}", self.path(path), self.restore(path))
    }

    /// Edits that a checkout has overwritten.
    pub fn overwritten(&self, paths: &[RepoPath]) {
        let lines: Vec<String> = paths
            .iter()
            .map(|path| {
                format!(
                    "{}: overwritten, but backed up before: {}",
                    self.path(path),
                    self.restore(path)
                )
            })
            .collect();
        self.some(Mark::Note, &lines, "more files were overwritten: git bak list");
    }

    /// Backups that were cleaned up. That a commit did so is how it should be.
    pub fn cleaned(&self, unlinked: &Unlinked) {
        match self.is_brief() {
            true => self.kept(&unlinked.kept),
            false => self.unlinked("cleaned up", unlinked),
        }
    }

    /// The same after a switch to where there is no such file.
    pub fn retired(&self, unlinked: &Unlinked) {
        match self.is_brief() {
            true => self.kept(&unlinked.kept),
            false => self.unlinked("retired", unlinked),
        }
    }

    fn unlinked(&self, what: &str, unlinked: &Unlinked) {
        let mut harm = unlinked.why.as_ref();
        let line = |event: &Event| {
            let harm = event.elsewhere.as_ref().and_then(|_| harm.take());
            self.backup(what, event, harm)
        };
        let lines: Vec<String> = unlinked.events.iter().filter_map(line).collect();
        self.some(Mark::Done, &lines, &format!("more backups {what}"));
        self.kept(&unlinked.kept);
    }

    /// What became of a backup, with its place, and why it doesn't lie beside its file, where that is worth saying.
    fn backup(&self, what: &str, event: &Event, harm: Option<&Harm>) -> Option<String> {
        let mut line = format!("{what}: {}", self.place(&event.shown_backup()?));
        if let Some(harm) = harm {
            line += &format!(" (not beside its file: {harm})");
        }
        Some(line)
    }

    /// Backups that could not be unlinked.
    fn kept(&self, kept: &[(RepoPath, String)]) {
        let lines: Vec<String> = kept
            .iter()
            .map(|(path, reason)| format!("{}: not removed: {reason}", self.path(path)))
            .collect();
        self.some(Mark::Note, &lines, "more backups not removed");
    }

    pub fn chained_hook_failed(&self, status: i32, kept: bool) {
        let kept =
            if kept { "; the files as they were before it: git bak restore --all" } else { "" };
        self.say(Mark::Note, &format!("the pre-commit hook ended with status {status}{kept}"));
    }

    /// The chained hook could not be started.
    pub fn chained_hook_cannot_run(&self, hook: &str, path: &Path, error: &std::io::Error) {
        let text = format!("your {hook} hook can't be run: {}: {error}", path.display());
        self.say(Mark::Failed, &text);
    }

    /// Commits run another pre-commit hook than ours, which was there.
    pub fn pre_commit_displaced(&self, hook: &HookFile) {
        let file = path_word(&hook.path());
        let text = format!(
            "{file} has taken the place of git-bak's, and this commit was not backed up: \
             git bak install"
        );
        self.say(Mark::Failed, &text);
    }

    /// The last commit did not come to its end.
    pub fn attempt_failed(&self) {
        if self.is_verbose() {
            self.say(
                Mark::Note,
                "the last commit was not completed; the files as they were: git bak restore --all",
            );
        }
    }

    /// A step of a hook that could not be done; Git goes on.
    pub fn hook_failed(&self, hook: &str, error: &anyhow::Error) {
        let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
        let text = format!("{hook}: {}", causes.join(": ").replace('\n', " "));
        self.say(Mark::Failed, &text);
    }

    /// Git could not say exactly which files are at risk.
    pub fn survey_in_doubt(&self, reason: &str) {
        let text = format!(
            "git status failed, so everything that may have changed is backed up: {reason}"
        );
        self.say(Mark::Note, &text.replace('\n', " "));
    }

    /// What a command did could not be written down.
    pub fn not_recorded(&self, error: &anyhow::Error) {
        let text = format!("the record is left out: {error:#}");
        self.say(Mark::Note, &text.replace('\n', " "));
    }

    /// Not all lines of these days make sense, or can be read at all.
    pub fn unread(&self, days: &[String]) {
        let [first, others @ ..] = days else { return };
        let more = match others.len() {
            0 => String::new(),
            n => format!(" and {n} more days"),
        };
        let text = format!("the record of {first}{more} can't be read in full: git bak doctor");
        self.say(Mark::Note, &text);
    }

    /// A setting that can't be read.
    pub fn setting_problem(&self, problem: &SettingProblem) {
        self.say(Mark::Note, &problem.to_string());
    }

    /// What leads a command from where Git's user is to where Git went.
    fn folders(&self) -> String {
        let words = process::git_words().filter(|_| self.in_hook).unwrap_or_default();
        let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
        let folders = folders(&words).into_iter();
        folders.map(|folder| format!(" -C {}", shell_argument(folder))).collect()
    }

    /// The command that brings a file's work back.
    pub(super) fn restore(&self, path: &RepoPath) -> String {
        format!("git{} bak restore -- {}", self.folders(), self.word(path))
    }
}
