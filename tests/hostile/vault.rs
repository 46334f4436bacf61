//! Whatever stands where the vault should be: a file, a symbolic link, a repository of another object format, one that
//! is half made, one that can't be written. Work is backed up all the same, nothing is written through it, and what was
//! in it stays as it was.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::scratch::{Ran, Scratch};

const VAULT: &str = ".git/bak/vault.git";
const NEW: &str = ".git/bak/new";

/// A repository with a snapshot in it, folded or not.
fn with_past(is_folded: bool) -> Scratch {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    s.bak(["snapshot", "a.txt"]);
    s.git(["checkout", "-q", "a.txt"]);
    if is_folded {
        s.bak(["fold"]);
    }
    s
}

fn harmless(ran: &Ran) {
    assert!(!ran.stderr.contains("panicked"), "{ran:?}");
    assert!((0..=128).contains(&ran.status), "{ran:?}");
}

/// Every command ends as commands end; a commit that fails leaves what was staged where it can be had back, one that
/// succeeds succeeds, and no work is given up for it.
fn works_all_the_same(s: &Scratch) {
    for args in [
        &["list", "--worktree=all"][..],
        &["status"],
        &["log"],
        &["restore", "--all"],
        &["show", "a.txt@{1}"],
        &["snapshot", "--untracked"],
        &["doctor"],
        &["fold"],
        &["vault", "log", "--all"],
        &["clean", "--vault"],
        &["clean"],
    ] {
        harmless(&s.try_bak(args));
    }
    s.git(["reset", "-q", "--hard"]);
    s.hook("commit-msg", "exit 1");
    s.write("a.txt", "precious\n");
    harmless(&s.try_git(["commit", "-qam", "fails"]));
    s.write("a.txt", "lost");
    let ran = s.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(s.read("a.txt"), "precious\n", "{ran:?}");
    s.hook("commit-msg", "exit 0");
    let ran = s.git(["commit", "-qam", "second"]);
    harmless(&ran);
    assert_eq!(s.git(["show", "HEAD:a.txt"]).stdout, "precious\n");
    s.git(["fsck", "--strict", "--no-progress"]);
}

