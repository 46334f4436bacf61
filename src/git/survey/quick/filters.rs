//! Where a file's bytes may not be what Git would store of it (gitattributes(5)).

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{self, ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::below::{parent, read_below};
use crate::git::index::Entry;
use crate::git::repository::Repository;
use crate::os::folder::Folder;

/// Whether Git's own conversions (`text` and `ident`) may change these bytes.
pub(super) fn may_convert(bytes: &[u8]) -> bool {
    has(bytes, b"\r\n") || has(bytes, b"$Id:")
}

/// Whether the repository has a filter or an encoding for any file: it may well be for these. One
/// that is set for the whole machine goes unseen, which hides no work: what is found equal is,
/// byte for byte, an object that the index names.
pub(super) fn may_apply(repository: &Repository, top: &Folder, entries: &[Entry<'_>]) -> bool {
    let mut folders = BTreeSet::new();
    for entry in entries {
        // The last of them is the top itself.
        folders.extend(Path::new(OsStr::from_bytes(parent(entry.path))).ancestors());
    }
    let mut files = folders.iter().map(|folder| text_below(top, &folder.join(".gitattributes")));
    let names_one = |text: io::Result<Vec<u8>>| match text {
        Ok(text) => has(&text, b"filter") || has(&text, b"working-tree-encoding"),
        Err(error) => error.kind() != ErrorKind::NotFound,
    };
    std::env::var_os("GIT_ATTR_SOURCE").is_some()
        || files.any(names_one)
        || names_one(std::fs::read(repository.common_dir.join("info/attributes")))
}

fn text_below(top: &Folder, path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    read_below(top, path.as_os_str().as_bytes())?.file.read_to_end(&mut text)?;
    Ok(text)
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
