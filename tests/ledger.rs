//! The ledger: what is written into it, and that nothing depends on it.

use std::fs;

use rusqlite::Connection;

use crate::backup_files::{refused_commit, refusing, stage_and_fail};
use crate::scratch::{Ran, Scratch};
use crate::vault::snapshot;

const LEDGER: &str = ".git/bak/ledger.db";

/// Opens it after a command has given it what hooks had put aside.
fn open(s: &Scratch) -> Connection {
    s.bak(["status"]);
    Connection::open(s.top().join(LEDGER)).unwrap()
}

/// Every event about `path`, in the order in which they were written down.
fn events(s: &Scratch, path: &str) -> Vec<String> {
    let connection = open(s);
    let sql = "SELECT event FROM event WHERE path = ?1 ORDER BY id";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([path.as_bytes()], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// The states of all attempts, in their order.
fn attempts(s: &Scratch) -> Vec<String> {
    let connection = open(s);
    let mut statement = connection.prepare("SELECT state FROM attempt ORDER BY id").unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// The backup files that it says are there.
fn on_disk(s: &Scratch) -> Vec<String> {
    let connection = open(s);
    let sql = "SELECT CAST(backup AS TEXT) FROM on_disk ORDER BY backup";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

fn remove(s: &Scratch) {
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(s.top().join(format!("{LEDGER}{end}")));
    }
}

/// Lets nothing be in the log that SQLite writes beside the database.
fn settle(s: &Scratch) {
    let connection = open(s);
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    connection.close().unwrap();
}

fn times_said(ran: &Ran) -> usize {
    ran.stderr.lines().filter(|line| line.contains("ledger")).count()
}

/// Whatever is wrong with the ledger: a failed commit keeps, a successful one cleans, and it is said once.
fn works_without(s: &Scratch) {
    s.hook("pre-commit", "exit 1");
    s.write("b.txt", "bee\n");
    s.git(["add", "b.txt"]);
    s.write("b.txt", "edited\n");
    refused_commit(s);
    assert_eq!(s.backups("b.txt").len(), 2);
    let listed = s.bak(["list"]);
    assert!(listed.stdout.contains("b.txt"), "{listed:#?}");
    s.hook("pre-commit", "exit 0");
    // It may know of others.
    let _ = fs::remove_file(s.top().join(".git/bak/no-backups"));
    let ran = s.git(["commit", "-qam", "goes through"]);
    assert_eq!(times_said(&ran), 1, "{ran:#?}");
    assert!(s.all_backups().is_empty(), "{:?}", s.all_backups());
    assert!(s.vault_has("b.txt", "bee\n") && s.vault_has("b.txt", "edited\n"));
    s.write("b.txt", "damaged\n");
    s.bak(["restore", "b.txt"]);
    assert_ne!(s.read("b.txt"), "damaged\n");
}

#[test]
fn a_commit_writes_down_what_it_made_and_what_it_cleaned_up() {
    let s = Scratch::new();
    s.write("b.txt", "bee\n");
    s.git(["add", "b.txt"]);
    s.git(["commit", "-qm", "second"]);
    // Made when it was staged, and found by the commit.
    assert_eq!(events(&s, "b.txt"), ["created", "duplicate", "cleaned"]);
    assert_eq!(attempts(&s), ["succeeded", "succeeded"]);
    assert!(on_disk(&s).is_empty());
    let connection = open(&s);
    let sql = "SELECT blob, size, kind, commit_id FROM event WHERE event = ?1 AND path = ?2";
    let row = connection.query_row(sql, ("created", b"b.txt"), |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?))
    });
    let blob = s.git(["rev-parse", "HEAD:b.txt"]).stdout;
    assert_eq!(row.unwrap(), (blob.trim().to_owned(), 4, "staged".to_owned()));
    let commit: String =
        connection.query_row(sql, ("cleaned", b"b.txt"), |row| row.get(3)).unwrap();
    assert_eq!(commit, s.git(["rev-parse", "HEAD"]).stdout.trim());
}

