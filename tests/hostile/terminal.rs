//! Whatever a file, a worktree, a label, a record or a word is called, no command sends the terminal more
//! than text.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use rusqlite::{Connection, params};

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
        &["list", "--vault", "--all-worktrees"],
        &["list", "--vault", "--all-worktrees", "--json"],
        &["status"],
        &["status", "--json"],
        &["log"],
        &["log", "--json"],
        &["journal"],
        &["journal", "--json"],
        &["doctor"],
        &["doctor", "--json"],
        &["clean", "-n"],
        &["clean", "-n", "--expired"],
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
    let tree = s.git(["rev-parse", "HEAD^{tree}"]).stdout.trim().to_owned();
    let mktree = |entry: &str| {
        let line = "printf '%s\\0' \"$1\" | git mktree -z";
        let ran = s.command("sh").args(["-c", line, "sh", entry]).output().unwrap();
        Ran::of(&ran).expect_success().stdout.trim().to_owned()
    };
    let root = s.git(["rev-parse", "refs/bak/vault"]).stdout.trim().to_owned();
    let hour = mktree(&format!("040000 tree {tree}\t1045@w{EVIL}"));
    let day = mktree(&format!("040000 tree {hour}\t20"));
    let line = format!(
        "{{ git ls-tree -z {root}; printf '040000 tree {day}\\t20240101\\0'; }} | git mktree -z"
    );
    let with_it =
        Ran::of(&s.command("sh").args(["-c", &line]).output().unwrap()).expect_success().stdout;
    s.git(["update-ref", "refs/bak/vault", with_it.trim()]);
    let ran = s.bak(["clean", "-n", "--expired"]);
    assert!(ran.stdout.contains("20240101/20/1045@w"), "{ran:?}");
    every_command_shows_text(&s, "a.txt");
}

#[test]
fn what_stands_in_the_ledger_reaches_no_terminal() {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    s.bak(["snapshot", "-m", "good"]);
    let ledger = Connection::open(s.top().join(".git/bak/ledger.db")).unwrap();
    let event = "INSERT INTO event (worktree, time, zone, event, path, backup, blob, size, kind, label, commit_id)
                 VALUES (x'', 1762459845, 0, ?1, x'612e747874', ?2, ?3, 5, 'staged', ?3, ?3)";
    for what in ["created", "cleaned", "restored"] {
        ledger.execute(event, params![what, EVIL.as_bytes(), EVIL]).unwrap();
        ledger.execute(event, params![what, None::<Vec<u8>>, EVIL]).unwrap();
    }
    let attempt =
        "INSERT INTO attempt (worktree, kind, began, zone, state, step, status, commit_id, output)
                   VALUES (x'', ?1, 1762459845, 0, ?2, ?3, 1, ?3, ?4)";
    for (kind, state) in
        [("commit", "succeeded"), ("apply", "failed"), ("run", "failed"), ("commit", "failed")]
    {
        ledger.execute(attempt, params![kind, state, EVIL, EVIL.as_bytes()]).unwrap();
    }
    ledger
        .execute_batch(
            "INSERT INTO failed_file SELECT id, x'612e747874' FROM attempt;
                          UPDATE event SET attempt = 1;",
        )
        .unwrap();
    every_command_shows_text(&s, "a.txt");
}

#[test]
fn what_stands_in_the_files_of_attempts_reaches_no_terminal() {
    let s = Scratch::new();
    let record = format!(
        "git-bak attempt 1\0began\x001762459845\x000\0process\x004194300\x001\0failed\0{EVIL}\x001\0\
         event\0created\x001762459845\x000\0a.txt\0{EVIL}\0{EVIL}\x001\x00420\0staged\0{EVIL}\0{EVIL}\0"
    );
    s.write(".git/bak/attempts/1-1", &record);
    every_command_shows_text(&s, "a.txt");
    let s = Scratch::new();
    s.write(".git/bak/attempts/1-1", &record);
    s.write("a.txt", "two\n");
    is_text(&s.git(["commit", "-qam", "x"]), "a commit");
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
