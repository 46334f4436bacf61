//! What is refused, with the reason: nothing was changed then.

use std::fs;

use super::{apply, assert_nothing_left, commit_all, link, patch_of_all, rich, tree};
use crate::scratch::{Ran, Scratch};

/// Applies this text and expects it to be refused for this reason.
fn assert_refused(s: &Scratch, patch: &str, reason: &str) -> Ran {
    fs::write(s.root().join("p"), patch).unwrap();
    assert_file_refused(s, &["../p"], reason)
}

fn assert_file_refused(s: &Scratch, args: &[&str], reason: &str) -> Ran {
    let before = (tree(s.top()), s.git(["status", "--porcelain"]).stdout, s.all_backups());
    let ran = apply(s, args);
    assert_eq!(ran.status, 1, "{reason}: {ran:#?}");
    assert!(ran.stderr.contains(reason), "{reason}: {ran:#?}");
    assert!(ran.stderr.contains("nothing was changed"), "{ran:#?}");
    let after = (tree(s.top()), s.git(["status", "--porcelain"]).stdout, s.all_backups());
    assert_eq!(after, before, "{reason}");
    assert_nothing_left(s);
    ran
}

/// A change of one line in `path`.
fn change(path: &str) -> String {
    format!("\n--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-one\n+two\n")
}

fn creation(path: &str) -> String {
    format!(
        "diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n\
         @@ -0,0 +1 @@\n+new\n"
    )
}

#[test]
fn what_is_no_patch() {
    let s = Scratch::new();
    assert_refused(&s, "hello\n", "../p: there is no patch in it");
    assert_refused(&s, "", "../p: there is no patch in it");
    let cut = "--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n one\n";
    assert_refused(&s, cut, "../p: corrupt patch at line 5");
    let binary = "diff --git a/a.txt b/a.txt\nindex 5626abf..814f4a4 100644\n\
                  Binary files a/a.txt and b/a.txt differ\n";
    assert_refused(&s, binary, "a.txt");
}

#[test]
fn a_patch_that_is_stale() {
    let s = Scratch::new();
    s.write("a.txt", "another\n");
    commit_all(&s, "another");
    let reason = "../p: a.txt: it does not apply at line 1: the file has changed since";
    assert_refused(&s, &change("a.txt"), reason);
    assert_refused(&s, &change("gone.txt"), "../p: gone.txt: there is no such file");
    assert_refused(&s, &creation("a.txt"), "a.txt: already exists");
}

#[test]
fn a_path_into_a_git_directory() {
    let s = Scratch::new();
    for path in [".git/hooks/x", ".GIT/x", "a/.git/x", ".git./x", "git~1/x", ".g\u{200c}it/x"] {
        let ran = assert_refused(&s, &creation(path), "it leads into a Git directory");
        assert!(ran.stderr.contains("../p, line 1: "), "{ran:#?}");
    }
    assert!(!s.exists(".git/hooks/x"));
}

#[test]
fn a_path_out_of_the_working_tree() {
    let s = Scratch::new();
    for path in ["../out", "a/../../out", "/etc/out", "./a.txt"] {
        assert_refused(&s, &change(path), "it leads out of the working tree");
    }
    assert!(!s.root().join("out").exists());
}

#[test]
fn a_path_through_a_link() {
    let s = Scratch::new();
    let outside = s.root().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("x"), "one\n").unwrap();
    link(&s, outside.to_str().unwrap(), "folder");
    commit_all(&s, "link");
    let ran = assert_refused(&s, &change("folder/x"), "folder is a symbolic link");
    assert!(ran.stderr.contains("../p, line 2: folder/x"), "{ran:#?}");
    assert_refused(&s, &creation("folder/new"), "folder is a symbolic link");
    assert_eq!(fs::read_to_string(outside.join("x")).unwrap(), "one\n");
}

