//! doctor and the backup files.

use super::{assert_well, fix_mends, remedy_mends};
use crate::backup_files::{blob_id, only};
use crate::scratch::Scratch;
use crate::vault::snapshot;

const WEEK: i64 = 7 * 86_400;

#[test]
fn backups_older_than_a_week() {
    let s = Scratch::new();
    snapshot(&s, "two\n");
    s.advance(WEEK - 60);
    assert_well(&s);
    s.advance(120);
    remedy_mends(&s, "old-backups", "1 backup older than a week");
    assert!(s.vault_has("a.txt", "two\n"));
}

#[test]
fn a_backup_that_was_overwritten() {
    let s = Scratch::new();
    snapshot(&s, "two\n");
    let name = only(&s.backups("a.txt")).to_owned();
    s.write(&name, "typed into the wrong file\n");
    remedy_mends(&s, "damaged-backups", "is not as it was written");
    assert_eq!(s.read(&name), "two\n");
    assert_eq!(s.read(&format!("{name}.damaged")), "typed into the wrong file\n");
}

#[test]
fn a_damaged_backup_of_which_nobody_knows_what_it_was() {
    let s = Scratch::new();
    snapshot(&s, "two\n");
    let name = only(&s.backups("a.txt")).to_owned();
    s.write(&name, "other\n");
    let id = blob_id(&s, b"two\n");
    std::fs::remove_file(s.top().join(".git/bak/new").join(&id[..2]).join(&id[2..])).unwrap();
    // A version that is nowhere is recorded as lost; the file is left for the user to look at.
    let fixed = s.try_bak(["doctor", "--fix"]);
    assert!(fixed.stderr.contains("1 version lost for good, and recorded as lost"), "{fixed:#?}");
    remedy_mends(&s, "damaged-backups", "is not as it was written");
    assert_eq!(s.read(&format!("{name}.damaged")), "other\n");
    assert!(!s.exists(&name));
}

#[test]
fn the_id_of_an_upgrade_is_no_hash_and_the_records_tell() {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    s.bak(["snapshot", "--artifact", "upgrade1", "a.txt"]);
    assert_well(&s);
    let name = only(&s.backups("a.txt")).to_owned();
    assert!(name.ends_with(".upgrade1"));
    s.bak(["fold"]);
    assert_well(&s);
    s.write(&name, "other\n");
    let (found, _) = super::doctor(&s, &[]);
    let wrong = found.wrong();
    assert_eq!((wrong.len(), wrong[0].0), (1, "damaged-backups"), "{wrong:#?}");
}

#[test]
fn a_backup_from_elsewhere_is_copied_into_the_vault() {
    let s = Scratch::new();
    let name = format!("b.txt.bak.20251106_201040.{}", &blob_id(&s, b"bee\n")[..8]);
    s.write(&name, "bee\n");
    let says = format!("1 backup copied into the vault: {name}");
    fix_mends(&s, "stray-backups", &format!("1 backup without a copy in the vault: {name}"), &says);
    assert_eq!(s.read(&name), "bee\n");
    assert!(s.vault_has("b.txt", "bee\n"));
    s.git(["commit", "-q", "--allow-empty", "-m", "x"]);
    assert!(!s.exists(&name), "clean-up knows of it");
}

#[test]
fn a_backup_that_git_tracks_is_nobodys_concern() {
    let s = Scratch::new();
    s.write("b.txt.bak.20251106_201040.abc12345", "tracked\n");
    s.git(["add", "-f", "."]);
    s.git(["commit", "-qm", "a backup"]);
    assert_well(&s);
}

#[test]
fn without_a_vault_no_copy_is_asked_for() {
    let s = Scratch::new();
    s.git(["config", "bak.vault", "false"]);
    snapshot(&s, "two\n");
    assert_well(&s);
}
