//! Bringing versions back: whole, with their mode, and so that it can be undone.

use std::fs;

use crate::scratch::{Ran, Scratch};

/// Writes `text` to `path` and backs it up.
fn keep(s: &Scratch, path: &str, text: impl AsRef<[u8]>) {
    s.write(path, text);
    s.bak(["snapshot", path]);
}

fn remove_backups(s: &Scratch, path: &str) {
    for name in s.backups(path) {
        fs::remove_file(s.top().join(path).with_file_name(name)).unwrap();
    }
}

#[cfg(unix)]
fn mode(s: &Scratch, path: &str) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(s.top().join(path)).unwrap().permissions().mode() & 0o7777
}

#[cfg(unix)]
fn set_mode(s: &Scratch, path: &str, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(s.top().join(path), PermissionsExt::from_mode(mode)).unwrap();
}

#[test]
fn what_a_restore_overwrites_is_backed_up_and_again_it_changes_nothing() {
    let s = Scratch::new();
    keep(&s, "a.txt", "two\n");
    s.write("a.txt", "three, never saved\n");
    let ran = s.try_bak(["restore", "a.txt"]);
    let words = "a.txt: not restored: it has newer edits; to replace them (they are backed up first): git bak restore \
                 --yes -- a.txt\n";
    assert!(ran.status == 1 && ran.stderr.ends_with(words), "{ran:?}");
    assert_eq!(s.read("a.txt"), "three, never saved\n");
    let ran = s.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(s.read("a.txt"), "two\n");
    assert!(
        ran.stderr.contains("restored: a.txt, as of 2025-11-06 20:10:49 (snapshot), +1 -1\n"),
        "{ran:?}"
    );
    assert_eq!(ran.stdout, "");
    assert!(s.backup_texts("a.txt").contains(&"three, never saved\n".to_owned()));
    for args in [&["restore", "a.txt"][..], &["restore", "--all", "--yes"]] {
        s.bak(args);
        assert_eq!(s.read("a.txt"), "two\n");
    }
}

#[test]
fn what_was_cleaned_up_comes_out_of_the_vault() {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    s.git(["commit", "-qam", "second"]);
    assert!(s.backups("a.txt").is_empty());
    s.write("a.txt", "three\n");
    s.bak(["restore", "--from", "a.txt@{1}"]);
    assert_eq!(s.read("a.txt"), "two\n");
    assert!(s.vault_has("a.txt", "three\n"));
}

#[test]
fn every_byte_comes_back_from_disk_and_from_the_vault() {
    let s = Scratch::new();
    let long = vec![b'x'; 9 << 20];
    let contents: [&[u8]; 6] =
        [b"", b"\0\xff\xfe\x80bin\0", b"crlf\r\nlines\r\n", b"no last newline", b"\n\n", &long];
    for (number, bytes) in contents.into_iter().enumerate() {
        for from_vault in [false, true] {
            let path = format!("folder/f{number}-{from_vault}");
            keep(&s, &path, bytes);
            if from_vault {
                remove_backups(&s, &path);
            }
            s.write(&path, "lost");
            s.bak(["restore", "--yes", &path]);
            assert!(fs::read(s.top().join(&path)).unwrap() == bytes, "{path}");
        }
    }
}

