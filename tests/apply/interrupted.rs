//! Ctrl-C, SIGTERM and SIGHUP: the command under way is ended and everything is put back.

use std::fs;

use super::{apply, assert_nothing_left, failures, is_running, rich, tree};

/// Interrupts git-bak from within a step, which would otherwise go on.
fn interrupt(signal: &str) -> String {
    format!("sleep 60 & echo $! >../pid; kill -{signal} $PPID; wait")
}

#[test]
fn a_signal_in_any_step_puts_everything_back_and_ends_the_command() {
    for signal in ["INT", "TERM", "HUP"] {
        for step in ["--validate", "--reload", "--test"] {
            let s = rich();
            let before = tree(s.top());
            let pid = s.root().join("pid");
            let line = interrupt(signal).replace("../pid", pid.to_str().unwrap());
            let ran = apply(&s, &[step, &line, "../all.patch"]);
            assert_eq!(ran.status, 1, "{signal} {step}: {ran:#?}");
            assert_eq!(tree(s.top()), before, "{signal} {step}");
            assert!(ran.stderr.contains("interrupted"), "{ran:#?}");
            let pid = fs::read_to_string(pid).unwrap();
            assert!(!is_running(pid.trim()), "{signal} {step}: {pid} still runs");
            assert_nothing_left(&s);
            assert_eq!(failures(&s)[0]["step"], "interrupted");
        }
    }
}

#[test]
fn a_signal_while_the_commit_is_made_puts_everything_back() {
    let s = rich();
    let before = tree(s.top());
    s.write("other", "staged\n");
    s.git(["add", "other"]);
    // git commit leads the group; its parent is git-bak.
    s.hook("commit-msg", "kill -TERM $(ps -o ppid= -p $PPID); sleep 60");
    let ran = apply(&s, &["--commit", "-m", "x", "../all.patch"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    let mut after = tree(s.top());
    after.remove("other");
    assert_eq!(after, before, "{ran:#?}");
    assert_eq!(s.git(["status", "--porcelain"]).stdout, "A  other\n");
    assert_nothing_left(&s);
}

#[test]
fn a_command_that_catches_the_signal_and_says_yes_is_interrupted_all_the_same() {
    let s = rich();
    let before = tree(s.top());
    let test = "trap 'exit 0' TERM; kill -TERM $PPID; sleep 1; exit 0";
    let ran = apply(&s, &["--test", test, "--commit", "-m", "x", "../all.patch"]);
    assert_eq!((ran.status, tree(s.top())), (1, before), "{ran:#?}");
}

#[test]
fn a_command_that_ignores_the_signal_is_killed() {
    let s = rich();
    let before = tree(s.top());
    let test = "trap '' TERM INT; kill -TERM $PPID; while :; do sleep 1; done";
    let ran = apply(&s, &["--test", test, "../all.patch"]);
    assert_eq!((ran.status, tree(s.top())), (1, before), "{ran:#?}");
}
