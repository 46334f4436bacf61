//! Staged versions, in the working tree's form: from the working tree itself where it has the same, else
//! as Git writes them out.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::time::{Duration, SystemTime};

use anyhow::{Result, bail};
use tempfile::TempDir;

use super::copying::{Copy, CopyTarget, FoundVersion, ReadVersion, over_limit};
use super::plan::{From, Wanted};
use super::{Request, Taken};
use crate::backups::Store;
use crate::git::objects::Oid;
use crate::git::worktree::worktree_form;
use crate::model::access::Access;
use crate::model::names::repo_path::RepoPath;
use crate::os::folder::{EntryKind, Folder, Stat, set_bits, set_permissions};
use crate::os::private;
use crate::snapshot::audit::stamp_of;

/// A file's time may lag this far behind the clock: the system rounds it down to its own tick.
const TICK: Duration = Duration::from_millis(20);

/// Staged versions written out by Git below a private folder, which goes when this is dropped.
pub(super) struct StagedForms<'a> {
    store: &'a Store,
    surveyed: Option<SystemTime>,
    folder: RefCell<Option<TempDir>>,
    /// The paths that were asked for, each with what Git said if it failed.
    asked: RefCell<BTreeMap<RepoPath, Option<String>>>,
}

impl<'a> StagedForms<'a> {
    /// Writes, with one child for all, those that the request is known to need.
    pub fn of(store: &'a Store, request: &Request) -> Self {
        let forms = Self {
            store,
            surveyed: request.surveyed,
            folder: RefCell::default(),
            asked: RefCell::default(),
        };
        let needed = |wanted: &&Wanted| {
            matches!(wanted.from, From::Index { as_worktree: false, .. })
                && !store.clean_forms.is_for(&wanted.path)
        };
        let paths: Vec<&RepoPath> =
            request.wanted.iter().filter(needed).map(|wanted| &wanted.path).collect();
        forms.ask(&paths);
        forms
    }

    /// Writes one more, unless it was asked for before; what Git said if it failed.
    pub fn write(&self, path: &RepoPath) -> Option<String> {
        if !self.asked.borrow().contains_key(path) {
            self.ask(&[path]);
        }
        self.asked.borrow().get(path).cloned().flatten()
    }

    /// The folder that the form of `path` is in, if it could be written.
    pub fn folder(&self, path: &RepoPath) -> Option<Folder> {
        let root = self.folder.borrow();
        let folder = Folder::open(root.as_ref()?.path()).ok()?.parent_of(path).ok()?;
        folder.stat(path.file_name()).ok()?.is_some().then_some(folder)
    }

    /// The file has not been written to since Git compared it with the index.
    pub fn is_from_before_the_survey(&self, stat: &Stat) -> bool {
        let surveyed = self.surveyed.and_then(|time| time.checked_sub(TICK));
        surveyed.is_some_and(|time| stat.modified_at() < time)
    }

    /// Has the vault link what is too big to be copied; whether it did.
    fn link(&self, id: Oid) -> bool {
        let Store { objects, vault, settings, .. } = self.store;
        settings.vault && vault.link(objects, id)
    }

    fn ask(&self, paths: &[&RepoPath]) {
        if paths.is_empty() {
            return;
        }
        let said = self.run(paths).unwrap_or_else(|error| Some(format!("{error:#}")));
        for path in paths {
            // Git ends at the first required filter that fails: those after it are asked for by themselves.
            let said = match &said {
                Some(_) if paths.len() > 1 && self.folder(path).is_none() => {
                    self.run(&[path]).unwrap_or_else(|error| Some(format!("{error:#}")))
                }
                said => said.clone(),
            };
            self.asked.borrow_mut().insert((*path).clone(), said);
        }
    }

    fn run(&self, paths: &[&RepoPath]) -> Result<Option<String>> {
        let mut folder = self.folder.borrow_mut();
        if folder.is_none() {
            *folder = Some(private::scratch(&self.store.repository.own_bak_dir(), "staged")?);
        }
        let Some(root) = folder.as_ref() else { return Ok(None) };
        let git = self.store.repository.git();
        private::unshared(|| worktree_form::write(&git, root.path(), paths))
    }
}

/// Who may use a version: those who may use the file, or its owner.
fn access(like: Option<&Stat>, bits: u32) -> Access {
    like.map_or(Access::of_owner(bits), Stat::access)
}

