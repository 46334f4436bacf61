//! What has changed since a command was begun, by that command or by others.
//!
//! Everything is compared with what was written down, byte for byte unless the system's own data prove that a file was
//! not written to; no settings and no attributes count, which the command may have changed. What is new is judged by
//! the rules of the start.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::before::index;
use super::line_ends::with_returns;
use super::proof::is_untouched;
use super::{Upgrade, ancestors, folder_of};
use crate::backups::place::Tree;
use crate::git::survey::quick::trusted_before;
use crate::git::worktree::{saved_index, worktree_form};
use crate::model::names::repo_path::{RepoPath, next_at};
use crate::model::surroundings::{Stood, Surroundings};
use crate::model::transaction::{State, Touched};
use crate::os::folder::{Folder, Stat};
use crate::os::private;
use crate::transaction::surroundings::SeenTree;

#[derive(Debug, Default)]
pub struct Changes {
    /// Each path that has changed: what it was, and what it is.
    pub touched: Vec<Touched>,
    /// The folders that were not there, from the top down.
    pub made: Vec<RepoPath>,
    /// The folders that were there and are not, likewise.
    pub gone: Vec<RepoPath>,
    /// The folders with other permission bits, and those they had.
    pub folders: Vec<(RepoPath, u32)>,
    /// The files that were not saved and have changed.
    pub unsaved: Vec<RepoPath>,
    /// The paths of which it can't be told, each with the reason.
    pub failed: Vec<(RepoPath, String)>,
    /// The repositories inside.
    pub nested: Vec<RepoPath>,
}

impl Changes {
    /// How many files were changed, made and removed.
    pub fn counts(&self) -> [usize; 3] {
        let made = self.touched.iter().filter(|it| it.before == State::Nothing).count();
        let gone = self.touched.iter().filter(|it| *it.after() == State::Nothing).count();
        [self.touched.len() - made - gone + self.unsaved.len(), made, gone]
    }
}

impl Upgrade<'_> {
    /// Finds what has changed among the paths that are `asked` for.
    pub fn changes(&self, asked: impl Fn(&RepoPath) -> bool) -> Result<Changes> {
        let was = self.around()?;
        let (seen, nested) = self.look_now(was)?;
        let mut changes = Changes { nested, ..Changes::default() };
        let proves = trusted_before(was.looked);
        let (mut others, mut left) = (Vec::new(), seen.files.iter().peekable());
        for (path, stood) in was.files.iter().filter(|(path, _)| asked(path)) {
            let now = next_at(&mut left, |(path, _)| path, path).map(|(_, stat)| stat);
            if !now.is_some_and(|now| is_untouched(stood, now) && proves(now.changed)) {
                others.push((path, stood, now));
            }
        }
        let mut forms = self.forms_of_git(&others, &mut changes)?;
        for (path, stood, now) in others {
            let before = stood.state.clone().or_else(|| forms.remove(path));
            match before {
                Some(before) => self.compare(path, before, &mut changes),
                None if stood.is_work && !now.is_some_and(|now| is_untouched(stood, now)) => {
                    changes.unsaved.push(path.clone());
                }
                None => {}
            }
        }
        let mut known = was.files.keys().peekable();
        let mut is_new = |path: &&RepoPath| next_at(&mut known, |path| path, path).is_none();
        for path in seen.files.keys().filter(|path| is_new(path) && asked(path)) {
            self.compare(path, State::Nothing, &mut changes);
        }
        folders(was, &seen, &mut changes);
        Ok(changes)
    }

    /// What was written down before the command ran.
    pub fn around(&self) -> Result<&Surroundings> {
        if self.around.get().is_none() {
            let _ = self.around.set(super::file::read_around(&self.store.repository)?);
        }
        self.around.get().ok_or_else(|| anyhow::anyhow!("nothing was written down"))
    }

    fn compare(&self, path: &RepoPath, before: State, changes: &mut Changes) {
        match self.tree.look(path) {
            Ok(now) if now == before => {}
            Ok(now) => {
                changes.touched.push(Touched { path: path.clone(), before, ours: vec![now] });
            }
            Err(error) => changes.failed.push((path.clone(), format!("{error:#}"))),
        }
    }

    /// The states of files that were not saved because they were as Git makes them.
    fn forms_of_git(
        &self,
        paths: &[(&RepoPath, &Stood, Option<&Stat>)],
        changes: &mut Changes,
    ) -> Result<BTreeMap<RepoPath, State>> {
        let unsaved = paths.iter().filter(|(_, stood, _)| stood.state.is_none() && !stood.is_work);
        let modes: BTreeMap<&RepoPath, u32> =
            unsaved.map(|(path, stood, _)| (*path, stood.seal.permissions)).collect();
        let wanted: Vec<&RepoPath> = modes.keys().copied().collect();
        let mut states = BTreeMap::new();
        if wanted.is_empty() {
            return Ok(states);
        }
        let repository = &self.store.repository;
        let folder = private::scratch(&folder_of(repository), "forms")?;
        let git = saved_index::git_with(repository, &index(self.store));
        let said = private::unshared(|| worktree_form::write(&git, folder.path(), &wanted))?;
        let top = Folder::open(folder.path())?;
        let own = super::file::own(repository);
        let forms = Tree { top, store: self.store, own, sync: false };
        for path in wanted {
            let seen = forms.read(path)?;
            let State::File { blob, .. } = seen.state else {
                let reason = said.clone().unwrap_or_else(|| "git did not write it".to_owned());
                changes.failed.push((path.clone(), reason));
                continue;
            };
            forms.keep(path, &seen.bytes)?;
            let permissions = modes.get(path).copied().unwrap_or_default();
            states.insert(path.clone(), State::File { blob, permissions });
        }
        Ok(states)
    }

    /// The bytes of a file whose lines Git has with other ends.
    pub(super) fn with_line_ends(&self, path: &RepoPath) -> Option<Vec<u8>> {
        let around = self.around.get()?;
        let id = around.files.get(path)?.lines_of.as_ref()?;
        let objects = &self.store.objects;
        Some(with_returns(&objects.read_blob(objects.parse(id).ok()?).ok()?))
    }
}

fn folders(was: &Surroundings, seen: &SeenTree, changes: &mut Changes) {
    let ignored = |path: &RepoPath| was.folders.get(path) == Some(&None);
    let is_known =
        |path: &RepoPath| was.folders.contains_key(path) || ancestors(path).any(|it| ignored(&it));
    let new = changes.touched.iter().filter(|touched| touched.before == State::Nothing);
    let mut made: BTreeSet<RepoPath> = new.flat_map(|it| ancestors(&it.path)).collect();
    made.extend(seen.folders.iter().filter(|(_, (_, all))| *all).map(|(it, _)| it.clone()));
    changes.made = made.into_iter().filter(|folder| !is_known(folder)).collect();
    for (folder, bits) in &was.folders {
        let Some(bits) = bits else { continue };
        let now = seen.folders.get(folder).map(|(now, _)| now);
        if now.is_none() {
            changes.gone.push(folder.clone());
        }
        if now != Some(bits) {
            changes.folders.push((folder.clone(), *bits));
        }
    }
}
