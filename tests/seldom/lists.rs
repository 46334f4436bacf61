//! Lists of many names, of which some are shown.

use std::fs;

use crate::scratch::{BAK, Scratch};

#[test]
fn of_many_backups_without_a_copy_three_are_named() {
    let s = Scratch::new();
    s.bak(["snapshot"]);
    for name in ["b.txt", "c.txt", "d.txt", "e.txt"] {
        let id = crate::backup_files::blob_id(&s, name.as_bytes());
        s.write(&format!("{name}.bak.20251106_201040.{}", &id[..8]), name);
    }
    let names = ["b.txt", "c.txt", "d.txt"].map(|name| {
        let id = crate::backup_files::blob_id(&s, name.as_bytes());
        format!("{name}.bak.20251106_201040.{}", &id[..8])
    });
    let said = format!("4 backups without a copy in the vault: {} and 1 more", names.join(", "));
    assert_eq!(
        crate::doctor::only_problem(&s, "stray-backups", &said).unwrap(),
        "git bak doctor --fix"
    );
}

#[test]
fn of_backups_that_a_switch_retires_details_are_for_whoever_wants_them() {
    let s = Scratch::new();
    s.git(["checkout", "-qb", "other"]);
    for number in 1..=7 {
        s.write(&format!("f{number}"), "one\n");
    }
    s.git(["add", "."]);
    s.git(["commit", "-qm", "seven"]);
    for number in 1..=7 {
        s.write(&format!("f{number}"), "two\n");
    }
    s.bak(["snapshot"]);
    s.git(["stash", "-q"]);
    let ran = s.git(["checkout", "-q", "main"]);
    assert_eq!(ran.stderr, "");
    assert!(s.all_backups().is_empty());
    s.git(["checkout", "-q", "other"]);
    s.git(["stash", "pop", "-q"]);
    s.bak(["snapshot"]);
    s.git(["stash", "-q"]);
    let ran = s.git(["-c", "bak.verbosity=verbose", "checkout", "-q", "main"]);
    assert_eq!(ran.stderr.matches("✓ retired: f").count(), 7, "{ran:#?}");
}

#[test]
fn a_file_that_cant_be_put_back_is_named_with_what_goes_on() {
    let s = Scratch::new();
    let patch = "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-one\n+two\n";
    fs::write(s.root().join("p"), patch).unwrap();
    let test = "rm a.txt && mkdir a.txt && touch a.txt/in-the-way && exit 1";
    let ran = s.try_bak(["apply", "--test", test, "../p"]);
    assert_eq!(ran.status, 3, "{ran:#?}");
    let line = "  ✗ a.txt: not put back: ";
    assert!(ran.stderr.contains(line), "{ran:#?}");
    fs::remove_dir_all(s.top().join("a.txt")).unwrap();
    s.bak(["apply", "--abort"]);
    assert_eq!(s.read("a.txt"), "one\n");
}

#[test]
fn what_doctor_cant_put_right_is_named() {
    let s = Scratch::new();
    s.bak(["snapshot"]);
    let id = crate::backup_files::blob_id(&s, b"stray");
    s.write(&format!("b.txt.bak.20251106_201040.{}", &id[..8]), "stray");
    s.write(&format!(".git/bak/new/{}", &id[..2]), "in the way");
    let ran = s.try_bak(["doctor", "--fix"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert!(ran.stderr.contains("✗ stray-backups: not put right: "), "{ran:#?}");
}

#[cfg(target_os = "linux")]
#[test]
fn the_guard_has_a_word_for_a_command_that_it_doesnt_know() {
    let s = Scratch::new();
    s.bak(["install"]);
    s.git(["config", "bak.verbosity", "verbose"]);
    s.write("a.txt", "two\n");
    let asked = s.command(BAK).args(["guard", "2", "token"]).output().unwrap();
    let said = String::from_utf8_lossy(&asked.stderr);
    let line = "a.txt: backed up before this command: git bak restore -- a.txt";
    assert!(said.contains(line), "{said}");
}

#[test]
fn where_a_file_s_numbers_have_gaps_it_is_said_what_fills_them() {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    s.bak(["snapshot"]);
    let line = "numbers left out are in the vault only: git bak list";
    let shown = |args: &[&str]| {
        let mut command = s.command(BAK);
        command.args(args).env("GIT_PAGER", "cat").env("NO_COLOR", "1");
        crate::pty::run(command, 80).0
    };
    assert!(!shown(&["list", "--files"]).contains(line), "there is one, and it is shown");
    s.write("a.txt", "three\n");
    s.bak(["snapshot"]);
    let newest = s.backups("a.txt").pop().unwrap();
    fs::remove_file(s.top().join(newest)).unwrap();
    let text = shown(&["list", "--files"]);
    assert!(text.contains("a.txt\n  @{2}") && text.ends_with(&format!("\n{line}\n")), "{text}");
    assert!(!shown(&["list"]).contains(line));
    assert!(!s.bak(["list", "--files"]).stdout.contains(line), "a script has no need of it");
}
