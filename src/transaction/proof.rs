//! What proves that something is what it was, without a look into it.

use super::surroundings::{self, SeenTree};
use crate::git::survey::quick::trusted_before;
use crate::model::names::repo_path::RepoPath;
use crate::model::surroundings::{Stood, Surroundings};
use crate::model::transaction::State;
use crate::os::folder::{EntryKind, Stat};

/// Whether the system's data show that it was not written to and kept its mode.
pub(super) fn is_untouched(stood: &Stood, now: &Stat) -> bool {
    let is_link = matches!(stood.state, Some(State::Link { .. }));
    is_link == (now.kind == EntryKind::Other) && surroundings::seal_of(now) == stood.seal
}

/// Whether each `.gitignore` is what it was.
pub(super) fn has_same_rules(was: &Surroundings, seen: &SeenTree) -> bool {
    let is_rule = |path: &RepoPath| path.file_name() == surroundings::RULES;
    let rules: Vec<_> = was.files.iter().filter(|(path, _)| is_rule(path)).collect();
    let now: Vec<_> = seen.files.iter().filter(|(path, _)| is_rule(path)).collect();
    let proves = trusted_before(was.looked);
    let same = |((path, stood), (other, now)): (&(_, &Stood), &(_, &Stat))| {
        path == other && is_untouched(stood, now) && proves(now.changed)
    };
    rules.len() == now.len() && rules.iter().zip(&now).all(same)
}

/// Whether Git ignored it then. By the same rules it does so still.
pub(super) fn was_ignored(was: &Surroundings, path: &RepoPath, is_folder: bool) -> bool {
    was.ignored.get(path).is_some_and(|seal| seal.is_none() == is_folder)
}
