//! log: what is shown of the record, and what the record lets go of.

use std::fs;

use serde_json::Value;

use crate::backup_files::{refused_commit, refusing, stage_and_fail};
#[cfg(unix)]
use crate::scratch::Ran;
use crate::scratch::Scratch;
use crate::vault::snapshot;

/// The events, newest first.
fn events(s: &Scratch, args: &[&str]) -> Vec<Value> {
    let ran = s.bak([&["log", "--json"], args].concat());
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(document["version"], 1);
    document["events"].as_array().unwrap().clone()
}

/// What happened, newest first; the same several times in a row once.
fn kinds(s: &Scratch, args: &[&str]) -> Vec<String> {
    let kind = |event: &Value| event["event"].as_str().unwrap().to_owned();
    let mut kinds: Vec<String> = events(s, args).iter().map(kind).collect();
    kinds.dedup();
    kinds
}

/// The same, without the backups that were found to be there.
fn changes(s: &Scratch, args: &[&str]) -> Vec<String> {
    kinds(s, args).into_iter().filter(|kind| kind != "duplicate").collect()
}

#[test]
fn every_event_is_shown_newest_first() {
    let s = refusing();
    s.git(["config", "bak.maxBackups", "1"]);
    stage_and_fail(&s, "b.txt", "1\n");
    refused_commit(&s);
    stage_and_fail(&s, "b.txt", "2\n");
    s.hook("pre-commit", "exit 0");
    s.git(["commit", "-qm", "second"]);
    s.write("b.txt", "damaged\n");
    s.bak(["restore", "b.txt", "--from", "@{1}"]);
    let mut expected = [
        "created",
        "duplicate",
        "created",
        "retired",
        "duplicate",
        "cleaned",
        "created",
        "restored",
    ];
    expected.reverse();
    assert_eq!(kinds(&s, &["b.txt"]), expected);
    assert_eq!(kinds(&s, &["b.txt", "-n", "2"]), expected[..2]);
    assert_eq!(kinds(&s, &["-n", "0"]), [""; 0]);
    s.advance(31 * 86_400);
    s.bak(["clean", "--vault", "b.txt"]);
    let newest = &events(&s, &["-n", "1"])[0];
    assert_eq!((&newest["event"], &newest["path"]), (&"expired".into(), &"b.txt".into()));
}

#[test]
fn an_event_says_when_what_which_how_large_and_for_which_commit() {
    let s = Scratch::new();
    s.write("dir/b.txt", "bee\n");
    s.git(["add", "dir"]);
    s.git(["commit", "-qm", "second"]);
    let found = events(&s, &["dir"]);
    let (cleaned, created) = (&found[0], found.last().unwrap());
    assert_eq!((&cleaned["path"], &created["path"]), (&"dir/b.txt".into(), &"dir/b.txt".into()));
    let id = crate::backup_files::blob_id(&s, b"bee\n");
    assert_eq!(created["artifact"], id[..8]);
    assert!(created["backup"].as_str().unwrap().starts_with("dir/b.txt.bak.20251106_2010"));
    assert_eq!((&created["size"], &created["commit"]), (&4.into(), &Value::Null));
    assert_eq!(cleaned["commit"], s.git(["rev-parse", "HEAD"]).stdout.trim());
    assert!(created["time"].as_str().unwrap().ends_with("+00:00"));
    let page = s.bak(["log", "dir"]).stdout;
    assert!(
        page.lines().all(|line| line.ends_with("  dir/b.txt") && line.contains(&id[..8])),
        "{page}"
    );
    assert!(page.lines().next().unwrap().contains("s ago  cleaned    "), "{page}");
}

#[test]
fn of_a_file_of_which_nothing_is_written_down_it_says_so() {
    let s = Scratch::new();
    let ran = s.try_bak(["log", "none"]);
    let words = "✗ none: there is no version of it: git bak list shows all\n";
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (1, "", words));
    let quiet = Scratch::empty();
    quiet.bak(["install"]);
    assert_eq!(quiet.bak(["log"]).stderr, "• nothing is recorded of it\n");
    assert_eq!(s.try_bak(["log", "../outside"]).status, 2);
    assert_eq!(s.try_bak(["log", "-n", "few"]).status, 2);
}

#[test]
fn it_takes_the_options_of_git_log() {
    let s = Scratch::new();
    for text in ["one\nfn lost() {}\n", "one\nmore\n", "one\nmore\nand more\n"] {
        s.write("a.txt", text);
        s.bak(["snapshot", "a.txt"]);
        s.advance(3600);
    }
    assert_eq!(events(&s, &["-2"]).len(), 2);
    assert_eq!(events(&s, &["a.txt", "-1"]), events(&s, &["-n", "1", "a.txt"]));
    let page = s.bak(["log", "-p", "-1"]).stdout;
    assert!(page.contains("\n+++ b/a.txt\n") && page.contains("\n more\n+and more\n"), "{page}");
    let page = s.bak(["log", "-p", "-S", "fn lost("]).stdout;
    assert_eq!(page.matches("fn lost() {}").count(), 2, "it came and it went: {page}");
    assert!(page.contains("\n-fn lost() {}\n+more\n") && !page.contains("and more"), "{page}");
    assert_eq!(events(&s, &["--since", "90m"]).len(), 1);
    assert_eq!(events(&s, &["--since", "150m", "-p"]).len(), 2);
    let ran = s.try_bak(["log", "--since", "banana"]);
    assert!(
        ran.status == 2 && ran.stderr.contains("--since: 'banana' is not a label, and "),
        "{ran:?}"
    );
    s.write("x.bin", b"\0");
    s.bak(["snapshot", "x.bin"]);
    assert!(s.bak(["log", "-p", "x.bin"]).stdout.contains("\nno text\n"));
    s.git(["config", "color.ui", "always"]);
    assert!(s.bak(["log", "-p", "-2"]).stdout.contains("\u{1b}[32m+and more\u{1b}[m\n"));
}

