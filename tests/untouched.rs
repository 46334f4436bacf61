//! What is the user's stays as it is without git-bak: objects, refs, what is bundled, mirrored and cloned.
//!
//! All that git-bak keeps is under `bak/` in the Git directory: whatever Git tells of the repository itself is the
//! same after a day of work with it and without.

use std::path::Path;

use crate::pair::Pair;
use crate::scratch::{Ran, Scratch};

/// A pair after some work: commits, one that failed, stagings that were overwritten, edits that were thrown away, and
/// in the one with git-bak whatever there is to take copies and to keep them.
fn worked() -> Pair {
    let pair = Pair::new();
    let only_with = |args: &[&str]| drop(pair.with.bak(args));
    for n in 0..3 {
        pair.write("a.txt", &format!("staged {n}\n"));
        pair.git(["add", "a.txt"]);
        pair.write("a.txt", &format!("edited {n}\n"));
        pair.write("b.txt", &format!("edited, too {n}\n"));
        pair.hook("commit-msg", "exit 1");
        assert_eq!(pair.try_git(["commit", "-qm", "refused"]).status, 1);
        pair.hook("commit-msg", "exit 0");
        only_with(&["snapshot", "-m", "by hand"]);
        pair.git(["commit", "-qam", "work"]);
        pair.git(["checkout", "-q", "-b", &*format!("side{n}")]);
        pair.write("c d.txt", "untracked\n");
        pair.git(["add", "."]);
        pair.git(["reset", "-q", "--hard"]);
        pair.git(["tag", &*format!("t{n}")]);
    }
    // Folded, so that there is more than loose blobs.
    pair.with.advance(86_400);
    pair.without.advance(86_400);
    only_with(&["vault", "log", "-1"]);
    pair.write("a.txt", "after the fold\n");
    pair.git(["add", "a.txt"]);
    assert!(
        pair.with.vault_has("a.txt", "edited 0\n")
            && pair.with.vault_has("b.txt", "edited, too 0\n")
    );
    pair
}

/// Runs the same in both; what it prints is the same to the letter.
fn prints_the_same(pair: &Pair, args: &[&str]) -> String {
    let ran = |scratch: &Scratch| scratch.git(args.iter().copied());
    let (with, without) = (ran(&pair.with), ran(&pair.without));
    assert_eq!((&with.stdout, &with.stderr), (&without.stdout, &without.stderr), "{args:?}");
    with.stdout
}

#[test]
fn git_tells_the_same_of_objects_and_refs() {
    let pair = worked();
    for args in [
        &["rev-list", "--all", "--objects"][..],
        &["rev-list", "--all", "--reflog", "--objects"],
        &["for-each-ref"],
        &["show-ref", "--head"],
        &["fsck", "--full", "--strict", "--no-progress"],
        &["fsck", "--unreachable", "--no-progress"],
        &["count-objects", "-v"],
        &["cat-file", "--batch-check", "--batch-all-objects"],
        &["log", "--all", "--format=%H %D"],
        &["fast-export", "--all"],
        &["ls-remote", "."],
        &["stash", "list"],
    ] {
        let printed = prints_the_same(&pair, args);
        let may_be_empty = ["fsck", "stash"].contains(&args[0]);
        assert!(may_be_empty || !printed.is_empty(), "{args:?}");
    }
}

#[test]
fn gc_and_prune_leave_the_same_and_the_vault_whole() {
    let pair = worked();
    pair.each(|scratch| {
        scratch.git(["reflog", "expire", "--all", "--expire=now"]);
        scratch.git(["gc", "-q", "--prune=now"]);
    });
    prints_the_same(&pair, &["cat-file", "--batch-check", "--batch-all-objects"]);
    prints_the_same(&pair, &["fsck", "--full", "--strict", "--no-progress"]);
    pair.with.bak(["vault", "fsck", "--full", "--strict", "--no-progress"]);
    for (path, text) in
        [("a.txt", "edited 1\n"), ("b.txt", "edited, too 2\n"), ("c d.txt", "untracked\n")]
    {
        assert!(pair.with.vault_has(path, text), "{path} {text:?}");
    }
}

