//! Our shim where a hook manager has put it away.
//!
//! Managers that find ours in their hook's place move it aside. pre-commit and prek name it
//! `<hook>.legacy` and run it before their own checks: that is as good as before. lefthook names it
//! `<hook>.old` and doesn't run it: then there are no backups until git-bak is installed again. Both
//! bring back what they put away when they are uninstalled, so that a shim left there would come back
//! long after git-bak has gone; and lefthook refuses to install where there is an `.old` already.

use std::io;
use std::path::PathBuf;

use super::hook::{Hook, read};
use super::{HookFile, Removal, chained};
use crate::model::hook::name::HookName;
use crate::model::hook::{maker, script, shim};

impl HookFile {
    /// The name that pre-commit and prek give to the hook from before theirs.
    pub fn legacy_path(&self) -> PathBuf {
        self.beside(".legacy")
    }

    /// The name that lefthook gives to the hook from before its own.
    pub fn old_path(&self) -> PathBuf {
        self.beside(".old")
    }

    /// Whether a manager's hook runs our shim as its hook from before.
    pub(super) fn is_taken_over_by(&self, hook: &[u8]) -> io::Result<bool> {
        let legacy = read(&self.legacy_path())?;
        let is_ours = legacy.is_some_and(|hook| shim::shim_version(&hook.text).is_some());
        Ok(is_ours && maker::runs_legacy(hook))
    }

    /// Whether the same manager wrote the chained hook and this one: then this one takes its place.
    pub(super) fn supersedes_chained(&self, hook: &[u8]) -> io::Result<bool> {
        let chained = read(&self.chained_path())?;
        Ok(chained.is_some_and(|chained| maker::is_same_maker(&chained.text, hook)))
    }

    /// Our shims that were put away and have not been edited since.
    fn put_away(&self) -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for path in [self.legacy_path(), self.old_path()] {
            if read(&path)?.is_some_and(|hook| shim::is_intact(self.name, &hook.text)) {
                found.push(path);
            }
        }
        Ok(found)
    }

    /// Removes our shims that were put away; whether there were any.
    pub(super) fn remove_put_away(&self) -> io::Result<bool> {
        let found = self.put_away()?;
        found.iter().try_for_each(std::fs::remove_file)?;
        Ok(!found.is_empty())
    }

    /// Takes our part out of a folder where a foreign hook stands in our place: the hook that we
    /// chained goes to where our shim was put away, as if it had been put away itself.
    pub(super) fn remove_behind(&self, hook: &Hook) -> io::Result<Removal> {
        let (chained, legacy) = (self.chained_path(), self.legacy_path());
        let shims = self.put_away()?;
        if self.supersedes_chained(&hook.text)? {
            // The manager would have written over it, had our shim not stood there.
            std::fs::remove_file(&chained)?;
            return self.remove_put_away().map(|_| Removal::Removed);
        }
        match shims.first() {
            Some(shim) if self.has_chained() => {
                std::fs::rename(&chained, shim)?;
                self.remove_put_away().map(|_| Removal::HandedOn { runs: *shim == legacy })
            }
            Some(_) => self.remove_put_away().map(|_| Removal::Removed),
            None if self.is_taken_over_by(&hook.text)? => Ok(Removal::TakenOver),
            None if self.has_chained() => Ok(Removal::Foreign),
            None => Ok(Removal::Nothing),
        }
    }

    /// Whether a foreign hook stands where ours was, and doesn't lead to ours.
    fn is_displaced(&self) -> io::Result<bool> {
        let Some(hook) = read(&self.path())? else { return Ok(false) };
        let was_here = || Ok::<_, io::Error>(self.has_chained() || !self.put_away()?.is_empty());
        Ok(shim::shim_version(&hook.text).is_none()
            && !self.runs_git_bak(&hook.text)?
            && was_here()?)
    }

    /// Whether a foreign hook leads to git-bak already: to chain it would be a circle.
    pub(super) fn runs_git_bak(&self, text: &[u8]) -> io::Result<bool> {
        Ok(script::runs_git_bak(text, self.name.name()) || self.is_taken_over_by(text)?)
    }
}

/// pre-commit, if Git runs a foreign one in the place of ours, so that commits are not backed up.
/// Asked by a shim of another hook in the same folder.
pub fn displaced_pre_commit(asking: HookName) -> Option<HookFile> {
    let folder = chained::folder_in_use(asking.name())?;
    let hook = HookFile::new(folder, HookName::PreCommit);
    hook.is_displaced().unwrap_or(false).then_some(hook)
}
