//! Clients that are built on libgit2 run no hook at all: nothing is backed up then, nothing is lost, and
//! the next commit that runs hooks cleans up.

use git2::{Oid, Repository, Signature};

use crate::pair::left;
use crate::scratch::Scratch;

/// Commits what is in the index, as such a client does.
fn commit(scratch: &Scratch, message: &str) -> Oid {
    let repository = Repository::open(scratch.top()).unwrap();
    let tree = repository.index().unwrap().write_tree().unwrap();
    let tree = repository.find_tree(tree).unwrap();
    let parent = repository.head().unwrap().peel_to_commit().unwrap();
    let who = Signature::now("Test", "test@example.org").unwrap();
    repository.commit(Some("HEAD"), &who, &who, message, &tree, &[&parent]).unwrap()
}

#[test]
fn a_commit_without_hooks_leaves_backups_to_the_next_one_with_hooks() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "two\n");
    scratch.git(["add", "a.txt"]);
    scratch.hook("commit-msg", "exit 1");
    scratch.try_git(["commit", "-qm", "fails"]);
    let id = commit(&scratch, "without hooks");
    assert_eq!(scratch.git(["rev-parse", "HEAD"]).stdout.trim(), id.to_string());
    assert_eq!(scratch.backup_texts("a.txt"), ["two\n"]);
    scratch.write("a.txt", "never backed up\n");
    scratch.git(["add", "a.txt"]);
    commit(&scratch, "without hooks again");
    scratch.hook("commit-msg", "exit 0");
    scratch.write("a.txt", "three\n");
    scratch.git(["commit", "-qam", "with hooks"]);
    assert!(left(&scratch.root()).is_empty());
    assert!(scratch.vault_has("a.txt", "two\n") && scratch.vault_has("a.txt", "three\n"));
    assert!(!scratch.bak(["status"]).stdout.contains("failed"));
}

#[test]
fn a_reset_without_hooks_loses_nothing_that_was_backed_up() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "two\n");
    scratch.git(["add", "a.txt"]);
    scratch.bak(["snapshot"]);
    let repository = Repository::open(scratch.top()).unwrap();
    let head = repository.head().unwrap().peel(git2::ObjectType::Commit).unwrap();
    repository.reset(&head, git2::ResetType::Hard, None).unwrap();
    assert_eq!(scratch.read("a.txt"), "one\n");
    scratch.git(["bak", "restore", "--yes", "a.txt"]);
    assert_eq!(scratch.read("a.txt"), "two\n");
}
