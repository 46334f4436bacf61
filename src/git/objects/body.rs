//! What is in trees and commits: their bytes, and what they mean (gitformat-pack(5) has the ids' form,
//! `base_name_compare` and `verify_path` in Git's read-cache.c the order of names and which are forbidden).

use anyhow::{Context, Result};

use crate::git::object_format::ObjectFormat;
use crate::git::objects::Oid;

/// The mode of a tree in a tree.
pub const TREE_MODE: i32 = 0o040_000;

/// One entry of a Git tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeEntry {
    pub name: Vec<u8>,
    /// Its mode as the number that stands in the tree.
    pub mode: i32,
    pub id: Oid,
}

impl TreeEntry {
    pub fn is_tree(&self) -> bool {
        self.mode == TREE_MODE
    }

    /// It names a regular file's content: no link, no submodule.
    pub fn is_file(&self) -> bool {
        self.mode & 0o170_000 == 0o100_000
    }
}

/// The entries of a tree's content, in its own order; an error if it is none.
pub(super) fn tree(mut body: &[u8], format: ObjectFormat) -> Result<Vec<TreeEntry>> {
    let mut entries = Vec::new();
    while !body.is_empty() {
        let (entry, rest) = entry(body, format).context("a tree that can't be read")?;
        entries.push(entry);
        body = rest;
    }
    Ok(entries)
}

fn entry(body: &[u8], format: ObjectFormat) -> Option<(TreeEntry, &[u8])> {
    let space = body.iter().position(|&byte| byte == b' ')?;
    let mode = std::str::from_utf8(body.get(..space)?).ok()?;
    // Rust would take a sign; a negative mode would be written as one that can't be read again.
    let mode = mode.bytes().all(|digit| digit.is_ascii_digit()).then_some(mode)?;
    let mode = i32::from_str_radix(mode, 8).ok()?;
    let rest = body.get(space + 1..)?;
    let end = rest.iter().position(|&byte| byte == 0)?;
    let name = rest.get(..end).filter(|name| !name.is_empty())?.to_vec();
    let (id, rest) = rest.get(end + 1..)?.split_at_checked(format.hex_len() / 2)?;
    Some((TreeEntry { name, mode, id: Oid::from_bytes(id).ok()? }, rest))
}

/// The tree and the parents in a commit's content, which begins with a line for each.
pub(super) fn commit(body: &[u8], format: ObjectFormat) -> Result<(Oid, Vec<Oid>)> {
    let mut lines = body.split(|&byte| byte == b'\n');
    let id = |line: Option<&[u8]>, word: &str| {
        let hex = std::str::from_utf8(line?.strip_prefix(word.as_bytes())?).ok()?;
        let whole = hex.len() == format.hex_len();
        whole.then(|| Oid::from_str_ext(hex, format.of_git2()).ok()).flatten()
    };
    let tree = id(lines.next(), "tree ").context("a commit that can't be read")?;
    let parents = lines.map_while(|line| id(Some(line), "parent ")).collect();
    Ok((tree, parents))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789012345678901234567890123456789";

    fn named(name: &[u8], mode: i32) -> TreeEntry {
        TreeEntry { name: name.to_vec(), mode, id: Oid::from_str(ID).unwrap() }
    }

    fn of_tree(entries: &[TreeEntry]) -> Vec<u8> {
        let of = |entry: &TreeEntry| {
            let mode = format!("{:o} ", entry.mode).into_bytes();
            [&mode[..], &entry.name, b"\0", entry.id.as_bytes()].concat()
        };
        entries.iter().flat_map(of).collect()
    }

    #[test]
    fn a_tree_has_its_entries_in_its_own_order() {
        let entries = [named(b"a-b", 0o100_755), named(b"a.c", 0o100_644), named(b"a", TREE_MODE)];
        assert_eq!(tree(&of_tree(&entries), ObjectFormat::Sha1).unwrap(), entries);
    }

    #[test]
    fn a_tree_cut_short_is_an_error() {
        let body = of_tree(&[named(b"a", 0o100_644)]);
        for length in 1..body.len() {
            assert!(tree(&body[..length], ObjectFormat::Sha1).is_err(), "{length}");
        }
        assert!(tree(&body, ObjectFormat::Sha256).is_err());
        for mode in ["1006z4", "-40000", "+40000", "", "40000000000000"] {
            let body = format!("{mode} a\0aaaaaaaaaaaaaaaaaaaa");
            assert!(tree(body.as_bytes(), ObjectFormat::Sha1).is_err(), "{mode:?}");
        }
    }

    #[test]
    fn a_commit_names_its_tree_and_its_parents() {
        let text = format!("tree {ID}\nparent {ID}\nparent {ID}\nauthor a\n\nparent {ID}\n");
        let (tree, parents) = commit(text.as_bytes(), ObjectFormat::Sha1).unwrap();
        assert_eq!((tree.to_string(), parents.len()), (ID.to_owned(), 2));
        for text in ["", "tree\n", "tree 0123\n", "parent x\n"] {
            assert!(commit(text.as_bytes(), ObjectFormat::Sha1).is_err(), "{text:?}");
        }
    }
}
