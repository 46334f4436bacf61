//! Clients that are not a shell in a terminal: editors and other programs that run Git with an environment
//! and streams of their own, and libraries that run its hooks in their own way or not at all.

use std::path::PathBuf;
use std::process::Command;

use crate::pair::{Pair, left};
use crate::scratch::{Ran, Scratch};

mod dulwich;
mod libgit2;
#[cfg(unix)]
mod limits;
#[cfg(unix)]
mod streams;
#[cfg(unix)]
mod surroundings;
mod threads;

/// The lines that a commit of such a pair has to say: that `b.txt` is backed up (`a.txt` was when it was staged).
const LINES: usize = 1;

/// A pair in which `a.txt` is staged as "two\n", and `b.txt` edited.
fn edited() -> Pair {
    let pair = Pair::new();
    pair.write("a.txt", "two\n");
    pair.each(|scratch| drop(scratch.git(["add", "a.txt"])));
    pair.write("b.txt", "edited\n");
    pair
}

/// Git itself, for environments in which a PATH doesn't lead to it.
fn git() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path).map(|dir| dir.join("git")).find(|file| file.is_file()).unwrap()
}

/// A line of the shell in the repository.
fn sh(scratch: &Scratch, line: &str) -> Command {
    let mut command = scratch.command("sh");
    command.args(["-c", line]);
    command
}

/// A commit by `act` ends as it does without us, and leaves no backup but two versions in the vault.
fn commits_both(pair: &Pair, act: impl Fn(&Scratch) -> Ran) -> Ran {
    let head = pair.with.git(["rev-parse", "HEAD"]).stdout;
    let ran = pair.same(act);
    assert_ne!(pair.with.git(["rev-parse", "HEAD"]).stdout, head, "{ran:#?}");
    assert_eq!(left(&pair.with.root()), Vec::<PathBuf>::new(), "{ran:#?}");
    assert!(pair.with.vault_has("a.txt", "two\n"), "{ran:#?}");
    assert!(pair.with.vault_has("b.txt", "edited\n"), "{ran:#?}");
    ran
}
