//! What has changed since a command was begun, whoever changed it.
//!
//! Everything is told against the copy of the index: a file that was as Git had it then is expected to be
//! so now, and what it was is what Git would write; of every other file the record has the bytes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::Result;

use super::{Upgrade, ancestors, before, folder_of};
use crate::backups::place::Tree;
use crate::git::survey::differences;
use crate::git::worktree::saved_index;
use crate::git::worktree::saved_index::Entries;
use crate::git::worktree::worktree_form;
use crate::model::names::repo_path::RepoPath;
use crate::model::surroundings::FileKind;
use crate::model::transaction::{State, Touched};
use crate::os::folder::Folder;
use crate::os::private;
use crate::snapshot::audit::stamp_of;
use crate::transaction::surroundings;
use crate::transaction::surroundings::SeenMode;

#[derive(Debug, Default)]
pub struct Changes {
    /// Each path that is another now: what it was, and what it is.
    pub touched: Vec<Touched>,
    /// The folders that were not there, from the top down.
    pub made: Vec<RepoPath>,
    /// The empty folders that were there.
    pub gone: Vec<RepoPath>,
    /// The folders that were there, with the permission bits they had.
    pub folders: Vec<(RepoPath, u32)>,
    /// The files that were not saved and are others now.
    pub unsaved: Vec<RepoPath>,
    /// The paths of which it can't be told, each with the reason.
    pub failed: Vec<(RepoPath, String)>,
}

/// What is there now, and what the index was.
struct PresentState {
    entries: Entries,
    differing: BTreeSet<RepoPath>,
    seen: SeenMode,
}

