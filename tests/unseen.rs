//! Work that Git says nothing of: edits of files that it was told to look away from, edits that a filter hides from it,
//! and ignored files that `bak.include` asks for.

use crate::scratch::{Ran, Scratch};

const MARKS: [&str; 2] = ["--assume-unchanged", "--skip-worktree"];

/// A repository with a clean file that has that mark, and `mine\n` written into it.
fn marked(mark: &str) -> Scratch {
    let scratch = Scratch::new();
    scratch.write("conf/own.txt", "theirs\n");
    scratch.git(["add", "."]);
    scratch.git(["commit", "-m", "conf"]);
    scratch.git(["update-index", mark, "conf/own.txt"]);
    scratch.write("conf/own.txt", "mine\n");
    scratch
}

/// A repository whose filter leaves out lines that begin with `#`, with a file that has one, committed.
fn filtered() -> Scratch {
    let scratch = Scratch::new();
    let clean = "echo clean >>../calls; sed /^#/d";
    scratch.git(["config", "filter.strip.clean", clean]);
    scratch.git(["config", "filter.strip.smudge", "echo smudge >>../calls; cat"]);
    scratch.write(".gitattributes", "*.n filter=strip\n");
    scratch.write("a.n", "one\n# first\n");
    scratch.write("b.n", "two\n");
    scratch.git(["add", "."]);
    scratch.git(["commit", "-m", "notes"]);
    scratch.write("a.n", "one\n# second\n");
    scratch.git(["add", "."]);
    scratch.write("../calls", "");
    scratch
}

fn commit(scratch: &Scratch) -> Ran {
    scratch.git(["commit", "--allow-empty", "-m", "more"])
}

#[test]
fn edits_that_git_was_told_not_to_see_are_kept_by_a_commit() {
    for mark in MARKS {
        for format in [&["--index-version", "4"][..], &["--split-index"], &["--no-split-index"]] {
            let scratch = marked(mark);
            scratch.git(["update-index"].iter().chain(format));
            let ran = commit(&scratch);
            assert!(ran.stderr.contains("backed up: conf/own.txt.bak."), "{format:?}: {ran:#?}");
            assert!(scratch.vault_has("conf/own.txt", "mine\n"), "{mark} {format:?}");
            // It is so for years: nothing is said, or copied, of what is as it was.
            assert_eq!(commit(&scratch).stderr, "");
            scratch.write("conf/own.txt", "changed\n");
            assert!(commit(&scratch).stderr.contains("backed up: conf/own.txt.bak."));
        }
    }
}

#[test]
fn edits_that_git_was_told_not_to_see_are_kept_before_a_command_overwrites_them() {
    for mark in MARKS {
        let scratch = marked(mark);
        scratch.bak(["install"]);
        scratch.git(["checkout", "HEAD~0", "--", "."]);
        scratch.write("conf/own.txt", "changed\n");
        let ran = scratch.bak(["snapshot"]);
        assert!(ran.stderr.contains("backed up: conf/own.txt.bak."), "{ran:#?}");
        assert!(scratch.vault_has("conf/own.txt", "mine\n"), "{mark}");
        assert!(scratch.vault_has("conf/own.txt", "changed\n"), "{mark}");
    }
}

#[test]
fn edits_that_git_was_told_not_to_see_and_a_hook_overwrote_are_named() {
    for mark in MARKS {
        for (body, status) in [("echo theirs >conf/own.txt; exit 1", 1), ("rm conf/own.txt", 0)] {
            let scratch = marked(mark);
            commit(&scratch);
            scratch.hook("pre-commit", body);
            let ran = scratch.try_git(["commit", "-q", "--allow-empty", "-m", "more"]);
            assert_eq!(ran.status, status);
            let command = ran.printed_command("conf/own.txt: its unstaged edits are gone");
            scratch.git(&command);
            assert_eq!(scratch.read("conf/own.txt"), "mine\n", "{mark}");
        }
        let scratch = marked(mark);
        scratch.hook("pre-commit", "echo typed on >>conf/own.txt");
        assert!(!commit(&scratch).stderr.contains("gone"), "the edits are still there");
    }
}

#[test]
fn what_is_staged_is_another_version_than_the_edit_that_git_does_not_see() {
    for mark in MARKS {
        let scratch = Scratch::without_staging();
        scratch.write("a.txt", "staged\n");
        scratch.git(["add", "a.txt"]);
        scratch.git(["update-index", mark, "a.txt"]);
        scratch.write("a.txt", "edited\n");
        commit(&scratch);
        assert!(scratch.vault_has("a.txt", "staged\n"), "{mark}");
        assert!(scratch.vault_has("a.txt", "edited\n"), "{mark}");
    }
}

