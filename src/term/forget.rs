//! What forget says.

use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};

use super::{Mark, Term, path_word};
use crate::backups::forget::{Doomed, Left};
use crate::git::whereabouts::Whereabouts;
use crate::model::names::repo_path::RepoPath;

/// Asks the user at a terminal; `None` without a terminal.
pub fn ask(question: &str) -> Option<String> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return None;
    }
    let _ = std::io::stderr().write_all(question.as_bytes());
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).ok()?;
    Some(answer)
}

impl Term {
    pub fn doomed(&self, doomed: &Doomed) {
        let lines: Vec<String> = doomed
            .paths()
            .iter()
            .map(|path| {
                let backups = doomed.backups.iter().filter(|backup| backup.path == *path).count();
                let stored = doomed.stored.iter().filter(|(of, _)| of == path).count();
                let (path, s) = (self.path(path), |n| if n == 1 { "" } else { "s" });
                format!("{path}: {backups} backup{}, {stored} in the vault", s(backups))
            })
            .collect();
        self.some(Mark::Note, &lines, "more files");
    }

    pub fn nothing_forgotten(&self) {
        self.say(Mark::Note, "nothing was destroyed");
    }

    /// What was destroyed, and what was not.
    pub fn forgotten(&self, paths: &BTreeSet<RepoPath>, left: &[Left]) {
        let lines: Vec<String> =
            paths.iter().map(|path| format!("forgotten: {}", self.path(path))).collect();
        self.some(Mark::Done, &lines, "more files forgotten");
        for one in left {
            self.say(Mark::Failed, &self.left(one));
        }
    }

    fn left(&self, left: &Left) -> String {
        match left {
            Left::Shared(path, others) => {
                let path = self.path(path);
                let other = others.first().map(|other| self.word(other));
                let other = other.unwrap_or_default();
                format!("{path}: the vault has the same content as {other}: git bak forget {other}")
            }
            Left::Vault(what) => format!("the vault still has {what}: git bak forget once more"),
            Left::Git(path, id, found) => self.in_git(path, &id.to_string(), found),
            Left::Backup(location, reason) => {
                let word = self.word(location);
                format!("{}: not removed: {reason}: rm -- {word}", self.path(location))
            }
            Left::Elsewhere(top, count) => {
                let top = path_word(top);
                format!("another working tree has {count} of its backups: git -C {top} bak forget")
            }
            Left::Remote(url) => {
                format!("{url} has it, until the next push: git bak push")
            }
            Left::UnderWay => {
                "a commit in progress has it: git bak forget once more when it has ended".into()
            }
        }
    }

    /// What Git itself has of it, and what helps.
    fn in_git(&self, path: &RepoPath, id: &str, found: &Whereabouts) -> String {
        let word = self.word(path);
        let path = self.path(path);
        match found {
            Whereabouts::Index => format!(
                "{path}: its content is staged, and stays: git rm --cached -- {word}, then git gc \
                 --prune=now ({id})"
            ),
            Whereabouts::IndexOf(top) => format!(
                "{path}: its content is staged in another working tree, and stays: git -C {} rm --cached -- {word}, \
                 then git gc --prune=now",
                path_word(top)
            ),
            Whereabouts::History => format!(
                "{path}: its content is in Git's own history, a stash or a reflog, and stays there: git log --all \
                 --reflog --find-object={id}"
            ),
            Whereabouts::Unnamed => format!(
                "{path}: Git still has its content, as an unreachable object: git gc --prune=now removes all of them"
            ),
        }
    }
}
