//! States of some files as commits in a repository that is thrown away, for Git itself to compare: with the user's own
//! diff drivers, attributes, colours and pager, and with names from the top.
//!
//! Git borrows its objects for one command; nothing is written into the user's.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, Result, anyhow};

use super::git::Sealed;
use super::stream::FileContent;
use super::{bare, stream};
use crate::git::object_format::ObjectFormat;
use crate::os::platform::{bytes_of, for_shell, path_from_bytes};

/// Git reads objects there, too.
pub const BORROWS: &str = "GIT_ALTERNATE_OBJECT_DIRECTORIES";

/// Makes a commit of each state in `folder`, which is empty; their ids.
pub fn commit<const N: usize>(
    folder: &Path,
    format: ObjectFormat,
    states: &[Vec<FileContent<'_>>; N],
) -> Result<[String; N]> {
    bare::fill(folder, format).context("no room for what is to be compared")?;
    let mut text = stream::begin();
    for (at, files) in states.iter().enumerate() {
        stream::state(&mut text, at + 1, files);
    }
    stream::end(&mut text);
    let ids = Sealed::of(folder).feed(["fast-import", "--quiet"], text)?;
    let ids: Vec<String> = String::from_utf8_lossy(&ids).lines().map(str::to_owned).collect();
    ids.try_into().map_err(|ids| anyhow!("git fast-import: {ids:?}"))
}

/// What [`BORROWS`] is set to for Git to read the objects in `folder` beside what it reads already.
pub fn borrowing(folder: &Path) -> OsString {
    let between = if cfg!(windows) { b';' } else { b':' };
    let plain = for_shell(folder);
    let is_mark = |byte: &u8| matches!(byte, b'"' | b'\\');
    let mut value = plain.to_vec();
    if plain.iter().any(|byte| is_mark(byte) || *byte == between) {
        let escaped = |byte: &u8| if is_mark(byte) { vec![b'\\', *byte] } else { vec![*byte] };
        value = [b"\"", &*plain.iter().flat_map(escaped).collect::<Vec<_>>(), b"\""].concat();
    }
    if let Some(before) = std::env::var_os(BORROWS) {
        value.push(between);
        value.extend(bytes_of(&before));
    }
    path_from_bytes(&value).into_os_string()
}
