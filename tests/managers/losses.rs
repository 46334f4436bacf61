//! The losses that managers which put unstaged edits away are known for: what names them, and that what
//! is printed brings every byte back.

use super::*;

const EDITED: &[u8] = b"edited\r\n\0\xff, and no newline";

/// `a.txt` staged, `b.txt` (for lint-staged: `a.txt` as well) with edits that are not.
fn edited(tool: &str, git_bak_first: bool) -> Scratch {
    let s = with_managers();
    if tool == "lint-staged" {
        lint_staged::configure(&s);
    } else {
        pre_commit::configure(&s);
        s.git(["add", "."]);
        s.git(["commit", "-qm", "configuration"]);
    }
    if git_bak_first {
        s.bak(["install"]);
    }
    if tool == "lint-staged" {
        s.hook("pre-commit", "exec lint-staged --quiet");
    } else {
        run(&s, &format!("{tool} install"));
    }
    s.bak(["install"]);
    s
}

/// The file whose unstaged edits the tool puts away while it runs.
fn victim(tool: &str) -> &'static str {
    // lint-staged hides edits only of files that are partly staged.
    if tool == "lint-staged" { "a.txt" } else { "b.txt" }
}

/// Commits `a.txt` while the victim has edits; `then` is what the check does in the middle.
fn commit_in_which(s: &Scratch, tool: &str, then: &str) -> Ran {
    std::fs::write(s.root().join("then"), then).unwrap();
    s.write("a.txt", "two\n");
    s.git(["add", "a.txt"]);
    s.write(victim(tool), EDITED);
    let mut command = s.command("git");
    command.args(["commit", "-qm", "interrupted"]).process_group(0);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let ran = Ran::of(&command.spawn().unwrap().wait_with_output().unwrap());
    std::fs::remove_file(s.root().join("then")).unwrap();
    ran
}

fn bytes(s: &Scratch, path: &str) -> Vec<u8> {
    std::fs::read(s.top().join(path)).unwrap()
}

fn each(test: impl Fn(&Scratch, &str)) {
    for tool in ["pre-commit", "prek", "lint-staged"] {
        for git_bak_first in [true, false] {
            test(&edited(tool, git_bak_first), tool);
        }
    }
}

#[test]
#[ignore = "needs pre-commit, prek and lint-staged: .ci/run installs them"]
fn a_commit_killed_in_the_middle_is_named_by_status_which_brings_the_edits_back() {
    each(|s, tool| {
        let ran = commit_in_which(s, tool, "kill -KILL 0");
        assert_eq!(ran.status, -1, "{tool}: killed: {ran:#?}");
        assert_ne!(bytes(s, victim(tool)), EDITED, "{tool}: the edits were put away: {ran:#?}");
        let status = s.bak(["status"]).stdout;
        assert!(status.contains("its unstaged edits are gone"), "{tool}: {status}");
        run_printed(s, &status, victim(tool));
        assert_eq!(bytes(s, victim(tool)), EDITED, "{tool}");
        let status = s.bak(["status"]).stdout;
        assert!(!status.contains("gone"), "{tool}: {status}");
    });
}

#[test]
#[ignore = "needs pre-commit, prek and lint-staged: .ci/run installs them"]
fn a_commit_killed_in_the_middle_is_named_by_the_next_commit() {
    each(|s, tool| {
        commit_in_which(s, tool, "kill -KILL 0");
        let _ = std::fs::remove_file(s.top().join(".git/index.lock"));
        let next = s.git(["commit", "-qm", "next"]);
        run_printed(s, &next.stderr, victim(tool));
        assert_eq!(bytes(s, victim(tool)), EDITED, "{tool}");
    });
}

#[test]
#[ignore = "needs pre-commit, prek and lint-staged: .ci/run installs them"]
fn a_tool_that_is_killed_alone_is_named() {
    each(|s, tool| {
        let ran = commit_in_which(s, tool, "kill -KILL $PPID");
        assert_ne!(ran.status, 0, "{tool}: {ran:#?}");
        assert_ne!(bytes(s, victim(tool)), EDITED, "{tool}: {ran:#?}");
        let named = ran.stderr + &s.bak(["status"]).stdout;
        run_printed(s, &named, victim(tool));
        assert_eq!(bytes(s, victim(tool)), EDITED, "{tool}");
    });
}

#[test]
#[ignore = "needs pre-commit, prek and lint-staged: .ci/run installs them"]
fn after_ctrl_c_the_tools_bring_the_edits_back_and_nothing_is_called_gone() {
    each(|s, tool| {
        let ran = commit_in_which(s, tool, "kill -INT 0; sleep 1");
        assert_ne!(ran.status, 0, "{tool}: {ran:#?}");
        assert_eq!(bytes(s, victim(tool)), EDITED, "{tool}: {ran:#?}");
        let status = s.bak(["status"]).stdout;
        assert!(status.contains("failed") && !status.contains("gone"), "{tool}: {status}");
        assert!(s.vault_has("a.txt", "two\n"), "{tool}");
    });
}

#[test]
#[ignore = "needs pre-commit, prek and lint-staged: .ci/run installs them"]
fn a_stash_that_is_dropped_in_the_middle_is_named() {
    each(|s, tool| {
        // What was put away is gone before it is brought back, and the file changed meanwhile.
        let drop = "git stash drop -q; rm -rf .git/lint-staged_unstaged.patch \
                    \"$HOME\"/.cache/pre-commit/patch* \"$HOME\"/.cache/prek/patches; true";
        let ran = commit_in_which(s, tool, drop);
        assert_ne!(bytes(s, victim(tool)), EDITED, "{tool}: {ran:#?}");
        run_printed(s, &(ran.stderr + &s.bak(["status"]).stdout), victim(tool));
        assert_eq!(bytes(s, victim(tool)), EDITED, "{tool}");
    });
}

#[test]
#[ignore = "needs pre-commit, prek and lint-staged: .ci/run installs them"]
fn a_destructive_check_under_commit_all_is_named_and_undone() {
    each(|s, tool| {
        let then = "git checkout -q HEAD -- . && git reset -q --hard";
        std::fs::write(s.root().join("then"), then).unwrap();
        s.write("a.txt", EDITED);
        s.write("b.txt", EDITED);
        let ran = s.try_git(["commit", "-qam", "all"]);
        std::fs::remove_file(s.root().join("then")).unwrap();
        for file in ["a.txt", "b.txt"] {
            assert_eq!(s.read(file), "one\n", "{tool}: {ran:#?}");
            run_printed(s, &ran.stderr, file);
            assert_eq!(bytes(s, file), EDITED, "{tool}: {ran:#?}");
        }
    });
}