/// The staged version, by whichever way it comes.
impl StagedForms<'_> {
    pub fn capture(
        &self,
        target: &CopyTarget<'_>,
        wanted: &Wanted,
        taken: &mut Taken,
    ) -> Result<FoundVersion> {
        let From::Index { mode, blob, as_worktree, .. } = &wanted.from else { return Ok(None) };
        let objects = &target.store.objects;
        let id = objects.parse(blob)?;
        if *as_worktree && let Some(found) = self.capture_as_worktree(target, id, taken)? {
            return Ok(Some(found));
        }
        let like = target.worktree_folder().ok().and_then(|folder| {
            let name = wanted.path.file_name();
            let stat = folder.stat(name).ok()?.filter(|stat| stat.kind == EntryKind::File)?;
            Some(folder.like(name, stat))
        });
        if target.clean {
            return self.capture_clean(target, (id, mode.permissions()), like.as_ref(), taken);
        }
        let why_not = self.write(&wanted.path);
        if let Some(folder) = self.folder(&wanted.path) {
            let name = wanted.path.file_name();
            let form = folder.read(name)?.stat;
            if target.is_too_big(form.size) {
                let reason = over_limit(form.size);
                if objects.blob_size(id).ok() != Some(form.size) || !self.link(id) {
                    bail!(reason);
                }
                taken.vault_only.push((wanted.path.clone(), reason));
                let permissions = access(like.as_ref(), mode.permissions());
                let copy = Copy::None;
                let (size, clean) = (form.size, None);
                return Ok(Some((ReadVersion { id, size, permissions, copy, clean }, None)));
            }
            let (read, _) = target.read_from(&folder, name, like.as_ref(), taken)?;
            return Ok(Some((read, None)));
        }
        // Git could not make the working tree's form of it (a filter failed): the stored form is what
        // there is.
        let size = objects.blob_size(id)?;
        if self.store.settings.vault {
            self.store.vault.keep_of_git(objects, id)?;
        }
        let reason = why_not.unwrap_or_else(|| "git did not write it".to_owned());
        taken.vault_only.push((wanted.path.clone(), format!("as Git stores it, for {reason}")));
        let permissions = access(like.as_ref(), mode.permissions());
        let (copy, clean) = (Copy::None, None);
        Ok(Some((ReadVersion { id, size, permissions, copy, clean }, None)))
    }

    /// What is staged is what the working tree has: its file is read, and believed if its bytes are the
    /// blob's, or if it was not written to since Git compared them (a filter is at work).
    fn capture_as_worktree(
        &self,
        target: &CopyTarget<'_>,
        id: Oid,
        taken: &mut Taken,
    ) -> Result<FoundVersion> {
        let Ok(folder) = target.worktree_folder() else { return Ok(None) };
        let name = target.path.file_name();
        let Ok(Some(stat)) = folder.stat(name) else { return Ok(None) };
        if stat.kind != EntryKind::File {
            return Ok(None);
        }
        if target.is_too_big(stat.size) {
            let reason = over_limit(stat.size);
            if target.store.objects.blob_size(id).ok() != Some(stat.size) || !self.link(id) {
                bail!(reason);
            }
            taken.vault_only.push((target.path.clone(), reason));
            let (size, copy) = (stat.size, Copy::None);
            let permissions = folder.like(name, stat).access();
            let clean = None;
            return Ok(Some((ReadVersion { id, size, permissions, copy, clean }, None)));
        }
        let (read, stat) = target.read_from(&folder, target.path.file_name(), None, taken)?;
        let as_stored = read.clean.map_or(read.id, |(clean, _)| clean);
        if as_stored != id && !self.is_from_before_the_survey(&stat) {
            return Ok(None);
        }
        let clean = match target.clean {
            true => Some(self.keep_of_git(id)?),
            false => None,
        };
        Ok(Some((ReadVersion { clean, ..read }, Some(stamp_of(&stat)))))
    }

    /// Has the vault keep Git's own object, of so many bytes.
    fn keep_of_git(&self, id: Oid) -> Result<(Oid, u64)> {
        let Store { objects, vault, settings, .. } = self.store;
        if settings.vault {
            vault.keep_of_git(objects, id)?;
        }
        Ok((id, objects.blob_size(id)?))
    }

    /// A staged version of which the vault has what Git has. Its copy is made from memory: what Git would write out is
    /// nowhere under the Git directory.
    fn capture_clean(
        &self,
        target: &CopyTarget<'_>,
        (id, bits): (Oid, u32),
        like: Option<&Stat>,
        taken: &mut Taken,
    ) -> Result<FoundVersion> {
        let Store { objects, vault, clean_forms, .. } = self.store;
        let clean = Some(self.keep_of_git(id)?);
        let permissions = access(like, bits);
        let mut read = ReadVersion { id, size: 0, permissions, copy: Copy::None, clean };
        if target.listing.is_none() {
            return Ok(Some((read, None)));
        }
        match clean_forms.plain(vault, target.path, id) {
            Ok(bytes) => {
                read.id = objects.hash(&bytes)?;
                // Git would let others read it.
                let permit = |file: &File| match like {
                    Some(stat) => set_permissions(file, stat),
                    None => set_bits(file, bits & 0o700),
                };
                read.copy = match target.duplicate(read.id, Some(id), bytes.len() as u64) {
                    Some(name) => Copy::Duplicate(name),
                    None => target.copy(&bytes, permit, taken),
                };
            }
            Err(error) => taken.vault_only.push((target.path.clone(), format!("{error:#}"))),
        }
        Ok(Some((read, None)))
    }
}
