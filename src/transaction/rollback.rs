//! Putting everything back as it was before a transaction.
//!
//! Order of steps, and why it is safe: what only a person or a command has put there goes into the
//! vault; then what was not there before is removed, and the folders that were made for it; then each file
//! is put back by one rename. Every step goes by what stands there, so all of it can be done again after a
//! crash in its middle. The record goes when nothing is left to do.

use anyhow::{Result, bail};

use super::{OutsideTree, Upgrade, file};
use crate::backups::clean_up;
use crate::backups::clean_up::Unlinked;
use crate::backups::files::BackupFile;
use crate::git::objects::Oid;
use crate::model::events::event::{Event, EventKind, Kind};
use crate::model::names::backup_name::BackupName;
use crate::model::names::repo_path::RepoPath;
use crate::model::transaction::{State, Touched};
use crate::snapshot;
use crate::snapshot::plan::{From, Wanted};
use crate::snapshot::{Request, Taken};

#[derive(Debug, Default)]
pub struct RolledBack {
    /// The files that were put back.
    pub restored: Vec<RepoPath>,
    /// The files that are gone again.
    pub removed: Vec<RepoPath>,
    /// The files of which another version was there, which the vault has now.
    pub kept: Vec<RepoPath>,
    pub taken: Taken,
    /// The backups of files that are gone again: a hook made them when the commit was tried.
    pub retired: Unlinked,
    /// The files that could not be put back, each with the reason. The record stays, if there are any.
    pub failed: Vec<(RepoPath, String)>,
    /// The files that were not saved before a command ran, and have changed.
    pub unsaved: Vec<RepoPath>,
    /// What else is not as it was, and was not put back.
    pub elsewhere: Vec<OutsideTree>,
    /// The index had changed, and is as it was.
    pub index_is_back: bool,
    /// Why the index is not as it was. The record stays then, too.
    pub index_failed: Option<String>,
}

impl RolledBack {
    /// Everything that could be put back is.
    pub fn is_whole(&self) -> bool {
        self.failed.is_empty() && self.index_failed.is_none()
    }

    /// All that is known of is as it was.
    pub fn is_as_it_was(&self) -> bool {
        self.is_whole() && self.unsaved.is_empty() && self.elsewhere.is_empty()
    }

    /// All paths that were not as they had been.
    pub fn paths(&self) -> Vec<RepoPath> {
        let failed = self.failed.iter().map(|(path, _)| path);
        let mut paths: Vec<RepoPath> =
            self.restored.iter().chain(&self.removed).chain(failed).cloned().collect();
        paths.sort();
        paths.dedup();
        paths
    }

    /// Adds what came of another part.
    pub(super) fn add(&mut self, other: Self) {
        self.restored.extend(other.restored);
        self.removed.extend(other.removed);
        self.kept.extend(other.kept);
        self.taken.events.extend(other.taken.events);
        self.retired.events.extend(other.retired.events);
        self.failed.extend(other.failed);
    }
}

