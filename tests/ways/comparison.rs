//! The comparison of the two repositories can fail: whatever a hook might do that it must not, shows.

use super::{git, staged};

/// Whether a commit is found to differ when only one of the repositories has this hook.
fn shows(hook: &str, body: &str) -> bool {
    let pair = staged();
    pair.with.hook(hook, body);
    let (_, difference) = pair.compare(git(["commit", "-m", "second"]));
    difference.is_some()
}

#[test]
fn a_hook_that_does_nothing_shows_nowhere() {
    assert!(!shows("pre-commit", "exit 0"));
}

#[test]
fn a_hook_that_trespasses_is_noticed() {
    let trespasses = [
        ("pre-commit", "echo a word"),
        ("pre-commit", "exit 1"),
        ("pre-commit", "echo more >>b.txt && git add b.txt"),
        ("post-commit", "echo more >>b.txt && git add b.txt"),
        ("post-commit", "git update-index --assume-unchanged b.txt"),
        ("post-commit", "git update-index --skip-worktree b.txt"),
        ("post-commit", "echo more >>b.txt"),
        ("post-commit", "chmod +x b.txt"),
        ("post-commit", "echo new >new.txt"),
        ("post-commit", "git config x.y z"),
        ("post-commit", "git update-ref refs/heads/other HEAD"),
        ("post-commit", "git tag other"),
        ("post-commit", "git reflog expire --expire=all --all"),
        ("post-commit", "git stash store -m x HEAD"),
        ("post-commit", ": >.git/index.lock"),
        ("commit-msg", "echo more >>\"$1\""),
        ("post-commit", "[ -n \"$IN\" ] || IN=1 git commit -q --amend -nm other"),
    ];
    for (hook, body) in trespasses {
        assert!(shows(hook, body), "{hook}: {body}");
    }
}
