//! One index file: its header, its entries, its extensions.
//!
//! Its entries stay the bytes that they are in the file, and are read when they are asked for: a hook looks at few of
//! them, and a big repository has hundreds of thousands. In version 4, where a path is told as what it doesn't share
//! with the one before, all paths are put together once.

use std::cmp::Ordering;

use anyhow::{Context, Result, ensure};

use super::Entry;
use super::input::{EntryFlags, Extensions, Input};
use crate::os::bytes::Bytes;

/// A path may be told in a few bytes and take thousands: an index that is so many times longer with its paths whole was
/// made to use up memory. No system has paths that long, one and all.
const MOST_OF_PATHS: usize = 64;

/// The entries of an index file, ordered by path and then by stage.
#[derive(Debug)]
pub(super) struct IndexFile {
    bytes: Bytes,
    hash: usize,
    /// Where in the file each entry begins. Every one of them was looked at, so that each can be read.
    starts: Vec<u32>,
    /// Their paths, in version 4.
    paths: Option<WholePaths>,
    /// How many at the beginning have no path: they replace entries of another file (see [`super::split`]).
    pub nameless: usize,
    /// The numbers of those whose files Git was told to look away from.
    pub marked: Vec<usize>,
    /// One of them is a side of a conflict, or has no content yet.
    pub has_unusual: bool,
}

/// Paths, one after the other, and where each ends.
#[derive(Debug, Default)]
struct WholePaths {
    text: Vec<u8>,
    ends: Vec<u32>,
}

impl WholePaths {
    /// Adds that of the entry which `input` stands in: how it is ordered to the one before, and whether it is empty.
    fn add_next(
        &mut self,
        input: &mut Input<'_>,
        entry: &EntryFlags,
        of_file: usize,
    ) -> Result<(Ordering, bool)> {
        let (start, end) = match self.ends.len().checked_sub(1) {
            Some(before) => self.range(before).unwrap_or_default(),
            None => (0, 0),
        };
        let (kept, rest) = input.path_in_short(end - start)?;
        let is_sound = entry.length().is_none_or(|length| length == kept + rest.len());
        ensure!(is_sound, "a path in it has the wrong length");
        self.text.extend_from_within(start..start + kept);
        self.text.extend_from_slice(rest);
        ensure!(self.text.len() / MOST_OF_PATHS <= of_file, "its paths are too long");
        self.ends.push(u32::try_from(self.text.len())?);
        let (before, path) = self.text[start..].split_at(end - start);
        Ok((before.cmp(path), path.is_empty()))
    }

    fn range(&self, at: usize) -> Option<(usize, usize)> {
        let start = at.checked_sub(1).map_or(Some(&0), |before| self.ends.get(before))?;
        Some((usize::try_from(*start).ok()?, usize::try_from(*self.ends.get(at)?).ok()?))
    }

    fn path(&self, at: usize) -> Option<&[u8]> {
        let (start, end) = self.range(at)?;
        self.text.get(start..end)
    }
}

impl IndexFile {
    /// Reads a whole file; `None` if only Git can. `hash`: how many bytes an id has.
    pub(super) fn parse(bytes: Bytes, hash: usize) -> Result<Option<(Self, Extensions)>> {
        let body = bytes.len().checked_sub(hash).and_then(|end| bytes.get(..end));
        let mut input = Input::new(body.context("it is cut short")?, hash);
        ensure!(input.take(4)? == b"DIRC", "it doesn't begin like one");
        let version = input.number()?;
        ensure!(matches!(version, 2..=4), "its version is {version}");
        let count = usize::try_from(input.number()?)?;
        // The count may lie; the bytes that are there don't. No entry is shorter than its numbers.
        let mut starts = Vec::with_capacity(count.min(bytes.len() / 40));
        let mut paths = (version == 4).then(WholePaths::default);
        let (mut nameless, mut marked, mut has_unusual) = (0, Vec::new(), false);
        let (mut last, mut stage): (&[u8], _) = (b"", 0);
        for at in 0..count {
            let start = input.at();
            starts.push(u32::try_from(start)?);
            let entry = input.look_at_entry(version)?;
            let (order, is_empty) = match &mut paths {
                None => {
                    let before = last;
                    last = input.path_after(&entry, start)?;
                    (before.cmp(last), last.is_empty())
                }
                Some(paths) => paths.add_next(&mut input, &entry, bytes.len())?,
            };
            let is_nameless = is_empty && nameless == at;
            nameless += usize::from(is_nameless);
            let ordered = is_nameless || order.then(stage.cmp(&entry.stage())).is_lt();
            ensure!(ordered, "its entries are in no order");
            stage = entry.stage();
            has_unusual |= stage != 0 || entry.intent_to_add();
            if entry.is_marked() {
                marked.push(at);
            }
        }
        let Some(extensions) = input.extensions()? else { return Ok(None) };
        Ok(Some((Self { bytes, hash, starts, paths, nameless, marked, has_unusual }, extensions)))
    }

    pub(super) fn count(&self) -> usize {
        self.starts.len()
    }

    /// The checksum at its end.
    pub(super) fn checksum(&self) -> &[u8] {
        let start = self.bytes.len().checked_sub(self.hash);
        start.and_then(|start| self.bytes.get(start..)).unwrap_or_default()
    }

    fn at(&self, at: usize) -> Option<Input<'_>> {
        let start = usize::try_from(*self.starts.get(at)?).ok()?;
        Some(Input::new(self.bytes.get(start..)?, self.hash))
    }

    pub(super) fn entry(&self, at: usize) -> Option<Entry<'_>> {
        let path = self.paths.as_ref().map(|paths| paths.path(at).unwrap_or_default());
        self.at(at)?.entry(path).ok()
    }

    pub(super) fn path(&self, at: usize) -> Option<&[u8]> {
        match &self.paths {
            Some(paths) => paths.path(at),
            None => self.at(at)?.path_of_entry().ok(),
        }
    }
}
