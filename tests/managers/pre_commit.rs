//! pre-commit and prek: they put another's hook away as `pre-commit.legacy`, and run it first.

use super::*;

const BOTH: [&str; 2] = ["pre-commit", "prek"];

/// The repository with a configuration that needs no network.
fn configured() -> Scratch {
    let s = with_managers();
    configure(&s);
    s.git(["add", "."]);
    s.git(["commit", "-qm", "configuration"]);
    s
}

/// Writes the configuration: the check, on every text file.
pub fn configure(s: &Scratch) {
    let check = s.root().join("check");
    let text = format!(
        "repos:\n- repo: local\n  hooks:\n  - id: check\n    name: check\n    language: system\n    \
         entry: '{}'\n    files: \\.txt$\n    require_serial: true\n",
        check.display()
    );
    s.write(".pre-commit-config.yaml", text);
}

/// Installs and uninstalls: b and t for git-bak and the tool, B and T to take them out.
fn steps(s: &Scratch, tool: &str, steps: &str) {
    for step in steps.chars() {
        match step {
            'b' => drop(s.bak(["install"])),
            't' => drop(run(s, &format!("{tool} install"))),
            'B' => drop(s.bak(["uninstall"])),
            _ => drop(run(s, &format!("{tool} uninstall"))),
        }
    }
}

#[test]
#[ignore = "needs pre-commit and prek: .ci/run installs them"]
fn both_do_their_work_in_every_order_and_twice_is_as_once() {
    for tool in BOTH {
        for order in ["bt", "tb", "btb", "tbt", "bbtt", "ttbb", "btbt", "tbtb", "tbtbtb", "btBb"] {
            let s = configured();
            steps(&s, tool, order);
            assert_both_work(&s, &format!("{tool} {order}"));
        }
    }
}

#[test]
#[ignore = "needs pre-commit and prek: .ci/run installs them"]
fn a_formatter_comes_after_the_backup_and_unstaged_edits_survive_it() {
    for tool in BOTH {
        for order in ["bt", "tb"] {
            let s = configured();
            steps(&s, tool, order);
            s.write("b.txt", "unstaged\n");
            let ran = commit(&s, "bad\n");
            assert_ne!(ran.status, 0, "{tool} {order}: files were modified: {ran:#?}");
            assert_eq!(seen(&s), "bad\n", "{tool} {order}");
            assert_eq!(s.read("a.txt"), "good\n", "{tool} {order}");
            assert_eq!(s.read("b.txt"), "unstaged\n", "{tool} {order}");
            assert_eq!(s.backup_texts("a.txt"), ["bad\n"], "{tool} {order}");
            s.git(["add", "a.txt"]);
            s.git(["commit", "-qm", "formatted"]);
            assert_eq!(s.git(["show", "HEAD:a.txt"]).stdout, "good\n");
            assert!(s.all_backups().is_empty() && s.vault_has("a.txt", "bad\n"));
        }
    }
}

#[test]
#[ignore = "needs pre-commit and prek: .ci/run installs them"]
fn git_bak_taken_out_leaves_the_tool_which_then_leaves_nothing() {
    for tool in BOTH {
        for order in ["btB", "tbB", "tbtB", "btbB", "tbtbB", "bttB"] {
            let s = configured();
            steps(&s, tool, order);
            assert_manager_alone(&s, &format!("{tool} {order}"));
            assert_eq!(hooks(&s), ["pre-commit"], "{tool} {order}");
            steps(&s, tool, "T");
            assert_eq!(hooks(&s), [""; 0], "{tool} {order}T");
            steps(&s, tool, "bt");
            assert_both_work(&s, &format!("{tool} {order}Tbt"));
        }
    }
}

#[test]
#[ignore = "needs pre-commit and prek: .ci/run installs them"]
fn the_tool_taken_out_leaves_git_bak_which_then_leaves_nothing() {
    for tool in BOTH {
        for order in ["btT", "bttT", "bbtT", "btbT"] {
            let s = configured();
            steps(&s, tool, order);
            assert_git_bak_alone(&s, &format!("{tool} {order}"));
            steps(&s, tool, "B");
            assert_eq!(hooks(&s), [""; 0], "{tool} {order}B");
        }
    }
}

