//! Moments of git-bak's own: restore, run, apply.

use std::fs;

use super::{files, git, guarded, moments, nothing, undo, with_work};
use crate::apply::{commit_all, tree};
use crate::scratch::Scratch;

#[test]
fn a_restore_is_undone_as_it_was_before() {
    let s = with_work();
    git(&s, "reset -q --hard");
    s.write("a.txt", "typed since\n");
    let before = files(&s);
    s.bak(["restore", "--all", "--yes"]);
    assert_eq!(s.read("a.txt"), "edited\n");
    assert_eq!(moments(&s)[0]["command"], "restore");
    assert_eq!(undo(&s, &[]).status, 0);
    assert_eq!(files(&s), before);
    // It is missing as before.
    let ran = s.bak(["restore", "--all", "-n"]);
    assert_eq!(ran.stderr.lines().count(), 2, "{ran:?}");
    // What Git had there is no work, though it was put back.
    let ran = s.try_bak(["restore", "b.txt"]);
    assert_eq!((ran.status, s.read("b.txt").as_str()), (0, "staged\nagain"), "{ran:?}");
}

#[test]
fn what_an_undo_or_a_restore_took_out_is_not_missing() {
    let s = guarded();
    s.bak(["run", "--", "sh", "-c", "echo made >b.txt"]);
    undo(&s, &[]);
    s.write("a.txt", "edited\n");
    s.bak(["restore", "--yes", "a.txt", "--from", "a.txt@{1}"]);
    for command in [&["restore", "--all"][..], &["diff"]] {
        let ran = s.bak(command);
        let text = "• nothing to restore: git-bak knows of no work that is missing since the last commit\n";
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", text), "{command:?}");
    }
    // By its name it can be had.
    s.bak(["restore", "b.txt"]);
    assert_eq!(s.read("b.txt"), "made\n");
}

#[test]
fn a_file_that_a_restore_made_goes_with_its_folder() {
    let s = with_work();
    git(&s, "clean -fdq");
    s.bak(["restore", "new/v.txt"]);
    undo(&s, &[]);
    assert!(!s.exists("new"));
}

/// Files of all kinds, and work in some.
fn rich() -> Scratch {
    let s = guarded();
    s.write("crlf.txt", "a\r\nb\r\n");
    s.write(".gitattributes", "crlf.txt text eol=crlf\n");
    s.write("gone/deep.txt", "deep\n");
    commit_all(&s, "more");
    s.write("a.txt", "edited\n");
    s.write("u.txt", "untracked\n");
    s
}

#[test]
fn a_run_that_succeeded_is_taken_back_as_a_whole() {
    let s = rich();
    let before = tree(s.top());
    let line = "echo x >a.txt; echo x >crlf.txt; echo x >b.txt; rm u.txt; rm -r gone; \
                mkdir -p made/deep; echo n >made/deep/n; echo n >n";
    let ran = s.bak(["run", "--", "sh", "-c", line]);
    assert!(ran.stderr.contains("; to take it back: git bak undo\n"), "{ran:?}");
    let ran = undo(&s, &[]);
    assert!(ran.stderr.contains("• made/deep/n: goes, +0 -1\n"), "{ran:?}");
    assert!(ran.stderr.contains("undone: 5 files put back, 2 files removed"), "{ran:?}");
    assert_eq!(tree(s.top()), before);
    assert!(s.vault_has("n", "n\n"), "what the command had made");
    undo(&s, &["--redo"]);
    assert_eq!((s.read("n").as_str(), s.exists("u.txt")), ("n\n", false));
}

