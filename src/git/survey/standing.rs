//! How files stand to HEAD and the index: whether a patch may touch them, and a commit take them.

use std::collections::HashMap;

use anyhow::{Context, Result};

use crate::git::command::Git;
use crate::model::names::repo_path::RepoPath;
use crate::os::platform::path_from_bytes;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has edits, staged or not, that HEAD doesn't have; what is staged is no third version.
    Edited,
    /// What is staged is neither what HEAD nor what the working tree has.
    StagedDifferently,
    /// A merge has left it unresolved.
    Unmerged,
    Untracked,
}

/// Those of `paths` that are not as HEAD has them. Ignored ones aren't named.
pub fn of(git: &Git, paths: &[RepoPath]) -> Result<HashMap<RepoPath, Standing>> {
    let mut found = HashMap::new();
    for some in paths.chunks(500) {
        let options = ["status", "--porcelain=v2", "-z", "--no-renames", "--untracked-files=all"];
        let mut args: Vec<Vec<u8>> = options.map(|option| option.as_bytes().to_vec()).into();
        args.extend([b"--ignore-submodules=all".to_vec(), b"--".to_vec()]);
        args.extend(some.iter().map(|path| [b":(top,literal)", path.as_bytes()].concat()));
        let args = args.iter().map(|arg| path_from_bytes(arg).into_os_string());
        let text = git.output(args).context("the state of the files can't be listed")?;
        for record in text.split(|&byte| byte == 0).filter(|record| !record.is_empty()) {
            let Some((path, standing)) = parse(record) else { continue };
            // Staged to go, and there all the same: a third version.
            let twice = found.contains_key(&path);
            found.insert(path, if twice { Standing::StagedDifferently } else { standing });
        }
    }
    Ok(found)
}

/// One record of `git status --porcelain=v2 -z` (git-status, "Porcelain Format Version 2").
fn parse(record: &[u8]) -> Option<(RepoPath, Standing)> {
    let path = |fields: usize| {
        let path = record.splitn(fields, |&byte| byte == b' ').nth(fields - 1)?;
        RepoPath::from_bytes(path.to_vec()).ok()
    };
    match record {
        [b'?', ..] => Some((path(2)?, Standing::Untracked)),
        [b'u', ..] => Some((path(11)?, Standing::Unmerged)),
        // An intent to add stages nothing.
        [b'1', b' ', b'.', ..] => Some((path(9)?, Standing::Edited)),
        [b'1', b' ', _, b'.', ..] => Some((path(9)?, Standing::Edited)),
        [b'1', ..] => Some((path(9)?, Standing::StagedDifferently)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_record_is_told_from_the_others() {
        let rest = "N... 100644 100644 100644 aaa bbb a b";
        let of = |record: String| parse(record.as_bytes()).map(|(_, standing)| standing);
        assert_eq!(of(format!("1 .M {rest}")), Some(Standing::Edited));
        assert_eq!(of(format!("1 M. {rest}")), Some(Standing::Edited));
        assert_eq!(of(format!("1 MM {rest}")), Some(Standing::StagedDifferently));
        assert_eq!(of(format!("1 AD {rest}")), Some(Standing::StagedDifferently));
        assert_eq!(of("? a b".to_owned()), Some(Standing::Untracked));
        let merged = "u UU N... 100644 100644 100644 100644 aaa bbb ccc a b";
        let (path, standing) = parse(merged.as_bytes()).unwrap();
        assert_eq!((path.as_bytes(), standing), (&b"a b"[..], Standing::Unmerged));
        assert!(parse(b"# branch.head main").is_none());
    }
}
