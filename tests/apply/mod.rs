//! `git bak apply`: everything it changes comes with everything it takes to undo it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::scratch::{BAK, Ran, Scratch};

mod accepted;
mod commit;
mod crash;
mod interrupted;
mod journal;
mod lifecycle;
pub mod random;
mod refused;
mod rollback;
mod series;
mod validate;

/// What stands in a working tree: kind and mode, and the bytes or where a link leads. Backups and `.git`
/// are left out; of a folder there is its mode.
pub type Tree = BTreeMap<String, (String, Vec<u8>)>;

/// Everything below `top`.
pub fn tree(top: &Path) -> Tree {
    let mut found = Tree::new();
    let mut folders = vec![top.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(top).unwrap().to_string_lossy().into_owned();
            let meta = path.symlink_metadata().unwrap();
            if name == ".git" || name.contains(".bak.2025") {
                continue;
            }
            let (kind, bytes) = if meta.is_symlink() {
                let target = fs::read_link(&path).unwrap();
                ("link".to_owned(), target.to_string_lossy().into_owned().into_bytes())
            } else if meta.is_dir() {
                folders.push(path);
                (format!("folder {:o}", meta.mode() & 0o777), Vec::new())
            } else {
                (format!("file {:o}", meta.mode() & 0o777), fs::read(&path).unwrap())
            };
            found.insert(name, (kind, bytes));
        }
    }
    found
}

/// The same without folders: Git knows nothing of them.
pub fn files(top: &Path) -> Tree {
    let mut files = tree(top);
    files.retain(|_, (kind, _)| !kind.starts_with("folder"));
    files
}

/// Sets a file's permission bits.
pub fn chmod(s: &Scratch, path: &str, mode: u32) {
    fs::set_permissions(s.top().join(path), fs::Permissions::from_mode(mode)).unwrap();
}

/// Makes a symbolic link, in the place of what is there.
pub fn link(s: &Scratch, target: &str, path: &str) {
    let _ = fs::remove_file(s.top().join(path));
    std::os::unix::fs::symlink(target, s.top().join(path)).unwrap();
}

/// Commits everything, away from our hooks.
pub fn commit_all(s: &Scratch, message: &str) {
    s.git_alone(["add", "-A"]);
    s.git_alone(["commit", "-qm", message]);
}

/// A repository, and beside it `all.patch`, which changes files in every way that a patch can.
pub fn rich() -> Scratch {
    let s = Scratch::new();
    s.write("modified.txt", "one\ntwo\nthree\n");
    s.write("private.txt", "secret one\n");
    s.write("gone/deep/removed.txt", "to be removed\n");
    s.write("old.txt", "a\nb\nc\nd\ne\nf\ng\nh\n");
    s.write("run.sh", "#!/bin/sh\n");
    s.write("stop.sh", "#!/bin/sh\n");
    s.write("data.bin", (0..=255u8).collect::<Vec<u8>>());
    s.write("crlf.txt", "one\r\ntwo\r\n");
    s.write("open end.txt", "no last newline");
    link(&s, "modified.txt", "link");
    chmod(&s, "private.txt", 0o600);
    chmod(&s, "stop.sh", 0o755);
    commit_all(&s, "base");
    s.write("modified.txt", "one\nTWO\nthree\nfour\n");
    s.write("private.txt", "secret two\n");
    fs::remove_dir_all(s.top().join("gone")).unwrap();
    fs::create_dir(s.top().join("moved")).unwrap();
    fs::rename(s.top().join("old.txt"), s.top().join("moved/néw.txt")).unwrap();
    s.write("moved/néw.txt", "a\nb\nc\nD\ne\nf\ng\nh\n");
    chmod(&s, "run.sh", 0o755);
    chmod(&s, "stop.sh", 0o644);
    s.write("data.bin", (0..=255u8).rev().collect::<Vec<u8>>());
    s.write("crlf.txt", "one\r\nzwei\r\n");
    s.write("open end.txt", "still no last newline");
    link(&s, "crlf.txt", "link");
    s.write("new/deep/created.txt", "created\n");
    s.write("new/tool", "#!/bin/sh\n");
    chmod(&s, "new/tool", 0o755);
    s.write("empty", "");
    patch_of_all(&s, "all.patch");
    s
}

/// Writes what differs from HEAD as a patch beside the repository, and goes back to HEAD.
pub fn patch_of_all(s: &Scratch, name: &str) {
    s.git_alone(["add", "-A"]);
    let diff =
        s.command("git").args(["diff", "--binary", "-M", "--cached", "HEAD"]).output().unwrap();
    assert!(!diff.stdout.is_empty());
    fs::write(s.root().join(name), diff.stdout).unwrap();
    s.git_alone(["reset", "-q", "--hard"]);
    // A checkout leaves the modes that the umask gives.
    if s.exists("private.txt") {
        chmod(s, "private.txt", 0o600);
    }
}

/// `git bak apply` with these arguments, the last of them the patch.
pub fn apply(s: &Scratch, args: &[&str]) -> Ran {
    let mut all = vec!["apply"];
    all.extend(args);
    Ran::of(&command(s).args(all).output().unwrap())
}

/// The binary, with the signals as a terminal's shell leaves them: a shell that runs the tests in the background
/// may have told them to ignore some.
pub fn command(s: &Scratch) -> Command {
    unsafe extern "C" {
        fn signal(number: i32, handler: usize) -> usize;
    }
    let mut command = s.command(BAK);
    // SAFETY: sets the default action of three signals, after the fork and before the program.
    unsafe {
        command.pre_exec(|| {
            for number in [1, 2, 15] {
                signal(number, 0);
            }
            Ok(())
        });
    }
    command
}

/// No upgrade is on record, and nothing of one is left in the Git directory.
pub fn assert_nothing_left(s: &Scratch) {
    let folder = s.top().join(".git/bak/upgrade");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let names: Vec<_> = names.filter(|name| name != "lock").collect();
    assert!(names.is_empty(), "{names:?}");
    assert!(!s.exists(".git/worktrees"), "a scratch worktree is left");
}

/// The failures in the journal, newest first.
pub fn failures(s: &Scratch) -> Vec<serde_json::Value> {
    let text = s.bak(["journal", "--json"]).stdout;
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    document["failures"].as_array().unwrap().clone()
}

/// Whether a process runs: one that has ended and whose parent hasn't looked yet doesn't.
pub fn is_running(pid: &str) -> bool {
    let out = Command::new("ps").args(["-o", "stat=", "-p", pid]).output().unwrap();
    let state = String::from_utf8_lossy(&out.stdout).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}
