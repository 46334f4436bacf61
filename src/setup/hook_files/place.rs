//! The steps by which a shim takes the place of a hook, each of them whole or not at all.
//!
//! A user's hook is chained in this order:
//!
//! 1. the shim is written under a temporary name and flushed: Git still runs the user's hook;
//! 2. the hook gets `<hook>.before-bak` as a second name (a hard link, which never replaces a file
//!    that has that name): Git still runs it;
//! 3. the shim is renamed over the first name: from now on Git runs the shim, and the shim the hook.
//!
//! The file with the second name is looked at before 3: another install may have put its shim there since ours looked,
//! and a shim must never become the chained hook, least of all in the place of the one that is.
//!
//! Killed after 1 there is a temporary file too many; after 2 there are two names of one hook, which
//! the next install takes for what they are. To rename the hook first would leave a moment without any
//! hook, and a commit in it would go unchecked.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use crate::model::hook::shim;
use crate::os::platform;

/// Makes the hook the chained one, over one that it supersedes, and puts a shim with this text in its
/// place.
pub fn chain(hook: &Path, chained: &Path, text: &[u8]) -> io::Result<()> {
    let shim = write_beside(hook, text)?;
    match keep(hook, chained) {
        Ok(()) if is_shim(chained) => std::fs::remove_file(chained)?,
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Err(_) if !is_same(hook, chained)? => {
            let second = keep_numbered(hook, chained)?;
            match is_shim(&second) {
                true => std::fs::remove_file(second)?,
                false => std::fs::rename(second, chained)?,
            }
        }
        _ => {}
    }
    put(shim, hook)
}

fn is_shim(file: &Path) -> bool {
    std::fs::read(file).is_ok_and(|text| shim::shim_version(&text).is_some())
}

/// Puts a shim with this text under the hook's name, over one that is no longer needed.
pub fn replace(hook: &Path, text: &[u8]) -> io::Result<()> {
    put(write_beside(hook, text)?, hook)
}

/// Puts a shim with this text where no hook is. A foreign one that has come there meanwhile stays.
pub fn write_new(hook: &Path, text: &[u8]) -> io::Result<()> {
    match write_beside(hook, text)?.persist_noclobber(hook) {
        // Not every file system can do it in one step.
        Err(failed)
            if failed.error.kind() != io::ErrorKind::AlreadyExists
                && hook.symlink_metadata().is_err() =>
        {
            put(failed.path, hook)
        }
        result => result.map_err(|failed| failed.error),
    }
}

/// Step 1: the shim under a temporary name, with the mode that any program of the user's gets.
pub fn write_beside(hook: &Path, text: &[u8]) -> io::Result<TempPath> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".git-bak-");
    #[cfg(unix)]
    let runnable = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    #[cfg(unix)]
    builder.permissions(runnable);
    let mut shim =
        builder.tempfile_in(hook.parent().unwrap_or(Path::new("."))).map_err(|error| {
            // Its own text names a temporary file that means nothing to the user.
            io::Error::from(error.kind())
        })?;
    shim.write_all(text)?;
    shim.as_file().sync_all()?;
    // Closed: a file that is open for writing can't be run.
    Ok(shim.into_temp_path())
}

/// Step 2: a second name for the hook. A name that is taken is an error, never replaced.
pub fn keep(hook: &Path, second: &Path) -> io::Result<()> {
    match std::fs::hard_link(hook, second) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            // Some file systems have no second names (FAT, some network shares), but no links either.
            if hook.symlink_metadata()?.is_symlink() { Err(error) } else { copy(hook, second) }
        }
        result => result,
    }
}

/// Step 3: the shim under the hook's name.
pub fn put(shim: TempPath, hook: &Path) -> io::Result<()> {
    shim.persist(hook).map_err(|error| error.error)
}

/// Gives a file a second name, the first free one of `<base>.1`, `<base>.2` …
pub fn keep_numbered(file: &Path, base: &Path) -> io::Result<PathBuf> {
    let base = platform::bytes_of(base.as_os_str());
    for number in 1_u32.. {
        let name = [&base[..], format!(".{number}").as_bytes()].concat();
        let second = platform::path_from_bytes(&name);
        match keep(file, &second) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            result => return result.map(|()| second),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Gives an older chained hook a numbered name instead of its own.
pub fn move_aside(chained: &Path) -> io::Result<PathBuf> {
    let numbered = keep_numbered(chained, chained)?;
    std::fs::remove_file(chained).map(|()| numbered)
}

/// Whether two files are one hook under two names, or as good as that: same kind, mode and bytes.
pub fn is_same(one: &Path, other: &Path) -> io::Result<bool> {
    let (meta, other_meta) = (one.symlink_metadata()?, other.symlink_metadata()?);
    if meta.file_type() != other_meta.file_type() || meta.permissions() != other_meta.permissions()
    {
        return Ok(false);
    }
    if meta.is_symlink() {
        return Ok(std::fs::read_link(one)? == std::fs::read_link(other)?);
    }
    Ok(meta.len() == other_meta.len() && std::fs::read(one)? == std::fs::read(other)?)
}

/// Bytes and mode under a name that was free.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = File::open(from)?;
    let mut target = OpenOptions::new().write(true).create_new(true).open(to)?;
    io::copy(&mut source, &mut target)?;
    target.set_permissions(source.metadata()?.permissions())?;
    target.sync_all()
}
