//! Hooks that are copies of the program: what an installed git-bak writes, where the others test the shims
//! that a build for development writes (it is too big to be copied).

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::Command;

use crate::pair::left;
use crate::scratch::{BAK, Ran, Scratch, script};

const HOOKS: [&str; 4] = ["post-index-change", "pre-commit", "post-commit", "post-checkout"];

/// A scratch repository without hooks and, beside it, a program that is small enough to be a hook.
fn scratch() -> (Scratch, PathBuf) {
    let scratch = Scratch::empty();
    let program = scratch.root().join("bin/small");
    // Comes with every C compiler.
    let strip = Command::new("strip").arg("-o").arg(&program).arg(BAK).status().unwrap();
    assert!(strip.success());
    (scratch, program)
}

fn install(scratch: &Scratch, program: &PathBuf) -> Ran {
    let ran = Ran::of(&scratch.command(program).arg("install").output().unwrap());
    assert_eq!(ran.status, 0, "{ran:?}");
    ran
}

fn hook(scratch: &Scratch, name: &str) -> PathBuf {
    scratch.top().join(".git/hooks").join(name)
}

fn is_program(scratch: &Scratch, name: &str) -> bool {
    std::fs::read(hook(scratch, name)).unwrap().starts_with(b"\x7fELF")
}

#[test]
fn one_file_is_all_four_hooks_and_runs_them() {
    let (scratch, program) = scratch();
    install(&scratch, &program);
    let metas = HOOKS.map(|name| hook(&scratch, name).metadata().unwrap());
    assert!(HOOKS.iter().all(|name| is_program(&scratch, name)));
    assert!(metas.iter().all(|meta| meta.ino() == metas[0].ino() && meta.mode() & 0o111 != 0));
    assert_eq!(metas[0].nlink(), 4);
    install(&scratch, &program);
    assert_eq!(hook(&scratch, "pre-commit").metadata().unwrap().ino(), metas[0].ino());
    let doctor = scratch.bak(["doctor"]);
    assert!(!doctor.stdout.contains('✗'), "{doctor:?}");

    scratch.write("a.txt", "one\n");
    scratch.git(["add", "a.txt"]);
    assert_eq!(scratch.backup_texts("a.txt"), ["one\n"], "post-index-change");
    scratch.write("a.txt", "two\n");
    assert_eq!(scratch.try_git(["commit", "-qm", ""]).status, 1);
    assert_eq!(scratch.backup_texts("a.txt"), ["one\n", "two\n"], "pre-commit");
    scratch.git(["commit", "-qam", "first"]);
    assert!(left(&scratch.root()).is_empty(), "post-commit");
    scratch.write("a.txt", "three\n");
    scratch.bak(["snapshot"]);
    let said = scratch.git(["checkout", "a.txt"]).stderr;
    assert!(said.contains("git bak restore -- a.txt"), "post-checkout: {said}");
}

#[test]
fn the_users_hook_runs_even_when_the_program_is_gone() {
    let (scratch, program) = scratch();
    scratch.hook("pre-commit", "echo \"mine $#\" >&2; exit 3");
    install(&scratch, &program);
    for path in [&program, &scratch.root().join("bin/git-bak")] {
        std::fs::remove_file(path).unwrap();
    }
    scratch.write("a.txt", "one\n");
    scratch.git(["add", "a.txt"]);
    let ran = scratch.try_git(["commit", "-qm", "first"]);
    assert!(ran.status == 1 && ran.stderr.contains("mine 0"), "{ran:?}");
    assert_eq!(scratch.backup_texts("a.txt"), ["one\n"]);
}

#[test]
fn uninstalling_gives_back_what_was_there() {
    let (scratch, program) = scratch();
    scratch.hook("pre-commit", "exit 0");
    let before = std::fs::read(hook(&scratch, "pre-commit")).unwrap();
    install(&scratch, &program);
    assert!(is_program(&scratch, "pre-commit"));
    // By another build than the one that wrote them.
    scratch.bak(["uninstall"]);
    assert_eq!(std::fs::read(hook(&scratch, "pre-commit")).unwrap(), before);
    assert!(
        !hook(&scratch, "post-commit").exists()
            && !hook(&scratch, "pre-commit.before-bak").exists()
    );
}

#[test]
fn shims_are_written_where_the_settings_say_so() {
    let (mut scratch, program) = scratch();
    scratch.set_env("GIT_CONFIG_GLOBAL", scratch.root().join("home/.gitconfig"));
    install(&scratch, &program);
    scratch.git(["config", "bak.shims", "true"]);
    install(&scratch, &program);
    assert!(HOOKS.iter().all(|name| !is_program(&scratch, name)));
    scratch.git(["config", "--unset", "bak.shims"]);
    install(&scratch, &program);
    assert!(HOOKS.iter().all(|name| is_program(&scratch, name)));
    // A template is copied into every clone.
    Ran::of(&scratch.command(&program).args(["install", "--template"]).output().unwrap())
        .expect_success();
    scratch.git(["init", "-q", "../new"]);
    let new = std::fs::read(scratch.root().join("new/.git/hooks/pre-commit")).unwrap();
    assert!(new.starts_with(b"#!/bin/sh\n"));
}

#[test]
fn one_of_another_version_is_renewed_and_one_that_was_changed_is_left() {
    let (scratch, program) = scratch();
    install(&scratch, &program);
    let pre_commit = hook(&scratch, "pre-commit");
    let bytes = std::fs::read(&pre_commit).unwrap();
    let version = env!("CARGO_PKG_VERSION").as_bytes();
    let at = bytes.windows(19).rposition(|window| window == b"\n# git-bak program ").unwrap() + 19;
    assert_eq!(&bytes[at..at + version.len()], version);
    let mut older = bytes.clone();
    older[at] = b'8';
    replace(&pre_commit, &older);
    let doctor = scratch.try_bak(["doctor"]);
    assert!(doctor.status == 1 && doctor.stdout.contains("written by git-bak 8"), "{doctor:?}");
    install(&scratch, &program);
    assert_eq!(std::fs::read(&pre_commit).unwrap(), bytes);

    replace(&pre_commit, &[&bytes[..], b"echo more\n"].concat());
    let left = scratch.try_bak(["uninstall"]);
    assert!(left.status == 1 && left.stderr.contains("pre-commit"), "{left:?}");
    assert!(pre_commit.exists() && !hook(&scratch, "post-commit").exists());
}

#[test]
fn put_away_by_a_manager_it_knows_what_it_is() {
    let (scratch, program) = scratch();
    install(&scratch, &program);
    let pre_commit = hook(&scratch, "pre-commit");
    std::fs::rename(&pre_commit, hook(&scratch, "pre-commit.legacy")).unwrap();
    script(&pre_commit, "\"$(dirname \"$0\")/pre-commit.legacy\" \"$@\"; exit 1");
    scratch.write("a.txt", "one\n");
    scratch.git(["-c", "core.hooksPath=/dev/null", "add", "a.txt"]);
    assert_eq!(scratch.try_git(["commit", "-qm", "first"]).status, 1);
    assert_eq!(scratch.backup_texts("a.txt"), ["one\n"]);
}

/// Another file in its place, with the mode of a program: the four share one.
fn replace(hook: &PathBuf, bytes: &[u8]) {
    std::fs::remove_file(hook).unwrap();
    std::fs::write(hook, bytes).unwrap();
    std::fs::set_permissions(hook, std::fs::Permissions::from_mode(0o755)).unwrap();
}
