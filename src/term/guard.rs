//! What the guard says.

use std::collections::BTreeSet;

use super::hooks::restore;
use super::{Mark, Term};
use crate::model::command::danger::{Danger, Loss};
use crate::model::names::repo_path::RepoPath;
use crate::snapshot::Taken;

impl Term {
    /// What the guard has kept from the command that asked it; what couldn't be is named.
    pub fn guarded(&self, danger: &Danger, taken: &Taken) {
        let kept: BTreeSet<&RepoPath> = taken.events.iter().map(|event| &event.path).collect();
        let before = match danger.verb.as_str() {
            "" => "this command".to_owned(),
            verb => format!("git {verb}"),
        };
        let how = match kept.first() {
            Some(only) if kept.len() == 1 => restore(only),
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