#[test]
fn a_commit_that_leaves_nothing_behind_puts_its_attempt_aside() {
    let s = Scratch::new();
    let ledger = || fs::read(s.top().join(LEDGER)).unwrap();
    let before = ledger();
    for n in 0..16 {
        s.write("a.txt", format!("{n}\n"));
        s.git(["commit", "-qam", "x"]);
        assert!(s.all_backups().is_empty());
        assert_eq!(ledger(), before, "{n}");
        assert_eq!(aside(&s), n + 1);
    }
    s.write("a.txt", "one too many\n");
    s.git(["commit", "-qam", "x"]);
    assert_eq!(aside(&s), 0);
    assert_eq!(attempts(&s), ["succeeded"; 18]);
    // The first was staged by `git add`.
    let first = ["created", "duplicate", "cleaned"];
    assert_eq!(events(&s, "a.txt"), [&first[..], &["created", "cleaned"].repeat(17)].concat());
}

#[test]
fn a_commit_that_leaves_a_backup_behind_tells_the_ledger() {
    let s = Scratch::new();
    s.git(["config", "bak.cleanup", "never"]);
    let mark = s.top().join(".git/bak/no-backups");
    assert!(mark.exists());
    s.write("a.txt", "two\n");
    s.git(["commit", "-qam", "x"]);
    assert_eq!(aside(&s), 0);
    assert!(!mark.exists());
    assert_eq!(on_disk(&s), s.backups("a.txt"));
    s.git(["config", "bak.cleanup", "all"]);
    s.git(["commit", "-q", "--allow-empty", "-m", "x"]);
    assert!(s.all_backups().is_empty());
    assert!(mark.exists());
}

#[test]
fn a_ledger_that_is_gone_is_not_taken_for_one_that_names_nothing() {
    let s = refusing();
    stage_and_fail(&s, "b.txt", "bee\n");
    // Nobody knows of the backup now but the vault.
    fs::remove_dir_all(s.top().join(".git/bak/attempts")).unwrap();
    remove(&s);
    assert!(s.top().join(".git/bak/no-backups").exists());
    s.hook("pre-commit", "exit 0");
    s.git(["rm", "-q", "--cached", "b.txt"]);
    s.git(["commit", "-q", "--allow-empty", "-m", "x"]);
    assert!(s.all_backups().is_empty());
}

/// How many attempts wait for the ledger.
fn aside(s: &Scratch) -> usize {
    let names = fs::read_dir(s.top().join(".git/bak/attempts")).unwrap();
    names.filter(|name| name.as_ref().unwrap().path().extension() == Some("over".as_ref())).count()
}

#[test]
fn duplicates_retirements_and_restores_are_written_down() {
    let s = refusing();
    s.git(["config", "bak.maxBackups", "1"]);
    stage_and_fail(&s, "b.txt", "1\n");
    refused_commit(&s);
    stage_and_fail(&s, "b.txt", "2\n");
    s.hook("pre-commit", "exit 0");
    s.git(["commit", "-qm", "second"]);
    // Twice it was staged, and each of the four tries found what was made then.
    let first = ["created", "duplicate", "duplicate"];
    let expected =
        [&first[..], &["created", "retired", "duplicate", "duplicate", "cleaned"]].concat();
    assert_eq!(events(&s, "b.txt"), expected);
    assert_eq!(attempts(&s), ["succeeded", "failed", "failed", "failed", "succeeded"]);
    s.write("b.txt", "damaged\n");
    s.bak(["restore", "b.txt"]);
    assert_eq!(events(&s, "b.txt")[expected.len()..], ["created", "restored"]);
    assert_eq!(on_disk(&s), s.backups("b.txt"));
    s.bak(["clean"]);
    assert_eq!(events(&s, "b.txt").last().unwrap(), "cleaned");
    assert!(on_disk(&s).is_empty());
}

#[test]
fn what_the_vault_alone_has_is_written_down() {
    let s = Scratch::new();
    s.git(["config", "bak.maxFileSize", "3"]);
    s.write("b.txt", "too big\n");
    s.git(["add", "b.txt"]);
    s.git(["commit", "-qm", "second"]);
    // At staging and at the commit, which takes it over if it is certain that it is the same still.
    let found = events(&s, "b.txt");
    assert_eq!((found.len(), found[0].as_str()), (2, "deposited"));
    assert!(["deposited", "duplicate"].contains(&found[1].as_str()), "{found:?}");
}

