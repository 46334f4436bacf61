//! Commits that other commands make or ask for: merge, cherry-pick, revert, rebase, squash, am.

use crate::pair::{Pair, left, ours};
use crate::scratch::{Ran, Scratch};

/// Branches `main` and `other` that both changed `a.txt`; `other` also has `theirs.txt` and `b.txt`.
fn conflicting() -> Pair {
    let pair = Pair::new();
    pair.git(["checkout", "-qb", "other"]);
    pair.write("a.txt", "other\n");
    pair.write("b.txt", "other\n");
    pair.write("theirs.txt", "other\n");
    pair.git(["add", "."]);
    pair.git(["commit", "-qm", "other"]);
    pair.git(["checkout", "-q", "main"]);
    pair.write("a.txt", "main\n");
    pair.git(["commit", "-qam", "main"]);
    pair
}

/// Branches that changed different files, in two commits each.
fn diverged() -> Pair {
    let pair = Pair::new();
    pair.git(["checkout", "-qb", "other"]);
    for n in ["2", "3"] {
        pair.write("theirs.txt", n);
        pair.git(["add", "."]);
        pair.git(["commit", "-qm", n]);
    }
    pair.git(["checkout", "-q", "main"]);
    pair.write("a.txt", "main\n");
    pair.git(["commit", "-qam", "main"]);
    pair
}

/// Leaves the backup of a failed commit of `b.txt` and nothing else to commit.
fn failed_before(pair: &Pair) {
    pair.write("b.txt", "failed\n");
    pair.git(["add", "b.txt"]);
    pair.hook("commit-msg", "exit 1");
    assert_eq!(pair.try_git(["commit", "-qm", "fails"]).status, 1);
    pair.git(["reset", "-q", "--hard"]);
    pair.each(|scratch| std::fs::remove_file(scratch.top().join(".git/hooks/commit-msg")).unwrap());
    assert_eq!(pair.with.backup_texts("b.txt"), ["failed\n"]);
    pair.seen();
}

