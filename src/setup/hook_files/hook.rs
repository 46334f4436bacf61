//! A hook as it stands in its folder, ours or foreign.

use std::io;
use std::path::Path;

use crate::os::platform;

/// A hook as it stands in its folder.
pub struct Hook {
    /// What is in it, or in the file that it is a link to.
    pub text: Vec<u8>,
    pub kind: HookKind,
}

/// What a hook is to Git.
#[derive(PartialEq, Eq)]
pub enum HookKind {
    /// A file, or a link to one, which Git runs if it is executable.
    File { executable: bool },
    /// A link that leads nowhere, which Git passes over in silence.
    Dangling,
    /// A folder, say, which makes Git fail.
    Other,
}

/// The hook at `path`; `None` if there is none.
pub fn read(path: &Path) -> io::Result<Option<Hook>> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
        Ok(_) => {}
    }
    let kind = match std::fs::metadata(path) {
        Ok(meta) if meta.is_file() => HookKind::File { executable: platform::is_executable(path) },
        Ok(_) => HookKind::Other,
        Err(error) if error.kind() == io::ErrorKind::NotFound => HookKind::Dangling,
        Err(error) => return Err(error),
    };
    let is_file = matches!(kind, HookKind::File { .. });
    let text = if is_file { std::fs::read(path)? } else { Vec::new() };
    Ok(Some(Hook { text, kind }))
}