#[test]
fn files_that_a_sparse_checkout_leaves_out_are_no_edits() {
    for index in ["--no-sparse-index", "--sparse-index"] {
        let scratch = Scratch::new();
        scratch.write("in/a", "a\n");
        scratch.write("out/deep/b", "b\n");
        scratch.git(["add", "."]);
        scratch.git(["commit", "-m", "folders"]);
        scratch.git(["sparse-checkout", "init", "--cone", index]);
        scratch.git(["sparse-checkout", "set", "in"]);
        assert!(!scratch.exists("out"));
        assert!(scratch.bak(["snapshot"]).stderr.contains("nothing to back up"));
        assert_eq!(commit(&scratch).stderr, "");
        // One that is there all the same, and isn't what Git has, is one.
        scratch.write("out/deep/b", "mine\n");
        commit(&scratch);
        assert!(scratch.vault_has("out/deep/b", "mine\n"), "{index}");
        // Nor does Git itself look there where it is told to expect such files.
        for expected in ["false", "true"] {
            std::fs::remove_dir_all(scratch.top().join("out")).unwrap();
            scratch.git(["checkout", "-q", "HEAD", "--", "in"]);
            scratch.git(["sparse-checkout", "reapply", index]);
            let is_one = scratch.git(["ls-files", "--sparse"]).stdout.contains("out/\n");
            assert_eq!(is_one, index == "--sparse-index");
            scratch.git(["config", "sparse.expectFilesOutsideOfPatterns", expected]);
            scratch.write("out/deep/b", format!("expected {expected}\n"));
            scratch.bak(["snapshot"]);
            let text = format!("expected {expected}\n");
            assert!(scratch.vault_has("out/deep/b", &text), "{index} {expected}");
        }
    }
}

#[test]
fn what_a_filter_hides_from_git_is_kept_and_looked_into_once() {
    let scratch = filtered();
    assert_eq!(scratch.git(["status", "--short"]).stdout, "");
    scratch.write("../calls", "");
    let ran = commit(&scratch);
    assert!(ran.stderr.contains("backed up: a.n.bak."), "{ran:#?}");
    assert!(scratch.vault_has("a.n", "one\n# second\n") && scratch.backups("b.n").is_empty());
    // Git itself may look into young files; nothing else asks what it would write.
    let asked = || scratch.read("../calls").matches("smudge").count();
    assert_eq!(asked(), 1, "b.n is what the index has");
    assert_eq!(commit(&scratch).stderr, "");
    assert_eq!(asked(), 1, "nobody has written to either");
    scratch.bak(["install"]);
    scratch.write("b.n", "two\n# hidden\n");
    scratch.git(["checkout-index", "-f", "b.n"]);
    scratch.bak(["restore", "b.n"]);
    assert_eq!(scratch.read("b.n"), "two\n# hidden\n");
}

#[test]
fn a_filtered_file_that_a_hook_wrote_anew_is_named_and_one_that_was_edited_is_not() {
    let scratch = filtered();
    scratch.hook("pre-commit", "git show HEAD:a.n >a.n");
    let ran = commit(&scratch);
    assert!(ran.stderr.contains("a.n: its unstaged edits are gone"), "{ran:#?}");
    scratch.hook("pre-commit", "echo '# third' >>a.n");
    assert!(!commit(&scratch).stderr.contains("gone"));
}

