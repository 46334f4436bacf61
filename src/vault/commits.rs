//! What is folded already, read from the commits themselves and not remembered anywhere.

use std::collections::BTreeMap;

use anyhow::Result;

use super::git::Sealed;
use crate::record::is_day;

/// A worktree's id, and a day of it: the name of a branch.
pub(super) type Day = (String, String);

/// The lines of record in the commits of each day, in their order.
pub(super) type Texts = BTreeMap<Day, Vec<Vec<u8>>>;

pub(super) fn branch(day: &Day) -> String {
    format!("refs/heads/{}/{}", day.0, day.1)
}

/// Whether a line can have commits: what a worktree's id and a day's file are called.
pub(super) fn is_branch(worktree: &str, day: &str) -> bool {
    worktree.len() == 16 && worktree.bytes().all(|byte| byte.is_ascii_hexdigit()) && is_day(day)
}

pub(super) fn read(git: &Sealed) -> Result<Texts> {
    let names = git.output(["for-each-ref", "--format=%(refname)", "refs/heads"])?;
    let names = String::from_utf8_lossy(&names).into_owned();
    let mut folded: Texts =
        names.lines().filter_map(|name| Some((day_of(name)?, Vec::new()))).collect();
    if folded.is_empty() {
        return Ok(folded);
    }
    let args = ["log", "-z", "--branches", "--source", "--topo-order", "--reverse"];
    let text = git.output(args.into_iter().chain(["--format=%S%n%B"]))?;
    for commit in text.split(|&byte| byte == 0) {
        let mut lines = commit.split(|&byte| byte == b'\n');
        let name = String::from_utf8_lossy(lines.next().unwrap_or_default());
        if let Some(texts) = day_of(&name).and_then(|day| folded.get_mut(&day)) {
            texts.extend(lines.filter(|line| line.starts_with(b"{")).map(<[u8]>::to_vec));
        }
    }
    Ok(folded)
}

/// The day of a branch, by its full name or, as `--source` has it, without what is before that.
pub(super) fn day_of(name: &str) -> Option<Day> {
    let (worktree, day) = name.strip_prefix("refs/heads/").unwrap_or(name).split_once('/')?;
    is_branch(worktree, day).then(|| (worktree.to_owned(), day.to_owned()))
}