#[test]
fn what_expires_is_written_down() {
    let s = Scratch::new();
    snapshot(&s, "old\n");
    s.advance(31 * 86_400);
    s.bak(["clean", "--expired"]);
    let connection = open(&s);
    let sql = "SELECT count(*) FROM event WHERE event = 'expired'";
    let count: i64 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    assert!(count > 0);
}

#[test]
fn each_worktree_has_its_own_rows() {
    let s = Scratch::new();
    let side = s.root().join("side");
    s.git(["worktree", "add", "-q", "-b", "side", side.to_str().unwrap()]);
    fs::write(side.join("a.txt"), "in side\n").unwrap();
    s.at(&side).bak(["snapshot", "a.txt"]);
    snapshot(&s, "in main\n");
    s.bak(["clean"]);
    assert_eq!(on_disk(&s).len(), 1, "what is in the other worktree is still there");
    s.git(["commit", "-qam", "main"]);
    let left = fs::read_dir(&side)
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains(".bak."));
    assert_eq!(left.count(), 1);
}

#[cfg(unix)]
fn mode(s: &Scratch, path: &str) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(s.top().join(path)).unwrap().permissions().mode() & 0o777
}

#[cfg(unix)]
#[test]
fn it_is_for_its_owner_alone() {
    let s = Scratch::new();
    assert_eq!(mode(&s, ".git/bak"), 0o700);
    for entry in fs::read_dir(s.top().join(".git/bak")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let path = format!(".git/bak/{name}");
        let expected = if s.top().join(&path).is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&s, &path), expected, "{path}");
    }
}

#[test]
fn locked_by_somebody_it_is_left_out_and_catches_up_later() {
    for how in ["BEGIN IMMEDIATE", "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE"] {
        let s = Scratch::new();
        let before = attempts(&s).len();
        let connection = open(&s);
        connection.execute_batch(how).unwrap();
        connection.execute("DELETE FROM on_disk", []).unwrap();
        works_without(&s);
        drop(connection);
        s.git(["checkout", "-q", "."]);
        s.write("c.txt", "sea\n");
        s.git(["add", "c.txt"]);
        let ran = s.git(["commit", "-qm", "third"]);
        assert_eq!(times_said(&ran), 0, "{how}: {ran:#?}");
        let after = attempts(&s);
        assert_eq!(after[before..], ["failed", "succeeded", "succeeded"], "{how}");
        assert_eq!(events(&s, "b.txt")[..3], ["created", "duplicate", "created"], "{how}");
    }
}

#[test]
fn a_file_that_is_no_database_is_left_out() {
    let s = Scratch::new();
    remove(&s);
    s.write(LEDGER, "This is no database at all, whoever says so. ".repeat(400));
    works_without(&s);
}

#[test]
fn a_database_with_damaged_pages_is_left_out() {
    let s = Scratch::new();
    snapshot(&s, "two\n");
    settle(&s);
    let file = s.top().join(LEDGER);
    let mut bytes = fs::read(&file).unwrap();
    assert!(bytes.len() > 8192);
    // All but the first page, which says what is where.
    bytes[4096..].fill(0xa5);
    fs::write(&file, bytes).unwrap();
    works_without(&s);
}

#[test]
fn a_folder_in_its_place_is_left_out() {
    let s = Scratch::new();
    remove(&s);
    fs::create_dir(s.top().join(LEDGER)).unwrap();
    works_without(&s);
}

#[test]
fn a_database_that_cant_be_written_is_left_out() {
    let s = Scratch::new();
    settle(&s);
    let file = s.top().join(LEDGER);
    let mut bytes = fs::read(&file).unwrap();
    // The file format's write version: above 2 SQLite reads and doesn't write, whoever we are.
    bytes[18] = 3;
    fs::write(&file, bytes).unwrap();
    works_without(&s);
}

#[test]
fn a_newer_schema_is_left_alone() {
    let s = Scratch::new();
    snapshot(&s, "two\n");
    let connection = open(&s);
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let before = events(&s, "a.txt");
    works_without(&s);
    assert_eq!(events(&s, "a.txt"), before);
    assert!(events(&s, "b.txt").is_empty());
}

