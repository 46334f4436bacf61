//! post-index-change as a copy of the program: what an installed git-bak writes, where the others test the shim
//! that a build for development writes (it is too big to be copied).

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::Command;

use crate::pair::left;
use crate::scratch::{BAK, Ran, Scratch, script};

const HOOK: &str = "post-index-change";
const SHIMS: [&str; 3] = ["pre-commit", "post-commit", "post-checkout"];

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
fn it_is_one_and_does_its_work_beside_the_shims() {
    let (scratch, program) = scratch();
    install(&scratch, &program);
    let meta = hook(&scratch, HOOK).metadata().unwrap();
    assert!(is_program(&scratch, HOOK) && meta.mode() & 0o111 != 0);
    // Somebody may write into it.
    assert_eq!(meta.nlink(), 1);
    assert!(SHIMS.iter().all(|name| !is_program(&scratch, name)));
    install(&scratch, &program);
    assert_eq!(hook(&scratch, HOOK).metadata().unwrap().ino(), meta.ino());
    let doctor = scratch.bak(["doctor"]);
    assert!(!doctor.stdout.contains('✗'), "{doctor:?}");

    scratch.write("a.txt", "one\n");
    scratch.git(["add", "a.txt"]);
    assert_eq!(scratch.backup_texts("a.txt"), ["one\n"]);
    scratch.write("a.txt", "two\n");
    scratch.git(["commit", "-qam", "first"]);
    assert!(left(&scratch.root()).is_empty());
}

#[test]
fn the_users_hook_runs_even_when_the_program_is_gone() {
    let (scratch, program) = scratch();
    scratch.hook(HOOK, "echo \"mine $*\" >>../mine");
    install(&scratch, &program);
    for path in [&program, &scratch.root().join("bin/git-bak")] {
        std::fs::remove_file(path).unwrap();
    }
    scratch.write("a.txt", "one\n");
    scratch.git(["add", "a.txt"]);
    assert_eq!(scratch.read("../mine"), "mine 0 0\n");
    assert_eq!(scratch.backup_texts("a.txt"), ["one\n"]);
}

#[test]
fn uninstalling_gives_back_what_was_there() {
    let (scratch, program) = scratch();
    scratch.hook(HOOK, "exit 0");
    let before = std::fs::read(hook(&scratch, HOOK)).unwrap();
    install(&scratch, &program);
    assert!(is_program(&scratch, HOOK));
    // By another build than the one that wrote it.
    scratch.bak(["uninstall"]);
    assert_eq!(std::fs::read(hook(&scratch, HOOK)).unwrap(), before);
    assert!(!hook(&scratch, &format!("{HOOK}.before-bak")).exists());
}

#[test]
fn a_shim_is_written_where_the_settings_say_so_and_into_a_template() {
    let (mut scratch, program) = scratch();
    scratch.set_env("GIT_CONFIG_GLOBAL", scratch.root().join("home/.gitconfig"));
    install(&scratch, &program);
    scratch.git(["config", "bak.shims", "true"]);
    install(&scratch, &program);
    assert!(!is_program(&scratch, HOOK));
    scratch.git(["config", "--unset", "bak.shims"]);
    install(&scratch, &program);
    assert!(is_program(&scratch, HOOK));
    // A template is copied into every clone.
    Ran::of(&scratch.command(&program).args(["install", "--template"]).output().unwrap())
        .expect_success();
    scratch.git(["init", "-q", "../new"]);
    let new = std::fs::read(scratch.root().join("new/.git/hooks").join(HOOK)).unwrap();
    assert!(new.starts_with(b"#!/bin/sh\n"));
}

#[test]
fn one_of_another_version_is_renewed_and_one_that_was_changed_is_left() {
    let (scratch, program) = scratch();
    install(&scratch, &program);
    let file = hook(&scratch, HOOK);
    let bytes = std::fs::read(&file).unwrap();
    let version = env!("CARGO_PKG_VERSION").as_bytes();
    let at = bytes.windows(19).rposition(|window| window == b"\n# git-bak program ").unwrap() + 19;
    assert_eq!(&bytes[at..at + version.len()], version);
    let mut older = bytes.clone();
    older[at] = b'8';
    replace(&file, &older);
    let doctor = scratch.try_bak(["doctor"]);
    assert!(doctor.status == 1 && doctor.stdout.contains("written by git-bak 8"), "{doctor:?}");
    install(&scratch, &program);
    assert_eq!(std::fs::read(&file).unwrap(), bytes);

    replace(&file, &[&bytes[..], b"echo more\n"].concat());
    let left = scratch.try_bak(["uninstall"]);
    assert!(left.status == 1 && left.stderr.contains(HOOK), "{left:?}");
    assert!(file.exists() && !hook(&scratch, "post-commit").exists());
}

#[test]
fn put_away_under_another_name_it_knows_what_it_is() {
    let (scratch, program) = scratch();
    install(&scratch, &program);
    let file = hook(&scratch, HOOK);
    std::fs::rename(&file, hook(&scratch, &format!("{HOOK}.legacy"))).unwrap();
    script(&file, &format!("exec \"$(dirname \"$0\")/{HOOK}.legacy\" \"$@\""));
    scratch.write("a.txt", "one\n");
    scratch.git(["add", "a.txt"]);
    assert_eq!(scratch.backup_texts("a.txt"), ["one\n"]);
}

/// Another file in its place, with the mode of a program.
fn replace(hook: &PathBuf, bytes: &[u8]) {
    std::fs::remove_file(hook).unwrap();
    std::fs::write(hook, bytes).unwrap();
    std::fs::set_permissions(hook, std::fs::Permissions::from_mode(0o755)).unwrap();
}
