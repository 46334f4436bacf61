//! Which entries of the index HEAD lacks.
//!
//! The index remembers which tree each of its folders makes, until an entry in it changes
//! (gitformat-index(5), "Cache tree"). A folder whose tree is HEAD's is as in HEAD, whatever is below
//! it; only the others are compared entry by entry. `git status` relies on the same.

use std::ops::Range;

use super::{EXECUTABLE, LINK, REGULAR};
use crate::git::index::{CacheTree, DEEPEST, Index};
use crate::git::objects::{Objects, Oid, TreeEntry};

/// An entry of the index that HEAD has otherwise, or not at all.
pub(super) struct StagedEntry {
    pub at: usize,
    /// HEAD has no file, link or submodule of this name.
    pub added: bool,
}

/// The entries that differ from the commit `head`; all of them before the first commit. `None` if a
/// tree can't be read, or HEAD holds what only Git compares.
pub(super) fn changed(
    index: &Index,
    objects: &Objects,
    head: Option<Oid>,
) -> Option<Vec<StagedEntry>> {
    let tree = match head {
        Some(head) => Some(objects.commit(head).ok()?.0),
        None => None,
    };
    let mut comparison = Comparison { index, objects, found: Vec::new() };
    let all = 0..index.count();
    comparison.folder(all, FolderPlace { prefix: 0, depth: 0 }, index.tree.as_ref(), tree)?;
    Some(comparison.found)
}

struct Comparison<'a> {
    index: &'a Index,
    objects: &'a Objects,
    found: Vec<StagedEntry>,
}

/// A folder: how long its path is, with the slash behind it, and how far below the top it lies.
#[derive(Clone, Copy)]
struct FolderPlace {
    prefix: usize,
    depth: usize,
}

impl Comparison<'_> {
    /// Compares the entries below one folder with HEAD's tree of that name, if it has one.
    fn folder(
        &mut self,
        range: Range<usize>,
        place: FolderPlace,
        known: Option<&CacheTree>,
        tree: Option<Oid>,
    ) -> Option<()> {
        if place.depth >= DEEPEST {
            return None;
        }
        if let Some(CacheTree { id: Some(id), entry_count, .. }) = known {
            if usize::try_from(*entry_count) != Ok(range.len()) {
                return None;
            }
            if tree == Some(*id) {
                return Some(());
            }
        }
        let there = self.tree(tree)?;
        let mut at = range.start;
        while at < range.end {
            let rest = self.index.path(at)?.get(place.prefix..)?;
            let Some(slash) = rest.iter().position(|&byte| byte == b'/') else {
                self.file(at, named(&there, rest))?;
                at += 1;
                continue;
            };
            let name = rest.get(..slash)?;
            if rest.len() == slash + 1 {
                // All of a folder, which a sparse index has as one entry: only Git can take it apart.
                let same = named(&there, name).is_some_and(|tree| {
                    tree.is_tree() && self.index.entry(at).is_some_and(|it| it.id == tree.id)
                });
                if !same {
                    return None;
                }
                at += 1;
                continue;
            }
            let known = known.and_then(|known| known.child(name));
            let end = self.end_of_folder(at..range.end, place.prefix, rest.get(..=slash)?, known);
            let tree = named(&there, name).filter(|entry| entry.is_tree()).map(|entry| entry.id);
            let below = FolderPlace { prefix: place.prefix + slash + 1, depth: place.depth + 1 };
            self.folder(at..end, below, known, tree)?;
            at = end;
        }
        Some(())
    }

    /// Where the entries end that begin with the folder `name/`: in the index's order they are
    /// neighbours, and what is `known` of the folder says how many.
    fn end_of_folder(
        &self,
        range: Range<usize>,
        prefix: usize,
        name: &[u8],
        known: Option<&CacheTree>,
    ) -> usize {
        let is_below = |path: &[u8]| path.get(prefix..).is_some_and(|rest| rest.starts_with(name));
        let is_in = |at: usize| at < range.end && self.index.path(at).is_some_and(is_below);
        let count = known.and_then(|known| usize::try_from(known.entry_count).ok());
        match count.filter(|&count| count > 0).map(|count| range.start.saturating_add(count)) {
            Some(end) if is_in(end - 1) && !is_in(end) => end,
            _ => self.index.partition_point(range, is_below),
        }
    }

    /// The entries of one of HEAD's trees, by name; none if there is no such tree.
    fn tree(&self, id: Option<Oid>) -> Option<Vec<TreeEntry>> {
        let Some(id) = id else { return Some(Vec::new()) };
        let mut entries = self.objects.tree(id).ok()?.to_vec();
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        // Two of one name: Git makes no such tree.
        entries.windows(2).all(|two| two[0].name != two[1].name).then_some(entries)
    }

    fn file(&mut self, at: usize, there: Option<&TreeEntry>) -> Option<()> {
        let entry = self.index.entry(at)?;
        // A side of a conflict, a name without content, a submodule: nothing is staged.
        if entry.stage != 0
            || entry.intent_to_add
            || !matches!(entry.mode, REGULAR | EXECUTABLE | LINK)
        {
            return Some(());
        }
        // A folder of that name is no predecessor: Git calls the file new.
        let there = there.filter(|there| !there.is_tree());
        let before = there.map(|there| Some((mode_in_index(there.mode)?, there.id)));
        match before {
            // Git compares what was a submodule in ways of its own.
            Some(None) => return None,
            Some(Some(before)) if before == (entry.mode, entry.id) => {}
            _ => self.found.push(StagedEntry { at, added: before.is_none() }),
        }
        Some(())
    }
}

/// The entry of that name in a tree, whose entries are in the order of their names.
fn named<'a>(tree: &'a [TreeEntry], name: &[u8]) -> Option<&'a TreeEntry> {
    let at = tree.binary_search_by(|entry| entry.name.as_slice().cmp(name)).ok()?;
    tree.get(at)
}

/// The mode that the index has for a tree's: early versions of Git kept more permission bits. `None`
/// for what is neither a file nor a link.
fn mode_in_index(mode: i32) -> Option<u32> {
    match mode & 0o170_000 {
        0o100_000 if mode & 0o100 != 0 => Some(EXECUTABLE),
        0o100_000 => Some(REGULAR),
        0o120_000 => Some(LINK),
        _ => None,
    }
}
