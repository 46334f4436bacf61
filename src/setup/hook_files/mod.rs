//! The hooks in a repository's hooks folder: what is there, and what to do about it.
//!
//! - `folder`: which folder it is; `hook`: what a hook is now; `outcome`: what to do about it; `place`: doing it;
//! - `chained`: the user's own hook; `started`, `program`: the git-bak that a hook starts, and this one;
//! - `health`: whether a hook works; `put_away`: a hook of ours that a hook manager has moved.
//!
//! A user's hook is never lost and never edited: it becomes the chained hook, under the name
//! `<hook>.before-bak` in the same folder, and goes back from there. Everything is looked at before
//! anything is written, so that what can't be done is said first.

use std::io;
use std::path::PathBuf;

use crate::model::hook::name::HookName;
use crate::model::hook::{script, shim};

mod chained;
pub mod folder;
mod health;
mod hook;
mod outcome;
mod place;
pub mod program;
mod put_away;
mod started;

use hook::{Hook, HookKind, read};

pub use chained::{HOOK, chained, told};
pub use health::Health;
pub use outcome::{HookPlace, HookPlan, Obstacle, Removal};
pub use put_away::displaced_pre_commit;
pub use started::missing;

/// The version of git-bak in the shims it writes.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// One hook in a hooks folder.
#[derive(Clone, Debug)]
pub struct HookFile {
    folder: PathBuf,
    pub name: HookName,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookState {
    Absent,
    OurShim {
        /// The version of git-bak that wrote it.
        version: String,
        /// Its text is what that version wrote.
        intact: bool,
    },
    Foreign,
}

impl HookFile {
    /// The hook `name` in `folder`.
    pub fn new(folder: impl Into<PathBuf>, name: HookName) -> Self {
        Self { folder: folder.into(), name }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.join(self.name.name())
    }

    /// The user's own hook from before, which git-bak runs.
    pub fn chained_path(&self) -> PathBuf {
        self.beside(".before-bak")
    }

    /// Whether there is a hook from before.
    pub fn has_chained(&self) -> bool {
        self.chained_path().symlink_metadata().is_ok()
    }

    pub fn state(&self) -> io::Result<HookState> {
        let Some(hook) = read(&self.path())? else { return Ok(HookState::Absent) };
        Ok(match shim::shim_version(&hook.text) {
            Some(version) => HookState::OurShim {
                version: version.to_owned(),
                intact: shim::is_intact(self.name, &hook.text),
            },
            None => HookState::Foreign,
        })
    }

    /// What installing the shim `text` does here.
    pub fn plan(&self, text: &[u8], force: bool) -> io::Result<HookPlan> {
        let Some(hook) = read(&self.path())? else { return Ok(HookPlan::Write) };
        if shim::is_intact(self.name, &hook.text) {
            let runs = hook.text == text && hook.kind == HookKind::File { executable: true };
            return Ok(if runs { HookPlan::Keep } else { HookPlan::Update });
        }
        if shim::shim_version(&hook.text).is_some() {
            return Ok(if force { HookPlan::Renew } else { HookPlan::Refuse(Obstacle::Edited) });
        }
        self.plan_foreign(&hook, force)
    }

    fn plan_foreign(&self, hook: &Hook, force: bool) -> io::Result<HookPlan> {
        if hook.kind == HookKind::Other {
            return Ok(HookPlan::Refuse(Obstacle::NotAFile));
        }
        if self.starts_git_bak(&hook.text)? {
            return Ok(HookPlan::Keep);
        }
        if script::finds_itself_by_name(&hook.text) {
            let place = place_for_line(Some(hook));
            return Ok(HookPlan::Refuse(Obstacle::ByOwnName { place }));
        }
        let dangling = hook.kind == HookKind::Dangling;
        // Two names of one hook are what an install that was killed leaves.
        let taken = self.has_chained()
            && !place::is_same(&self.path(), &self.chained_path())?
            && !self.supersedes_chained(&hook.text)?;
        if taken && !force {
            return Ok(HookPlan::Refuse(Obstacle::TwoHooks));
        }
        Ok(HookPlan::Chain { dangling, aside: taken })
    }

