//! Names between Git's bytes and the system's paths, and the state of a file: the same function on every
//! system.

use std::ffi::{OsStr, OsString};
use std::fs::Metadata;
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::time::Duration;
use std::time::SystemTime;

/// The path that Git's bytes name.
#[cfg(unix)]
pub fn path_from_bytes(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    PathBuf::from(OsString::from_vec(bytes.to_vec()))
}

/// The path that Git's bytes name. Git for Windows speaks UTF-8.
#[cfg(not(unix))]
pub fn path_from_bytes(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsString::from(String::from_utf8_lossy(bytes).into_owned()))
}

/// The place that Git's bytes name, written as the system writes it: paths that are built from it are shown to
/// people.
#[cfg(unix)]
pub fn place_from_bytes(bytes: &[u8]) -> PathBuf {
    path_from_bytes(bytes)
}

/// The place that Git's bytes name, written as the system writes it: paths that are built from it are shown to
/// people.
#[cfg(not(unix))]
pub fn place_from_bytes(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).replace('/', std::path::MAIN_SEPARATOR_STR))
}

/// The bytes by which Git names it.
#[cfg(unix)]
pub fn bytes_of(name: &OsStr) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    name.as_bytes().to_vec()
}

/// The bytes by which Git names it.
#[cfg(not(unix))]
pub fn bytes_of(name: &OsStr) -> Vec<u8> {
    name.to_string_lossy().into_owned().into_bytes()
}

/// A path as a shell takes it.
#[cfg(unix)]
pub fn for_shell(path: &Path) -> Vec<u8> {
    bytes_of(path.as_os_str())
}

/// A path as Git's shell takes it: `C:/…`, and no `\\?\` before it.
#[cfg(not(unix))]
pub fn for_shell(path: &Path) -> Vec<u8> {
    let path = path.to_string_lossy();
    let path = path.strip_prefix(r"\\?\").unwrap_or(&path);
    path.replace(std::path::MAIN_SEPARATOR, "/").into_bytes()
}

/// What this machine is called.
#[cfg(unix)]
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
pub fn host_name() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_default()
}

#[cfg(unix)]
pub fn remove_file(path: &Path) -> std::io::Result<()> {
    std::fs::remove_file(path)
}

/// Removes a file, one that is marked read-only (as Git marks its objects), too.
#[cfg(not(unix))]
pub fn remove_file(path: &Path) -> std::io::Result<()> {
    as_writable(path, || std::fs::remove_file(path))
}

/// Does something that Windows refuses where the file at `path` is marked read-only (on Unix the folder's
/// leave is enough); what stands there afterwards is marked as it was. A process that dies in between leaves the mark
/// off, and every byte where it was: the act itself is one step.
#[cfg(not(unix))]
pub fn as_writable(path: &Path, act: impl FnOnce() -> std::io::Result<()>) -> std::io::Result<()> {
    let meta = std::fs::symlink_metadata(path);
    if !meta.is_ok_and(|meta| meta.is_file() && meta.permissions().readonly()) {
        return act();
    }
    mark_read_only(path, false)?;
    let done = act();
    match mark_read_only(path, true) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => done.and(Err(error)),
        _ => done,
    }
}

/// Marks a file read-only, or takes the mark away.
#[cfg(not(unix))]
pub fn mark_read_only(path: &Path, is_read_only: bool) -> std::io::Result<()> {
    let mut permissions = std::fs::metadata(path)?.permissions();
    permissions.set_readonly(is_read_only);
    std::fs::set_permissions(path, permissions)
}

/// Whether the system, or Git, would run this file as a program.
#[cfg(unix)]
pub fn is_executable(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

/// Whether the system, or Git, would run this file as a program.
#[cfg(not(unix))]
pub fn is_executable(path: &Path) -> bool {
    path.is_file()
}

/// The user that this process acts for.
#[cfg(unix)]
pub fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The user that this process acts for.
#[cfg(not(unix))]
pub fn user() -> u32 {
    0
}

/// A file's state, in words that any write to it changes, and when it last changed; empty words if it
/// isn't there, `None` for what no state tells enough of.
pub fn file_state(file: &Path) -> Option<(String, SystemTime)> {
    let Ok(meta) = std::fs::metadata(file) else {
        return Some((String::new(), SystemTime::UNIX_EPOCH));
    };
    if file == Path::new("/dev/null") {
        return Some(("null".to_owned(), SystemTime::UNIX_EPOCH));
    }
    meta.is_file().then(|| details(&meta))
}

#[cfg(unix)]
fn details(meta: &Metadata) -> (String, SystemTime) {
    use std::os::unix::fs::MetadataExt;
    let (seconds, nanos) = (meta.ctime(), meta.ctime_nsec());
    let words = format!(
        "{} {} {} {} {}.{} {seconds}.{nanos}",
        meta.dev(),
        meta.ino(),
        meta.mode(),
        meta.size(),
        meta.mtime(),
        meta.mtime_nsec(),
    );
    // No program can set this one back.
    let changed = u64::try_from(seconds).unwrap_or_default();
    (
        words,
        SystemTime::UNIX_EPOCH + Duration::new(changed, u32::try_from(nanos).unwrap_or_default()),
    )
}

#[cfg(not(unix))]
fn details(meta: &Metadata) -> (String, SystemTime) {
    let modified = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    (format!("{} {modified:?} {:?}", meta.len(), meta.created().ok()), modified)
}

/// When the file was made, if the file system tells; a link is not followed.
#[cfg(target_os = "linux")]
pub fn began(path: &Path) -> Option<SystemTime> {
    use rustix::fs::{AtFlags, CWD, StatxFlags, statx};
    // The standard library can't tell with every C library.
    let found = statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::BTIME).ok()?;
    let is_told = found.stx_mask & StatxFlags::BTIME.bits() != 0;
    let time = found.stx_btime;
    let since = Duration::new(u64::try_from(time.tv_sec).ok()?, time.tv_nsec);
    is_told.then(|| SystemTime::UNIX_EPOCH + since)
}

/// When the file was made, if the file system tells; a link is not followed.
#[cfg(not(target_os = "linux"))]
pub fn began(path: &Path) -> Option<SystemTime> {
    path.symlink_metadata().ok()?.created().ok()
}

#[cfg(all(test, windows))]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_in_one_way_throughout() {
        let place = place_from_bytes(b"C:/a b/c").join("d");
        assert_eq!(place.display().to_string(), r"C:\a b\c\d");
        assert_eq!(for_shell(&place), b"C:/a b/c/d");
        assert_eq!(for_shell(Path::new(r"\\?\C:\a\b")), b"C:/a/b");
    }
}
