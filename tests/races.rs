//! Commits at the same time: the winner does not take what belongs to the other, and nothing is lost.

use std::process::{Child, Command, Stdio};

mod installs;
mod storm;

use crate::failure::in_editor;
use crate::pair::{left, ours};
use crate::scratch::{Ran, Scratch};

/// A repository with `a.txt` staged as "two\n", and a commit of it that waits in its editor.
fn waiting() -> (Scratch, Child) {
    let scratch = Scratch::new();
    scratch.write("b.txt", "one\n");
    scratch.git(["add", "b.txt"]);
    scratch.git(["commit", "-qm", "b"]);
    scratch.write("a.txt", "two\n");
    scratch.git(["add", "a.txt"]);
    let commit = wait_in_editor(&scratch, &["commit", "-e", "-m", "slow"]);
    (scratch, commit)
}

fn wait_in_editor(scratch: &Scratch, args: &[&str]) -> Child {
    let mut command = scratch.command("git");
    command.args(args);
    in_editor(command)
}

/// Lets the editor end, and the commit with it.
fn finish(commit: Child) -> Ran {
    Ran::of(&commit.wait_with_output().unwrap())
}

#[test]
fn a_commit_in_its_editor_keeps_its_backups_when_another_one_wins() {
    let (scratch, slow) = waiting();
    scratch.write("b.txt", "two\n");
    scratch.git(["commit", "-qm", "fast", "-o", "b.txt"]);
    assert_eq!(scratch.backup_texts("a.txt"), ["two\n"]);
    assert!(scratch.backups("b.txt").is_empty());
    assert_ne!(finish(slow).status, 0, "the branch has moved");
    assert_eq!(scratch.backup_texts("a.txt"), ["two\n"]);
    scratch.git(["commit", "-qm", "again"]);
    assert!(left(&scratch.root()).is_empty());
    assert!(scratch.vault_has("a.txt", "two\n") && scratch.vault_has("b.txt", "two\n"));
}

#[test]
fn a_winner_that_commits_the_same_file_leaves_the_backup_to_the_other() {
    let (scratch, slow) = waiting();
    scratch.git(["commit", "-qm", "fast"]);
    assert_eq!(scratch.backup_texts("a.txt"), ["two\n"]);
    assert_ne!(finish(slow).status, 0);
    scratch.git(["commit", "-qm", "next", "--allow-empty"]);
    assert!(left(&scratch.root()).is_empty());
}

#[test]
fn a_winner_without_hooks_leaves_the_backups_of_the_other() {
    let (scratch, slow) = waiting();
    scratch.write("b.txt", "two\n");
    scratch.git(["commit", "-qnm", "fast", "-o", "b.txt"]);
    assert_eq!(scratch.backup_texts("a.txt"), ["two\n"]);
    assert_ne!(finish(slow).status, 0);
}

#[test]
fn a_switch_meanwhile_leaves_the_backups_of_a_commit_in_its_editor() {
    let scratch = Scratch::new();
    scratch.write("new.txt", "new\n");
    scratch.git(["add", "new.txt"]);
    let slow = wait_in_editor(&scratch, &["commit", "-e", "-m", "slow"]);
    scratch.git(["checkout", "-qf", "-b", "other"]);
    assert!(!scratch.exists("new.txt"));
    assert_eq!(scratch.backup_texts("new.txt"), ["new\n"]);
    finish(slow).expect_success();
    assert!(left(&scratch.root()).is_empty());
}

#[test]
fn a_commit_that_wins_after_all_cleans_up_for_itself() {
    let (scratch, slow) = waiting();
    scratch.write("b.txt", "two\n");
    // The slow one was started without the variable.
    scratch.hook("commit-msg", "[ -z \"$FAIL\" ]");
    let mut command = scratch.command("git");
    command.env("FAIL", "1").args(["commit", "-qm", "fails", "-o", "b.txt"]);
    assert_eq!(Ran::of(&command.output().unwrap()).status, 1);
    finish(slow).expect_success();
    assert!(left(&scratch.root()).is_empty());
    assert!(scratch.vault_has("b.txt", "two\n"));
}

#[test]
fn a_killed_commit_protects_its_backups_no_longer() {
    let (scratch, mut slow) = waiting();
    slow.kill().unwrap();
    slow.wait().unwrap();
    scratch.write("b.txt", "two\n");
    scratch.git(["commit", "-qm", "fast", "-o", "b.txt"]);
    assert!(left(&scratch.root()).is_empty());
    assert!(scratch.vault_has("a.txt", "two\n"));
}

