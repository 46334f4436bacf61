//! Which of the versions are kept already.
//!
//! The newest snapshot of a file often has what is staged: `git add` made it a moment before. Such a version needs
//! no second look at its bytes: the next line of the record names the same blob. A backup beside the original is
//! believed by its name and size; a write to it since has not reached the vault, and clean-up goes by proof alone.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::rc::Rc;

use crate::backups::Store;
use crate::backups::files::{BackupFile, SMALL};
use crate::backups::restore;
use crate::git::objects::Oid;
use crate::model::events::event::Kind;
use crate::model::events::line::{Seen, What};
use crate::model::names::artifact::ArtifactId;
use crate::model::names::repo_path::RepoPath;
use crate::model::names::timestamp::Timestamp;
use crate::os::folder::{EntryKind, Folder};
use crate::record::{MANY, RecordedVersion};
use crate::snapshot;
use crate::snapshot::audit::stamp_of;
use crate::snapshot::plan::{From, Plan, Wanted};
use crate::snapshot::{Carried, Request};

/// What pre-commit asks of a snapshot. A version whose backup is gone is copied once more. `has_filters`: what
/// is staged may be made of other bytes of the same length.
pub fn at_commit(store: &Store, plan: Plan, has_filters: bool) -> Request {
    let too_many = snapshot::too_many_files(store, &plan.wanted);
    let mut request = Request::default();
    let known = newest(store, plan.wanted.len() > MANY);
    store.clean_forms.ask(plan.wanted.iter().map(|wanted| &wanted.path));
    let folders = OpenFolders::new(store);
    let (wanted, carried_unseen) = unseen(store, plan.wanted);
    request.carried = carried_unseen;
    for wanted in wanted {
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
    request
}

/// Takes out of `wanted` the unseen files that the newest snapshot has as they are now.
pub fn unseen(store: &Store, wanted: Vec<Wanted>) -> (Vec<Wanted>, Vec<Carried>) {
    if !store.settings.vault || !wanted.iter().any(|it| matches!(it.from, From::Unseen { .. })) {
        return (wanted, Vec::new());
    }
    let records = store.records.with_lists(wanted.len() > MANY);
    let (newest, folders) = (records.newest_by_path(), OpenFolders::new(store));
    let (mut left, mut kept) = (Vec::new(), Vec::new());
    for wanted in wanted {
        let versions = newest.get(&wanted.path).map_or(&[][..], Vec::as_slice);
        match unseen_as_before(store, &folders, versions, &wanted) {
            Some(carried) => kept.push(carried),
            None => left.push(wanted),
        }
    }
    (left, kept)
}

fn unseen_as_before(
    store: &Store,
    folders: &OpenFolders<'_>,
    versions: &[RecordedVersion<'_>],
    wanted: &Wanted,
) -> Option<Carried> {
    let From::Unseen { git, is_ignored } = &wanted.from else { return None };
    let seen = versions.iter().find(|it| it.seen.stat.is_some())?.seen;
    let stat = folders.of(&wanted.path)?.stat(wanted.path.file_name()).ok()??;
    let stamp = stamp_of(&stat);
    let id = store.objects.parse(seen.id.as_ref()?).ok()?;
    let is_kept = seen.stamp() == Some(stamp) && (store.vault.look(id) || store.vault.has(id));
    is_kept.then(|| Carried {
        path: wanted.path.clone(),
        kind: wanted.kind,
        id,
        clean: seen.clean,
        git: git.clone(),
        is_ignored: *is_ignored,
        size: seen.size.unwrap_or(stat.size),
        stamp: Some(stamp),
        access: Some(stat.access()),
        backup: None,
        vault_only: None,
    })
}

/// The request for a snapshot at staging time: every staged version, carried over where the newest snapshot has it.
/// `None` if it has them all. With a part of a file's edits (`add -p`) the others are copied, too.
pub fn at_staging(store: &Store, plan: Plan) -> Option<Request> {
    let mut request = Request::default();
    let known = newest(store, plan.wanted.len() > MANY);
    let stand = since_commit(store);
    for wanted in plan.wanted {
        match carried(store, &known, &wanted) {
            // It follows the version that was staged of it.
            _ if wanted.kind != Kind::Staged => {
                if request.wanted.last().is_some_and(|staged| staged.path == wanted.path) {
                    request.wanted.push(wanted);
                }
            }
            // Work that a commit took, and that is staged again, is work again.
            Some((carried, _)) if carried.backup.is_some() || stand.contains(&carried.path) => {
                request.carried.push(carried);
            }
            _ => request.wanted.push(wanted),
        }
    }
    (!request.wanted.is_empty()).then_some(request)
}

/// A staged version that is known: Git's id of it, that of the bytes that the vault has, both in hex, and how many
/// those are.
struct KnownStaged {
    git: String,
    id: String,
    size: u64,
    /// The second in its backup's name, if it is a clean form.
    clean: Option<Timestamp>,
}

/// The staged versions that are known.
fn newest(store: &Store, many: bool) -> HashMap<RepoPath, KnownStaged> {
    if !store.settings.vault {
        return HashMap::new();
    }
    let of_path = |(path, versions): (RepoPath, Vec<RecordedVersion<'_>>)| {
        let staged = versions.iter().find(|it| it.seen.kind == Some(Kind::Staged))?;
        let (id, size) = (staged.seen.id.clone()?, staged.seen.size?);
        let git = staged.seen.git.clone().unwrap_or_else(|| id.clone());
        let clean = staged.seen.clean.then(|| staged.time());
        Some((path, KnownStaged { git, id, size, clean }))
    };
    store.records.with_lists(many).newest_by_path().into_iter().filter_map(of_path).collect()
}

/// The files that were seen since the last commit.
fn since_commit(store: &Store) -> HashSet<RepoPath> {
    let lines = store.records.own().lines();
    let since = lines.iter().rposition(|line| line.what == What::Commit).map_or(0, |at| at + 1);
    lines[since..].iter().flat_map(|line| &line.files).filter_map(Seen::path).collect()
}

/// What the newest snapshot has of this version, and how many bytes that are.
fn carried(
    store: &Store,
    known: &HashMap<RepoPath, KnownStaged>,
    wanted: &Wanted,
) -> Option<(Carried, u64)> {
    let From::Index { blob, .. } = &wanted.from else { return None };
    let KnownStaged { git, id: hex, size, clean } =
        known.get(&wanted.path).filter(|known| known.git == *blob)?;
    let (id, size): (Oid, u64) = (store.objects.parse(hex).ok()?, *size);
    if !store.vault.look(id) && !store.vault.has(id) {
        return None;
    }
    let artifact = ArtifactId::of_blob(hex);
    let is_it = |backup: &BackupFile| match clean {
        Some(time) => backup.name.artifact.is_some() && backup.name.time == *time,
        None => backup.name.artifact == artifact && backup.stat.size == size,
    };
    let backup = store.backups.of(&wanted.path).into_iter().rfind(is_it);
    let (path, git, clean) = (wanted.path.clone(), Some(git.clone()), clean.is_some());
    let (kind, stamp, access, vault_only) = (Kind::Staged, None, None, None);
    let is_ignored = false;
    let carried =
        Carried { path, kind, id, clean, git, is_ignored, size, stamp, access, backup, vault_only };
    Some((carried, size))
}

/// Whether the file's stat data alone says that it is the staged version, and it is as long.
fn is_proven(wanted: &Wanted, staged: u64) -> bool {
    matches!(wanted.from, From::Index { size: Some(size), .. } if size == staged)
}

/// The folders of the files that are compared, each opened once.
struct OpenFolders<'a> {
    store: &'a Store,
    top: Option<Folder>,
    opened: RefCell<HashMap<Option<RepoPath>, Option<Rc<Folder>>>>,
}

impl<'a> OpenFolders<'a> {
    fn new(store: &'a Store) -> Self {
        let top = Folder::open(&store.repository.top).ok();
        Self { store, top, opened: RefCell::default() }
    }

    /// Whether the working tree's file, where Git takes it for the staged version, has no other bytes: what
    /// a filter leaves out of the staged version is nowhere else. A file too big to look at may have.
    fn is_all_there_is(&self, wanted: &Wanted, carried: &Carried, size: u64) -> bool {
        let From::Index { as_worktree: true, .. } = wanted.from else { return true };
        if carried.clean {
            let bytes = restore::present_bytes(self.store, &wanted.path).ok().flatten();
            let id = bytes.map(|bytes| self.store.id_of(&wanted.path, &bytes));
            return id.is_some_and(|id| id.is_ok_and(|id| id == carried.id));
        }
        if size > SMALL {
            return carried.vault_only.is_some() && self.has_size(&wanted.path, size);
        }
        let objects = &self.store.objects;
        let bytes = self.bytes(&wanted.path, size);
        bytes.is_some_and(|bytes| objects.hash(&bytes).is_ok_and(|id| id == carried.id))
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
            self.top.as_ref()?.parent_of(path).ok().map(Rc::new)
        };
        opened.entry(path.parent()).or_insert_with(open).clone()
    }
}

/// Why no backup of it would be made, if it is over the limit.
fn too_big(store: &Store, size: u64) -> Option<String> {
    let over = store.settings.max_file_size.is_some_and(|most| size > most.bytes());
    over.then(|| snapshot::over_limit(size))
}
