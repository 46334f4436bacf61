//! Terminals and locales that know little: what is printed there is plain.

use crate::pty;
use crate::scratch::{BAK, Scratch};

/// A repository with something to say in every command.
fn busy() -> Scratch {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    s.bak(["snapshot", "-m", "a label"]);
    s.hook("pre-commit", "exit 1");
    s.write("a.txt", "three\n");
    s.try_git(["commit", "-qam", "refused"]);
    without_post_commit(&s);
    s
}

/// Something for doctor to find.
fn without_post_commit(s: &Scratch) {
    std::fs::remove_file(s.top().join(".git/hooks/post-commit")).unwrap();
}

const VERBS: [&[&str]; 13] = [
    &["list"],
    &["list"],
    &["status"],
    &["log"],
    &["journal"],
    &["doctor"],
    &["diff", "a.txt"],
    &["snapshot"],
    &["restore", "nowhere"],
    &["restore", "--from", "nothing"],
    &["clean", "-n"],
    &["install"],
    &["help"],
];

#[test]
fn where_the_locale_is_not_utf8_nothing_but_ascii_is_printed() {
    for (key, value) in [("LC_ALL", Some("C")), ("LC_ALL", None)] {
        let mut s = busy();
        match value {
            Some(value) => s.set_env(key, value),
            None => s.unset_env(key),
        }
        for verb in VERBS {
            let ran = s.try_bak(verb);
            assert!(ran.stdout.is_ascii() && ran.stderr.is_ascii(), "{verb:?}: {ran:#?}");
            let mut command = s.command(BAK);
            command.args(verb).env("GIT_PAGER", "cat");
            let shown = pty::run(command, 60).0;
            assert!(shown.is_ascii(), "{verb:?}: {shown}");
        }
        // It was installed meanwhile.
        without_post_commit(&s);
        let doctor = s.try_bak(["doctor"]).stdout;
        assert!(
            doctor.starts_with("+ settings ") && doctor.contains("\nx post-commit "),
            "{doctor}"
        );
    }
}

#[test]
fn the_marks_are_the_same_in_a_pipe_as_on_a_terminal() {
    let s = busy();
    let doctor = s.try_bak(["doctor"]).stdout;
    assert!(doctor.starts_with("✓ settings ") && doctor.contains("\n✗ post-commit "), "{doctor}");
}

#[test]
fn a_dumb_terminal_gets_no_sequence_of_any_kind() {
    let s = busy();
    s.git(["config", "color.ui", "auto"]);
    for verb in VERBS {
        let mut command = s.command("env");
        // What runs in a terminal of the tests is told that it is a good one, and a job's may have colours.
        command.args(["-u", "CI", "TERM=dumb", BAK]).args(verb).env("GIT_PAGER", "cat");
        let shown = pty::run(command, 80).0;
        assert!(!shown.contains('\x1b') && !shown.contains('\r'), "{verb:?}: {shown:?}");
    }
    let mut command = s.command("env");
    command.args(["TERM=dumb", BAK, "restore"]);
    let (shown, status) = pty::run(command, 80);
    assert_eq!(status, 2, "{shown}");
    assert!(shown.contains("name the file to restore, or use --all"), "{shown}");
}
