//! doctor and what would show backups or the vault to others.

use super::{assert_well, fix_mends, remedy_mends};
use crate::scratch::Scratch;

/// Whether `git add -A` leaves a backup alone.
fn is_ignored(s: &Scratch, folder: &str) -> bool {
    s.write(&format!("{folder}x.bak.20251106_201045.abc12345"), "x\n");
    s.git(["add", "-A", "-n"]).stdout.lines().all(|line| !line.contains("x.bak"))
}

#[test]
fn an_ignore_block_that_is_gone() {
    let s = Scratch::new();
    s.write(".git/info/exclude", "*.o\n");
    assert!(!is_ignored(&s, ""));
    std::fs::remove_file(s.top().join("x.bak.20251106_201045.abc12345")).unwrap();
    fix_mends(&s, "ignore", "would be staged by 'git add -A'", "backups are ignored again");
    assert!(is_ignored(&s, ""));
    assert!(s.read(".git/info/exclude").starts_with("*.o\n"));
}

#[test]
fn a_rule_that_takes_the_ignoring_back() {
    for folder in ["", "some folder/"] {
        let s = Scratch::new();
        s.bak(["snapshot", "a.txt"]);
        s.bak(["clean"]);
        // Without a line feed at its end, as some editors leave it.
        s.write(&format!("{folder}.gitignore"), "*.o\n!*.bak.*");
        let rule = format!("'!*.bak.*' in line 2 of {folder}.gitignore");
        remedy_mends(&s, "ignore", &rule);
        assert!(is_ignored(&s, folder));
    }
}

#[test]
fn no_ignore_block_is_asked_for_where_no_backups_lie_beside_the_files() {
    let s = Scratch::new();
    s.git(["config", "bak.location", "gitdir"]);
    s.write(".git/info/exclude", "");
    assert_well(&s);
}

#[test]
fn refs_that_anybody_could_fetch() {
    let s = Scratch::new();
    s.git(["config", "--unset-all", "transfer.hideRefs"]);
    fix_mends(&s, "hide-refs", "could fetch the vault", "transfer.hideRefs = refs/bak");
}

#[test]
fn a_remote_that_takes_the_vault_along() {
    let s = Scratch::new();
    let there = s.root().join("there.git");
    s.git(["init", "-q", "--bare", there.to_str().unwrap()]);
    s.git(["remote", "add", "--mirror=push", "my.there", there.to_str().unwrap()]);
    s.git(["push", "-q", "my.there"]);
    let refs = || s.at(&there).git(["for-each-ref", "--format=%(refname)"]).stdout;
    assert!(refs().contains("refs/bak/vault"));
    remedy_mends(&s, "mirror", "push to my.there takes the vault along");
    s.at(&there).git(["update-ref", "-d", "refs/bak/vault"]);
    s.git(["branch", "more"]);
    s.git(["push", "-q", "--prune", "my.there"]);
    assert_eq!(refs(), "refs/heads/main\nrefs/heads/more\n");
}

#[test]
fn a_remote_that_would_take_the_vault_away() {
    let s = Scratch::new();
    let there = s.root().join("there.git");
    s.git(["clone", "-q", "--bare", s.top().to_str().unwrap(), there.to_str().unwrap()]);
    s.git(["remote", "add", "--mirror=fetch", "there", there.to_str().unwrap()]);
    remedy_mends(&s, "mirror", "with --prune the vault goes");
    s.git(["checkout", "-q", "--detach"]);
    s.git(["fetch", "-q", "--prune", "there"]);
    assert!(s.vault_has("a.txt", "one\n"));
}
