//! Repositories in which something is broken: the index, HEAD, objects, or what stands in the tree.
//!
//! A commit ends as it does without git-bak and Git says what it says; of ours there is at most one line
//! of complaint for each thing that is lost, never a panic, and everything that can be read is kept.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use crate::pair::{Pair, ours};
use crate::scratch::{Ran, Scratch};

/// What breaks a repository in which `a` is staged and `b` is edited.
type Break = fn(&Scratch);

fn git_dir(s: &Scratch, name: &str) -> PathBuf {
    s.top().join(".git").join(name)
}

/// The file of an object.
fn object(s: &Scratch, spec: &str) -> PathBuf {
    let id = s.git(["rev-parse", spec]).stdout;
    git_dir(s, "objects").join(&id[..2]).join(&id.trim_end()[2..])
}

fn lose(s: &Scratch, spec: &str) {
    fs::remove_file(object(s, spec)).unwrap();
}

fn spoil(s: &Scratch, spec: &str) {
    let file = object(s, spec);
    fs::remove_file(&file).unwrap();
    fs::write(file, "nonsense").unwrap();
}

fn overwrite(s: &Scratch, name: &str, text: &str) {
    fs::write(git_dir(s, name), text).unwrap();
}

/// Puts bytes over some of the index.
fn patch_index(s: &Scratch, at: usize, bytes: &[u8]) {
    let mut index = fs::read(git_dir(s, "index")).unwrap();
    index[at..at + bytes.len()].copy_from_slice(bytes);
    fs::write(git_dir(s, "index"), index).unwrap();
}

/// A gitlink in the index, and something in its place or nothing.
fn gitlink(s: &Scratch) {
    let entry = format!("160000,{},sub", NO_OBJECT.trim_end());
    s.git(["update-index", "--add", "--cacheinfo", &entry]);
}

/// Two repositories in which an earlier version of `a` was backed up, `a` is staged and `b` is edited;
/// then both are broken.
fn broken(name: &str, breaking: Break) -> Pair {
    let mut pair = Pair::empty();
    // The first commit's tree must not be in the vault, which would be broken with it.
    pair.with.set_env("GIT_BAK", "0");
    for path in ["a", "b", "d/x", "d/e/y", "z"] {
        pair.write(path, &format!("one {path}\n"));
    }
    pair.git(["add", "."]);
    pair.git(["commit", "-qm", "first"]);
    pair.with.unset_env("GIT_BAK");
    pair.write("a", "earlier\n");
    pair.with.bak(["snapshot", "a"]);
    pair.write("a", "staged\n");
    pair.git(["add", "a"]);
    pair.write("b", "edited\n");
    pair.each(breaking);
    assert!(pair.with.exists(".git/hooks/pre-commit"), "{name}");
    pair
}

/// The lines of ours that complain.
fn complaints(ran: &Ran) -> Vec<String> {
    let lines = ours(ran).into_iter().filter(|line| !line.contains('✓'));
    lines.map(str::to_owned).collect()
}

fn commit(s: &Scratch) -> Ran {
    s.try_git(["commit", "-qm", "second"])
}

/// Commits in both; as many lines complain as `lines` says, and these versions are in the vault.
fn commits(name: &str, lines: usize, kept: &[(&str, &str)], breaking: Break) -> Ran {
    let pair = broken(name, breaking);
    let ran = pair.same(commit);
    assert!(!ran.stderr.contains("panicked"), "{name}: {ran:#?}");
    assert_eq!(complaints(&ran).len(), lines, "{name}: {ran:#?}");
    for (path, text) in kept.iter().chain(&[("a", "earlier\n")]) {
        assert!(pair.with.vault_has(path, text), "{name}: {path}: {ran:#?}");
    }
    ran
}

const BOTH: [(&str, &str); 2] = [("a", "staged\n"), ("b", "edited\n")];
/// An id that no object has.
const NO_OBJECT: &str = "1212121212121212121212121212121212121212\n";
/// The artifact id of what was backed up before anything broke.
const EARLIER: &str = "ba4eee5c";

#[test]
fn objects_that_are_lost_or_damaged() {
    commits("the tree of HEAD is lost", 1, &BOTH, |s| lose(s, "HEAD^{tree}"));
    commits("the tree of HEAD is damaged", 1, &BOTH, |s| spoil(s, "HEAD^{tree}"));
    commits("a folder's tree is lost", 0, &BOTH, |s| lose(s, "HEAD:d"));
    commits("the blob of another file is lost", 0, &BOTH, |s| lose(s, "HEAD:z"));
    commits("the blob of an edited file is lost", 0, &BOTH, |s| lose(s, "HEAD:b"));
    commits("the staged blob is damaged", 0, &BOTH, |s| spoil(s, ":a"));
    let three = [("a", "three\n"), ("b", "edited\n")];
    // The vault has the blob from staging on, whatever becomes of Git's own.
    commits("the staged blob is lost, the file edited", 0, &three, |s| {
        lose(s, ":a");
        s.write("a", "three\n");
    });
    commits("the staged blob is lost, the file gone", 0, &BOTH, |s| {
        lose(s, ":a");
        fs::remove_file(s.top().join("a")).unwrap();
    });
}

