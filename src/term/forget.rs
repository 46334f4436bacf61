//! What forget says.

use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};

use super::{Mark, Term, path_word};
use crate::git::unreferenced::Fate;
use crate::model::quote::shell_word;
use crate::model::repo_path::RepoPath;
use crate::storage::forget::{Doomed, Left};

/// Asks somebody at a terminal; `None` if there is nobody.
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
    /// What would be destroyed.
    pub fn doomed(&self, doomed: &Doomed) {
        let lines: Vec<String> = doomed
            .paths()
            .iter()
            .map(|path| {
                let backups = doomed.backups.iter().filter(|backup| backup.path == *path).count();
                let stored = doomed.stored.iter().filter(|version| version.path == *path).count();
                let (path, s) = (self.path(path), |n| if n == 1 { "" } else { "s" });
                format!("{path}: {backups} backup{}, {stored} in the vault", s(backups))
            })
            .collect();
        self.some(Mark::Note, &lines, "more files");
    }

    /// Somebody said no.
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
            Left::Content(path, id, fate, others) => {
                let path = self.path(path);
                if let Some(other) = others.first() {
                    let other = shell_word(other.as_bytes());
                    return format!(
                        "{path}: the vault has the same content as {other}: git bak forget {other}"
                    );
                }
                format!("{path}: {}", fate_of(&id.to_string(), fate))
            }
            Left::Staged(path, id) => {
                let word = shell_word(path.as_bytes());
                format!(
                    "{}: its content is staged, and stays: git rm --cached -- {word}, then git gc \
                     --prune=now ({id})",
                    self.path(path)
                )
            }
            Left::Backup(location, reason) => {
                let word = shell_word(location.as_bytes());
                format!("{}: left where it is: {reason}: rm -- {word}", self.path(location))
            }
            Left::Elsewhere(top, count) => {
                let top = path_word(top);
                format!("another working tree has {count} of its backups: git -C {top} bak forget")
            }
            Left::Records(reason) => {
                format!("the ledger still has sizes and ids: {reason}: git bak forget once more")
            }
            Left::OldLedger(file) => {
                let file = path_word(file);
                format!("an older ledger is kept, and may have ids of it: rm -- {file}")
            }
            Left::UnderWay => {
                "a commit is under way and has it: git bak forget once more when it has ended"
                    .into()
            }
        }
    }
}

/// Why an object is left, and what helps.
fn fate_of(id: &str, fate: &Fate) -> String {
    match fate {
        Fate::Named => format!(
            "its content is in Git's own history, a stash or a reflog, and stays there: git log --all \
             --reflog --find-object={id}"
        ),
        Fate::LostCommit(commit) => format!(
            "its content stays in {commit}, which no branch names: git gc --prune=now removes all such"
        ),
        Fate::Packed => {
            "its content is in a pack: git gc --prune=now removes all that nothing names".to_owned()
        }
        Fate::InUse => "somebody has just written the same content: git gc --prune=now".to_owned(),
        Fate::Unknown(reason) => format!(
            "its content stays ({id}), for it can't be told whether anything names it: {reason}: git \
             fsck, then git gc --prune=now"
        ),
    }
}
