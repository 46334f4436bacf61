//! What typed names select.
//!
//! A name is, in this order: a backup's own or `FILE@{N}`, if there is that version; a path, if it is plain, or if
//! there is, or was, such a file; else a pathspec.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::paths::in_tree;
use super::resolve;
use crate::backups::files::BackupFile;
use crate::backups::versions;
use crate::backups::versions::Version;
use crate::commands::Session;
use crate::exit_status::{ExitStatus, UsageError};
use crate::model::names::pathspec::Pathspec;
use crate::model::names::repo_path::RepoPath;
use crate::os::platform::bytes_of;

/// What one typed name selects.
#[derive(Debug, Clone)]
pub enum Selected {
    /// One path, whatever it may be.
    Path(RepoPath),
    Files(Pathspec),
    Version(Box<Version>),
}

/// What a list of typed names selects; an empty list selects everything.
#[derive(Debug)]
pub struct Selection(Vec<(PathBuf, Selected)>);

impl Selection {
    pub fn of(session: &Session, typed: &[PathBuf]) -> Result<Self> {
        let one = |word: &PathBuf| Ok((word.clone(), selected(session, word)?));
        Ok(Self(typed.iter().map(one).collect::<Result<_>>()?))
    }

    /// What each name selects.
    pub fn each(&self) -> impl Iterator<Item = (&Path, &Selected)> {
        self.0.iter().map(|(word, selected)| (word.as_path(), selected))
    }

    pub fn has(&self, path: &RepoPath) -> bool {
        self.selects(&|selected| selected.has(path))
    }

    /// Whether a backup is of a file that is selected, or is one that is named itself.
    pub fn has_backup(&self, backup: &BackupFile) -> bool {
        self.selects(&|selected| match selected {
            Selected::Version(version) => {
                version.backup.as_ref().is_some_and(|named| named.location() == backup.location())
            }
            files => files.has(&backup.path) || files.has(&backup.location()),
        })
    }

    fn selects(&self, is_it: &dyn Fn(&Selected) -> bool) -> bool {
        let (mut any, mut only_excludes) = (false, true);
        for (_, selected) in &self.0 {
            let excludes = selected.excludes();
            if excludes && is_it(selected) {
                return false;
            }
            only_excludes &= excludes;
            any |= !excludes && is_it(selected);
        }
        any || only_excludes
    }

    /// Reports typed names that select none of the files on record and of `more`; the status that follows.
    pub fn name_unknown(
        &self,
        session: &Session,
        more: impl IntoIterator<Item = RepoPath>,
    ) -> ExitStatus {
        if self.0.is_empty() {
            return ExitStatus::Done;
        }
        let mut known = versions::paths(&session.store);
        known.extend(more);
        let mut status = ExitStatus::Done;
        for (word, selected) in self.each().filter(|(_, selected)| !selected.may_be_empty()) {
            if !known.iter().any(|path| selected.has(path)) {
                session.term.unknown(&bytes_of(word.as_os_str()));
                status = ExitStatus::No;
            }
        }
        status
    }
}

impl Selected {
    pub fn has(&self, path: &RepoPath) -> bool {
        match self {
            Self::Path(one) => Pathspec::literal(one.as_bytes()).has(path.as_bytes()),
            Self::Files(spec) => spec.has(path.as_bytes()),
            Self::Version(version) => version.path == *path,
        }
    }

    /// It need not select a file: it leaves files out, or is the whole working tree.
    fn may_be_empty(&self) -> bool {
        matches!(self, Self::Files(spec) if spec.excludes || spec.is_all())
    }

    pub fn excludes(&self) -> bool {
        matches!(self, Self::Files(spec) if spec.excludes)
    }
}

fn selected(session: &Session, word: &Path) -> Result<Selected> {
    let literal = in_tree(session, word);
    if let Some(version) = resolve::named(session, word, literal.as_ref().ok().cloned().flatten())?
    {
        return Ok(Selected::Version(Box::new(version)));
    }
    let mut bytes = bytes_of(word.as_os_str()).to_vec();
    if cfg!(windows) {
        // There it parts names, for Git too, and takes no letter's meaning away.
        bytes.iter_mut().filter(|byte| **byte == b'\\').for_each(|byte| *byte = b'/');
    }
    if Pathspec::is_special(&bytes) {
        let is_known = |path: &RepoPath| {
            let place = session.store.repository.top.join(path.to_path_buf());
            place.symlink_metadata().is_ok() || versions::paths(&session.store).contains(path)
        };
        if let Ok(Some(path)) = &literal
            && is_known(path)
        {
            return Ok(Selected::Path(path.clone()));
        }
        let below = literal.ok().flatten().filter(|_| word.is_absolute());
        let spec = match below {
            Some(path) => Pathspec::parse(&[b":/", path.as_bytes()].concat(), b""),
            None => Pathspec::parse(&bytes, &session.here),
        };
        let spec = spec.map_err(|error| UsageError(format!("{}: {error}", word.display())))?;
        return Ok(Selected::Files(spec));
    }
    Ok(match literal? {
        Some(path) => Selected::Path(path),
        None => Selected::Files(Pathspec::default()),
    })
}
