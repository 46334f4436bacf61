//! Spare copies of the trees that were written last.
//!
//! A `git gc --prune=now` deletes what nothing named when it began, and may come to an object seconds after its
//! writer has looked for it for the last time. If that is the root, nothing of the vault can be read any more,
//! though all of it but a few small trees is there: nothing that was named when the `gc` began is deleted. So
//! what updates write is kept in a file of ours, too, before the ref names it, and whoever misses a tree writes
//! it again from there. Blobs are not kept: one that is missing costs its own entry alone.
//!
//! A line for each tree: its id, and its content in hex. A line that makes no sense, or whose content has
//! another id, is none. The file is cut to its newer half when it has grown.

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::Vault;
use crate::git::objects::{Objects, Oid};
use crate::os::private;

/// The file is cut when it is longer: some tens of updates.
const MOST: u64 = 256 << 10;
/// A tree whose content is longer is not kept, nor are more than this of one update.
const BIG: usize = 32 << 10;

/// Keeps the trees `ids`, which `objects` has just written. A failure costs nothing but the spare.
pub(super) fn keep(bak_dir: &Path, objects: &Objects, ids: &[Oid]) {
    // What leads to all the others comes last.
    let (mut lines, mut length) = (Vec::new(), 0);
    for (id, body) in objects.written(ids).into_iter().rev() {
        length += body.len();
        if length > BIG {
            break;
        }
        lines.push(format!("{id} {}\n", hex(&body)));
    }
    lines.reverse();
    let _ = append(&file_of(bak_dir), &lines.concat());
}

/// Forgets all of it.
pub(super) fn clear(bak_dir: &Path) {
    let _ = fs::remove_file(file_of(bak_dir));
}

impl Vault {
    /// Writes the tree `id` again, which is missing; whether there was a spare of it.
    pub(super) fn write_spare(&self, id: Oid) -> bool {
        let text = fs::read_to_string(file_of(&self.bak_dir())).unwrap_or_default();
        let hex_id = id.to_string();
        let is_it = |line: &(&str, &str)| line.0 == hex_id;
        let spare = text.lines().filter_map(|line| line.split_once(' ')).rfind(is_it);
        let Some(body) = spare.and_then(|(_, body)| bytes(body)) else { return false };
        self.objects.write_tree_of(&body).is_ok_and(|written| written == id)
    }
}

fn append(file: &Path, text: &str) -> std::io::Result<()> {
    let mut open = private::open(file)?;
    if open.seek(SeekFrom::End(0))? > MOST {
        let all = fs::read_to_string(file).unwrap_or_default();
        let mut newer = all.get(all.len() / 2..).unwrap_or_default();
        newer = newer.split_once('\n').map_or("", |(_, whole)| whole);
        // Windows replaces no open file.
        drop(open);
        return private::write(file, [newer, text].concat().as_bytes());
    }
    open.write_all(text.as_bytes())
}

fn file_of(bak_dir: &Path) -> PathBuf {
    bak_dir.join("spare")
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = hex.chars().map(|digit| digit.to_digit(16)).collect::<Option<_>>()?;
    let is_whole = digits.len().is_multiple_of(2);
    is_whole.then(|| digits.chunks(2).map(|two| (two[0] << 4 | two[1]) as u8).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_from_hex() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(bytes(&hex(&all)), Some(all));
        for nonsense in ["a", "xy", "a\u{e9}"] {
            assert_eq!(bytes(nonsense), None);
        }
    }

    #[test]
    fn the_file_is_cut_to_its_newer_half() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("spare");
        for number in 0..60 {
            append(&file, &format!("{number} {}\n", "ab".repeat(4096))).unwrap();
        }
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.len() as u64 <= MOST + 9000);
        assert!(text.ends_with('\n') && text.lines().last().unwrap().starts_with("59 "));
        assert!(text.lines().all(|line| line.split_once(' ').unwrap().1.len() == 8192));
    }
}
