//! A split index: most entries stand in a file of their own, which stays as it is, and the index has what changed since
//! (gitformat-index(5), "Split index").
//!
//! What could go wrong: the other half is another one than the index was written for. Its name is its checksum, so
//! it is never written to; one whose checksum isn't its name, or that isn't there, is left to Git.

use std::fs::File;
use std::path::Path;

use anyhow::{Result, ensure};

use super::Entry;
use super::index_file::IndexFile;
use super::input::{Input, Link};
use crate::os::bytes::Bytes;

/// The other half, and what it makes together with the index.
#[derive(Debug)]
pub(super) struct Split {
    base: IndexFile,
    entries: Vec<EntryPlace>,
}

/// Where an entry stands.
#[derive(Debug, Clone, Copy)]
enum EntryPlace {
    Base(u32),
    /// Its path in the other half, all else in the index.
    Replaced(u32, u32),
    Added(u32),
}

impl Split {
    /// Puts both halves together; `None` if only Git can. `folder`: where the other half is.
    pub(super) fn of(
        own: &IndexFile,
        link: &Link,
        hash: usize,
        folder: &Path,
    ) -> Result<Option<Self>> {
        let Ok(mut file) = File::open(folder.join(format!("sharedindex.{}", link.base))) else {
            return Ok(None);
        };
        let length = file.metadata()?.len();
        let Some((base, found)) = IndexFile::parse(Bytes::of(&mut file, length)?, hash)? else {
            return Ok(None);
        };
        let is_other = base.checksum() != link.base.as_bytes() || base.nameless > 0;
        if is_other || found.is_sparse || found.link.is_some() {
            return Ok(None);
        }
        let mut input = Input::new(&link.bitmaps, hash);
        let (gone, replaced) = (input.bits(base.count())?, input.bits(base.count())?);
        let entries = merged(own, &base, &gone, &replaced)?;
        Ok(entries.map(|entries| Self { base, entries }))
    }

    /// The same as of one file.
    pub(super) fn has_unusual(&self, own: &IndexFile) -> bool {
        let is_unusual = |entry: Entry<'_>| entry.stage != 0 || entry.intent_to_add;
        let may_be = own.has_unusual || self.base.has_unusual;
        may_be && (0..self.count()).any(|at| self.entry(own, at).is_some_and(is_unusual))
    }

