//! The row of moments: the newest, the one before, undos and redos.

use super::{files, git, guarded, moments, nothing, undo, with_work};

#[test]
fn again_is_the_one_before_and_redo_takes_back_the_newest_undo() {
    let s = guarded();
    for text in ["first\n", "second\n"] {
        s.write("a.txt", text);
        git(&s, "checkout -q a.txt");
    }
    let ran = undo(&s, &[]);
    assert!(ran.stderr.ends_with("undone: 1 file put back; the other way: git bak undo --redo\n"));
    assert_eq!(s.read("a.txt"), "second\n");
    // The one before left something else, and what the first undo put there is what the user goes back from.
    let ran = undo(&s, &[]);
    assert_eq!((ran.status, s.read("a.txt").as_str()), (0, "first\n"), "{ran:?}");
    undo(&s, &["--redo"]);
    assert_eq!(s.read("a.txt"), "second\n");
    let ran = undo(&s, &["--redo"]);
    assert!(ran.stderr.starts_with("• redo what was undone by undo of 2025-11-06 20:"), "{ran:?}");
    assert_eq!(s.read("a.txt"), "one\n");
    let ran = undo(&s, &["--redo"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (1, "git-bak: nothing to redo\n"));
    // Edits of one's own are in the way as ever.
    s.write("a.txt", "typed since\n");
    let ran = undo(&s, &[]);
    assert_eq!((ran.status, s.read("a.txt").as_str()), (1, "typed since\n"), "{ran:?}");
    s.write("a.txt", "one\n");
    // It is in the row again.
    let ran = undo(&s, &[]);
    assert_eq!((ran.status, s.read("a.txt").as_str()), (0, "second\n"), "{ran:?}");
}

#[test]
fn two_commands_that_took_other_files_are_undone_one_by_one() {
    let s = with_work();
    let before = files(&s);
    git(&s, "checkout -q HEAD -- a.txt");
    git(&s, "clean -fdq");
    assert_eq!(moments(&s).len(), 2);
    undo(&s, &[]);
    assert!(s.exists("u.txt") && s.read("a.txt") == "one\n");
    undo(&s, &[]);
    assert_eq!(files(&s), before);
    nothing(&s);
    // Both the other way: the newest undo first.
    undo(&s, &["--redo"]);
    assert!(s.exists("u.txt") && s.read("a.txt") == "one\n");
    let ran = undo(&s, &["--redo"]);
    assert!(
        ran.stderr.ends_with("✓ redone: 2 files removed; the other way: git bak undo\n"),
        "{ran:?}"
    );
    assert!(!s.exists("new/v.txt") && !s.exists("new"));
}

#[test]
fn something_that_took_work_since_ends_the_redo() {
    let s = with_work();
    git(&s, "checkout -q a.txt");
    undo(&s, &[]);
    git(&s, "clean -fdq");
    assert_eq!(undo(&s, &["--redo"]).stderr, "git-bak: nothing to redo\n");
}

#[test]
fn one_is_named_by_what_the_list_calls_it() {
    let s = with_work();
    git(&s, "checkout -q a.txt");
    git(&s, "clean -fdq");
    let all = moments(&s);
    let id = all[1]["moment"].as_str().unwrap();
    assert_eq!(undo(&s, &[id]).status, 0);
    assert!(s.read("a.txt") == "edited\n" && !s.exists("u.txt"));
    let ran = undo(&s, &[id]);
    assert_eq!((ran.status, ran.stderr), (1, format!("git-bak: {id} is undone already\n")));
    let ran = undo(&s, &["nosuch"]);
    let text = "git-bak: 'nosuch' names nothing that can be undone: git bak undo --list\n";
    assert_eq!((ran.status, ran.stderr.as_str()), (1, text));
}

#[test]
fn another_working_tree_has_a_row_of_its_own() {
    let s = guarded();
    let linked = s.root().join("linked");
    git(&s, &format!("worktree add -q {} other", linked.display()));
    let there = s.at(&linked);
    std::fs::write(linked.join("a.txt"), "there\n").unwrap();
    there.git(["reset", "-q", "--hard"]);
    nothing(&s);
    let text = there.bak(["undo", "--list", "--json"]).stdout;
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    let id = all["moments"][0]["moment"].as_str().unwrap();
    let ran = undo(&s, &[id]);
    let words = "is a moment of another working tree: run git bak undo ";
    assert!(ran.status == 1 && ran.stderr.contains(words), "{ran:?}");
    there.bak(["undo", "--yes", id]);
    assert_eq!(std::fs::read_to_string(linked.join("a.txt")).unwrap(), "there\n");
}

#[test]
fn what_was_forgotten_is_not_in_the_row() {
    let s = with_work();
    git(&s, "clean -fdq");
    assert_eq!(moments(&s).len(), 1);
    s.bak(["forget", "--yes", "u.txt"]);
    assert_eq!(moments(&s)[0]["files"][0]["path"], "new/v.txt");
    s.bak(["forget", "--yes", "new"]);
    assert_eq!(moments(&s), [0; 0]);
    nothing(&s);
}

#[test]
fn what_has_left_the_vault_is_not_in_the_row() {
    let s = with_work();
    git(&s, "clean -fdq");
    s.advance(40 * 86_400);
    nothing(&s);
    s.bak(["clean", "--vault"]);
    nothing(&s);
}
