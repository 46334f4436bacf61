//! The journal: what failed, and what came of it.

use git_bak::git::repository::Repository;
use git_bak::model::events::failure::{Failure, Tried};
use git_bak::model::events::line::Line;
use git_bak::model::names::repo_path::RepoPath;
use git_bak::record::Record;
use serde_json::Value;

use crate::scratch::{Ran, Scratch};

/// The failures, newest first.
fn failures(s: &Scratch, args: &[&str]) -> Vec<Value> {
    let ran = s.bak([&["journal", "--json"], args].concat());
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(document["version"], 1);
    document["failures"].as_array().unwrap().clone()
}

/// A commit of everything that is tracked, which may fail.
fn try_commit(s: &Scratch, path: &str, text: &str) -> Ran {
    s.write(path, text);
    s.git(["add", path]);
    s.try_git(["commit", "-qm", "x"])
}

fn path(name: &str) -> RepoPath {
    RepoPath::from_bytes(name.as_bytes().to_vec()).unwrap()
}

/// Writes a failure down as apply and run do.
fn record(s: &Scratch, tried: Tried, time: i64, files: &[&str], output: &str) {
    let repository = Repository::discover(s.top()).unwrap();
    let failure = Failure {
        time,
        offset: 3600,
        tried,
        step: "test".into(),
        status: Some(3),
        files: files.iter().map(|name| path(name)).collect(),
        output: output.into(),
    };
    write_down(&repository, &failure);
}

fn write_down(repository: &Repository, failure: &Failure) {
    let now = "2025-11-06T20:10:45+01:00".parse().unwrap();
    let mut line = Line::of_failure(failure);
    let line = std::slice::from_mut(&mut line);
    Record::of(repository).append(line, &now, &mut || Ok(())).unwrap();
}

#[test]
fn nothing_has_failed_where_nothing_has() {
    let s = Scratch::new();
    assert!(failures(&s, &[]).is_empty());
    let ran = s.bak(["journal"]);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", "• no failures\n"));
}

#[test]
fn a_hook_that_refuses_is_named_with_its_status_and_the_files_of_the_commit() {
    let s = Scratch::new();
    s.hook("pre-commit", "exit 7");
    s.write("a.txt", "unstaged\n");
    try_commit(&s, "b.txt", "bee\n");
    let found = failures(&s, &[]);
    assert_eq!(found.len(), 1);
    let failure = &found[0];
    assert_eq!(failure["kind"], "commit");
    assert_eq!((&failure["step"], &failure["status"]), (&"pre-commit hook".into(), &7.into()));
    assert_eq!(
        failure["files"],
        serde_json::json!(["b.txt"]),
        "what was not staged has no part in it"
    );
    assert_eq!((&failure["output"], &failure["ended_by"]), (&"".into(), &Value::Null));
    assert!(failure["time"].as_str().unwrap().starts_with("2025-11-06T20:1"), "{failure}");
}

#[test]
fn what_fails_without_a_hook_of_ours_is_not_completed() {
    let s = Scratch::new();
    let mut ways = 0;
    s.write("a.txt", "two\n");
    for (config, args) in [
        ("core.editor=false", vec!["commit", "-qa"]),
        ("user.email=x", vec!["commit", "-qa", "-m", ""]),
        ("gpg.program=false", vec!["commit", "-qa", "-S", "-m", "x"]),
    ] {
        let ran = Ran::of(
            &s.command("git")
                .env_remove("GIT_EDITOR")
                .args(["-c", config])
                .args(args)
                .output()
                .unwrap(),
        );
        assert_ne!(ran.status, 0, "{config}");
        ways += 1;
        let found = failures(&s, &[]);
        assert_eq!(found.len(), ways, "{config}");
        assert_eq!(
            (&found[0]["step"], &found[0]["status"]),
            (&"not completed".into(), &Value::Null)
        );
    }
    let page = s.bak(["journal"]).stdout;
    assert!(page.starts_with("commit: not completed (another hook, "), "{page}");
    assert!(page.lines().next().unwrap().ends_with("  3 times"), "{page}");
}

#[test]
fn the_same_cause_is_told_once_with_what_ended_it() {
    let s = Scratch::new();
    s.hook("pre-commit", "exit 1");
    try_commit(&s, "b.txt", "1\n");
    s.advance(3600);
    try_commit(&s, "c.txt", "2\n");
    assert!(s.bak(["journal"]).stdout.contains("\n  ended  not yet\n"));
    s.hook("pre-commit", "exit 0");
    s.git(["commit", "-qm", "through"]);
    let page = s.bak(["journal"]).stdout;
    let lines: Vec<&str> = page.lines().collect();
    assert_eq!(lines[0], "commit: pre-commit hook, status 1  2 times");
    assert!(
        lines[1].starts_with("  when   ") && lines[1].ends_with("s ago, first 1h ago"),
        "{page}"
    );
    assert_eq!(lines[2], "  files  b.txt (2), c.txt (1)");
    let commit = &s.git(["rev-parse", "HEAD"]).stdout[..8];
    assert!(lines[3].starts_with(&format!("  ended  by commit {commit} ")), "{page}");
    assert_eq!(lines.len(), 4);
    assert!(
        failures(&s, &[])
            .iter()
            .all(|failure| failure["ended_by"].as_str().unwrap().starts_with(commit))
    );
}