#[cfg(unix)]
#[test]
fn folders_that_a_run_made_in_the_place_of_files_make_way() {
    use std::os::unix::fs::PermissionsExt;
    let s = rich();
    let private = |bits| fs::Permissions::from_mode(bits);
    fs::set_permissions(s.top().join("b.txt"), private(0o640)).unwrap();
    fs::set_permissions(s.top().join("gone"), private(0o700)).unwrap();
    fs::create_dir_all(s.top().join("hollow/in")).unwrap();
    let before = tree(s.top());
    let line = "rm -r hollow/in; echo n >hollow/n; rm a.txt u.txt; mkdir -p a.txt/deep/hollow u.txt; echo n >a.txt/deep/n; git add -A; \
                rm -r gone; ln -s a.txt gone; chmod 644 b.txt; mkdir m; echo n >m/n; git add m";
    s.bak(["run", "--", "sh", "-c", line]);
    let ran = undo(&s, &[]);
    assert_eq!((ran.status, tree(s.top())), (0, before), "{ran:?}");
    // What another program put there stays.
    s.bak(["run", "--", "sh", "-c", line]);
    s.write("a.txt/theirs", "theirs\n");
    let ran = undo(&s, &[]);
    assert_eq!((ran.status, s.exists("a.txt/theirs")), (3, true), "{ran:?}");
    assert!(ran.stderr.contains("a.txt: a folder stands there now"), "{ran:?}");
}

#[cfg(unix)]
#[test]
fn links_that_a_run_made_or_took_are_taken_back_too() {
    let s = rich();
    std::os::unix::fs::symlink("a.txt", s.top().join("link")).unwrap();
    std::os::unix::fs::symlink("a.txt", s.top().join("to change")).unwrap();
    let before = tree(s.top());
    s.bak(["run", "--", "sh", "-c", "rm link; ln -sfn b.txt 'to change'; ln -s x new"]);
    assert_eq!(undo(&s, &[]).status, 0);
    assert_eq!(tree(s.top()), before);
}

#[test]
fn a_run_that_failed_or_committed_is_no_moment() {
    let s = rich();
    s.try_bak(["run", "--", "sh", "-c", "echo x >b.txt; false"]);
    nothing(&s);
    s.bak(["run", "--commit", "--include-dirty", "--", "sh", "-c", "echo x >b.txt"]);
    nothing(&s);
    s.bak(["run", "--", "true"]);
    nothing(&s);
}

#[test]
fn an_apply_is_taken_back_as_a_whole() {
    let s = rich();
    let before = tree(s.top());
    s.write("b.txt", "patched\n");
    s.write("sub/new.txt", "new\n");
    fs::remove_file(s.top().join("gone/deep.txt")).unwrap();
    s.git(["add", "-N", "sub/new.txt"]);
    let patch = s.git(["diff", "--", "b.txt", "sub", "gone"]).stdout;
    s.git(["rm", "-q", "--cached", "sub/new.txt"]);
    fs::remove_dir_all(s.top().join("sub")).unwrap();
    s.git(["checkout", "-q", "--", "b.txt", "gone"]);
    let file = s.root().join("x.patch");
    fs::write(&file, patch).unwrap();
    s.bak(["apply", file.to_str().unwrap()]);
    assert!(s.exists("sub/new.txt") && !s.exists("gone/deep.txt"));
    let ran = undo(&s, &[]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let now = tree(s.top());
    let is_file = |(name, _): &(&_, &_)| !format!("{name:?}").contains(".bak.");
    assert!(now.iter().filter(is_file).eq(before.iter().filter(is_file)), "{now:#?}\n{before:#?}");
}

#[cfg(unix)]
#[test]
fn of_an_encrypted_file_nothing_plain_is_left_in_the_git_directory() {
    let s = guarded();
    for (key, program) in [("clean", "tr a-z b-za"), ("smudge", "tr b-za a-z")] {
        s.git(["config", &format!("filter.mycrypt.{key}"), program]);
    }
    s.write(".gitattributes", "s filter=mycrypt\n");
    s.write("s", "secret\n");
    commit_all(&s, "secret");
    s.write("s", "other secret\n");
    git(&s, "checkout -q s");
    assert_eq!(undo(&s, &[]).status, 0);
    assert_eq!(s.read("s"), "other secret\n");
    s.bak(["run", "--", "sh", "-c", "echo third secret >s"]);
    assert_eq!(undo(&s, &[]).status, 0);
    assert_eq!(s.read("s"), "other secret\n");
    let record = format!("{:?}", s.record());
    for text in ["secret\n", "other secret\n", "third secret\n"] {
        let id = crate::backup_files::blob_id(&s, text.as_bytes());
        assert!(!record.contains(&id), "{text}");
        assert!(!s.exists(&format!(".git/bak/new/{}/{}", &id[..2], &id[2..])), "{text}");
    }
    assert!(!s.exists(".git/bak/upgrade/own"));
}
