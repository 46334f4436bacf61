//! Moments of Git's commands: those that took work, and those that didn't.

use super::{files, git, guarded, moments, nothing, undo, with_work};
use crate::scratch::Scratch;

#[test]
fn whatever_a_command_took_comes_back_and_nothing_else_changes() {
    for (line, name) in [
        ("reset -q --hard", "git reset"),
        ("checkout -q .", "git checkout"),
        ("checkout -q HEAD -- .", "git checkout"),
        ("checkout -q -f", "git checkout"),
        ("switch -q -f main", "git switch"),
        ("restore .", "git restore"),
        ("restore -SW .", "git restore"),
        ("restore --source=other b.txt", "git restore"),
        ("checkout -q other -- a.txt dir", "git checkout"),
        ("clean -fdq", "git clean"),
        ("rm -rfq .", "git rm"),
        ("checkout-index -fq a.txt", "git checkout-index"),
        ("read-tree -u --reset HEAD", "git read-tree"),
    ] {
        let s = with_work();
        let before = files(&s);
        assert_eq!(git(&s, line).status, 0, "{line}");
        assert_ne!(files(&s), before, "{line}");
        let ran = undo(&s, &[]);
        assert_eq!(ran.status, 0, "{line}: {ran:#?}");
        assert!(ran.stderr.starts_with(&format!("• undo {name}")), "{ran:#?}");
        assert_eq!(files(&s), before, "{line}");
        nothing(&s);
    }
}

#[test]
fn a_stash_takes_nothing_until_its_entry_is_dropped() {
    for line in ["stash -q", "stash -q -u"] {
        let s = with_work();
        let before = files(&s);
        git(&s, line);
        nothing(&s);
        git(&s, "stash pop -q");
        nothing(&s);
        assert_eq!(files(&s), before);
        git(&s, line);
        git(&s, "stash drop -q");
        while undo(&s, &[]).status == 0 {}
        assert_eq!(files(&s), before, "{line}");
    }
}

#[test]
fn a_command_that_was_refused_or_took_nothing_is_no_moment() {
    for line in [
        "switch -q other",
        "checkout -q nosuch",
        "checkout -q other",
        "merge -q other",
        "rm -q a.txt",
        "rebase -q other",
        "cherry-pick other",
        "revert --no-edit HEAD",
        "clean -n",
        "clean",
        "restore --staged .",
        "reset -q",
        "rebase -q --autostash HEAD~1",
        "add .",
        "commit -qam next",
        "checkout -qb here",
        "stash list",
    ] {
        let s = with_work();
        git(&s, line);
        assert_eq!(moments(&s), [0; 0], "{line}");
        nothing(&s);
        // The user goes on; it was not this command either.
        s.write("a.txt", "edited on\n");
        nothing(&s);
    }
}

#[test]
fn work_that_was_carried_over_or_given_back_was_not_taken() {
    let s = guarded();
    s.write("x.txt", "x\n");
    git(&s, "add x.txt");
    git(&s, "commit -qm x");
    s.write("x.txt", "edited\n");
    git(&s, "switch -q -c here");
    git(&s, "rebase -q --autostash other");
    assert_eq!((s.read("x.txt").as_str(), s.read("a.txt").as_str()), ("edited\n", "theirs\n"));
    nothing(&s);
}

#[test]
fn a_resolution_that_was_given_up_comes_back() {
    let s = guarded();
    s.write("a.txt", "mine\n");
    git(&s, "commit -qam mine");
    assert_ne!(git(&s, "merge -q other").status, 0);
    s.write("a.txt", "resolved with care\n");
    git(&s, "merge --abort");
    let ran = undo(&s, &[]);
    assert!(ran.stderr.contains("• the merge itself is not taken up again\n"), "{ran:?}");
    assert_eq!(s.read("a.txt"), "resolved with care\n");
}

#[test]
fn a_move_over_a_file_is_taken_back_without_the_file_that_was_moved() {
    let s = guarded();
    s.write("u.txt", "untracked\n");
    git(&s, "mv -f a.txt u.txt");
    assert_eq!(s.read("u.txt"), "one\n");
    assert_eq!(undo(&s, &[]).status, 0);
    assert_eq!((s.read("u.txt").as_str(), s.exists("a.txt")), ("untracked\n", false));
}

