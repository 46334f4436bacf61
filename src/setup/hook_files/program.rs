//! This program, as a shim names it.

use anyhow::{Context, Result};

use crate::os::platform;

/// Its path, as the system gives it.
pub fn path() -> Result<Vec<u8>> {
    let path = std::env::current_exe().context("the path of this program can't be found")?;
    Ok(platform::for_shell(&path))
}
