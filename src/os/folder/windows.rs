//! Folders by path, each step looked at before it is used.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::windows::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use windows_sys::Win32::Storage::FileSystem::MoveFileExW;

use super::{EntryKind, Source, Stat, not_regular};
use crate::model::access::Access;
use crate::model::names::repo_path::RepoPath;
use crate::os::platform::{self, bytes_of, path_from_bytes};

/// A path of this many characters needs a mark before it (MAX_PATH, less the zero).
const LONGEST: usize = 260;

#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Opens a folder by its path; links on the way are followed, so it must be one that we were given.
    pub fn open(path: &Path) -> io::Result<Self> {
        if !fs::metadata(path)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self { path: path.to_owned() })
    }

    /// The folder that holds `path`, which is relative to this one. Follows no link.
    pub fn parent_of(&self, path: &RepoPath) -> io::Result<Self> {
        self.descend(path, false)
    }

    /// The same, making the folders that are missing.
    pub fn make_parent_of(&self, path: &RepoPath) -> io::Result<Self> {
        self.descend(path, true)
    }

    fn descend(&self, path: &RepoPath, make: bool) -> io::Result<Self> {
        let mut here = self.path.clone();
        for step in path.parent_components() {
            here.push(path_from_bytes(step));
            if make && fs::symlink_metadata(&here).is_err() {
                fs::create_dir(&here)?;
            }
            if !fs::symlink_metadata(&here)?.is_dir() {
                return Err(io::ErrorKind::NotADirectory.into());
            }
        }
        Ok(Self { path: here })
    }

    /// The path it was opened by.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn at(&self, name: &[u8]) -> PathBuf {
        self.path.join(path_from_bytes(name))
    }

    /// The names in it, in no order.
    pub fn names(&self) -> io::Result<Vec<Vec<u8>>> {
        fs::read_dir(&self.path)?.map(|entry| Ok(bytes_of(&entry?.file_name()))).collect()
    }

    /// The same, each with whether it is a folder. A link to one is none.
    pub fn each(&self, mut show: impl FnMut(&[u8], bool)) -> io::Result<()> {
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            show(&bytes_of(&entry.file_name()), entry.file_type()?.is_dir());
        }
        Ok(())
    }

    /// The folder of that name inside this one; a link is an error.
    pub fn inside(&self, name: &[u8]) -> io::Result<Self> {
        let path = self.at(name);
        if !fs::symlink_metadata(&path)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self { path })
    }

    /// What stands under a name, links not followed; `None` if nothing does.
    pub fn stat(&self, name: &[u8]) -> io::Result<Option<Stat>> {
        match fs::symlink_metadata(self.at(name)) {
            Ok(meta) => Ok(Some(of_system(&meta))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Access lists are passed on by the system.
    pub(super) fn has_list(&self, _name: &[u8]) -> bool {
        false
    }

    /// Opens a regular file for reading; anything else is an error.
    pub fn read(&self, name: &[u8]) -> io::Result<Source> {
        if !fs::symlink_metadata(self.at(name))?.is_file() {
            return Err(not_regular());
        }
        let file = File::open(self.at(name))?;
        let stat = stat_of(&file)?;
        Ok(Source { file, stat })
    }

    /// Makes a new file; an existing name is an error.
    pub fn create(&self, name: &[u8]) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create_new(true).open(self.at(name))
    }

    /// Gives `from` the name `to`, which nothing may have: never over an existing file.
    pub fn publish(&self, from: &[u8], to: &[u8]) -> io::Result<()> {
        let (from, to) = (wide(&self.at(from)), wide(&self.at(to)));
        // Where there are no hard links, too. `fs::rename` would replace.
        // SAFETY: both names end in a zero and outlive the call.
        match unsafe { MoveFileExW(from.as_ptr(), to.as_ptr(), 0) } {
            0 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    }

    /// Puts `from` in the place of `to`, in one step.
    pub fn replace(&self, from: &[u8], to: &[u8]) -> io::Result<()> {
        let to = self.at(to);
        platform::as_writable(&to, || fs::rename(self.at(from), &to))
    }

    /// Where a symbolic link in it leads, as it says; anything else is an error.
    pub fn read_link(&self, name: &[u8]) -> io::Result<Vec<u8>> {
        Ok(bytes_of(fs::read_link(self.at(name))?.as_os_str()))
    }

    /// Not every user may make links there, and Git writes a file instead.
    pub fn make_link(&self, _target: &[u8], _name: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Folders have no permission bits there.
    pub(crate) fn set_own_bits(&self, _bits: u32) -> io::Result<()> {
        Ok(())
    }

    /// Removes a folder in it; one that isn't empty is an error.
    pub fn remove_empty(&self, name: &[u8]) -> io::Result<()> {
        fs::remove_dir(self.at(name))
    }

    /// Unlinks a name. For the rooms above `git` alone: a backup goes through its receipt.
    pub(crate) fn unlink(&self, name: &[u8]) -> io::Result<()> {
        platform::remove_file(&self.at(name))
    }
}

/// A path as the system's own calls take it, however long it is.
fn wide(path: &Path) -> Vec<u16> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut wide: Vec<u16> = path.as_os_str().encode_wide().collect();
    let starts = |with: &str| with.encode_utf16().zip(&wide).all(|(a, b)| a == *b);
    if wide.len() >= LONGEST && !starts(r"\\") {
        wide.splice(0..0, r"\\?\".encode_utf16());
    }
    wide.push(0);
    wide
}

/// Windows has no permission bits of this kind: a copy inherits its folder's rights, as the original did.
pub(super) fn has_list(_file: &File) -> bool {
    false
}

pub(crate) fn set_access(_file: &File, _access: Access) -> io::Result<()> {
    Ok(())
}

pub(crate) fn set_bits(_file: &File, _bits: u32) -> io::Result<()> {
    Ok(())
}

/// The state of an open file.
pub(crate) fn stat_of(file: &File) -> io::Result<Stat> {
    Ok(of_system(&file.metadata()?))
}

fn of_system(meta: &Metadata) -> Stat {
    let kind = if meta.is_symlink() {
        EntryKind::Other
    } else if meta.is_dir() {
        EntryKind::Folder
    } else {
        EntryKind::File
    };
    let modified = since_1970(meta.modified());
    let changed = modified;
    let permissions = if meta.permissions().readonly() { 0o444 } else { 0o644 };
    Stat { kind, size: meta.len(), modified, changed, inode: (0, 0), permissions, group: 0 }
}

fn since_1970(time: io::Result<SystemTime>) -> (i64, u32) {
    let since = time.ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    (i64::try_from(since.as_secs()).unwrap_or(i64::MAX), since.subsec_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_marked_read_only_is_replaced_and_stays_so() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        for (name, text) in [("old", "old"), ("new", "new")] {
            fs::write(dir.path().join(name), text).unwrap();
        }
        platform::mark_read_only(&dir.path().join("old"), true).unwrap();
        folder.replace(b"new", b"old").unwrap();
        assert_eq!(fs::read(dir.path().join("old")).unwrap(), b"new");
        assert_eq!(folder.stat(b"old").unwrap().unwrap().permissions, 0o444);
        folder.unlink(b"old").unwrap();
        assert!(folder.names().unwrap().is_empty());
    }
}
