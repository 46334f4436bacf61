//! The record: what is written into it, and that a commit, a copy and the way back don't depend on it.

use std::fs::{self, File};

use serde_json::Value;

use crate::backup_files::{refused_commit, refusing, stage_and_fail};
use crate::scratch::{Ran, Scratch};
use crate::vault::snapshot;

const DAY: &str = ".git/bak/record/2025-11-06";

/// What happened to `path`, oldest first, as `log` tells it.
pub fn events(s: &Scratch, path: &str) -> Vec<String> {
    let ran = s.bak(["log", "--json"]);
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    let events = document["events"].as_array().unwrap().iter().rev();
    let about = events.filter(|event| event["path"] == path);
    about.map(|event| event["event"].as_str().unwrap().to_owned()).collect()
}

/// How each try at a commit ended, in their order.
fn attempts(s: &Scratch) -> Vec<String> {
    let lines = s.record();
    let begun = lines.iter().filter(|line| line["ev"] == "snapshot");
    let ended = |id: &Value| {
        let of = lines.iter().filter(|line| line["attempt"] == *id && line["ev"] != "snapshot");
        of.map(|line| line["ev"].as_str().unwrap().to_owned()).next_back()
    };
    begun.filter_map(|line| line.get("attempt")).map(|id| ended(id).unwrap_or_default()).collect()
}

/// Whatever is wrong with the record: a failed commit keeps, a successful one ends as Git's do, and what is there can
/// be had back.
fn works_without(s: &Scratch) {
    s.hook("pre-commit", "exit 1");
    s.write("b.txt", "bee\n");
    s.git(["add", "b.txt"]);
    s.write("b.txt", "edited\n");
    let ran = refused_commit(s);
    assert!(!ran.stderr.contains("panicked"), "{ran:#?}");
    let mut texts = s.backup_texts("b.txt");
    texts.sort();
    assert_eq!(texts, ["bee\n", "edited\n"], "{ran:#?}");
    s.write("b.txt", "damaged\n");
    s.bak(["restore", "--yes", "b.txt"]);
    assert_ne!(s.read("b.txt"), "damaged\n");
    s.hook("pre-commit", "exit 0");
    let ran = s.git(["commit", "-qam", "goes through"]);
    assert!(!ran.stderr.contains("panicked"), "{ran:#?}");
    for args in [&["list"][..], &["status"], &["log"], &["log", "--failures"], &["doctor"]] {
        let ran = s.try_bak(args);
        assert!((0..=3).contains(&ran.status), "{args:?}: {ran:#?}");
        assert!(!ran.stderr.contains("panicked"), "{args:?}: {ran:#?}");
    }
}

/// What says that not all could be read.
fn times_said(ran: &Ran) -> usize {
    let said = "the record of 2025-11-06 can't be read in full: git bak doctor";
    ran.stderr.lines().filter(|line| line.contains(said)).count()
}

#[test]
fn a_commit_writes_down_what_it_made_and_what_it_cleaned_up() {
    let s = Scratch::new();
    s.write("b.txt", "bee\n");
    s.git(["add", "b.txt"]);
    s.git(["commit", "-qm", "second"]);
    // Made when it was staged, and found by the commit.
    assert_eq!(events(&s, "b.txt"), ["created", "duplicate", "cleaned"]);
    assert_eq!(attempts(&s), ["commit", "commit"]);
    let lines = s.record();
    let [.., made, seen, cleaned] = lines.as_slice() else { panic!("{lines:#?}") };
    let blob = s.git(["rev-parse", "HEAD:b.txt"]).stdout;
    for line in [made, seen] {
        let file = &line["files"][0];
        assert_eq!(file["id"].as_str(), Some(blob.trim()));
        assert_eq!((&file["size"], &file["kind"]), (&4.into(), &"staged".into()));
    }
    assert_eq!((&made["cause"], &seen["cause"]), (&"add".into(), &"commit".into()));
    assert_eq!(cleaned["commit"].as_str(), Some(s.git(["rev-parse", "HEAD"]).stdout.trim()));
    // An instant each, and one worktree.
    assert!(lines.iter().all(|line| line["t"].is_i64() && line["wt"] == lines[0]["wt"]));
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
    assert_eq!(attempts(&s), ["commit", "failed", "failed", "failed", "commit"]);
    s.write("b.txt", "damaged\n");
    s.bak(["restore", "--from", "b.txt@{1}"]);
    assert_eq!(events(&s, "b.txt")[expected.len()..], ["created", "restored"]);
    s.bak(["clean"]);
    assert_eq!(events(&s, "b.txt").last().unwrap(), "cleaned");
    assert!(s.all_backups().is_empty());
}

