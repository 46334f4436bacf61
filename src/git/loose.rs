//! Reading trees and commits, and writing trees, as loose objects.
//!
//! What a hook reads is new nearly always, and so is a file of its own: it is read as such, without the
//! database around it. The zlib checksum at the end tells whether it is whole.
//!
//! libgit2 looks through all packs for an object before it writes it, and compresses it. The vault's trees
//! are small and new nearly always, what is in them are hashes that don't get smaller, and the next
//! snapshot supersedes most of them: they are written as they are, in zlib's own "stored" blocks (RFC
//! 1951, 3.2.4), which every reader of loose objects reads.
//!
//! Order, and why it is safe: the object is complete under a temporary name of Git's own kind (its
//! `prune` removes those that were left behind) before it gets its name; a name that exists holds the same
//! bytes, and is only made to look new to `gc`.

use std::fs::{DirBuilder, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit as inflate;
use rustix::fs::{CWD, Timespec, Timestamps, UTIME_NOW};

/// The most that a stored block holds.
const BLOCK: usize = 0xffff;

/// The most that is read of an object at once: more of it is for libgit2.
const MOST: usize = 1 << 20;
/// As many bytes of a file hold the object's header, compressed.
const HEAD: usize = 512;

/// The content of the loose object at `path`; `None` if it is not there, is of another `kind`, is big, or
/// is no whole object.
pub(super) fn read(path: &Path, kind: &str) -> Option<Vec<u8>> {
    let mut object = inflate(&start_of(path, MOST)?, MOST).ok()?;
    let (found, size, length) = header(&object)?;
    (found == kind && object.len() - length == size).then(|| object.split_off(length))
}

/// The kind of the loose object at `path`, and its size in bytes; `None` if its header can't be read.
pub(super) fn read_header(path: &Path) -> Option<(String, u64)> {
    let start = start_of(path, HEAD)?;
    // Cut short, it gives as much as there is.
    let object = inflate(&start, HEAD).unwrap_or_else(|cut| cut.output);
    let (kind, size, _) = header(&object)?;
    Some((kind.to_owned(), size as u64))
}

fn start_of(path: &Path, most: usize) -> Option<Vec<u8>> {
    let mut file = File::open(path).ok()?;
    let mut start = vec![0; most.min(4096)];
    let mut length = file.read(&mut start).ok()?;
    if length == start.len() && most > length {
        length += file.take((most - length) as u64).read_to_end(&mut start).ok()?;
    }
    start.truncate(length);
    Some(start)
}

/// The kind and the size in an object's header, and how long that is with its NUL.
fn header(object: &[u8]) -> Option<(&str, usize, usize)> {
    let end = object.iter().take(32).position(|&byte| byte == 0)?;
    let (kind, size) = std::str::from_utf8(&object[..end]).ok()?.split_once(' ')?;
    Some((kind, size.parse().ok()?, end + 1))
}

/// Stores a tree, whose content is `body`, as the file `path` unless that is there.
pub(super) fn write_tree(path: &Path, body: &[u8]) -> io::Result<()> {
    if refresh(path) {
        return Ok(());
    }
    let header = format!("tree {}\0", body.len());
    let packed = stored(&[header.as_bytes(), body].concat());
    let folder = path.parent().unwrap_or(Path::new("."));
    let (temporary, mut file) = create(folder)?;
    let named = file.write_all(&packed).and_then(|()| std::fs::rename(&temporary, path));
    if named.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    named
}

/// Makes an object look new to `gc`; whether it is there.
pub(super) fn refresh(path: &Path) -> bool {
    let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
    let times = Timestamps { last_access: now, last_modification: now };
    rustix::fs::utimensat(CWD, path, &times, rustix::fs::AtFlags::empty()).is_ok()
}

/// A new file in `folder`, which is made if need be. The umask has the last word on the modes, as in Git.
fn create(folder: &Path) -> io::Result<(PathBuf, File)> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = folder.join(format!("tmp_obj_{}-{number}", std::process::id()));
    let mut options = File::options();
    options.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o444);
    let open = || options.open(&path);
    let file = match open() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            DirBuilder::new().recursive(true).create(folder)?;
            open()
        }
        // Left behind by a process that had our number.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            std::fs::remove_file(&path)?;
            open()
        }
        other => other,
    }?;
    Ok((path, file))
}

/// `bytes` in the zlib format (RFC 1950), not compressed.
fn stored(bytes: &[u8]) -> Vec<u8> {
    // Deflate with a window of 32 KiB; the second byte makes the pair a multiple of 31.
    let mut out = vec![0x78, 0x01];
    let mut blocks = bytes.chunks(BLOCK).peekable();
    while let Some(block) = blocks.next() {
        let length = block.len() as u16;
        out.push(u8::from(blocks.peek().is_none()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    out.extend(adler32(bytes).to_be_bytes());
    out
}

/// The checksum at the end (RFC 1950, 8.2).
fn adler32(bytes: &[u8]) -> u32 {
    let (mut a, mut b) = (1u32, 0u32);
    for &byte in bytes {
        a = (a + u32::from(byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    (b << 16) | a
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        file
    }

    #[test]
    fn what_was_stored_is_read() {
        for size in [0, 1, 3000, 5000, BLOCK + 1] {
            let body = vec![b'x'; size];
            let object = [format!("tree {size}\0").as_bytes(), &body].concat();
            let file = file(&stored(&object));
            assert_eq!(read(file.path(), "tree").unwrap(), body);
            assert_eq!(read(file.path(), "commit"), None);
            assert_eq!(read_header(file.path()).unwrap(), ("tree".to_owned(), size as u64));
        }
    }

    #[test]
    fn what_is_not_whole_is_not_read() {
        let mut whole = stored(b"tree 4\0abcd");
        for length in 0..whole.len() {
            assert_eq!(read(file(&whole[..length]).path(), "tree"), None, "{length}");
        }
        whole[10] ^= 1;
        assert_eq!(read(file(&whole).path(), "tree"), None);
        for object in [&b"tree 5\0abcd"[..], b"tree\0abcd", b"tree x\0abcd", b"abcd", b""] {
            assert_eq!(read(file(&stored(object)).path(), "tree"), None, "{object:?}");
        }
        for bytes in [&b""[..], b"garbage"] {
            assert_eq!(read_header(file(bytes).path()), None);
        }
    }

    #[test]
    fn the_checksum_is_zlibs() {
        assert_eq!(adler32(b""), 1);
        assert_eq!(adler32(b"Wikipedia"), 0x11E6_0398);
    }

    #[test]
    fn long_content_goes_into_several_blocks() {
        let bytes = vec![7; BLOCK + 1];
        let packed = stored(&bytes);
        assert_eq!(packed.len(), 2 + 5 + BLOCK + 5 + 1 + 4);
        assert_eq!(packed[2..7], [0, 0xff, 0xff, 0, 0]);
        assert_eq!(packed[7 + BLOCK..][..5], [1, 1, 0, 0xfe, 0xff]);
    }
}
