//! What is applied comes out as `git apply` has it.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use super::{apply, assert_nothing_left, chmod, command, commit_all, files, patch_of_all, rich};
use crate::scratch::{Ran, Scratch};

/// The files after `git apply` of the patch, in a copy of the working tree.
fn twin(s: &Scratch, patch: &str) -> super::Tree {
    let top = s.root().join("twin");
    let copied = std::process::Command::new("cp").arg("-a").args([s.top(), &top]).status().unwrap();
    assert!(copied.success());
    s.at(&top).git(["apply", "--whitespace=nowarn", patch]);
    let found = files(&top);
    fs::remove_dir_all(top).unwrap();
    found
}

#[test]
fn every_kind_of_change_is_made() {
    let s = rich();
    let mut expected = twin(&s, "../all.patch");
    // Git rewrites a file with the umask's mode; what others may not read stays so here.
    expected.get_mut("private.txt").unwrap().0 = "file 600".to_owned();
    let ran = apply(&s, &["../all.patch"]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert_eq!(files(s.top()), expected);
    assert_nothing_left(&s);
    assert_eq!(s.backup_texts("modified.txt"), ["one\ntwo\nthree\n"]);
    assert_eq!(s.backup_texts("gone/deep/removed.txt"), ["to be removed\n"]);
    assert!(s.backups("empty").is_empty(), "what was not there has no backup");
}

#[test]
fn backups_have_the_mode_of_their_file() {
    let s = rich();
    apply(&s, &["../all.patch"]);
    let name = s.backups("private.txt").remove(0);
    let all = super::tree(s.top());
    assert!(all.keys().all(|path| !path.contains(&name)), "the helper leaves backups out");
    let meta = s.top().join(name).metadata().unwrap();
    assert_eq!(std::os::unix::fs::MetadataExt::mode(&meta) & 0o777, 0o600);
}

#[test]
fn from_a_subdirectory_the_patch_is_found_there_and_applied_at_the_top() {
    let s = rich();
    let expected = apply_and_look(&s, s.top(), "../all.patch");
    s.git(["reset", "-q", "--hard"]);
    s.git(["clean", "-fdq"]);
    chmod(&s, "private.txt", 0o600);
    let deep = s.top().join("gone/deep");
    assert_eq!(apply_and_look(&s, &deep, "../../../all.patch"), expected);
}

fn apply_and_look(s: &Scratch, cwd: &std::path::Path, patch: &str) -> super::Tree {
    let mut command = command(s);
    let ran = Ran::of(&command.args(["apply", patch]).current_dir(cwd).output().unwrap());
    assert_eq!(ran.status, 0, "{ran:#?}");
    files(s.top())
}

#[test]
fn a_patch_is_read_from_standard_input() {
    let s = rich();
    let expected = twin(&s, "../all.patch");
    let mut command = command(&s);
    command.args(["apply", "-", "--test", "cat"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let patch = fs::read(s.root().join("all.patch")).unwrap();
    child.stdin.take().unwrap().write_all(&patch).unwrap();
    let ran = Ran::of(&child.wait_with_output().unwrap());
    assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{ran:#?}");
    assert_eq!(files(s.top()).keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
}

#[test]
fn a_plain_diff_is_a_patch() {
    let s = Scratch::new();
    let plain = "--- a/a.txt\t2025-01-01\n+++ b/a.txt\t2025-01-02\n@@ -1 +1 @@\n-one\n+two\n";
    fs::write(s.root().join("plain"), plain).unwrap();
    assert_eq!(apply(&s, &["../plain"]).status, 0);
    assert_eq!(s.read("a.txt"), "two\n");
}

#[test]
fn mails_are_patches_many_in_one_file_too() {
    let s = Scratch::new();
    for text in ["two\n", "three\n", "four\n"] {
        s.write("a.txt", text);
        s.write("b.txt", text);
        commit_all(&s, &format!("é {text}"));
    }
    let mails = s.git(["format-patch", "-3", "--stdout"]).stdout;
    fs::write(s.root().join("mails"), mails).unwrap();
    s.git(["reset", "-q", "--hard", "HEAD~3"]);
    let ran = apply(&s, &["../mails"]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert_eq!((s.read("a.txt"), s.read("b.txt")), ("four\n".into(), "four\n".into()));
    assert_eq!(s.backup_texts("a.txt"), ["one\n"]);
}

#[test]
fn settings_of_git_apply_do_not_change_what_comes_out() {
    let s = Scratch::new();
    s.write("a.txt", "one  \n");
    patch_of_all(&s, "blanks.patch");
    s.git(["config", "apply.whitespace", "fix"]);
    assert_eq!(apply(&s, &["../blanks.patch"]).status, 0);
    assert_eq!(s.read("a.txt"), "one  \n");
}

#[test]
fn line_ends_are_those_of_the_working_tree() {
    let s = Scratch::new();
    s.write(".gitattributes", "*.txt text eol=crlf\n");
    s.write("sub/.gitattributes", "x.txt eol=lf\n");
    s.write("sub/x.txt", "one\n");
    s.write("sub/y.txt", "one\r\n");
    commit_all(&s, "base");
    s.write("sub/x.txt", "two\n");
    s.write("sub/y.txt", "two\r\n");
    s.write("new.txt", "new\r\n");
    patch_of_all(&s, "crlf.patch");
    let expected = twin(&s, "../crlf.patch");
    let ran = apply(&s, &["../crlf.patch"]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert_eq!(files(s.top()), expected);
    assert_eq!(s.read("sub/y.txt"), "two\r\n");
    assert_eq!(s.read("new.txt"), "new\r\n");
}

#[test]
fn edits_elsewhere_in_a_file_stay() {
    let s = rich();
    s.write("old.txt", "a\nb\nc\nd\ne\nf\ng\nh\nedited\n");
    let ran = apply(&s, &["../all.patch"]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert_eq!(s.read("moved/néw.txt"), "a\nb\nc\nD\ne\nf\ng\nh\nedited\n");
    assert_eq!(s.backup_texts("old.txt"), ["a\nb\nc\nd\ne\nf\ng\nh\nedited\n"]);
}

#[test]
fn a_file_may_take_the_place_of_a_folder_and_a_folder_that_of_a_file() {
    let s = Scratch::new();
    s.git(["config", "bak.location", "gitdir"]);
    s.write("folder/inside/x", "x\n");
    s.write("file", "file\n");
    commit_all(&s, "base");
    fs::remove_dir_all(s.top().join("folder")).unwrap();
    fs::remove_file(s.top().join("file")).unwrap();
    s.write("folder", "a file now\n");
    s.write("file/inside/y", "a folder now\n");
    patch_of_all(&s, "swap.patch");
    let before = files(s.top());
    let failed = apply(&s, &["--test", "exit 1", "../swap.patch"]);
    assert_eq!((failed.status, files(s.top())), (1, before), "{failed:#?}");
    let ran = apply(&s, &["../swap.patch"]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert_eq!(
        (s.read("folder"), s.read("file/inside/y")),
        ("a file now\n".into(), "a folder now\n".into())
    );
}

#[test]
fn a_repository_needs_neither_commits_nor_hooks() {
    let s = Scratch::empty();
    s.write("a.txt", "one\n");
    let plain = "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-one\n+two\n";
    fs::write(s.root().join("plain"), plain).unwrap();
    let ran = apply(&s, &["--validate", "cat a.txt", "--test", "cat a.txt", "../plain"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (0, "two\ntwo\n"), "{ran:#?}");
    assert_nothing_left(&s);
}
