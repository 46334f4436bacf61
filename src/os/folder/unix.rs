//! Folders by handle: `openat` and its kin.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{self, AtFlags, FileType, Mode, OFlags, RenameFlags};

use super::{EntryKind, Source, Stat, not_regular};
use crate::model::access::{Access, of_another_group};
use crate::model::names::repo_path::RepoPath;

#[derive(Debug)]
pub struct Folder {
    handle: OwnedFd,
    path: PathBuf,
}

const STEP: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

impl Folder {
    /// Opens a folder by its path; links on the way are followed, so it must be one that we were given.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let handle = fs::open(path, flags, Mode::empty())?;
        Ok(Self { handle, path: path.to_owned() })
    }

    /// The folder that holds `path`, which is relative to this one. Follows no link.
    pub fn parent_of(&self, path: &RepoPath) -> io::Result<Self> {
        self.descend(path, false)
    }

    /// The same, making the folders that are missing (with the modes the umask leaves).
    pub fn make_parent_of(&self, path: &RepoPath) -> io::Result<Self> {
        self.descend(path, true)
    }

    fn descend(&self, path: &RepoPath, make: bool) -> io::Result<Self> {
        let mut reached = None;
        for step in path.parent_components() {
            let here: &Self = reached.as_ref().unwrap_or(self);
            reached = Some(match here.inside(step) {
                Err(error) if make && error.kind() == io::ErrorKind::NotFound => {
                    here.make(step)?;
                    here.inside(step)?
                }
                other => other?,
            });
        }
        match reached {
            Some(folder) => Ok(folder),
            None => Ok(Self { handle: self.handle.try_clone()?, path: self.path.clone() }),
        }
    }

    /// Makes the folder of that name in this one, if there is none.
    fn make(&self, name: &[u8]) -> io::Result<()> {
        let mode = Mode::from_bits_truncate(0o777);
        match fs::mkdirat(&self.handle, OsStr::from_bytes(name), mode) {
            Ok(()) | Err(rustix::io::Errno::EXIST) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The path it was opened by: for messages, and for libraries that take nothing else.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names in it, in no order.
    pub fn names(&self) -> io::Result<Vec<Vec<u8>>> {
        let mut names = Vec::new();
        self.each_entry(|name, _| {
            names.push(name.to_vec());
            Ok(())
        })?;
        Ok(names)
    }

    /// Shows each of them, with whether it is a folder. A link to one is none.
    pub fn each(&self, mut show: impl FnMut(&[u8], bool)) -> io::Result<()> {
        self.each_entry(|name, kind| {
            let is_folder = match kind {
                // Some file systems don't say.
                FileType::Unknown => {
                    self.stat(name)?.is_some_and(|stat| stat.kind == EntryKind::Folder)
                }
                kind => kind.is_dir(),
            };
            show(name, is_folder);
            Ok(())
        })
    }

    /// Shows what is in it but `.` and `..`. One listing at a time: they have their place in common.
    fn each_entry(
        &self,
        mut show: impl FnMut(&[u8], FileType) -> io::Result<()>,
    ) -> io::Result<()> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            // Through our own handle and with one buffer for all folders: a second handle would be opened, and
            // the pages of a new buffer made, for each. Not on the stack, every page of which would be touched.
            use std::cell::Cell;
            thread_local!(static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) });
            fs::seek(&self.handle, fs::SeekFrom::Start(0))?;
            let mut buffer = BUFFER.take();
            buffer.reserve(32 << 10);
            let mut entries = fs::RawDir::new(&self.handle, buffer.spare_capacity_mut());
            while let Some(entry) = entries.next() {
                let entry = entry?;
                show_entry(entry.file_name().to_bytes(), entry.file_type(), &mut show)?;
            }
            BUFFER.set(buffer);
        }
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        for entry in fs::Dir::read_from(&self.handle)? {
            let entry = entry?;
            show_entry(entry.file_name().to_bytes(), entry.file_type(), &mut show)?;
        }
        Ok(())
    }

    /// The folder of that name inside this one; a link is an error.
    pub fn inside(&self, name: &[u8]) -> io::Result<Self> {
        let name = OsStr::from_bytes(name);
        let handle = fs::openat(&self.handle, name, OFlags::RDONLY | STEP, Mode::empty())?;
        Ok(Self { handle, path: self.path.join(name) })
    }

    /// What stands under a name, links not followed; `None` if nothing does.
    pub fn stat(&self, name: &[u8]) -> io::Result<Option<Stat>> {
        match fs::statat(&self.handle, OsStr::from_bytes(name), AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(of_system(&stat))),
            Err(rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether a file in it has an access list, links not followed.
    pub(super) fn has_list(&self, name: &[u8]) -> bool {
        let path = self.path.join(OsStr::from_bytes(name));
        is_there(fs::lgetxattr(path, LIST, &mut [0_u8; 1][..]))
    }

    /// Opens a regular file for reading; a link, a folder or a pipe is an error and is not waited for.
    pub fn read(&self, name: &[u8]) -> io::Result<Source> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let handle = match fs::openat(&self.handle, OsStr::from_bytes(name), flags, Mode::empty()) {
            Err(rustix::io::Errno::LOOP) => return Err(not_regular()),
            other => other?,
        };
        let stat = of_system(&fs::fstat(&handle)?);
        if stat.kind != EntryKind::File {
            return Err(not_regular());
        }
        Ok(Source { file: File::from(handle), stat })
    }

    /// Makes a new file that only we can read; an existing name is an error.
    pub fn create(&self, name: &[u8]) -> io::Result<File> {
        let flags =
            OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        Ok(File::from(fs::openat(&self.handle, OsStr::from_bytes(name), flags, mode)?))
    }

    /// Gives `from` the name `to`, which nothing may have: never over an existing file.
    pub fn publish(&self, from: &[u8], to: &[u8]) -> io::Result<()> {
        let (from, to) = (OsStr::from_bytes(from), OsStr::from_bytes(to));
        match fs::renameat_with(&self.handle, from, &self.handle, to, RenameFlags::NOREPLACE) {
            // A file system that can't promise it: a link fails on an existing name everywhere.
            Err(
                rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::NOTSUP,
            ) => match fs::linkat(&self.handle, from, &self.handle, to, AtFlags::empty()) {
                Ok(()) => Ok(fs::unlinkat(&self.handle, from, AtFlags::empty())?),
                Err(
                    rustix::io::Errno::PERM | rustix::io::Errno::NOSYS | rustix::io::Errno::NOTSUP,
                ) => self.claim_and_replace(from, to),
                Err(error) => Err(error.into()),
            },
            other => Ok(other?),
        }
    }

    /// The same where there are no links either (exFAT through FUSE): an empty file takes the name, which
    /// fails on an existing one, and is replaced. A process that dies in between leaves it empty: it isn't what
    /// its name says, so it is never taken for a backup.
    fn claim_and_replace(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        drop(self.create(to.as_bytes())?);
        fs::renameat(&self.handle, from, &self.handle, to).map_err(|error| {
            // Only if it is what was made here: what another process has written to it since stays.
            if matches!(self.stat(to.as_bytes()), Ok(Some(stat)) if stat.size == 0) {
                let _ = fs::unlinkat(&self.handle, to, AtFlags::empty());
            }
            error.into()
        })
    }

    /// Puts `from` in the place of `to`, in one step.
    pub fn replace(&self, from: &[u8], to: &[u8]) -> io::Result<()> {
        let (from, to) = (OsStr::from_bytes(from), OsStr::from_bytes(to));
        Ok(fs::renameat(&self.handle, from, &self.handle, to)?)
    }

    /// Where a symbolic link in it leads, as it says; anything else is an error.
    pub fn read_link(&self, name: &[u8]) -> io::Result<Vec<u8>> {
        let target = fs::readlinkat(&self.handle, OsStr::from_bytes(name), Vec::new())?;
        Ok(target.into_bytes())
    }

    /// Makes a symbolic link; an existing name is an error.
    pub fn make_link(&self, target: &[u8], name: &[u8]) -> io::Result<()> {
        let (target, name) = (OsStr::from_bytes(target), OsStr::from_bytes(name));
        Ok(fs::symlinkat(target, &self.handle, name)?)
    }

    /// Removes a folder in it; one that isn't empty is an error.
    pub fn remove_empty(&self, name: &[u8]) -> io::Result<()> {
        Ok(fs::unlinkat(&self.handle, OsStr::from_bytes(name), AtFlags::REMOVEDIR)?)
    }

    /// Gives the folder itself these permission bits; what it has beyond them (set-group-id) stays.
    pub(crate) fn set_own_bits(&self, bits: u32) -> io::Result<()> {
        let own = fs::fstat(&self.handle)?;
        let bits = rustix::fs::RawMode::try_from(bits & 0o777).unwrap_or(0o700);
        Ok(fs::fchmod(&self.handle, Mode::from_bits_truncate(own.st_mode & 0o7000 | bits))?)
    }

    /// Unlinks a name. For the rooms above `git` alone: a backup goes through its receipt.
    pub(crate) fn unlink(&self, name: &[u8]) -> io::Result<()> {
        Ok(fs::unlinkat(&self.handle, OsStr::from_bytes(name), AtFlags::empty())?)
    }
}

