//! Whether Git would see names: `git check-ignore`, which asks no guard.

use std::collections::{BTreeSet, HashSet};

use anyhow::{Result, bail};

use crate::git::command::Git;

/// Those of `paths` that Git would see.
pub fn not_ignored(git: &Git, paths: &[Vec<u8>]) -> Result<HashSet<Vec<u8>>> {
    let args = ["check-ignore", "--verbose", "--non-matching", "--no-index", "-z", "--stdin"];
    let input = paths.iter().flat_map(|path| [&path[..], b"\0"].concat()).collect();
    let finished = git.feed(args, input)?;
    match finished.status {
        Some(0 | 1) => Ok(parse(&finished.stdout)),
        _ => bail!("git check-ignore failed: {}", finished.reason()),
    }
}

/// Those of `paths` that Git ignores; none that it tracks.
pub fn by_rules(git: &Git, paths: &BTreeSet<Vec<u8>>) -> Result<Vec<Vec<u8>>> {
    let input = paths.iter().flat_map(|path| [path, &b"\0"[..]].concat()).collect();
    let args = ["-c", "core.fsmonitor=false", "check-ignore", "-z", "--stdin"];
    let finished = git.feed(args, input)?;
    match finished.status {
        Some(0 | 1) => {}
        _ => bail!("git check-ignore failed: {}", finished.reason()),
    }
    let names = finished.stdout.split(|&byte| byte == 0).filter(|name| !name.is_empty());
    Ok(names.map(<[u8]>::to_vec).collect())
}

/// Source, line, pattern and path, each ended by NUL; the first three are empty where nothing matches. What a pattern
/// with `!` matches is taken back.
fn parse(text: &[u8]) -> HashSet<Vec<u8>> {
    let fields: Vec<&[u8]> = text.split(|&byte| byte == 0).collect();
    let (entries, _) = fields.as_chunks::<4>();
    let is_seen = |[_, _, pattern, _]: &&[&[u8]; 4]| pattern.is_empty() || pattern[0] == b'!';
    entries.iter().filter(is_seen).map(|[_, _, _, path]| path.to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nothing_or_a_negation_matches_is_seen() {
        let text = b"d/.gitignore\x007\0!*.bak.*\0d/x\0info/exclude\x001\0*.bak\0y\0\0\0\0z\0";
        assert_eq!(parse(text), HashSet::from([b"d/x".to_vec(), b"z".to_vec()]));
        assert_eq!(parse(b""), HashSet::new());
    }
}
