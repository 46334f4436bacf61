//! The commit of an upgrade: exactly its files, through the hooks.

use std::fs;

use super::{apply, assert_nothing_left, failures, files, rich, tree};

#[test]
fn exactly_the_files_of_the_patch_are_committed() {
    let s = rich();
    s.write("a.txt", "staged\n");
    s.git(["add", "a.txt"]);
    s.write("crumb", "untracked\n");
    let ran = apply(&s, &["--commit", "-m", "All", "../all.patch"]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert_eq!(s.git(["status", "--porcelain"]).stdout, "M  a.txt\n?? crumb\n");
    let listed = s.git(["show", "--name-status", "-M", "--format=", "HEAD"]).stdout;
    assert_eq!(listed.lines().count(), 13, "{listed}");
    assert!(listed.contains("R") && listed.contains("A\tnew/tool"), "{listed}");
    assert!(!listed.contains("a.txt"), "{listed}");
    let backups = s.all_backups();
    assert!(backups.iter().all(|name| name.starts_with("a.txt.bak.")), "{backups:?}");
    assert_nothing_left(&s);
}

#[test]
fn an_ignored_file_of_the_patch_is_committed_too() {
    let s = rich();
    fs::write(s.top().join(".git/info/exclude"), "new/\n").unwrap();
    assert_eq!(apply(&s, &["--commit", "-m", "All", "../all.patch"]).status, 0);
    assert_eq!(s.git(["ls-files", "new"]).stdout, "new/deep/created.txt\nnew/tool\n");
}

#[test]
fn a_hook_that_says_no_leaves_the_changes_and_says_how_to_go_on_and_back() {
    for hook in ["pre-commit", "commit-msg"] {
        let s = rich();
        let before = tree(s.top());
        s.write("a.txt", "staged\n");
        s.git(["add", "a.txt"]);
        s.hook(hook, "test -e ../ok || { echo 'line too long' >&2; exit 1; }");
        let ran = apply(&s, &["--commit", "-m", "All", "../all.patch"]);
        assert_eq!(ran.status, 1, "{ran:#?}");
        assert!(ran.stderr.contains("git bak apply --abort") && ran.stderr.contains("--continue"));
        assert_eq!(s.read("modified.txt"), "one\nTWO\nthree\nfour\n");
        assert_eq!(s.git(["diff", "--cached", "--name-only"]).stdout, "a.txt\n", "{hook}");
        assert!(s.git(["status", "--porcelain"]).stdout.contains("?? empty\n"), "{hook}");
        assert!(s.backup_texts("modified.txt").contains(&"one\ntwo\nthree\n".to_owned()));
        let failed = failures(&s).into_iter().find(|failure| failure["kind"] == "apply").unwrap();
        assert_eq!((&failed["step"], &failed["status"]), (&"commit".into(), &1.into()));
        assert!(failed["output"].as_str().unwrap().contains("line too long"), "{failed}");
        let back = apply(&s, &["--abort"]);
        assert_eq!(back.status, 0, "{back:#?}");
        let mut after = tree(s.top());
        after.insert("a.txt".into(), before["a.txt"].clone());
        assert_eq!(after, before, "{hook}");

        let ran = apply(&s, &["--commit", "-m", "All", "../all.patch"]);
        assert_eq!(ran.status, 1, "{ran:#?}");
        fs::write(s.root().join("ok"), "").unwrap();
        let ran = apply(&s, &["--continue"]);
        assert_eq!(ran.status, 0, "{ran:#?}");
        assert_eq!(s.git(["status", "--porcelain"]).stdout, "M  a.txt\n");
        assert_nothing_left(&s);
    }
}

#[test]
fn committed_by_hand_after_a_hook_said_no_it_is_done() {
    let s = rich();
    s.hook("commit-msg", "test -e ../ok");
    assert_eq!(apply(&s, &["--commit", "-m", "All", "../all.patch"]).status, 1);
    let expected = files(s.top());
    fs::write(s.root().join("ok"), "").unwrap();
    s.git(["add", "-A"]);
    s.git(["commit", "-qm", "by hand"]);
    let ran = s.bak(["status"]);
    assert!(ran.stderr.contains("is committed"), "{ran:#?}");
    assert_eq!(s.bak(["status"]).stderr, "");
    assert_eq!(files(s.top()), expected);
    assert!(s.all_backups().is_empty());
    assert_nothing_left(&s);
}

#[test]
fn what_a_test_command_formats_is_committed_as_it_is_then() {
    let s = rich();
    let ran =
        apply(&s, &["--test", "echo tidy >>modified.txt", "--commit", "-m", "x", "../all.patch"]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert!(s.git(["show", "HEAD:modified.txt"]).stdout.ends_with("tidy\n"));
}

#[test]
fn with_cleanup_never_the_backups_stay() {
    let s = rich();
    s.git(["config", "bak.cleanup", "never"]);
    assert_eq!(apply(&s, &["--commit", "-m", "x", "../all.patch"]).status, 0);
    assert!(s.backup_texts("modified.txt").contains(&"one\ntwo\nthree\n".to_owned()));
}