#[test]
fn what_the_vault_alone_has_is_written_down() {
    let s = Scratch::new();
    s.git(["config", "bak.maxFileSize", "3"]);
    s.write("b.txt", "too big\n");
    s.git(["add", "b.txt"]);
    s.git(["commit", "-qm", "second"]);
    let found = events(&s, "b.txt");
    assert_eq!((found.len(), found[0].as_str()), (2, "deposited"));
    assert!(["deposited", "duplicate"].contains(&found[1].as_str()), "{found:?}");
}

#[test]
fn what_was_dropped_is_written_down_version_by_version() {
    let s = Scratch::new();
    snapshot(&s, "old\n");
    s.advance(86_400);
    s.bak(["clean", "--vault", "a.txt"]);
    assert_eq!(events(&s, "a.txt").last().unwrap(), "expired");
    let gone = s.record().pop().unwrap();
    assert_eq!((&gone["ev"], &gone["why"]), (&"gone".into(), &"clean".into()));
}

#[test]
fn each_worktree_has_its_own_lines() {
    let s = Scratch::new();
    let side = s.root().join("side");
    s.git(["worktree", "add", "-q", "-b", "side", side.to_str().unwrap()]);
    fs::write(side.join("a.txt"), "in side\n").unwrap();
    s.at(&side).bak(["snapshot", "a.txt"]);
    snapshot(&s, "in main\n");
    s.bak(["clean"]);
    s.git(["commit", "-qam", "main"]);
    let left = || {
        let names = fs::read_dir(&side).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().contains(".bak.")).count()
    };
    assert_eq!(left(), 1, "what is in the other worktree is its own");
    s.at(&side).git(["commit", "-q", "--allow-empty", "-m", "x"]);
    assert_eq!(left(), 0);
}

#[test]
fn lines_that_make_no_sense_harm_nobody_and_one_line_says_so() {
    let deep = "[".repeat(200_000);
    let big = format!("{{\"t\":1,\"ev\":\"snapshot\",\"x\":\"{}\"}}", "y".repeat(3 << 20));
    let rubbish: [&[u8]; 6] = [
        b"no JSON at all",
        b"{\"t\":1,\"ev\"",
        b"{}",
        &[0; 5000],
        b"\xff\xfe\x1b[31m",
        format!("{{\"t\":{deep}").leak().as_bytes(),
    ];
    for text in rubbish {
        let s = Scratch::new();
        let before = fs::read(s.top().join(DAY)).unwrap();
        s.write(DAY, [text, b"\n", &before[..], text, b"\n", big.as_bytes(), b"\n"].concat());
        for args in [&["list"][..], &["status"], &["log"]] {
            assert_eq!(times_said(&s.bak(args)), 1, "{args:?}");
        }
        works_without(&s);
        assert!(s.vault_has("b.txt", "bee\n") && s.vault_has("b.txt", "edited\n"));
        assert!(s.all_backups().is_empty(), "{:?}", s.all_backups());
        s.bak(["fold"]);
        assert!(s.vault_has("b.txt", "bee\n") && s.vault_has("b.txt", "edited\n"));
    }
}

