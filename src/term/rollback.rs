//! What is said of an upgrade that is undone, or was left unfinished.

use chrono::{DateTime, FixedOffset};

use super::upgrade::Part;
use super::{Mark, Term};
use crate::model::events::failure::Tried;
use crate::model::names::repo_path::RepoPath;
use crate::model::transaction::{Step, Transaction};
use crate::transaction::RolledBack;

impl Term {
    pub fn rolling_back(&self) {
        self.part(Part::RollingBack, "Rolling back...");
    }

    pub fn rolled_back(&self, done: &RolledBack) {
        let lines = |words: &str, paths: &[RepoPath]| -> Vec<String> {
            paths.iter().map(|path| format!("{words}: {}", self.path(path))).collect()
        };
        let kept = done.kept.iter();
        let kept: Vec<String> = kept
            .map(|path| {
                let word = self.word(path);
                let path = self.path(path);
                format!("{path}: it was changed meanwhile, and that is in the vault: git bak list -- {word}")
            })
            .collect();
        self.some_below(Mark::Note, &kept, "more files were changed meanwhile: git bak list");
        self.some_below(Mark::Done, &lines("Put back", &done.restored), "more files put back");
        self.some_below(Mark::Done, &lines("Removed", &done.removed), "more files removed");
        for (path, reason) in &done.failed {
            self.below(Mark::Failed, &format!("{}: not put back: {reason}", self.path(path)));
        }
        if done.failed.is_empty() {
            self.below(Mark::Done, "Everything is as it was");
        } else {
            self.below(Mark::Failed, "once that is out of the way: git bak apply --abort");
        }
    }

    /// It could not be undone, or not all of it, and what is there was not looked at.
    pub fn not_rolled_back(&self, error: &anyhow::Error, tried: Tried) {
        self.below(Mark::Failed, &format!("not everything is put back: {error:#}"));
        let text = format!("once that is out of the way: {}", way_back(tried));
        self.below(Mark::Failed, &text);
    }

    pub fn unfinished(&self, left: &Transaction) {
        let verb = left.tried;
        let text = match verb {
            Tried::Undo => format!("{}: git bak undo ends it", unfinished(left)),
            _ => format!(
                "{}: git bak {verb} --abort puts everything back, git bak {verb} --continue goes on",
                unfinished(left)
            ),
        };
        self.say(Mark::Failed, &text);
    }

    pub fn nothing_unfinished(&self) {
        self.say(Mark::Note, "there is no unfinished apply or run");
    }

    /// What was left unfinished is ended by a commit that holds it.
    pub fn was_committed(&self, commit: &str) {
        let short = commit.get(..8).unwrap_or(commit);
        let text =
            format!("what was unfinished is committed, in {short}: git revert {short} undoes it");
        self.say(Mark::Note, &text);
    }
}

/// What puts everything back that one has changed; an undo brings itself to its end.
pub fn way_back(verb: Tried) -> String {
    match verb {
        Tried::Undo => "git bak undo".to_owned(),
        _ => format!("git bak {verb} --abort"),
    }
}

/// What ends one that was left unfinished.
pub fn how_to_end(verb: Tried) -> String {
    match verb {
        Tried::Undo => way_back(verb),
        _ => format!("{}, or git bak {verb} --continue", way_back(verb)),
    }
}

/// Which upgrade was left unfinished, and where.
pub fn unfinished(left: &Transaction) -> String {
    let what = match (left.tried, left.touched.len()) {
        (Tried::Run, _) => "a run".to_owned(),
        (Tried::Undo, _) => "an undo".to_owned(),
        (_, 1) => "an apply of 1 file".to_owned(),
        (_, many) => format!("an apply of {many} files"),
    };
    let during = match left.step {
        Step::Apply if left.tried == Tried::Run => "in its command",
        Step::Apply => "while files were changed",
        Step::Reload => "in its reload command",
        Step::Test => "in its test command",
        Step::Commit => "before its commit",
    };
    format!("{what}, begun {}, ended {during}", began(left))
}

fn began(left: &Transaction) -> String {
    let zone = FixedOffset::east_opt(left.began.1);
    let time = DateTime::from_timestamp(left.began.0, 0).unwrap_or_default();
    let local = zone.map_or(time.naive_utc(), |zone| time.with_timezone(&zone).naive_local());
    local.format("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::events::attempt::Process;
    use crate::model::transaction::{State, Touched};

    fn left(tried: Tried, step: Step, files: usize) -> Transaction {
        let path = |n: usize| RepoPath::from_bytes(format!("f{n}").into_bytes()).unwrap();
        let touched =
            |n| Touched { path: path(n), before: State::Nothing, ours: vec![State::Nothing] };
        let process = Process { pid: 1, started: None };
        Transaction {
            step,
            touched: (0..files).map(touched).collect(),
            ..Transaction::new(tried, process, (1_762_459_845, 3600))
        }
    }

    #[test]
    fn what_was_left_says_when_it_began_and_how_far_it_came() {
        let said = |tried, step, files| unfinished(&left(tried, step, files));
        for (step, during) in [
            (Step::Apply, "while files were changed"),
            (Step::Reload, "in its reload command"),
            (Step::Test, "in its test command"),
            (Step::Commit, "before its commit"),
        ] {
            let line = format!("an apply of 1 file, begun 2025-11-06 21:10, ended {during}");
            assert_eq!(said(Tried::Apply, step, 1), line);
        }
        assert!(said(Tried::Apply, Step::Test, 2).starts_with("an apply of 2 files, begun "));
        let line = "an undo, begun 2025-11-06 21:10, ended while files were changed";
        assert_eq!(said(Tried::Undo, Step::Apply, 2), line);
        let line = "a run, begun 2025-11-06 21:10, ended in its command";
        assert_eq!(said(Tried::Run, Step::Apply, 0), line);
    }
}
