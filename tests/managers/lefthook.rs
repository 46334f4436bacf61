//! lefthook: it puts another's hook away as `pre-commit.old`, and doesn't run it.

use super::*;

/// The repository with the check in `lefthook.yml`.
fn configured() -> Scratch {
    let s = with_managers();
    let check = s.root().join("check");
    let text = format!(
        "pre-commit:\n  commands:\n    check:\n      run: '{}' {{staged_files}}\n      glob: '*.txt'\n",
        check.display()
    );
    s.write("lefthook.yml", text.replace("run: '", "run: ").replace("' {", " {"));
    s.git(["add", "."]);
    s.git(["commit", "-qm", "configuration"]);
    s
}

/// b and t for git-bak and lefthook, B and T to take them out.
fn steps(s: &Scratch, steps: &str) {
    for step in steps.chars() {
        match step {
            'b' => drop(s.bak(["install"])),
            't' => drop(run(s, "lefthook install")),
            'B' => drop(s.bak(["uninstall"])),
            _ => drop(run(s, "lefthook uninstall --keep-config || lefthook uninstall")),
        }
    }
}

#[test]
#[ignore = "needs lefthook: .ci/run installs it"]
fn both_do_their_work_when_git_bak_is_installed_last_however_often() {
    for order in ["tb", "btb", "tbtb", "ttbb", "btbtb", "tbtbtb", "btbBtb"] {
        let s = configured();
        steps(&s, order);
        assert_both_work(&s, order);
        assert!(!s.exists(".git/hooks/pre-commit.old"), "{order}");
    }
}

#[test]
#[ignore = "needs lefthook: .ci/run installs it"]
fn commits_are_protected_under_a_hook_that_lefthook_put_over_ours() {
    for order in ["bt", "tbt", "btt", "btbt"] {
        let s = configured();
        steps(&s, order);
        let ran = commit(&s, &format!("{order}\n"));
        // Git asks the guard before lefthook's hook.
        assert_eq!((ran.status, backed_up(&ran), times(&s)), (0, 1, 1), "{order}: {ran:#?}");
        steps(&s, "b");
        assert_both_work(&s, &format!("{order}b"));
    }
}

#[test]
#[ignore = "needs lefthook: .ci/run installs it"]
fn the_formatter_comes_after_the_backup_and_unstaged_edits_survive_it() {
    for order in ["tb", "btb"] {
        let s = configured();
        steps(&s, order);
        s.write("b.txt", "unstaged\n");
        let ran = commit(&s, "bad\n");
        assert_eq!(ran.status, 0, "{order}: {ran:#?}");
        assert_eq!(seen(&s), "bad\n", "{order}");
        assert_eq!((s.read("a.txt").as_str(), s.read("b.txt").as_str()), ("good\n", "unstaged\n"));
        assert!(s.vault_has("a.txt", "bad\n") && s.vault_has("b.txt", "unstaged\n"));
    }
}

#[test]
#[ignore = "needs lefthook: .ci/run installs it"]
fn either_taken_out_leaves_the_other_and_both_leave_nothing() {
    for order in ["tbB", "btB", "btbB", "tbtB", "tbtbB"] {
        let s = configured();
        steps(&s, order);
        assert_manager_alone(&s, order);
        assert_eq!(hooks(&s), ["pre-commit"], "{order}");
        steps(&s, "T");
        assert_eq!(hooks(&s), [""; 0], "{order}T");
    }
    for order in ["tbT", "btT", "btbT", "tbtbT"] {
        let s = configured();
        steps(&s, order);
        assert_git_bak_alone(&s, order);
        steps(&s, "B");
        assert_eq!(hooks(&s), [""; 0], "{order}B");
    }
}

#[test]
#[ignore = "needs lefthook: .ci/run installs it"]
fn a_hook_from_before_both_is_back_in_the_end() {
    let s = configured();
    s.hook("pre-commit", "echo mine >>../mine");
    let before = s.read(".git/hooks/pre-commit");
    steps(&s, "bt");
    steps(&s, "BT");
    assert_eq!(hooks(&s), ["pre-commit"]);
    assert_eq!(s.read(".git/hooks/pre-commit"), before);
}
