//! Killed outright: every later command says so, `--abort` and `--continue` end it, and no second upgrade
//! begins before.

use std::fs;
use std::process::Stdio;

use super::{Tree, apply, assert_nothing_left, command, files, rich, tree};
use crate::doctor::remedy_mends;
use crate::scratch::{BAK, Ran, Scratch};

const KILL: &str = "kill -KILL $PPID; sleep 0.1";

/// What the patch makes of the files.
fn applied() -> Tree {
    let s = rich();
    assert_eq!(apply(&s, &["../all.patch"]).status, 0);
    files(s.top())
}

#[test]
fn killed_in_a_command_it_is_named_by_every_command_until_it_is_ended() {
    for step in ["--reload", "--test"] {
        let s = rich();
        let before = tree(s.top());
        assert_eq!(apply(&s, &[step, KILL, "../all.patch"]).status, -1);
        assert_ne!(tree(s.top()), before);
        for verb in [&["status"][..], &["list"], &["snapshot", "a.txt"], &["log"], &["journal"]] {
            let ran = s.bak(verb);
            assert!(ran.stderr.contains("git bak apply --abort"), "{verb:?}: {ran:#?}");
            assert!(ran.stderr.contains(&format!("in its {} command", &step[2..])), "{ran:#?}");
        }
        let second = apply(&s, &["../all.patch"]);
        assert_eq!((second.status, second.stderr.lines().count()), (3, 1), "{second:#?}");
        let ran = apply(&s, &["--abort"]);
        assert_eq!((ran.status, tree(s.top())), (0, before), "{ran:#?}");
        assert_nothing_left(&s);
        assert_eq!(s.bak(["status"]).stderr, "");
    }
}

#[test]
fn the_doctor_finds_it_and_what_it_prints_puts_everything_back() {
    let s = rich();
    let before = tree(s.top());
    assert_eq!(apply(&s, &["--test", KILL, "../all.patch"]).status, -1);
    remedy_mends(&s, "upgrade", "ended in its test command");
    assert_eq!(tree(s.top()), before);
}

#[test]
fn killed_while_validating_nothing_was_changed_and_nothing_is_left_to_end() {
    let s = rich();
    let before = tree(s.top());
    assert_eq!(apply(&s, &["--validate", KILL, "../all.patch"]).status, -1);
    assert_eq!(tree(s.top()), before);
    assert_eq!(s.bak(["status"]).stderr, "");
    assert!(s.exists(".git/worktrees"), "the scratch worktree is left, and goes with the next");
    assert_eq!(apply(&s, &["--validate", "true", "../all.patch"]).status, 0);
    assert_nothing_left(&s);
}

