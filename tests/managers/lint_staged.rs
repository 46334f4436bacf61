//! lint-staged: it has no hook of its own, and is run by one that people write, or by husky's.

use super::*;

/// Has it run the check on the text files that are staged.
pub fn configure(s: &Scratch) {
    let config = format!("{{\"*.txt\": \"{}\"}}\n", s.root().join("check").display());
    s.write(".lintstagedrc.json", config);
    s.git(["add", "."]);
    s.git(["commit", "-qm", "configuration"]);
}

fn configured(git_bak_first: bool) -> Scratch {
    let s = with_managers();
    configure(&s);
    if git_bak_first {
        s.bak(["install"]);
    }
    s.hook("pre-commit", "exec lint-staged --quiet");
    s.bak(["install"]);
    s
}

#[test]
#[ignore = "needs lint-staged: .ci/run installs it"]
fn both_do_their_work_in_both_orders() {
    for git_bak_first in [true, false] {
        let s = configured(git_bak_first);
        assert_both_work(&s, &format!("git-bak first: {git_bak_first}"));
        s.bak(["uninstall"]);
        assert_manager_alone(&s, &format!("git-bak first: {git_bak_first}"));
    }
}

#[test]
#[ignore = "needs lint-staged: .ci/run installs it"]
fn its_formatter_comes_after_the_backup_and_what_is_not_staged_survives_it() {
    for git_bak_first in [true, false] {
        let s = configured(git_bak_first);
        s.write("a.txt", "bad\nbad\n1\n2\n3\n4\n");
        s.git(["add", "a.txt"]);
        s.write("a.txt", "bad\nbad\n1\n2\n3\n4\nunstaged\n");
        s.write("b.txt", "unstaged\n");
        let ran = s.git(["commit", "-qm", "partly"]);
        assert!(!ran.stderr.contains("gone"), "{ran:#?}");
        let at_first = "bad\nbad\n1\n2\n3\n4\n";
        assert!(seen(&s).contains(at_first), "{ran:#?}");
        assert_eq!(s.git(["show", "HEAD:a.txt"]).stdout, at_first.replace("bad", "good"));
        assert_eq!(s.read("a.txt"), at_first.replace("bad", "good") + "unstaged\n");
        assert_eq!(s.read("b.txt"), "unstaged\n");
        assert!(s.all_backups().is_empty());
        assert!(s.vault_has("a.txt", at_first));
        assert_eq!(s.git(["stash", "list"]).stdout, "");
    }
}

#[test]
#[ignore = "needs lint-staged and husky: .ci/run installs them"]
fn under_husky_the_line_before_it_does_the_work() {
    let s = with_managers();
    configure(&s);
    run(&s, "husky");
    let install = s.try_bak(["install", "--hooks", "pre-commit"]).stderr;
    let line = install.split_once("this as its second: ").unwrap().1.lines().next().unwrap();
    s.write(".husky/pre-commit", format!("#!/bin/sh\n{line}\nlint-staged --quiet\n"));
    let ran = commit(&s, "bad\n");
    assert_eq!((ran.status, backed_up(&ran)), (0, 1), "{ran:#?}");
    assert_eq!((seen(&s).as_str(), s.read("a.txt").as_str()), ("bad\n", "good\n"));
}
