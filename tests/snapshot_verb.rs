//! `git bak snapshot`: what it takes, from where, and under which name.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use crate::scratch::{BAK, Ran, Scratch};

fn with_stdin(s: &Scratch, folder: &str, args: &[&str], text: &[u8]) -> Ran {
    let mut command = s.at(s.top().join(folder)).command(BAK);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text).unwrap();
    Ran::of(&child.wait_with_output().unwrap())
}

#[test]
fn without_paths_it_takes_what_pre_commit_would() {
    let s = Scratch::without_staging();
    for path in ["staged.txt", "edited.txt", "clean.txt"] {
        s.write(path, "as committed\n");
    }
    s.git(["add", "."]);
    s.git(["commit", "-qm", "second"]);
    s.write("staged.txt", "staged\n");
    s.git(["add", "staged.txt"]);
    s.write("edited.txt", "edited\n");
    s.write("untracked.txt", "untracked\n");
    let ran = s.bak(["snapshot"]);
    assert_eq!(ran.stdout, "");
    assert_eq!(ran.stderr.lines().count(), 2, "{ran:?}");
    assert_eq!(s.backup_texts("staged.txt"), ["staged\n"]);
    assert_eq!(s.backup_texts("edited.txt"), ["edited\n"]);
    assert_eq!(s.all_backups().len(), 2);
    s.bak(["snapshot", "--untracked"]);
    assert_eq!(s.backup_texts("untracked.txt"), ["untracked\n"]);
}

#[test]
fn a_snapshots_backups_share_one_timestamp() {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    s.write("b.txt", "b\n");
    s.bak(["snapshot", "a.txt", "b.txt"]);
    let time = |path: &str| s.backups(path).remove(0).split('.').nth(3).unwrap().to_owned();
    assert_eq!(time("a.txt"), time("b.txt"));
}

#[test]
fn nothing_at_risk_is_said_and_is_no_failure() {
    let s = Scratch::new();
    let ran = s.bak(["snapshot"]);
    assert!(ran.stderr.contains("nothing to back up"), "{ran:?}");
    assert!(s.all_backups().is_empty());
}

#[test]
fn a_named_file_is_taken_be_it_clean_untracked_or_ignored() {
    let s = Scratch::new();
    s.write(".gitignore", "*.log\n");
    s.write("untracked.txt", "untracked\n");
    s.write("x.log", "ignored\n");
    s.bak(["snapshot", "a.txt", "untracked.txt", "x.log"]);
    for (path, text) in
        [("a.txt", "one\n"), ("untracked.txt", "untracked\n"), ("x.log", "ignored\n")]
    {
        assert_eq!(s.backup_texts(path), [text], "{path}");
    }
}

#[test]
fn a_folder_stands_for_the_files_below_it_that_git_looks_at() {
    let s = Scratch::new();
    s.write(".gitignore", "*.log\n");
    for path in ["sub/tracked.txt", "sub/deep/untracked.txt", "sub/x.log", "sub2/other.txt"] {
        s.write(path, path);
    }
    s.git(["add", "sub/tracked.txt"]);
    s.bak(["snapshot", "sub"]);
    s.bak(["snapshot", "sub/"]);
    let mut found: Vec<String> = s.all_backups();
    found.sort();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("sub/deep/untracked.txt.bak."));
    assert!(found[1].starts_with("sub/tracked.txt.bak."));
    s.at(s.top().join("sub2")).bak(["snapshot", "."]);
    assert_eq!(s.backup_texts("sub2/other.txt"), ["sub2/other.txt"]);
}

#[test]
fn names_that_look_like_pathspecs_are_files() {
    let s = Scratch::new();
    let mut paths = vec!["*", "[ab].txt", ":(top)x", "sub/?.txt", "-n"];
    // Some are no names on Windows.
    paths.retain(|path| !cfg!(windows) || !path.contains(['*', ':', '?']));
    for path in &paths {
        s.write(path, path);
        let typed = if path.starts_with('-') { "./-n" } else { path };
        s.bak(["snapshot", "--", typed]);
        assert_eq!(s.backup_texts(path), [*path]);
    }
    assert_eq!(s.all_backups().len(), paths.len());
}

#[test]
fn paths_are_read_from_standard_input_each_ended_by_a_nul() {
    let s = Scratch::new();
    let name = if cfg!(windows) { "with blank" } else { "with\nnewline" };
    s.write(&format!("sub/{name}"), "x\n");
    s.write("a.txt", "two\n");
    let paths = format!("{name}\0../a.txt\0");
    let ran = with_stdin(&s, "sub", &["snapshot", "--stdin0"], paths.as_bytes());
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(s.backup_texts(&format!("sub/{name}")), ["x\n"]);
    assert_eq!(s.backup_texts("a.txt"), ["two\n"]);
    s.write("a.txt", "at risk\n");
    let none = with_stdin(&s, ".", &["snapshot", "--stdin0"], b"");
    assert_eq!(none.status, 0, "{none:?}");
    assert_eq!(s.backups("a.txt").len(), 1, "no path is not every path");
}