#[test]
fn lines_that_git_converts_come_back_as_they_stood_in_the_working_tree() {
    let s = Scratch::new();
    s.write(".gitattributes", "*.bat text eol=crlf\n");
    s.write("x.bat", "one\r\ntwo\r\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "second"]);
    s.write("x.bat", "lost");
    s.bak(["restore", "x.bat@{1}"]);
    assert_eq!(s.read("x.bat"), "one\r\ntwo\r\n");
}

#[cfg(unix)]
#[test]
fn the_mode_is_that_of_the_file_that_is_there_and_it_can_be_executed_as_the_version_could() {
    let s = Scratch::new();
    for (then, now, wanted) in [(0o755, 0o640, 0o750), (0o644, 0o775, 0o664), (0o755, 0o700, 0o700)]
    {
        s.write("a.txt", "two\n");
        set_mode(&s, "a.txt", then);
        s.bak(["snapshot", "a.txt"]);
        s.write("a.txt", "three\n");
        set_mode(&s, "a.txt", now);
        s.bak(["restore", "--yes", "a.txt"]);
        assert_eq!((s.read("a.txt").as_str(), mode(&s, "a.txt")), ("two\n", wanted));
    }
}

#[cfg(unix)]
#[test]
fn the_mode_of_a_file_that_is_gone_is_the_backups_or_the_records_or_private() {
    let s = Scratch::new();
    for (path, bits) in [("run.sh", 0o750), ("secret", 0o600), ("plain", 0o664)] {
        s.write(path, path);
        set_mode(&s, path, bits);
        s.bak(["snapshot", path]);
        fs::remove_file(s.top().join(path)).unwrap();
        s.bak(["restore", "--yes", path]);
        assert_eq!(mode(&s, path), bits, "{path}: the backup's");
        remove_backups(&s, path);
        fs::remove_file(s.top().join(path)).unwrap();
        s.bak(["restore", "--yes", path]);
        assert_eq!(mode(&s, path), bits, "{path}: the record's");
    }
    // What no record tells of is for its owner alone.
    let name = "found.bak.20251106_201045";
    s.write(name, "found");
    set_mode(&s, name, 0o600);
    s.bak(["restore", "--yes", "found"]);
    assert_eq!((s.read("found").as_str(), mode(&s, "found")), ("found", 0o600));
}

#[test]
fn the_newest_work_is_there_already() {
    let s = Scratch::new();
    for text in ["two\n", "three\n", "four\n"] {
        keep(&s, "a.txt", text);
    }
    s.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(s.read("a.txt"), "four\n");
}

#[test]
fn when_all_was_committed_it_says_so_and_changes_nothing() {
    let s = Scratch::new();
    let (vault, files) = (s.vault(), s.all_backups());
    let ran = s.try_bak(["restore", "--yes", "a.txt"]);
    let commit = s.git(["rev-parse", "--short=7", "HEAD"]).stdout;
    let words = format!(
        "a.txt: nothing to restore: all known work was committed (newest: {}, ",
        commit.trim()
    );
    assert!(ran.status == 1 && ran.stderr.contains(&words), "{ran:?}");
    assert!(!ran.stderr.contains("not on this branch"), "{ran:?}");
    assert_eq!((s.vault(), s.all_backups()), (vault, files));
}

#[test]
fn all_files_being_equal_is_no_failure_either() {
    let s = Scratch::new();
    let ran = s.try_bak(["restore", "--yes", "--all"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(!ran.stderr.is_empty());
}

#[test]
fn nothing_to_restore_is_a_negative_answer() {
    let s = Scratch::new();
    s.write("new.txt", "x");
    for args in [&["restore", "new.txt"][..], &["restore", "gone.txt"], &["restore", "folder/x"]] {
        let ran = s.try_bak(args);
        assert_eq!(ran.status, 1, "{ran:?}");
        assert!(ran.stderr.contains(args[1]) && ran.stderr.lines().count() == 1, "{ran:?}");
    }
    assert_eq!(s.read("new.txt"), "x");
    assert!(s.all_backups().is_empty());
}

#[test]
fn a_deleted_file_and_a_deleted_folder_come_back() {
    let s = Scratch::new();
    keep(&s, "deep/down/b.txt", "b\n");
    keep(&s, "c.txt", "c\n");
    fs::remove_dir_all(s.top().join("deep")).unwrap();
    fs::remove_file(s.top().join("c.txt")).unwrap();
    s.bak(["restore", "--yes", "deep/down/b.txt", "c.txt"]);
    assert_eq!((s.read("deep/down/b.txt"), s.read("c.txt")), ("b\n".to_owned(), "c\n".to_owned()));
}

#[test]
fn a_file_that_was_removed_and_made_again_is_backed_up_before_it_is_overwritten() {
    let s = Scratch::new();
    keep(&s, "b.txt", "first life\n");
    fs::remove_file(s.top().join("b.txt")).unwrap();
    s.write("b.txt", "second life\n");
    s.bak(["restore", "--yes", "b.txt"]);
    assert_eq!(s.read("b.txt"), "first life\n");
    assert!(s.backup_texts("b.txt").contains(&"second life\n".to_owned()));
}

#[test]
fn paths_are_those_seen_from_where_one_is() {
    let s = Scratch::new();
    keep(&s, "sub/b.txt", "kept b\n");
    keep(&s, "a.txt", "kept a\n");
    s.write("sub/b.txt", "lost\n");
    s.write("a.txt", "lost\n");
    s.at(s.top().join("sub")).bak(["restore", "--yes", "b.txt", "../a.txt"]);
    assert_eq!((s.read("sub/b.txt").as_str(), s.read("a.txt").as_str()), ("kept b\n", "kept a\n"));
    s.write("sub/b.txt", "lost again\n");
    s.at(s.top().join("sub")).bak(["restore", "--yes", "--from", "../sub/b.txt@{2}"]);
    assert_eq!(s.read("sub/b.txt"), "kept b\n");
}

#[test]
fn of_a_snapshot_with_two_versions_the_working_trees_comes_first() {
    let s = Scratch::new();
    s.hook("pre-commit", "exit 1");
    s.write("a.txt", "staged\n");
    s.git(["add", "a.txt"]);
    s.write("a.txt", "edited on\n");
    s.try_git(["commit", "-qm", "second"]);
    s.write("a.txt", "lost\n");
    s.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(s.read("a.txt"), "edited on\n");
    remove_backups(&s, "a.txt");
    s.write("a.txt", "lost\n");
    s.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(s.read("a.txt"), "edited on\n", "from the vault");
}

#[test]
fn several_files_are_restored_each_to_its_own_newest() {
    let s = Scratch::new();
    keep(&s, "b.txt", "b\n");
    keep(&s, "a.txt", "a\n");
    s.write("a.txt", "lost\n");
    s.write("b.txt", "lost\n");
    let ran = s.bak(["restore", "--yes", "a.txt", "b.txt", "a.txt"]);
    assert_eq!((s.read("a.txt").as_str(), s.read("b.txt").as_str()), ("a\n", "b\n"));
    // Named twice is restored once.
    assert_eq!(ran.stderr.matches("restored: a.txt").count(), 1, "{ran:?}");
}

#[test]
fn one_file_without_a_backup_among_several_is_named_and_the_others_are_restored() {
    let s = Scratch::new();
    keep(&s, "a.txt", "kept\n");
    s.write("a.txt", "edited\n");
    let ran = s.try_bak(["restore", "--yes", "a.txt", "none.txt"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert_eq!(s.read("a.txt"), "kept\n");
}

#[test]
fn the_index_head_and_other_files_are_left_alone() {
    let s = Scratch::new();
    keep(&s, "a.txt", "kept\n");
    s.write("a.txt", "staged\n");
    s.git(["add", "a.txt"]);
    let before = s.git(["ls-files", "-s"]).stdout + &s.git(["rev-parse", "HEAD"]).stdout;
    s.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(s.git(["ls-files", "-s"]).stdout + &s.git(["rev-parse", "HEAD"]).stdout, before);
}

#[test]
fn what_can_not_be_backed_up_first_is_not_overwritten() {
    let s = Scratch::new();
    keep(&s, "a.txt", "kept\n");
    let big = "x".repeat(3000);
    s.write("a.txt", &big);
    let ran = s.try_git(["-c", "bak.maxFileSize=1k", "bak", "restore", "--yes", "a.txt"]);
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(ran.stderr.contains("a.txt: not restored"), "{ran:?}");
    assert_eq!(s.read("a.txt"), big);
}

#[test]
fn a_damaged_backup_is_not_put_in_place_of_the_file() {
    let s = Scratch::new();
    keep(&s, "a.txt", "kept\n");
    let name = s.backups("a.txt").remove(0);
    s.write(&name, "damaged");
    s.write("a.txt", "lost\n");
    // The vault still has what was kept: by its time it is found.
    let ran = s.try_bak(["restore", "--yes", "a.txt", "--from", &name]);
    assert_eq!((ran.status, s.read("a.txt").as_str()), (0, "kept\n"), "{ran:?}");
}

#[test]
fn no_restore_leaves_a_temporary_file() {
    let s = Scratch::new();
    keep(&s, "a.txt", "kept\n");
    s.write("a.txt", "lost\n");
    s.bak(["restore", "--yes", "a.txt"]);
    let names = fs::read_dir(s.top()).unwrap().map(|entry| entry.unwrap().file_name());
    let names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    let expected =
        |name: &String| name == ".git" || name == "a.txt" || s.backups("a.txt").contains(name);
    assert!(names.iter().all(expected), "{names:?}");
    let status: Ran = s.git(["status", "--porcelain"]);
    assert_eq!(status.stdout, " M a.txt\n");
}
