//! Installing where `core.hooksPath` or a link leads Git to another hooks folder.

use std::fs;
use std::path::Path;

use crate::scratch::{Ran, Scratch, script};

/// Stages and tries a commit whose message hook refuses it: what was backed up stays.
fn is_protected(s: &Scratch, hooks: &Path) -> bool {
    script(&hooks.join("commit-msg"), "exit 1");
    s.write("a.txt", "one\n");
    s.git(["add", "a.txt"]);
    s.try_git(["commit", "-qm", "first"]);
    s.backup_texts("a.txt") == ["one\n"]
}

/// What follows `before` in the line that has it.
fn after<'a>(ran: &'a Ran, before: &str) -> &'a str {
    let line = ran.stderr.lines().find_map(|line| line.split_once(before));
    line.unwrap_or_else(|| panic!("no '{before}': {ran:?}")).1
}

fn count(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn a_folder_inside_the_git_directory_gets_the_shims() {
    let s = Scratch::empty();
    s.git(["config", "core.hooksPath", ".git/my hooks"]);
    s.bak(["install"]);
    assert!(s.exists(".git/my hooks/pre-commit"));
    assert!(!s.exists(".git/hooks/pre-commit"));
    assert!(is_protected(&s, &s.top().join(".git/my hooks")));
    s.bak(["uninstall"]);
    assert!(!s.exists(".git/my hooks/pre-commit"));
}

#[test]
fn a_folder_in_the_working_tree_is_not_written_to_and_the_printed_line_does_the_work() {
    let s = Scratch::empty();
    let folder = s.top().join(".githooks");
    fs::create_dir(&folder).unwrap();
    script(&folder.join("pre-commit"), "echo mine >&2");
    s.git(["config", "core.hooksPath", ".githooks"]);
    let ran = s.try_bak(["install"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert_eq!(count(&folder), 1, "{ran:?}");
    assert_eq!(
        fs::read_to_string(folder.join("pre-commit")).unwrap(),
        "#!/bin/sh\necho mine >&2\n"
    );
    assert!(
        ran.stderr.contains("make it, executable, with #!/bin/sh"),
        "post-commit is missing: {ran:?}"
    );
    let line = after(&ran, "add this as its second line: ");
    script(&folder.join("pre-commit"), &format!("{line}\necho mine >&2"));
    assert!(is_protected(&s, &folder));
    let again = s.try_bak(["install", "--hooks", "pre-commit"]);
    assert_eq!(again.status, 0, "{again:?}");
    assert!(again.stderr.contains("already installed: pre-commit"), "{again:?}");
    let gone = s.try_bak(["uninstall"]);
    assert_eq!(gone.status, 1, "{gone:?}");
    assert!(gone.stderr.contains("take that line out"), "{gone:?}");
}

#[test]
fn of_a_generated_folder_of_husky_the_hooks_above_it_are_named() {
    let s = Scratch::empty();
    s.write(".husky/_/h", "");
    s.write(".husky/pre-commit", "npm test\n");
    s.git(["config", "core.hooksPath", ".husky/_"]);
    let ran = s.try_bak(["install", "--hooks", "pre-commit"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stderr.contains("/.husky/pre-commit is in a folder"), "{ran:?}");
    assert_eq!(s.read(".husky/pre-commit"), "npm test\n");
}

#[test]
fn a_folder_that_other_repositories_use_is_refused_and_the_way_out_works() {
    let mut s = Scratch::empty();
    let shared = s.root().join("shared hooks");
    fs::create_dir(&shared).unwrap();
    let global = s.root().join("global");
    fs::write(&global, format!("[core]\nhooksPath = {}\n", shared.display())).unwrap();
    s.set_env("GIT_CONFIG_GLOBAL", &global);
    let ran = s.try_bak(["install"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
    assert!(ran.stderr.contains(global.to_str().unwrap()), "the origin is named: {ran:?}");
    assert_eq!(count(&shared), 0);
    assert!(!s.exists(".git/hooks/pre-commit"));
    let command = after(&ran, "run: ").split(", then").next().unwrap();
    Ran::of(&s.command("sh").args(["-c", command]).output().unwrap()).expect_success();
    s.bak(["install"]);
    assert!(is_protected(&s, &s.top().join(".git/hooks")));
}

#[test]
fn a_folder_given_for_one_command_is_refused() {
    let s = Scratch::empty();
    let ran = s.try_git(["-c", "core.hooksPath=/nonexistent/hooks", "bak", "install"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stderr.contains("without it"), "{ran:?}");
    assert!(!s.exists(".git/hooks/pre-commit"));
}

#[test]
fn a_relative_folder_that_a_linked_worktree_does_not_have_is_refused_there() {
    let s = Scratch::empty();
    s.git(["commit", "--allow-empty", "-qm", "first"]);
    s.git(["config", "core.hooksPath", ".git/hooks"]);
    let linked = s.root().join("linked");
    s.git(["worktree", "add", "-q", linked.to_str().unwrap()]);
    let ran = s.at(&linked).try_bak(["install"]);
    // There `.git` is a file, so Git finds no hook: a user told "installed" would not be protected.
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stderr.contains("core.hooksPath"), "{ran:?}");
}

#[test]
fn hooks_that_are_committed_are_left_to_their_owner_in_every_working_tree_and_clone() {
    let s = Scratch::empty();
    let folder = s.top().join(".githooks");
    fs::create_dir(&folder).unwrap();
    script(&folder.join("pre-commit"), "echo mine >>../mine");
    s.git(["config", "core.hooksPath", ".githooks"]);
    let ran = s.try_bak(["install", "--hooks", "pre-commit"]);
    let line = after(&ran, "add this as its second line: ").to_owned();
    script(&folder.join("pre-commit"), &format!("{line}\necho mine >>../mine"));
    s.write("a.txt", "one\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "first"]);
    let status = s.git(["status", "--porcelain"]).stdout;
    assert_eq!(status, "", "installing changed no tracked file");
    // The line is committed: it protects a linked worktree, which has the folder, and a clone.
    s.git(["worktree", "add", "-q", "../linked"]);
    s.at(s.root()).git(["clone", "-q", "repo", "clone"]);
    let clone = s.root().join("clone");
    for (key, value) in [("user.name", "T"), ("user.email", "t@e"), ("core.hooksPath", ".githooks")]
    {
        s.at(&clone).git(["config", key, value]);
    }
    for top in [s.root().join("linked"), clone] {
        fs::write(top.join("a.txt"), "two\n").unwrap();
        let ran = s.at(&top).git(["commit", "-am", "second"]);
        assert!(ran.stderr.contains("backed up: a.txt.bak."), "{ran:?}");
    }
    let mine = fs::read_to_string(s.root().join("mine")).unwrap();
    assert_eq!(mine, "mine\nmine\nmine\n");
}

#[test]
fn where_the_line_says_no_the_hook_it_stands_in_ends_there() {
    let s = Scratch::empty();
    let folder = s.top().join(".githooks");
    fs::create_dir(&folder).unwrap();
    script(&folder.join("pre-commit"), "true");
    s.git(["config", "core.hooksPath", ".githooks"]);
    s.git(["config", "bak.onError", "block"]);
    let ran = s.try_bak(["install", "--hooks", "pre-commit"]);
    let line = after(&ran, "add this as its second line: ").to_owned();
    script(&folder.join("pre-commit"), &format!("{line}\ntouch went-on"));
    s.git(["config", "bak.maxFileSize", "1"]);
    s.git(["commit", "-qnm", "first", "--allow-empty"]);
    s.write("a.txt", "one\n");
    s.git(["add", "a.txt"]);
    // What is staged Git has; what is not and too large is not protected.
    s.write("a.txt", "two and more\n");
    let ran = s.try_git(["commit", "-qm", "second"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stderr.contains("not protected"), "{ran:?}");
    assert!(!s.exists("went-on"));
}

#[test]
fn hooks_in_a_folder_of_the_users_settings_may_be_relative_to_each_repository() {
    let mut s = Scratch::empty();
    let global = s.root().join("global");
    fs::write(&global, "[core]\nhooksPath = .githooks\n").unwrap();
    s.set_env("GIT_CONFIG_GLOBAL", &global);
    // Inside this working tree, so its own; and its owner's to write to.
    let ran = s.try_bak(["install", "--hooks", "pre-commit"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    let line = after(&ran, "this as its second: ").to_owned();
    fs::create_dir(s.top().join(".githooks")).unwrap();
    script(&s.top().join(".githooks/pre-commit"), &line);
    assert!(is_protected(&s, &s.top().join(".githooks")));
}

#[test]
fn hooks_installed_before_a_shared_folder_was_set_can_still_be_taken_out() {
    let mut s = Scratch::new();
    let shared = s.root().join("shared");
    fs::create_dir(&shared).unwrap();
    let global = s.root().join("global");
    fs::write(&global, format!("[core]\nhooksPath = {}\n", shared.display())).unwrap();
    s.set_env("GIT_CONFIG_GLOBAL", &global);
    s.bak(["uninstall"]);
    assert!(!s.exists(".git/hooks/pre-commit"));
    assert_eq!(count(&shared), 0);
}

#[test]
fn a_line_in_another_folder_does_not_revive_a_hook_that_git_no_longer_runs() {
    let s = Scratch::empty();
    s.hook("pre-commit", "touch revived");
    s.bak(["install"]);
    s.git(["config", "core.hooksPath", ".githooks"]);
    fs::create_dir(s.top().join(".githooks")).unwrap();
    let ran = s.try_bak(["install", "--hooks", "pre-commit"]);
    let line = after(&ran, "this as its second: ").to_owned();
    script(&s.top().join(".githooks/pre-commit"), &line);
    assert!(is_protected(&s, &s.top().join(".githooks")));
    assert!(!s.exists("revived"));
    s.git(["config", "--unset", "core.hooksPath"]);
    s.git(["commit", "-qm", "first"]);
    assert!(s.exists("revived"), "Git runs it again");
}

#[cfg(unix)]
#[test]
fn a_hooks_folder_that_is_a_link_into_the_working_tree_is_not_written_to() {
    let s = Scratch::empty();
    fs::create_dir(s.top().join("tracked-hooks")).unwrap();
    fs::remove_dir_all(s.top().join(".git/hooks")).unwrap();
    std::os::unix::fs::symlink("../tracked-hooks", s.top().join(".git/hooks")).unwrap();
    let ran = s.try_bak(["install"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert_eq!(count(&s.top().join("tracked-hooks")), 0);
}
