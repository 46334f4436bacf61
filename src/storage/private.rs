//! Files and folders of ours under the Git directory: readable by nobody else.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use tempfile::TempDir;

use super::process;

/// Makes a folder (and those above it) that only its owner may enter; one that exists is left as it is.
pub fn make_dir(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Opens a file for reading and writing, made if need be, that only its owner may read.
pub fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
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
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
    io::Write::write_all(file.as_file_mut(), bytes)?;
    file.persist(path)?;
    Ok(())
}
