//! husky 9: it points `core.hooksPath` at `.husky/_`, whose hooks find by their own name the ones in
//! `.husky` that people write.

use std::fs;

use super::*;

/// husky set up, with the check as people write it.
fn husky(s: &Scratch) {
    run(s, "husky");
    s.write(".husky/pre-commit", "../check $(git diff --cached --name-only -- '*.txt')\n");
}

/// Does what `install` printed, as printed.
fn add_the_lines(install: &Ran) {
    let mut added = 0;
    for line in install.stderr.lines() {
        let Some((file, add)) = line.split_once(" in a folder that git-bak doesn't write to: ")
        else {
            continue;
        };
        let file = file.split_whitespace().find(|word| word.contains("/.husky/")).unwrap();
        let (how, line) = add.split_once(": ").unwrap();
        let text = fs::read_to_string(file).unwrap_or_default();
        let text = match how {
            "add this as its first line" => format!("{line}\n{text}"),
            "add this as its second line" => text.replacen('\n', &format!("\n{line}\n"), 1),
            how => {
                assert!(how.starts_with("make it, executable, with #!/bin/sh"), "{how}");
                format!("#!/bin/sh\n{line}\n")
            }
        };
        fs::write(file, text).unwrap();
        added += 1;
    }
    assert_eq!(added, 3, "{install:#?}");
    assert!(
        install.stderr.contains("post-index-change: husky doesn't run this hook"),
        "{install:#?}"
    );
}

#[test]
#[ignore = "needs husky: .ci/run installs it"]
fn the_lines_that_are_printed_work_in_both_orders_however_often() {
    for git_bak_first in [true, false] {
        let how = &format!("git-bak first: {git_bak_first}");
        let s = with_managers();
        if git_bak_first {
            s.bak(["install"]);
        }
        husky(&s);
        let install = s.try_bak(["install"]);
        assert_eq!(install.status, 1, "{install:#?}");
        add_the_lines(&install);
        assert_both_work(&s, how);
        run(&s, "husky");
        let again = s.bak(["install"]).stderr;
        assert!(again.contains("already installed: pre-commit, post-commit"), "{again}");
        assert_both_work(&s, how);
    }
}

#[test]
#[ignore = "needs husky: .ci/run installs it"]
fn the_line_stands_before_a_formatter_whatever_the_hook_begins_with() {
    for first in ["", "#!/bin/sh\n", "#!/usr/bin/env sh\n# ours\n"] {
        let s = with_managers();
        husky(&s);
        let hook = first.to_owned() + &s.read(".husky/pre-commit");
        s.write(".husky/pre-commit", hook);
        add_the_lines(&s.try_bak(["install"]));
        s.write("b.txt", "unstaged\n");
        let ran = commit(&s, "bad\n");
        assert_eq!(ran.status, 0, "{first}: {ran:#?}");
        assert_eq!(seen(&s), "bad\n", "{first}");
        assert!(s.vault_has("a.txt", "bad\n") && s.vault_has("b.txt", "unstaged\n"));
    }
}

#[test]
#[ignore = "needs husky: .ci/run installs it"]
fn where_git_bak_is_missing_the_lines_do_nothing() {
    let s = with_managers();
    husky(&s);
    add_the_lines(&s.try_bak(["install"]));
    // What is not in husky's files goes.
    s.try_bak(["uninstall"]);
    let file = s.top().join(".husky/pre-commit");
    let text = fs::read_to_string(&file).unwrap().replace(crate::scratch::BAK, "/nowhere/git-bak");
    fs::write(file, text).unwrap();
    assert_manager_alone(&s, "missing");
}

#[test]
#[ignore = "needs husky: .ci/run installs it"]
fn either_taken_out_leaves_the_other() {
    let s = with_managers();
    s.bak(["install"]);
    husky(&s);
    let plain = s.read(".husky/pre-commit");
    add_the_lines(&s.try_bak(["install"]));
    // husky is taken out: Git runs the hooks in .git/hooks again.
    s.git(["config", "--unset", "core.hooksPath"]);
    assert_git_bak_alone(&s, "without husky");
    run(&s, "husky");
    // git-bak is taken out: what stands in people's own files they take out themselves.
    let gone = s.try_bak(["uninstall"]);
    assert_eq!(gone.status, 1, "{gone:#?}");
    assert!(gone.stderr.contains("/.husky/pre-commit runs git-bak by a line in it"), "{gone:#?}");
    assert_eq!(hooks(&s), [""; 0]);
    s.write(".husky/pre-commit", plain);
    fs::remove_file(s.top().join(".husky/post-commit")).unwrap();
    fs::remove_file(s.top().join(".husky/post-checkout")).unwrap();
    assert_manager_alone(&s, "without git-bak");
    s.bak(["uninstall"]);
}

#[test]
#[ignore = "needs husky: .ci/run installs it"]
fn a_generated_hook_in_a_folder_of_ours_is_not_chained_and_the_line_works() {
    let s = with_managers();
    // In the Git directory git-bak would write its own hooks; husky's there can't be renamed.
    run(&s, "husky .git/husky");
    fs::write(s.top().join(".git/husky/pre-commit"), "../check a.txt\n").unwrap();
    let install = s.try_bak(["install", "--hooks", "pre-commit"]);
    assert_eq!(install.status, 1, "{install:#?}");
    let (file, rest) = install.stderr.split_once(" depends on its own file name").unwrap();
    let line = rest.split_once("add this as its second line: ").unwrap().1.lines().next().unwrap();
    let file = file.split_whitespace().last().unwrap();
    let text = fs::read_to_string(file).unwrap();
    assert_eq!(text.lines().count(), 2, "{text}");
    fs::write(file, text.replacen('\n', &format!("\n{line}\n"), 1)).unwrap();
    let ran = commit(&s, "two\n");
    assert_eq!((ran.status, backed_up(&ran), times(&s)), (0, 1, 1), "{ran:#?}");
    assert_eq!(seen(&s), "two\n");
    let again = s.bak(["install", "--hooks", "pre-commit"]).stderr;
    assert!(again.contains("already installed: pre-commit"), "{again}");
}
