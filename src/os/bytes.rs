//! The bytes of a file that is replaced and never written in place: read, or mapped where there are many of them.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Deref;

#[cfg(unix)]
use memmap2::{Mmap, MmapOptions};

/// Reading fewer bytes is as quick as mapping them. To read more into fresh memory costs a hook several times what
/// it does with them.
#[cfg(unix)]
const WORTH_IT: u64 = 256 << 10;

#[derive(Debug)]
pub enum Bytes {
    Read(Vec<u8>),
    #[cfg(unix)]
    Mapped(Mmap),
}

impl Bytes {
    /// All bytes of `file`, which has `length`.
    pub fn of(file: &mut File, length: u64) -> io::Result<Self> {
        #[cfg(unix)]
        if let Some(map) = mapped(file, length) {
            return Ok(Self::Mapped(map));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        file.read_to_end(&mut bytes)?;
        Ok(Self::Read(bytes))
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Read(bytes) => bytes,
            #[cfg(unix)]
            Self::Mapped(map) => map,
        }
    }
}

/// The file in memory; `None` where reading is as good, or all that is possible. All of it is looked at, so the
/// system is asked for it once and not for every few pages.
#[cfg(unix)]
fn mapped(file: &File, length: u64) -> Option<Mmap> {
    if length < WORTH_IT {
        return None;
    }
    // SAFETY: the bytes must not change, nor become fewer. Git maps the index, too, and replaces it by a
    // rename, so that the mapped file stays whole after it has lost its name. A program that breaks that rule
    // breaks every Git that looks at the same time. The copy that an upgrade makes is written in its place, but
    // under the upgrade's lock and before anything reads it.
    unsafe { MmapOptions::new().populate().map(file) }.ok()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn many_bytes_and_few_are_those_of_the_file() {
        for length in [0, 1, 5000, 300_000] {
            let bytes: Vec<u8> = (0..length).map(|number: u32| number.to_be_bytes()[3]).collect();
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&bytes).unwrap();
            std::io::Seek::rewind(&mut file).unwrap();
            let found = Bytes::of(&mut file, bytes.len() as u64).unwrap();
            drop(file);
            assert_eq!(*found, bytes[..]);
            #[cfg(unix)]
            assert_eq!(matches!(found, Bytes::Mapped(_)), length == 300_000);
        }
    }
}
