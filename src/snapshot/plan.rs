//! Which versions of which files a snapshot keeps.

use crate::backups::Store;
use crate::git::history;
use crate::model::at_risk::{AtRisk, FileState, Mode, Survey};
use crate::model::events::event::Kind;
use crate::model::names::backup_name::is_ours;
use crate::model::names::repo_path::RepoPath;
use crate::model::settings::Scope;

/// One version to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub path: RepoPath,
    pub kind: Kind,
    pub from: From,
}

/// Where a version's bytes come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    WorkingTree,
    /// The working tree's file, of which Git says nothing and which may stay as it is for years: it is kept once for
    /// each of its states. `git`: what a filter makes of it, in hex, which is what the index has.
    Unseen {
        git: Option<String>,
        /// Git has been told to ignore it.
        is_ignored: bool,
    },
    /// What is staged, in the working tree's form.
    Index {
        mode: Mode,
        blob: String,
        /// The working tree's file is the same, as Git compares them.
        as_worktree: bool,
        /// That file's size, where its stat data alone shows that it is the same.
        size: Option<u64>,
    },
}

/// What pre-commit backs up of what a survey found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub wanted: Vec<Wanted>,
    /// Backups that were added to the index by force: they are about to be committed.
    pub staged_backups: Vec<RepoPath>,
}

impl Plan {
    /// Adds a version of the working tree's file, behind the staged one if there is one, which is then another.
    pub(super) fn add_unseen(&mut self, path: RepoPath, unseen: From) {
        let of_path = self.wanted.iter().rposition(|wanted| wanted.path == path);
        let at = of_path.map_or(self.wanted.len(), |at| at + 1);
        if let Some(From::Index { as_worktree, size, .. }) =
            of_path.map(|at| &mut self.wanted[at].from)
        {
            (*as_worktree, *size) = (false, None);
        }
        self.wanted.insert(at, Wanted { path, kind: Kind::Worktree, from: unseen });
    }
}

/// Plans the snapshot of everything at risk, as the settings say.
pub fn of_survey(store: &Store, survey: &Survey) -> Plan {
    of_scope(store, survey, store.settings.scope)
}

pub fn of_scope(store: &Store, survey: &Survey, scope: Scope) -> Plan {
    let objects = &store.objects;
    let parents = history::merge_trees(objects, &store.repository.git_dir);
    let in_a_parent = |path: &RepoPath, blob: &str| {
        parents.iter().any(|tree| {
            let entry = objects.lookup(*tree, path).ok().flatten();
            entry.is_some_and(|entry| entry.id.to_string() == blob)
        })
    };
    let mut plan = Plan::default();
    for file in &survey.files {
        if file.added && is_ours(file.path.file_name()) {
            plan.staged_backups.push(file.path.clone());
            continue;
        }
        plan.wanted.extend(versions(file, scope, &in_a_parent));
    }
    plan
}

/// The versions of one file: the staged one first.
fn versions(
    file: &AtRisk,
    scope: Scope,
    in_a_parent: &impl Fn(&RepoPath, &str) -> bool,
) -> Vec<Wanted> {
    let mut versions = Vec::new();
    if let Some((mode, blob)) = &file.staged
        && !in_a_parent(&file.path, blob)
    {
        let as_worktree = file.state == FileState::AsStaged;
        let from = From::Index { mode: *mode, blob: blob.clone(), as_worktree, size: file.size };
        versions.push(Wanted { path: file.path.clone(), kind: Kind::Staged, from });
    }
    let edited = match file.state {
        FileState::Edited => scope != Scope::Staged || file.staged.is_some(),
        FileState::Untracked => true,
        FileState::AsStaged | FileState::Gone => false,
    };
    if edited {
        let from = From::WorkingTree;
        versions.push(Wanted { path: file.path.clone(), kind: Kind::Worktree, from });
    }
    versions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(staged: bool, state: FileState) -> AtRisk {
        AtRisk {
            path: RepoPath::from_bytes(b"a".to_vec()).unwrap(),
            staged: staged.then(|| (Mode::Regular, "ab".repeat(20))),
            state,
            added: false,
            size: None,
        }
    }

    fn kinds(file: &AtRisk, scope: Scope) -> Vec<Kind> {
        versions(file, scope, &|_, _| false).into_iter().map(|wanted| wanted.kind).collect()
    }

    #[test]
    fn a_file_staged_and_edited_again_has_two_versions_in_any_scope() {
        for scope in [Scope::Staged, Scope::Tracked, Scope::All] {
            let both = kinds(&file(true, FileState::Edited), scope);
            assert_eq!(both, [Kind::Staged, Kind::Worktree]);
        }
    }

    #[test]
    fn an_unstaged_edit_counts_unless_the_scope_is_what_is_staged() {
        let edited = file(false, FileState::Edited);
        assert_eq!(kinds(&edited, Scope::Tracked), [Kind::Worktree]);
        assert!(kinds(&edited, Scope::Staged).is_empty());
    }

    #[test]
    fn what_is_staged_and_gone_from_the_working_tree_has_its_staged_version() {
        assert_eq!(kinds(&file(true, FileState::Gone), Scope::Tracked), [Kind::Staged]);
    }

    #[test]
    fn what_a_merge_parent_has_is_not_wanted() {
        let merged = file(true, FileState::AsStaged);
        assert!(versions(&merged, Scope::Tracked, &|_, _| true).is_empty());
    }
}
