//! This program, as a shim names it.

use anyhow::{Context, Result};

use crate::git::platform;

/// Its path, as the system gives it.
pub fn path() -> Result<Vec<u8>> {
    let path = std::env::current_exe().context("the path of this program can't be found")?;
    Ok(for_shell(platform::bytes_of(path.as_os_str())))
}

/// A shell knows paths as the system does.
#[cfg(not(windows))]
fn for_shell(path: Vec<u8>) -> Vec<u8> {
    path
}

/// Git's shell takes `C:/…`, and no `\\?\` before it.
#[cfg(windows)]
fn for_shell(path: Vec<u8>) -> Vec<u8> {
    let path = path.strip_prefix(br"\\?\").map(<[u8]>::to_vec).unwrap_or(path);
    path.into_iter().map(|b| if b == b'\\' { b'/' } else { b }).collect()
}