#[test]
fn a_link_that_an_earlier_patch_makes_is_not_followed_either() {
    let s = Scratch::new();
    let outside = s.root().join("outside");
    fs::create_dir(&outside).unwrap();
    let target = outside.to_str().unwrap();
    let makes = format!(
        "diff --git a/d b/d\nnew file mode 120000\n--- /dev/null\n+++ b/d\n@@ -0,0 +1 @@\n\
         +{target}\n\\ No newline at end of file\n"
    );
    fs::write(s.root().join("1"), makes).unwrap();
    fs::write(s.root().join("2"), creation("d/x")).unwrap();
    assert_file_refused(&s, &["../1", "../2"], "d/x");
    assert_eq!(fs::read_dir(outside).unwrap().count(), 0);
}

#[test]
fn a_path_into_a_submodule_or_a_nested_repository() {
    let s = Scratch::new();
    let nested = s.top().join("nested");
    fs::create_dir(&nested).unwrap();
    s.at(&nested).git(["init", "-q"]);
    fs::write(nested.join("x"), "one\n").unwrap();
    assert_refused(&s, &change("nested/x"), "it is inside another repository");
    assert_refused(&s, &creation("nested/new"), "it is inside another repository");
    s.at(&nested).git(["add", "x"]);
    s.at(&nested).git(["-c", "user.name=x", "-c", "user.email=x", "commit", "-qm", "x"]);
    s.git(["-c", "advice.addEmbeddedRepo=false", "add", "nested"]);
    commit_all(&s, "submodule");
    assert_refused(&s, &change("nested/x"), "is");
    fs::remove_dir_all(&nested).unwrap();
    fs::create_dir(&nested).unwrap();
    assert_refused(&s, &creation("nested/new"), "nested is a submodule");
    let bump = "diff --git a/nested b/nested\nindex 1111111..2222222 160000\n--- a/nested\n\
                +++ b/nested\n@@ -1 +1 @@\n-Subproject commit 1\n+Subproject commit 2\n";
    assert_refused(&s, bump, "it is a submodule");
}

#[test]
fn a_file_that_is_staged_differently_or_unresolved() {
    let s = Scratch::new();
    s.write("a.txt", "staged\n");
    s.git(["add", "a.txt"]);
    s.write("a.txt", "one\n");
    assert_refused(&s, &change("a.txt"), "a.txt: what is staged is another version");
    s.git(["reset", "-q", "--hard"]);
    s.git(["rm", "-q", "--cached", "a.txt"]);
    assert_refused(&s, &change("a.txt"), "a.txt: what is staged is another version");
    s.git(["reset", "-q", "--hard"]);
    s.git(["checkout", "-qb", "side"]);
    s.write("a.txt", "side\n");
    commit_all(&s, "side");
    s.git(["checkout", "-q", "main"]);
    s.write("a.txt", "main\n");
    commit_all(&s, "main");
    s.git_alone(["merge", "-q", "side"]);
    s.write("a.txt", "one\n");
    assert_refused(&s, &change("a.txt"), "a.txt: a merge has left it unresolved");
}

#[test]
fn a_folder_or_a_full_folder_in_the_place_of_a_file() {
    let s = Scratch::new();
    s.write("d/x", "one\n");
    assert_refused(&s, &creation("d"), "d: it is a folder, and d/x is in it");
}

#[test]
fn a_file_that_could_not_be_put_back() {
    let s = Scratch::new();
    s.git(["config", "bak.exclude", "*.key"]);
    s.write("x.key", "one\n");
    assert_refused(
        &s,
        &change("x.key"),
        "x.key: it is excluded by bak.exclude, and could not be put back",
    );
    s.git(["config", "bak.maxFileSize", "3"]);
    assert_refused(&s, &change("a.txt"), "bak.maxFileSize");
}

