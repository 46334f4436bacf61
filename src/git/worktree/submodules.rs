//! The submodules that are checked out below a working tree: repositories of their own, with hooks and settings of
//! their own.

use std::path::Path;

use crate::git::repository::Repository;
use crate::os::platform::path_from_bytes;

/// Those of this repository, not those in them. One that can't be opened is left out: nothing can be put into it.
pub fn checked_out(repository: &Repository) -> Vec<Repository> {
    // It would lead every other one here.
    if !repository.top.join(".gitmodules").exists() || std::env::var_os("GIT_DIR").is_some() {
        return Vec::new();
    }
    let listed = repository.git().output(["ls-files", "--stage", "-z"]).unwrap_or_default();
    let links = listed.split(|&byte| byte == 0).filter(|entry| entry.starts_with(b"160000 "));
    let paths = links.filter_map(|entry| entry.splitn(2, |&byte| byte == b'\t').nth(1));
    let tops = paths.map(|path| repository.top.join(path_from_bytes(path)));
    tops.filter_map(|top| open(&top, repository)).collect()
}

/// The one that is in this folder, if it is one of its own.
pub fn open(top: &Path, above: &Repository) -> Option<Repository> {
    top.join(".git").symlink_metadata().ok()?;
    let found = Repository::discover(top).ok()?;
    // Where its Git directory is gone, Git finds the one above.
    (found.common_dir != above.common_dir && found.top != above.top).then_some(found)
}
