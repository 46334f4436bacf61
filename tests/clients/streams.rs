//! Streams that are closed, full, or without a reader: what can't be said is no reason to fail.

use std::io::Write;
use std::process::Stdio;

use super::{commits_both, edited, sh};
use crate::pair::Pair;
use crate::scratch::{Ran, Scratch};

#[test]
fn a_commit_with_closed_streams_is_as_without_us() {
    let streams = ["2>&-", ">&-", ">&- 2>&-", "<&- 2>&-", "<&- >&- 2>&-", "2>/dev/full"];
    for closed in streams {
        let line = format!("exec git commit -m second {closed}");
        commits_both(&edited(), |scratch| Ran::of(&sh(scratch, &line).output().unwrap()));
    }
}

#[test]
fn a_full_standard_output_is_git_s_to_complain_of() {
    let line = "exec git commit -m second >/dev/full";
    let ran = commits_both(&edited(), |scratch| Ran::of(&sh(scratch, line).output().unwrap()));
    assert_eq!(ran.status, 128);
}

#[test]
fn a_message_in_a_pipe_arrives_though_nobody_hears_us() {
    commits_both(&edited(), |scratch| {
        let mut command = sh(scratch, "exec git commit -F - 2>&-");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"from an editor\n").unwrap();
        Ran::of(&child.wait_with_output().unwrap())
    });
}

/// A commit whose standard error has no reader any more.
fn unheard(pair: &Pair, args: &[&str]) -> Ran {
    pair.same(|scratch: &Scratch| {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = scratch.command("git");
        Ran::of(&command.args(args).stderr(writer).output().unwrap())
    })
}

#[test]
fn a_reader_that_is_gone_ends_no_commit() {
    let pair = edited();
    assert_eq!(unheard(&pair, &["commit", "-m", "second"]).status, 0);
    assert!(crate::pair::left(&pair.with.root()).is_empty());
    assert!(pair.with.vault_has("a.txt", "two\n"));
    assert_eq!(unheard(&pair, &["checkout", "-q", "--", "b.txt"]).status, 0);
}

#[test]
fn the_users_hook_feels_a_broken_pipe_as_without_us() {
    for hook in ["pre-commit", "post-commit"] {
        let pair = edited();
        pair.hook(hook, "echo unheard; echo survived >../survived");
        // Git before 2.55 lets its hooks die of it.
        unheard(&pair, &["commit", "-m", "second"]);
        let survived = |scratch: &Scratch| scratch.root().join("survived").exists();
        assert_eq!(survived(&pair.with), survived(&pair.without), "{hook}");
    }
}