#[test]
fn an_end_that_was_cut_off_is_blanked_by_the_next_writer() {
    for torn in [&b"{\"t\":1762"[..], &[0; 4096], b"{\"t\":1,\"ev\":\"snapshot\"}"] {
        let s = Scratch::new();
        let before = fs::read(s.top().join(DAY)).unwrap();
        s.write(DAY, [&before[..], torn].concat());
        assert_eq!(times_said(&s.bak(["list"])), 0, "somebody may be writing it");
        snapshot(&s, "two\n");
        let after = fs::read(s.top().join(DAY)).unwrap();
        let is_whole = |line: &&[u8]| serde_json::from_slice::<Value>(line).is_ok();
        let more: Vec<&[u8]> =
            after[before.len()..].split(|it| *it == b'\n').filter(|it| !it.is_empty()).collect();
        assert!(after.starts_with(&before) && more.iter().all(is_whole), "{more:?}");
        assert_eq!(times_said(&s.bak(["list"])), 0);
        works_without(&s);
    }
}

#[test]
fn a_record_of_repeated_lines_says_nothing_twice_of_what_is_there() {
    let s = refusing();
    stage_and_fail(&s, "a.txt", "two\n");
    let listed = s.bak(["list"]).stdout;
    let text = s.read(DAY);
    s.write(DAY, text.repeat(3));
    assert_eq!(s.bak(["list"]).stdout.lines().count(), listed.lines().count());
    s.bak(["fold"]);
    assert!(s.vault_has("a.txt", "two\n"));
    works_without(&s);
}

#[cfg(unix)]
#[test]
fn a_record_that_cant_be_written_or_read_stops_no_commit() {
    use std::os::unix::fs::PermissionsExt;
    let in_the_way: [fn(&Scratch); 4] = [
        |s| {
            fs::remove_dir_all(s.top().join(".git/bak/record")).unwrap();
            s.write(".git/bak/record", "a file\n");
        },
        |s| {
            fs::remove_file(s.top().join(DAY)).unwrap();
            fs::create_dir(s.top().join(DAY)).unwrap();
        },
        |s| {
            fs::remove_file(s.top().join(".git/bak/lock")).unwrap();
            fs::create_dir(s.top().join(".git/bak/lock")).unwrap();
        },
        |s| {
            let folder = s.top().join(".git/bak/record");
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();
            fs::set_permissions(s.top().join(DAY), fs::Permissions::from_mode(0o000)).unwrap();
        },
    ];
    for (number, put) in in_the_way.into_iter().enumerate() {
        let s = Scratch::new();
        put(&s);
        s.write("c.txt", "sea\n");
        let ran = s.git(["add", "c.txt"]);
        let said = ran.stderr.contains("; the backups are there");
        // Root reads and writes what it likes.
        assert!(said || number == 3, "{number}: {ran:#?}");
        assert_eq!(s.backup_texts("c.txt"), ["sea\n"], "{number}");
        works_without(&s);
        let folder = s.top().join(".git/bak/record");
        if folder.is_dir() {
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
        }
    }
}

#[test]
fn a_lock_that_somebody_holds_for_ever_is_waited_for_a_second() {
    let s = Scratch::new();
    let lock = File::options().read(true).write(true).open(s.top().join(".git/bak/lock")).unwrap();
    lock.lock().unwrap();
    works_without(&s);
    drop(lock);
    assert!(s.vault_has("b.txt", "bee\n") && s.vault_has("b.txt", "edited\n"));
    assert_eq!(attempts(&s), ["commit", "failed", "commit"]);
    s.bak(["fold"]);
    assert!(s.vault_has("b.txt", "edited\n"));
}

