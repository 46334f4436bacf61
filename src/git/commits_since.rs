//! The commits of the present history since some time, with the files they changed: those too that ran
//! no hook of ours.

use std::collections::HashSet;

use anyhow::Result;

use super::command::Git;

/// How many commits are looked at; older failures have no end then.
const MOST: &str = "--max-count=1000";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    pub id: String,
    /// When, in seconds since 1970.
    pub time: i64,
    /// The paths that it changed, as bytes.
    pub paths: HashSet<Vec<u8>>,
}

/// The commits from HEAD back to `time` (seconds since 1970), oldest first.
pub fn commits_since(git: &Git, time: i64) -> Result<Vec<Committed>> {
    let since = format!("--since=@{time}");
    let args = ["log", MOST, &since, "--no-renames", "-m", "--first-parent", "--name-only", "-z"];
    // A line feed parts the head of a commit from its files, with -z too.
    let text = git.output(args.into_iter().chain(["--format=format:%x01%x01%H %ct"]))?;
    let mut commits: Vec<Committed> = split(&text).filter_map(commit).collect();
    commits.reverse();
    Ok(commits)
}

/// The parts that begin with two marks, each.
fn split(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let starts: Vec<usize> = text
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| pair == b"\x01\x01")
        .map(|(at, _)| at)
        .collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]).collect::<Vec<_>>();
    starts.into_iter().zip(ends).map(|(start, end)| &text[start + 2..end])
}

/// `<id> <time>`, a line feed, then the paths, each ended by NUL; without paths just the head.
fn commit(text: &[u8]) -> Option<Committed> {
    let end = text.iter().position(|&byte| byte == b'\n' || byte == 0).unwrap_or(text.len());
    let (id, time) = std::str::from_utf8(&text[..end]).ok()?.split_once(' ')?;
    let paths =
        text[end..].split(|&byte| byte == 0).map(|path| path.strip_prefix(b"\n").unwrap_or(path));
    let paths = paths.filter(|path| !path.is_empty()).map(<[u8]>::to_vec).collect();
    Some(Committed { id: id.to_owned(), time: time.parse().ok()?, paths })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_are_parted_from_their_files_and_from_each_other() {
        let text = b"\x01\x01abc 12\nb\0d/a\nb.rs\0\0\x01\x01def 10\0\x01\x01123 9\nx\0";
        let found: Vec<Committed> = split(text).filter_map(commit).collect();
        let ids: Vec<(&str, i64)> = found.iter().map(|it| (it.id.as_str(), it.time)).collect();
        assert_eq!(ids, [("abc", 12), ("def", 10), ("123", 9)]);
        assert_eq!(found[0].paths, HashSet::from([b"b".to_vec(), b"d/a\nb.rs".to_vec()]));
        assert!(found[1].paths.is_empty());
        assert_eq!(found[2].paths, HashSet::from([b"x".to_vec()]));
    }

    #[test]
    fn what_is_no_log_has_no_commits() {
        for text in [&b""[..], b"\x01\x01", b"\x01\x01abc\n", b"abc 12\nx\0", b"\x01\x01abc x\n"] {
            assert_eq!(split(text).filter_map(commit).count(), 0);
        }
    }
}
