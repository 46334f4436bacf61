//! A system on which this process can't have another thread: the work is done all the same.

use super::{LINES, commits_both, edited};
use crate::pair::{Pair, ours};
use crate::scratch::{Ran, Scratch};

/// A commit of a process that can't have a second thread: none has room for a stack of this size.
fn without_threads(scratch: &Scratch) -> Ran {
    let mut command = scratch.command("git");
    command.env("RUST_MIN_STACK", (1u64 << 60).to_string());
    Ran::of(&command.args(["commit", "-m", "second"]).output().unwrap())
}

#[test]
fn a_system_without_another_thread_is_no_reason_to_fail() {
    let ran = commits_both(&edited(), without_threads);
    assert_eq!(ours(&ran).len(), LINES, "{ran:#?}");
}

#[test]
fn many_files_are_looked_at_without_another_thread_too() {
    let pair = Pair::new();
    for n in 0..1100 {
        pair.write(&format!("many/{n}"), "one\n");
    }
    pair.each(|scratch| {
        scratch.git(["add", "."]);
        scratch.git(["commit", "-qnm", "many"]);
    });
    pair.write("a.txt", "two\n");
    pair.each(|scratch| drop(scratch.git(["add", "a.txt"])));
    pair.write("b.txt", "edited\n");
    commits_both(&pair, without_threads);
}
