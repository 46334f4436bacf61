//! A step that fails: every file is as it was, byte for byte and with its mode.

use std::fs;

use super::{apply, assert_nothing_left, chmod, failures, rich, tree};

#[test]
fn a_step_that_fails_leaves_the_tree_as_it_was() {
    for step in ["--validate", "--reload", "--test"] {
        let s = rich();
        let before = tree(s.top());
        let ran = apply(&s, &[step, "exit 7", "../all.patch"]);
        assert_eq!(ran.status, 1, "{step}: {ran:#?}");
        assert_eq!(tree(s.top()).keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
        assert_eq!(tree(s.top()), before, "{step}");
        assert_eq!(s.git(["status", "--porcelain"]).stdout, "");
        assert_nothing_left(&s);
        let failed = &failures(&s)[0];
        assert_eq!((&failed["step"], &failed["status"]), (&step[2..].into(), &7.into()));
    }
}

#[test]
fn the_steps_see_the_files_changed_and_in_their_order() {
    let s = rich();
    let look = "printf '%s ' \"$(cat modified.txt | wc -l)\" >>../seen; test ! -e old.txt";
    let ran = apply(&s, &["--reload", look, "--test", look, "../all.patch"]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert_eq!(fs::read_to_string(s.root().join("seen")).unwrap(), "4 4 ");
    let ran = apply(&s, &["--reload", "exit 1", "--test", "touch ../tested", "../all.patch"]);
    assert_eq!(ran.status, 1);
    assert!(!s.root().join("tested").exists(), "a reload that failed is not tested");
}

#[test]
fn uncommitted_edits_are_put_back_as_they_were() {
    let s = rich();
    s.write("old.txt", "a\nb\nc\nd\ne\nf\ng\nh\nuncommitted\n");
    chmod(&s, "old.txt", 0o640);
    s.write("untracked", "untracked\n");
    let before = tree(s.top());
    let ran = apply(&s, &["--test", "exit 1", "../all.patch"]);
    assert_eq!((ran.status, tree(s.top())), (1, before), "{ran:#?}");
}

#[test]
fn what_was_written_meanwhile_is_in_the_vault() {
    let s = rich();
    let before = tree(s.top());
    let test = "echo typed >>modified.txt; echo made >>new/deep/created.txt; echo back >old.txt; \
                rm empty; exit 1";
    let ran = apply(&s, &["--test", test, "../all.patch"]);
    assert_eq!((ran.status, tree(s.top())), (1, before), "{ran:#?}");
    assert!(s.vault_has("modified.txt", "one\nTWO\nthree\nfour\ntyped\n"));
    assert!(s.vault_has("new/deep/created.txt", "created\nmade\n"));
    assert!(s.vault_has("old.txt", "back\n"));
    assert!(ran.stderr.contains("modified.txt: it was changed meanwhile"), "{ran:#?}");
    assert_nothing_left(&s);
}

#[test]
fn what_others_put_into_a_new_folder_stays() {
    let s = rich();
    let ran = apply(&s, &["--test", "echo log >new/deep/log; exit 1", "../all.patch"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert_eq!(s.read("new/deep/log"), "log\n");
    assert!(!s.exists("new/deep/created.txt") && !s.exists("new/tool"));
}

#[test]
fn a_file_whose_place_was_taken_is_named_and_abort_puts_it_back_later() {
    let s = rich();
    let before = tree(s.top());
    let test = "rm modified.txt && mkdir modified.txt && touch modified.txt/x; exit 1";
    let ran = apply(&s, &["--test", test, "../all.patch"]);
    assert_eq!(ran.status, 3, "{ran:#?}");
    assert!(ran.stderr.contains("✗ modified.txt: not put back"), "{ran:#?}");
    assert!(s.bak(["status"]).stderr.contains("git bak apply --abort"));
    fs::remove_dir_all(s.top().join("modified.txt")).unwrap();
    assert_eq!(apply(&s, &["--abort"]).status, 0);
    assert_eq!(tree(s.top()), before);
    assert_nothing_left(&s);
}

#[test]
fn without_a_vault_everything_is_put_back_all_the_same() {
    let s = rich();
    s.git(["config", "bak.vault", "false"]);
    s.git(["config", "bak.maxBackups", "1"]);
    let before = tree(s.top());
    let ran = apply(&s, &["--test", "exit 1", "../all.patch"]);
    assert_eq!((ran.status, tree(s.top())), (1, before), "{ran:#?}");
}

#[test]
fn the_backups_stay_after_a_rollback() {
    let s = rich();
    apply(&s, &["--test", "exit 1", "../all.patch"]);
    assert_eq!(s.backup_texts("modified.txt"), ["one\ntwo\nthree\n"]);
    s.git(["commit", "-q", "--allow-empty", "-m", "next"]);
    assert!(s.all_backups().is_empty(), "the next commit cleans up");
}

#[test]
fn what_a_failed_step_has_left_running_is_ended() {
    let s = rich();
    let test = "(sleep 60; echo late >>modified.txt) & echo $! >../pid; exit 1";
    let ran = apply(&s, &["--test", test, "../all.patch"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    let pid = fs::read_to_string(s.root().join("pid")).unwrap();
    assert!(!super::is_running(pid.trim()), "{pid} still runs");
}

#[test]
fn what_a_reload_has_started_goes_on_and_is_not_waited_for() {
    let s = rich();
    let reload = "sleep 60 & echo $! >../pid";
    let ran = apply(&s, &["--reload", reload, "../all.patch"]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    let pid = fs::read_to_string(s.root().join("pid")).unwrap();
    assert!(super::is_running(pid.trim()), "the server that was reloaded");
    s.command("kill").arg(pid.trim()).status().unwrap();
}
