//! What leaves the vault because of its age, and when.

use std::fs;

use crate::backup_files::refusing;
use crate::scratch::Scratch;
use crate::vault::{root, snapshot, snapshots};
use crate::vault_repair::feed;

#[test]
fn what_is_older_than_thirty_days_leaves_the_vault_with_the_next_commit() {
    let s = Scratch::new();
    snapshot(&s, "old\n");
    s.advance(29 * 86_400);
    s.write("a.txt", "young\n");
    s.git(["commit", "-qam", "within"]);
    assert!(s.vault_has("a.txt", "old\n") && s.vault_has("a.txt", "young\n"));
    s.advance(2 * 86_400);
    s.git(["commit", "-q", "--allow-empty", "-m", "beyond"]);
    assert!(!s.vault_has("a.txt", "old\n"));
    assert!(s.vault_has("a.txt", "young\n"));
    s.git(["fsck", "--strict", "--no-progress"]);
}

#[test]
fn hooks_look_for_old_snapshots_once_a_day() {
    let s = Scratch::new();
    s.git(["config", "bak.vaultExpire", "1.hour"]);
    snapshot(&s, "old\n");
    s.git(["checkout", "-q", "a.txt"]);
    s.advance(4000);
    s.git([
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "the first look was when the repository was made",
    ]);
    assert!(s.vault_has("a.txt", "old\n"));
    s.advance(86_400);
    s.git(["commit", "-q", "--allow-empty", "-m", "a day later"]);
    assert!(!s.vault_has("a.txt", "old\n"));
}

#[test]
fn a_checkout_looks_too() {
    let s = Scratch::new();
    snapshot(&s, "old\n");
    s.git(["checkout", "-q", "a.txt"]);
    s.advance(31 * 86_400);
    s.git(["switch", "-q", "-c", "other"]);
    assert!(!s.vault_has("a.txt", "old\n"));
}

#[test]
fn expiry_by_hand_is_at_once_and_shows_beforehand_what_it_would_do() {
    let s = Scratch::new();
    snapshot(&s, "old\n");
    let count = snapshots(&s).len();
    s.advance(31 * 86_400);
    snapshot(&s, "young\n");
    let before = root(&s);
    let ran = s.bak(["clean", "--expired", "-n"]);
    assert_eq!(ran.stdout.matches("would drop").count(), count, "{ran:#?}");
    assert_eq!(root(&s), before);
    s.bak(["clean", "--expired"]);
    assert!(!s.vault_has("a.txt", "old\n") && s.vault_has("a.txt", "young\n"));
    assert!(s.backup_texts("a.txt").contains(&"old\n".to_owned()), "files are left alone");
    let after = root(&s);
    s.bak(["clean", "--expired"]);
    assert_eq!(root(&s), after);
}

#[test]
fn never_is_never() {
    let s = Scratch::new();
    s.git(["config", "bak.vaultExpire", "never"]);
    snapshot(&s, "old\n");
    s.advance(400 * 86_400);
    s.git(["commit", "-q", "--allow-empty", "-m", "x"]);
    s.bak(["clean", "--expired"]);
    assert!(s.vault_has("a.txt", "old\n"));
}

#[test]
fn every_worktrees_snapshots_expire() {
    let s = refusing();
    let side = s.root().join("side");
    s.git(["worktree", "add", "-q", "-b", "side", side.to_str().unwrap()]);
    fs::write(side.join("a.txt"), "in side\n").unwrap();
    s.at(&side).bak(["snapshot", "a.txt"]);
    assert!(s.vault_has("a.txt", "in side\n"));
    s.advance(31 * 86_400);
    s.bak(["clean", "--expired"]);
    assert!(!s.vault_has("a.txt", "in side\n"));
}

#[test]
fn the_empty_tree_is_nobodys_to_remove() {
    let s = Scratch::new();
    let empty = feed(&s, &["hash-object", "-w", "-t", "tree", "--stdin"], b"");
    s.git(["commit-tree", "-m", "empty", &empty]);
    s.advance(40 * 86_400);
    s.bak(["clean", "--expired"]);
    for n in 0..50 {
        snapshot(&s, &format!("{n}\n"));
    }
    s.advance(7200);
    snapshot(&s, "later\n");
    let file = format!(".git/objects/{}/{}", &empty[..2], &empty[2..]);
    assert!(s.exists(&file), "a commit may name it");
}
