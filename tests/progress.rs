//! What takes long says so on a terminal, and only there.

use std::process::Command;

use crate::pty;
use crate::scratch::{BAK, Scratch, script};

/// A repository whose Git takes its time for `ls-files`, as it does where there are very many files.
fn slow() -> Scratch {
    let s = Scratch::new();
    let git = Command::new("sh").args(["-c", "command -v git"]).output().unwrap().stdout;
    let git = String::from_utf8(git).unwrap();
    let body =
        format!("case \" $* \" in *' ls-files '*) sleep 1.5 ;; esac\nexec {} \"$@\"", git.trim());
    script(&s.root().join("bin/git"), &body);
    s.write("a.txt", "two\n");
    s
}

fn on_a_terminal(s: &Scratch, args: &[&str]) -> String {
    let mut command = s.command(BAK);
    command.args(args);
    pty::run(command, 60).0
}

#[test]
fn after_a_second_a_line_says_what_is_being_done_and_goes_when_it_is_done() {
    let s = slow();
    for (args, what) in [
        (&["list"][..], "looking for backups, 1 s"),
        (&["restore", "--all"], "looking for the snapshot, 1 s"),
        (&["doctor"], "looking at everything, 1 s"),
        (&["clean"], "looking for backups, 1 s"),
    ] {
        let shown = on_a_terminal(&s, args);
        assert!(shown.starts_with(&format!("\r\x1b[K{what}")), "{args:?}: {shown:?}");
        // Each is taken away before anything else is written, and no line feed is between.
        let (line, rest) = shown.rsplit_once("\r\x1b[K").unwrap();
        assert!(line.ends_with(" s") && !line.contains('\n'), "{args:?}: {shown:?}");
        assert!(rest.ends_with('\n') && !rest.contains(what), "{args:?}: {shown:?}");
    }
}

#[test]
fn what_is_no_terminal_or_quiet_or_quick_sees_nothing_of_it() {
    let s = slow();
    let ran = s.bak(["list"]);
    assert!(!ran.stderr.contains("looking"), "{ran:?}");
    s.git(["config", "bak.verbosity", "quiet"]);
    assert!(!on_a_terminal(&s, &["list"]).contains("looking"));
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    for args in [&["list"][..], &["restore", "--all"], &["clean"], &["clean", "--expired"]] {
        let shown = on_a_terminal(&s, args);
        assert!(!shown.contains('\r') && !shown.contains("\x1b[K"), "{args:?}: {shown:?}");
    }
}
