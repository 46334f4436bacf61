//! What is not git-bak's to touch: foreign names, tracked files, links, other repositories.

use std::fs;

use crate::backup_files::{refused_commit, refusing, stage_and_fail};
use crate::scratch::Scratch;

#[test]
fn what_does_not_parse_as_a_backups_name_is_never_touched() {
    let s = Scratch::new();
    let foreign = [
        "notes.bak.txt",
        "dump.bak.2024",
        "a.txt.bak",
        "a.txt.bak.20251306_201045.abc12345",
        "a.txt.bak.20250230_201045.abc12345",
        "a.txt.bak.20251106_246000.abc12345",
        "a.txt.bak.20251106_201045.abc1234",
        "a.txt.bak.20251106_201045.abc-1234",
        "a.txt.bak.20251106_201045.abc123456",
        "a.txt.BAK.20251106_201045.abc12345",
        "a.txt.bak.20251106-201045.abc12345",
        ".bak.20251106_201045.abc12345",
    ];
    for name in foreign {
        s.write(name, "mine\n");
    }
    s.git(["config", "bak.maxBackups", "1"]);
    s.write("a.txt", "two\n");
    s.git(["commit", "-qam", "second"]);
    let listed = s.bak(["list"]).stdout;
    s.bak(["clean"]);
    for name in foreign {
        assert_eq!(s.read(name), "mine\n");
        assert!(!listed.contains(name), "{listed}");
    }
    // Those that the ignore rules can tell apart are shown as untracked, as the user expects.
    let status = s.git(["status", "--porcelain"]).stdout;
    for name in ["notes.bak.txt", "dump.bak.2024", "a.txt.bak", "a.txt.bak.20251106_201045.abc1234"]
    {
        assert!(status.contains(&format!("?? {name}\n")), "{name}: {status}");
    }
}

#[test]
fn a_tracked_file_is_never_touched_whatever_its_name() {
    let s = Scratch::new();
    let name = "a.txt.bak.20240101_101010.abc12345";
    s.write(name, "kept in the repository\n");
    s.git(["add", "-f", name]);
    s.git(["commit", "-qm", "a tracked backup"]);
    s.git(["config", "bak.maxBackups", "1"]);
    s.git(["config", "bak.maxAge", "1.hour"]);
    for text in ["two\n", "three\n"] {
        s.write("a.txt", text);
        s.git(["commit", "-qam", "next"]);
        assert_eq!(s.read(name), "kept in the repository\n");
    }
    s.hook("pre-commit", "exit 1");
    for text in ["four\n", "five\n", "six\n"] {
        stage_and_fail(&s, "a.txt", text);
        assert_eq!(s.read(name), "kept in the repository\n");
    }
    s.try_bak(["clean"]);
    assert_eq!(s.read(name), "kept in the repository\n");
}

#[test]
fn a_backup_staged_by_force_is_named_at_commit() {
    let s = refusing();
    stage_and_fail(&s, "a.txt", "two\n");
    let name = s.backups("a.txt").remove(0);
    s.git(["add", "-f", &name]);
    let ran = refused_commit(&s);
    let named = ran.stderr.lines().find(|line| line.contains("a backup is being committed"));
    assert!(named.is_some_and(|line| line.contains(&name)), "{ran:#?}");
    // It has no backup of its own.
    assert!(!s.exists(&format!("{name}.bak")));
    assert!(s.backups(&name).is_empty());
    // Once committed it is the repository's own.
    s.hook("pre-commit", "exit 0");
    s.git(["commit", "-qm", "with a backup"]);
    assert_eq!(s.read(&name), "two\n");
}

#[test]
fn older_names_without_an_id_are_listed_and_shown_and_otherwise_their_owners() {
    let s = Scratch::new();
    let older = "a.txt.bak.20251106_101530";
    s.write(older, "older\n");
    assert!(s.git(["status", "--porcelain"]).stdout.contains(older), "not ignored");
    let listed = s.bak(["list", "--json"]).stdout;
    assert!(listed.contains(older), "{listed}");
    assert_eq!(s.bak(["show", older]).stdout, "older\n");
    s.write("a.txt", "two\n");
    s.git(["commit", "-qam", "second"]);
    s.bak(["clean"]);
    assert_eq!(s.read(older), "older\n", "no commit and no clean takes it away");
    assert!(s.bak(["status"]).stdout.contains("0 backups of 0 files"), "nor is it counted");
    assert_eq!(s.bak(["doctor"]).status, 0, "nor old or stray");
    s.hook("pre-commit", "exit 1");
    stage_and_fail(&s, "a.txt", "three\n");
    for name in s.backups("a.txt").iter().filter(|name| *name != older) {
        assert_eq!(name.len(), "a.txt.bak.20251106_201045.abc12345".len(), "{name}");
    }
}

#[test]
fn a_file_of_an_older_name_is_backed_up_like_any_other() {
    let s = refusing();
    let own = "notes.bak.20240101_120000";
    stage_and_fail(&s, own, "my copy\n");
    assert_eq!(s.backup_texts(own), ["my copy\n"]);
    s.git(["rm", "-q", "--cached", own]);
    s.git(["config", "bak.scope", "all"]);
    s.write(own, "edited\n");
    refused_commit(&s);
    assert!(s.vault_has(own, "edited\n"));
}

#[test]
fn a_folder_with_the_name_of_a_backup_is_not_ignored() {
    let s = Scratch::new();
    s.write("x.bak.20251106_201045.abc12345/f", "f\n");
    assert!(s.git(["add", "-A", "-n"]).stdout.contains("abc12345/f"));
}

