//! Commits that fail, at every step at which Git can fail: in both repositories alike, the backup stays,
//! and the commit after it cleans up.

use super::{fails_and_is_mended, git, staged, with_env};
use crate::pair::{Pair, ours};
use crate::scratch::Scratch;

fn fails(pair: &Pair, status: i32, args: &'static [&'static str]) {
    fails_and_is_mended(pair, status, |scratch| scratch.try_git(args), |_| ());
}

/// A commit that a hook of the user's refuses. The hook is gone when the next one comes.
fn refused_by(hook: &'static str, body: &'static str, status: i32) {
    let pair = staged();
    pair.hook(hook, body);
    let remove = |scratch: &Scratch| {
        let hooks = scratch.top().join(".git/hooks");
        let chained = hooks.join(format!("{hook}.before-bak"));
        let file = if chained.exists() { chained } else { hooks.join(hook) };
        std::fs::remove_file(file).unwrap();
    };
    fails_and_is_mended(&pair, status, git(["commit", "-m", "second"]), remove);
}

#[test]
fn a_commit_that_a_hook_refuses_is_refused_alike() {
    refused_by("pre-commit", "echo out; echo err >&2; exit 7", 1);
    refused_by("prepare-commit-msg", "exit 3", 1);
    refused_by("commit-msg", "echo no; exit 1", 1);
}

#[cfg(unix)]
#[test]
fn a_commit_whose_hook_is_killed_fails() {
    let pair = staged();
    let killed = "kill -9 $$";
    pair.hook("pre-commit", killed);
    let plain = pair.without.try_git(["commit", "-m", "second"]);
    let ran = pair.with.try_git(["commit", "-m", "second"]);
    assert_eq!((plain.status, ran.status), (1, 1));
    // Git names the signal of a child of its own; of ours it sees the status that shells use.
    assert!(ran.stderr.contains("status 137"), "{ran:#?}");
    assert_eq!(pair.with.backup_texts("a.txt"), ["two\n"]);
}

#[test]
fn a_vetoed_reference_transaction_fails_alike() {
    let veto = r#"[ "$1" != prepared ] || ! grep -q refs/heads/"#;
    refused_by("reference-transaction", veto, 128);
}

#[test]
fn a_commit_without_a_message_fails_alike() {
    fails(&staged(), 1, &["commit", "-m", ""]);
    fails(&staged(), 1, &["commit"]);
    fails(&staged(), 1, &["commit", "-F", "/dev/null"]);
}

#[test]
fn a_commit_whose_editor_fails_fails_alike() {
    for editor in ["false", "no-such-editor", "sh -c 'echo half >\"$1\"; exit 2' sh"] {
        let pair = staged();
        fails_and_is_mended(&pair, 1, with_env("GIT_EDITOR", editor, &["commit"]), |_| ());
    }
}

#[test]
fn a_commit_that_cannot_be_signed_fails_alike() {
    fails(&staged(), 128, &["-c", "gpg.program=false", "commit", "-S", "-m", "signed"]);
    fails(&staged(), 128, &["-c", "gpg.program=nowhere", "commit", "-S", "-am", "signed"]);
}

#[test]
fn a_commit_of_nobody_fails_before_any_hook() {
    let pair = staged();
    let ran = pair.same(with_env("GIT_AUTHOR_NAME", "<>", &["commit", "-m", "second"]));
    assert_ne!(ran.status, 0);
    // What `git add` has backed up stays.
    assert!(ours(&ran).is_empty());
    assert_eq!(pair.with.backup_texts("a.txt"), ["two\n"]);
}

#[test]
fn a_failed_commit_of_all_or_of_some_leaves_the_index_alone() {
    let ways: [&[&str]; 3] = [
        &["commit", "-am", "x"],
        &["commit", "-m", "x", "-o", "a.txt"],
        &["commit", "-m", "x", "-i", "b.txt"],
    ];
    for way in ways {
        let pair = staged();
        pair.write("b.txt", "two\n");
        pair.hook("commit-msg", "exit 1");
        assert_eq!(pair.same(|scratch| scratch.try_git(way)).status, 1);
        assert_eq!(pair.with.backup_texts("a.txt"), ["two\n"]);
        assert_eq!(pair.with.backup_texts("b.txt"), ["two\n"]);
        pair.hook("commit-msg", "exit 0");
        pair.commits(["a.txt=two|", "b.txt=two|"], |scratch| scratch.try_git(way));
    }
}

#[test]
fn a_commit_that_git_refuses_before_any_hook_is_refused_alike() {
    let refused: [&[&str]; 4] = [
        &["commit", "-m", "x", "no-such-file"],
        &["commit", "-a", "-m", "x", "b.txt"],
        &["commit", "--no-such-option"],
        &["commit", "-C", "no-such-commit"],
    ];
    let pair = staged();
    for args in refused {
        let ran = pair.same(|scratch| scratch.try_git(args));
        assert_ne!(ran.status, 0);
        assert!(ours(&ran).is_empty(), "{args:?} {ran:#?}");
        assert_eq!(pair.with.backup_texts("a.txt"), ["two\n"], "{args:?} {ran:#?}");
    }
}

#[test]
fn a_failure_of_the_users_post_commit_hook_changes_nothing() {
    let pair = staged();
    pair.hook("post-commit", "echo out; echo err >&2; exit 9");
    pair.commits(["a.txt=two|"], git(["commit", "-m", "second"]));
}