#[test]
fn an_upgrade_is_gone_on_with_from_the_step_it_was_killed_in() {
    let s = rich();
    let expected = applied();
    let test = format!("echo x >>../tests; test -e ../ok || {{ {KILL}; }}");
    let args = ["--reload", "echo x >>../reloads", "--test", &test, "--commit", "-m", "All"];
    let ran = apply(&s, &[&args[..], &["../all.patch"]].concat());
    assert_eq!(ran.status, -1);
    fs::write(s.root().join("ok"), "").unwrap();
    let ran = apply(&s, &["--continue"]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert_eq!(files(s.top()), expected);
    assert_eq!(s.git(["status", "--porcelain"]).stdout, "");
    assert_eq!(s.git(["log", "-1", "--format=%s"]).stdout, "All\n");
    assert!(s.all_backups().is_empty());
    assert_nothing_left(&s);
}

#[test]
fn killed_in_a_hook_of_its_commit_it_can_be_undone_or_committed() {
    for way in ["--abort", "--continue"] {
        let s = rich();
        let before = tree(s.top());
        s.hook(
            "commit-msg",
            "test -e ../ok || { kill -KILL $(ps -o ppid= -p $PPID); kill $PPID; }",
        );
        let ran = apply(&s, &["--commit", "-m", "All", "../all.patch"]);
        assert_eq!(ran.status, -1, "{ran:#?}");
        while s.exists(".git/index.lock") {
            fs::remove_file(s.top().join(".git/index.lock")).unwrap();
        }
        fs::write(s.root().join("ok"), "").unwrap();
        let ran = apply(&s, &[way]);
        assert_eq!(ran.status, 0, "{way}: {ran:#?}");
        let after = tree(s.top());
        assert_eq!(after == before, way == "--abort", "{way}: {ran:#?}");
        assert_eq!(s.git(["status", "--porcelain"]).stdout, "", "{way}: {ran:#?}");
        assert_nothing_left(&s);
    }
}

#[test]
fn killed_after_its_commit_it_is_done() {
    let s = rich();
    let expected = applied();
    s.hook("post-commit", "kill -KILL $(ps -o ppid= -p $PPID)");
    let ran = apply(&s, &["--commit", "-m", "All", "../all.patch"]);
    assert_eq!(ran.status, -1, "{ran:#?}");
    let ran = apply(&s, &["--abort"]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert!(ran.stderr.contains("git revert"), "{ran:#?}");
    assert_eq!(files(s.top()), expected);
    assert_nothing_left(&s);
}

#[test]
#[ignore = "needs strace: cargo test -- --include-ignored"]
fn what_was_typed_since_the_crash_is_kept_by_abort_and_refused_by_continue() {
    let s = rich();
    let before = tree(s.top());
    for number in 1.. {
        signal_at(&s, "KILL", "renameat", number, &["apply", "../all.patch"]);
        if s.exists(".git/bak/upgrade/record") {
            break;
        }
    }
    s.write("crlf.txt", "typed\n");
    let ran = apply(&s, &["--continue"]);
    assert_eq!(ran.status, 3, "{ran:#?}");
    assert!(ran.stderr.contains("crlf.txt: it was changed since"), "{ran:#?}");
    let ran = apply(&s, &["--abort"]);
    assert_eq!((ran.status, tree(s.top())), (0, before), "{ran:#?}");
    assert!(s.vault_has("crlf.txt", "typed\n"));
}

#[test]
fn a_second_upgrade_waits_for_the_end_of_the_first() {
    let s = rich();
    let mut first = command(&s);
    first.args(["apply", "--test", "touch ../began; while [ ! -e ../go ]; do sleep 0.05; done"]);
    first.arg("../all.patch").stdout(Stdio::null()).stderr(Stdio::null());
    let mut first = first.spawn().unwrap();
    while !s.root().join("began").exists() {
        std::thread::yield_now();
    }
    for args in [&["../all.patch"][..], &["--abort"], &["--continue"]] {
        let ran = apply(&s, args);
        assert_eq!((ran.status, ran.stderr.lines().count()), (3, 1), "{args:?}: {ran:#?}");
        assert!(ran.stderr.contains("under way"), "{args:?}: {ran:#?}");
    }
    assert_eq!(s.bak(["list"]).stderr, "", "one that is under way is not unfinished");
    fs::write(s.root().join("go"), "").unwrap();
    assert!(first.wait().unwrap().success());
}

#[test]
fn a_commit_beside_it_leaves_its_backups_alone() {
    let s = rich();
    let test = "echo x >x && git add x && git commit -qm beside && ls *.bak.* >../seen; exit 1";
    let ran = apply(&s, &["--test", test, "../all.patch"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    let seen = fs::read_to_string(s.root().join("seen")).unwrap();
    assert!(seen.contains("modified.txt.bak."), "{seen}");
}

#[test]
fn with_nothing_unfinished_there_is_nothing_to_end() {
    let s = Scratch::new();
    for way in ["--abort", "--continue"] {
        let ran = apply(&s, &[way]);
        assert_eq!(
            (ran.status, ran.stderr.as_str()),
            (0, "• there is no unfinished apply or run\n")
        );
    }
}

#[test]
fn a_record_of_a_later_version_is_left_alone() {
    let s = rich();
    apply(&s, &["--test", KILL, "../all.patch"]);
    let record = s.top().join(".git/bak/upgrade/record");
    fs::write(&record, "git-bak transaction 2\0end\0").unwrap();
    for args in [&["--abort"][..], &["--continue"], &["../all.patch"]] {
        let ran = apply(&s, args);
        assert_eq!(ran.status, 3, "{args:?}: {ran:#?}");
        assert!(ran.stderr.contains("update git-bak"), "{args:?}: {ran:#?}");
    }
    assert_eq!(fs::read(&record).unwrap(), b"git-bak transaction 2\0end\0");
}

/// The calls that change names here; each is counted by itself.
const CALLS: [&str; 4] = ["renameat", "rename", "unlinkat", "unlink"];

/// Runs `git bak` and sends it a signal as it begins the call with this number, of each kind.
fn signal_at(s: &Scratch, signal: &str, call: &str, number: usize, args: &[&str]) -> Ran {
    let mut command = s.command("strace");
    command.args(["-o", "/dev/null", "-e", &format!("trace={call}")]);
    command.args(["-e", &format!("inject={call}:signal=SIG{signal}:when={number}"), BAK]);
    Ran::of(&command.args(args).output().unwrap())
}

/// Has `git bak` killed at every change of a name, in turn, until there are no more; how often. `after` looks
/// at what it left and puts the repository in order for the next.
fn killed_everywhere(
    s: &Scratch,
    calls: &[&str],
    args: &[&str],
    mut before: impl FnMut(),
    mut after: impl FnMut(bool),
) -> usize {
    let mut crashes = 0;
    for call in calls {
        for number in 1.. {
            before();
            let ran = signal_at(s, "KILL", call, number, args);
            let is_over = ran.status == 0;
            after(is_over);
            if is_over {
                break;
            }
            crashes += 1;
        }
    }
    crashes
}

fn back_to_head(s: &Scratch) {
    s.git(["reset", "-q", "--hard"]);
    s.git(["clean", "-fdq"]);
    super::chmod(s, "private.txt", 0o600);
}

#[test]
#[ignore = "needs strace: cargo test -- --include-ignored"]
fn killed_at_any_change_of_a_name_it_can_be_undone() {
    let s = rich();
    let (before, expected) = (tree(s.top()), applied());
    let undo = |is_over: bool| {
        if is_over {
            return back_to_head(&s);
        }
        let ran = apply(&s, &["--abort"]);
        assert_eq!(ran.status, 0, "{ran:#?}");
        assert!(!s.exists(".git/bak/upgrade/record"));
        if ran.stderr.contains("no unfinished") && files(s.top()) == expected {
            // It was killed after its end.
            return back_to_head(&s);
        }
        assert_eq!(tree(s.top()), before, "{ran:#?}");
    };
    let crashes = killed_everywhere(&s, &CALLS, &["apply", "../all.patch"], || {}, undo);
    assert!(crashes > 30, "{crashes}");
}

#[test]
#[ignore = "needs strace: cargo test -- --include-ignored"]
fn killed_at_any_change_of_a_name_it_can_be_gone_on_with() {
    let s = rich();
    let (before, expected) = (files(s.top()), applied());
    let mut completed = 0;
    let go_on = |_: bool| {
        let ran = apply(&s, &["--continue"]);
        assert_eq!(ran.status, 0, "{ran:#?}");
        let after = files(s.top());
        // Before the record was written there was nothing to go on with.
        assert!(after == expected || after == before, "{ran:#?}");
        completed += usize::from(after == expected);
        back_to_head(&s);
    };
    killed_everywhere(&s, &CALLS[..1], &["apply", "../all.patch"], || {}, go_on);
    assert!(completed > 10, "{completed}");
}

#[test]
#[ignore = "needs strace: cargo test -- --include-ignored"]
fn an_abort_that_is_killed_can_be_done_again() {
    let s = rich();
    let before = tree(s.top());
    let mut number = 0;
    let typed = std::cell::RefCell::new(String::new());
    let crash = || {
        assert_eq!(apply(&s, &["--test", KILL, "../all.patch"]).status, -1);
        number += 1;
        *typed.borrow_mut() = format!("typed {number}\n");
        s.write("modified.txt", typed.borrow().as_str());
    };
    let again = |_: bool| {
        let ran = apply(&s, &["--abort"]);
        assert_eq!((ran.status, tree(s.top())), (0, before.clone()), "{ran:#?}");
        // Beside the file, where the vault was locked by the one that was killed.
        let typed = typed.borrow().clone();
        let is_kept =
            s.vault_has("modified.txt", &typed) || s.backup_texts("modified.txt").contains(&typed);
        assert!(is_kept, "{typed}: {ran:#?}");
    };
    let crashes = killed_everywhere(&s, &CALLS[..1], &["apply", "--abort"], crash, again);
    assert!(crashes > 5, "{crashes}");
}

#[test]
#[ignore = "needs strace: cargo test -- --include-ignored"]
fn a_signal_while_files_are_changed_puts_everything_back() {
    let s = rich();
    let before = tree(s.top());
    let mut rolled_back = 0;
    for signal in ["INT", "TERM"] {
        for number in (1..).step_by(2) {
            let args = ["apply", "--test", "true", "../all.patch"];
            let ran = signal_at(&s, signal, "renameat", number, &args);
            if ran.status == 0 {
                back_to_head(&s);
                break;
            }
            assert_eq!((ran.status, tree(s.top())), (1, before.clone()), "{number}: {ran:#?}");
            assert!(!s.exists(".git/bak/upgrade/record"), "{number}");
            rolled_back += usize::from(ran.stderr.contains("Rolling back"));
        }
    }
    assert!(rolled_back > 5, "{rolled_back}");
}

#[test]
#[ignore = "needs strace: cargo test -- --include-ignored"]
fn gone_on_with_every_patch_has_its_backups() {
    let s = Scratch::new();
    s.write("b.txt", "one\n");
    super::commit_all(&s, "base");
    for name in ["a.txt", "b.txt"] {
        let text = format!("--- a/{name}\n+++ b/{name}\n@@ -1 +1 @@\n-one\n+two\n");
        fs::write(s.root().join(name), text).unwrap();
    }
    let args = ["apply", "../a.txt", "../b.txt"];
    let mut crashes = 0;
    for number in 1.. {
        if signal_at(&s, "KILL", "renameat", number, &args).status == 0 {
            break;
        }
        assert_eq!(apply(&s, &["--continue"]).status, 0);
        if s.read("b.txt") == "two\n" {
            crashes += 1;
            for name in ["a.txt", "b.txt"] {
                assert_eq!(s.backup_texts(name), ["one\n"], "{number}: {name}");
            }
        }
        s.git(["reset", "-q", "--hard"]);
        s.git(["clean", "-fdqx"]);
    }
    assert!(crashes > 1, "{crashes}");
}
