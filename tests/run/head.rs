//! HEAD that moves meanwhile: nothing is undone, and the printed commands undo all of it.

use super::*;

/// The commands that were printed, run as printed.
fn undo_as_printed(s: &Scratch, ran: &Ran) {
    let lines: Vec<&str> =
        ran.stderr.lines().filter_map(|line| line.strip_prefix("      ")).collect();
    assert!(lines.len() >= 2, "{ran:#?}");
    let all = lines.join(" && ");
    let undone = Ran::of(&s.command("sh").args(["-c", &all]).output().unwrap());
    assert_eq!(undone.status, 0, "{all}: {undone:#?}");
}

#[test]
fn commits_of_the_command_are_not_undone_but_can_be() {
    let commit = "git add -A; git commit -qm agent; ";
    let switch =
        "git stash -qu; git checkout -q -b elsewhere; git stash pop -q; git commit -qam there; ";
    let detach = "git checkout -q --detach; git commit -qam detached; ";
    for go in [commit, switch, detach] {
        let s = rich();
        let before = standing(&s, s.top());
        let head = s.git(["rev-parse", "HEAD"]).stdout;
        let ran = run(&s, &[], &format!("echo x >clean.txt; {go} echo y >>clean.txt; exit 5"));
        assert_eq!(ran.status, 5, "{ran:#?}");
        assert!(ran.stderr.contains("HEAD has moved"), "{ran:#?}");
        assert_eq!(s.read("clean.txt"), "x\ny\n");
        assert!(!s.bak(["status"]).stderr.contains("--abort"), "it is over");
        undo_as_printed(&s, &ran);
        assert_eq!(standing(&s, s.top()), before, "{go}");
        assert_eq!(s.git(["rev-parse", "HEAD"]).stdout, head);
        assert_eq!(s.git(["symbolic-ref", "HEAD"]).stdout, "refs/heads/main\n");
        assert!(s.vault_has("clean.txt", "x\ny\n"));
        assert_over(&s);
        let files = failures(&s)[0]["files"].to_string();
        assert!(files.contains("clean.txt"), "{files}");
    }
}

#[test]
fn the_first_commit_of_all_can_be_undone() {
    let s = Scratch::empty();
    s.bak(["install"]);
    s.write("a", "a\n");
    s.git(["add", "a"]);
    let before = standing(&s, s.top());
    let ran = run(&s, &["--test", "false"], "echo b >a; git commit -qam first");
    assert_eq!(ran.status, 1, "{ran:#?}");
    undo_as_printed(&s, &ran);
    assert_eq!(standing(&s, s.top()), before);
    assert_ne!(s.try_git(["rev-parse", "--verify", "-q", "HEAD"]).status, 0);
}

#[test]
fn an_abort_before_head_is_back_says_the_same_again() {
    let s = rich();
    run(&s, &[], "echo x >clean.txt; git commit -qm in clean.txt; false");
    let ran = s.try_bak(["run", "--abort"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert!(ran.stderr.contains("git reset --soft"), "{ran:#?}");
    assert_eq!(s.read("clean.txt"), "x\n");
    // The next run doesn't wait for it, and takes its place.
    assert_eq!(run(&s, &[], "true").status, 0);
    assert!(s.try_bak(["run", "--abort"]).stderr.contains("no unfinished"));
}

#[test]
fn the_hooks_work_inside_and_leave_the_run_s_backups_alone() {
    let s = rich();
    s.write("other.txt", "other\n");
    let line = "echo x >clean.txt; git add clean.txt; git commit -qm agent -- clean.txt || exit 8; \
                ls edited.txt.bak.* || exit 9";
    let ran = run(&s, &[], line);
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert!(s.backups("clean.txt").is_empty(), "what the commit made is cleaned up");
    assert_eq!(s.backup_texts("edited.txt"), ["edited more\n"]);
}
