//! doctor and what would show backups to others.

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
