//! Files and folders of ours under the Git directory: readable only by their owner, or by those whom
//! `core.sharedRepository` names.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use tempfile::{NamedTempFile, TempDir};

use super::process::{self, umask};
use crate::model::settings::sharing::Sharing;
use crate::os::sharing::adjust_folder;

/// Whom this process shares what it makes with, and the umask that it was started with.
static SHARED: OnceLock<(Sharing, u32)> = OnceLock::new();

/// Lets the repository's other users work with what this process makes: objects and refs (libgit2 knows
/// nothing of it) through the umask, our own files through the modes below.
pub fn share(sharing: Sharing) {
    if sharing != Sharing::Umask {
        SHARED.get_or_init(|| {
            let old = umask(0o077);
            umask(sharing.umask(old));
            (sharing, old)
        });
    }
}

/// Does something under the umask that this process was started with: other programs that it starts, and
/// folders of the working tree, must not feel ours.
pub fn unshared<T>(act: impl FnOnce() -> T) -> T {
    let Some((sharing, old)) = SHARED.get() else { return act() };
    umask(*old);
    let done = act();
    umask(sharing.umask(*old));
    done
}

fn sharing() -> Sharing {
    SHARED.get().map_or(Sharing::Umask, |(sharing, _)| *sharing)
}

/// The mode for a file of ours.
#[cfg(unix)]
fn file_mode() -> u32 {
    sharing().file(0o600)
}

/// Makes a folder (and those above it) that only its owner may enter; one that exists is left as it is.
/// A symbolic link in the place of a folder of ours is an error: what it leads to isn't ours.
pub fn make_dir(path: &Path) -> io::Result<()> {
    if let Some(link) = link_on_the_way(path) {
        let text = format!("{} is a symbolic link that git-bak didn't make", link.display());
        return Err(io::Error::other(text));
    }
    if path.is_dir() {
        return Ok(());
    }
    path.parent().map_or(Ok(()), make_dir)?;
    let mut builder = std::fs::DirBuilder::new();
    // Another process may make it just now.
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    adjust_folder(path, sharing());
    Ok(())
}

/// The symbolic link that stands in the place of `path`, or of a folder of ours above it. Where the Git
/// directory itself is, is the user's affair.
pub fn link_on_the_way(path: &Path) -> Option<&Path> {
    let ours = path.ancestors().position(|folder| folder.ends_with("bak"))?;
    path.ancestors().take(ours + 1).find(|folder| folder.is_symlink())
}

/// Opens a file for reading and writing, made if need be, that only its owner may read.
pub fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, file_mode());
    options.open(path)
}

/// Opens a file for reading and appending, made if need be, that only its owner may read. Nothing but a file is one.
pub fn open_to_append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, file_mode());
    open_file(&mut options, path)
}

/// The same for one that must be there.
pub fn reopen_to_append(path: &Path) -> io::Result<File> {
    open_file(OpenOptions::new().read(true).append(true), path)
}

/// Opens one that must be there, to overwrite a part of it.
pub fn open_to_overwrite(path: &Path) -> io::Result<File> {
    open_file(OpenOptions::new().write(true), path)
}

/// Opens a file of ours for reading.
pub fn open_to_read(path: &Path) -> io::Result<File> {
    open_file(OpenOptions::new().read(true), path)
}

/// A symbolic link in its place leads to what isn't ours, and opening a pipe would wait for ever.
fn open_file(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
        std::os::unix::fs::OpenOptionsExt::custom_flags(options, flags.cast_signed());
    }
    #[cfg(not(unix))]
    if path.is_symlink() {
        return Err(io::Error::other("it is a symbolic link"));
    }
    let file = options.open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other("it is no file")),
    }
}

/// Lets those whom the repository is shared with read a file that was made under another name.
pub fn share_file(path: &Path) {
    #[cfg(unix)]
    if sharing() != Sharing::Umask {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(file_mode());
        let _ = std::fs::set_permissions(path, mode);
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// Makes a private folder below `folder` that goes when it is dropped, and removes those of its `kind`
/// whose makers died before that.
pub fn scratch(folder: &Path, kind: &str) -> io::Result<TempDir> {
    make_dir(folder)?;
    for entry in std::fs::read_dir(folder)?.filter_map(Result::ok) {
        let name = entry.file_name();
        let maker = name.to_str().and_then(|name| name.strip_prefix(kind)?.split('-').nth(1));
        if let Some(Ok(pid)) = maker.map(str::parse)
            && !process::is_number_alive(pid)
        {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    tempfile::Builder::new().prefix(&format!("{kind}-{}-", std::process::id())).tempdir_in(folder)
}

/// Replaces a file: complete under its name, or not at all.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_file(path, bytes, false)
}

/// The same, and it is on the disk, under its name, when this returns.
pub fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_file(path, bytes, true)?;
    #[cfg(unix)]
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(())
}

/// A new file under a name that tells whose it is: one whose writer has died is removed by a fold.
pub fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let prefix = format!(".new-{}-", std::process::id());
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix);
    #[cfg(unix)]
    let mode = std::os::unix::fs::PermissionsExt::from_mode(file_mode());
    #[cfg(unix)]
    builder.permissions(mode);
    builder.tempfile_in(folder)
}

fn write_file(path: &Path, bytes: &[u8], sync: bool) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = temporary(folder)?;
    io::Write::write_all(file.as_file_mut(), bytes)?;
    if sync {
        file.as_file().sync_all()?;
    }
    file.persist(path)?;
    Ok(())
}
