//! Whether files that may be edited have the bytes that are staged.

use std::io::Read;

use super::below::read_below;
use super::filters;
use crate::git::index::Entry;
use crate::git::objects::Objects;
use crate::os::folder::{Folder, Source};

/// How many files, and how many bytes of one and of all, are read to settle a doubt. Beyond that Git
/// would have to be quicker than we are.
pub(super) const MOST_FILES: usize = 64;
const MOST_BYTES: u64 = 1 << 20;
const MOST_BYTES_OF_ALL: u64 = 4 << 20;

/// Whether these files hold, byte for byte, what is staged, and no conversion of Git's applies.
pub(super) fn are_as_staged(top: &Folder, objects: &Objects, entries: &[Entry<'_>]) -> bool {
    let mut left = MOST_BYTES_OF_ALL;
    entries.iter().all(|entry| {
        let bytes = content(top, entry.path, left.min(MOST_BYTES));
        bytes.is_some_and(|bytes| {
            left = left.saturating_sub(bytes.len() as u64);
            !filters::may_convert(&bytes) && objects.hash(&bytes).is_ok_and(|id| id == entry.id)
        })
    })
}

/// The bytes of a regular file, if there are no more than `most`.
fn content(top: &Folder, path: &[u8], most: u64) -> Option<Vec<u8>> {
    let Source { file, stat } = read_below(top, path).ok()?;
    if stat.size > most {
        return None;
    }
    let mut bytes = Vec::with_capacity(usize::try_from(stat.size).ok()? + 1);
    file.take(most + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= most).then_some(bytes)
}
