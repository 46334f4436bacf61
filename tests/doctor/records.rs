//! doctor, the ledger and the vault.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use rusqlite::Connection;

use super::{assert_well, doctor, fix_mends, only_problem, remedy_mends};
use crate::scratch::Scratch;
use crate::vault::{root, snapshot};

const LEDGER: &str = ".git/bak/ledger.db";
const LOCK: &str = ".git/refs/bak/vault.lock";

fn open(s: &Scratch) -> Connection {
    Connection::open(s.top().join(LEDGER)).unwrap()
}

/// Events, newest first, as `log` has them.
fn events(s: &Scratch) -> Vec<String> {
    let ran = s.bak(["log"]);
    ran.stdout.lines().map(|line| line.split_whitespace().nth(2).unwrap().to_owned()).collect()
}

/// What was set aside.
fn set_aside(s: &Scratch) -> Vec<String> {
    let names = fs::read_dir(s.top().join(".git/bak")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains("damaged") && !name.ends_with("-journal")).collect()
}

/// A repository with one backup that stands, and the other worktree's.
fn with_backups() -> Scratch {
    let s = Scratch::new();
    snapshot(&s, "two\n");
    let side = s.root().join("side");
    s.git(["worktree", "add", "-q", "-b", "side", side.to_str().unwrap()]);
    fs::write(side.join("a.txt"), "in side\n").unwrap();
    s.at(&side).bak(["snapshot", "a.txt"]);
    s
}

/// The ledger is as good as it was: commits in both worktrees clean up what it names.
fn assert_serves(s: &Scratch) {
    assert_well(s);
    assert!(events(s).iter().all(|event| event == "found"), "{:?}", events(s));
    assert_eq!(s.backups("a.txt").len(), 1);
    s.git(["commit", "-q", "--allow-empty", "-m", "x"]);
    assert!(s.backups("a.txt").is_empty());
    let side = s.root().join("side");
    s.at(&side).git(["commit", "-q", "--allow-empty", "-m", "x"]);
    let names = fs::read_dir(&side).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.filter(|name| name.to_string_lossy().contains(".bak.")).count(), 0);
    assert_well(s);
}

#[test]
fn a_ledger_that_is_gone_is_built_from_files_and_vault() {
    let s = with_backups();
    fs::remove_file(s.top().join(LEDGER)).unwrap();
    fix_mends(&s, "ledger", "there is none, but there are snapshots", "made anew of 4 events");
    assert_serves(&s);
}

#[test]
fn a_ledger_that_is_no_database_is_built_anew_and_set_aside() {
    let s = with_backups();
    let rubbish = "This is no database. ".repeat(400);
    s.write(LEDGER, &rubbish);
    // What SQLite would play into the new one.
    s.write(".git/bak/ledger.db-journal", "and this no journal");
    fix_mends(&s, "ledger", "can't be read: file is not a database", "the old one is");
    let old = set_aside(&s);
    assert_eq!(old.len(), 1);
    assert_eq!(s.read(&format!(".git/bak/{}", old[0])), rubbish);
    assert_serves(&s);
}

#[test]
fn a_ledger_with_damaged_pages_is_built_anew() {
    let s = with_backups();
    let mut bytes = fs::read(s.top().join(LEDGER)).unwrap();
    assert!(bytes.len() > 8192);
    bytes[4096..].fill(0xa5);
    fs::write(s.top().join(LEDGER), bytes).unwrap();
    fix_mends(&s, "ledger", "can't be read", "made anew");
    assert_serves(&s);
}

#[test]
fn a_folder_in_the_ledgers_place_is_set_aside() {
    let s = with_backups();
    fs::remove_file(s.top().join(LEDGER)).unwrap();
    s.write(&format!("{LEDGER}/mine"), "mine\n");
    fix_mends(&s, "ledger", "it is a folder", "made anew");
    assert_eq!(s.read(&format!(".git/bak/{}/mine", set_aside(&s)[0])), "mine\n");
    assert_serves(&s);
}

#[test]
fn a_ledger_that_cant_be_written_is_built_anew() {
    let s = with_backups();
    let mut bytes = fs::read(s.top().join(LEDGER)).unwrap();
    // The file format's write version: above 2 SQLite reads and doesn't write, whoever we are.
    bytes[18] = 3;
    fs::write(s.top().join(LEDGER), bytes).unwrap();
    assert!(events(&s).contains(&"created".to_owned()), "what can be read is shown");
    fix_mends(&s, "ledger", "can't be written", "made anew");
    assert_serves(&s);
}

