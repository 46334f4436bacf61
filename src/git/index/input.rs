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

/// What is read of the extensions.
#[derive(Default)]
pub(super) struct Extensions {
    /// `TREE`.
    pub tree: Option<CacheTree>,
    /// `sdir`: an entry may stand for a whole folder.
    pub is_sparse: bool,
    /// `link`: the other half of a split index.
    pub link: Option<Link>,
    /// `FSMN`: what a monitor of the file system has said.
    pub monitored: Option<Monitored>,
}

/// The extension `FSMN` in its second version; what else stands there is nothing to us.
#[derive(Debug)]
pub(super) struct Monitored {
    pub token: Vec<u8>,
    /// A bitmap over all entries: whose files Git would look at, whatever the monitor says.
    pub bitmap: Vec<u8>,
}

/// The extension `link`.
pub(super) struct Link {
    pub base: Oid,
    /// Two bitmaps over the entries of the other half: what is gone, and what is replaced.
    pub bitmaps: Vec<u8>,
}

impl Link {
    /// It names no other half.
    pub(super) fn is_empty(&self) -> bool {
        self.base.is_zero()
    }
}

/// What an entry says besides its numbers: enough to look at all of them.
pub(super) struct EntryFlags {
    flags: u16,
    further: u16,
}

impl EntryFlags {
    pub(super) fn is_marked(&self) -> bool {
        self.flags & ASSUME_VALID != 0 || self.further & SKIP_WORKTREE != 0
    }

    pub(super) fn intent_to_add(&self) -> bool {
        self.further & INTENT_TO_ADD != 0
    }

    pub(super) fn stage(&self) -> u8 {
        ((self.flags & STAGE) >> 12) as u8
    }

