//! The answer that post-index-change gives before the C library has begun, with the program as it is installed:
//! a build for development has no such entry.

use std::path::{Path, PathBuf};

use crate::scratch::{Ran, Scratch, script};

/// The program that install/build.sh has built, in a scratch repository where it is installed.
fn installed() -> (Scratch, PathBuf) {
    let s = Scratch::empty();
    let built =
        std::env::var_os("GIT_BAK_TEST_INSTALLED").expect("the program of install/build.sh");
    let program = s.root().join("installed/git-bak");
    // Not by this process: a child of another test could hold open for writing what is to be started.
    let copied = s.command("install").arg("-D").arg(built).arg(&program).status().unwrap();
    assert!(copied.success());
    install(&s, &program);
    s.write("a.txt", "one\n");
    s.git(["add", "a.txt"]);
    (s, program)
}

fn install(s: &Scratch, program: &Path) {
    let ran = Ran::of(&s.command(program).arg("install").output().unwrap());
    assert_eq!(ran.status, 0, "{ran:?}");
}

/// How often the heap grew in each run of post-index-change below this command. A C library that begins does
/// that first of all.
fn heaps(s: &Scratch, args: &[&str]) -> Vec<usize> {
    let log = s.root().join("calls");
    let mut strace = s.command("strace");
    strace.args(["-f", "-e", "trace=execve,brk", "-o"]).arg(&log).arg("git").args(args);
    assert!(strace.output().unwrap().status.success(), "{args:?}");
    let log = std::fs::read_to_string(log).unwrap();
    let mut runs: Vec<(&str, usize)> = Vec::new();
    for line in log.lines() {
        let Some((pid, call)) = line.split_once(' ') else { continue };
        if call.contains("execve(\".git/hooks/post-index-change\"") {
            runs.push((pid, 0));
        } else if call.trim_start().starts_with("brk(")
            && let Some((_, grown)) = runs.iter_mut().find(|(of, _)| *of == pid)
        {
            *grown += 1;
        }
    }
    runs.into_iter().map(|(_, grown)| grown).collect()
}

#[test]
#[ignore = "needs strace and the program of install/build.sh: .ci/run has both"]
fn a_commits_question_is_answered_before_the_c_library_begins() {
    let (s, _) = installed();
    s.git(["commit", "-qm", "first"]);
    s.write("a.txt", "two\n");
    let staged = heaps(&s, &["add", "a.txt"]);
    assert!(!staged.is_empty() && staged.iter().all(|grown| *grown > 0), "{staged:?}");
    assert_eq!(s.backup_texts("a.txt"), ["two\n"]);
    let committed = heaps(&s, &["commit", "-qm", "second"]);
    assert!(!committed.is_empty() && committed.iter().all(|grown| *grown == 0), "{committed:?}");
    assert!(s.all_backups().is_empty());
    s.write("a.txt", "two\n");
    let refreshed = heaps(&s, &["status"]);
    assert!(!refreshed.is_empty() && refreshed.iter().all(|grown| *grown == 0), "{refreshed:?}");
    let switched = heaps(&s, &["checkout", "-q", "HEAD~1"]);
    assert!(!switched.is_empty() && switched.iter().all(|grown| *grown == 0), "{switched:?}");
}

#[test]
#[ignore = "needs the program of install/build.sh: .ci/run builds it"]
fn what_is_staged_by_whatever_command_is_backed_up() {
    let (s, _) = installed();
    assert_eq!(s.backup_texts("a.txt"), ["one\n"]);
    s.git(["commit", "-qm", "first"]);
    s.write("commit", "two\n");
    s.git(["add", "commit"]);
    assert_eq!(s.backup_texts("commit"), ["two\n"]);
    s.git(["config", "alias.commits", "add"]);
    s.write("b.txt", "three\n");
    s.git(["commits", "b.txt"]);
    assert_eq!(s.backup_texts("b.txt"), ["three\n"]);
}

#[test]
#[ignore = "needs the program of install/build.sh: .ci/run builds it"]
fn the_users_own_hook_is_asked_as_without_us() {
    let asked = |with_us: bool| {
        let (s, program) = installed();
        s.git(["commit", "-qm", "first"]);
        Ran::of(&s.command(&program).arg("uninstall").output().unwrap()).expect_success();
        let hook = s.top().join(".git/hooks/post-index-change");
        script(&hook, "#!/bin/sh\necho \"$@\" >> .git/asked\n");
        if with_us {
            install(&s, &program);
            assert!(std::fs::read(&hook).unwrap().starts_with(b"\x7fELF"));
        }
        s.write("a.txt", "two\n");
        s.git(["add", "a.txt"]);
        s.git(["commit", "-qm", "second"]);
        s.git(["checkout", "-q", "HEAD~1"]);
        s.read(".git/asked")
    };
    let without = asked(false);
    assert!(without.contains("0 0\n") && without.contains("1 0\n"), "{without}");
    assert_eq!(asked(true), without);
}
