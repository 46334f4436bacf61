//! A look at what is there after a command, as the one before it looked.
//!
//! What could go wrong: something new is not seen. So whatever lies beside the files that were there counts as new,
//! unless Git calls it ignored: by the rules of then, for the command may have changed them.

use anyhow::Result;

use super::before::{MOST_PATHS, index};
use super::proof::{has_same_rules, was_ignored};
use super::surroundings::SeenTree;
use super::{Upgrade, folder_of, git_settings, surroundings};
use crate::git::survey::{ignored, others};
use crate::git::worktree::saved_index;
use crate::model::names::repo_path::{RepoPath, next_at};
use crate::model::surroundings::Surroundings;
use crate::os::private;

impl Upgrade<'_> {
    /// What is there of all that was there, and of all that Git tracked then or would track by the rules of then; and
    /// the repositories inside.
    pub(super) fn look_now(&self, was: &Surroundings) -> Result<(SeenTree, Vec<RepoPath>)> {
        let mut seen = surroundings::look(self.store, &was.files.keys().collect::<Vec<_>>())?;
        let is_same = has_same_rules(was, &seen);
        let mut others = std::mem::take(&mut seen.others);
        // A folder may have taken a file's place.
        others.retain(|(path, is_folder)| {
            (*is_folder || !was.files.contains_key(path))
                && !(is_same && was_ignored(was, path, *is_folder))
        });
        let mut nested = Vec::new();
        if !others.is_empty() {
            let repository = &self.store.repository;
            let mut new = saved_index::paths(repository, &index(self.store))?;
            new.retain(|path| !was.nested.contains_key(path));
            let untracked;
            (untracked, nested) = self.untracked(was, others)?;
            new.extend(untracked);
            new.sort();
            let mut known = was.files.keys().peekable();
            new.retain(|path| next_at(&mut known, |path| path, path).is_none());
            if !new.is_empty() {
                seen.add(surroundings::look(self.store, &new.iter().collect::<Vec<_>>())?);
            }
        }
        self.see_rules(was, &mut seen);
        Ok((seen, nested))
    }

    /// The files that the index of then doesn't have and that are not ignored by the rules of then, and the repositories
    /// inside, of those that lie at or below `others`.
    fn untracked(
        &self,
        was: &Surroundings,
        others: Vec<(RepoPath, bool)>,
    ) -> Result<(Vec<RepoPath>, Vec<RepoPath>)> {
        let repository = &self.store.repository;
        let git = saved_index::git_with(repository, &index(self.store));
        let folder = private::scratch(&folder_of(repository), "rules")?;
        let mut rules = Vec::new();
        for text in git_settings::rules(self.store, was) {
            let place = folder.path().join(rules.len().to_string());
            private::write(&place, text)?;
            rules.push(place);
        }
        let rules: Vec<_> = rules.iter().map(AsRef::as_ref).collect();
        let only = others.into_iter().map(|(path, _)| path).collect::<Vec<_>>();
        let only = if only.len() > MOST_PATHS { &[][..] } else { &only };
        others::list(&git, &rules, only, &was.exclude)
    }

    /// Looks at the `.gitignore` of each new folder that is ignored only because of that.
    fn see_rules(&self, was: &Surroundings, seen: &mut SeenTree) {
        let is_new =
            |path: &&RepoPath| !was.folders.contains_key(*path) && !was.nested.contains_key(*path);
        let ignored = seen.folders.iter().filter(|(_, (_, all))| !all).map(|(path, _)| path);
        let rules = ignored.filter(is_new).filter_map(|path| {
            let rules = RepoPath::below(Some(path), surroundings::RULES)?;
            let stat = self.tree.stat(&rules).ok()??;
            Some((path.as_bytes().to_vec(), (rules, stat)))
        });
        let (folders, rules): (Vec<_>, Vec<_>) = rules.unzip();
        if !folders.is_empty() {
            let git = self.store.repository.git();
            let not_ignored = ignored::not_ignored(&git, &folders).unwrap_or_default();
            let named = folders.into_iter().zip(rules);
            let visible = named.filter(|(folder, _)| not_ignored.contains(folder));
            seen.files.extend(visible.map(|(_, rules)| rules));
        }
    }
}