#[cfg(unix)]
#[test]
fn links_and_pipes_are_left_alone() {
    let s = refusing();
    std::os::unix::fs::symlink("a.txt", s.top().join("link")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", s.top().join("outside")).unwrap();
    s.git(["add", "."]);
    s.write("b.txt", "bee\n");
    s.git(["add", "b.txt"]);
    refused_commit(&s);
    assert_eq!(s.all_backups().len(), 1, "{:?}", s.all_backups());
    assert!(s.vault().keys().all(|path| !path.ends_with("/link") && !path.ends_with("/outside")));
    // A tracked file whose place a link has taken has nothing to read; its staged version is kept.
    s.write("a.txt", "two\n");
    s.git(["add", "a.txt"]);
    fs::remove_file(s.top().join("a.txt")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", s.top().join("a.txt")).unwrap();
    refused_commit(&s);
    assert_eq!(s.backup_texts("a.txt"), ["two\n"]);
    // Asked for by name it is refused, and a pipe is not waited for.
    assert_ne!(s.try_bak(["snapshot", "link"]).status, 0);
    let made = s.command("mkfifo").arg("pipe").status();
    if made.is_ok_and(|status| status.success()) {
        assert_ne!(s.try_bak(["snapshot", "pipe"]).status, 0);
        assert!(s.backups("pipe").is_empty());
    }
}

#[cfg(unix)]
#[test]
fn a_folder_that_became_a_link_to_outside_is_neither_read_nor_written_through() {
    let s = refusing();
    s.write("dir/f.txt", "inside\n");
    s.git(["add", "dir"]);
    fs::remove_dir_all(s.top().join("dir")).unwrap();
    let outside = s.root().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("f.txt"), "not ours\n").unwrap();
    let planted = outside.join("f.txt.bak.20250101_101010.abc12345");
    fs::write(&planted, "not ours either\n").unwrap();
    std::os::unix::fs::symlink(&outside, s.top().join("dir")).unwrap();
    let ran = refused_commit(&s);
    assert!(ran.stderr.contains("dir/f.txt"), "named as in the vault only: {ran:#?}");
    assert!(s.vault_has("dir/f.txt", "inside\n"));
    assert!(!s.vault_has("dir/f.txt", "not ours\n"));
    s.try_bak(["snapshot", "dir/f.txt"]);
    assert!(!s.vault_has("dir/f.txt", "not ours\n"));
    s.try_bak(["clean"]);
    s.try_bak(["clean", "dir/f.txt"]);
    assert_ne!(s.try_bak(["restore", "--yes", "dir/f.txt"]).status, 0);
    let mut left: Vec<_> =
        fs::read_dir(&outside).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["f.txt", "f.txt.bak.20250101_101010.abc12345"]);
    assert_eq!(fs::read_to_string(outside.join("f.txt")).unwrap(), "not ours\n");
}

#[test]
fn nested_repositories_and_submodules_are_left_alone() {
    let s = refusing();
    s.git(["config", "bak.scope", "all"]);
    fs::create_dir(s.top().join("nested")).unwrap();
    let nested = s.at(s.top().join("nested"));
    nested.git(["init", "-q"]);
    s.write("nested/f.txt", "nested\n");
    nested.git(["add", "f.txt"]);
    nested.git(["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "nested"]);
    s.write("nested/f.txt", "edited\n");
    s.write("nested/g.txt", "untracked\n");
    s.write("b.txt", "bee\n");
    s.git(["add", "b.txt"]);
    let is_only_b = || {
        let paths: Vec<String> = s.vault().into_keys().filter(|p| p.contains("nested")).collect();
        assert!(paths.is_empty(), "{paths:?}");
        assert!(s.backups("nested/f.txt").is_empty() && s.backups("nested/g.txt").is_empty());
    };
    refused_commit(&s);
    is_only_b();
    s.git(["-c", "advice.addEmbeddedRepo=false", "add", "nested"]);
    refused_commit(&s);
    is_only_b();
    assert_ne!(s.try_bak(["snapshot", "nested/f.txt"]).status, 0, "it is another repository's");
    is_only_b();
}

#[test]
fn a_folder_that_only_backups_kept_alive_goes_with_them() {
    let s = Scratch::new();
    for path in ["d/er/f.txt", "kept/f.txt"] {
        s.write(path, "one\n");
    }
    s.write("kept/own", "not tracked\n");
    s.git(["add", "d", "kept/f.txt"]);
    s.git(["commit", "-qm", "f"]);
    for path in ["d/er/f.txt", "kept/f.txt"] {
        s.write(path, "two\n");
        s.git(["add", path]);
    }
    s.git(["rm", "-qrf", "d", "kept/f.txt"]);
    assert!(s.exists("d/er"), "there is a backup in it");
    s.git(["commit", "-qm", "removed"]);
    assert!(!s.exists("d") && s.exists("kept/own"));
    // A commit that fails leaves backups, and clean takes them.
    s.write("new/f.txt", "new\n");
    s.git(["add", "new"]);
    s.git(["rm", "-qrf", "new"]);
    s.bak(["clean"]);
    assert!(!s.exists("new"));
}

#[test]
fn a_folder_that_somebody_has_emptied_stays_at_a_switch() {
    let s = Scratch::new();
    s.write("d/f.txt", "one\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "f"]);
    s.write("d/f.txt", "two\n");
    s.git(["add", "."]);
    std::fs::remove_file(s.top().join("d/f.txt")).unwrap();
    assert_eq!(s.backups("d/f.txt").len(), 1);
    s.git(["switch", "-q", "-c", "other"]);
    assert!(s.backups("d/f.txt").is_empty() && s.exists("d"));
}
