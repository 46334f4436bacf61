//! Paths of the index below the folder that is held open.

use std::ffi::OsStr;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;

use rustix::fs::{AtFlags, Stat, statat};

use crate::model::names::repo_path::RepoPath;
use crate::os::folder::{Folder, Source};

/// Opens the regular file at `path`, following no link.
pub(super) fn read_below(top: &Folder, path: &[u8]) -> io::Result<Source> {
    let path = RepoPath::from_bytes(path.to_vec()).map_err(io::Error::other)?;
    top.parent_of(&path)?.read(path.file_name())
}

/// The state of what is there, a link not followed.
pub(super) fn stat_at(folder: impl AsFd, path: &[u8]) -> Option<Stat> {
    statat(folder, OsStr::from_bytes(path), AtFlags::SYMLINK_NOFOLLOW).ok()
}

/// The folder that `path` lies in; empty at the top.
pub(super) fn parent(path: &[u8]) -> &[u8] {
    let slash = path.iter().rposition(|&byte| byte == b'/');
    slash.and_then(|slash| path.get(..slash)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_path() {
        assert_eq!(parent(b"a/b/c"), b"a/b");
        assert_eq!(parent(b"c"), b"");
    }
}
