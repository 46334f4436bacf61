//! Which commit closes a version, and which commit was under way when it was seen.

use std::collections::{BTreeSet, HashSet};

use super::Commits;
use crate::backups::versions::Version;
use crate::git::history::{amended_paths, changed_paths};
use crate::model::events::event::Kind;
use crate::model::events::line::{Line, Seen, What};
use crate::model::names::repo_path::RepoPath;

impl Commits<'_> {
    /// Whether the commit that was under way has come to nothing or left out what was staged for it, or edits were gone
    /// after it.
    pub(super) fn is_lost_by_attempt(&self, ids: &BTreeSet<String>, seen: usize) -> bool {
        let Some(begun) = self.under_way(seen) else { return false };
        let of_it = |line: &&Line| line.attempt == self.lines[begun].attempt;
        let staged = self.lines[begun].files.iter().filter(|it| it.kind == Some(Kind::Staged));
        let mut staged = staged.filter_map(|it| it.id.as_ref());
        let after = || self.lines[begun..].iter().filter(of_it);
        staged.any(|id| ids.contains(id))
            || after().any(|line| line.what == What::Vanished)
            || !after().any(|line| line.what == What::Commit)
    }

    /// The snapshot of the commit that was under way at a line.
    pub(super) fn under_way(&self, at: usize) -> Option<usize> {
        let lines = &self.lines[..self.lines.len().min(at + 1)];
        let is_attempt = |line: &Line| line.what == What::Snapshot && line.attempt.is_some();
        let begun = lines.iter().rposition(is_attempt)?;
        let of_it = lines[begun..].iter().filter(|line| line.attempt == lines[begun].attempt);
        let has_ended =
            of_it.map(|line| line.what).any(|it| it == What::Commit || it == What::Failed);
        (!has_ended).then_some(begun)
    }

    /// The line of the first commit between two places that closes a version.
    pub fn closing(
        &self,
        version: &Version,
        ids: &BTreeSet<String>,
        seen: usize,
        end: usize,
    ) -> Option<usize> {
        let (then, path) = (&self.lines.get(seen)?.worktree, &version.path);
        let of = self.under_way(seen).unwrap_or(seen);
        let is_staged = |it: &&Seen| it.kind == Some(Kind::Staged) && it.is_of(path);
        let staged = self.lines[of].files.iter().find(is_staged);
        let commits =
            self.lines[..end].iter().enumerate().skip(seen + usize::from(version.line.is_some()));
        let mut commits =
            commits.filter(|(_, line)| line.what == What::Commit && line.worktree == *then);
        let found = commits.find(|(at, line)| {
            let commit = line.commit.as_deref().unwrap_or_default();
            let has = || self.blob_of(commit, path).is_some_and(|id| ids.contains(&id));
            if !is_by_hand(line) {
                return has();
            }
            let is_own = line.attempt.is_some() && self.lines[of].attempt == line.attempt;
            match (staged, is_own) {
                (Some(file), _) if file.id.as_ref().is_some_and(|id| ids.contains(id)) => {}
                // Seen beside what was staged for it, or by another snapshot while it was under way.
                (_, true) => return has(),
                // Just what it lay beside was committed later.
                (Some(file), false) => {
                    let staged = file.git.as_ref().or(file.id.as_ref());
                    if staged.is_some() && self.blob_of(commit, path).as_ref() == staged {
                        return false;
                    }
                }
                (None, false) => {}
            }
            self.has_changed(*at, line, path)
        });
        found.map(|(at, _)| at)
    }

    /// Whether a commit changed a file; where Git has forgotten it, whether that was staged for it.
    fn has_changed(&self, at: usize, line: &Line, path: &RepoPath) -> bool {
        if let Some(told) = self.told().has_changed(at, path) {
            return told;
        }
        if let Some(known) = self.changed.borrow().get(&at) {
            return known.contains(path);
        }
        let objects = &self.store.objects;
        let commit = line.commit.as_deref().unwrap_or_default();
        let is_attempt = |it: &&Line| it.what == What::Snapshot && it.attempt == line.attempt;
        let attempt = self.lines[..at].iter().rfind(is_attempt).filter(|_| line.attempt.is_some());
        let changed = objects.parse(commit).and_then(|id| {
            let mut changed = changed_paths(objects, id)?;
            if let Some(head) = attempt.and_then(|line| line.head.as_ref()) {
                let head = objects.parse(head)?;
                changed.extend(amended_paths(objects, id, head).unwrap_or_default());
            }
            Ok(changed)
        });
        let changed: HashSet<RepoPath> = match changed {
            Ok(changed) => changed.into_iter().collect(),
            Err(_) => {
                let files = attempt.into_iter().flat_map(|line| &line.files);
                let staged = files.filter(|seen| seen.kind == Some(Kind::Staged));
                staged.filter_map(Seen::path).collect()
            }
        };
        let has = changed.contains(path);
        self.changed.borrow_mut().insert(at, changed);
        has
    }
}

/// Whether the user made it with `git commit`.
pub fn is_by_hand(line: &Line) -> bool {
    match line.cause.as_deref() {
        Some("commit") => true,
        Some("am" | "cherry-pick" | "merge" | "pull" | "rebase" | "revert") => false,
        _ => line.attempt.is_some(),
    }
}
