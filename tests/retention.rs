//! Which backups stay on disk, and their order, also while the clock goes back.

use std::fs::File;
use std::time::{Duration, SystemTime};

use crate::backup_files::{
    only, refused_commit, refusing, refusing_without_staging, stage_and_fail, stamp,
};
use crate::scratch::Scratch;

/// Stages each text in turn and has each commit refused.
fn stage_all(s: &Scratch, texts: &[&str]) {
    for text in texts {
        stage_and_fail(s, "a.txt", text);
    }
}

/// Gives a file the modification time that the scratch repository's clock shows now.
fn date(s: &Scratch, path: &str) {
    let now = chrono::DateTime::parse_from_rfc3339(&s.now()).unwrap().timestamp();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(now.unsigned_abs());
    File::options().write(true).open(s.top().join(path)).unwrap().set_modified(time).unwrap();
}

/// What `list` says the newest version of `a.txt` is.
fn newest_listed(s: &Scratch) -> String {
    s.bak(["show", "a.txt@{1}"]).stdout
}

#[test]
fn the_newest_three_are_kept_and_the_others_are_in_the_vault() {
    let s = refusing();
    stage_all(&s, &["1\n", "2\n", "3\n", "4\n", "5\n"]);
    assert_eq!(s.backup_texts("a.txt"), ["3\n", "4\n", "5\n"]);
    assert!(s.vault_has("a.txt", "1\n") && s.vault_has("a.txt", "2\n"));
}

#[test]
fn zero_keeps_them_all() {
    let s = refusing();
    s.git(["config", "bak.maxBackups", "0"]);
    stage_all(&s, &["1\n", "2\n", "3\n", "4\n", "5\n"]);
    assert_eq!(s.backup_texts("a.txt"), ["1\n", "2\n", "3\n", "4\n", "5\n"]);
}

#[test]
fn each_file_has_its_own_number() {
    let s = refusing();
    s.git(["config", "bak.maxBackups", "1"]);
    stage_and_fail(&s, "b.txt", "bee\n");
    stage_all(&s, &["1\n", "2\n"]);
    assert_eq!(s.backup_texts("a.txt"), ["2\n"]);
    assert_eq!(s.backup_texts("b.txt"), ["bee\n"]);
}

#[test]
fn what_is_older_than_the_age_is_retired_when_a_new_one_is_made() {
    let s = refusing();
    s.git(["config", "bak.maxAge", "2.days"]);
    stage_all(&s, &["1\n", "2\n"]);
    s.advance(3 * 86_400);
    stage_all(&s, &["3\n"]);
    assert_eq!(s.backup_texts("a.txt"), ["3\n"]);
    assert!(s.vault_has("a.txt", "1\n") && s.vault_has("a.txt", "2\n"));
}

#[test]
fn what_the_same_snapshot_made_is_never_retired() {
    let s = refusing();
    s.git(["config", "bak.maxBackups", "1"]);
    stage_all(&s, &["1\n"]);
    s.write("a.txt", "staged\n");
    s.git(["add", "a.txt"]);
    s.write("a.txt", "edited\n");
    refused_commit(&s);
    let mut texts = s.backup_texts("a.txt");
    texts.sort();
    assert_eq!(texts, ["edited\n", "staged\n"]);
    s.git(["config", "bak.maxAge", "0.seconds"]);
    s.write("a.txt", "edited again\n");
    refused_commit(&s);
    assert!(s.backup_texts("a.txt").contains(&"edited again\n".to_owned()));
}

#[test]
fn older_names_are_neither_retired_nor_counted() {
    let s = refusing();
    s.write("a.txt.bak.20251101_101010", "older\n");
    stage_all(&s, &["1\n", "2\n"]);
    stage_all(&s, &["3\n"]);
    assert_eq!(s.backup_texts("a.txt"), ["older\n", "1\n", "2\n", "3\n"]);
    stage_all(&s, &["4\n"]);
    assert_eq!(s.backup_texts("a.txt"), ["older\n", "2\n", "3\n", "4\n"]);
}