impl Upgrade<'_> {
    /// Puts every path back as it was. Signals don't stop it.
    pub fn roll_back(&mut self) -> Result<RolledBack> {
        let done = self.put_back()?;
        if done.is_whole() {
            file::remove(&self.store.repository)?;
        }
        Ok(done)
    }

    /// Puts every path on record back, and leaves the record.
    pub(super) fn put_back(&mut self) -> Result<RolledBack> {
        let mut done = RolledBack::default();
        let mut pending = self.pending(&mut done);
        self.keep_foreign(&mut pending, &mut done)?;
        let (gone, back): (Vec<_>, Vec<_>) =
            pending.into_iter().partition(|(touched, _)| touched.before == State::Nothing);
        for (touched, _) in gone {
            match self.tree.put(&touched.path, &State::Nothing) {
                Ok(()) => done.removed.push(touched.path),
                Err(error) => done.failed.push((touched.path, format!("{error:#}"))),
            }
        }
        done.retired = self.retire_backups_of_new();
        let places = back.iter().map(|(touched, _)| &touched.path);
        for folder in self.record.folders.iter().rev().chain(places) {
            done.retired.events.extend(self.clear(folder)?);
        }
        for (touched, _) in back {
            match self.put_back_one(&touched) {
                Ok(()) => done.restored.push(touched.path),
                Err(error) => done.failed.push((touched.path, format!("{error:#}"))),
            }
        }
        Ok(done)
    }

    /// The paths that are not as they were, each with what stands there now.
    fn pending(&self, done: &mut RolledBack) -> Vec<(Touched, State)> {
        let mut pending = Vec::new();
        for touched in &self.record.touched {
            match self.tree.look(&touched.path) {
                Ok(now) if now == touched.before => {}
                // It was changed before we came to it: that change stays.
                Ok(now) if !self.may_have_changed(&touched.path) && !touched.knows(&now) => {}
                Ok(now) => pending.push((touched.clone(), now)),
                Err(error) => done.failed.push((touched.path.clone(), format!("{error:#}"))),
            }
        }
        pending
    }

    fn may_have_changed(&self, path: &RepoPath) -> bool {
        self.changed.as_ref().is_none_or(|changed| changed.contains(path))
    }

    /// Takes a snapshot of what is neither what was there nor what we put there. What can't be kept is not
    /// replaced.
    fn keep_foreign(
        &self,
        pending: &mut Vec<(Touched, State)>,
        done: &mut RolledBack,
    ) -> Result<()> {
        let foreign = |(touched, now): &&(Touched, State)| {
            matches!(now, State::File { .. }) && !touched.knows(now)
        };
        let wanted: Vec<Wanted> = pending
            .iter()
            .filter(foreign)
            .filter(|(touched, now)| !same_bytes(touched, now))
            .map(|(touched, _)| Wanted {
                path: touched.path.clone(),
                kind: Kind::Worktree,
                from: From::WorkingTree,
            })
            .collect();
        self.store.backups.look_again();
        let mut request = Request {
            wanted,
            vault_alone: true,
            any_size: true,
            cause: "before rollback".to_owned(),
            ..Request::default()
        };
        done.taken = snapshot::take(self.store, &request)?;
        if !done.taken.unprotected.is_empty() {
            // A vault that can't be had now: then beside the file.
            request.vault_alone = false;
            done.taken = snapshot::take(self.store, &request)?;
        }
        for (path, reason) in &done.taken.unprotected {
            pending.retain(|(touched, _)| touched.path != *path);
            done.failed.push((path.clone(), format!("it was changed, and {reason}")));
        }
        let kept = request.wanted.into_iter().map(|wanted| wanted.path);
        let failed: Vec<RepoPath> = done.failed.iter().map(|(path, _)| path.clone()).collect();
        done.kept = kept.filter(|path| !failed.contains(path)).collect();
        Ok(())
    }

    /// Unlinks the backups of files that were not there before, as after a switch of branches: the vault
    /// has them, and their folders must go. Without a vault only those that this transaction made.
    fn retire_backups_of_new(&self) -> Unlinked {
        self.store.backups.look_again();
        let is_new = |it: &&Touched| it.before == State::Nothing && !self.tree.has(&it.path);
        let new = self.record.touched.iter().filter(is_new);
        let mut backups: Vec<BackupFile> =
            new.flat_map(|it| self.store.backups.of(&it.path)).collect();
        if !self.store.settings.vault {
            let made = &self.record.backups;
            backups.retain(|it| made.contains(&(it.path.clone(), it.name.to_bytes())));
        }
        clean_up::unlink(self.store, backups, EventKind::Retired, None)
    }

    /// Removes a folder in which nothing is left but folders, and backups of files that have come and gone.
    pub(super) fn clear(&self, folder: &RepoPath) -> Result<Vec<Event>> {
        if !self.tree.has_folder(folder) {
            return Ok(Vec::new());
        }
        self.store.backups.look_again();
        let backups = self.tree.below(folder)?.into_iter().map(|path| {
            let name = BackupName::parse(path.file_name()).filter(BackupName::is_ours)?;
            let original = path.with_file_name(&name.original).ok()?;
            self.store.backups.find(&original, path.file_name())
        });
        let backups: Option<Vec<BackupFile>> = backups.collect();
        let backups = backups.filter(|all| !all.is_empty() && self.store.settings.vault);
        let unlinked =
            backups.map(|all| clean_up::unlink(self.store, all, EventKind::Retired, None));
        self.tree.remove_hollow(folder)?;
        Ok(unlinked.unwrap_or_default().events)
    }

    fn put_back_one(&self, touched: &Touched) -> Result<()> {
        let State::File { blob, .. } = &touched.before else {
            return self.tree.put(&touched.path, &touched.before);
        };
        let id = self.store.objects.parse(blob)?;
        let bytes = self.bytes(&touched.path, id)?;
        self.tree.put_bytes(&touched.path, &touched.before, &bytes)
    }

    /// The bytes that were there: they were kept, or Git has them, and mostly a backup too.
    pub(super) fn bytes(&self, path: &RepoPath, id: Oid) -> Result<Vec<u8>> {
        let objects = &self.store.objects;
        let is_whole = |bytes: &Vec<u8>| objects.hash(bytes).is_ok_and(|found| found == id);
        // What is read by its id has it: that was looked at.
        let kept = self.tree.kept(id).or_else(|_| objects.read_blob(id)).ok();
        if let Some(bytes) = kept.or_else(|| self.with_line_ends(path).filter(is_whole)) {
            return Ok(bytes);
        }
        let mut backups = self.store.backups.of(path).into_iter();
        match backups.find_map(|backup| backup.read().ok().filter(is_whole)) {
            Some(bytes) => Ok(bytes),
            None => bail!("neither its backup nor the vault's {id} can be read"),
        }
    }
}

/// Whether `now` differs in its mode alone from what the transaction knows: nothing to keep.
fn same_bytes(touched: &Touched, now: &State) -> bool {
    let blob = |state: &State| match state {
        State::File { blob, .. } => Some(blob.clone()),
        _ => None,
    };
    let mut known = touched.ours.iter().chain([&touched.before]);
    known.any(|state| blob(state).is_some() && blob(state) == blob(now))
}