impl AsFd for Folder {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.handle.as_fd()
    }
}

fn show_entry(
    name: &[u8],
    kind: FileType,
    show: &mut impl FnMut(&[u8], FileType) -> io::Result<()>,
) -> io::Result<()> {
    if name == b"." || name == b".." { Ok(()) } else { show(name, kind) }
}

/// Where the system keeps an access list, if a file has one beyond its mode.
const LIST: &str = "system.posix_acl_access";

/// Whether an open file has an access list.
pub(super) fn has_list(file: &File) -> bool {
    is_there(fs::fgetxattr(file, LIST, &mut [0_u8; 1][..]))
}

fn is_there(list: rustix::io::Result<usize>) -> bool {
    matches!(list, Ok(_) | Err(rustix::io::Errno::RANGE))
}

/// Gives an open file only to those who had this access.
pub(crate) fn set_access(file: &File, access: Access) -> io::Result<()> {
    let mut bits = access.bits;
    let own = of_system(&fs::fstat(file)?).group;
    let is_given =
        |group| own == group || fs::fchown(file, None, Some(fs::Gid::from_raw(group))).is_ok();
    if !access.group.is_some_and(is_given) {
        // Another group's members must not gain what the original's were given.
        bits = of_another_group(bits);
    }
    if bits & 0o077 != 0 {
        // One that the folder gives to new files lets in whom the bits don't.
        let _ = fs::fremovexattr(file, LIST);
    }
    set_bits(file, bits)
}

/// Gives an open file these permission bits.
pub(crate) fn set_bits(file: &File, bits: u32) -> io::Result<()> {
    let bits = rustix::fs::RawMode::try_from(bits & 0o777).unwrap_or(0o600);
    Ok(fs::fchmod(file, Mode::from_bits_truncate(bits))?)
}

/// The state of an open file.
pub(crate) fn stat_of(file: &File) -> io::Result<Stat> {
    Ok(of_system(&fs::fstat(file)?))
}

// The fields' widths differ between systems; here they are made one.
#[allow(clippy::unnecessary_cast, clippy::useless_conversion, clippy::cast_lossless)]
fn of_system(stat: &fs::Stat) -> Stat {
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => EntryKind::File,
        FileType::Directory => EntryKind::Folder,
        _ => EntryKind::Other,
    };
    Stat {
        kind,
        size: stat.st_size as u64,
        modified: (stat.st_mtime as i64, stat.st_mtime_nsec as u32),
        changed: (stat.st_ctime as i64, stat.st_ctime_nsec as u32),
        inode: (stat.st_dev as u64, stat.st_ino as u64),
        permissions: u32::from(stat.st_mode) & 0o777,
        group: stat.st_gid,
    }
}
