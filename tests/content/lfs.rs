//! Git LFS, the real one.

use std::fs;

use super::{lives, read};
use crate::backup_files::refused_commit;
use crate::scratch::Scratch;

/// Bytes in which no two lines are the same, none of them text.
fn noise(seed: u32, length: u32) -> Vec<u8> {
    let number = |at: u32| (at ^ seed).wrapping_mul(2_654_435_761).rotate_left(13) >> 7;
    (0..length).map(|at| number(at).to_le_bytes()[0]).collect()
}

/// A repository whose `*.bin` are in Git LFS, whose hooks were there before git-bak's.
fn with_lfs() -> Scratch {
    let s = Scratch::empty();
    let has_lfs = s.try_git(["lfs", "version"]).status == 0;
    assert!(has_lfs, "git-lfs is not on this machine");
    s.git(["lfs", "install", "--local"]);
    s.bak(["install"]);
    s.git(["lfs", "track", "*.bin"]);
    s.git(["add", "."]);
    s.git(["commit", "-qm", "attributes"]);
    s.hook("pre-commit", "exit 1");
    s
}

#[test]
#[ignore = "needs git-lfs: cargo test -- --include-ignored"]
fn large_files_are_kept_as_they_are_and_not_as_pointers() {
    let s = with_lfs();
    assert!(s.exists(".git/hooks/post-commit.before-bak"), "its hooks are chained");
    let (staged, edited) = (noise(1, 300_000), noise(2, 200_000));
    lives(&s, "art/a file.bin", &staged, &edited);
    let stored = s.git(["cat-file", "blob", "HEAD:art/a file.bin"]).stdout;
    assert!(stored.starts_with("version https://git-lfs.github.com/spec/v1\n"), "{stored}");
    s.git(["lfs", "fsck"]);
}

#[test]
#[ignore = "needs git-lfs: cargo test -- --include-ignored"]
fn of_a_large_file_that_is_lost_the_pointer_is_kept() {
    let s = with_lfs();
    s.write("f.bin", noise(3, 5000));
    s.git(["add", "f.bin"]);
    s.write("other.txt", "other\n");
    s.git(["add", "other.txt"]);
    fs::remove_file(s.top().join("f.bin")).unwrap();
    fs::remove_dir_all(s.top().join(".git/lfs/objects")).unwrap();
    // The bytes that were seen when it was staged are lost, too.
    fs::remove_dir_all(s.top().join(".git/bak")).unwrap();
    let ran = refused_commit(&s);
    let lines = ran.stderr.lines().filter(|line| line.contains("f.bin"));
    assert_eq!(lines.count(), 1, "{ran:#?}");
    let pointer = s.git(["cat-file", "blob", ":f.bin"]).stdout;
    assert!(s.vault_has("f.bin", &pointer), "{ran:#?}");
    assert_eq!(s.backup_texts("other.txt"), ["other\n"]);
    assert!(!ran.stderr.contains("panicked"), "{ran:#?}");
}

#[test]
#[ignore = "needs git-lfs: cargo test -- --include-ignored"]
fn pointers_that_were_never_fetched_are_left_as_they_are() {
    let s = with_lfs();
    s.hook("pre-commit", "exit 0");
    s.write("f.bin", noise(4, 5000));
    s.git(["add", "f.bin"]);
    s.git(["commit", "-qm", "large"]);
    fs::remove_file(s.top().join("f.bin")).unwrap();
    let mut checkout = s.command("git");
    checkout.env("GIT_LFS_SKIP_SMUDGE", "1").args(["checkout", "-q", "--", "f.bin"]);
    assert!(checkout.output().unwrap().status.success());
    let pointer = read(&s, "f.bin");
    s.write("other.txt", "other\n");
    s.git(["add", "other.txt"]);
    let ran = s.git(["commit", "-qm", "other"]);
    assert!(!ran.stderr.contains("f.bin"), "{ran:#?}");
    assert_eq!(read(&s, "f.bin"), pointer);
}

#[test]
#[ignore = "needs git-lfs: cargo test -- --include-ignored"]
fn the_index_gets_the_pointer_back_and_not_the_bytes() {
    let s = with_lfs();
    let entry = || s.git(["ls-files", "-s", "f.bin"]).stdout;
    s.write("f.bin", noise(3, 5000));
    #[cfg(unix)]
    s.command("chmod").args(["+x", "f.bin"]).status().unwrap();
    s.git(["add", "f.bin"]);
    let before = entry();
    for gone in [false, true] {
        s.git(["reset", "-q"]);
        if gone {
            // Git has thrown the pointer away, and so has LFS the bytes.
            s.git(["prune", "--expire=now"]);
            fs::remove_dir_all(s.top().join(".git/lfs/objects")).unwrap();
        }
        s.write("f.bin", noise(4, 100));
        s.bak(["restore", "--staged", "f.bin"]);
        assert_eq!(entry(), before);
        assert!(
            s.git(["cat-file", "blob", ":f.bin"]).stdout.starts_with("version https://git-lfs")
        );
        assert_eq!(fs::read(s.top().join("f.bin")).unwrap(), noise(4, 100));
    }
    // The bytes are in the store of LFS again.
    s.git(["checkout", "-q", "--", "f.bin"]);
    assert_eq!(fs::read(s.top().join("f.bin")).unwrap(), noise(3, 5000));
}
