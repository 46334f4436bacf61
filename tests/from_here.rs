//! Names and commands are those that work where one is.

use crate::scratch::{Ran, Scratch};

/// Types the command that a line about `file` ends in, where it was printed.
fn paste(s: &Scratch, folder: &str, said: &Ran, file: &str) {
    let words = said.printed_command(&format!(" {file}: "));
    assert_eq!(words[0], "bak", "{said:?}");
    s.at(s.top().join(folder)).bak(&words[1..]);
}

fn below() -> Scratch {
    let s = Scratch::new();
    s.write("x/y/f", "one\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "second"]);
    s
}

#[test]
fn what_a_checkout_overwrote_is_brought_back_where_that_is_said() {
    let s = below();
    s.write("x/y/f", "work\n");
    s.write("a.txt", "work\n");
    s.git(["add", "."]);
    let ran = s.at(s.top().join("x/y")).git(["checkout", "HEAD", "--", "f", "../../a.txt"]);
    paste(&s, "x/y", &ran, "f");
    paste(&s, "x/y", &ran, "../../a.txt");
    assert_eq!((s.read("x/y/f").as_str(), s.read("a.txt").as_str()), ("work\n", "work\n"));
}

#[test]
fn edits_that_a_hook_took_are_brought_back_where_that_is_said() {
    for status in ["0", "1"] {
        let s = below();
        s.hook("pre-commit", &format!("git checkout -q -- x/y/f; exit {status}"));
        s.write("a.txt", "two\n");
        s.git(["add", "a.txt"]);
        s.write("x/y/f", "work\n");
        let ran = s.at(s.top().join("x/y")).try_git(["commit", "-qm", "third"]);
        paste(&s, "x/y", &ran, "f");
        assert_eq!(s.read("x/y/f"), "work\n", "{ran:?}");
    }
}

#[test]
fn what_the_guard_kept_is_brought_back_where_that_is_said() {
    let s = below();
    s.bak(["install"]);
    s.write("x/y/f", "work\n");
    let ran = s.at(s.top().join("x/y")).git(["reset", "-q", "--hard"]);
    paste(&s, "x/y", &ran, "f");
    assert_eq!(s.read("x/y/f"), "work\n");
}

#[test]
fn git_told_to_go_to_a_folder_is_told_again() {
    let s = below();
    s.write("x/y/f", "work\n");
    s.git(["add", "."]);
    let ran = s.git(["-C", "x", "-C", "y", "checkout", "HEAD", "--", "f"]);
    assert!(
        ran.stderr
            .ends_with("f: overwritten, but backed up before: git -C x -C y bak restore -- f\n")
    );
    let words = ran.printed_command(" f: ");
    s.git(&words);
    assert_eq!(s.read("x/y/f"), "work\n");
}

#[test]
fn lists_name_files_as_one_types_them_there() {
    let s = below();
    s.write("x/y/f", "work\n");
    s.write("a.txt", "work\n");
    s.git(["add", "."]);
    let here = s.at(s.top().join("x/y"));
    let list = here.bak(["list"]).stdout;
    assert_eq!(
        list.lines().filter(|line| !line.starts_with(' ')).collect::<Vec<_>>(),
        ["../../a.txt", "f"]
    );
    for verb in ["status", "log"] {
        let shown = here.bak([verb]).stdout;
        for name in [" ../../a.txt", " f"] {
            assert!(shown.lines().any(|line| line.ends_with(name)), "{verb}: {shown}");
        }
    }
    let ran = here.bak(["clean", "-n", "f"]);
    assert!(ran.stdout.contains(" f.bak."), "{ran:?}");
}
