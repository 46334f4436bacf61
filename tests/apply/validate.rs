//! The validate command: in a scratch worktree with everything uncommitted and the patch in it.

use std::fs;

use super::{apply, assert_nothing_left, chmod, files, link, rich, tree};

#[test]
fn it_sees_the_uncommitted_state_and_the_patch_in_it() {
    let s = rich();
    s.write(".gitignore", "ignored\n");
    s.write("ignored", "ignored\n");
    s.write("untracked/x", "untracked\n");
    s.write("staged", "staged\n");
    s.git(["add", "staged"]);
    s.write("a.txt", "uncommitted\n");
    chmod(&s, "a.txt", 0o755);
    link(&s, "nowhere", "dangling");
    let seen = s.root().join("seen");
    let look =
        format!("cp -a . '{0}' && git diff --cached --name-only >'{0}/.cached'", seen.display());
    let ran = apply(&s, &["--validate", &look, "../all.patch"]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    let mut expected = files(s.top());
    assert_eq!(fs::read_to_string(seen.join(".cached")).unwrap(), "staged\n");
    fs::remove_file(seen.join(".cached")).unwrap();
    fs::remove_file(seen.join(".git")).unwrap();
    expected.remove("ignored").unwrap();
    assert_eq!(files(&seen), expected);
    assert_nothing_left(&s);
}

#[test]
fn whatever_it_does_there_changes_nothing_here() {
    let s = rich();
    let before = (tree(s.top()), s.git(["rev-parse", "HEAD", "main"]).stdout);
    let line =
        "rm -rf a.txt data.bin; git add -A; git commit -qnm inside; git log -1 --format=%s; false";
    let ran = apply(&s, &["--validate", line, "../all.patch"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (1, "inside\n"), "{ran:#?}");
    assert!(ran.stderr.contains("nothing was changed"), "{ran:#?}");
    assert_eq!((tree(s.top()), s.git(["rev-parse", "HEAD", "main"]).stdout), before);
    assert_eq!(s.git(["status", "--porcelain"]).stdout, "");
    assert_eq!(s.git(["worktree", "list"]).stdout.lines().count(), 1);
    assert_nothing_left(&s);
}

#[test]
fn it_is_not_led_astray_by_the_environment() {
    let mut s = rich();
    let top = s.top().to_owned();
    s.set_env("GIT_DIR", top.join(".git"));
    s.set_env("GIT_WORK_TREE", &top);
    let ran =
        apply(&s, &["--validate", "git rev-parse --show-toplevel; cat new/tool", "../all.patch"]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert!(ran.stdout.contains("/.git/bak/upgrade/tree-"), "{ran:#?}");
}

#[test]
fn a_linked_worktree_can_be_upgraded_like_the_main_one() {
    let s = rich();
    s.git(["worktree", "add", "-q", "../linked"]);
    let linked = s.at(s.root().join("linked"));
    let args = ["apply", "--validate", "cat empty", "--commit", "-m", "x", "../all.patch"];
    let ran = linked.bak(args);
    assert_eq!(linked.git(["status", "--porcelain"]).stdout, "", "{ran:#?}");
    assert_eq!(s.git(["worktree", "list"]).stdout.lines().count(), 2);
}