#[cfg(unix)]
#[test]
fn an_executable_bit_comes_back() {
    use std::os::unix::fs::PermissionsExt;
    let s = guarded();
    let file = s.top().join("a.txt");
    let mode = || file.metadata().unwrap().permissions().mode() & 0o777;
    s.write("a.txt", "#!/bin/sh\n");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    git(&s, "reset -q --hard");
    assert_eq!(mode() & 0o100, 0);
    assert_eq!(undo(&s, &[]).status, 0);
    assert_eq!((mode(), s.read("a.txt").as_str()), (0o755, "#!/bin/sh\n"));
}

#[test]
fn a_file_with_other_line_ends_than_gits_comes_back() {
    let s = guarded();
    s.write(".gitattributes", "*.txt text eol=crlf\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "line ends"]);
    s.write("a.txt", "edited\r\n");
    git(&s, "checkout -q a.txt");
    assert_eq!(s.read("a.txt"), "one\r\n");
    let ran = undo(&s, &[]);
    assert_eq!((ran.status, s.read("a.txt").as_str()), (0, "edited\r\n"), "{ran:?}");
}

#[test]
fn a_first_repository_has_nothing_to_undo() {
    let s = Scratch::empty();
    nothing(&s);
    s.bak(["install"]);
    nothing(&s);
    let ran = s.bak(["undo", "--list"]);
    assert_eq!(ran.stderr, "• nothing took work, as far as git-bak has seen\n");
}

#[cfg(unix)]
#[test]
fn an_executable_bit_alone_is_work_and_comes_back() {
    use std::os::unix::fs::PermissionsExt;
    let s = guarded();
    let file = s.top().join("a.txt");
    let mode = || file.metadata().unwrap().permissions().mode() & 0o777;
    let before = mode();
    let executable = || {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    for command in [&["undo", "--yes"][..], &["restore", "a.txt"], &["restore", "--all", "--yes"]] {
        executable();
        git(&s, "reset -q --hard");
        assert_eq!(mode(), before);
        let ran = s.bak(command);
        assert_eq!(mode() & 0o100, 0o100, "{ran:?}");
    }
    let ran = s.bak(["restore", "a.txt"]);
    assert!(ran.stderr.contains("a.txt: already holds your work"), "{ran:?}");
    git(&s, "commit -qam bit");
    git(&s, "reset -q --hard HEAD~1");
    let ran = s.try_bak(["restore", "a.txt"]);
    assert!(ran.status == 1 && ran.stderr.contains("all known work was committed"), "{ran:?}");
}

#[cfg(unix)]
#[test]
fn what_was_made_executable_after_staging_comes_back_as_it_was() {
    use std::os::unix::fs::PermissionsExt;
    for (line, goes) in [("reset -q --hard", true), ("restore -SW .", true), ("restore .", false)] {
        let s = guarded();
        let new = s.top().join("new.sh");
        s.write("new.sh", "new\n");
        s.git(["add", "new.sh"]);
        std::fs::set_permissions(&new, PermissionsExt::from_mode(0o755)).unwrap();
        git(&s, line);
        assert_eq!(new.exists(), !goes, "{line}");
        let ran = undo(&s, &[]);
        assert_eq!(s.read("new.sh"), "new\n", "{line}: {ran:?}");
        assert_eq!(new.metadata().unwrap().permissions().mode() & 0o100, 0o100, "{line}: {ran:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_a_link_of_git_took_the_place_of_comes_back() {
    let s = guarded();
    let link = s.top().join("link");
    std::os::unix::fs::symlink("a.txt", &link).unwrap();
    s.git(["add", "link"]);
    s.git(["commit", "-qm", "link"]);
    std::fs::remove_file(&link).unwrap();
    s.write("link", "a file\n");
    git(&s, "checkout -q -f HEAD");
    assert!(link.is_symlink());
    let ran = undo(&s, &[]);
    assert!(!link.is_symlink(), "{ran:?}");
    assert_eq!(s.read("link"), "a file\n");
}

#[test]
fn what_an_update_takes_from_a_submodule_is_undone_there() {
    let s = guarded();
    let inner = s.root().join("inner");
    git(&s, &format!("clone -q {} {}", s.top().display(), inner.display()));
    let add = format!("-c protocol.file.allow=always submodule add {} sub", inner.display());
    git(&s, &add);
    git(&s, "commit -qm sub");
    s.bak(["install"]);
    s.write("sub/a.txt", "edited\n");
    git(&s, "submodule update --force");
    assert_eq!(s.read("sub/a.txt"), "one\n");
    let sub = s.at(s.top().join("sub"));
    let ran = sub.bak(["undo", "--yes"]);
    assert_eq!(s.read("sub/a.txt"), "edited\n", "{ran:?}");
}
