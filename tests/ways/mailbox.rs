//! In the middle of `git am`.

use super::git;
use crate::pair::{Pair, left};

/// A mailbox of two patches, the first of which conflicts with `a.txt`.
fn conflicting() -> Pair {
    let pair = Pair::new();
    pair.git(["checkout", "-qb", "other"]);
    for (text, name) in [("theirs\n", "a.txt"), ("new\n", "new.txt")] {
        pair.write(name, text);
        pair.git(["add", "."]);
        pair.git(["commit", "-qm", name]);
    }
    pair.each(|scratch| {
        let patches = scratch.git(["format-patch", "--stdout", "main..other"]).stdout;
        std::fs::write(scratch.root().join("mbox"), patches).unwrap();
    });
    pair.git(["checkout", "-q", "main"]);
    pair.write("a.txt", "ours\n");
    pair.git(["commit", "-qam", "ours"]);
    pair.seen();
    assert_eq!(pair.try_git(["am", "-3", "../mbox"]).status, 128);
    pair
}

#[test]
fn a_patch_that_is_resolved_continues_as_without_us() {
    let pair = conflicting();
    pair.write("a.txt", "resolved\n");
    pair.git(["add", "a.txt"]);
    pair.git(["am", "--continue"]);
    // `am` runs none of a commit's hooks: what was backed up when it was staged waits for the next one.
    assert_eq!(pair.with.backup_texts("a.txt"), ["resolved\n"]);
    pair.write("b.txt", "after\n");
    pair.commits(["a.txt=resolved|", "b.txt=after|"], git(["commit", "-am", "after"]));
    assert!(left(&pair.with.root()).is_empty());
}

#[test]
fn a_commit_in_the_middle_of_it_is_backed_up() {
    let pair = conflicting();
    assert_ne!(pair.try_git(["commit", "--amend", "-m", "refused"]).status, 0);
    pair.write("a.txt", "resolved\n");
    pair.commits(["a.txt=resolved|"], git(["commit", "-am", "by hand"]));
    pair.git(["am", "--skip"]);
    assert!(pair.with.exists("new.txt"));
}

#[test]
fn what_was_backed_up_in_it_survives_its_end_without_a_commit() {
    for end in ["--abort", "--quit"] {
        let pair = conflicting();
        pair.write("a.txt", "resolved\n");
        pair.git(["add", "a.txt"]);
        pair.hook("commit-msg", "exit 1");
        assert_eq!(pair.try_git(["commit", "-m", "fails"]).status, 1);
        pair.git(["am", end]);
        assert_eq!(pair.with.backup_texts("a.txt"), ["resolved\n"]);
        assert!(pair.with.vault_has("a.txt", "resolved\n"));
    }
}
