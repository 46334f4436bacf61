//! The message in its editor: what Git shows there, and what is changed while it is open.

use super::{staged, with_env};
use crate::pair::left;

/// An editor that makes all that it was shown the message.
const KEEP_ALL: &str = "sed -i.orig 's/^#/>/'";

#[test]
fn the_editor_is_shown_the_same() {
    let ways: [&[&str]; 6] = [
        &["commit"],
        &["commit", "-a"],
        &["commit", "-v", "-uall"],
        &["commit", "-vv", "-o", "b.txt"],
        &["commit", "--amend"],
        &["-c", "commit.template=b.txt", "commit", "--status"],
    ];
    for way in ways {
        let pair = staged();
        pair.write("b.txt", "edited\n");
        pair.write("new.txt", "untracked\n");
        pair.same(with_env("GIT_EDITOR", KEEP_ALL, way)).expect_success();
        let message = pair.with.git(["log", "-1", "--format=%B"]).stdout;
        assert!(message.contains("Changes to be committed"), "{message}");
        assert!(!message.contains(".bak."), "{message}");
        assert!(left(&pair.with.root()).is_empty());
    }
}

#[test]
fn what_an_editor_changes_is_left_in_the_working_tree() {
    let editor = "sh -c 'echo three >a.txt; echo new >new.txt; rm b.txt; echo message >\"$1\"' sh";
    let pair = staged();
    pair.commits(["a.txt=two|"], with_env("GIT_EDITOR", editor, &["commit"]));
    assert_eq!(pair.with.read("a.txt"), "three\n");
    pair.commits(["a.txt=three|"], with_env("GIT_EDITOR", editor, &["commit", "-a"]));
}

#[test]
fn what_an_editor_stages_is_staged_after_the_commit() {
    let editor = "sh -c 'echo three >a.txt; git add a.txt; echo message >\"$1\"' sh";
    let pair = staged();
    pair.commits(["a.txt=two|"], with_env("GIT_EDITOR", editor, &["commit"]));
    assert_eq!(pair.with.git(["show", ":a.txt"]).stdout, "three\n");
    pair.commits(["a.txt=three|"], super::git(["commit", "-m", "third"]));
}

#[test]
fn a_hook_that_formats_and_stages_is_committed_as_without_us() {
    let pair = staged();
    pair.write("b.txt", "edited\n");
    pair.hook("pre-commit", "tr a-z A-Z <a.txt >t && cat t >a.txt && rm t && git add a.txt");
    pair.commits(["a.txt=two|", "b.txt=edited|"], super::git(["commit", "-m", "formatted"]));
    assert_eq!(pair.with.git(["show", "HEAD:a.txt"]).stdout, "TWO\n");
    pair.write("a.txt", "three\n");
    pair.commits(["a.txt=three|", "b.txt=edited|"], super::git(["commit", "-am", "formatted"]));
    pair.write("a.txt", "four\n");
    let only = super::git(["commit", "-m", "formatted", "-o", "a.txt"]);
    pair.commits(["a.txt=four|"], only);
}