#[test]
fn a_staged_blob_that_is_lost_with_its_file_is_still_beside_it() {
    let pair = broken("the staged blob is lost, the file gone", |s| {
        lose(s, ":a");
        fs::remove_file(s.top().join("a")).unwrap();
    });
    commit(&pair.with);
    pair.with.bak(["restore", "--yes", "a"]);
    assert_eq!(pair.with.read("a"), "staged\n");
}

#[test]
fn a_staged_blob_that_is_lost_is_not_ours_to_put_back_and_can_be_by_hand() {
    let pair = broken("the staged blob is lost", |s| lose(s, ":a"));
    let ran = pair.same(commit);
    assert_eq!((ran.status, complaints(&ran).len()), (1, 0), "{ran:#?}");
    pair.with.git(["hash-object", "-w", "a"]);
    assert_eq!(commit(&pair.with).status, 0);
    pair.with.git(["fsck", "--strict", "--no-progress", "--no-dangling"]);
}

#[test]
fn a_backup_whose_copy_was_damaged_with_gits_own_object_is_kept_anew_before_it_is_unlinked() {
    let rot = |s: &Scratch| {
        let file = object(s, ":a");
        let mut bytes = fs::read(&file).unwrap();
        // The header can still be read.
        *bytes.last_mut().unwrap() ^= 0xff;
        fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
        // In its place: the vault's is the same file.
        fs::write(file, bytes).unwrap();
    };
    let pair = broken("the staged blob is damaged on the disk", rot);
    let vault = pair.with.vault();
    assert!(!vault.values().any(|text| text == "staged\n"), "{vault:?}");
    commit(&pair.with).expect_success();
    assert!(pair.with.all_backups().is_empty(), "{:?}", pair.with.all_backups());
    assert!(pair.with.vault_has("a", "staged\n"));
}

#[test]
fn heads_that_git_can_commit_on_or_not() {
    commits("a branch that is not born", 0, &BOTH, |s| overwrite(s, "HEAD", "ref: refs/heads/x\n"));
    commits("an empty branch", 0, &BOTH, |s| overwrite(s, "refs/heads/main", ""));
    commits("a broken branch", 0, &BOTH, |s| overwrite(s, "refs/heads/main", "nonsense\n"));
    commits("a broken MERGE_HEAD", 0, &BOTH, |s| overwrite(s, "MERGE_HEAD", "nonsense\n"));
}

#[test]
fn gitlinks_without_a_repository() {
    commits("nothing there", 0, &BOTH, gitlink);
    commits("a folder", 0, &BOTH, |s| {
        gitlink(s);
        s.write("sub/f", "not ours\n");
    });
    commits("a link to nowhere", 0, &BOTH, |s| {
        gitlink(s);
        s.write("sub/.git", "gitdir: ../nowhere\n");
    });
    commits("a repository without a commit", 0, &BOTH, |s| {
        gitlink(s);
        s.git(["init", "-q", "sub"]);
    });
}

#[test]
fn files_that_became_something_else() {
    commits("the staged file is a folder", 0, &BOTH, |s| {
        fs::remove_file(s.top().join("a")).unwrap();
        s.write("a/f", "untracked\n");
    });
    commits("the edited file is a folder", 0, &BOTH[..1], |s| {
        fs::remove_file(s.top().join("b")).unwrap();
        s.write("b/f", "untracked\n");
    });
    let staged = [BOTH[0], BOTH[1], ("d/x", "staged below\n")];
    let ran = commits("a folder is a file", 1, &staged, |s| {
        s.write("d/x", "staged below\n");
        s.git(["add", "d/x"]);
        fs::remove_dir_all(s.top().join("d")).unwrap();
        s.write("d", "a file\n");
    });
    assert!(complaints(&ran)[0].contains("d/x: kept in the vault only"), "{ran:#?}");
    let ran = commits("the edited file is a pipe", 1, &BOTH[..1], |s| {
        fs::remove_file(s.top().join("b")).unwrap();
        assert!(s.command("mkfifo").arg("b").status().unwrap().success());
    });
    assert!(complaints(&ran)[0].contains("b: not protected"), "{ran:#?}");
    commits("the edited file is a link to itself", 0, &BOTH[..1], |s| {
        fs::remove_file(s.top().join("b")).unwrap();
        symlink("b", s.top().join("b")).unwrap();
    });
}

