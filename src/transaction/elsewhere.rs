//! What a command may change besides files of the working tree and the index. It is not put back, but named.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;

use super::{Upgrade, file, surroundings};
use crate::backups::Store;
use crate::backups::place::Tree;
use crate::git::command::RunningGit;
use crate::git::worktree::nested;
use crate::model::names::backup_name::is_ours;
use crate::model::names::repo_path::RepoPath;
use crate::model::surroundings::{Seal, Surroundings};
use crate::os::folder::{EntryKind, Stat};
use crate::os::platform::path_from_bytes;
use crate::os::private;

/// The files in the Git directory that say that something is under way, and what ends it, all else as it is.
const UNDER_WAY: [(&str, &str); 6] = [
    ("MERGE_HEAD", "git merge --quit"),
    ("CHERRY_PICK_HEAD", "git cherry-pick --quit"),
    ("REVERT_HEAD", "git revert --quit"),
    ("rebase-merge", "git rebase --quit"),
    ("rebase-apply", "git am --quit"),
    ("BISECT_LOG", "git bisect reset"),
];

/// Something that is not as it was, and stays so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutsideTree {
    Ref {
        name: String,
        was: Option<String>,
        is: Option<String>,
    },
    /// The entry that was on top, if it is gone.
    Stash {
        lost: Option<String>,
    },
    /// An ignored file that was changed or is gone, or a folder of such files that is gone.
    Ignored {
        path: RepoPath,
        is_there: bool,
    },
    /// A submodule or another repository.
    Nested {
        path: RepoPath,
        place: PathBuf,
        was_there: bool,
        is_there: bool,
    },
    /// A file of settings, and where it lies as it was, if there was one.
    Setting {
        file: PathBuf,
        was: Option<PathBuf>,
    },
    /// Something is under way that was not, and what ends it; or the other way round.
    Begun {
        file: &'static str,
        end: &'static str,
    },
    Over {
        file: &'static str,
    },
}

/// Has Git list the refs while this process does something else.
pub(super) fn begin(store: &Store) -> Result<RunningGit> {
    store.repository.git().start(["for-each-ref", "--format=%(objectname) %(refname)"])
}

/// Looks at all of it. `repositories` are those inside.
pub(super) fn look(
    store: &Store,
    repositories: &[RepoPath],
    refs: RunningGit,
) -> Result<Surroundings> {
    let repository = &store.repository;
    let under_way = UNDER_WAY.map(|(file, _)| file.to_owned());
    let is_there = |file: &String| repository.git_dir.join(file).exists();
    Ok(Surroundings {
        refs: read_refs(&refs.finish()?.success()?),
        under_way: under_way.into_iter().filter(is_there).collect(),
        nested: nested(store, repositories)?,
        ..Surroundings::default()
    })
}

/// These repositories inside, each with a hash of how it stands.
pub(super) fn nested(
    store: &Store,
    repositories: &[RepoPath],
) -> Result<BTreeMap<RepoPath, String>> {
    let hash = |path: &RepoPath| -> Result<(RepoPath, String)> {
        let text = nested::standing(&store.repository.top.join(path.to_path_buf()))?;
        Ok((path.clone(), store.objects.hash(&text)?.to_string()))
    };
    repositories.iter().map(hash).collect()
}

fn read_refs(text: &[u8]) -> BTreeMap<String, String> {
    let text = String::from_utf8_lossy(text);
    let refs = text.lines().filter_map(|line| line.split_once(' '));
    refs.map(|(id, name)| (name.to_owned(), id.to_owned())).collect()
}

/// The ignored files among `names`, and the folders, as they stand.
pub(super) fn ignored(
    tree: &Tree<'_>,
    names: &[Vec<u8>],
) -> Result<BTreeMap<RepoPath, Option<Seal>>> {
    let mut found = BTreeMap::new();
    for name in names {
        let folder = name.strip_suffix(b"/");
        let path = RepoPath::from_bytes(folder.unwrap_or(name).to_vec())?;
        if let Some(stat) = tree.stat(&path)? {
            found.insert(path, folder.is_none().then(|| surroundings::seal_of(&stat)));
        }
    }
    Ok(found)
}

impl Upgrade<'_> {
    /// What else is not as it was; `repositories` are those that are there.
    pub(super) fn elsewhere(
        &self,
        was: &Surroundings,
        repositories: &[RepoPath],
    ) -> Result<Vec<OutsideTree>> {
        let mut all = repositories.to_vec();
        all.extend(was.nested.keys().cloned());
        all.sort();
        all.dedup();
        let is = look(self.store, &all, begin(self.store)?)?;
        let mut found = Vec::new();
        let mut names: Vec<&String> = was.refs.keys().chain(is.refs.keys()).collect();
        names.sort();
        names.dedup();
        for name in names {
            let [was, is] = [&was.refs, &is.refs].map(|refs| refs.get(name).cloned());
            match was == is {
                true => {}
                false if name == "refs/stash" => {
                    let lost = was.filter(|was| !self.is_stashed(was));
                    found.push(OutsideTree::Stash { lost });
                }
                false => found.push(OutsideTree::Ref { name: name.clone(), was, is }),
            }
        }
        for (path, hash) in &is.nested {
            let old = was.nested.get(path);
            if old != Some(hash) {
                let place = self.store.repository.top.join(path.to_path_buf());
                let (was_there, is_there) = (old.is_some(), place.exists());
                let path = path.clone();
                found.push(OutsideTree::Nested { path, place, was_there, is_there });
            }
        }
        for (file, end) in UNDER_WAY {
            let has = |of: &Surroundings| of.under_way.iter().any(|it| it == file);
            match (has(was), has(&is)) {
                (false, true) => found.push(OutsideTree::Begun { file, end }),
                (true, false) => found.push(OutsideTree::Over { file }),
                _ => {}
            }
        }
        self.settings_changed(was, &mut found)?;
        // Our own backups come and go.
        for (path, seal) in was.ignored.iter().filter(|(path, _)| !is_ours(path.file_name())) {
            let now = self.tree.stat(path)?;
            let is_same = |now: &Stat| match seal {
                Some(seal) => surroundings::seal_of(now) == *seal,
                None => now.kind == EntryKind::Folder,
            };
            if !now.as_ref().is_some_and(is_same) {
                found.push(OutsideTree::Ignored { path: path.clone(), is_there: now.is_some() });
            }
        }
        Ok(found)
    }

    fn settings_changed(&self, was: &Surroundings, found: &mut Vec<OutsideTree>) -> Result<()> {
        for (path, bytes) in &was.settings {
            let file = path_from_bytes(path);
            if std::fs::read(&file).ok() != *bytes {
                let was = bytes.as_ref().map(|bytes| self.leave(&file, bytes)).transpose()?;
                found.push(OutsideTree::Setting { file, was });
            }
        }
        Ok(())
    }

    /// Leaves a file, as it was, where the user can take it from.
    fn leave(&self, file: &std::path::Path, bytes: &[u8]) -> Result<PathBuf> {
        let place = file::was_of(&self.store.repository, file.file_name().unwrap_or_default());
        if let Some(folder) = place.parent() {
            private::make_dir(folder)?;
        }
        private::write(&place, bytes)?;
        Ok(place)
    }

    fn is_stashed(&self, id: &str) -> bool {
        let args = ["rev-list", "--walk-reflogs", "refs/stash", "--"];
        let all = self.store.repository.git().output(args).unwrap_or_default();
        String::from_utf8_lossy(&all).lines().any(|line| line == id)
    }
}
