//! Which of the staged versions are kept already.
//!
//! The newest snapshot often has what is staged: `git add` made it a moment before. Such a version needs
//! no second look at its bytes: the next snapshot names the same blob, and where that would be all, there
//! is no next snapshot. A backup beside the original is believed by its name and size; whoever has
//! written to it since has not reached the vault, and clean-up goes by proof alone.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::Read;
use std::rc::Rc;

use anyhow::Result;

use super::Store;
use super::backups::{BackupFile, SMALL};
use super::restore;
use super::snapshot::plan::{From, Plan, Wanted};
use super::snapshot::{self, Carried, Request};
use super::vault::{A_DAY, Entry, Filed, Slot};
use crate::model::artifact::ArtifactId;
use crate::model::at_risk::Mode;
use crate::model::event::Kind;
use crate::model::now;
use crate::model::repo_path::RepoPath;
use crate::os::folder::{EntryKind, Folder};

/// What pre-commit asks of a snapshot. A version whose backup is gone is copied once more. `has_filters`: what
/// is staged may be made of other bytes, though it be as long.
///
/// # Errors
/// When the vault can't be read.
pub fn at_commit(store: &Store, plan: Plan, has_filters: bool) -> Result<Request> {
    let too_many = snapshot::too_many_files(store, &plan.wanted);
    let mut request = Request::default();
    let known = newest(store)?;
    let folders = Folders::new(store)?;
    for wanted in plan.wanted {
        let found = carried(store, &known, &wanted).map(|(carried, size)| {
            let reason = || too_many.clone().or_else(|| too_big(store, size));
            let vault_only = if carried.backup.is_some() { None } else { reason() };
            (Carried { vault_only, ..carried }, size)
        });
        match found {
            Some((found, size))
                if (found.backup.is_some() || found.vault_only.is_some())
                    && (!has_filters && is_proven(&wanted, size)
                        || folders.is_all_there_is(&wanted, &found, size)) =>
            {
                request.carried.push(found);
            }
            _ => request.wanted.push(wanted),
        }
    }
    Ok(request)
}

/// What a snapshot at staging time is asked for: every staged version, those that the newest snapshot has
/// as they are there. `None` if it has them all.
///
/// # Errors
/// When the vault can't be read.
pub fn at_staging(store: &Store, plan: Plan) -> Result<Option<Request>> {
    let mut request = Request::default();
    let known = newest(store)?;
    for wanted in plan.wanted.into_iter().filter(|wanted| wanted.kind == Kind::Staged) {
        match carried(store, &known, &wanted) {
            Some((carried, _)) => request.carried.push(carried),
            None => request.wanted.push(wanted),
        }
    }
    Ok((!request.wanted.is_empty()).then_some(request))
}

/// The files of this working tree's newest snapshot, unless it is so old that what it has is to be kept
/// anew.
fn newest(store: &Store) -> Result<HashMap<RepoPath, Filed>> {
    let newest = if store.settings.vault { store.vault.newest(None)? } else { None };
    let now = now::timestamp(&store.now).naive();
    let is_young = |time: chrono::NaiveDateTime| (0..A_DAY).contains(&(now - time).num_seconds());
    let Some(newest) = newest.filter(|newest| is_young(newest.id.time.naive())) else {
        return Ok(HashMap::new());
    };
    let files = store.vault.files(&newest)?.into_iter();
    Ok(files.filter(|f| f.slot == Slot::Main).map(|f| (f.path.clone(), f)).collect())
}

/// What the newest snapshot has of this version, and how many bytes that are.
fn carried(
    store: &Store,
    known: &HashMap<RepoPath, Filed>,
    wanted: &Wanted,
) -> Option<(Carried, u64)> {
    let From::Index { blob, .. } = &wanted.from else { return None };
    let filed = known.get(&wanted.path).filter(|filed| filed.id.to_string() == *blob)?;
    let size = store.vault.objects().blob_size(filed.id).ok()?;
    let artifact = ArtifactId::of_blob(blob);
    let is_it = |backup: &BackupFile| backup.name.artifact == artifact && backup.stat.size == size;
    let backup = store.backups.of(&wanted.path).into_iter().rfind(is_it);
    let mode = if filed.executable { Mode::Executable } else { Mode::Regular };
    let entry = Entry { path: filed.path.clone(), slot: filed.slot, id: filed.id, mode };
    Some((Carried { entry, backup, vault_only: None }, size))
}

/// Whether the file's stat data alone says that it is the staged version, and it is as long.
fn is_proven(wanted: &Wanted, staged: u64) -> bool {
    matches!(wanted.from, From::Index { size: Some(size), .. } if size == staged)
}

/// The folders of the files that are compared, each opened once.
struct Folders<'a> {
    store: &'a Store,
    top: Folder,
    opened: RefCell<HashMap<Option<RepoPath>, Option<Rc<Folder>>>>,
}

impl<'a> Folders<'a> {
    fn new(store: &'a Store) -> Result<Self> {
        let top = Folder::open(&store.repository.top)?;
        Ok(Self { store, top, opened: RefCell::default() })
    }

    /// Whether the working tree's file, where Git takes it for the staged version, has no other bytes: what
    /// a filter leaves out of the staged version is nowhere else. A file too big to look at may have.
    fn is_all_there_is(&self, wanted: &Wanted, carried: &Carried, size: u64) -> bool {
        let From::Index { as_worktree: true, .. } = wanted.from else { return true };
        if size > SMALL {
            return carried.vault_only.is_some() && self.has_size(&wanted.path, size);
        }
        let objects = self.store.vault.objects();
        let bytes = self.bytes(&wanted.path, size);
        bytes.is_some_and(|bytes| objects.hash(&bytes).is_ok_and(|id| id == carried.entry.id))
    }

    fn has_size(&self, path: &RepoPath, size: u64) -> bool {
        let stat = self.of(path).and_then(|folder| folder.stat(path.file_name()).ok().flatten());
        stat.is_some_and(|stat| stat.kind == EntryKind::File && stat.size == size)
    }

    /// The file's bytes, if there are `size` of them.
    fn bytes(&self, path: &RepoPath, size: u64) -> Option<Vec<u8>> {
        let source = self.of(path)?.read(path.file_name()).ok()?;
        if source.stat.size != size {
            return None;
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).ok()? + 1);
        source.file.take(size + 1).read_to_end(&mut bytes).ok()?;
        (bytes.len() as u64 == size).then_some(bytes)
    }

    /// The folder that `path` lies in; `None` if it is no more, or is another repository's.
    fn of(&self, path: &RepoPath) -> Option<Rc<Folder>> {
        let mut opened = self.opened.borrow_mut();
        let open = || {
            restore::refuse_nested_repository(self.store, path).ok()?;
            self.top.parent_of(path).ok().map(Rc::new)
        };
        opened.entry(path.parent()).or_insert_with(open).clone()
    }
}

/// Why no backup of it would be made, if it is over the limit.
fn too_big(store: &Store, size: u64) -> Option<String> {
    let over = store.settings.max_file_size.is_some_and(|most| size > most.bytes());
    over.then(|| snapshot::over_limit(size))
}
