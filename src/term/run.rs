//! What a run says beside what every upgrade does.

use super::report::count;
use super::{Mark, Term, path_word};
use crate::model::events::event::EventKind;
use crate::model::names::quote::shell_word;
use crate::model::names::repo_path::RepoPath;
use crate::snapshot::Taken;
use crate::transaction::{OutsideTree, RolledBack};

/// Where HEAD is: the commit, if there is one, and the branch, if it names one.
pub type Head<'a> = (Option<&'a str>, Option<&'a str>);

impl Term {
    /// Files with uncommitted work that can't be saved.
    pub fn not_saved(&self, files: &[(RepoPath, String)], goes_on: bool) {
        let mark = if goes_on { Mark::Note } else { Mark::Failed };
        for (path, reason) in files {
            let path = self.path(path);
            self.say(
                mark,
                &format!("{path}: it can't be saved, and could not be put back: {reason}"),
            );
        }
    }

    /// Files with edits from before that a commit would take along: nothing is run.
    pub fn would_be_committed(&self, files: &[RepoPath]) {
        if files.is_empty() {
            return;
        }
        self.say(
            Mark::Failed,
            "nothing was run: these files have edits that --commit could commit along with the command's",
        );
        let lines: Vec<String> = files.iter().map(|path| self.path(path)).collect();
        self.some_below(Mark::Failed, &lines, "more files with such edits");
        self.below(Mark::Note, "commit them first, or use --include-dirty");
    }

    pub fn saved(&self, taken: &Taken) {
        if self.is_verbose() || !taken.not_retired.is_empty() {
            self.backed_up(taken);
        }
        let of_work = taken.events.iter().filter(|event| event.what != EventKind::Retired);
        let mut paths: Vec<&RepoPath> = of_work.map(|event| &event.path).collect();
        paths.dedup();
        if !paths.is_empty() {
            let files = count(paths.len(), "file");
            self.below(Mark::Done, &format!("Backed up: {files} with uncommitted work"));
        }
    }

    /// What came of undoing a run.
    pub fn undone(&self, done: &RolledBack) {
        let lines = |words: &str, paths: &[RepoPath]| -> Vec<String> {
            paths.iter().map(|path| format!("{words}: {}", self.path(path))).collect()
        };
        self.some_below(Mark::Done, &lines("Put back", &done.restored), "more files put back");
        self.some_below(Mark::Done, &lines("Removed", &done.removed), "more files removed");
        if done.index_is_back {
            self.below(Mark::Done, "Put back: the index");
        }
        if !done.kept.is_empty() {
            let files = count(done.kept.len(), "file");
            let text = format!("What {files} had become is backed up: git bak list");
            self.below(Mark::Note, &text);
        }
        for path in &done.unsaved {
            let path = self.path(path);
            self.below(Mark::Failed, &format!("{path}: it was changed, and was not saved before"));
        }
        let elsewhere: Vec<String> = done.elsewhere.iter().map(|it| self.elsewhere(it)).collect();
        self.some_below(Mark::Failed, &elsewhere, "more are not as they were");
        for (path, reason) in &done.failed {
            self.below(Mark::Failed, &format!("{}: not put back: {reason}", self.path(path)));
        }
        done.index_failed.iter().for_each(|reason| self.below(Mark::Failed, reason));
        if !done.is_whole() {
            self.below(Mark::Failed, "once that is out of the way: git bak run --abort");
        } else if done.is_as_it_was() {
            self.below(Mark::Done, "Everything is as it was, as far as Git doesn't ignore it");
        } else {
            self.below(Mark::Note, "All else is as it was, as far as Git doesn't ignore it");
        }
    }

