//! The user's own hook, found while our hook runs.
//!
//! It stands beside the hook that Git started. Where that is, a hook that is a link to the program
//! knows from the name it was started under, and a shim says in the environment.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::folder::{self, HooksFolder};
use crate::git::repository::Repository;
use crate::model::hook::maker;
use crate::os::platform;

/// Where a script says which file Git started. The chained hook must not see it: a commit in another
/// repository that it makes would take this one's hooks for its own.
pub const HOOK: &str = "GIT_BAK_HOOK";

/// The user's own hook, if there is one that Git would run. Without a repository that is known, only
/// what Git started says where it is.
pub fn chained(hook_name: &str, repository: Option<&Repository>) -> Option<PathBuf> {
    let told = folder_in_use(hook_name);
    let folder = told.clone().or_else(|| repository.map(folder::default))?;
    let folder = std::path::absolute(folder).ok()?;
    let path = folder.join(format!("{hook_name}.before-bak"));
    let runs = platform::is_executable(&path)
        && !is_superseded(&path, &folder.join(hook_name))
        && (told.is_some() || git_looks_in(&folder, repository?));
    runs.then_some(path)
}

/// Whether Git takes hooks from here. A line in a hook elsewhere must not bring back to life what stood
/// here before Git was sent there (by husky, say).
fn git_looks_in(folder: &Path, repository: &Repository) -> bool {
    matches!(folder::find(repository), Ok(HooksFolder::Ours(ours)) if ours == folder)
}

/// The chained hook's place beside the hook that a script runs for, whether or not it is there.
pub struct Told {
    pub chained: PathBuf,
    hook: PathBuf,
}

pub fn told(hook_name: &str) -> Option<Told> {
    let folder = std::path::absolute(folder_in_use(hook_name)?).ok()?;
    let chained = folder.join(format!("{hook_name}.before-bak"));
    Some(Told { chained, hook: folder.join(hook_name) })
}

impl Told {
    /// What the chained hook would do is done by another's hook, which runs ours.
    pub fn is_superseded(&self) -> bool {
        is_superseded(&self.chained, &self.hook)
    }
}

/// The folder of the hook that Git started, if the command line or a shim says which that was.
pub(super) fn folder_in_use(hook_name: &str) -> Option<PathBuf> {
    let started = std::env::args_os().next();
    let said = std::env::var_os(HOOK);
    folder_of(hook_name, started.as_deref(), said.as_deref())
}

/// Whether a manager's hook that runs us, as its hook from before, is by the maker of the chained one:
/// what that would do is done already.
fn is_superseded(chained: &Path, hook: &Path) -> bool {
    // As in `folder_of`: by the name that it was started under, or else by what a shim says.
    let started = std::env::args_os().next().filter(|path| is_named(Path::new(path), hook));
    let started = started.or_else(|| std::env::var_os(HOOK));
    let is_put_away = started.is_some_and(|path| Path::new(&path).file_name() != hook.file_name());
    let same = || {
        let (chained, hook) = (std::fs::read(chained).ok()?, std::fs::read(hook).ok()?);
        Some(maker::is_same_maker(&chained, &hook))
    };
    is_put_away && same().unwrap_or(false)
}

/// Whether this is the hook's name, or one that a manager gives to a hook that it puts away.
fn is_named(path: &Path, hook: &Path) -> bool {
    path.file_stem() == hook.file_name()
}

/// The folder of the hook that Git started.
fn folder_of(hook_name: &str, started: Option<&OsStr>, said: Option<&OsStr>) -> Option<PathBuf> {
    let started = started.map(Path::new).filter(|path| is_named(path, Path::new(hook_name)));
    let said = said.map(Path::new);
    // A name without a folder was found on the PATH, and is no hook that Git started.
    let folders = [started, said].into_iter().flatten().filter_map(Path::parent);
    folders.filter(|folder| !folder.as_os_str().is_empty()).map(Path::to_owned).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(started: &str, said: Option<&str>) -> Option<PathBuf> {
        folder_of("pre-commit", Some(OsStr::new(started)), said.map(OsStr::new))
    }

    #[test]
    fn a_shim_says_where_it_is_under_whatever_name() {
        for said in [".git/hooks/pre-commit", ".git/hooks/pre-commit.legacy"] {
            assert_eq!(folder("/bin/git-bak", Some(said)), Some(".git/hooks".into()));
        }
    }

    #[test]
    fn a_link_knows_where_it_is_and_believes_nobody_else() {
        assert_eq!(
            folder("/r/hooks/pre-commit", Some("/other/pre-commit")),
            Some("/r/hooks".into())
        );
    }

    #[test]
    fn otherwise_nobody_knows() {
        assert_eq!(folder("/bin/git-bak", None), None);
        assert_eq!(folder("pre-commit", None), None);
        assert_eq!(folder("/r/hooks/post-commit", None), None);
        assert_eq!(folder("/bin/git-bak", Some("")), None);
    }
}
