//! This program, as a shim names it, and as its user does.

use std::path::Path;

use anyhow::{Context, Result};

use crate::os::platform;

/// Its path, as the system gives it.
pub fn path() -> Result<Vec<u8>> {
    let path = std::env::current_exe().context("the path of this program can't be found")?;
    Ok(platform::for_shell(&path))
}

/// Whether npm installed it for one project. Then `git bak` finds it nowhere, and `npx git-bak` everywhere in the project.
/// What npm installs for the user is in a folder `node_modules`, too, but not in one of a project.
pub fn is_of_a_project() -> bool {
    let path = std::env::current_exe().unwrap_or_default();
    let outermost = path.ancestors().filter(|folder| folder.ends_with("node_modules")).last();
    outermost.and_then(Path::parent).is_some_and(|it| it.join("package.json").is_file())
}
