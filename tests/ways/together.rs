//! Two commits at once: who wins and who loses is the same, and so is what they say.

use super::git;
use crate::pair::{Pair, left};

/// A pair whose editor is another commit, with these words after `git commit`: it comes to its end while
/// the first one is open.
fn commit_in_the_editor_of(
    pair: &Pair,
    outer: &'static [&'static str],
    inner: &'static str,
) -> crate::scratch::Ran {
    // As from another terminal: Git's editor is given the index that the commit is made from.
    let commit = format!("env -u GIT_INDEX_FILE GIT_EDITOR=true git commit {inner}");
    let editor = format!("sh -c '{commit} || echo lost >>../lost'");
    pair.same(super::with_env("GIT_EDITOR", &editor, outer))
}

fn edited() -> Pair {
    let pair = Pair::new();
    pair.write("a.txt", "two\n");
    pair.git(["add", "a.txt"]);
    pair.write("b.txt", "two\n");
    pair.seen();
    pair
}

#[test]
fn of_two_commits_of_the_index_the_first_to_end_wins() {
    let pair = edited();
    let ran = commit_in_the_editor_of(&pair, &["commit", "-em", "slow"], "-m fast");
    assert_eq!(ran.status, 128, "{ran:#?}");
    assert_eq!(pair.with.git(["log", "-1", "--format=%s"]).stdout, "fast\n");
    assert_eq!(pair.with.backup_texts("a.txt"), ["two\n"], "the loser's stays");
    pair.commits(["a.txt=two|", "b.txt=two|"], git(["commit", "-am", "next"]));
}

#[test]
fn a_commit_of_all_locks_the_other_out() {
    let pair = edited();
    let ran = commit_in_the_editor_of(&pair, &["commit", "-a", "-em", "slow"], "-m fast -a");
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert!(pair.with.root().join("lost").exists());
    assert!(left(&pair.with.root()).is_empty());
    assert!(pair.with.vault_has("b.txt", "two\n"));
}

#[test]
fn a_commit_of_one_path_inside_of_another_wins_and_takes_only_its_own() {
    let pair = edited();
    let ran = commit_in_the_editor_of(&pair, &["commit", "-em", "slow"], "-m fast -o b.txt");
    assert_eq!(ran.status, 128, "{ran:#?}");
    assert_eq!(pair.with.backup_texts("a.txt"), ["two\n"]);
    // The loser had backed up b.txt, too.
    pair.commits(["a.txt=two|", "b.txt=two|"], git(["commit", "-m", "again"]));
}

#[test]
fn a_commit_in_a_linked_worktree_meanwhile_does_not_disturb() {
    let pair = edited();
    pair.git(["worktree", "add", "-q", "../linked"]);
    let editor = "sh -c 'cd ../linked && unset GIT_DIR GIT_INDEX_FILE && echo three >a.txt && \
                  git commit -qam linked'";
    pair.same(super::with_env("GIT_EDITOR", editor, &["commit", "-em", "slow"])).expect_success();
    assert!(left(&pair.with.root()).is_empty());
    assert!(pair.with.vault_has("a.txt", "three\n") && pair.with.vault_has("a.txt", "two\n"));
}