#[test]
fn a_commit_that_ran_no_hooks_ends_it_too() {
    let s = Scratch::new();
    s.hook("pre-commit", "exit 1");
    try_commit(&s, "b.txt", "1\n");
    // History's clock is its own: the scratch one is far behind it.
    s.git(["commit", "-qnm", "without hooks"]);
    let commit = s.git(["rev-parse", "HEAD"]).stdout;
    assert_eq!(failures(&s, &[])[0]["ended_by"], commit.trim());
    try_commit(&s, "c.txt", "another file\n");
    let found = failures(&s, &["c.txt"]);
    assert_eq!((found.len(), &found[0]["ended_by"]), (1, &Value::Null));
}

#[test]
fn a_commit_under_way_has_not_failed() {
    let s = Scratch::new();
    s.hook("pre-commit", "git bak journal --json >seen.json");
    try_commit(&s, "b.txt", "1\n");
    let seen: Value = serde_json::from_str(&s.read("seen.json")).unwrap();
    assert_eq!(seen["failures"], serde_json::json!([]));
}

#[test]
fn only_failures_of_the_named_files_are_shown() {
    let s = Scratch::new();
    s.hook("pre-commit", "exit 1");
    try_commit(&s, "dir/b.txt", "1\n");
    s.git(["rm", "-q", "--cached", "dir/b.txt"]);
    try_commit(&s, "c.txt", "1\n");
    assert_eq!(failures(&s, &[]).len(), 2);
    for (args, files) in [("dir", "dir/b.txt"), ("dir/b.txt", "dir/b.txt"), ("c.txt", "c.txt")] {
        let found = failures(&s, &[args]);
        assert_eq!((found.len(), &found[0]["files"][0]), (1, &files.into()), "{args}");
    }
    assert!(failures(&s, &["none"]).is_empty());
}

#[test]
fn apply_and_run_are_written_down_with_what_they_printed() {
    let s = Scratch::new();
    record(
        &s,
        Tried::Apply,
        1_762_459_900,
        &["a.txt", "b.txt"],
        "x\n\u{1b}[31m1 failed in 0.31s\u{1b}[0m\n",
    );
    record(&s, Tried::Apply, 1_762_459_910, &["b.txt"], "1 failed in 12.5s\n");
    record(&s, Tried::Run, 1_762_459_905, &["b.txt"], "");
    s.advance(120);
    let found = failures(&s, &[]);
    let kinds: Vec<&str> = found.iter().map(|failure| failure["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["apply", "run", "apply"]);
    assert_eq!(found[2]["output"], "x\n1 failed in 0.31s\n");
    assert_eq!(found[2]["time"], "2025-11-06T21:11:40+01:00");
    let page = s.bak(["journal"]).stdout;
    assert!(page.starts_with("apply: test, status 3  2 times\n"), "{page}");
    assert!(
        page.contains("\n  files  b.txt (2), a.txt (1)\n  says   1 failed in 12.5s\n"),
        "{page}"
    );
    assert_eq!(s.bak(["status", "--json"]).stdout.matches("\"state\": \"none\"").count(), 1);
}

#[test]
fn what_is_printed_can_do_nothing_to_a_terminal() {
    let s = Scratch::new();
    record(
        &s,
        Tried::Run,
        1_762_459_840,
        &["a.txt"],
        "fine\n\u{1b}]0;title\u{7} and \u{1b}[2Jmore\n",
    );
    let page = s.bak(["journal"]).stdout;
    assert!(page.contains("  says   ") && !page.contains(['\u{1b}', '\u{7}']), "{page}");
}

#[cfg(unix)]
#[test]
fn a_name_that_is_not_utf_8_is_given_exactly_too() {
    let s = Scratch::new();
    let repository = Repository::discover(s.top()).unwrap();
    let failure = Failure {
        time: 1,
        offset: 0,
        tried: Tried::Run,
        step: "command".into(),
        status: None,
        files: vec![RepoPath::from_bytes(b"\xff".to_vec()).unwrap()],
        output: Vec::new(),
    };
    write_down(&repository, &failure);
    let found = failures(&s, &[]);
    assert_eq!(found[0]["files_bytes"], serde_json::json!(["/w=="]));
}

#[test]
fn what_a_test_printed_of_a_forgotten_file_goes_with_it() {
    let s = Scratch::new();
    s.write("b.txt", "hunter2\n");
    s.bak(["snapshot", "b.txt"]);
    record(&s, Tried::Apply, 1_762_459_900, &["b.txt"], "b.txt:1: password = hunter2\n");
    record(&s, Tried::Apply, 1_762_459_910, &["c.txt"], "of another file\n");
    s.bak(["forget", "--yes", "b.txt"]);
    let outputs: Vec<Value> = failures(&s, &[]).iter().map(|it| it["output"].clone()).collect();
    assert_eq!(outputs, ["of another file\n", ""]);
    assert!(!s.record().iter().any(|line| line.to_string().contains("hunter2")));
}

#[test]
fn failures_are_forgotten_with_the_rest_of_the_record() {
    let s = Scratch::new();
    s.hook("pre-commit", "exit 1");
    try_commit(&s, "b.txt", "1\n");
    s.hook("pre-commit", "exit 0");
    s.git(["commit", "-qm", "through"]);
    assert_eq!(failures(&s, &[]).len(), 1);
    s.advance(366 * 86_400);
    s.bak(["clean", "--vault"]);
    s.bak(["fold"]);
    assert!(failures(&s, &[]).is_empty());
}
