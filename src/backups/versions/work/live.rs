//! What was live at some time, and where HEAD was then.

use super::Commits;
use crate::backups::versions::Version;
use crate::model::events::line::{Line, What};
use crate::model::names::repo_path::RepoPath;

impl Commits<'_> {
    /// The place of the last commit's attempt, and the commit: what was lost before it is no fresh loss.
    pub fn horizon(&self) -> (usize, Option<&str>) {
        let Some(at) = self.lines.iter().rposition(|line| line.what == What::Commit) else {
            return (0, None);
        };
        let attempt = self.lines[at].attempt.as_ref();
        let begun = self
            .lines
            .iter()
            .position(|line| line.what == What::Snapshot && line.attempt.as_ref() == attempt);
        (begun.filter(|_| attempt.is_some()).unwrap_or(at), self.lines[at].commit.as_deref())
    }

    /// The last line that counts at a time: the newest snapshot of that label, else the last before `instant` or at it.
    pub fn line_at(&self, word: &str, instant: i64) -> Option<usize> {
        let labelled = self.lines.iter().rposition(|line| line.label.as_deref() == Some(word));
        labelled.or_else(|| self.lines.iter().rposition(|line| line.time <= instant))
    }

    /// Where HEAD and the branch were at a line, as far as a snapshot before it knew.
    pub fn stood(&self, at: usize) -> Option<&Line> {
        self.lines[..=at].iter().rfind(|line| line.head.is_some())
    }

    /// Where HEAD was when a version was copied.
    pub fn head_of(&self, version: &Version) -> Option<String> {
        self.lines.get(version.line?)?.head.clone()
    }

    /// Where HEAD was when a version was last seen; if a commit's snapshot saw it, that commit.
    pub fn head_then(&self, seen: usize) -> Option<&str> {
        let attempt = self.lines.get(seen)?.attempt.as_ref();
        let mut later = self.lines[seen..].iter().filter(|line| line.what == What::Commit);
        let made = later.find(|line| attempt.is_some() && line.attempt.as_ref() == attempt);
        made.map_or_else(|| self.stood(seen)?.head.as_deref(), |line| line.commit.as_deref())
    }

    /// The version that was live at `instant`, when the line `cut` was the last: the one last seen then, unless something ended it before.
    pub fn live(
        &self,
        path: &RepoPath,
        versions: &[Version],
        (instant, cut): (i64, Option<usize>),
    ) -> Option<Version> {
        let is_before = |at: usize| cut.is_some_and(|cut| at <= cut);
        let mut known: Vec<&Version> =
            versions.iter().filter(|it| it.instant() <= instant).collect();
        known.retain(|it| !self.is_staged_beside(it) && it.line.is_none_or(is_before));
        let restored = self.restored(path).filter(|(at, _)| is_before(*at)).last();
        let by_restore = restored.and_then(|(at, blob)| {
            let version = versions.iter().find(|version| version.id.to_string() == blob)?;
            Some((version, at))
        });
        let newest = known.first().map(|version| (*version, version.line.unwrap_or(0)));
        let (version, seen) = by_restore.into_iter().chain(newest).max_by_key(|(_, at)| *at)?;
        let Some(cut) = cut.filter(|_| version.line.is_some()) else {
            return Some(version.clone());
        };
        let is_without = |line: &Line| {
            line.full
                && line.worktree == self.lines[seen].worktree
                && line.files.iter().all(|file| !file.is_of(path))
        };
        let ended = self.closing(version, &self.ids(version), seen, cut + 1).is_some()
            || self.lines[..=cut].iter().skip(seen + 1).any(is_without);
        (!ended).then(|| version.clone())
    }
}