#[test]
fn a_commit_while_the_index_is_locked_fails_before_any_hook() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "two\n");
    let slow = wait_in_editor(&scratch, &["commit", "-e", "-a", "-m", "slow"]);
    let fast = scratch.try_git(["commit", "-qam", "fast"]);
    assert_eq!(fast.status, 128);
    assert!(ours(&fast).is_empty(), "{fast:#?}");
    finish(slow).expect_success();
    assert!(left(&scratch.root()).is_empty());
}

#[test]
fn what_is_staged_while_the_editor_is_open_stays_staged_and_is_held() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "x2\n");
    scratch.git(["add", "a.txt"]);
    let slow = wait_in_editor(&scratch, &["commit", "-e", "-m", "slow"]);
    scratch.write("a.txt", "x3\n");
    scratch.git(["add", "a.txt"]);
    scratch.bak(["snapshot"]);
    assert_eq!(scratch.backup_texts("a.txt"), ["x2\n", "x3\n"]);
    finish(slow).expect_success();
    assert_eq!(scratch.git(["show", "HEAD:a.txt"]).stdout, "x2\n");
    assert_eq!(scratch.git(["show", ":a.txt"]).stdout, "x3\n");
    assert!(scratch.vault_has("a.txt", "x3\n"));
    scratch.git(["reset", "-q", "--hard"]);
    scratch.git(["bak", "restore", "--yes", "a.txt"]);
    assert_eq!(scratch.read("a.txt"), "x3\n");
}

fn start(mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn linked_worktrees_that_commit_at_once_lose_nothing() {
    let scratch = Scratch::new();
    let trees = ["w1", "w2", "w3", "w4"];
    for tree in trees {
        scratch.git(["worktree", "add", "-q", "-b", tree, &format!("../{tree}")]);
    }
    let folder = |tree: &str| scratch.root().join(tree);
    for round in 0..5 {
        let started: Vec<Child> = trees
            .iter()
            .map(|tree| {
                std::fs::write(folder(tree).join("a.txt"), format!("{tree} {round}\n")).unwrap();
                let mut command = scratch.at(folder(tree)).command("git");
                // The same second for all: names and vault entries must not collide.
                command.env("GIT_BAK_NOW", format!("2025-11-07T10:00:0{round}+00:00"));
                command.args(["commit", "-qam", "parallel"]);
                start(command)
            })
            .collect();
        for commit in started {
            let ran = finish(commit).expect_success();
            assert!(!ran.stderr.contains('✗'), "{ran:#?}");
        }
    }
    assert!(left(&scratch.root()).is_empty());
    for tree in trees {
        let texts: Vec<String> = (0..5).map(|round| format!("{tree} {round}\n")).collect();
        assert!(texts.iter().all(|text| scratch.vault_has("a.txt", text)), "{tree}");
        assert!(!scratch.at(folder(tree)).bak(["status"]).stdout.contains("failed"));
        // Each finds its own versions only.
        let shown = scratch.at(folder(tree)).git(["bak", "show", "a.txt@{1}"]).stdout;
        assert_eq!(&shown, texts.last().unwrap());
    }
    scratch.git(["fsck", "--no-dangling"]);
}

#[test]
fn commits_that_race_in_one_working_tree_lose_nothing() {
    let scratch = Scratch::new();
    let files = ["p.txt", "q.txt", "r.txt"];
    for file in files {
        scratch.write(file, "one\n");
    }
    scratch.git(["add", "."]);
    scratch.git(["commit", "-qm", "three"]);
    for round in 0..4 {
        let mut waiting: Vec<&str> = files.to_vec();
        files.iter().for_each(|file| scratch.write(file, format!("{file} {round}\n")));
        // One of them always wins; the others try again.
        while !waiting.is_empty() {
            let started: Vec<(&str, Child)> = waiting
                .iter()
                .map(|file| {
                    let mut command = scratch.command("git");
                    command.args(["commit", "-qm", file, "-o", file]);
                    (*file, start(command))
                })
                .collect();
            for (file, commit) in started {
                if finish(commit).status == 0 {
                    waiting.retain(|other| *other != file);
                }
            }
        }
    }
    scratch.git(["commit", "-qm", "the last one", "--allow-empty"]);
    assert!(left(&scratch.root()).is_empty());
    for file in files {
        assert_eq!(scratch.git(["log", "--format=%s", "--", file]).stdout.lines().count(), 5);
        assert!((0..4).all(|round| scratch.vault_has(file, &format!("{file} {round}\n"))));
    }
}