fn git<const N: usize>(args: [&'static str; N]) -> impl Fn(&Scratch) -> Ran {
    move |scratch| scratch.try_git(args)
}

#[test]
fn a_merge_backs_up_its_resolutions_and_not_what_a_parent_has() {
    let pair = conflicting();
    assert_eq!(pair.try_git(["merge", "other"]).status, 1);
    pair.write("a.txt", "resolved\n");
    pair.git(["add", "a.txt"]);
    pair.commits(["a.txt=resolved|"], git(["commit", "--no-edit"]));
}

#[test]
fn a_merge_resolved_by_one_side_has_nothing_to_back_up() {
    for side in ["--ours", "--theirs"] {
        let pair = conflicting();
        pair.try_git(["merge", "other"]);
        pair.git(["checkout", side, "a.txt"]);
        pair.git(["add", "a.txt"]);
        pair.commits([], git(["commit", "--no-edit"]));
    }
}

#[test]
fn a_merge_continued_is_a_merge_committed() {
    let pair = conflicting();
    pair.try_git(["merge", "other"]);
    pair.write("a.txt", "resolved\n");
    pair.git(["add", "a.txt"]);
    pair.commits(["a.txt=resolved|"], git(["merge", "--continue"]));
}

#[test]
fn unstaged_edits_in_a_merge_are_backed_up() {
    let pair = conflicting();
    pair.try_git(["merge", "other"]);
    pair.write("a.txt", "resolved\n");
    pair.git(["add", "a.txt"]);
    pair.write("theirs.txt", "edited\n");
    pair.commits(["a.txt=resolved|", "theirs.txt=edited|"], git(["commit", "--no-edit"]));
}

#[test]
fn a_clean_merge_runs_no_hook_of_ours_and_takes_no_backup_away() {
    let pair = diverged();
    failed_before(&pair);
    let vault = pair.with.vault();
    let ran = pair.git(["merge", "--no-edit", "other"]);
    assert!(ours(&ran).is_empty(), "{ran:#?}");
    assert_eq!(pair.with.vault(), vault);
    assert_eq!(pair.with.backup_texts("b.txt"), ["failed\n"]);
    pair.commits(["b.txt=failed|"], git(["commit", "--allow-empty", "-m", "the next one"]));
}

#[test]
fn an_aborted_merge_keeps_what_was_backed_up_in_it() {
    let pair = conflicting();
    pair.try_git(["merge", "other"]);
    pair.write("a.txt", "resolved\n");
    pair.git(["add", "a.txt"]);
    pair.hook("commit-msg", "exit 1");
    assert_eq!(pair.try_git(["commit", "--no-edit"]).status, 1);
    pair.git(["merge", "--abort"]);
    assert_eq!(pair.with.backup_texts("a.txt"), ["resolved\n"]);
}

#[test]
fn a_fast_forward_and_a_pull_run_as_without_us() {
    let pair = Pair::new();
    pair.each(|scratch| drop(scratch.git(["clone", "-q", ".", "../upstream"])));
    pair.each(|scratch| {
        let upstream = scratch.at(scratch.root().join("upstream"));
        upstream.git([
            "-c",
            "user.name=T",
            "-c",
            "user.email=t@e",
            "commit",
            "-qm",
            "up",
            "--allow-empty",
        ]);
    });
    let ran = pair.git(["pull", "-q", "../upstream", "main"]);
    assert!(ours(&ran).is_empty(), "{ran:#?}");
}

#[test]
fn a_squash_merge_backs_up_what_it_brings() {
    let pair = diverged();
    pair.git(["merge", "--squash", "other"]);
    pair.commits(["theirs.txt=3"], git(["commit", "-m", "squashed"]));
}

#[test]
fn a_cherry_pick_cleans_up_what_is_held() {
    let pair = diverged();
    failed_before(&pair);
    pair.commits(["b.txt=failed|"], git(["cherry-pick", "other~1"]));
}

#[test]
fn a_cherry_pick_of_several_is_as_without_us() {
    diverged().commits([], git(["cherry-pick", "main..other"]));
}

#[test]
fn a_cherry_pick_that_stopped_backs_up_its_resolution() {
    for end in [["cherry-pick", "--continue"], ["commit", "--no-edit"]] {
        let pair = conflicting();
        assert_eq!(pair.try_git(["cherry-pick", "other"]).status, 1);
        pair.write("a.txt", "resolved\n");
        pair.git(["add", "a.txt"]);
        let expected = ["a.txt=resolved|", "b.txt=other|", "theirs.txt=other|"];
        pair.commits(expected, git(end));
    }
}

#[test]
fn a_cherry_pick_that_is_not_committed_is_backed_up_when_it_is() {
    let pair = diverged();
    pair.git(["cherry-pick", "-n", "other~1"]);
    pair.commits(["theirs.txt=2"], git(["commit", "-m", "picked"]));
}

#[test]
fn a_revert_cleans_up_what_is_held() {
    let pair = diverged();
    failed_before(&pair);
    pair.commits(["b.txt=failed|"], git(["revert", "--no-edit", "HEAD"]));
}

#[test]
fn a_rebase_moves_every_commit_as_without_us() {
    let pair = diverged();
    failed_before(&pair);
    pair.git(["rebase", "-q", "other"]);
    assert!(left(&pair.with.root()).is_empty());
    assert!(pair.with.vault_has("b.txt", "failed\n"));
}

#[test]
fn a_rebase_with_apply_is_as_without_us() {
    diverged().git(["rebase", "-q", "--apply", "other"]);
}

#[test]
fn a_rebase_that_stopped_goes_on_as_without_us() {
    let pair = conflicting();
    assert_eq!(pair.try_git(["rebase", "-q", "other"]).status, 1);
    pair.write("a.txt", "resolved\n");
    pair.git(["add", "a.txt"]);
    pair.git(["rebase", "--continue"]);
    assert!(left(&pair.with.root()).is_empty());
}

#[test]
fn a_commit_in_the_middle_of_a_rebase_is_backed_up() {
    let pair = conflicting();
    pair.try_git(["rebase", "-q", "other"]);
    pair.write("a.txt", "resolved\n");
    pair.git(["add", "a.txt"]);
    pair.commits(["a.txt=resolved|"], git(["commit", "-m", "by hand"]));
    pair.git(["rebase", "--continue"]);
}

#[test]
fn an_interactive_rebase_with_every_verb_is_as_without_us() {
    for todo in ["1s/pick/reword/", "2s/pick/squash/", "2s/pick/fixup/", "2s/pick/drop/"] {
        let pair = diverged();
        pair.git(["checkout", "-q", "other"]);
        let ran = pair.same(|scratch| {
            let mut command = scratch.command("git");
            command.env("GIT_SEQUENCE_EDITOR", format!("sed -i.orig {todo}"));
            Ran::of(&command.args(["rebase", "-q", "-i", "main"]).output().unwrap())
        });
        ran.expect_success();
        assert!(left(&pair.with.root()).is_empty());
    }
}

#[test]
fn an_amend_where_a_rebase_stopped_for_it_is_backed_up() {
    let pair = diverged();
    pair.git(["checkout", "-q", "other"]);
    pair.same(|scratch| {
        let mut command = scratch.command("git");
        command.env("GIT_SEQUENCE_EDITOR", "sed -i.orig 1s/pick/edit/");
        Ran::of(&command.args(["rebase", "-q", "-i", "main"]).output().unwrap())
    });
    pair.write("theirs.txt", "amended\n");
    pair.commits(["theirs.txt=amended|"], git(["commit", "-a", "--amend", "--no-edit"]));
    assert_eq!(pair.try_git(["rebase", "--continue"]).status, 1, "it conflicts with the next");
    pair.git(["rebase", "--abort"]);
    assert!(pair.with.vault_has("theirs.txt", "amended\n"));
}

#[test]
fn a_command_in_a_rebase_commits_with_all_hooks() {
    let pair = diverged();
    pair.seen();
    let exec = "echo new > new.txt && git add new.txt && git commit -qm new";
    pair.git(["rebase", "-q", "--exec", exec, "HEAD~1"]);
    assert!(pair.seen().contains(&"new.txt=new|".to_owned()));
    assert!(left(&pair.with.root()).is_empty());
}

#[test]
fn patches_from_a_mailbox_are_applied_as_without_us() {
    let pair = diverged();
    failed_before(&pair);
    pair.each(|scratch| {
        let patches = scratch.git(["format-patch", "--stdout", "main..other"]).stdout;
        std::fs::write(scratch.root().join("mbox"), patches).unwrap();
    });
    pair.git(["am", "-q", "../mbox"]);
    assert_eq!(pair.with.backup_texts("b.txt"), ["failed\n"], "am ends no attempt");
}

#[test]
fn a_commit_with_autostashed_edits_around_it_loses_none() {
    let pair = diverged();
    pair.write("b.txt", "edited\n");
    pair.git(["rebase", "-q", "--autostash", "other"]);
    assert_eq!(pair.with.read("b.txt"), "edited\n");
    pair.commits(["b.txt=edited|"], git(["commit", "-qam", "edited"]));
}

#[test]
fn a_clean_merge_whose_hook_is_the_pre_commit_hook_leaves_nothing_behind() {
    let pair = diverged();
    // As Git's own sample of pre-merge-commit has it.
    pair.hook("pre-merge-commit", "[ ! -x .git/hooks/pre-commit ] || exec .git/hooks/pre-commit");
    pair.hook("pre-commit", "exit 0");
    let ran = pair.git(["merge", "-q", "--no-edit", "other"]);
    assert!(ours(&ran).is_empty(), "both parents have it all: {ran:#?}");
    assert!(left(&pair.with.root()).is_empty());
    let status = pair.with.bak(["status"]).stdout;
    assert!(!status.contains("failed") && !status.contains("under way"), "{status}");
}
