//! Hooks that were moved, edited or made unreadable.

use std::fs;
use std::path::PathBuf;

use crate::scratch::{Scratch, script};

fn hook(s: &Scratch, name: &str) -> PathBuf {
    s.top().join(".git/hooks").join(name)
}

/// A repository whose own pre-commit hook is chained; another has taken the place of ours, which is put away
/// under this name.
fn put_away(name: &str, other: &str) -> Scratch {
    let s = Scratch::empty();
    s.hook("pre-commit", "echo mine");
    s.bak(["install"]);
    fs::rename(hook(&s, "pre-commit"), hook(&s, name)).unwrap();
    script(&hook(&s, "pre-commit"), other);
    s
}

#[test]
fn forced_over_two_hooks_the_older_one_is_kept_and_named() {
    let s = put_away("pre-commit.gone", "echo a second one");
    let ran = s.bak(["install", "--force", "--hooks", "pre-commit"]);
    let aside = hook(&s, "pre-commit.before-bak.1");
    let line = format!(
        "pre-commit: the older hook from before no longer runs, and is kept as {}\n",
        aside.display()
    );
    assert!(ran.stderr.contains(&line), "{ran:#?}");
    assert_eq!(fs::read_to_string(aside).unwrap(), "#!/bin/sh\necho mine\n");
}

#[test]
fn uninstalled_behind_a_manager_that_runs_no_hook_from_before_the_users_own_is_kept() {
    let s = put_away("pre-commit.old", "call_lefthook run \"pre-commit\" \"$@\"");
    let ran = s.bak(["uninstall"]);
    let old = hook(&s, "pre-commit.old");
    let line = format!("your own hook is kept as {}\n", old.display());
    assert!(ran.stderr.contains(&line), "{ran:#?}");
    assert_eq!(fs::read_to_string(old).unwrap(), "#!/bin/sh\necho mine\n");
}

#[test]
fn a_hook_of_ours_that_was_edited_behind_a_manager_is_named_with_what_takes_it_out() {
    let s = put_away("pre-commit.legacy", "exec \"$0.legacy\" \"$@\"");
    let legacy = hook(&s, "pre-commit.legacy");
    let edited = fs::read_to_string(&legacy).unwrap() + "echo edited\n";
    fs::write(&legacy, edited).unwrap();
    let ran = s.try_bak(["uninstall"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    let file = hook(&s, "pre-commit");
    let words = format!(
        "{} runs git-bak's hook, which it took over as {} and which was edited: ",
        file.display(),
        legacy.display()
    );
    let by_hand = ran.stderr.split_once(&words).expect(&ran.stderr).1.lines().next().unwrap();
    let status = s.command("sh").args(["-c", by_hand]).status().unwrap();
    assert!(status.success());
    assert_eq!(fs::read_to_string(legacy).unwrap(), "#!/bin/sh\necho mine\n");
    assert!(!s.try_bak(["uninstall"]).stderr.contains("took over"));
}

#[test]
fn a_hook_that_is_a_link_to_itself_can_be_neither_looked_at_nor_removed() {
    let s = Scratch::new();
    let file = hook(&s, "pre-commit");
    fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("pre-commit", &file).unwrap();
    let page = s.try_bak(["doctor"]).stdout;
    assert!(page.contains("✗ pre-commit        can't be looked at: Too many levels"), "{page}");
    let ran = s.try_bak(["uninstall"]);
    assert_eq!(ran.status, 3, "{ran:#?}");
    let line = format!("✗ {} was not removed: Too many levels", file.display());
    assert!(ran.stderr.contains(&line), "{ran:#?}");
}

#[test]
fn of_husky_it_is_said_which_hooks_it_never_runs() {
    let s = Scratch::empty();
    s.write(".husky/_/h", "");
    for name in ["pre-commit", "post-commit"] {
        s.write(&format!(".husky/_/{name}"), "");
    }
    s.git(["config", "core.hooksPath", ".husky/_"]);
    let ran = s.try_bak(["install"]);
    for line in [
        "• post-index-change: husky doesn't run this hook: work is backed up when it is committed, not when it \
         is staged\n",
        "• post-checkout: husky doesn't run this hook: its part is left out\n",
    ] {
        assert!(ran.stderr.contains(line), "{ran:#?}");
    }
}

#[test]
fn where_the_guard_can_not_be_set_that_is_what_is_said() {
    let s = Scratch::empty();
    s.write(".git/config.lock", "");
    let ran = s.try_bak(["install"]);
    assert_eq!(ran.status, 3, "{ran:#?}");
    assert!(ran.stderr.contains("the guard was not installed: "), "{ran:#?}");
    assert!(ran.stderr.contains(".git/config: File exists"), "{ran:#?}");
}
