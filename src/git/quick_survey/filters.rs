//! Where a file's bytes may not be what Git would store of it (gitattributes(5)).

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::worktree::parent;
use crate::git::index::Entry;
use crate::git::repository::Repository;

/// Whether Git's own conversions (`text` and `ident`) may change these bytes.
pub(super) fn may_convert(bytes: &[u8]) -> bool {
    has(bytes, b"\r\n") || has(bytes, b"$Id:")
}

/// Whether the repository has a filter or an encoding for any file: it may well be for these. One
/// that is set for the whole machine goes unseen, which hides no work: what is found equal is,
/// byte for byte, an object that the index names.
pub(super) fn may_apply(repository: &Repository, entries: &[Entry<'_>]) -> bool {
    let mut folders = BTreeSet::new();
    for entry in entries {
        // The last of them is the top itself.
        let folder = Path::new(OsStr::from_bytes(parent(entry.path)));
        folders.extend(folder.ancestors().map(|folder| repository.top.join(folder)));
    }
    let files = folders.iter().map(|folder| folder.join(".gitattributes"));
    let info = repository.common_dir.join("info/attributes");
    std::env::var_os("GIT_ATTR_SOURCE").is_some()
        || files.chain([info]).any(|file| match std::fs::read(file) {
            Ok(text) => has(&text, b"filter") || has(&text, b"working-tree-encoding"),
            Err(error) => error.kind() != ErrorKind::NotFound,
        })
}

fn has(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bytes_that_git_converts_are_in_doubt() {
        assert!(may_convert(b"a\r\nb") && may_convert(b"x $Id: 1$"));
        assert!(!may_convert(b"") && !may_convert(b"a\rb\n $Id$"));
    }
}
