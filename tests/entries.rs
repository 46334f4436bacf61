//! How git-bak comes to run: shims, links, by hand, and what stands in the way of each.

use crate::pair::{left, ours};
use crate::scratch::{Ran, Scratch, script};

fn hooks(scratch: &Scratch) -> std::path::PathBuf {
    scratch.top().join(".git/hooks")
}

#[cfg(unix)]
#[test]
fn a_dangling_link_where_a_hook_was_does_not_leave_the_repository_unprotected() {
    let scratch = Scratch::empty();
    for hook in ["post-index-change", "pre-commit", "post-commit"] {
        std::os::unix::fs::symlink("/nowhere/hook", hooks(&scratch).join(hook)).unwrap();
    }
    scratch.try_bak(["install"]);
    scratch.write("a.txt", "one\n");
    scratch.git(["add", "."]);
    assert_eq!(scratch.backup_texts("a.txt"), ["one\n"]);
    scratch.write("a.txt", "edited\n");
    let ran = scratch.git(["commit", "-m", "first"]);
    assert!(ran.stderr.contains("backed up: a.txt"), "{ran:#?}");
    assert!(left(&scratch.root()).is_empty());
}

#[test]
fn a_shim_whose_binary_is_gone_says_so_and_runs_the_users_hook() {
    let scratch = Scratch::empty();
    let copy = scratch.root().join("copy");
    std::fs::hard_link(scratch.root().join("bin/git-bak"), &copy).unwrap();
    Ran::of(&scratch.command(&copy).arg("install").output().unwrap()).expect_success();
    // Neither at its place nor on the PATH.
    std::fs::remove_file(&copy).unwrap();
    std::fs::remove_dir_all(scratch.root().join("bin")).unwrap();
    scratch.hook("pre-commit", "echo pre >>../ran");
    scratch.hook("post-commit", "echo post >>../ran");
    scratch.write("a.txt", "one\n");
    scratch.git(["add", "."]);
    let ran = scratch.git(["commit", "-m", "first"]);
    assert_eq!(ours(&ran).len(), 2, "a line from each hook: {ran:#?}");
    assert!(ours(&ran)[0].contains("git-bak x not found"), "{ran:#?}");
    let text = std::fs::read_to_string(scratch.root().join("ran")).unwrap();
    assert_eq!(text, "pre\npost\n");
    assert_eq!(ours(&scratch.git(["checkout", "-qb", "other"])).len(), 1);
    scratch.hook("pre-commit", "exit 1");
    assert_eq!(scratch.try_git(["commit", "-m", "no", "--allow-empty"]).status, 1);
}

#[test]
fn a_shim_falls_back_to_the_path() {
    let scratch = Scratch::empty();
    let copy = scratch.root().join("copy");
    std::fs::hard_link(scratch.root().join("bin/git-bak"), &copy).unwrap();
    Ran::of(&scratch.command(&copy).arg("install").output().unwrap()).expect_success();
    std::fs::remove_file(&copy).unwrap();
    scratch.write("a.txt", "one\n");
    let ran = scratch.git(["add", "."]);
    assert_eq!((ran.stderr.as_str(), scratch.backups("a.txt").len()), ("", 1));
    scratch.write("a.txt", "edited\n");
    let ran = scratch.git(["commit", "-m", "first"]);
    assert!(ran.stderr.contains("backed up: a.txt"), "{ran:#?}");
    assert!(left(&scratch.root()).is_empty());
}

#[cfg(unix)]
#[test]
fn a_shim_that_lost_its_run_bit_gets_it_back_by_installing_again() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = Scratch::new();
    let shim = hooks(&scratch).join("pre-commit");
    std::fs::set_permissions(&shim, PermissionsExt::from_mode(0o644)).unwrap();
    scratch.bak(["install"]);
    scratch.write("a.txt", "two\n");
    let ran = scratch.git(["commit", "-am", "second"]);
    assert!(ran.stderr.contains("backed up: a.txt"), "{ran:#?}");
}

#[test]
fn a_relative_hooks_path_is_not_installed_into_where_it_would_not_be_found() {
    let scratch = Scratch::empty();
    scratch.git(["config", "core.hooksPath", "my-hooks"]);
    std::fs::create_dir(scratch.top().join("my-hooks")).unwrap();
    let ran = scratch.try_bak(["install"]);
    assert_ne!(ran.status, 0, "{ran:#?}");
    assert!(ran.stderr.contains("my-hooks"), "{ran:#?}");
    let written = std::fs::read_dir(scratch.top().join("my-hooks")).unwrap().count();
    assert_eq!(written, 0, "a hook manager's folder is not written to");
}

/// Runs our hooks inside a Git directory, in the order in which a commit and a checkout run them.
fn run_inside(scratch: &Scratch, git_dir: &str, after_each: impl Fn(&str)) {
    let git_dir = scratch.top().join(git_dir);
    for hook in ["pre-commit", "post-commit", "post-checkout"] {
        let mut command = scratch.at(&git_dir).command(git_dir.join("hooks").join(hook));
        let ran = Ran::of(&command.args(["0", "0", "1"]).output().unwrap());
        assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{ran:#?}");
        after_each(hook);
    }
    assert!(left(&scratch.top().join(".git")).is_empty());
}

#[test]
fn a_client_that_runs_hooks_inside_the_git_directory_is_served_like_git() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "two\n");
    run_inside(&scratch, ".git", |hook| {
        let expected: &[&str] = if hook == "pre-commit" { &["two\n"] } else { &[] };
        assert_eq!(scratch.backup_texts("a.txt"), expected, "after {hook}");
    });
    assert!(scratch.vault_has("a.txt", "two\n"));
}

