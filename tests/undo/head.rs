//! A command that moved HEAD, too: the work goes back only onto what it was made on, by a command that is printed.

use super::{files, git, guarded, paste, undo, with_work};

#[test]
fn head_is_brought_back_first_by_the_command_that_is_printed() {
    for (line, command) in [
        ("reset -q --hard HEAD~1", "git reset --keep "),
        ("switch -q -f other", "git switch main && git bak undo\n"),
        ("checkout -q -f other", "git switch main && git bak undo\n"),
        ("checkout -q -f --detach other", "git switch main && git bak undo\n"),
    ] {
        let s = with_work();
        s.git(["add", "-N", "u.txt"]);
        s.git(["reset", "-q", "u.txt"]);
        let (before, head) = (files(&s), s.git(["rev-parse", "HEAD"]).stdout);
        assert_eq!(git(&s, line).status, 0, "{line}");
        let lost = files(&s);
        let ran = undo(&s, &[]);
        assert!(ran.status == 1 && ran.stderr.contains(command), "{line}: {ran:?}");
        assert_eq!(files(&s), lost, "{line}");
        let ran = paste(&s, &ran, " also moved HEAD, from ");
        assert_eq!(ran.status, 0, "{line}: {ran:?}");
        assert_eq!(files(&s), before, "{line}");
        assert_eq!(s.git(["rev-parse", "HEAD"]).stdout, head);
    }
}

#[test]
fn a_rebase_that_was_given_up_leads_back_to_the_commit_itself() {
    let s = guarded();
    s.write("a.txt", "mine\n");
    git(&s, "commit -qam mine");
    assert_ne!(git(&s, "rebase -q other").status, 0);
    s.write("a.txt", "resolved with care\n");
    git(&s, "rebase --abort");
    let ran = undo(&s, &[]);
    assert!(ran.stderr.contains(": git switch --detach "), "{ran:?}");
    let ran = paste(&s, &ran, " also moved HEAD, from ");
    assert_eq!((ran.status, s.read("a.txt").as_str()), (0, "resolved with care\n"), "{ran:?}");
}

#[test]
fn named_files_go_onto_the_present_head() {
    let s = guarded();
    s.write("a.txt", "work\n");
    git(&s, "reset -q --hard HEAD~1");
    let ran = undo(&s, &["--force", "a.txt"]);
    assert_eq!((ran.status, s.read("a.txt").as_str()), (0, "work\n"), "{ran:?}");
}

#[test]
fn a_move_that_was_not_the_commands_is_no_reason() {
    let s = guarded();
    s.write("dir/c.txt", "work\n");
    git(&s, "checkout -q dir/c.txt");
    s.git(["branch", "ahead"]);
    let tree = s.git(["write-tree"]).stdout;
    let id = s.git(["commit-tree", "-p", "HEAD", "-m", "x", tree.trim()]).stdout;
    s.git(["branch", "-f", "ahead", id.trim()]);
    s.git(["merge", "-q", "--ff-only", "ahead"]);
    let ran = undo(&s, &[]);
    assert_eq!((ran.status, s.read("dir/c.txt").as_str()), (0, "work\n"), "{ran:?}");
    // What a merge changed was changed since.
    let s = guarded();
    s.write("a.txt", "work\n");
    git(&s, "checkout -q a.txt");
    git(&s, "merge -q --ff-only other");
    let ran = undo(&s, &[]);
    assert!(ran.stderr.contains("a.txt: changed since"), "{ran:?}");
}