#[test]
fn deleted_it_is_made_again_and_clean_up_still_finds_everything() {
    let s = Scratch::new();
    s.write("dir/b.txt", "bee\n");
    s.bak(["snapshot", "dir/b.txt"]);
    snapshot(&s, "two\n");
    s.git(["checkout", "-q", "a.txt"]);
    assert_eq!(s.all_backups().len(), 2);
    remove(&s);
    s.write("c.txt", "sea\n");
    s.git(["add", "c.txt"]);
    let ran = s.git(["commit", "-qm", "second"]);
    assert_eq!(times_said(&ran), 0, "{ran:#?}");
    assert!(s.all_backups().is_empty(), "{:?}", s.all_backups());
    assert_eq!(attempts(&s), ["succeeded"]);
    assert_eq!(events(&s, "dir/b.txt"), ["cleaned"]);
}

#[test]
fn a_folder_of_ours_that_is_gone_altogether_is_made_again() {
    let s = refusing();
    stage_and_fail(&s, "b.txt", "bee\n");
    s.bak(["list"]);
    fs::remove_dir_all(s.top().join(".git/bak")).unwrap();
    assert!(s.bak(["list"]).stdout.contains("b.txt"));
    s.hook("pre-commit", "exit 0");
    s.git(["commit", "-qm", "second"]);
    assert!(s.all_backups().is_empty());
    assert_eq!(attempts(&s), ["succeeded"]);
}

#[test]
fn a_command_that_cant_write_it_says_so_and_does_its_work() {
    let s = Scratch::new();
    remove(&s);
    fs::create_dir(s.top().join(LEDGER)).unwrap();
    let ran = snapshot(&s, "two\n");
    assert_eq!(times_said(&ran), 1, "{ran:#?}");
    assert_eq!(s.backup_texts("a.txt"), ["two\n"]);
    let ran = s.bak(["clean"]);
    assert_eq!(times_said(&ran), 1, "{ran:#?}");
    assert!(s.backups("a.txt").is_empty());
}

#[test]
fn a_ledger_made_anew_in_one_working_tree_is_new_to_the_others_too() {
    let s = Scratch::new();
    s.git(["worktree", "add", "-q", "-b", "side", "../side"]);
    let side = s.at(s.root().join("side"));
    std::fs::write(s.root().join("side/new.txt"), "new\n").unwrap();
    side.bak(["snapshot", "--untracked"]);
    std::fs::remove_dir_all(s.top().join(".git/bak")).unwrap();
    s.git(["commit", "-q", "--allow-empty", "-m", "here"]);
    let ran = side.git(["commit", "-q", "--allow-empty", "-m", "there"]);
    assert!(ran.stderr.contains("cleaned up: new.txt.bak."), "{ran:#?}");
}

#[test]
fn what_a_ledger_made_anew_has_found_it_finds_again() {
    let s = Scratch::new();
    s.write("d/f.txt", "f\n");
    s.write("new.txt", "new\n");
    s.bak(["snapshot", "--untracked"]);
    std::fs::remove_dir_all(s.top().join(".git/bak")).unwrap();
    // The switch retires one backup, and the ledger learns of it.
    std::fs::remove_file(s.top().join("d/f.txt")).unwrap();
    s.git(["switch", "-q", "-c", "other"]);
    assert!(s.backups("d/f.txt").is_empty());
    s.git(["commit", "-q", "--allow-empty", "-m", "here"]);
    assert!(s.backups("new.txt").is_empty());
}

#[test]
fn a_command_that_makes_a_ledger_anew_finds_what_is_there_first() {
    let s = Scratch::new();
    s.write("new.txt", "new\n");
    s.bak(["snapshot", "new.txt"]);
    std::fs::remove_dir_all(s.top().join(".git/bak")).unwrap();
    s.write("a.txt", "two\n");
    s.bak(["snapshot", "a.txt"]);
    s.git(["commit", "-q", "--allow-empty", "-m", "here"]);
    assert!(s.all_backups().is_empty(), "{:?}", s.all_backups());
}