#[test]
fn each_worktree_sees_its_own_events() {
    let s = Scratch::new();
    let side = s.root().join("side");
    s.git(["worktree", "add", "-q", "-b", "side", side.to_str().unwrap()]);
    fs::write(side.join("a.txt"), "in side\n").unwrap();
    s.at(&side).bak(["snapshot", "a.txt"]);
    let there = s.at(&side).bak(["log"]).stdout;
    assert_eq!(there.lines().count(), 1, "{there}");
    assert_eq!(changes(&s, &[]), ["cleaned", "created"]);
}

#[test]
fn elsewhere_than_on_a_terminal_there_is_no_pager_and_no_colour() {
    let mut s = Scratch::new();
    s.set_env("GIT_PAGER", "touch paged");
    let plain = s.bak(["log"]);
    assert!(!s.exists("paged") && !plain.stdout.contains('\u{1b}'));
    s.git(["config", "color.ui", "always"]);
    assert!(s.bak(["log"]).stdout.contains("\u{1b}[32mcreated"));
    s.set_env("NO_COLOR", "1");
    assert!(!s.bak(["log"]).stdout.contains('\u{1b}'));
}

#[cfg(unix)]
/// What a command prints on a terminal of so many columns.
fn on_terminal(s: &Scratch, columns: usize, command: &str) -> String {
    let line = format!("stty cols {columns}; {command}");
    let mut script = s.command("script");
    let ran = Ran::of(&script.args(["-qec", &line, "/dev/null"]).output().unwrap());
    assert_eq!(ran.status, 0, "{ran:#?}");
    ran.stdout.replace('\r', "")
}

#[cfg(unix)]
#[test]
#[ignore = "needs script(1) and stty(1)"]
fn on_a_terminal_it_pages_as_git_does_and_fits() {
    let mut s = Scratch::new();
    s.set_env("TERM", "xterm");
    s.write(&format!("{}long.txt", "folder/".repeat(30)), "x\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "second"]);
    for columns in [60, 200] {
        let page = on_terminal(&s, columns, "NO_COLOR=1 git --no-pager bak log");
        assert_eq!(page.lines().map(|line| line.chars().count()).max(), Some(columns), "{page}");
    }
    let paged = on_terminal(&s, 80, "git -c core.pager='sed s/^/P:/' bak log -n 2");
    assert!(paged.lines().all(|line| line.starts_with("P:")), "{paged}");
    assert!(paged.contains("\u{1b}[3"), "{paged}");
    let paged = on_terminal(&s, 80, "GIT_PAGER='no-such-pager' git bak log -n 2");
    assert_eq!(paged.lines().count(), 2, "{paged}");
    assert!(on_terminal(&s, 80, "git bak log --json -n 1").starts_with('{'));
}

#[test]
fn what_is_older_than_a_year_is_let_go_by_the_fold() {
    for vault in ["true", "false"] {
        let s = Scratch::new();
        s.git(["config", "bak.vault", vault]);
        s.write("b.txt", "bee\n");
        s.bak(["snapshot", "b.txt"]);
        s.bak(["clean"]);
        s.advance(364 * 86_400);
        s.bak(["clean", "--vault"]);
        s.bak(["fold"]);
        let told = kinds(&s, &["b.txt"]);
        assert_eq!(told[told.len() - 2..], ["cleaned", "created"], "{vault}");
        s.advance(3 * 86_400);
        s.bak(["fold"]);
        // That it left the vault was told later, and stays as long.
        let told = kinds(&s, &["b.txt"]);
        assert!(told.iter().all(|kind| kind == "expired"), "{vault}: {told:?}");
    }
}

#[test]
fn how_long_it_remembers_is_a_setting() {
    let s = Scratch::new();
    snapshot(&s, "two\n");
    s.bak(["clean"]);
    s.git(["config", "bak.recordExpire", "never"]);
    s.advance(3000 * 86_400);
    s.bak(["clean", "--vault"]);
    s.bak(["fold"]);
    let from_then = || {
        let is_old = |event: &Value| event["time"].as_str().unwrap().starts_with("2025-");
        events(&s, &["a.txt"]).iter().any(is_old)
    };
    assert!(from_then());
    s.git(["config", "bak.recordExpire", "10.days"]);
    s.advance(2 * 86_400);
    s.bak(["fold"]);
    assert!(!from_then());
}

#[test]
fn what_is_said_of_a_backup_that_is_still_there_stays() {
    let s = Scratch::new();
    s.git(["config", "bak.cleanup", "never"]);
    snapshot(&s, "two\n");
    s.advance(400 * 86_400);
    s.git(["commit", "-q", "--allow-empty", "-m", "x"]);
    assert_eq!(s.backups("a.txt").len(), 1);
    assert_eq!(kinds(&s, &["a.txt"]).last().unwrap(), "created");
}