#[test]
fn deleted_it_is_begun_again_and_clean_up_still_finds_everything() {
    let s = Scratch::new();
    s.write("dir/b.txt", "bee\n");
    s.bak(["snapshot", "dir/b.txt"]);
    snapshot(&s, "two\n");
    s.git(["checkout", "-q", "a.txt"]);
    assert_eq!(s.all_backups().len(), 2);
    fs::remove_dir_all(s.top().join(".git/bak/record")).unwrap();
    s.write("c.txt", "sea\n");
    s.git(["add", "c.txt"]);
    s.git(["commit", "-qm", "second"]);
    assert!(s.all_backups().is_empty(), "{:?}", s.all_backups());
    assert_eq!(attempts(&s), ["commit"]);
    // Nothing was unlinked that the vault hasn't.
    assert!(s.vault_has("dir/b.txt", "bee\n") && s.vault_has("a.txt", "two\n"));
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
    assert_eq!(attempts(&s), ["commit"]);
}

#[test]
fn a_record_begun_anew_in_one_working_tree_is_new_to_the_others_too() {
    let s = Scratch::new();
    s.git(["worktree", "add", "-q", "-b", "side", "../side"]);
    let side = s.at(s.root().join("side"));
    fs::write(s.root().join("side/new.txt"), "new\n").unwrap();
    side.bak(["snapshot", "--untracked"]);
    fs::remove_dir_all(s.top().join(".git/bak")).unwrap();
    s.git(["commit", "-q", "--allow-empty", "-m", "here"]);
    side.git(["commit", "-q", "--allow-empty", "-m", "there"]);
    assert_eq!(side.git(["ls-files", "-o"]).stdout, "new.txt\n", "its backup is cleaned up");
}

#[test]
fn a_record_begun_anew_by_a_staged_file_is_not_taken_for_all_there_is() {
    let s = Scratch::new();
    s.write("d/f.txt", "f\n");
    s.write("new.txt", "new\n");
    s.bak(["snapshot", "--untracked"]);
    fs::remove_dir_all(s.top().join(".git/bak")).unwrap();
    s.write("a.txt", "two\n");
    s.git(["add", "a.txt"]);
    s.git(["switch", "-q", "-c", "other"]);
    s.git(["commit", "-qm", "here"]);
    assert!(s.all_backups().is_empty(), "{:?}", s.all_backups());
    assert!(s.vault_has("d/f.txt", "f\n") && s.vault_has("new.txt", "new\n"));
}

#[test]
fn what_is_taken_in_late_is_no_newer_than_what_was_seen_since() {
    let s = Scratch::new();
    snapshot(&s, "old\n");
    // So long that no hook reads of it any more.
    s.advance(10 * 86_400);
    s.write("a.txt", "young\n");
    s.git(["commit", "-qam", "second"]);
    assert!(s.all_backups().is_empty(), "{:?}", s.all_backups());
    assert!(s.vault_has("a.txt", "old\n"));
    s.write("a.txt", "damaged\n");
    s.bak(["restore", "--from", "a.txt@{1}"]);
    assert_eq!(s.read("a.txt"), "young\n");
}

#[test]
fn a_command_that_begins_a_record_finds_what_is_there_first() {
    let s = Scratch::new();
    s.write("new.txt", "new\n");
    s.bak(["snapshot", "new.txt"]);
    fs::remove_dir_all(s.top().join(".git/bak")).unwrap();
    s.write("a.txt", "two\n");
    s.bak(["snapshot", "a.txt"]);
    s.git(["commit", "-q", "--allow-empty", "-m", "here"]);
    assert!(s.all_backups().is_empty(), "{:?}", s.all_backups());
}

#[test]
fn what_a_later_version_wrote_is_passed_over_and_kept() {
    let s = Scratch::new();
    let later = r#"{"t":1762459900,"z":0,"wt":"WT","ev":"dance","with":["a.txt"],"files":[{"path":"a.txt","mood":"good"}]}"#;
    let later = later.replace("WT", &s.read(".git/bak/worktree"));
    let text = format!("{}{later}\n", s.read(DAY));
    s.write(DAY, text);
    assert_eq!(times_said(&s.bak(["list"])), 0);
    works_without(&s);
    s.bak(["fold"]);
    let log = s.bak(["vault", "log", "--all", "--format=%B"]).stdout;
    assert!(log.contains(&later), "{log}");
}