#[test]
fn hooks_inside_the_git_directory_of_a_submodule_serve_the_submodule() {
    let scratch = Scratch::new();
    scratch.git(["clone", "-q", ".", "../origin"]);
    let allow = "protocol.file.allow=always";
    scratch.git(["-c", allow, "submodule", "--quiet", "add", "../origin", "sub"]);
    let sub = scratch.at(scratch.top().join("sub"));
    sub.bak(["install"]);
    scratch.write("sub/a.txt", "two\n");
    run_inside(&scratch, ".git/modules/sub", |hook| {
        let expected: &[&str] = if hook == "pre-commit" { &["two\n"] } else { &[] };
        assert_eq!(scratch.backup_texts("sub/a.txt"), expected, "after {hook}");
    });
    assert!(sub.vault_has("a.txt", "two\n"));
}

#[test]
fn hooks_inside_a_git_directory_whose_files_are_elsewhere_do_nothing() {
    for (key, value) in [("core.bare", "yes"), ("core.worktree", "../../elsewhere")] {
        let scratch = Scratch::new();
        scratch.write("a.txt", "two\n");
        scratch.bak(["snapshot"]);
        scratch.git(["config", key, value]);
        run_inside(&scratch, ".git", |_| assert_eq!(scratch.backup_texts("a.txt"), ["two\n"]));
    }
}

#[test]
fn a_hook_that_finds_its_work_by_its_own_name_is_not_renamed() {
    let scratch = Scratch::empty();
    let by_name = "exec .husky/$(basename \"$0\") \"$@\"";
    script(&hooks(&scratch).join("pre-commit"), by_name);
    let ran = scratch.try_bak(["install"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert!(!hooks(&scratch).join("pre-commit.before-bak").exists());
    let text = std::fs::read_to_string(hooks(&scratch).join("pre-commit")).unwrap();
    assert!(text.contains(by_name) && !text.contains("git-bak"));
    assert!(ran.stderr.contains("hook pre-commit"), "the line to add: {ran:#?}");
}

#[cfg(unix)]
#[test]
fn a_link_to_the_binary_is_a_hook_by_its_name() {
    let hard_link = |from: &std::path::Path, to: &std::path::Path| std::fs::hard_link(from, to);
    let soft_link =
        |from: &std::path::Path, to: &std::path::Path| std::os::unix::fs::symlink(from, to);
    type Link<'a> = &'a dyn Fn(&std::path::Path, &std::path::Path) -> std::io::Result<()>;
    let ways: [Link<'_>; 2] = [&hard_link, &soft_link];
    for link in ways {
        let scratch = Scratch::empty();
        for hook in ["pre-commit", "post-commit", "post-checkout"] {
            link(&scratch.root().join("bin/git-bak"), &hooks(&scratch).join(hook)).unwrap();
            let chained = hooks(&scratch).join(format!("{hook}.before-bak"));
            script(&chained, &format!("echo {hook} >>../ran"));
        }
        scratch.write("a.txt", "one\n");
        scratch.git(["add", "."]);
        let ran = scratch.git(["commit", "-m", "first"]);
        assert!(ran.stderr.contains("backed up: a.txt"), "{ran:#?}");
        assert!(left(&scratch.root()).is_empty());
        scratch.git(["checkout", "-qb", "other"]);
        let text = std::fs::read_to_string(scratch.root().join("ran")).unwrap();
        assert_eq!(text, "pre-commit\npost-commit\npost-checkout\n");
    }
}

#[test]
fn a_hook_run_by_hand_does_what_it_does_for_git() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "two\n");
    scratch.hook("pre-commit", "echo chained");
    let ran = scratch.bak(["hook", "pre-commit"]);
    assert_eq!(ran.stdout, "chained\n", "the user's hook has its own output");
    assert_eq!(scratch.backup_texts("a.txt"), ["two\n"]);
    assert!(scratch.vault_has("a.txt", "two\n"));
    let ran = scratch.bak(["hook", "post-commit"]);
    assert_eq!(ran.stdout, "");
    assert!(left(&scratch.root()).is_empty());
}

#[test]
fn a_hook_run_by_hand_from_a_subdirectory_protects_the_whole_tree() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "two\n");
    scratch.write("sub/x", "untracked\n");
    let ran = scratch.at(scratch.top().join("sub")).bak(["hook", "pre-commit"]);
    assert_eq!(scratch.backup_texts("a.txt"), ["two\n"], "{ran:#?}");
}

#[test]
fn a_hook_outside_of_any_repository_does_nothing() {
    let scratch = Scratch::new();
    for hook in ["post-index-change", "pre-commit", "post-commit", "post-checkout"] {
        let ran = scratch.at(scratch.root()).bak(["hook", hook, "0", "0"]);
        assert_eq!(ran.stdout, "");
    }
}

#[test]
fn an_unknown_hook_is_wrong_usage() {
    let scratch = Scratch::new();
    let ran = scratch.try_bak(["hook", "pre-comit"]);
    assert_eq!(ran.status, 2, "{ran:#?}");
    assert!(ran.stderr.contains("pre-comit"), "{ran:#?}");
}

#[test]
fn a_working_tree_that_looks_like_a_git_directory_is_protected_all_the_same() {
    let scratch = Scratch::new();
    scratch.write("HEAD", "ref: refs/heads/main\n");
    scratch.write("objects/x", "x\n");
    scratch.write("a.txt", "two\n");
    scratch.git(["add", "."]);
    assert_eq!(scratch.backup_texts("HEAD"), ["ref: refs/heads/main\n"]);
    scratch.write("a.txt", "edited\n");
    let ran = scratch.git(["commit", "-m", "a repository as a fixture"]);
    assert!(ran.stderr.contains("backed up: a.txt"), "{ran:#?}");
}