    pub(super) fn count(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn entry<'a>(&'a self, own: &'a IndexFile, at: usize) -> Option<Entry<'a>> {
        match *self.entries.get(at)? {
            EntryPlace::Base(at) => self.base.entry(index(at)?),
            EntryPlace::Replaced(at, by) => {
                Some(Entry { path: self.base.path(index(at)?)?, ..own.entry(index(by)?)? })
            }
            EntryPlace::Added(at) => own.entry(index(at)?),
        }
    }

    pub(super) fn path<'a>(&'a self, own: &'a IndexFile, at: usize) -> Option<&'a [u8]> {
        match *self.entries.get(at)? {
            EntryPlace::Base(at) | EntryPlace::Replaced(at, _) => self.base.path(index(at)?),
            EntryPlace::Added(at) => own.path(index(at)?),
        }
    }

    /// Those that are marked in either half.
    pub(super) fn marked(&self, own: &IndexFile) -> Vec<usize> {
        if self.base.marked.is_empty() && own.marked.is_empty() {
            return Vec::new();
        }
        let has = |file: &IndexFile, at| {
            index(at).is_some_and(|at| file.marked.binary_search(&at).is_ok())
        };
        let is_marked = |place: &EntryPlace| match *place {
            EntryPlace::Base(at) => has(&self.base, at),
            EntryPlace::Replaced(_, at) | EntryPlace::Added(at) => has(own, at),
        };
        let places = self.entries.iter().enumerate();
        places.filter(|(_, place)| is_marked(place)).map(|(at, _)| at).collect()
    }
}

fn index(at: u32) -> Option<usize> {
    usize::try_from(at).ok()
}

/// The entries of both, in their order; `None` if one is there twice.
fn merged(
    own: &IndexFile,
    base: &IndexFile,
    gone: &[bool],
    replaced: &[bool],
) -> Result<Option<Vec<EntryPlace>>> {
    let mut entries = Vec::with_capacity(base.count() + own.count());
    let (mut next, mut by) = (0, 0);
    // All of the other half before one of its entries, less what is gone.
    let mut take_until = |end: usize, entries: &mut Vec<EntryPlace>| -> Result<()> {
        for at in next..end {
            let place = u32::try_from(at)?;
            match (gone[at], replaced[at]) {
                (false, false) => entries.push(EntryPlace::Base(place)),
                (false, true) => {
                    let stage = |entry: Option<Entry<'_>>| entry.map(|entry| entry.stage);
                    let is_same =
                        stage(base.entry(at)) == index(by).and_then(|by| stage(own.entry(by)));
                    ensure!(is_same, "it replaces another entry");
                    entries.push(EntryPlace::Replaced(place, by));
                }
                (true, is_replaced) => ensure!(!is_replaced, "it replaces an entry that is gone"),
            }
            by += u32::from(replaced[at]);
        }
        next = end;
        Ok(())
    };
    let mut low = 0;
    for at in own.nameless..own.count() {
        let Some(added) = own.entry(at) else { return Ok(None) };
        let added = (added.path, added.stage);
        let of_base = |at| base.entry(at).map(|entry| (entry.path, entry.stage));
        let end = partition_point(low, base.count(), |at| of_base(at).is_some_and(|it| it < added));
        if of_base(end) == Some(added) && !gone[end] {
            return Ok(None);
        }
        take_until(end, &mut entries)?;
        entries.push(EntryPlace::Added(u32::try_from(at)?));
        low = end;
    }
    take_until(base.count(), &mut entries)?;
    ensure!(usize::try_from(by)? == own.nameless, "its halves don't fit together");
    Ok(Some(entries))
}

/// The first number from `low` to `high` for which `is_before` doesn't hold; it holds for all before that one.
pub(super) fn partition_point(
    mut low: usize,
    mut high: usize,
    is_before: impl Fn(usize) -> bool,
) -> usize {
    while low < high {
        let middle = low + (high - low) / 2;
        if is_before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::super::Index;
    use crate::git::object_format::ObjectFormat;

    /// An index file of version 2, one entry a stage, of a name or none, and what is behind them.
    fn file(name: &str, stages: &[u16], extensions: &[u8]) -> Vec<u8> {
        let count = u32::try_from(stages.len()).unwrap().to_be_bytes();
        let mut bytes = [&b"DIRC\0\0\0\x02"[..], &count].concat();
        for stage in stages {
            let start = bytes.len();
            bytes.extend([0; 60]);
            bytes.extend((stage << 12 | u16::try_from(name.len()).unwrap()).to_be_bytes());
            bytes.extend_from_slice(name.as_bytes());
            bytes.resize(bytes.len() + 8 - (bytes.len() - start) % 8, 0);
        }
        [&bytes, extensions, &[7; 20]].concat()
    }

    #[test]
    fn an_entry_is_replaced_by_one_of_its_stage_alone() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join(format!("sharedindex.{}", "07".repeat(20))),
            file("a", &[1, 3], b""),
        )
        .unwrap();
        let none = [0; 12];
        let both = [
            &[0, 0, 0, 2, 0, 0, 0, 2][..],
            &(1_u64 << 33).to_be_bytes(),
            &3_u64.to_be_bytes(),
            &[0; 4],
        ]
        .concat();
        let content = [&[7; 20][..], &none, &both].concat();
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        let link = [&b"link"[..], &length, &content].concat();
        let read = |stages: &[u16]| {
            let index = folder.path().join("index");
            std::fs::write(&index, file("", stages, &link)).unwrap();
            Index::read(&index, ObjectFormat::Sha1)
        };
        let index = read(&[1, 3]).unwrap().unwrap();
        assert_eq!(
            index.entries().map(|it| (it.path, it.stage)).collect::<Vec<_>>(),
            [(&b"a"[..], 1), (b"a", 3)]
        );
        assert!(read(&[1, 2]).is_err() && read(&[0, 0]).is_err());
    }
}
