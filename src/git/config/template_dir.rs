//! `init.templateDir`: the folder whose files Git copies into every repository that is made or cloned.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::git::command::Git;
use crate::os::platform;

const KEY: &str = "init.templateDir";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateDir {
    /// The folder, with `~` expanded.
    pub folder: PathBuf,
    /// The environment names it, which wins over the setting.
    pub is_from_environment: bool,
}

/// The folder that the user has set; `None` where Git takes the one it came with.
pub fn read(git: &Git) -> Result<Option<TemplateDir>> {
    if let Some(folder) = std::env::var_os("GIT_TEMPLATE_DIR").filter(|it| !it.is_empty()) {
        let folder = std::path::absolute(folder)?;
        return Ok(Some(TemplateDir { folder, is_from_environment: true }));
    }
    let finished = git.start(["config", "-z", "--type=path", "--get", KEY])?.finish()?;
    let value = finished.stdout.strip_suffix(b"\0").unwrap_or_default();
    match finished.status {
        Some(0) if !value.is_empty() => {
            let folder = std::path::absolute(git.dir().join(platform::place_from_bytes(value)))?;
            Ok(Some(TemplateDir { folder, is_from_environment: false }))
        }
        Some(0 | 1) => Ok(None),
        _ => bail!("{KEY} can't be read: {}", finished.reason()),
    }
}

/// Sets it in the user's own settings.
pub fn set(git: &Git, value: &Path) -> Result<()> {
    // Git replaces the file that it writes to, be it the system's /dev/null.
    let global = std::env::var_os("GIT_CONFIG_GLOBAL").map(PathBuf::from);
    if let Some(file) = global.filter(|file| file.exists() && !file.is_file()) {
        bail!("{KEY} can't be set: GIT_CONFIG_GLOBAL is {}, which is not a file", file.display());
    }
    git.output([OsStr::new("config"), "--global".as_ref(), KEY.as_ref(), value.as_os_str()])
        .map(drop)
}

/// Takes it out of the user's own settings.
pub fn unset(git: &Git) -> Result<()> {
    git.output(["config", "--global", "--unset-all", KEY]).map(drop)
}
