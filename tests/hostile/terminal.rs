//! Whatever a file, a worktree, a label, a record or a word is called, no command sends the terminal more
//! than text.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::scratch::{BAK, Ran, Scratch};

/// Colours, the window's title, and "clear the screen" in eight bits, which no one-byte rule finds.
const EVIL: &str = "\u{1b}[31m\u{1b}]0;owned\u{7}\u{9b}2J\r\n";

/// Fails if the output has anything in it that a terminal obeys.
fn is_text(ran: &Ran, what: &str) {
    for text in [&ran.stdout, &ran.stderr] {
        let obeyed = text.chars().find(|&it| it.is_control() && it != '\n');
        assert_eq!(obeyed, None, "{what}: {ran:?}");
        assert!(!text.contains("panicked"), "{what}: {ran:?}");
    }
}

/// Every command that shows something, as text and as JSON.
fn every_command_shows_text(s: &Scratch, path: &str) {
    for args in [
        &["list"][..],
        &["list", "--json"],
        &["list", "--worktree=all"],
        &["list", "--worktree=all", "--json"],
        &["status"],
        &["status", "--json"],
        &["log"],
        &["log", "--json"],
        &["journal"],
        &["journal", "--json"],
        &["doctor"],
        &["doctor", "--json"],
        &["clean", "-n"],
        &["clean", "-n", "--vault"],
        &["restore", "-n", "--all"],
        &["restore", "--all"],
        &["snapshot", "--untracked"],
        &["forget", "--yes", "nothing-there"],
        &["complete", "--", "git-bak", "restore", ""],
        &["restore", path],
        &["restore", "--from", path],
        &["restore", path, "--at", path],
        &["show", path],
        &["forget", path],
        &["list", path],
        &["log", path],
        &["clean", path],
        &["apply", path],
        &["doctor", "--fix"],
        &[path],
        &["list", path, "--no-such-option"],
        &["forget", "--yes", path],
        &["uninstall"],
    ] {
        is_text(&s.try_bak(args), &format!("{args:?}"));
    }
}

fn evil_file(s: &Scratch, folder: &str) -> String {
    let path = format!("{folder}evil{EVIL}.txt");
    s.write(&path, "one\n");
    s.git(["add", "."]);
    path
}

#[test]
fn names_of_files_and_folders_reach_no_terminal() {
    for quoting in ["true", "false"] {
        let s = Scratch::new();
        s.git(["config", "core.quotePath", quoting]);
        s.git(["config", "bak.verbosity", "verbose"]);
        let path = evil_file(&s, &format!("folder{EVIL}/"));
        s.write(&path, "two\n");
        s.hook("pre-commit", "rm -r folder*; exit 1");
        is_text(&s.try_git(["commit", "-qm", "x"]), "a commit that fails");
        s.hook("pre-commit", "exit 0");
        s.write(&path, "three\n");
        every_command_shows_text(&s, &path);
        s.bak(["install"]);
        is_text(&s.try_git(["commit", "-qam", "x"]), "a commit");
        s.write(&path, "four\n");
        is_text(&s.git(["bak", "snapshot"]), "a snapshot");
        is_text(&s.git(["checkout", "--", "."]), "a checkout");
    }
}

#[test]
fn names_that_are_not_utf_8_reach_no_terminal() {
    let s = Scratch::new();
    let name = OsStr::from_bytes(b"\x9b31m\xff\x1b[1m");
    std::fs::write(s.top().join(name), "one\n").unwrap();
    s.git(["add", "."]);
    s.hook("commit-msg", "exit 1");
    is_text(&s.try_git(["commit", "-qm", "x"]), "a commit");
    for args in
        [&["list"][..], &["list", "--json"], &["status"], &["log"], &["journal"], &["clean", "-n"]]
    {
        let ran = s.command(BAK).args(args).output().unwrap();
        for bytes in [&ran.stdout, &ran.stderr] {
            assert!(
                !bytes.iter().any(|&it| it == 0x1b || it == 0x9b && bytes.contains(&0xff)),
                "{args:?}"
            );
        }
        is_text(&Ran::of(&ran), &format!("{args:?}"));
    }
}

#[test]
fn a_name_that_looks_like_an_option_reaches_no_terminal() {
    let s = Scratch::new();
    let name = format!("--{EVIL}");
    s.write(&name, "one\n");
    for verb in ["list", "restore", "clean", "snapshot", "forget", "log", "apply", "run", "install"]
    {
        let ran = s.try_bak([verb, &name]);
        assert_eq!(ran.status, 2, "{ran:?}");
        is_text(&ran, verb);
        is_text(&s.try_bak([verb, "--", &name]), verb);
    }
    is_text(&s.try_bak([&name]), "a verb");
}

#[test]
fn names_of_other_worktrees_and_snapshots_reach_no_terminal() {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    s.bak(["snapshot"]);
    let id = crate::backup_files::blob_id(&s, b"two\n");
    let line = serde_json::json!({
        "t": 1_762_459_850, "z": 0, "wt": "0123456789abcdef", "wn": EVIL, "ev": "snapshot",
        "files": [{"path": "a.txt", "kind": "staged", "what": "created", "id": id, "size": 4}],
    });
    add(&s, &line);
    let listed = s.bak(["list", "--worktree=all", "a.txt"]).stdout;
    assert!(listed.contains("[31m"), "{listed}");
    every_command_shows_text(&s, "a.txt");
}

/// Adds a line to the record.
fn add(s: &Scratch, line: &serde_json::Value) {
    let day = ".git/bak/record/2025-11-06";
    s.write(day, format!("{}{line}\n", s.read(day)));
}

#[test]
fn what_stands_in_the_record_reaches_no_terminal() {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    s.bak(["snapshot", "-m", "good"]);
    let id = s.read(".git/bak/worktree");
    for what in ["snapshot", "commit", "failed", "vanished", "restored", "failure", "gone", EVIL] {
        for path in ["a.txt", EVIL] {
            let line = serde_json::json!({
                "t": 1_762_459_845, "z": 0, "wt": id, "ev": what, "wn": EVIL, "cause": EVIL, "label": EVIL,
                "head": EVIL, "branch": EVIL, "named": EVIL, "attempt": EVIL, "commit": EVIL, "why": EVIL,
                "tried": "run", "step": EVIL, "status": 1, "output": EVIL,
                "files": [{"path": path, "kind": "staged", "what": "created", "id": EVIL, "git": EVIL,
                           "size": 5, "bak": format!("20251106_201045.{EVIL}")}],
            });
            add(&s, &line);
        }
    }
    every_command_shows_text(&s, "a.txt");
}

#[test]
fn settings_reach_no_terminal() {
    let s = Scratch::new();
    for key in [
        "bak.scope",
        "bak.maxBackups",
        "bak.exclude",
        "bak.location",
        "core.hooksPath",
        "bak.applyTest",
    ] {
        let setting = format!("{key}={EVIL}");
        for args in [&["list"][..], &["doctor"], &["install"], &["snapshot"], &["status"]] {
            let before = ["-c", &setting, "bak"];
            let all = before.iter().chain(args).copied();
            is_text(&s.try_git(all), &format!("{key} {args:?}"));
        }
    }
}