/// The tool leaves alone what is not its own: git-bak's hook, and the tool's that it runs.
#[test]
#[ignore = "needs pre-commit and prek: .ci/run installs them"]
fn a_tool_that_git_bak_runs_is_taken_out_after_git_bak() {
    for tool in BOTH {
        let s = configured();
        steps(&s, tool, "tbT");
        assert_both_work(&s, &format!("{tool} tbT"));
        steps(&s, tool, "BTb");
        assert_git_bak_alone(&s, &format!("{tool} tbTBTb"));
    }
}

#[test]
#[ignore = "needs pre-commit and prek: .ci/run installs them"]
fn a_hook_from_before_both_runs_once_and_is_back_in_the_end() {
    for tool in BOTH {
        for order in ["bt", "btb", "tb", "tbb"] {
            let s = configured();
            s.hook("pre-commit", "echo mine >>../mine");
            let before = s.read(".git/hooks/pre-commit");
            steps(&s, tool, order);
            assert_both_work(&s, &format!("{tool} {order}"));
            let mine = || std::fs::read_to_string(s.root().join("mine")).unwrap().lines().count();
            assert_eq!(mine(), 2, "{tool} {order}");
            steps(&s, tool, "B");
            assert_manager_alone(&s, &format!("{tool} {order}B"));
            assert_eq!(mine(), 4, "{tool} {order}B");
            steps(&s, tool, "T");
            assert_eq!(hooks(&s), ["pre-commit"], "{tool} {order}BT");
            assert_eq!(s.read(".git/hooks/pre-commit"), before, "{tool} {order}BT");
        }
    }
}

#[test]
#[ignore = "needs pre-commit and prek: .ci/run installs them"]
fn commits_are_protected_where_a_tool_threw_git_baks_hook_away() {
    for tool in BOTH {
        for order in ["bt", "tb"] {
            let s = configured();
            s.hook("pre-commit", "echo mine >>../mine");
            steps(&s, tool, order);
            run(&s, &format!("{tool} install -f"));
            let ran = commit(&s, "two\n");
            // Git asks the guard before that hook.
            assert_eq!((ran.status, backed_up(&ran)), (0, 1), "{tool} {order}: {ran:#?}");
            run(&s, "git bak install --force");
            assert_both_work(&s, &format!("{tool} {order}"));
        }
    }
}

#[test]
#[ignore = "needs pre-commit and prek: .ci/run installs them"]
fn every_hook_of_ours_may_have_one_of_the_tools_beside_it() {
    for tool in BOTH {
        for order in ["bt", "tb", "tbt", "btb"] {
            let s = configured();
            for step in order.chars() {
                match step {
                    'b' => steps(&s, tool, "b"),
                    _ => drop(run(
                        &s,
                        &format!("{tool} install -t pre-commit -t post-commit -t post-checkout"),
                    )),
                }
            }
            // The check has no stages of its own: it runs in all three.
            let ran = commit(&s, "two\n");
            assert_eq!((ran.status, backed_up(&ran)), (0, 1), "{tool} {order}: {ran:#?}");
            assert!(s.all_backups().is_empty(), "{tool} {order}: {ran:#?}");
            s.write("a.txt", "edited\n");
            s.bak(["snapshot"]);
            let ran = s.git(["checkout", "--", "a.txt"]);
            let named = ran.stderr.matches("a.txt: overwritten, but backed up before").count();
            assert_eq!(named, 1, "{tool} {order}: {ran:#?}");
            s.bak(["uninstall"]);
            run(&s, &format!("{tool} uninstall -t pre-commit -t post-commit -t post-checkout"));
            assert_eq!(hooks(&s), [""; 0], "{tool} {order}");
        }
    }
}

#[test]
#[ignore = "needs pre-commit and prek: .ci/run installs them"]
fn without_the_program_the_tool_still_runs_once() {
    for tool in BOTH {
        for order in ["bt", "tb", "tbt"] {
            let s = configured();
            let program = s.root().join("other/git-bak");
            std::fs::create_dir(s.root().join("other")).unwrap();
            std::fs::copy(crate::scratch::BAK, &program).unwrap();
            for step in order.chars() {
                let line = if step == 'b' { "../other/git-bak install" } else { "" };
                run(
                    &s,
                    if line.is_empty() { format!("{tool} install") } else { line.into() }.as_str(),
                );
            }
            std::fs::remove_file(program).unwrap();
            std::fs::remove_file(s.root().join("bin/git-bak")).unwrap();
            let ran = commit(&s, "two\n");
            assert_eq!((ran.status, times(&s)), (0, 1), "{tool} {order}: {ran:#?}");
            assert!(ran.stderr.contains("no backups were made"), "{tool} {order}: {ran:#?}");
        }
    }
}
