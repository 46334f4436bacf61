//! What leaves the vault because of its age, and when: the fold takes it at a second look, a day after the first, and
//! at once if the user asks for it.

use std::fs;

use crate::backup_files::refusing;
use crate::scratch::Scratch;
use crate::vault::{folded, in_vault, snapshot, snapshots};

const A_DAY: i64 = 86_400;

/// Whether the bytes are still there, whatever the record says.
fn is_there(s: &Scratch, text: &str) -> bool {
    let id = crate::backup_files::blob_id(s, text.as_bytes());
    in_vault(s, &["cat-file", "-e", &id]).status == 0
}

#[test]
fn what_is_older_than_thirty_days_goes_at_the_second_look() {
    let s = Scratch::new();
    snapshot(&s, "old\n");
    s.bak(["clean"]);
    s.advance(29 * A_DAY);
    s.write("a.txt", "young\n");
    s.git(["commit", "-qam", "within"]);
    s.bak(["fold"]);
    assert!(s.vault_has("a.txt", "old\n") && s.vault_has("a.txt", "young\n"));
    s.advance(2 * A_DAY);
    s.bak(["fold"]);
    assert!(is_there(&s, "old\n"), "the first look only notes it");
    s.advance(A_DAY / 2);
    s.bak(["fold"]);
    assert!(is_there(&s, "old\n"), "half a day is too soon");
    s.advance(A_DAY / 2);
    s.bak(["fold"]);
    assert!(!is_there(&s, "old\n"));
    assert!(s.vault_has("a.txt", "young\n"));
    assert!(!folded(&s).iter().any(|(_, text)| text == "old\n"));
    in_vault(&s, &["fsck", "--strict", "--no-progress"]).expect_success();
    // That it was there, and has expired, is told; it can't be had.
    assert!(snapshots(&s).iter().any(|line| line.to_string().contains("a.txt")));
    assert!(!s.bak(["list"]).stdout.contains("old"));
}

#[test]
fn a_clock_that_leapt_and_came_back_destroys_nothing() {
    let s = Scratch::new();
    snapshot(&s, "work\n");
    s.bak(["clean"]);
    s.advance(400 * A_DAY);
    s.bak(["fold"]);
    s.advance(-400 * A_DAY);
    for _ in 0..5 {
        s.advance(2 * A_DAY);
        s.bak(["fold"]);
    }
    s.write("a.txt", "damaged\n");
    s.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(s.read("a.txt"), "work\n");
}

#[test]
fn expiry_by_hand_is_at_once_and_shows_beforehand_what_it_would_do() {
    let s = Scratch::new();
    snapshot(&s, "old\n");
    let old =
        snapshots(&s).iter().map(|line| line["files"].as_array().unwrap().len()).sum::<usize>();
    s.advance(31 * A_DAY);
    snapshot(&s, "young\n");
    let before = s.record();
    let ran = s.bak(["clean", "--vault", "-n"]);
    assert_eq!(ran.stdout, format!("would drop from the vault: {old} versions\n"), "{ran:#?}");
    assert_eq!(s.record(), before);
    let ran = s.bak(["clean", "--vault"]);
    assert_eq!(ran.stderr, format!("✓ dropped from the vault: {old} versions\n"));
    assert!(!is_there(&s, "old\n") && s.vault_has("a.txt", "young\n"));
    assert!(s.backup_texts("a.txt").contains(&"old\n".to_owned()), "files are left alone");
    let ran = s.bak(["clean", "--vault"]);
    assert_eq!(ran.stderr, "✓ nothing to drop from the vault\n");
}

#[test]
fn named_versions_go_by_hand_and_the_others_stay() {
    let s = Scratch::new();
    s.write("b.txt", "bee\n");
    s.bak(["snapshot", "b.txt"]);
    snapshot(&s, "first\n");
    s.advance(3 * A_DAY);
    snapshot(&s, "second\n");
    s.bak(["clean", "--vault", "--older-than", "2.days", "a.txt"]);
    assert!(!is_there(&s, "first\n"));
    assert!(s.vault_has("a.txt", "second\n") && s.vault_has("b.txt", "bee\n"));
    s.bak(["clean", "--vault", "a.txt"]);
    assert!(!is_there(&s, "second\n") && s.vault_has("b.txt", "bee\n"));
    // What only the file itself has is taken in again before it goes.
    s.bak(["clean"]);
    assert!(s.backups("a.txt").is_empty());
    assert!(s.vault_has("a.txt", "second\n"));
}

#[test]
fn of_two_files_with_the_same_bytes_the_other_stays() {
    let s = Scratch::new();
    s.write("a.txt", "the same\n");
    s.write("b.txt", "the same\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "both"]);
    s.bak(["clean", "--vault", "a.txt"]);
    assert!(!s.bak(["list"]).stdout.contains("a.txt"));
    s.write("b.txt", "");
    s.bak(["restore", "b.txt@{1}"]);
    assert_eq!(s.read("b.txt"), "the same\n");
}

#[test]
fn never_is_never() {
    let s = Scratch::new();
    s.git(["config", "bak.vaultExpire", "never"]);
    snapshot(&s, "old\n");
    for _ in 0..3 {
        s.advance(400 * A_DAY);
        s.bak(["fold"]);
    }
    s.bak(["clean", "--vault"]);
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
    s.advance(31 * A_DAY);
    s.bak(["clean", "--vault"]);
    assert!(!is_there(&s, "in side\n"));
}

#[test]
fn beyond_its_limit_the_oldest_go_and_never_the_newest_of_a_file_nor_a_labelled_one() {
    let s = Scratch::new();
    // Bytes that no pack makes much smaller.
    let noise = |seed: u64| -> String {
        let mut state = seed;
        (0..40_000)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040);
                char::from(b'!' + u8::try_from((state >> 33) % 90).unwrap())
            })
            .collect()
    };
    s.write("a.txt", noise(1));
    s.bak(["snapshot", "-m", "keep me", "a.txt"]);
    for seed in 2..8 {
        s.advance(60);
        snapshot(&s, &noise(seed));
    }
    s.git(["config", "bak.vaultMaxSize", "150k"]);
    s.bak(["fold"]);
    assert!(is_there(&s, &noise(1)), "the labelled one");
    assert!(is_there(&s, &noise(7)), "the newest");
    assert!(!is_there(&s, &noise(2)), "the oldest");
    s.bak(["clean"]);
    s.write("a.txt", "damaged\n");
    s.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(s.read("a.txt"), noise(7));
}

#[test]
fn the_record_goes_after_a_year() {
    let s = Scratch::new();
    snapshot(&s, "old\n");
    s.bak(["clean"]);
    s.advance(40 * A_DAY);
    s.bak(["clean", "--vault"]);
    assert!(s.bak(["log"]).stdout.contains("a.txt"), "what is gone is still told");
    s.advance(366 * A_DAY);
    s.bak(["fold"]);
    let ran = s.bak(["log"]);
    assert!(!ran.stdout.contains("created"), "{ran:#?}");
    snapshot(&s, "new\n");
    assert!(s.vault_has("a.txt", "new\n"));
}
