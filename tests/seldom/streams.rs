//! Streams and terminals that can't be used.

use std::fs::File;
use std::process::Stdio;

use crate::pty;
use crate::scratch::{BAK, Ran, Scratch};

/// What is read of a folder is an error, on standard input as elsewhere.
fn with_folder_as_input(s: &Scratch, args: &[&str]) -> Ran {
    let folder = File::open(s.top()).unwrap();
    Ran::of(&s.command(BAK).args(args).stdin(Stdio::from(folder)).output().unwrap())
}

#[test]
fn a_standard_input_that_cant_be_read_is_named() {
    let s = Scratch::new();
    for (args, what) in [
        (&["apply", "-"][..], "the patch on standard input: Is a directory"),
        (&["snapshot", "--stdin0"], "the paths on standard input: Is a directory"),
    ] {
        let ran = with_folder_as_input(&s, args);
        assert_eq!((ran.status, ran.stderr.lines().count()), (3, 1), "{args:?}: {ran:#?}");
        assert!(ran.stderr.contains(what), "{args:?}: {ran:#?}");
    }
    assert_eq!(s.read("a.txt"), "one\n");
}

#[test]
#[ignore = "needs strace: cargo test -- --include-ignored"]
fn a_terminal_that_cant_be_had_is_named() {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    s.bak(["snapshot"]);
    let mut command = s.command("strace");
    // As if this process had too many files open.
    let fault = "inject=socketpair:error=EMFILE";
    command.args(["-qq", "-o", "/dev/null", "-e", "trace=socketpair", "-e", fault, BAK, "restore"]);
    let (shown, status) = pty::run(command, 100);
    assert_eq!(status, 3, "{shown:?}");
    assert!(
        shown.contains("git-bak: the terminal can't be used: Too many open files"),
        "{shown:?}"
    );
}
