//! Reading objects that are files of their own, and writing blobs so.
//!
//! What a hook reads is new nearly always, and so is a file of its own: it is read as such, without the
//! database around it. The zlib checksum at the end tells whether it is whole. What it writes is written likewise:
//! libgit2 would look through all packs first.
//!
//! Order, and why it is safe: the object is complete under a temporary name of Git's own kind (its
//! `prune` removes those that were left behind) before it gets its name; what had that name held the same
//! bytes, or could not be read.

use std::fs::{DirBuilder, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use miniz_oxide::deflate::compress_to_vec_zlib as deflate;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit as inflate;

/// Level 1 is quick; the fold compresses it again.
const LEVEL: u8 = 1;

/// The most that is read of an object at once: more of it is for libgit2.
const MOST: usize = 1 << 20;
/// How many bytes of a file hold the object's header, compressed.
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

/// Stores a blob as the file `path`, in the place of what is there.
pub(super) fn write_blob(path: &Path, bytes: &[u8], sync: bool) -> io::Result<()> {
    let mut object = format!("blob {}\0", bytes.len()).into_bytes();
    object.extend_from_slice(bytes);
    let folder = path.parent().unwrap_or(Path::new("."));
    let (temporary, mut file) = create(folder)?;
    let named = file
        .write_all(&deflate(&object, LEVEL))
        .and_then(|()| if sync { file.sync_all() } else { Ok(()) })
        .and_then(|()| std::fs::rename(&temporary, path));
    if named.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    named
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

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(object: &[u8]) -> Vec<u8> {
        deflate(object, LEVEL)
    }

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        file
    }

    #[test]
    fn what_was_stored_is_read() {
        for size in [0, 1, 3000, 5000, 70_000] {
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
}