#[test]
fn a_ledger_of_a_newer_version_is_left_alone() {
    let s = with_backups();
    open(&s).pragma_update(None, "user_version", 99).unwrap();
    assert_eq!(only_problem(&s, "ledger", "written by a newer git-bak: update this one"), None);
    let before = fs::read(s.top().join(LEDGER)).unwrap();
    let (found, _) = doctor(&s, &["--fix"]);
    assert_eq!(found.status, 1);
    assert_eq!(fs::read(s.top().join(LEDGER)).unwrap(), before);
    for verb in ["log", "journal"] {
        let ran = s.try_bak([verb]);
        assert_eq!((ran.status, ran.stdout.as_str()), (3, ""));
        assert!(ran.stderr.contains("newer git-bak: update this one"), "{ran:#?}");
    }
}

#[test]
fn a_ledger_that_is_locked_is_looked_at_again_later() {
    let s = with_backups();
    let connection = open(&s);
    connection.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    connection.execute("DELETE FROM on_disk", []).unwrap();
    let remedy = only_problem(&s, "ledger", "is locked by another program").unwrap();
    doctor(&s, &["--fix"]);
    drop(connection);
    assert_eq!(super::obey(&s, &remedy).status, 0);
    assert!(events(&s).contains(&"created".to_owned()), "nothing was rebuilt");
}

#[test]
fn a_ledger_of_the_version_before_is_brought_up_to_date_and_keeps_what_it_has() {
    let s = with_backups();
    let older =
        "DROP TABLE failed_file; ALTER TABLE attempt DROP COLUMN output; PRAGMA user_version = 1";
    open(&s).execute_batch(older).unwrap();
    let before = events(&s);
    assert_well(&s);
    s.git(["commit", "-qam", "second"]);
    assert_eq!(events(&s).len(), before.len() + 2);
    let version: i64 = open(&s).pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 2);
}

#[test]
fn a_vault_whose_ref_is_gone_comes_back() {
    let s = Scratch::new();
    snapshot(&s, "two\n");
    let before = root(&s);
    s.git(["update-ref", "-d", "refs/bak/vault"]);
    let (found, _) = doctor(&s, &[]);
    let wrong = found.wrong();
    assert_eq!(wrong[0].0, "vault", "{wrong:#?}");
    assert!(wrong[0].1.contains("its content is still there"), "{wrong:#?}");
    s.bak(["doctor", "--fix"]);
    assert_eq!(root(&s), before);
    assert_well(&s);
}

#[test]
fn a_vault_whose_ref_makes_no_sense_comes_back() {
    let s = Scratch::new();
    snapshot(&s, "two\n");
    let before = root(&s);
    s.write(".git/refs/bak/vault", "no object id\n");
    s.bak(["doctor", "--fix"]);
    assert_eq!(root(&s), before);
    assert_eq!(s.read(".git/bak/vault.broken-ref"), "no object id\n");
    assert_well(&s);
}

#[test]
fn a_vault_of_which_nothing_is_left_is_begun_anew() {
    let s = Scratch::new();
    s.write(".git/refs/bak/vault", format!("{}\n", "1".repeat(40)));
    fs::remove_file(s.top().join(".git/bak/vault.state")).unwrap();
    fix_mends(&s, "vault", "names what is not there", "vault: dropped 1 entry");
}

#[test]
fn a_ref_that_somebody_else_has_moved_is_theirs_to_decide() {
    let s = Scratch::new();
    let before = root(&s);
    s.git(["update-ref", "refs/bak/vault", "HEAD"]);
    assert_eq!(doctor(&s, &["--fix"]).0.status, 1);
    remedy_mends(&s, "vault", "does not name a tree");
    assert_eq!(root(&s), before);
}

#[test]
fn entries_without_content_are_dropped_and_named() {
    let s = Scratch::new();
    s.write("b.txt", "bee\n");
    s.bak(["snapshot", "b.txt"]);
    s.bak(["clean"]);
    let id = crate::backup_files::blob_id(&s, b"bee\n");
    fs::remove_file(s.top().join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
    fix_mends(&s, "vault", "1 entry without content: 2025", "b.txt");
    assert!(s.vault_has("a.txt", "one\n"));
    s.git(["gc", "-q", "--prune=now"]);
}

#[test]
fn a_lock_that_was_left_behind_is_removed_and_a_young_one_is_not() {
    let s = Scratch::new();
    s.write(LOCK, "");
    assert_well(&s);
    let file = File::options().write(true).open(s.top().join(LOCK)).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(60)).unwrap();
    fix_mends(&s, "vault-lock", "was left behind", "vault-lock: removed: ");
    assert!(!s.exists(LOCK));
}
