//! The bytes of an index file, taken one field after the other. Numbers are big-endian.

use anyhow::{Context, Result, bail, ensure};
use git2::Oid;

use super::{CacheTree, DEEPEST, Entry};

/// How many bytes an entry's numbers take.
const NUMBERS: usize = 10 * 4;
/// Bits of an entry's flags: assume-valid, and further flags follow; the stage; the path's length.
const ASSUME_VALID: u16 = 0x8000;
const EXTENDED: u16 = 0x4000;
const STAGE: u16 = 0x3000;
const NAME_LENGTH: u16 = 0x0fff;
/// Bits of the further flags. The others are reserved or unused.
const SKIP_WORKTREE: u16 = 0x4000;
const INTENT_TO_ADD: u16 = 0x2000;

/// The bytes of an index, or of a part of it, and how far they have been read.
pub(super) struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
    hash: usize,
}

impl<'a> Input<'a> {
    /// For objects whose ids are `hash` bytes long.
    pub(super) fn new(bytes: &'a [u8], hash: usize) -> Self {
        Self { bytes, at: 0, hash }
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let taken = self.rest().get(..length).context("it is cut short")?;
        self.at += length;
        Ok(taken)
    }

    /// What stands before the next `end`, which is taken too.
    fn take_until(&mut self, end: u8) -> Result<&'a [u8]> {
        let length = self.rest().iter().position(|&byte| byte == end).context("it is cut short")?;
        let taken = self.take(length)?;
        self.at += 1;
        Ok(taken)
    }

    pub(super) fn number(&mut self) -> Result<u32> {
        Ok(u32::from_be_bytes(self.take(4)?.try_into()?))
    }

    fn short(&mut self) -> Result<u16> {
        Ok(u16::from_be_bytes(self.take(2)?.try_into()?))
    }

    fn id(&mut self) -> Result<Oid> {
        Ok(Oid::from_bytes(self.take(self.hash)?)?)
    }

    /// Where each entry begins, and which of them are marked; `None` in a split index, which leaves out the paths that
    /// its other half has. Every one of them is looked at, so that each can be read afterwards.
    pub(super) fn entries(&mut self, version: u32) -> Result<Option<(Vec<u32>, Vec<usize>)>> {
        let count = usize::try_from(self.number()?)?;
        // The count may lie; the bytes that are there don't. No entry is shorter than its numbers.
        let mut starts = Vec::with_capacity(count.min(self.bytes.len() / 40));
        let mut marked = Vec::new();
        let mut last: Option<(&[u8], u16)> = None;
        for at in 0..count {
            starts.push(u32::try_from(self.at)?);
            let (flags, more, path) = self.look_at_entry(version)?;
            if flags & ASSUME_VALID != 0 || more & SKIP_WORKTREE != 0 {
                marked.push(at);
            }
            if path.is_empty() {
                return Ok(None);
            }
            let place = Some((path, flags & STAGE));
            ensure!(last < place, "its entries are in no order");
            last = place;
        }
        Ok(Some((starts, marked)))
    }

    /// Whether any entry may be marked, in a version or form that isn't read here. Of a split index the other half may
    /// have one.
    pub(super) fn may_have_marks(&mut self, version: u32) -> Result<bool> {
        for _ in 0..self.number()? {
            let start = self.at;
            let (_, flags) = self.numbers_and_flags()?;
            let more = if flags & EXTENDED != 0 { self.short()? } else { 0 };
            if flags & ASSUME_VALID != 0 || more & SKIP_WORKTREE != 0 {
                return Ok(true);
            }
            if version < 4 {
                self.path(flags & NAME_LENGTH, start)?;
                continue;
            }
            // How much of the last path is left out, in bytes of seven bits, and what follows instead.
            while self.take(1)?.iter().any(|byte| byte & 0x80 != 0) {}
            self.take_until(0)?;
        }
        while !self.rest().is_empty() {
            if self.take(4)? == b"link" {
                return Ok(true);
            }
            let length = usize::try_from(self.number()?)?;
            self.take(length)?;
        }
        Ok(false)
    }

    /// The flags, the further flags and the path of an entry, which is sound.
    fn look_at_entry(&mut self, version: u32) -> Result<(u16, u16, &'a [u8])> {
        let start = self.at;
        let (_, flags) = self.numbers_and_flags()?;
        let more = if flags & EXTENDED != 0 { self.short()? } else { 0 };
        let is_known = flags & EXTENDED == 0 || version >= 3;
        ensure!(is_known && more & !(SKIP_WORKTREE | INTENT_TO_ADD) == 0, "it has unknown flags");
        Ok((flags, more, self.path(flags & NAME_LENGTH, start)?))
    }

    /// The path of an entry that was looked at before.
    pub(super) fn path_of_entry(&mut self) -> Result<&'a [u8]> {
        let start = self.at;
        let (_, flags) = self.numbers_and_flags()?;
        if flags & EXTENDED != 0 {
            self.short()?;
        }
        self.path(flags & NAME_LENGTH, start)
    }

    /// What every entry begins with: ten numbers and an id, and the flags behind them.
    fn numbers_and_flags(&mut self) -> Result<(&'a [u8], u16)> {
        let taken = self.take(NUMBERS + self.hash + 2)?;
        let (numbers, flags) = taken.split_at(NUMBERS + self.hash);
        Ok((numbers, u16::from_be_bytes(flags.try_into()?)))
    }

    /// An entry that was looked at before.
    pub(super) fn entry(&mut self) -> Result<Entry<'a>> {
        let start = self.at;
        let (beginning, flags) = self.numbers_and_flags()?;
        let (numbers, id) = beginning.split_at(NUMBERS);
        let numbers: [[u8; 4]; 10] = numbers.as_chunks().0.try_into()?;
        let [cs, cn, ms, mn, dev, ino, mode, uid, gid, size] = numbers.map(u32::from_be_bytes);
        let id = Oid::from_bytes(id)?;
        let more = if flags & EXTENDED != 0 { self.short()? } else { 0 };
        let path = self.path(flags & NAME_LENGTH, start)?;
        Ok(Entry {
            ctime: (cs, cn),
            mtime: (ms, mn),
            dev,
            ino,
            mode,
            uid,
            gid,
            size,
            id,
            stage: u8::try_from((flags & STAGE) >> 12)?,
            assume_valid: flags & ASSUME_VALID != 0,
            skip_worktree: more & SKIP_WORKTREE != 0,
            intent_to_add: more & INTENT_TO_ADD != 0,
            path,
        })
    }

    /// A path, and the one to eight NULs that make the entry's length a multiple of eight.
    fn path(&mut self, length: u16, start: usize) -> Result<&'a [u8]> {
        let path = if length == NAME_LENGTH {
            // Too long for its field: it goes as far as the first NUL.
            let length = self.rest().iter().position(|&byte| byte == 0);
            self.take(length.context("it is cut short")?)?
        } else {
            self.take(usize::from(length))?
        };
        let padding = self.take(8 - (self.at - start) % 8)?;
        let sound = !has_nul(path) && padding.iter().all(|&b| b == 0);
        ensure!(sound, "a path in it has the wrong length");
        Ok(path)
    }

    /// All extensions: `None` if one is mandatory, which a small letter at the beginning says; else
    /// what `TREE` holds, if it is there.
    pub(super) fn extensions(&mut self) -> Result<Option<Option<CacheTree>>> {
        let mut tree = None;
        while !self.rest().is_empty() {
            let name = self.take(4)?;
            let length = usize::try_from(self.number()?)?;
            let mut inner = Input::new(self.take(length)?, self.hash);
            match name {
                b"TREE" => tree = Some(inner.whole_tree()?),
                [b'A'..=b'Z', ..] => {}
                _ => return Ok(None),
            }
        }
        Ok(Some(tree))
    }

    fn whole_tree(&mut self) -> Result<CacheTree> {
        let tree = self.cache_tree(0)?;
        ensure!(tree.name.is_empty() && self.rest().is_empty(), "its trees don't begin at the top");
        Ok(tree)
    }

    /// name NUL entry-count SP subtree-count LF id, unless the count is negative; then the subtrees.
    fn cache_tree(&mut self, depth: usize) -> Result<CacheTree> {
        ensure!(depth < DEEPEST, "its trees are nested too deeply");
        let name = self.take_until(0)?.to_vec();
        let entry_count = decimal(self.take_until(b' ')?)?;
        let subtrees = decimal(self.take_until(b'\n')?)?;
        let id = (entry_count >= 0).then(|| self.id()).transpose()?;
        let mut children = Vec::new();
        for _ in 0..subtrees {
            children.push(self.cache_tree(depth + 1)?);
        }
        Ok(CacheTree { name, entry_count, id, children })
    }
}

/// Whether there is a NUL among the bytes, eight of which are looked at at once: all of an index is looked at
/// in every hook, and its paths are too short for what searches long ones.
fn has_nul(bytes: &[u8]) -> bool {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let (eights, rest) = bytes.as_chunks::<8>();
    let has = |eight: &[u8; 8]| {
        let eight = u64::from_ne_bytes(*eight);
        eight.wrapping_sub(LOW) & !eight & HIGH != 0
    };
    eights.iter().any(has) || rest.contains(&0)
}

fn decimal(text: &[u8]) -> Result<i32> {
    match std::str::from_utf8(text).map(str::parse) {
        Ok(Ok(number)) => Ok(number),
        _ => bail!("its trees have no count"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_is_found_wherever_it_is() {
        for length in 0..40 {
            // 0x80 and 0x01 are the bytes that such a search may take for a NUL.
            for filling in [b'a', 0x80, 0x01, 0xff] {
                let bytes = vec![filling; length];
                assert!(!has_nul(&bytes), "{length} {filling}");
                for at in 0..length {
                    let mut bytes = bytes.clone();
                    bytes[at] = 0;
                    assert!(has_nul(&bytes), "{at} of {length} {filling}");
                }
            }
        }
    }
}
