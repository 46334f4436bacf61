//! Files and folders of ours under the Git directory: readable by nobody else, or by those whom
//! `core.sharedRepository` names.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use super::process;

/// Bits for others than the owner, from `core.sharedRepository`.
static SHARED: AtomicU32 = AtomicU32::new(0);
/// The umask that this process was started with, where it was widened.
static UMASK: AtomicU32 = AtomicU32::new(u32::MAX);

/// Lets the repository's other users work with what this process makes: objects and refs (libgit2 knows
/// nothing of it) through the umask, our own files through the modes below.
pub fn share(bits: u32) {
    if bits == 0 {
        return;
    }
    SHARED.store(bits, Ordering::Relaxed);
    let folders = bits | (bits & 0o044) >> 2;
    let old = super::process::umask(0o077);
    super::process::umask(old & !folders);
    UMASK.store(old, Ordering::Relaxed);
}

/// Puts the umask back: other programs that we start are not to feel it.
pub fn unshare() {
    let old = UMASK.swap(u32::MAX, Ordering::Relaxed);
    if old != u32::MAX {
        super::process::umask(old);
    }
}

/// The mode for a file of ours.
#[cfg(unix)]
fn file_mode() -> u32 {
    0o600 | SHARED.load(Ordering::Relaxed)
}

/// The mode for a folder of ours: who may read may enter, and what is made in it has its group.
#[cfg(unix)]
fn folder_mode() -> u32 {
    let shared = SHARED.load(Ordering::Relaxed);
    let group = if shared == 0 { 0 } else { 0o2000 };
    0o700 | group | shared | (shared & 0o044) >> 2
}

/// Makes a folder (and those above it) that only its owner may enter; one that exists is left as it is.
pub fn make_dir(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, folder_mode());
    builder.create(path)
}

/// Opens a file for reading and writing, made if need be, that only its owner may read.
pub fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, file_mode());
    options.open(path)
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

/// Writes a file anew: complete under its name, or not at all.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".new-");
    #[cfg(unix)]
    let mode = std::os::unix::fs::PermissionsExt::from_mode(file_mode());
    #[cfg(unix)]
    builder.permissions(mode);
    let mut file = builder.tempfile_in(folder)?;
    io::Write::write_all(file.as_file_mut(), bytes)?;
    file.persist(path)?;
    Ok(())
}
