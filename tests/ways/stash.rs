//! Work that is put aside around a commit.

use super::{git, staged};
use crate::pair::{Pair, left};

#[test]
fn a_commit_between_stash_and_pop_is_as_without_us() {
    let ways: [&[&str]; 4] = [
        &["stash", "push", "-m", "aside"],
        &["stash", "push", "--keep-index"],
        &["stash", "push", "--include-untracked"],
        &["stash", "push", "b.txt"],
    ];
    for way in ways {
        let pair = Pair::new();
        pair.write("b.txt", "aside\n");
        pair.write("new.txt", "untracked\n");
        pair.same(|scratch| scratch.try_git(way)).expect_success();
        pair.write("a.txt", "two\n");
        let untracked = pair.with.exists("new.txt");
        if way.contains(&"b.txt") {
            // To stash some paths Git runs `git add` for them: that is staging, too.
            let versions = ["a.txt=two|", "b.txt=aside|"];
            pair.commits(versions, git(["commit", "-am", "second"]));
        } else {
            pair.commits(["a.txt=two|"], git(["commit", "-am", "second"]));
        }
        pair.git(["stash", "list"]);
        pair.git(["stash", "pop"]);
        assert_eq!(pair.with.read("b.txt"), "aside\n");
        assert!(untracked || pair.with.exists("new.txt"));
        pair.commits(["b.txt=aside|"], git(["commit", "-am", "third"]));
    }
}

#[test]
fn a_stash_after_a_failed_commit_leaves_its_backups_beside() {
    for args in [["stash", "-u"], ["stash", "--all"]] {
        let pair = staged();
        pair.hook("commit-msg", "exit 1");
        pair.try_git(["commit", "-m", "fails"]);
        if args[1] == "--all" {
            // What is ignored goes into such a stash, backups too: what Git shows differs by them.
            pair.each(|scratch| drop(scratch.git(args)));
            assert!(left(&pair.with.root()).is_empty());
            pair.with.git(["stash", "pop", "-q"]);
        } else {
            pair.git(args);
        }
        assert_eq!(pair.with.backup_texts("a.txt"), ["two\n"]);
        assert!(pair.with.vault_has("a.txt", "two\n"));
    }
}

#[test]
fn a_pop_that_conflicts_is_resolved_and_committed() {
    let pair = Pair::new();
    pair.write("a.txt", "aside\n");
    pair.git(["stash"]);
    pair.write("a.txt", "two\n");
    pair.git(["commit", "-qam", "second"]);
    assert_eq!(pair.try_git(["stash", "pop"]).status, 1);
    pair.write("a.txt", "resolved\n");
    pair.commits(["a.txt=resolved|"], git(["commit", "-am", "third"]));
    pair.git(["stash", "drop"]);
}

#[test]
fn a_hook_that_stashes_as_hook_managers_do_is_as_without_us() {
    let pair = staged();
    pair.write("b.txt", "unstaged\n");
    let body = "git stash push -q --keep-index && git stash list && git stash pop -q";
    pair.hook("pre-commit", body);
    pair.commits(["a.txt=two|", "b.txt=unstaged|"], git(["commit", "-m", "second"]));
    assert_eq!(pair.with.read("b.txt"), "unstaged\n");
}

#[test]
fn an_autostash_around_a_merge_is_as_without_us() {
    let pair = Pair::new();
    pair.git(["checkout", "-qb", "other"]);
    pair.write("theirs.txt", "theirs\n");
    pair.git(["add", "."]);
    pair.git(["commit", "-qm", "theirs"]);
    pair.git(["checkout", "-q", "main"]);
    pair.write("b.txt", "aside\n");
    pair.git(["merge", "--autostash", "--no-ff", "--no-edit", "other"]);
    assert_eq!(pair.with.read("b.txt"), "aside\n");
    pair.commits(["b.txt=aside|"], git(["commit", "-am", "third"]));
}