#[test]
fn a_commit_that_would_take_more_than_the_patch() {
    let s = Scratch::new();
    s.write("long", "one\n2\n3\n4\n5\n6\n7\n8\n9\n");
    commit_all(&s, "long");
    s.write("long", "two\n2\n3\n4\n5\n6\n7\n8\n9\n");
    patch_of_all(&s, "p");
    s.write("long", "one\n2\n3\n4\n5\n6\n7\n8\nmine\n");
    let commit = ["--commit", "-m", "x", "../p"];
    assert_file_refused(&s, &commit, "long: it has edits that would be committed too");
    s.git(["add", "long"]);
    assert_file_refused(&s, &commit, "long: it has edits that would be committed too");
    s.git(["reset", "-q"]);
    s.write("new", "one\n");
    fs::write(s.root().join("q"), change("new")).unwrap();
    let untracked = ["--commit", "-m", "x", "../q"];
    assert_file_refused(&s, &untracked, "new: it has edits that would be committed too");
    let ran = apply(&s, &["--include-dirty", "--commit", "-m", "x", "../p"]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert_eq!(s.git(["show", "HEAD:long"]).stdout, "two\n2\n3\n4\n5\n6\n7\n8\nmine\n");
}

#[test]
fn a_commit_in_the_middle_of_a_merge() {
    let s = Scratch::new();
    s.git(["checkout", "-qb", "side"]);
    s.write("b.txt", "side\n");
    commit_all(&s, "side");
    s.git(["checkout", "-q", "main"]);
    s.write("c.txt", "main\n");
    commit_all(&s, "main");
    s.git(["merge", "-q", "--no-commit", "side"]);
    fs::write(s.root().join("p"), change("a.txt")).unwrap();
    let ran = apply(&s, &["--commit", "-m", "x", "../p"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert!(ran.stderr.contains("a merge is under way: finish it first"), "{ran:#?}");
    assert_eq!(s.read("a.txt"), "one\n");
}

#[test]
fn wrong_words_are_wrong_usage() {
    let s = Scratch::new();
    fs::write(s.root().join("p"), change("a.txt")).unwrap();
    let wrong: [&[&str]; 7] = [
        &[],
        &["-m", "x", "../p"],
        &["--commit", "-m", " ", "../p"],
        &["--artifact", "short", "../p"],
        &["--artifact", "abc12345", "../p", "../p"],
        &["--abort", "../p"],
        &["-", "-"],
    ];
    for args in wrong {
        let ran = apply(&s, args);
        assert_eq!(ran.status, 2, "{args:?}: {ran:#?}");
    }
    let ran = apply(&s, &["../missing"]);
    assert_eq!((ran.status, ran.stderr.lines().count()), (3, 1), "{ran:#?}");
    assert!(ran.stderr.contains("../missing"), "{ran:#?}");
    assert_eq!(s.read("a.txt"), "one\n");
}

#[test]
fn edits_that_git_doesn_t_see_are_refused_for_a_commit() {
    let sneak = "touch -d @1500000000 many; git update-index --refresh; touch -r many ../ref; \
                 sed s/^19$/XX/ many >../x; cat ../x >many; touch -r ../ref many";
    for (hide, edit) in [
        ("git update-index --assume-unchanged many", "echo private >>many"),
        ("git config core.trustctime false", sneak),
    ] {
        let s = Scratch::new();
        s.write("many", (1..30).map(|n| format!("{n}\n")).collect::<String>());
        commit_all(&s, "many");
        s.write("many", s.read("many").replacen("2\n", "two\n", 1));
        patch_of_all(&s, "p");
        let line = format!("{hide}; {edit}; git status --porcelain");
        let ran = Ran::of(&s.command("sh").args(["-c", &line]).output().unwrap());
        assert_eq!(ran.stdout, "", "it is hidden: {ran:#?}");
        let (before, head) = (tree(s.top()), s.git(["rev-parse", "HEAD"]).stdout);
        let ran = apply(&s, &["--commit", "../p"]);
        assert_eq!((ran.status, tree(s.top())), (1, before), "{ran:#?}");
        assert!(ran.stderr.contains("many: it has edits that would be"), "{ran:#?}");
        assert_eq!(s.git(["rev-parse", "HEAD"]).stdout, head);
    }
}

#[test]
fn what_git_would_not_commit_is_refused_with_the_command_that_helps() {
    let s = rich();
    s.git(["update-index", "--skip-worktree", "modified.txt"]);
    let before = tree(s.top());
    let ran = apply(&s, &["--commit", "--include-dirty", "../all.patch"]);
    assert_eq!((ran.status, tree(s.top())), (1, before), "{ran:#?}");
    let line = "modified.txt: Git would not commit it: git update-index --no-skip-worktree";
    assert!(ran.stderr.contains(line), "{ran:#?}");
}
