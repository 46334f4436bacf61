//! What the lines of commits tell of them by themselves: each names all that its commit changed, and its parents, so
//! that a look through a month needn't read thousands of Git's objects. Where a line doesn't (of an amended commit, of
//! one that no hook saw), those are asked.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::model::events::line::{Line, Seen, What};
use crate::model::names::repo_path::RepoPath;

/// The commits that name what they changed, oldest first.
#[derive(Debug)]
pub(super) struct ToldCommits<'a> {
    commits: Vec<ToldCommit<'a>>,
    by_id: HashMap<&'a str, usize>,
    /// By path which of them changed it.
    by_path: HashMap<Cow<'a, [u8]>, Vec<(usize, &'a Seen)>>,
}

#[derive(Debug)]
struct ToldCommit<'a> {
    /// Its line.
    at: usize,
    parents: &'a [String],
    /// Each of a run is the first parent of the next.
    run: usize,
}

impl<'a> ToldCommits<'a> {
    pub fn of(lines: &'a [Line]) -> Self {
        let (commits, by_id, by_path) = Default::default();
        let mut told = Self { commits, by_id, by_path };
        let mut last = None;
        let made = lines.iter().enumerate().filter(|(_, line)| line.what == What::Commit);
        for (at, line) in made {
            let (Some(parents), Some(id)) = (&line.parents, &line.commit) else {
                last = None;
                continue;
            };
            let number = told.commits.len();
            let is_next = last.is_some() && parents.first() == last;
            let run = told.commits.last().map_or(0, |it| it.run + usize::from(!is_next));
            told.commits.push(ToldCommit { at, parents, run });
            told.by_id.insert(id, number);
            for seen in line.files.iter().filter(|seen| seen.git.is_some() || seen.old.is_some()) {
                let text = seen.text.as_ref().map(|text| Cow::Borrowed(text.as_bytes()));
                let Some(path) = text.or_else(|| seen.path_bytes().map(Cow::Owned)) else {
                    continue;
                };
                told.by_path.entry(path).or_default().push((number, seen));
            }
            last = Some(id);
        }
        told
    }

    fn of_path(&self, path: &RepoPath) -> &[(usize, &'a Seen)] {
        self.by_path.get(path.as_bytes()).map_or(&[], Vec::as_slice)
    }

    /// What the commit of this number changed at a path.
    fn change(&self, number: usize, path: &RepoPath) -> Option<&'a Seen> {
        let changes = self.of_path(path);
        let at = changes.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        Some(changes[at].1)
    }

    pub fn parents(&self, commit: &str) -> Option<&'a [String]> {
        self.by_id.get(commit).map(|number| self.commits[*number].parents)
    }

    /// Whether the commit of a line changed a path; `None` if the line doesn't say.
    pub fn has_changed(&self, at: usize, path: &RepoPath) -> Option<bool> {
        let number = self.commits.binary_search_by_key(&at, |it| it.at).ok()?;
        Some(self.change(number, path).is_some())
    }

    /// The blob that a commit has at a path that it changed: `Some(None)` if it has none.
    pub fn blob(&self, commit: &str, path: &RepoPath) -> Option<Option<&'a str>> {
        let change = self.change(*self.by_id.get(commit)?, path)?;
        Some(change.git.as_deref())
    }

    /// The blob that `head` has at a path, told by the commits that came on top of it since a line.
    pub fn blob_before(
        &self,
        head: &str,
        path: &RepoPath,
        since: usize,
    ) -> Option<Option<&'a str>> {
        let number = self.commits.partition_point(|it| it.at <= since);
        let next = self.commits.get(number)?;
        let changes = self.of_path(path);
        let (later, change) = changes.get(changes.partition_point(|(it, _)| *it < number))?;
        let is_on_top = next.parents.first().is_some_and(|first| first == head);
        (is_on_top && self.commits[*later].run == next.run).then_some(change.old.as_deref())
    }
}