#[test]
fn a_bundle_of_all_has_the_same_in_it() {
    let pair = worked();
    prints_the_same(&pair, &["-c", "pack.threads=1", "bundle", "create", "-q", "../all", "--all"]);
    prints_the_same(&pair, &["bundle", "list-heads", "../all"]);
    pair.each(|scratch| drop(scratch.git(["clone", "-q", "--mirror", "../all", "../cloned"])));
    same_in(&pair, "cloned");
}

#[test]
fn a_mirror_is_the_same() {
    let pair = worked();
    pair.each(|scratch| {
        scratch.git(["init", "-q", "-b", "main", "--bare", "../mirror"]);
        scratch.git(["push", "-q", "--mirror", "../mirror"]);
        // Once more: nothing is left to do.
        let again = scratch.git(["push", "--mirror", "../mirror"]);
        assert!(again.stderr.contains("Everything up-to-date"), "{again:#?}");
    });
    same_in(&pair, "mirror");
}

#[test]
fn a_clone_by_path_has_the_same_objects() {
    for options in [
        &["clone", "-q"][..],
        &["clone", "-q", "--mirror"],
        &["clone", "-q", "--no-local", "--bare"],
    ] {
        let pair = worked();
        let args: Vec<&str> = options.iter().copied().chain([".", "../cloned"]).collect();
        pair.each(|scratch| drop(scratch.git(args.iter().copied())));
        same_in(&pair, "cloned");
        let dirs = [pair.with.root().join("cloned/bak"), pair.with.root().join("cloned/.git/bak")];
        assert!(!dirs.iter().any(|dir| dir.exists()), "{options:?}");
    }
}

/// Objects and refs of another repository beside both are the same.
fn same_in(pair: &Pair, beside: &str) {
    let told = |scratch: &Scratch, args: &[&str]| -> String {
        let place = scratch.root().join(beside);
        let Ran { status, stdout, stderr } = scratch.at(place).try_git(args.iter().copied());
        assert_eq!((status, stderr.as_str()), (0, ""), "{args:?}");
        stdout
    };
    for args in [
        &["for-each-ref"][..],
        &["cat-file", "--batch-check", "--batch-all-objects"],
        &["fsck", "--full", "--strict", "--no-progress"],
    ] {
        assert_eq!(told(&pair.with, args), told(&pair.without, args), "{args:?}");
    }
}

/// With an object format beside its own, Git keeps two names for each object, and can't commit what it has but the one
/// of. Whatever git-bak writes is none of the repository's, so that Git writes its own.
#[test]
fn where_objects_have_two_names_everything_can_be_committed() {
    let pair = Pair::empty();
    let can = |scratch: &Scratch| {
        scratch.git(["config", "core.repositoryFormatVersion", "1"]);
        scratch.git(["config", "extensions.objectFormat", "sha1"]);
        scratch.git(["config", "extensions.compatObjectFormat", "sha256"]);
        scratch.try_git(["status"]).status == 0
    };
    // Git before 2.45 doesn't know it.
    if !can(&pair.without) {
        return;
    }
    assert!(can(&pair.with));
    pair.write("a.txt", "hello\n");
    pair.git(["add", "a.txt"]);
    pair.git(["commit", "-qm", "first"]);
    pair.write("a.txt", "staged\n");
    pair.write("b.txt", "b\n");
    pair.git(["add", "."]);
    pair.write("b.txt", "edited\n");
    // The vault has its bytes before Git has.
    pair.with.bak(["snapshot"]);
    pair.git(["commit", "-qm", "second"]);
    pair.git(["add", "b.txt"]);
    pair.git(["commit", "-qm", "third"]);
    pair.git(["fsck", "--full", "--strict", "--no-progress"]);
    for (path, text) in [("a.txt", "staged\n"), ("b.txt", "b\n"), ("b.txt", "edited\n")] {
        assert!(pair.with.vault_has(path, text), "{path} {text:?}");
    }
    pair.with.bak(["vault", "fsck", "--strict", "--no-progress"]);
    fs_has_no_refs_of_ours(pair.with.top());
    pair.write("b.txt", "lost\n");
    pair.with.bak(["restore", "--yes", "b.txt", "--from", "b.txt@{2}"]);
    assert_eq!(pair.with.read("b.txt"), "b\n");
}

fn fs_has_no_refs_of_ours(top: &Path) {
    assert!(!top.join(".git/refs/bak").exists());
    let packed = std::fs::read_to_string(top.join(".git/packed-refs")).unwrap_or_default();
    assert!(!packed.contains("refs/bak"), "{packed}");
}