    /// What installing does about a hook in a folder that is not written to.
    pub fn plan_managed(&self) -> io::Result<HookPlan> {
        match read(&self.path())? {
            Some(hook) if self.starts_git_bak(&hook.text)? => Ok(HookPlan::Keep),
            None if self.is_left_out_by_husky() => Ok(HookPlan::Never),
            hook => {
                let place = place_for_line(hook.as_ref());
                Ok(HookPlan::Refuse(Obstacle::Managed { place }))
            }
        }
    }

    /// husky generates what Git runs, in a folder below: there is nothing for the hooks it doesn't know.
    fn is_left_out_by_husky(&self) -> bool {
        let generated = self.folder.join("_");
        generated.join("h").is_file() && !generated.join(self.name.name()).exists()
    }

    /// Does what `plan` says; the numbered name that something was given to be out of the way.
    pub fn carry_out(&self, plan: &HookPlan, text: &[u8]) -> io::Result<Option<PathBuf>> {
        let (hook, chained) = (self.path(), self.chained_path());
        match plan {
            HookPlan::Keep | HookPlan::Never | HookPlan::Refuse(_) => Ok(None),
            HookPlan::Write => match place::write_new(&hook, text) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && self.is_shim()? => {
                    Ok(None)
                }
                result => result.map(|()| None),
            },
            HookPlan::Update => place::replace(&hook, text).map(|()| None),
            HookPlan::Renew => {
                let aside = place::keep_numbered(&hook, &chained)?;
                place::replace(&hook, text).map(|()| Some(aside))
            }
            // Another install, at the same time, has done it.
            HookPlan::Chain { .. } if self.is_shim()? => Ok(None),
            HookPlan::Chain { aside, .. } => {
                let aside = aside.then(|| place::move_aside(&chained)).transpose()?;
                place::chain(&hook, &chained, text)?;
                self.remove_put_away().map(|_| aside)
            }
        }
    }

    fn is_shim(&self) -> io::Result<bool> {
        Ok(read(&self.path())?.is_some_and(|hook| shim::shim_version(&hook.text).is_some()))
    }

    /// Takes our shim out and puts the user's hook back, byte for byte and mode for mode.
    pub fn remove(&self) -> io::Result<Removal> {
        let hook = self.path();
        let found = read(&hook)?;
        if let Some(found) = found.as_ref().filter(|it| !shim::is_intact(self.name, &it.text)) {
            return self.leave(found);
        }
        // A manager would bring back one day what it has put away.
        let was_put_away = self.remove_put_away()?;
        match found {
            // One step, over the shim if there is one: at no moment is there no hook.
            _ if self.has_chained() => {
                std::fs::rename(self.chained_path(), &hook).map(|()| Removal::Restored)
            }
            Some(_) => std::fs::remove_file(&hook).map(|()| Removal::Removed),
            None if was_put_away => Ok(Removal::Removed),
            None => Ok(Removal::Nothing),
        }
    }

    /// A hook that is not ours, or no longer as we wrote it, stays as it is.
    fn leave(&self, hook: &Hook) -> io::Result<Removal> {
        if shim::shim_version(&hook.text).is_some() {
            return Ok(Removal::Edited);
        }
        if script::runs_git_bak(&hook.text, self.name.name()) {
            return Ok(Removal::HasLine);
        }
        self.remove_behind(hook)
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        self.folder.join(format!("{}{suffix}", self.name))
    }
}

/// Where the line that runs git-bak has to stand in this hook.
fn place_for_line(hook: Option<&Hook>) -> HookPlace {
    match hook {
        None => HookPlace::NewFile,
        Some(hook) if !script::is_shell(&hook.text) => HookPlace::OtherLanguage,
        Some(hook) if hook.text.starts_with(b"#!") => HookPlace::SecondLine,
        Some(_) => HookPlace::FirstLine,
    }
}

#[cfg(test)]
mod tests;
