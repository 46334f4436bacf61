//! A commit that is only shown: nothing is backed up, and what is shown is the same.

use super::staged;
use crate::pair::{left, ours};

#[test]
fn a_dry_run_shows_the_same_and_backs_up_nothing() {
    let ways: [&[&str]; 6] = [
        &["commit", "--dry-run"],
        &["commit", "--dry-run", "-a"],
        &["commit", "--short", "-o", "b.txt"],
        &["commit", "--porcelain", "-v"],
        &["commit", "--long", "--amend"],
        &["commit", "-v", "--dry-run", "-uall"],
    ];
    for way in ways {
        let pair = staged();
        pair.write("b.txt", "edited\n");
        pair.write("new.txt", "untracked\n");
        let before = (left(&pair.with.root()), pair.with.vault());
        assert_eq!(before.0.len(), 1, "what was staged");
        let ran = pair.same(|scratch| scratch.try_git(way));
        assert!(ours(&ran).is_empty(), "{way:?} {ran:#?}");
        assert_eq!((left(&pair.with.root()), pair.with.vault()), before, "{way:?} {ran:#?}");
    }
}

#[test]
fn a_dry_run_after_a_failure_shows_no_backup() {
    let pair = staged();
    pair.hook("commit-msg", "exit 1");
    pair.try_git(["commit", "-m", "fails"]);
    assert_eq!(left(&pair.with.root()).len(), 1);
    pair.try_git(["commit", "--dry-run", "-uall"]);
    pair.git(["status", "--short", "-uall"]);
    pair.git(["add", "-An"]);
    pair.git(["clean", "-nd"]);
    assert_eq!(left(&pair.with.root()).len(), 1);
}

#[test]
fn nothing_to_commit_is_said_as_without_us() {
    let pair = crate::pair::Pair::new();
    let ran = pair.try_git(["commit", "-m", "nothing"]);
    assert_eq!((ran.status, ours(&ran).len()), (1, 0), "{ran:#?}");
    pair.write("new.txt", "untracked\n");
    assert_eq!(pair.try_git(["commit", "-am", "nothing that is tracked"]).status, 1);
    pair.write("b.txt", "edited\n");
    let ran = pair.try_git(["commit", "-m", "nothing staged"]);
    assert_eq!(ran.status, 1);
    assert_eq!(pair.with.backup_texts("b.txt"), ["edited\n"], "at risk all the same");
    assert!(pair.with.vault_has("b.txt", "edited\n"));
    pair.git(["commit", "-am", "now"]);
    assert!(left(&pair.with.root()).is_empty());
}