#[test]
fn a_label_is_shown_by_list_and_taken_where_a_time_is() {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    s.bak(["snapshot", "-m", "before the \"big\" one", "a.txt"]);
    s.write("a.txt", "three\n");
    s.bak(["snapshot", "a.txt"]);
    assert!(s.bak(["list"]).stdout.contains("before the \"big\" one"));
    s.bak(["restore", "--yes", "a.txt", "--at", "before the \"big\" one"]);
    assert_eq!(s.read("a.txt"), "two\n");
}

#[test]
fn a_label_can_not_upset_the_terminal() {
    let s = Scratch::new();
    s.bak(["snapshot", "-m", "\u{1b}[31mred\nline", "a.txt"]);
    let shown = s.bak(["list"]).stdout;
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
    assert_eq!(shown.lines().count(), 2, "{shown:?}");
}

#[test]
fn the_id_of_an_upgrade_stands_in_the_name() {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    s.bak(["snapshot", "--artifact", "xyz98765-and-more", "a.txt"]);
    assert!(s.backups("a.txt")[0].ends_with(".xyz98765"));
    assert_eq!(s.bak(["show", "xyz98765"]).stdout, "two\n");
}

#[test]
fn a_bad_artifact_id_is_wrong_usage() {
    let s = Scratch::new();
    for id in ["short", "", "with-dash", "abc1234é", "../../..x"] {
        let ran = s.try_bak(["snapshot", "--artifact", id, "a.txt"]);
        assert_eq!((ran.status, ran.stderr.lines().count()), (2, 1), "{id}: {ran:?}");
    }
    assert!(s.all_backups().is_empty());
}

#[test]
fn the_artifact_id_of_a_backup_is_proved_by_git() {
    let s = Scratch::new();
    s.write("x.bin", b"\0\r\n\xff");
    s.bak(["snapshot", "x.bin"]);
    let name = s.backups("x.bin").remove(0);
    let id = s.git(["hash-object", "--no-filters", &name]).stdout;
    assert!(id.starts_with(name.rsplit('.').next().unwrap()), "{name} {id}");
}

#[test]
fn a_second_snapshot_of_the_same_bytes_makes_no_file() {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    s.bak(["snapshot", "a.txt"]);
    let ran = s.bak(["snapshot", "a.txt"]);
    assert_eq!(s.backups("a.txt").len(), 1);
    assert!(ran.stderr.contains("already backed up"), "{ran:?}");
}

#[test]
fn a_file_that_is_not_there_is_named_and_the_others_are_taken() {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    let ran = s.try_bak(["snapshot", "gone.txt", "a.txt"]);
    assert_ne!(ran.status, 0, "{ran:?}");
    assert!(ran.stderr.contains("gone.txt"), "{ran:?}");
    assert_eq!(s.backup_texts("a.txt"), ["two\n"]);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let s = Scratch::new();
    let outside = s.root().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("x"), "precious\n").unwrap();
    std::os::unix::fs::symlink(outside.join("x"), s.top().join("link")).unwrap();
    std::os::unix::fs::symlink(&outside, s.top().join("folder")).unwrap();
    for path in ["link", "folder/x", "folder"] {
        let ran = s.try_bak(["snapshot", path]);
        assert!(!ran.stderr.is_empty(), "{path}: {ran:?}");
    }
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
    assert!(s.all_backups().is_empty());
}

#[test]
fn nothing_is_written_inside_another_repository() {
    let s = Scratch::new();
    s.write("nested/x", "theirs\n");
    s.at(s.top().join("nested")).git(["init", "-q"]);
    for path in ["nested/x", "nested", "."] {
        let ran = s.try_bak(["snapshot", path]);
        assert!(!ran.stderr.contains("panicked"), "{ran:?}");
        let names = fs::read_dir(s.top().join("nested")).unwrap().count();
        assert_eq!(names, 2, "{path}: only .git and x: {ran:?}");
    }
}

#[test]
fn what_the_settings_exclude_is_named_where_it_is_asked_for() {
    let s = Scratch::new();
    s.git(["config", "bak.exclude", "*.key"]);
    s.write("x.key", "secret\n");
    s.write("y.txt", "y\n");
    let ran = s.bak(["snapshot", "x.key", "y.txt"]);
    assert!(ran.stderr.contains("x.key: excluded by bak.exclude"), "{ran:?}");
    assert!(s.backups("x.key").is_empty() && s.backups("y.txt").len() == 1);
    s.bak(["snapshot", "."]);
    assert!(!s.vault_has("x.key", "secret\n"));
}

#[test]
fn a_first_snapshot_needs_no_commit_and_no_install() {
    let s = Scratch::empty();
    s.write("a.txt", "one\n");
    s.git(["add", "a.txt"]);
    s.bak(["snapshot"]);
    assert_eq!(s.backup_texts("a.txt"), ["one\n"]);
    assert_eq!(s.git(["status", "--porcelain"]).stdout, "A  a.txt\n", "born ignored");
}
