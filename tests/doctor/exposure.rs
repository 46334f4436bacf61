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
fn a_rule_that_has_git_see_backups_that_are_there() {
    for folder in ["", "some folder/"] {
        let s = Scratch::new();
        s.write(&format!("{folder}f"), "f\n");
        s.bak(["snapshot", &format!("{folder}f")]);
        // Without a line feed at its end, as some editors leave it.
        s.write(&format!("{folder}.gitignore"), "*.o\n!*.bak.*");
        remedy_mends(&s, "ignore", "1 backup that Git sees");
    }
}

#[test]
fn where_backups_lie_and_why() {
    let s = Scratch::new();
    let line = |s: &Scratch| {
        let page = s.bak(["doctor"]).stdout;
        page.lines().find(|line| line.contains(" location ")).unwrap().to_owned()
    };
    assert!(line(&s).contains("beside the files (bak.location)"));
    s.write("src/.gitignore", "!*\n");
    for path in ["src/a", "public/a", "p/package.json"] {
        s.write(path, "{}\n");
    }
    s.git(["add", "-A"]);
    s.git(["commit", "-qm", "harm"]);
    let words = "backups of 4 files go under bak/files in the Git directory, for beside the file a line with ! in \
                 .gitignore would have Git see it; programs read all that is in public/; npm would pack it, too \
                 (bak.location)";
    let installed = s.bak(["install"]).stderr;
    assert!(installed.contains(words), "{installed}");
    assert!(line(&s).contains("backups of 4 files"));
    // A user who chooses by hand knows.
    s.git(["config", "bak.location", "gitdir"]);
    assert!(!s.bak(["install"]).stderr.contains("bak.location"));
}

#[test]
fn no_ignore_block_is_asked_for_where_no_backups_lie_beside_the_files() {
    let s = Scratch::new();
    s.git(["config", "bak.location", "gitdir"]);
    s.write(".git/info/exclude", "");
    assert_well(&s);
}