    /// How long the path is; `None` if it is too long for its field.
    pub(super) fn length(&self) -> Option<usize> {
        let length = self.flags & NAME_LENGTH;
        (length < NAME_LENGTH).then_some(length.into())
    }
}

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

    /// How far the bytes have been read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// All of an entry but its path, which is sound.
    pub(super) fn look_at_entry(&mut self, version: u32) -> Result<EntryFlags> {
        let (_, flags) = self.numbers_and_flags()?;
        let further = if flags & EXTENDED != 0 { self.short()? } else { 0 };
        let is_known = flags & EXTENDED == 0 || version >= 3;
        ensure!(
            is_known && further & !(SKIP_WORKTREE | INTENT_TO_ADD) == 0,
            "it has unknown flags"
        );
        Ok(EntryFlags { flags, further })
    }

    /// The path of an entry of version 2 or 3 that was looked at before.
    pub(super) fn path_of_entry(&mut self) -> Result<&'a [u8]> {
        let (_, flags) = self.numbers_and_flags()?;
        if flags & EXTENDED != 0 {
            self.short()?;
        }
        self.name(flags & NAME_LENGTH)
    }

    /// What every entry begins with: ten numbers and an id, and the flags behind them.
    fn numbers_and_flags(&mut self) -> Result<(&'a [u8], u16)> {
        let taken = self.take(NUMBERS + self.hash + 2)?;
        let (numbers, flags) = taken.split_at(NUMBERS + self.hash);
        Ok((numbers, u16::from_be_bytes(flags.try_into()?)))
    }

    /// An entry that was looked at before; `path` if that doesn't stand in it, whole, as in version 4.
    pub(super) fn entry(&mut self, path: Option<&'a [u8]>) -> Result<Entry<'a>> {
        let (beginning, flags) = self.numbers_and_flags()?;
        let (numbers, id) = beginning.split_at(NUMBERS);
        let numbers: [[u8; 4]; 10] = numbers.as_chunks().0.try_into()?;
        let [cs, cn, ms, mn, dev, ino, mode, uid, gid, size] = numbers.map(u32::from_be_bytes);
        let id = Oid::from_bytes(id)?;
        let more = if flags & EXTENDED != 0 { self.short()? } else { 0 };
        let path = match path {
            Some(path) => path,
            None => self.name(flags & NAME_LENGTH)?,
        };
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

    /// The path of an entry that began at `start` and was read as far as that.
    pub(super) fn path_after(&mut self, entry: &EntryFlags, start: usize) -> Result<&'a [u8]> {
        self.path(entry.flags & NAME_LENGTH, start)
    }

    /// In version 4: how many bytes are left of the path before, and what comes behind them.
    pub(super) fn path_in_short(&mut self, before: usize) -> Result<(usize, &'a [u8])> {
        let kept = before.checked_sub(self.offset()?);
        Ok((kept.context("a path in it has the wrong length")?, self.take_until(0)?))
    }

    /// A number in bytes of seven bits, encoded as the offset of a delta is (gitformat-pack(5)).
    fn offset(&mut self) -> Result<usize> {
        let mut number = 0;
        loop {
            let byte = usize::from(*self.take(1)?.first().context("it is cut short")?);
            number |= byte & 0x7f;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
            ensure!(number < 1 << 24, "a path in it has the wrong length");
            number = (number + 1) << 7;
        }
    }

    fn name(&mut self, length: u16) -> Result<&'a [u8]> {
        if length == NAME_LENGTH {
            // Too long for its field: it goes as far as the first NUL.
            let length = self.rest().iter().position(|&byte| byte == 0);
            return self.take(length.context("it is cut short")?);
        }
        self.take(usize::from(length))
    }

    /// A path, and the one to eight NULs that make the entry's length a multiple of eight.
    fn path(&mut self, length: u16, start: usize) -> Result<&'a [u8]> {
        let path = self.name(length)?;
        let padding = self.take(8 - (self.at - start) % 8)?;
        let sound = !has_nul(path) && padding.iter().all(|&b| b == 0);
        ensure!(sound, "a path in it has the wrong length");
        Ok(path)
    }

    /// All extensions: `None` if one is mandatory, which a small letter says at the beginning, and not known.
    pub(super) fn extensions(&mut self) -> Result<Option<Extensions>> {
        let mut found = Extensions::default();
        while !self.rest().is_empty() {
            let name = self.take(4)?;
            let length = usize::try_from(self.number()?)?;
            let mut inner = Input::new(self.take(length)?, self.hash);
            match name {
                b"TREE" => found.tree = Some(inner.whole_tree()?),
                b"sdir" => found.is_sparse = true,
                b"link" => {
                    found.link = Some(Link { base: inner.id()?, bitmaps: inner.rest().to_vec() });
                }
                b"FSMN" => found.monitored = inner.monitored().ok(),
                [b'A'..=b'Z', ..] => {}
                _ => return Ok(None),
            }
        }
        Ok(Some(found))
    }

    fn monitored(&mut self) -> Result<Monitored> {
        ensure!(self.number()? == 2, "what its monitor said can't be read");
        let token = self.take_until(0)?.to_vec();
        let length = usize::try_from(self.number()?)?;
        Ok(Monitored { token, bitmap: self.take(length)?.to_vec() })
    }

    /// Which of `count` bits are set in a bitmap (gitformat-bitmap(5), "Serialization format for an EWAH
    /// bitmap"): a word says how many words all of one bit follow, and behind those how many as they are.
    pub(super) fn bits(&mut self, count: usize) -> Result<Vec<bool>> {
        const BEYOND: &str = "its halves don't fit together";
        let mut bits = vec![false; count];
        self.number()?;
        let mut words = usize::try_from(self.number()?)?;
        let mut at = 0_usize;
        while words > 0 {
            let marker = self.word()?;
            let run = usize::try_from(marker >> 1 & 0xffff_ffff)?.saturating_mul(64);
            let end = at.saturating_add(run);
            if marker & 1 != 0 {
                bits.get_mut(at..end).context(BEYOND)?.fill(true);
            }
            at = end;
            let literal = usize::try_from(marker >> 33)?;
            words = words.checked_sub(1 + literal).context(BEYOND)?;
            for _ in 0..literal {
                let word = self.word()?;
                for bit in (0..64).filter(|bit| word >> bit & 1 != 0) {
                    *bits.get_mut(at.saturating_add(bit)).context(BEYOND)? = true;
                }
                at = at.saturating_add(64);
            }
        }
        // Where its last marker is: only a writer needs it.
        self.number()?;
        Ok(bits)
    }

    fn word(&mut self) -> Result<u64> {
        Ok(u64::from_be_bytes(self.take(8)?.try_into()?))
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
