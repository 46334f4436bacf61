//! What the guard says.

use std::collections::BTreeSet;

use super::{Mark, Term};
use crate::model::command::danger::{Danger, Loss};
use crate::model::names::repo_path::RepoPath;
use crate::snapshot::{NO_MORE_TIME, Taken};

impl Term {
    /// Git is answered before all was done; what is known to be left is named.
    pub fn guard_out_of_time(&self, danger: &Danger, files: &[RepoPath]) {
        if files.is_empty() {
            let before = before(danger);
            let text = format!("what {before} overwrites is not protected: {NO_MORE_TIME}");
            return self.say(Mark::Failed, &text);
        }
        let left = |path: &RepoPath| (path.clone(), NO_MORE_TIME.to_owned());
        let unprotected = files.iter().map(left).collect();
        self.snapshot(&Taken { unprotected, ..Taken::default() });
    }

    /// What the guard has kept from the command that asked it; what couldn't be is named.
    pub fn guarded(&self, danger: &Danger, taken: &Taken) {
        let kept: BTreeSet<&RepoPath> = taken.events.iter().map(|event| &event.path).collect();
        let before = before(danger);
        let how = match kept.first() {
            Some(only) if kept.len() == 1 => self.restore(only),
            _ => "git bak restore --all".to_owned(),
        };
        let what = match kept.first() {
            Some(only) if kept.len() == 1 => self.path(only),
            _ => format!("{} files", kept.len()),
        };
        if !kept.is_empty() && (danger.loss == Loss::Silent || self.is_verbose()) {
            self.say(Mark::Done, &format!("{what}: backed up before {before}: {how}"));
        }
        self.snapshot(&Taken {
            unprotected: taken.unprotected.clone(),
            unrecorded: taken.unrecorded.clone(),
            ..Taken::default()
        });
    }
}

/// The command before which it acts.
fn before(danger: &Danger) -> String {
    match danger.verb.as_str() {
        "" => "this command".to_owned(),
        verb => format!("git {verb}"),
    }
}
