//! `core.hooksPath`: the setting by which Git looks for hooks in another folder.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::git::command::Git;
use crate::os::platform;

/// The value that Git goes by, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HooksPath {
    /// The folder, with `~` expanded; a relative one starts at the top of the working tree.
    pub folder: PathBuf,
    /// `local`, `worktree`, `global`, `system` or `command`.
    pub scope: String,
    /// Where it stands: `file:/home/u/.gitconfig`, `command line:`.
    pub origin: String,
}

/// Reads the setting; `None` where there is none.
pub fn read(git: &Git) -> Result<Option<HooksPath>> {
    let args = [
        "config",
        "-z",
        "--show-scope",
        "--show-origin",
        "--type=path",
        "--get-all",
        "core.hooksPath",
    ];
    let finished = git.start(args)?.finish()?;
    match finished.status {
        Some(0) => Ok(users(&finished.stdout)),
        Some(1) => Ok(None),
        _ => bail!("core.hooksPath can't be read: {}", finished.reason()),
    }
}

/// The user's value in `git config -z --show-scope --show-origin --get-all` output: the last but one.
/// The last is our own: every child of ours gets one on its command line, and runs no hooks.
fn users(text: &[u8]) -> Option<HooksPath> {
    let fields: Vec<&[u8]> = text.split(|&b| b == 0).collect();
    let (entries, _) = fields.as_chunks::<3>();
    let [.., [scope, origin, folder], _ours] = entries else { return None };
    Some(HooksPath {
        folder: platform::place_from_bytes(folder),
        scope: String::from_utf8_lossy(scope).into_owned(),
        origin: String::from_utf8_lossy(origin).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "command\0command line:\0/dev/null\0";

    #[test]
    fn the_value_before_our_own_is_the_one_that_counts() {
        let text = format!("global\0file:/g\0/a\0local\0file:.git/config\0b\nc\0{OURS}");
        let found = users(text.as_bytes()).unwrap();
        assert_eq!((found.scope.as_str(), found.origin.as_str()), ("local", "file:.git/config"));
        assert_eq!(found.folder, PathBuf::from("b\nc"));
    }

    #[test]
    fn our_own_value_alone_is_none() {
        assert_eq!(users(OURS.as_bytes()), None);
    }
}