#[test]
fn names_stay_in_order_while_the_clock_goes_back_by_under_two_hours() {
    let s = refusing();
    stage_all(&s, &["1\n"]);
    let first = stamp(only(&s.backups("a.txt"))).to_owned();
    s.advance(-3600);
    stage_all(&s, &["2\n"]);
    let names = s.backups("a.txt");
    assert!(names.iter().all(|name| stamp(name) >= first.as_str()), "{names:?}");
    assert_eq!(newest_listed(&s), "2\n");
    stage_all(&s, &["3\n", "4\n"]);
    assert_eq!(newest_listed(&s), "4\n");
    assert!(!s.backup_texts("a.txt").contains(&"1\n".to_owned()), "the first was retired");
    assert!(s.vault_has("a.txt", "1\n"));
    // It is the last one that has the same bytes as what is made now: no new file.
    let names = s.backups("a.txt");
    refused_commit(&s);
    assert_eq!(s.backups("a.txt"), names);
    s.write("a.txt", "damaged\n");
    s.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(s.read("a.txt"), "4\n");
}

#[test]
fn a_name_from_a_clock_far_ahead_drags_no_other_along() {
    let s = refusing();
    s.advance(86_400);
    stage_all(&s, &["ahead\n"]);
    let ahead = s.backups("a.txt").remove(0);
    s.advance(-86_400);
    date(&s, &ahead);
    stage_all(&s, &["2\n"]);
    let names = s.backups("a.txt");
    assert_eq!(stamp(&names[1]), stamp(&ahead));
    assert!(stamp(&names[0]) < stamp(&ahead), "{names:?}");
}

#[test]
fn beyond_two_hours_the_modification_time_decides_what_is_retired() {
    let s = refusing();
    s.git(["config", "bak.maxBackups", "2"]);
    s.advance(86_400);
    stage_all(&s, &["ahead\n"]);
    let ahead = s.backups("a.txt").remove(0);
    s.advance(-86_400);
    date(&s, &ahead);
    stage_all(&s, &["2\n", "3\n"]);
    assert!(!s.exists(&ahead), "{:?}", s.backups("a.txt"));
    assert_eq!(s.backup_texts("a.txt"), ["2\n", "3\n"]);
}

#[test]
fn beyond_two_hours_the_modification_time_decides_what_is_listed_and_restored_first() {
    let s = refusing();
    s.advance(86_400);
    stage_all(&s, &["ahead\n"]);
    let ahead = s.backups("a.txt").remove(0);
    s.advance(-86_400);
    date(&s, &ahead);
    stage_all(&s, &["2\n"]);
    assert_eq!(newest_listed(&s), "2\n");
    s.write("a.txt", "damaged\n");
    s.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(s.read("a.txt"), "2\n");
}

#[test]
fn two_snapshots_of_one_second_are_in_the_order_in_which_they_were_made() {
    for vault in ["true", "false"] {
        let s = refusing_without_staging();
        s.git(["config", "bak.vault", vault]);
        s.write("a.txt", "staged first\n");
        s.git(["add", "a.txt"]);
        s.write("a.txt", "edited first\n");
        refused_commit(&s);
        s.write("a.txt", "second\n");
        s.git(["add", "a.txt"]);
        // Back to the second of the first commit: one more has passed with the `add`.
        s.advance(-2);
        refused_commit(&s);
        let names = s.backups("a.txt");
        assert!(names.iter().all(|name| stamp(name) == stamp(&names[0])), "{names:?}");
        let shown: Vec<String> =
            (1..=3).map(|n| s.bak(["show", &format!("a.txt@{{{n}}}")]).stdout).collect();
        let expected = ["second\n", "edited first\n", "staged first\n"];
        assert_eq!(shown, expected, "bak.vault={vault}: {names:?}");
    }
}

#[test]
fn retention_without_a_vault_simply_deletes() {
    let s = refusing();
    s.git(["config", "bak.vault", "false"]);
    s.git(["config", "bak.maxBackups", "2"]);
    let before = s.vault();
    stage_all(&s, &["1\n", "2\n", "3\n"]);
    assert_eq!(s.backup_texts("a.txt"), ["2\n", "3\n"]);
    assert_eq!(s.vault(), before);
}