impl Upgrade<'_> {
    /// Finds what has changed among the paths that are `asked` for.
    pub fn changes(&self, asked: impl Fn(&RepoPath) -> bool) -> Result<Changes> {
        let now = self.look_now()?;
        let mut changes = Changes::default();
        let saved: HashMap<&RepoPath, &State> =
            self.record.touched.iter().map(|it| (&it.path, &it.before)).collect();
        let unsaved: HashMap<&RepoPath, _> =
            self.record.around.unsaved.iter().map(|(path, stamp)| (path, stamp)).collect();
        let mut paths: BTreeSet<&RepoPath> = saved.keys().copied().collect();
        paths.extend(&now.differing);
        paths.extend(self.with_other_modes(&now));
        paths.retain(|path| asked(path) && !unsaved.contains_key(path));
        let clean: Vec<&RepoPath> =
            paths.iter().copied().filter(|path| !saved.contains_key(path)).collect();
        let mut clean = self.states_in_index(&now, &clean, &mut changes)?;
        for path in paths {
            let before = saved.get(path).map(|state| (*state).clone());
            let Some(before) = before.or_else(|| clean.remove(path)) else { continue };
            match self.tree.look(path) {
                Ok(state) if state == before => {}
                Ok(state) => {
                    let (path, ours) = (path.clone(), vec![state]);
                    changes.touched.push(Touched { path, before, ours });
                }
                Err(error) => changes.failed.push((path.clone(), format!("{error:#}"))),
            }
        }
        let others = unsaved.iter().filter(|(path, stamp)| {
            let stat = self.tree.stat(path).ok().flatten();
            stat.as_ref().map(stamp_of).unwrap_or_default() != ***stamp
        });
        changes.unsaved = others.map(|(path, _)| (*path).clone()).collect();
        changes.unsaved.sort();
        self.folders(&now, &mut changes);
        Ok(changes)
    }

    fn look_now(&self) -> Result<PresentState> {
        let (store, copy) = (self.store, before::index(self.store));
        let git = saved_index::git_with(&store.repository, &copy);
        let look = differences::start(&git, &store.settings.exclude)?;
        let tracked = surroundings::tracked(store, &copy)?;
        let mut seen = surroundings::look(store, &tracked)?;
        let found = look.finish()?;
        surroundings::look_beside(store, &found.untracked, &mut seen)?;
        let entries = saved_index::entries(&git, &store.objects)?;
        let differing = found.changed.into_iter().chain(found.untracked).collect();
        Ok(PresentState { entries, differing, seen })
    }

    /// The tracked files that have other permission bits than they had.
    fn with_other_modes<'n>(&self, now: &'n PresentState) -> impl Iterator<Item = &'n RepoPath> {
        let permissions = &self.record.around.permissions;
        let files = now.seen.permissions.iter().filter(|(_, kind, _)| *kind != FileKind::Folder);
        let others = files.filter(|(path, kind, bits)| permissions.get(path, *kind) != *bits);
        others.map(|(path, _, _)| path)
    }

    /// What stood at paths of which nothing was saved: what the index had, or nothing.
    fn states_in_index(
        &self,
        now: &PresentState,
        paths: &[&RepoPath],
        changes: &mut Changes,
    ) -> Result<BTreeMap<RepoPath, State>> {
        let mut states = BTreeMap::new();
        let mut written = Vec::new();
        for path in paths {
            let entry = now.entries.get(path.as_bytes()).and_then(|entries| entries.first());
            match entry.filter(|entry| !entry.skip_worktree) {
                None => drop(states.insert((*path).clone(), State::Nothing)),
                Some(entry) => written.push((*path, entry.mode == "100755")),
            }
        }
        if written.is_empty() {
            return Ok(states);
        }
        let repository = &self.store.repository;
        let folder = private::scratch(&folder_of(repository), "forms")?;
        let git = saved_index::git_with(repository, &before::index(self.store));
        let wanted: Vec<&RepoPath> = written.iter().map(|(path, _)| *path).collect();
        let said = private::unshared(|| worktree_form::write(&git, folder.path(), &wanted))?;
        let top = Folder::open(folder.path())?;
        let forms = Tree { top, objects: self.tree.objects, vault: self.tree.vault, sync: false };
        for (path, is_executable) in written {
            match self.state_in(&forms, path, is_executable) {
                Ok(State::Nothing) => {
                    let reason = said.clone().unwrap_or_else(|| "git did not write it".to_owned());
                    changes.failed.push((path.clone(), reason));
                }
                Ok(state) => drop(states.insert(path.clone(), state)),
                Err(error) => changes.failed.push((path.clone(), format!("{error:#}"))),
            }
        }
        Ok(states)
    }

    /// What Git has written, with the permission bits that the file had.
    fn state_in(&self, forms: &Tree<'_>, path: &RepoPath, is_executable: bool) -> Result<State> {
        let seen = forms.read(path)?;
        let State::File { blob, .. } = seen.state else { return Ok(seen.state) };
        forms.keep(&seen.bytes)?;
        let kind = if is_executable { FileKind::Executable } else { FileKind::Plain };
        let permissions = self.record.around.permissions.get(path, kind);
        Ok(State::File { blob, permissions })
    }

    fn folders(&self, now: &PresentState, changes: &mut Changes) {
        let around = &self.record.around;
        let gone: BTreeSet<&RepoPath> = self
            .record
            .touched
            .iter()
            .filter(|touched| touched.before == State::Nothing)
            .map(|touched| &touched.path)
            .collect();
        let tracked = now.entries.iter().filter(|(_, entries)| !entries[0].skip_worktree);
        let tracked = tracked.filter_map(|(path, _)| RepoPath::from_bytes(path.clone()).ok());
        let tracked = tracked.filter(|path| !gone.contains(path));
        let saved = self.record.touched.iter().filter(|it| it.before != State::Nothing);
        let saved = saved.map(|touched| touched.path.clone());
        let unsaved = around.unsaved.iter().map(|(path, _)| path.clone());
        let mut stood: BTreeSet<RepoPath> = around.empty.iter().cloned().collect();
        for path in tracked.chain(saved).chain(unsaved).chain(around.empty.iter().cloned()) {
            for folder in ancestors(&path) {
                // Those above it are known, too.
                if !stood.insert(folder) {
                    break;
                }
            }
        }
        let new = changes.touched.iter().filter(|touched| touched.before == State::Nothing);
        let mut made: BTreeSet<RepoPath> = new.flat_map(|it| ancestors(&it.path)).collect();
        made.extend(now.seen.empty.iter().cloned());
        changes.made = made.into_iter().filter(|folder| !stood.contains(folder)).collect();
        let is_there = |folder: &&RepoPath| self.tree.has_folder(folder);
        changes.gone = around.empty.iter().filter(|it| !is_there(it)).cloned().collect();
        let bits = |path: &RepoPath| around.permissions.get(path, FileKind::Folder);
        let seen = now.seen.permissions.iter().filter(|(path, kind, now)| {
            *kind == FileKind::Folder && stood.contains(path) && bits(path) != *now
        });
        let mut folders: BTreeSet<RepoPath> = seen.map(|(path, _, _)| path.clone()).collect();
        let touched = changes.touched.iter().map(|touched| &touched.path);
        folders.extend(touched.chain(&changes.gone).flat_map(ancestors));
        folders.extend(changes.gone.iter().cloned());
        folders.retain(|folder| stood.contains(folder));
        changes.folders = folders.into_iter().map(|it| (it.clone(), bits(&it))).collect();
    }
}
