//! Refs: the vault's own, and HEAD.
//!
//! libgit2 reads and writes refs kept as files, fast; a repository it can't open (reftable, unknown
//! extensions) is asked and told through Git's plumbing. Which of the two, nobody above knows.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use git2::{ErrorCode, Oid};

use super::command::Git;
use super::repository::{ObjectFormat, Repository};

/// A repository's refs.
pub struct Refs {
    native: Option<git2::Repository>,
    git: Git,
    format: ObjectFormat,
    common_dir: PathBuf,
}

/// How a compare-and-swap ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swap {
    /// The ref names the new object.
    Done,
    /// Somebody else moved it first: read it again.
    Changed,
    /// Somebody holds its lock: try again.
    Locked,
}

/// Git has checked the owner, in a hook and after `git rev-parse`; and the settings are Git's to read:
/// libgit2 need not look for the user's and the system's.
fn ask_for_nothing_but_the_repository() {
    use git2::ConfigLevel::{Global, ProgramData, System, XDG};
    // SAFETY: these set what libgit2 keeps for the whole process, and no other thread of ours uses it.
    unsafe {
        // Without effect at worst: a repository that can't be opened is asked through Git.
        let _ = git2::opts::set_verify_owner_validation(false);
        for level in [System, Global, XDG, ProgramData] {
            let _ = git2::opts::set_search_path(level, "");
        }
    }
}

impl Refs {
    /// The refs of `repository`. In a hook, and after `git rev-parse`, Git has checked the owner.
    pub fn open(repository: &Repository) -> Self {
        ask_for_nothing_but_the_repository();
        let flags = git2::RepositoryOpenFlags::NO_SEARCH | git2::RepositoryOpenFlags::NO_DOTGIT;
        let none: [&Path; 0] = [];
        let native = git2::Repository::open_ext(&repository.git_dir, flags, none).ok();
        Self {
            native,
            git: repository.git(),
            format: repository.format,
            common_dir: repository.common_dir.clone(),
        }
    }

    /// The object a ref names; `None` if there is no such ref.
    pub fn read(&self, name: &str) -> Result<Option<Oid>> {
        let Some(native) = &self.native else { return self.ask(name) };
        match native.refname_to_id(name) {
            Ok(id) => Ok(Some(id)),
            Err(error) if matches!(error.code(), ErrorCode::NotFound | ErrorCode::UnbornBranch) => {
                Ok(None)
            }
            Err(error) => Err(error).with_context(|| format!("{name} can't be read")),
        }
    }

    /// Moves a ref from `old` (`None`: it must not exist) to `new`, or leaves it alone.
    pub fn swap(&self, name: &str, old: Option<Oid>, new: Oid) -> Result<Swap> {
        let Some(native) = &self.native else { return self.tell(name, old, new) };
        let result = match old {
            Some(old) => native.reference_matching(name, new, true, old, ""),
            None => native.reference(name, new, false, ""),
        };
        self.forget_reflog(name);
        match result {
            Ok(_) => Ok(Swap::Done),
            Err(error) => match error.code() {
                ErrorCode::Modified | ErrorCode::Exists | ErrorCode::NotFound => Ok(Swap::Changed),
                ErrorCode::Locked => Ok(Swap::Locked),
                _ => Err(error).with_context(|| format!("{name} can't be written")),
            },
        }
    }

    /// The commit that HEAD names; `None` before the first one.
    pub fn head(&self) -> Result<Option<Oid>> {
        self.read("HEAD")
    }

    /// With `core.logAllRefUpdates=always` a reflog would keep what has expired.
    fn forget_reflog(&self, name: &str) {
        let _ = std::fs::remove_file(self.common_dir.join("logs").join(name));
    }

    fn ask(&self, name: &str) -> Result<Option<Oid>> {
        let args = ["rev-parse", "--verify", "--quiet", "--end-of-options", name];
        let answer = self.git.start(args)?.finish()?;
        match answer.status {
            Some(0) => {
                let hex = String::from_utf8_lossy(answer.stdout.trim_ascii()).into_owned();
                Oid::from_str_ext(&hex, self.format.of_git2()).map(Some).context("not an object id")
            }
            Some(1) => Ok(None),
            _ => bail!("{name} can't be read: {}", answer.reason()),
        }
    }

    fn tell(&self, name: &str, old: Option<Oid>, new: Oid) -> Result<Swap> {
        let zero = "0".repeat(new.to_string().len());
        let old = old.map_or(zero, |id| id.to_string());
        let new = new.to_string();
        let args =
            ["-c", "core.logAllRefUpdates=false", "update-ref", "--no-deref", name, &new, &old];
        let answer = self.git.start(args)?.finish()?;
        let reason = answer.reason();
        match answer.status {
            Some(0) => Ok(Swap::Done),
            _ if ["but expected", "already exists", "unable to resolve"]
                .iter()
                .any(|word| reason.contains(word)) =>
            {
                Ok(Swap::Changed)
            }
            _ if reason.contains("lock") => Ok(Swap::Locked),
            _ => bail!("{name} can't be written: {reason}"),
        }
    }
}
