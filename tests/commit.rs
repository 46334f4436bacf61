//! Every way to commit a file: what is backed up before, that it is gone after, and that Git does and
//! prints what it does without git-bak.

use crate::pair::{Pair, feed, left, not_ours};
use crate::scratch::{BAK, Ran, Scratch};

/// A pair in which `a.txt` is staged as "two\n".
fn staged() -> Pair {
    let pair = Pair::new();
    pair.write("a.txt", "two\n");
    pair.git(["add", "a.txt"]);
    pair
}

fn git<const N: usize>(args: [&'static str; N]) -> impl Fn(&Scratch) -> Ran {
    move |scratch| scratch.try_git(args)
}

#[test]
fn a_plain_commit_backs_up_what_is_staged() {
    staged().commits(["a.txt=two|"], git(["commit", "-m", "second"]));
}

#[test]
fn unstaged_edits_of_other_files_are_backed_up_too() {
    let pair = staged();
    pair.write("b.txt", "edited\n");
    pair.commits(["a.txt=two|", "b.txt=edited|"], git(["commit", "-m", "second"]));
    assert_eq!(pair.with.read("b.txt"), "edited\n");
}

#[test]
fn a_file_staged_and_edited_again_has_both_versions_backed_up() {
    let pair = staged();
    pair.write("a.txt", "three\n");
    pair.commits(["a.txt=two|", "a.txt=three|"], git(["commit", "-m", "second"]));
    assert_eq!(pair.with.read("a.txt"), "three\n");
}

#[test]
fn commit_all_backs_up_what_it_stages_itself() {
    let pair = Pair::new();
    pair.write("a.txt", "two\n");
    pair.write("b.txt", "two\n");
    pair.commits(["a.txt=two|", "b.txt=two|"], git(["commit", "-am", "second"]));
}

#[test]
fn commit_only_takes_the_named_path_and_leaves_the_rest_staged() {
    for args in [["commit", "-m", "b", "-o", "b.txt"], ["commit", "-m", "b", "--", "b.txt"]] {
        let pair = staged();
        pair.write("b.txt", "two\n");
        pair.commits(["a.txt=two|", "b.txt=two|"], git(args));
        assert_eq!(pair.with.git(["diff", "--cached", "--name-only"]).stdout, "a.txt\n");
        pair.commits(["a.txt=two|"], git(["commit", "-m", "a"]));
    }
}

#[test]
fn commit_include_takes_the_named_path_and_what_is_staged() {
    let pair = staged();
    pair.write("b.txt", "two\n");
    pair.commits(["a.txt=two|", "b.txt=two|"], git(["commit", "-m", "both", "-i", "b.txt"]));
}

#[test]
fn commit_patch_backs_up_the_chosen_hunk_and_the_whole_file() {
    let pair = Pair::new();
    let lines: Vec<String> = (1..=20).map(|n| format!("{n}\n")).collect();
    pair.write("a.txt", &lines.concat());
    pair.git(["commit", "-qam", "lines"]);
    let mut first = lines.clone();
    first[0] = "ONE\n".into();
    let mut both = first.clone();
    both[19] = "TWENTY\n".into();
    pair.write("a.txt", &both.concat());
    let shown = |lines: &[String]| format!("a.txt={}", lines.concat().replace('\n', "|"));
    pair.commits([&shown(&first), &shown(&both)], |scratch| {
        let mut command = scratch.command("git");
        command.args(["commit", "-p", "-m", "first hunk"]);
        feed(command, "y\nn\n")
    });
    assert_eq!(pair.with.git(["show", "HEAD:a.txt"]).stdout, first.concat());
    assert_eq!(pair.with.read("a.txt"), both.concat());
}

#[test]
fn an_amended_commit_backs_up_what_is_new_in_it() {
    let pair = staged();
    pair.commits(["a.txt=two|"], git(["commit", "--amend", "-m", "first again"]));
    pair.commits([], git(["commit", "--amend", "-m", "only another message"]));
}

#[test]
fn amending_only_the_message_leaves_what_is_staged() {
    let pair = staged();
    pair.commits(["a.txt=two|"], git(["commit", "--amend", "--only", "-m", "reworded"]));
    assert_eq!(pair.with.git(["diff", "--cached", "--name-only"]).stdout, "a.txt\n");
}

#[test]
fn no_verify_makes_no_backup_and_cleans_up_those_that_were_made_before() {
    let pair = staged();
    // Git asks the guard, if there is one.
    pair.with.bak(["install", "--no-guard"]);
    pair.hook("commit-msg", "exit 1");
    pair.try_git(["commit", "-m", "fails"]);
    assert_eq!(pair.with.backup_texts("a.txt"), ["two\n"]);
    pair.write("b.txt", "staged\n");
    pair.git(["add", "b.txt"]);
    pair.write("b.txt", "never backed up\n");
    let versions = ["a.txt=two|", "b.txt=staged|"];
    pair.commits(versions, git(["commit", "--no-verify", "-m", "second"]));
    assert!(!pair.with.vault_has("b.txt", "never backed up\n"));
}

#[test]
fn the_first_commit_is_as_any_other() {
    let pair = Pair::empty();
    pair.write("d/a.txt", "one\n");
    pair.git(["add", "."]);
    pair.write("d/a.txt", "two\n");
    pair.commits(["d/a.txt=one|", "d/a.txt=two|"], git(["commit", "-m", "first"]));
}

#[test]
fn a_commit_from_a_subdirectory_backs_up_files_everywhere() {
    let pair = staged();
    pair.write("sub/c.txt", "new\n");
    pair.git(["add", "sub"]);
    pair.commits(["a.txt=two|", "sub/c.txt=new|"], |scratch| {
        scratch.at(scratch.top().join("sub")).try_git(["commit", "-m", "from below"])
    });
}

#[test]
fn an_empty_commit_makes_no_backup_and_no_word() {
    let pair = Pair::new();
    let vault = pair.with.vault();
    let ran = pair.git(["commit", "--allow-empty", "-qm", "nothing"]);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    assert_eq!(pair.with.vault(), vault);
}

#[test]
fn a_message_from_standard_input_arrives_whole() {
    staged().commits(["a.txt=two|"], |scratch| {
        let mut command = scratch.command("git");
        command.args(["commit", "-F", "-"]);
        feed(command, "from standard input\n")
    });
}

#[test]
fn renamed_deleted_and_executable_files_are_committed_as_without_us() {
    let pair = Pair::new();
    pair.write("c.txt", "one\n");
    pair.git(["add", "."]);
    pair.git(["commit", "-qm", "c"]);
    pair.git(["mv", "a.txt", "renamed.txt"]);
    pair.git(["rm", "-q", "b.txt"]);
    pair.git(["update-index", "--chmod=+x", "c.txt"]);
    pair.commits(["c.txt=one|", "renamed.txt=one|"], git(["commit", "-m", "moved"]));
}

#[test]
fn a_commit_on_a_detached_head_and_in_a_bisection_is_as_any_other() {
    let pair = Pair::new();
    for n in ["2", "3", "4"] {
        pair.write("b.txt", n);
        pair.git(["commit", "-qam", n]);
    }
    pair.git(["bisect", "start", "HEAD", "HEAD~3"]);
    pair.write("a.txt", "two\n");
    pair.commits(["a.txt=two|"], git(["commit", "-am", "detached"]));
}

#[test]
fn hooks_print_nothing_to_standard_output() {
    let pair = staged();
    pair.write("b.txt", "edited\n");
    assert_eq!(pair.git(["commit", "-qm", "second"]).stdout, "");
    assert_eq!(pair.git(["checkout", "-q", "--", "b.txt"]).stdout, "");
    assert_eq!(pair.git(["checkout", "-q", "HEAD~1"]).stdout, "");
}

#[test]
fn a_linked_worktree_commits_and_cleans_up_for_itself() {
    let pair = staged();
    pair.hook("commit-msg", r#"case "$(git branch --show-current)" in main) exit 1;; esac"#);
    pair.try_git(["commit", "-qm", "fails in the main one"]);
    assert_eq!(pair.with.backups("a.txt").len(), 1);
    pair.git(["worktree", "add", "-q", "-b", "other", "../linked"]);
    pair.seen();
    let at = |scratch: &Scratch| scratch.root().join("linked");
    pair.each(|scratch| std::fs::write(at(scratch).join("a.txt"), "linked\n").unwrap());
    let ran = pair.same(|scratch| scratch.at(at(scratch)).try_git(["commit", "-am", "linked"]));
    ran.expect_success();
    assert_eq!(pair.seen(), ["a.txt=linked|"]);
    assert!(left(&at(&pair.with)).is_empty());
    assert!(pair.with.vault_has("a.txt", "linked\n"));
    assert_eq!(
        pair.with.backup_texts("a.txt"),
        ["two\n"],
        "the main one's failed commit keeps its"
    );
}

#[test]
fn a_repository_named_by_the_environment_is_protected() {
    let pair = staged();
    pair.commits(["a.txt=two|"], |scratch| {
        let mut command = scratch.at(scratch.root()).command("git");
        command.env("GIT_DIR", scratch.top().join(".git")).env("GIT_WORK_TREE", scratch.top());
        Ran::of(&command.args(["commit", "-m", "from outside"]).output().unwrap())
    });
}

#[test]
fn a_relative_git_dir_holds_from_outside_and_from_below() {
    let pair = staged();
    pair.commits(["a.txt=two|"], |scratch| {
        let flags = ["--git-dir=repo/.git", "--work-tree=repo", "commit", "-m", "from outside"];
        scratch.at(scratch.root()).try_git(flags)
    });
    pair.write("sub/c.txt", "new\n");
    pair.git(["add", "sub"]);
    pair.commits(["sub/c.txt=new|"], |scratch| {
        let flags = ["--git-dir=../.git", "--work-tree=..", "commit", "-m", "from below"];
        scratch.at(scratch.top().join("sub")).try_git(flags)
    });
}

#[test]
fn an_index_of_ones_own_is_the_one_that_is_backed_up() {
    for all in [false, true] {
        let pair = staged();
        let with_index = |scratch: &Scratch, index: &str, args: &[&str]| {
            let mut command = scratch.command("git");
            Ran::of(&command.env("GIT_INDEX_FILE", index).args(args).output().unwrap())
        };
        for index in [".git/other-index", "other.index"] {
            pair.write("b.txt", index);
            let text = format!("b.txt={index}");
            pair.same(|scratch| with_index(scratch, index, &["read-tree", "HEAD"]));
            pair.same(|scratch| with_index(scratch, index, &["update-index", "--refresh"]));
            let args: &[&str] = if all {
                &["commit", "-am", "through another index"]
            } else {
                pair.same(|scratch| with_index(scratch, index, &["add", "b.txt"]));
                &["commit", "-m", "through another index"]
            };
            pair.seen();
            pair.same(|scratch| with_index(scratch, index, args)).expect_success();
            let seen = pair.seen();
            assert!(seen.contains(&text), "{seen:?}");
            assert!(left(&pair.with.root()).is_empty());
        }
    }
}

#[test]
fn a_submodule_is_protected_by_hooks_of_its_own_and_its_link_is_no_file() {
    let pair = Pair::new();
    pair.each(|scratch| {
        scratch.git(["clone", "-q", ".", "../origin"]);
        let allow = "protocol.file.allow=always";
        scratch.git(["-c", allow, "submodule", "--quiet", "add", "../origin", "sub"]);
        let sub = scratch.at(scratch.top().join("sub"));
        sub.git(["config", "user.name", "Test"]);
        sub.git(["config", "user.email", "test@example.org"]);
        scratch.write("sub/a.txt", "in the submodule\n");
    });
    pair.with.at(pair.with.top().join("sub")).bak(["install"]);
    pair.each(|scratch| {
        let hook = scratch.top().join(".git/modules/sub/hooks/prepare-commit-msg");
        crate::scratch::script(&hook, crate::pair::WATCH);
    });
    pair.seen();
    let sub = |scratch: &Scratch| scratch.top().join("sub");
    pair.same(|scratch| scratch.at(sub(scratch)).try_git(["commit", "-am", "inside"]))
        .expect_success();
    assert_eq!(pair.seen(), ["a.txt=in the submodule|"]);
    // `git submodule add` has staged a file of the superproject's, whose commit is yet to come.
    assert!(pair.with.at(sub(&pair.with)).bak(["list", "--files"]).stdout.is_empty());
    assert_eq!(left(&pair.with.root()).len(), pair.with.backups(".gitmodules").len());
    assert!(pair.with.at(sub(&pair.with)).vault_has("a.txt", "in the submodule\n"));
    let module = ".gitmodules=[submodule \"sub\"]|\tpath = sub|\turl = ../origin|";
    pair.commits([module], git(["commit", "-am", "the link"]));
}

#[test]
fn a_separate_git_directory_is_found() {
    let pair = Pair::new();
    pair.each(|scratch| {
        scratch.git(["init", "-q", "--separate-git-dir", "../elsewhere.git"]);
    });
    pair.write("a.txt", "two\n");
    pair.commits(["a.txt=two|"], git(["commit", "-am", "second"]));
    assert!(pair.with.root().join("elsewhere.git/bak").is_dir());
}

#[test]
fn files_kept_in_a_bare_repository_with_a_work_tree_are_protected() {
    let pair = Pair::new();
    pair.each(|scratch| {
        std::fs::rename(scratch.top().join(".git"), scratch.root().join("dotfiles")).unwrap();
        let config = ["--git-dir=../dotfiles", "config", "core.bare", "true"];
        scratch.git(config);
    });
    pair.write("a.txt", "two\n");
    // pre-commit doesn't run, but Git asks the guard.
    let flags = ["--git-dir=../dotfiles", "--work-tree=.", "commit", "-am", "dots", "-n"];
    pair.same(|scratch| scratch.try_git(flags)).expect_success();
    assert_eq!(pair.seen(), ["a.txt=two|"]);
    pair.write("a.txt", "three\n");
    let flags = ["--git-dir=../dotfiles", "--work-tree=.", "commit", "-am", "dots"];
    pair.same(|scratch| scratch.try_git(flags)).expect_success();
    assert_eq!(pair.seen(), ["a.txt=three|"]);
    assert!(left(pair.with.top()).is_empty());
    let dotfiles = pair.with.at(pair.with.root().join("dotfiles"));
    assert!(dotfiles.vault_has("a.txt", "three\n"), "{:?}", dotfiles.vault());
}

#[test]
fn a_working_tree_of_a_bare_repository_is_protected() {
    let pair = Pair::new();
    pair.each(|scratch| {
        scratch.git(["clone", "-q", "--bare", ".", "../bare.git"]);
        let bare = scratch.root().join("bare.git");
        scratch.at(&bare).git(["worktree", "add", "-q", "../tree"]);
        scratch.at(&bare).git(["config", "user.name", "Test"]);
        scratch.at(&bare).git(["config", "user.email", "test@example.org"]);
        let hook = bare.join("hooks/prepare-commit-msg");
        crate::scratch::script(&hook, crate::pair::WATCH);
        std::fs::write(scratch.root().join("tree/a.txt"), "two\n").unwrap();
    });
    let tree = |scratch: &Scratch| scratch.root().join("tree");
    pair.with.at(tree(&pair.with)).bak(["install"]);
    pair.same(|scratch| scratch.at(tree(scratch)).try_git(["commit", "-am", "second"]))
        .expect_success();
    assert_eq!(pair.seen(), ["a.txt=two|"]);
    assert!(left(&pair.with.root()).is_empty());
}

#[test]
fn in_a_bare_repository_there_is_nothing_to_do() {
    let scratch = Scratch::new();
    scratch.git(["clone", "-q", "--bare", ".", "../bare.git"]);
    let bare = scratch.root().join("bare.git");
    for hook in ["post-index-change", "pre-commit", "post-commit", "post-checkout"] {
        let ran = scratch.at(&bare).bak(["hook", hook, "0", "0"]);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
        let mut command = scratch.at(&bare).command(BAK);
        let ran =
            Ran::of(&command.env("GIT_DIR", ".").args(["hook", hook, "0", "0"]).output().unwrap());
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    }
    assert!(!bare.join("bak").exists());
    assert!(not_ours(&scratch.at(&bare).git(["fsck"])).is_empty());
}