/// Every file below a folder, with its bytes.
fn picture(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.symlink_metadata().unwrap().is_dir() {
                true => folders.push(path),
                false => found.push((path.clone(), fs::read(&path).unwrap_or_default())),
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_file_or_a_link_in_its_place_costs_no_work_and_is_not_gone_through() {
    for kind in
        ["file", "link to a repository", "link to nowhere", "link to itself", "link to .git"]
    {
        for is_folded in [false, true] {
            let s = with_past(is_folded);
            let other = s.root().join("other");
            fs::create_dir(&other).unwrap();
            s.at(&other).git(["init", "-q", "--bare", "."]);
            let place = s.top().join(VAULT);
            let kept = s.root().join("kept");
            if place.exists() {
                fs::rename(&place, &kept).unwrap();
            }
            match kind {
                "file" => fs::write(&place, "in the way").unwrap(),
                "link to a repository" => symlink(&other, &place).unwrap(),
                "link to nowhere" => symlink(s.root().join("nowhere"), &place).unwrap(),
                "link to itself" => symlink("vault.git", &place).unwrap(),
                _ => symlink("..", &place).unwrap(),
            }
            let (before, refs) = (picture(&other), s.git(["for-each-ref"]).stdout);
            let objects = s.git(["cat-file", "--batch-all-objects", "--batch-check"]).stdout;
            s.try_bak(["fold"]);
            s.try_bak(["forget", "--yes", "a.txt"]);
            assert_eq!(s.git(["for-each-ref"]).stdout, refs, "{kind}");
            let after = s.git(["cat-file", "--batch-all-objects", "--batch-check"]).stdout;
            assert_eq!(after, objects, "{kind}");
            works_all_the_same(&s);
            assert_eq!(picture(&other), before, "{kind}");
            assert!(!s.root().join("nowhere").exists());
        }
    }
}

#[test]
fn a_file_or_a_link_in_the_place_of_new_stops_no_commit_and_no_file_is_overwritten() {
    for kind in ["file", "link"] {
        let s = with_past(true);
        let outside = s.root().join("outside");
        fs::create_dir(&outside).unwrap();
        fs::remove_dir_all(s.top().join(NEW)).unwrap();
        match kind {
            "file" => s.write(NEW, "in the way"),
            _ => symlink(&outside, s.top().join(NEW)).unwrap(),
        }
        s.write("a.txt", "precious\n");
        let ran = s.git(["add", "a.txt"]);
        assert!(ran.stderr.contains("a.txt: not protected"), "{kind}: {ran:?}");
        let ran = s.try_bak(["restore", "--yes", "a.txt"]);
        assert_eq!((ran.status, s.read("a.txt").as_str()), (3, "precious\n"), "{kind}: {ran:?}");
        s.git(["commit", "-qm", "second"]);
        for args in [&["list"][..], &["fold"], &["doctor"], &["clean", "--vault"]] {
            harmless(&s.try_bak(args));
        }
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0, "{kind}");
        // What was there before can still be had.
        assert_eq!(s.bak(["show", "a.txt@{1}"]).stdout, "two\n", "{kind}");
    }
}

#[test]
fn one_of_another_object_format_is_not_written_into_and_no_blob_leaves() {
    let s = with_past(false);
    let place = s.top().join(VAULT);
    fs::remove_dir_all(&place).unwrap();
    s.git(["init", "-q", "--bare", "--object-format=sha256", place.to_str().unwrap()]);
    let id = crate::backup_files::blob_id(&s, b"two\n");
    s.try_bak(["fold"]);
    assert!(s.exists(&format!("{NEW}/{}/{}", &id[..2], &id[2..])), "it is nowhere else");
    s.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(s.read("a.txt"), "two\n");
    works_all_the_same(&s);
}

#[test]
fn one_that_is_half_made_or_half_gone_loses_no_blob() {
    let parts = ["HEAD", "config", "refs", "objects", "objects/info/alternates", "objects/pack"];
    for part in parts {
        let s = with_past(false);
        s.bak(["snapshot", "-m", "so that there is one"]);
        let place = s.top().join(VAULT).join(part);
        if place.is_dir() {
            fs::remove_dir_all(&place).unwrap();
        } else {
            let _ = fs::remove_file(&place);
        }
        s.try_bak(["fold"]);
        s.bak(["restore", "--yes", "a.txt"]);
        assert_eq!(s.read("a.txt"), "two\n", "{part}");
        works_all_the_same(&s);
    }
}

#[test]
fn what_cant_be_read_for_a_moment_is_not_taken_for_gone() {
    let s = with_past(true);
    // Root reads what it likes: there the folder is moved away.
    let place = s.top().join(VAULT).join("objects/pack");
    let aside = s.root().join("aside");
    fs::rename(&place, &aside).unwrap();
    s.write("b.txt", "bee\n");
    s.bak(["snapshot", "b.txt"]);
    s.try_bak(["fold"]);
    s.advance(2 * 86_400);
    s.try_bak(["fold"]);
    let _ = fs::remove_dir_all(&place);
    fs::rename(&aside, &place).unwrap();
    s.bak(["fold"]);
    assert!(s.vault_has("a.txt", "two\n") && s.vault_has("b.txt", "bee\n"));
    works_all_the_same(&s);
}

#[test]
fn one_that_cant_be_written_gives_what_it_has_and_the_hooks_go_on() {
    let s = with_past(true);
    let modes = |mode: u32| {
        for folder in ["", "objects", "objects/pack", "refs", "refs/heads"] {
            let place = s.top().join(VAULT).join(folder);
            fs::set_permissions(place, fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    modes(0o500);
    s.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(s.read("a.txt"), "two\n");
    works_all_the_same(&s);
    modes(0o700);
    s.bak(["fold"]);
    assert!(s.vault_has("a.txt", "two\n") && s.vault_has("a.txt", "precious\n"));
}

#[test]
fn refs_and_objects_of_somebody_elses_in_it_stop_no_fold() {
    let s = with_past(true);
    let vault = format!("--git-dir={}", s.top().join(VAULT).display());
    let tip = s.git([vault.as_str(), "rev-parse", "HEAD"]).stdout;
    for name in ["refs/heads/mine", "refs/tags/mine", "refs/heads/zz/2025-11-06", "refs/notes/x"] {
        s.git([vault.as_str(), "update-ref", name, tip.trim()]);
    }
    s.write("a.txt", "three\n");
    s.bak(["snapshot", "a.txt"]);
    s.bak(["fold"]);
    assert!(s.vault_has("a.txt", "two\n") && s.vault_has("a.txt", "three\n"));
    works_all_the_same(&s);
}