#[test]
fn what_git_would_write_itself_is_no_edit() {
    let scratch = Scratch::new();
    scratch.write("../lf", "x\n");
    let drivers = [("git-crypt", "tr a-z b-za", "tr b-za a-z"), ("lfs", "cat ../lf", "cat")];
    for (name, clean, smudge) in drivers {
        scratch.git(["config", &format!("filter.{name}.clean"), clean]);
        scratch.git(["config", &format!("filter.{name}.smudge"), smudge]);
    }
    scratch.git(["config", "filter.up.clean", "tr a-z A-Z"]);
    scratch.git(["config", "filter.up.smudge", "tr A-Z a-z"]);
    let attributes = "*.crlf text eol=crlf\n*.id ident\n*.key filter=git-crypt\n*.big filter=lfs\n\
                      *.up filter=up\n*.utf working-tree-encoding=UTF-16LE\n";
    scratch.write(".gitattributes", attributes);
    for (name, text) in [
        ("a.crlf", &b"one\r\ntwo\r\n"[..]),
        ("a.id", b"$Id: abc $\n"),
        ("a.key", b"secret\n"),
        ("a.big", b"big content\n"),
        ("a.up", b"text\n"),
        ("a.utf", b"t\0e\0x\0t\0\n\0"),
    ] {
        scratch.write(name, text);
    }
    scratch.git(["add", "."]);
    scratch.git(["commit", "-m", "all kinds"]);
    std::fs::remove_file(scratch.top().join("a.id")).unwrap();
    scratch.git(["checkout-index", "-u", "a.id"]);
    for mark in ["--no-assume-unchanged", "--assume-unchanged"] {
        let names = ["a.crlf", "a.id", "a.key", "a.up", "a.utf"];
        scratch.git(["update-index", mark].iter().chain(&names));
        let ran = scratch.bak(["snapshot"]);
        assert!(ran.stderr.contains("nothing to back up"), "{mark}: {ran:#?}");
    }
    scratch.write("a.crlf", "mine\r\n");
    scratch.write("a.key", "another\n");
    commit(&scratch);
    assert!(scratch.vault_has("a.crlf", "mine\r\n"));
    assert!(scratch.vault_has("a.key", "bopuifs\n"), "the clean form alone");
}

/// A repository that ignores two files and asks for one of them.
fn including() -> Scratch {
    let scratch = Scratch::new();
    scratch.write(".gitignore", ".env\n*.log\n");
    scratch.git(["add", "."]);
    scratch.git(["commit", "-m", "ignore"]);
    scratch.git(["config", "bak.include", ".env"]);
    scratch.write(".env", "KEY=1\n");
    scratch.write("x.log", "log\n");
    scratch
}

#[test]
fn an_ignored_file_that_is_asked_for_is_kept_by_a_commit_and_by_a_snapshot() {
    for scope in ["staged", "tracked", "all"] {
        let scratch = including();
        scratch.git(["config", "bak.scope", scope]);
        assert!(commit(&scratch).stderr.contains("backed up: .env.bak."), "{scope}");
        assert!(scratch.vault_has(".env", "KEY=1\n") && !scratch.vault_has("x.log", "log\n"));
        assert_eq!(commit(&scratch).stderr, "", "it is as it was");
        scratch.write(".env", "KEY=2\n");
        scratch.bak(["snapshot"]);
        assert_eq!(scratch.backup_texts(".env"), ["KEY=2\n"]);
        commit(&scratch);
        assert!(scratch.all_backups().is_empty());
    }
}

#[test]
fn an_ignored_file_that_is_asked_for_is_kept_before_a_command_overwrites_it() {
    let scratch = including();
    scratch.bak(["install"]);
    scratch.git(["reset", "-q", "--hard"]);
    assert!(scratch.vault_has(".env", "KEY=1\n") && !scratch.vault_has("x.log", "log\n"));
}

#[test]
fn a_commit_whose_hook_takes_an_ignored_file_away_names_it() {
    let scratch = including();
    scratch.hook("pre-commit", "git clean -fdxq");
    let ran = commit(&scratch);
    let command = ran.printed_command(".env: its unstaged edits are gone");
    scratch.git(&command);
    assert_eq!(scratch.read(".env"), "KEY=1\n");
}

#[test]
fn what_is_excluded_is_excluded_whatever_else_asks_for_it() {
    let scratch = including();
    scratch.git(["config", "bak.exclude", ".env"]);
    scratch.git(["update-index", "--assume-unchanged", "a.txt"]);
    scratch.write("a.txt", "mine\n");
    commit(&scratch);
    assert!(!scratch.vault_has(".env", "KEY=1\n") && scratch.vault_has("a.txt", "mine\n"));
    scratch.git(["config", "bak.exclude", "a.txt"]);
    scratch.write("a.txt", "mine once more\n");
    commit(&scratch);
    assert!(scratch.vault_has(".env", "KEY=1\n"));
    assert!(!scratch.vault_has("a.txt", "mine once more\n"));
}

#[test]
fn what_asks_for_ignored_files_in_words_that_git_does_not_know_is_named_and_the_rest_is_kept() {
    let scratch = including();
    scratch.git(["config", "bak.include", ":(nonsense)x"]);
    scratch.write("a.txt", "two\n");
    let ran = commit(&scratch);
    assert!(ran.stderr.contains("bak.include is left out: "), "{ran:#?}");
    assert!(scratch.vault_has("a.txt", "two\n"));
}