    /// What is not as it was and was not put back, and what helps.
    fn elsewhere(&self, what: &OutsideTree) -> String {
        match what {
            OutsideTree::Ref { name, was, is } => {
                let name = shell_word(name.as_bytes());
                match (was, is) {
                    (Some(was), None) => format!("{name} is gone: git update-ref {name} {was}"),
                    (Some(was), _) => format!("{name} has moved: git update-ref {name} {was}"),
                    (None, _) => format!("{name} is new: git update-ref -d {name}"),
                }
            }
            OutsideTree::Stash { lost: None } => "the stash is another: git stash list".to_owned(),
            OutsideTree::Stash { lost: Some(id) } => {
                format!("a stash entry is gone: git stash store {id}")
            }
            OutsideTree::Ignored { path, is_there: true } => {
                format!("{}: it is ignored, and was changed", self.path(path))
            }
            OutsideTree::Ignored { path, is_there: false } => {
                format!("{}: it is ignored, and is gone", self.path(path))
            }
            OutsideTree::Nested { path, place, was_there, is_there } => {
                let word = path_word(place);
                let path = self.path(path);
                match (was_there, is_there) {
                    (false, _) => {
                        format!("{path}: a repository of its own, which is new, and stays")
                    }
                    (true, false) => format!("{path}: a repository of its own, which is gone"),
                    (true, true) => format!(
                        "{path}: a repository of its own, which was changed: git -C {word} status"
                    ),
                }
            }
            OutsideTree::Setting { file: path, was: Some(was) } => {
                let (was, path) = (path_word(was), path_word(path));
                format!("{path} was changed: cp {was} {path}")
            }
            OutsideTree::Setting { file: path, was: None } => {
                let path = path_word(path);
                format!("{path} is new: rm {path}")
            }
            OutsideTree::Begun { file, end } => format!("{file} is new: {end}"),
            OutsideTree::Over { file } => format!("{file} is gone"),
        }
    }

    /// How many files a command has changed, made and removed.
    pub fn changed(&self, [changed, made, removed]: [usize; 3], can_be_undone: bool) {
        let files = count(changed, "file");
        let undo = if can_be_undone { "; to take it back: git bak undo" } else { "" };
        self.below(Mark::Done, &format!("{files} changed, {made} made, {removed} removed{undo}"));
    }

    /// HEAD is not where it was, and what undoes that.
    pub fn head_moved(&self, was: Head<'_>, is: Head<'_>) {
        let text = format!(
            "HEAD has moved ({} -> {}): nothing was undone. All of it is undone, and what was uncommitted \
             comes back, by",
            named(was, is),
            named(is, was)
        );
        self.below(Mark::Failed, &text);
        for command in back(was, is) {
            self.command(&command);
        }
    }

    /// Nothing has changed, and nothing is left to commit.
    pub fn nothing_to_commit(&self) {
        self.below(Mark::Note, "nothing has changed: no commit is made");
    }
}

/// The branch, where that is another, and the commit.
fn named((commit, branch): Head<'_>, (_, other): Head<'_>) -> String {
    let commit = commit.map_or("no commit", |id| id.get(..8).unwrap_or(id));
    match branch.filter(|_| branch != other) {
        Some(branch) => {
            format!("{} {commit}", branch.strip_prefix("refs/heads/").unwrap_or(branch))
        }
        None => commit.to_owned(),
    }
}

/// The commands that bring HEAD back and leave every file alone, and the one that does the rest.
fn back((commit, branch): Head<'_>, (_, now): Head<'_>) -> Vec<String> {
    let mut commands = Vec::new();
    match (branch, commit) {
        (Some(branch), _) if now != Some(branch) => {
            commands.push(format!("git symbolic-ref HEAD {branch}"));
        }
        (None, Some(commit)) if now.is_some() => {
            commands.push(format!("git update-ref --no-deref HEAD {commit}"));
        }
        _ => {}
    }
    commands.push(match commit {
        Some(commit) => format!("git reset --soft {commit}"),
        None => "git update-ref -d HEAD".to_owned(),
    });
    commands.push("git bak run --abort".to_owned());
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_the_same_branch_only_the_commit_is_taken_back() {
        let on = |commit| (Some(commit), Some("refs/heads/main"));
        assert_eq!(back(on("a"), on("b")), ["git reset --soft a", "git bak run --abort"]);
        assert_eq!(
            back((None, Some("refs/heads/main")), on("b")),
            ["git update-ref -d HEAD", "git bak run --abort"]
        );
    }

    #[test]
    fn from_another_branch_or_from_none_the_way_leads_back() {
        let main = (Some("a"), Some("refs/heads/main"));
        let other = (Some("b"), Some("refs/heads/other"));
        assert_eq!(back(main, other)[0], "git symbolic-ref HEAD refs/heads/main");
        assert_eq!(back(main, (Some("b"), None))[0], "git symbolic-ref HEAD refs/heads/main");
        assert_eq!(back((Some("a"), None), other)[0], "git update-ref --no-deref HEAD a");
        assert_eq!(back((Some("a"), None), (Some("b"), None))[0], "git reset --soft a");
    }
}
