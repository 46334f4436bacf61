//! What must hold everywhere, each as a day in a fresh repository `s` (`a.txt` holds "one\n", git-bak is installed).

use crate::scratch::Scratch;

/// All of it, each in a repository that `fresh` makes.
pub fn all(fresh: impl Fn() -> Scratch) {
    let days = [
        a_commit_that_fails_keeps_and_one_that_succeeds_deletes,
        what_was_staged_and_overwritten_or_deleted_comes_back,
        the_newest_three_are_kept,
        an_upgrade_that_fails_is_taken_back,
        nothing_is_wrong_at_the_end,
    ];
    days.iter().for_each(|day| day(&fresh()));
}

/// Lets every commit fail after git-bak, or none.
pub fn refuse(s: &Scratch, refused: bool) {
    s.hook("commit-msg", if refused { "exit 1" } else { "exit 0" });
}

/// Stages `text` as `path`, and the commit fails.
pub fn stage_and_fail(s: &Scratch, path: &str, text: &str) {
    s.write(path, text);
    s.git(["add", "--", path]);
    refuse(s, true);
    let ran = s.try_git(["commit", "-qm", "refused"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert!(!ran.stderr.contains("git-bak ✗"), "{ran:#?}");
}

fn a_commit_that_fails_keeps_and_one_that_succeeds_deletes(s: &Scratch) {
    stage_and_fail(s, "a.txt", "two\n");
    stage_and_fail(s, "folder/ö b.txt", "new\n");
    assert_eq!(s.backup_texts("a.txt"), ["two\n"]);
    assert_eq!(s.backup_texts("folder/ö b.txt"), ["new\n"]);
    assert!(s.git(["status", "--porcelain"]).stdout.lines().all(|line| !line.contains(".bak.")));
    refuse(s, false);
    let ran = s.git(["commit", "-qm", "second"]);
    assert!(!ran.stderr.contains("git-bak ✗"), "{ran:#?}");
    assert_eq!(s.all_backups(), Vec::<String>::new(), "{ran:#?}");
    assert_eq!(s.git(["show", "HEAD:a.txt"]).stdout, "two\n");
    assert!(s.vault_has("a.txt", "two\n"));
}

fn what_was_staged_and_overwritten_or_deleted_comes_back(s: &Scratch) {
    s.write("a.txt", "staged\n");
    s.git(["add", "a.txt"]);
    assert_eq!(s.backup_texts("a.txt"), ["staged\n"]);
    s.write("a.txt", "overwritten\n");
    s.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(s.read("a.txt"), "staged\n");
    // What it overwrote is backed up, too.
    s.bak(["restore", "a.txt", "--from", "@{1}"]);
    assert_eq!(s.read("a.txt"), "overwritten\n");
    std::fs::remove_file(s.top().join("a.txt")).unwrap();
    s.bak(["restore", "a.txt"]);
    assert_eq!(s.read("a.txt"), "overwritten\n");
    // From the vault alone.
    s.bak(["clean"]);
    assert_eq!(s.backups("a.txt"), Vec::<String>::new());
    std::fs::remove_file(s.top().join("a.txt")).unwrap();
    s.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(s.read("a.txt"), "overwritten\n");
}

fn the_newest_three_are_kept(s: &Scratch) {
    for text in ["1\n", "2\n", "3\n", "4\n", "5\n"] {
        stage_and_fail(s, "a.txt", text);
    }
    assert_eq!(s.backup_texts("a.txt"), ["3\n", "4\n", "5\n"]);
    assert!(s.vault_has("a.txt", "1\n") && s.vault_has("a.txt", "2\n"));
}

fn an_upgrade_that_fails_is_taken_back(s: &Scratch) {
    let patch = "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1,2 @@\n one\n+two\n\
                 --- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+new\n";
    std::fs::write(s.root().join("patch"), patch).unwrap();
    let ran = s.try_bak(["apply", "--test", "false", "../patch"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert_eq!(s.read("a.txt"), "one\n");
    assert!(!s.exists("new.txt"));
    let ran = s.bak(["apply", "--test", "true", "../patch"]);
    assert_eq!(s.read("a.txt"), "one\ntwo\n", "{ran:#?}");
    assert_eq!(s.read("new.txt"), "new\n");
}

fn nothing_is_wrong_at_the_end(s: &Scratch) {
    stage_and_fail(s, "a.txt", "two\n");
    let ran = s.bak(["doctor"]);
    assert_eq!(ran.stderr, "", "{ran:#?}");
    s.git(["fsck", "--strict"]);
}