#[test]
fn an_entry_of_the_index_that_makes_no_sense() {
    // The mode of the first entry: Git commits all the same.
    let pair = broken("a mode", |s| patch_index(s, 12 + 24, &[0xff, 0xff]));
    let (with, without) = (commit(&pair.with), commit(&pair.without));
    assert_eq!(with.status, without.status, "{with:#?} {without:#?}");
    assert!(complaints(&with).len() <= 1 && !with.stderr.contains("panicked"), "{with:#?}");
    assert!(pair.with.vault_has("b", "edited\n"), "{with:#?}");
}

fn cut_index(s: &Scratch) {
    let index = fs::read(git_dir(s, "index")).unwrap();
    fs::write(git_dir(s, "index"), &index[..index.len() / 2]).unwrap();
}

fn make_index(s: &Scratch, make: fn(&PathBuf) -> std::io::Result<()>) {
    fs::remove_file(git_dir(s, "index")).unwrap();
    make(&git_dir(s, "index")).unwrap();
}

/// Something that keeps Git from committing at all, before any hook, in a repository that is one still, or
/// that Git takes for none.
fn hopeless(name: &str, is_repository: bool, breaking: Break) {
    let pair = broken(name, breaking);
    let (with, without) = (commit(&pair.with), commit(&pair.without));
    assert_eq!((with.status, without.status), (128, 128), "{name}: {with:#?}");
    assert_eq!(with.stderr, without.stderr, "{name}");
    commands_give_back_what_they_have(name, is_repository, &pair.with);
    hooks_end_well(name, &pair.with);
}

/// Other programs may run them all the same.
fn hooks_end_well(name: &str, s: &Scratch) {
    let zero = "0".repeat(40);
    for words in [
        &["hook", "post-index-change", "0", "0"][..],
        &["hook", "post-index-change", "1", "0"],
        &["hook", "pre-commit"],
        &["hook", "post-commit"],
        &["hook", "post-checkout", &zero, &zero, "0"],
        &["hook", "post-checkout", &zero, &zero, "1"],
    ] {
        let ran = s.try_bak(words);
        assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{name}: {words:?}: {ran:#?}");
        // A backup that has to stay is named, each in its line; the reason is one.
        let reasons: HashSet<String> = complaints(&ran)
            .iter()
            .map(|line| line.split_once("not removed").map_or(&**line, |(_, why)| why).to_owned())
            .collect();
        assert!(reasons.len() <= 1, "{name}: {words:?}: {ran:#?}");
        assert!(!ran.stderr.contains("panicked"), "{name}: {words:?}: {ran:#?}");
    }
}

fn commands_give_back_what_they_have(name: &str, is_repository: bool, s: &Scratch) {
    let status = if is_repository { 0 } else { 3 };
    for words in [&["list"][..], &["list", "--json"], &["status"], &["diff", "a"]] {
        let ran = s.try_bak(words);
        assert_eq!(ran.status, status, "{name}: {words:?}: {ran:#?}");
        assert!(ran.stderr.lines().count() <= 1, "{name}: {words:?}: {ran:#?}");
    }
    for words in [&["snapshot"][..], &["clean"], &["snapshot", "b"]] {
        let ran = s.try_bak(words);
        assert!([0, 1, 3].contains(&ran.status), "{name}: {words:?}: {ran:#?}");
        assert!(!ran.stderr.contains("panicked"), "{name}: {words:?}: {ran:#?}");
    }
    if is_repository {
        let ran = s.try_bak(["restore", "--yes", "a", "--from", EARLIER]);
        assert_eq!((ran.status, s.read("a").as_str()), (0, "earlier\n"), "{name}: {ran:#?}");
    } else {
        let copies = s.backup_texts("a");
        assert_eq!(copies, ["earlier\n", "staged\n"], "{name}: a plain copy still helps");
    }
}

#[test]
fn an_index_that_cant_be_read() {
    hopeless("nonsense", true, |s| overwrite(s, "index", &"nonsense ".repeat(20)));
    hopeless("empty", true, |s| overwrite(s, "index", ""));
    hopeless("half", true, cut_index);
    hopeless("another version", true, |s| patch_index(s, 4, &[0, 0, 0, 9]));
    hopeless("a folder", true, |s| make_index(s, |at| fs::create_dir(at)));
    hopeless("a link to itself", true, |s| make_index(s, |at| symlink(at, at)));
}

#[test]
fn a_head_that_cant_be_read() {
    hopeless("nonsense", false, |s| overwrite(s, "HEAD", "nonsense\n"));
    hopeless("empty", false, |s| overwrite(s, "HEAD", ""));
    hopeless("gone", false, |s| fs::remove_file(git_dir(s, "HEAD")).unwrap());
    hopeless("no object", true, |s| overwrite(s, "HEAD", NO_OBJECT));
    hopeless("a branch of no object", true, |s| overwrite(s, "refs/heads/main", NO_OBJECT));
    hopeless("a lost commit", true, |s| lose(s, "HEAD"));
    hopeless("a damaged commit", true, |s| spoil(s, "HEAD"));
    hopeless("broken packed refs", true, |s| overwrite(s, "packed-refs", "nonsense\n"));
}
