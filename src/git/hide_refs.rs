//! `transfer.hideRefs`: our refs are not shown to those who fetch from this repository.

use anyhow::{Result, bail};

use super::command::Git;

const KEY: &str = "transfer.hideRefs";
const OURS: &str = "refs/bak";

/// Makes sure that the repository's own settings hide our refs; those of others stay.
pub fn ensure(git: &Git) -> Result<()> {
    let finished = git.start(["config", "--local", "-z", "--get-all", KEY])?.finish()?;
    match finished.status {
        Some(0) if finished.stdout.split(|&b| b == 0).any(|value| value == OURS.as_bytes()) => {
            Ok(())
        }
        Some(0 | 1) => git.output(["config", "--local", "--add", KEY, OURS]).map(drop),
        _ => bail!("{KEY} can't be read: {}", finished.reason()),
    }
}
