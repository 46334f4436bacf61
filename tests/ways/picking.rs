//! In the middle of a merge, a cherry-pick, a revert or a bisection: what is refused, given up and taken up
//! again.

use super::{git, with_env};
use crate::pair::{Pair, left};

/// Branches that both changed `a.txt`; `other` has two commits, and `new.txt` in the second.
fn diverged() -> Pair {
    let pair = Pair::new();
    pair.git(["checkout", "-qb", "other"]);
    pair.write("a.txt", "theirs\n");
    pair.git(["commit", "-qam", "theirs"]);
    pair.write("new.txt", "new\n");
    pair.git(["add", "."]);
    pair.git(["commit", "-qm", "new"]);
    pair.git(["checkout", "-q", "main"]);
    pair.write("a.txt", "ours\n");
    pair.git(["commit", "-qam", "ours"]);
    pair.seen();
    pair
}

/// The command has stopped; a commit in the middle of it failed.
fn stopped(args: &'static [&'static str]) -> Pair {
    let pair = diverged();
    assert_eq!(pair.same(|scratch| scratch.try_git(args)).status, 1);
    assert_eq!(pair.try_git(["commit", "-m", "unmerged"]).status, 128);
    assert!(left(&pair.with.root()).is_empty());
    pair.write("a.txt", "resolved\n");
    pair.git(["add", "a.txt"]);
    pair.hook("commit-msg", "exit 1");
    assert_eq!(pair.try_git(["commit", "--no-edit"]).status, 1);
    assert_eq!(pair.with.backup_texts("a.txt"), ["resolved\n"]);
    pair.hook("commit-msg", "exit 0");
    pair.seen();
    pair
}

const STOPPING: [&[&str]; 3] = [
    &["merge", "--no-edit", "other~1"],
    &["cherry-pick", "-x", "other~1", "other"],
    &["revert", "--no-edit", "HEAD~1", "HEAD"],
];

#[test]
fn what_is_refused_in_the_middle_is_refused_alike() {
    let pair = stopped(STOPPING[0]);
    for args in [["commit", "-m", "x", "-o", "a.txt"], ["commit", "--amend", "-a", "-m", "x"]] {
        assert_eq!(pair.try_git(args).status, 128);
    }
    let pair = stopped(STOPPING[1]);
    assert_eq!(pair.try_git(["commit", "--amend", "-m", "x"]).status, 128);
}

#[test]
fn what_was_backed_up_survives_an_abort() {
    for way in STOPPING {
        let pair = stopped(way);
        pair.git([way[0], "--abort"]);
        assert_eq!(pair.with.backup_texts("a.txt"), ["resolved\n"], "{way:?}");
        assert!(pair.with.vault_has("a.txt", "resolved\n"));
    }
}

#[test]
fn a_sequence_goes_on_after_a_commit_by_hand_or_is_given_up() {
    for end in ["--continue", "--skip", "--quit"] {
        let pair = stopped(STOPPING[1]);
        if end == "--continue" {
            pair.git(["commit", "--no-edit"]);
            assert!(left(&pair.with.root()).is_empty());
        }
        pair.git(["cherry-pick", end]);
        assert_eq!(pair.with.exists("new.txt"), end != "--quit");
        assert!(pair.with.vault_has("a.txt", "resolved\n"));
    }
}

#[test]
fn a_merge_is_committed_in_every_form() {
    let ways: [&[&str]; 4] = [
        &["commit", "--no-edit"],
        &["commit", "-am", "all"],
        &["commit", "-m", "and", "-i", "b.txt"],
        &["commit", "-F", "b.txt", "--no-verify"],
    ];
    for way in ways {
        let pair = stopped(STOPPING[0]);
        pair.same(|scratch| scratch.try_git(way)).expect_success();
        assert!(left(&pair.with.root()).is_empty());
        assert!(pair.with.vault_has("a.txt", "resolved\n"));
    }
}

#[test]
fn merges_that_need_no_resolution_are_as_without_us() {
    let ways: [&[&str]; 5] = [
        &["merge", "-s", "ours", "-m", "ours", "other"],
        &["merge", "-X", "theirs", "--no-edit", "--log", "other"],
        &["merge", "--no-commit", "-s", "ours", "other"],
        &["merge", "--squash", "-X", "ours", "other"],
        &["merge", "-m", "octopus", "-s", "ours", "other", "other~1"],
    ];
    for way in ways {
        let pair = diverged();
        pair.same(|scratch| scratch.try_git(way)).expect_success();
        pair.try_git(["commit", "-m", "the rest"]);
        assert!(left(&pair.with.root()).is_empty());
    }
}

#[test]
fn a_merge_that_may_not_commit_is_backed_up_when_it_is_committed() {
    let pair = diverged();
    pair.git(["merge", "-X", "ours", "--no-commit", "other"]);
    pair.write("new.txt", "changed in the merge\n");
    pair.git(["add", "new.txt"]);
    pair.commits(["new.txt=changed in the merge|"], git(["commit", "--no-edit"]));
}

#[test]
fn picks_and_reverts_with_an_editor_are_as_without_us() {
    let ways: [&[&str]; 5] = [
        &["cherry-pick", "-e", "other"],
        &["cherry-pick", "-xs", "other"],
        &["cherry-pick", "--allow-empty", "--keep-redundant-commits", "HEAD"],
        &["revert", "HEAD"],
        &["revert", "--no-edit", "--strategy=ort", "HEAD~1..HEAD"],
    ];
    let editor = "sh -c 'echo edited >>\"$1\"' sh";
    for way in ways {
        let pair = diverged();
        pair.same(with_env("GIT_EDITOR", editor, way)).expect_success();
        assert!(left(&pair.with.root()).is_empty());
    }
}

#[test]
fn a_revert_that_is_not_committed_is_backed_up_when_it_is() {
    let pair = diverged();
    pair.git(["revert", "--no-commit", "HEAD"]);
    pair.commits(["a.txt=one|"], git(["commit", "--no-edit"]));
    pair.git(["revert", "--no-commit", "HEAD"]);
    pair.write("a.txt", "reverted and changed\n");
    let versions = ["a.txt=ours|", "a.txt=reverted and changed|"];
    pair.commits(versions, git(["commit", "-a", "--no-edit"]));
}

#[test]
fn a_bisection_with_commits_in_it_is_as_without_us() {
    let pair = Pair::new();
    for n in ["2", "3", "4", "5"] {
        pair.write("b.txt", n);
        pair.git(["commit", "-qam", n]);
    }
    pair.git(["bisect", "start", "HEAD", "HEAD~4"]);
    pair.write("a.txt", "two\n");
    pair.commits(["a.txt=two|"], git(["commit", "-am", "a fix to try"]));
    pair.git(["bisect", "good"]);
    pair.git(["bisect", "reset"]);
    pair.git(["bisect", "start", "HEAD", "HEAD~4"]);
    pair.git(["bisect", "run", "grep", "-q", "[23]", "b.txt"]);
    pair.git(["bisect", "reset"]);
    assert!(left(&pair.with.root()).is_empty());
}
