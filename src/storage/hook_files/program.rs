//! This program, as a shim names it, and as a hook.

use std::path::Path;

use anyhow::{Context, Result};

use super::VERSION;
use super::local::is_local;

use crate::model::hook_program;
use crate::os::platform;

/// A program of more bytes is no build that is meant to be used.
const MOST: u64 = 24 << 20;

/// This program as a hook for `folder`, where it can be one: a hook that is a shim costs a shell more.
/// A folder that other machines use gets shims, for they may run other programs; so does a system whose
/// programs can't be known again.
pub fn as_hook(folder: &Path) -> Option<Vec<u8>> {
    let path = std::env::current_exe().ok()?;
    let fits = std::fs::metadata(&path).is_ok_and(|meta| meta.len() <= MOST);
    if !fits || !is_local(folder) {
        return None;
    }
    hook_program::render(&std::fs::read(path).ok()?, VERSION)
}

/// Its path, as the system gives it.
pub fn path() -> Result<Vec<u8>> {
    let path = std::env::current_exe().context("the path of this program can't be found")?;
    Ok(platform::for_shell(&path))
}
