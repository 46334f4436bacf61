//! What takes long says so on a terminal, and only there.

use std::process::Command;

use crate::pty;
use crate::scratch::{BAK, Scratch};

fn edited() -> Scratch {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    s
}

/// The command, to which the system takes its time to list the working tree, as if there were very many files.
fn slow(s: &Scratch, args: &[&str]) -> Command {
    let mut command = s.command("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-P"]).arg(s.top());
    command.args(["-e", "trace=getdents64", "-e", "inject=getdents64:delay_enter=1200000", BAK]);
    command.args(args).env("GIT_PAGER", "cat");
    command
}

#[test]
#[ignore = "needs strace"]
fn after_a_second_a_line_says_what_is_being_done_and_goes_when_it_is_done() {
    let s = edited();
    for (args, what) in [
        (&["list"][..], "looking for versions, 1 s"),
        (&["restore", "--all"], "looking for what is lost, 1 s"),
        (&["doctor"], "looking at everything, 1 s"),
        (&["clean"], "looking for backups, 1 s"),
    ] {
        let shown = pty::run(slow(&s, args), 60).0;
        assert!(shown.starts_with(&format!("\r\x1b[K{what}")), "{args:?}: {shown:?}");
        // Each is taken away before anything else is written, and no line feed is between.
        let (line, rest) = shown.rsplit_once("\r\x1b[K").unwrap();
        assert!(line.ends_with(" s") && !line.contains('\n'), "{args:?}: {shown:?}");
        assert!(rest.ends_with('\n') && !rest.contains(what), "{args:?}: {shown:?}");
    }
}

#[test]
#[ignore = "needs strace"]
fn what_is_no_terminal_or_quiet_sees_nothing_of_it() {
    let s = edited();
    let ran = slow(&s, &["list"]).output().unwrap();
    assert!(!String::from_utf8_lossy(&ran.stderr).contains("looking"), "{ran:?}");
    s.git(["config", "bak.verbosity", "quiet"]);
    assert!(!pty::run(slow(&s, &["list"]), 60).0.contains("looking"));
}

#[test]
fn what_is_quick_says_nothing_of_it() {
    let s = edited();
    for args in [&["list"][..], &["restore", "--all"], &["clean"], &["clean", "--expired"]] {
        let mut command = s.command(BAK);
        command.args(args).env("GIT_PAGER", "cat");
        let shown = pty::run(command, 60).0;
        assert!(!shown.contains('\r') && !shown.contains("\x1b[K"), "{args:?}: {shown:?}");
    }
}
