//! What only a user meets who may not write everything: root may.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use rustix::process::geteuid;

use crate::scratch::{Ran, Scratch};

/// A user who owns nothing but what is given to them.
const NOBODY: u32 = 65_534;

/// Gives everything to a user who is not root, where the tests are run by root.
fn hand_over(s: &Scratch) {
    if geteuid().is_root() {
        let who = format!("{NOBODY}:{NOBODY}");
        let ran = Command::new("chown").args(["-R", &who]).arg(s.root()).output().unwrap();
        assert!(ran.status.success(), "{ran:?}");
    }
}

/// Runs it as that user.
fn run(s: &Scratch, program: &str, args: &[&str]) -> Ran {
    // The program under test may be where no other user can look.
    let placed = s.root().join("bin/git-bak");
    let program = if program == "git-bak" { placed.as_path() } else { Path::new(program) };
    let mut command = s.command(program);
    if geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    Ran::of(&command.args(args).output().unwrap())
}

fn chmod(file: &Path, mode: u32) {
    fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_record_that_may_not_be_written_is_said_and_the_backups_stay() {
    let s = Scratch::new();
    let day = s.top().join(".git/bak/record/2025-11-06");
    s.write("a.txt", "two\n");
    hand_over(&s);
    chmod(&day, 0o400);
    let ran = run(&s, "git", &["add", "a.txt"]).expect_success();
    assert!(ran.stderr.contains("the record is left out: "), "{ran:#?}");
    let ran = run(&s, "git", &["commit", "-qm", "second"]).expect_success();
    assert!(ran.stderr.contains("the record is left out: "), "{ran:#?}");
    assert_eq!(s.backup_texts("a.txt"), ["two\n"], "nothing names it");
    chmod(&day, 0o600);
    s.write("a.txt", "three\n");
    run(&s, "git", &["commit", "-qam", "third"]).expect_success();
    assert!(s.backups("a.txt").is_empty());
    let ran = run(&s, "git-bak", &["show", "a.txt@{2}"]).expect_success();
    assert_eq!(ran.stdout, "two\n");
}

#[test]
fn of_many_backups_in_a_folder_that_may_not_be_written_five_are_named() {
    let s = Scratch::empty();
    for number in 1..=7 {
        s.write(&format!("d/{number}"), format!("{number}\n"));
    }
    s.hook("pre-commit", "chmod 555 d");
    hand_over(&s);
    run(&s, "git-bak", &["install"]).expect_success();
    run(&s, "git", &["add", "."]).expect_success();
    let ran = run(&s, "git", &["commit", "-qm", "seven"]).expect_success();
    assert_eq!(ran.stderr.matches(": not removed: ").count(), 5, "{ran:#?}");
    assert!(ran.stderr.contains("• and 2 more backups not removed\n"), "{ran:#?}");
    assert_eq!((1..=7).filter(|number| !s.backups(&format!("d/{number}")).is_empty()).count(), 7);
    chmod(&s.top().join("d"), 0o755);
}
