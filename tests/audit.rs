//! Edits that are dropped while git-bak has a backup of them: which command names them, and that the printed
//! command brings every byte back.

use crate::pair::{left, ours};
use crate::scratch::{Ran, Scratch};

/// A repository with `a.txt` staged as "two\n" and unstaged edits of two more tracked files: one is no
/// text, the other has a name that a shell must have quoted.
fn edited() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("b.bin", "old");
    scratch.write(ODD, "old\n");
    scratch.git(["add", "."]);
    scratch.git(["commit", "-qm", "more files"]);
    scratch.write("a.txt", "two\n");
    scratch.git(["add", "a.txt"]);
    scratch.write("b.bin", BINARY);
    scratch.write(ODD, "edited, no newline");
    scratch
}

/// Windows has no names with such quotes.
const ODD: &str =
    if cfg!(windows) { "sub/it's 'odd' $HOME.txt" } else { "sub/it's \"odd\" $HOME.txt" };
const BINARY: &[u8] = b"\0\xff\r\n\r\0edited\xfe";

fn bytes(scratch: &Scratch, path: &str) -> Vec<u8> {
    std::fs::read(scratch.top().join(path)).unwrap_or_default()
}

/// The lines of ours that speak of lost edits.
fn alarms(ran: &Ran) -> Vec<&str> {
    ours(ran).into_iter().filter(|line| line.contains("git bak restore -- ")).collect()
}

/// Runs the command at the end of a line as it stands there, in a shell.
fn run_printed(scratch: &Scratch, line: &str) {
    let at = line.find("git bak ").unwrap();
    let run = || {
        let output = scratch.command("sh").arg("-c").arg(&line[at..]).output().unwrap();
        Ran::of(&output)
    };
    let mut ran = run();
    if ran.stderr.contains("nothing to restore: it is in stash@{0}: git stash pop") {
        // What that doesn't bring back is lost from then on.
        scratch.git(["stash", "pop", "-q"]);
        ran = run();
    }
    ran.expect_success();
}

/// Both files are named, once each, and their commands bring them back.
fn assert_named_and_brought_back(scratch: &Scratch, ran: &Ran, by: &str) {
    assert_ne!(bytes(scratch, "b.bin"), BINARY, "{by} did not drop it");
    let lines = alarms(ran);
    assert_eq!(lines.len(), 2, "{by}: {ran:#?}");
    assert!(lines[0].contains("b.bin: its unstaged edits are gone"), "{by}: {ran:#?}");
    for line in lines {
        run_printed(scratch, line);
    }
    assert_eq!(bytes(scratch, "b.bin"), BINARY, "{by}");
    assert_eq!(scratch.read(ODD), "edited, no newline", "{by}");
}

const DROPPING: [&str; 7] = [
    "git checkout -q -- .",
    "git restore .",
    "git stash push -q --keep-index",
    "git checkout-index -qfa",
    "rm b.bin && rm -r sub",
    "git show :b.bin >b.bin; git checkout -q -- sub",
    "git checkout -q HEAD -- b.bin sub",
];

#[test]
fn edits_that_a_pre_commit_hook_drops_are_named_and_can_be_brought_back() {
    for by in DROPPING {
        let scratch = edited();
        scratch.hook("pre-commit", by);
        let ran = scratch.git(["commit", "-qm", "second"]);
        assert_named_and_brought_back(&scratch, &ran, by);
        assert_eq!(scratch.git(["show", "HEAD:a.txt"]).stdout, "two\n");
    }
}

#[test]
fn edits_that_are_dropped_before_a_hook_says_no_are_named_too() {
    for by in DROPPING {
        let scratch = edited();
        scratch.hook("pre-commit", &format!("{by}\nexit 1"));
        let ran = scratch.try_git(["commit", "-qm", "second"]);
        assert_eq!(ran.status, 1);
        assert_named_and_brought_back(&scratch, &ran, by);
    }
}

#[test]
fn edits_that_a_later_hook_drops_are_named_after_the_commit() {
    for hook in ["prepare-commit-msg", "commit-msg"] {
        let scratch = edited();
        scratch.hook(hook, "git checkout-index -qfa");
        let ran = scratch.git(["commit", "-qm", "second"]);
        assert_named_and_brought_back(&scratch, &ran, hook);
        assert_eq!(scratch.git(["log", "-1", "--format=%s"]).stdout, "second\n");
    }
}

#[test]
fn edits_on_top_of_what_is_staged_can_be_brought_back() {
    for by in ["git checkout -q -- a.txt", "git checkout -q HEAD -- a.txt", "rm a.txt"] {
        let scratch = Scratch::new();
        scratch.write("a.txt", "two\n");
        scratch.git(["add", "a.txt"]);
        scratch.write("a.txt", "three\n");
        scratch.hook("pre-commit", by);
        let ran = scratch.try_git(["commit", "-qm", "second"]);
        let lines = alarms(&ran);
        assert_eq!(lines.len(), 1, "{by}: {ran:#?}");
        run_printed(&scratch, lines[0]);
        assert_eq!(scratch.read("a.txt"), "three\n", "{by}");
    }
}

#[test]
fn edits_of_a_new_file_that_git_only_intends_to_add_are_named() {
    let scratch = edited();
    scratch.write("new.txt", "never staged\n");
    scratch.git(["add", "-N", "new.txt"]);
    scratch.hook("pre-commit", "rm new.txt");
    let ran = scratch.git(["commit", "-qm", "second"]);
    let lines = alarms(&ran);
    assert_eq!(lines.len(), 1, "{ran:#?}");
    run_printed(&scratch, lines[0]);
    assert_eq!(scratch.read("new.txt"), "never staged\n");
}

#[test]
fn edits_that_come_back_equal_through_a_filter_are_gone_all_the_same() {
    let scratch = Scratch::new();
    scratch.write(".gitattributes", "*.txt text eol=crlf\n");
    scratch.write("crlf.txt", "one\r\n");
    scratch.git(["add", "."]);
    scratch.git(["commit", "-qm", "crlf"]);
    scratch.write("crlf.txt", "edited\r\n");
    scratch.hook("pre-commit", "git checkout-index -qf crlf.txt");
    let ran = scratch.git(["commit", "-qm", "nothing", "--allow-empty"]);
    assert_eq!(scratch.read("crlf.txt"), "one\r\n");
    let lines = alarms(&ran);
    assert_eq!(lines.len(), 1, "{ran:#?}");
    run_printed(&scratch, lines[0]);
    assert_eq!(scratch.read("crlf.txt"), "edited\r\n");
}

#[cfg(unix)]
#[test]
fn a_file_that_was_removed_comes_back_with_its_mode() {
    use std::os::unix::fs::PermissionsExt;
    for mode in [0o600, 0o755, 0o640] {
        let scratch = edited();
        let file = scratch.top().join("b.bin");
        std::fs::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
        scratch.hook("commit-msg", "rm b.bin");
        let ran = scratch.git(["commit", "-qm", "second"]);
        run_printed(&scratch, alarms(&ran)[0]);
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, mode);
    }
}

#[test]
fn many_lost_files_are_a_few_lines_and_a_count() {
    let scratch = Scratch::new();
    let files: Vec<String> = (0..8).map(|n| format!("{n}.txt")).collect();
    files.iter().for_each(|file| scratch.write(file, "old\n"));
    scratch.git(["add", "."]);
    scratch.git(["commit", "-qm", "eight"]);
    files.iter().for_each(|file| scratch.write(file, format!("edited {file}\n")));
    scratch.hook("pre-commit", "git checkout-index -qfa");
    let ran = scratch.git(["commit", "-qm", "nothing", "--allow-empty"]);
    assert_eq!(alarms(&ran).len(), 5, "{ran:#?}");
    assert!(ran.stderr.contains("and 3 more files lost unstaged edits"), "{ran:#?}");
    assert!(files.iter().all(|file| scratch.vault_has(file, &format!("edited {file}\n"))));
}

#[test]
fn a_formatter_that_rewrites_staged_files_sets_off_no_alarm() {
    for by in ["echo formatted >a.txt", "echo formatted >a.txt; git add a.txt", "touch a.txt b.bin"]
    {
        let scratch = edited();
        scratch.hook("pre-commit", by);
        let ran = scratch.git(["commit", "-qm", "second"]);
        assert!(alarms(&ran).is_empty(), "{by}: {ran:#?}");
        assert!(!ran.stderr.contains("changed"), "{by}: {ran:#?}");
        assert_eq!(bytes(&scratch, "b.bin"), BINARY);
    }
}

#[test]
fn a_formatter_that_rewrites_edited_files_is_told_of_in_detail_only() {
    let scratch = edited();
    scratch.hook("pre-commit", "printf formatted >b.bin");
    let ran = scratch.git(["commit", "-qm", "second"]);
    assert!(alarms(&ran).is_empty() && !ran.stderr.contains("changed"), "{ran:#?}");
    scratch.write("b.bin", BINARY);
    let args = ["-c", "bak.verbosity=verbose", "commit", "-qm", "third", "--allow-empty"];
    let ran = scratch.git(args);
    assert!(alarms(&ran).is_empty(), "{ran:#?}");
    assert!(ran.stderr.contains("b.bin: changed during the commit"), "{ran:#?}");
}

/// What hook managers do around the user's checks: put edits away, and bring them back.
const PUT_AWAY: [&str; 3] = [
    "git stash push -q --keep-index && git stash pop -q",
    "git diff --binary >../edits && git checkout -q -- . && git apply --whitespace=nowarn ../edits",
    "git diff --binary >../edits && git restore . && git apply --whitespace=nowarn ../edits",
];

#[test]
fn a_hook_manager_that_puts_edits_away_and_brings_them_back_sets_off_no_alarm() {
    for by in PUT_AWAY {
        let scratch = edited();
        scratch.hook("pre-commit", by);
        let ran = scratch.git(["commit", "-qm", "second"]);
        assert_eq!(bytes(&scratch, "b.bin"), BINARY, "{by}: {ran:#?}");
        assert!(alarms(&ran).is_empty(), "{by}: {ran:#?}");
    }
}

#[test]
fn a_commit_of_a_person_who_goes_on_typing_sets_off_no_alarm() {
    let scratch = edited();
    scratch.hook("commit-msg", "echo more >>b.bin");
    let ran = scratch.git(["commit", "-qm", "second"]);
    assert!(alarms(&ran).is_empty(), "{ran:#?}");
}

#[test]
fn edits_that_the_commit_itself_takes_are_not_gone() {
    for args in [vec!["commit", "-qam", "all"], vec!["commit", "-qm", "one", "-i", "b.bin"]] {
        let scratch = edited();
        let ran = scratch.git(args);
        assert!(alarms(&ran).is_empty(), "{ran:#?}");
    }
}

/// A failed commit has left backups of `a.txt` (staged) and of the edits of `b.bin`.
fn failed() -> Scratch {
    let scratch = edited();
    scratch.hook("commit-msg", "exit 1");
    scratch.try_git(["commit", "-qm", "fails"]);
    std::fs::remove_file(scratch.top().join(".git/hooks/commit-msg")).unwrap();
    scratch
}

#[test]
fn a_checkout_that_overwrites_edits_says_how_to_get_them_back() {
    let commands: [&[&str]; 5] = [
        &["checkout", "-q", "."],
        &["checkout", "-q", "HEAD", "--", "b.bin", "sub"],
        &["restore", "."],
        &["restore", "--source=HEAD", "--staged", "--worktree", "b.bin", "sub"],
        &["restore", "--source=HEAD", "b.bin", "sub"],
    ];
    for args in commands {
        let scratch = failed();
        let ran = scratch.git(args);
        let lines = alarms(&ran);
        assert_eq!(lines.len(), 2, "{args:?}: {ran:#?}");
        assert!(lines[0].contains("b.bin: overwritten"), "{args:?}: {ran:#?}");
        for line in lines {
            run_printed(&scratch, line);
        }
        assert_eq!(bytes(&scratch, "b.bin"), BINARY, "{args:?}");
        assert_eq!(scratch.read(ODD), "edited, no newline", "{args:?}");
    }
}

#[test]
fn a_checkout_of_what_is_staged_says_how_to_get_it_back() {
    for args in
        [["checkout", "-q", "HEAD", "--", "a.txt"], ["restore", "-SW", "-s", "HEAD", "a.txt"]]
    {
        let scratch = failed();
        let ran = scratch.git(args);
        let lines = alarms(&ran);
        assert_eq!(lines.len(), 1, "{args:?}: {ran:#?}");
        run_printed(&scratch, lines[0]);
        assert_eq!(scratch.read("a.txt"), "two\n", "{args:?}");
    }
}

#[test]
fn a_checkout_that_overwrites_nothing_says_nothing() {
    let scratch = failed();
    scratch.git(["commit", "-qam", "all of it"]);
    let commands: [&[&str]; 4] = [
        &["checkout", "-q", "."],
        &["restore", "."],
        &["checkout", "-q", "HEAD~1", "--", "a.txt"],
        &["restore", "--source=HEAD", "a.txt"],
    ];
    for args in commands {
        let ran = scratch.git(args);
        assert!(ours(&ran).is_empty(), "{args:?}: {ran:#?}");
    }
}

#[test]
fn an_ordinary_switch_says_nothing_and_takes_nothing_away() {
    let scratch = failed();
    scratch.git(["branch", "other"]);
    for args in [["switch", "-q", "other"], ["checkout", "-q", "main"]] {
        let ran = scratch.git(args);
        assert!(ours(&ran).is_empty(), "{ran:#?}");
    }
    scratch.git(["checkout", "-qb", "new"]);
    assert_eq!(scratch.backup_texts("a.txt"), ["two\n"]);
    assert_eq!(scratch.backups("b.bin").len(), 1);
}

#[test]
fn a_switch_retires_backups_whose_file_is_gone() {
    let scratch = Scratch::new();
    scratch.git(["checkout", "-qb", "other"]);
    scratch.write("deep/er/only.txt", "here\n");
    scratch.git(["add", "."]);
    scratch.git(["commit", "-qm", "only here"]);
    scratch.write("deep/er/only.txt", "edited\n");
    scratch.write("a.txt", "edited\n");
    scratch.bak(["snapshot"]);
    scratch.git(["checkout", "-q", "--", "deep"]);
    let ran = scratch.git(["-c", "bak.verbosity=verbose", "checkout", "-q", "main"]);
    assert!(ran.stderr.contains("retired: deep/er/only.txt.bak."), "{ran:#?}");
    assert_eq!(left(&scratch.root()).len(), 1, "that of a.txt");
    assert_eq!(scratch.backup_texts("a.txt"), ["edited\n"]);
    assert!(scratch.vault_has("deep/er/only.txt", "edited\n"));
    scratch.git(["checkout", "-q", "other"]);
    scratch.git(["bak", "restore", "--yes", "deep/er/only.txt"]);
    assert_eq!(scratch.read("deep/er/only.txt"), "edited\n");
}

#[test]
fn a_switch_leaves_no_folder_behind_that_git_would_have_removed() {
    let scratch = Scratch::new();
    scratch.git(["checkout", "-qb", "other"]);
    scratch.write("deep/er/only.txt", "here\n");
    scratch.git(["add", "."]);
    scratch.git(["commit", "-qm", "only here"]);
    scratch.write("deep/er/only.txt", "edited\n");
    scratch.bak(["snapshot"]);
    scratch.git(["checkout", "-q", "--", "deep"]);
    scratch.git(["checkout", "-q", "main"]);
    assert!(!scratch.exists("deep"), "only backups kept it alive");
}

/// Hooks that throw the index of `commit -a` away, with the only version there was.
const EMPTYING: [&str; 4] = [
    "git reset -q --hard",
    "git stash push -q",
    "git checkout -q HEAD -- .",
    "git read-tree -u --reset HEAD",
];

#[test]
fn what_was_to_be_committed_and_a_hook_threw_away_is_named_and_brought_back() {
    let edits = ": its unstaged edits are gone: ";
    let staged = ": its staged content is gone, and was not committed: ";
    for body in EMPTYING {
        for (form, says, named) in [
            (&["commit", "-qam", "x"][..], 0, edits),
            (&["commit", "-qam", "x"], 1, edits),
            (&["commit", "-qm", "x", "b.bin"], 0, edits),
            (&["commit", "-qm", "x", "b.bin"], 1, edits),
            (&["commit", "-qm", "x"], 1, staged),
        ] {
            let scratch = edited();
            scratch.git(["commit", "-qm", "a.txt"]);
            if named == staged {
                scratch.git(["add", "b.bin"]);
            }
            scratch.hook("pre-commit", &format!("{body}; exit {says}"));
            let ran = scratch.try_git(form);
            assert_eq!(ran.status, says, "{body}: {ran:#?}");
            assert_ne!(bytes(&scratch, "b.bin"), BINARY, "{body} threw nothing away");
            let lines = ours(&ran);
            let named: Vec<_> =
                lines.iter().filter(|line| line.contains(&format!("b.bin{named}"))).collect();
            assert_eq!(named.len(), 1, "{body} {form:?}: {ran:#?}");
            run_printed(&scratch, named[0]);
            assert_eq!(bytes(&scratch, "b.bin"), BINARY, "{body}");
        }
    }
}

#[test]
fn what_a_hook_only_takes_out_of_the_commit_is_not_called_gone() {
    let scratch = edited();
    scratch.hook("pre-commit", "git reset -q -- b.bin; git checkout-index -qf a.txt");
    let ran = scratch.git(["commit", "-qam", "x"]);
    assert_eq!(bytes(&scratch, "b.bin"), BINARY);
    assert!(!ran.stderr.contains("gone"), "{ran:#?}");
    // The index still has it.
    scratch.git(["add", "b.bin"]);
    scratch.hook("pre-commit", "git show HEAD:b.bin >b.bin; exit 1");
    let ran = scratch.try_git(["commit", "-qm", "x"]);
    assert_eq!(bytes(&scratch, "b.bin"), b"old");
    assert!(!ran.stderr.contains("gone"), "{ran:#?}");
}

#[cfg(unix)]
#[test]
fn edits_that_went_with_a_killed_commit_are_named_by_status_and_by_the_next_commit() {
    for next in [&["commit", "-qm", "x"][..], &["commit", "-qnm", "x"]] {
        let scratch = edited();
        let body = "git checkout -q -- .; kill -KILL $PPID; kill -KILL $(ps -o ppid= $PPID)";
        scratch.hook("pre-commit", body);
        let killed = scratch.try_git(["commit", "-qm", "killed"]);
        assert_ne!(killed.status, 0);
        let status = scratch.bak(["status"]).stdout;
        assert!(status.contains("b.bin: its unstaged edits are gone: git bak restore"), "{status}");
        scratch.hook("pre-commit", "");
        let ran = scratch.git(next);
        assert_named_and_brought_back(&scratch, &ran, "a killed commit");
        assert!(!scratch.bak(["status"]).stdout.contains("gone"));
    }
}

#[test]
fn edits_that_a_later_commit_took_are_not_gone_for_an_attempt_that_failed() {
    for step in ["GIT_EDITOR=false", "exit 1"] {
        for later in [&["commit", "-qam", "all"][..], &["add", "b.bin"]] {
            let mut scratch = edited();
            if step == "exit 1" {
                scratch.hook("commit-msg", step);
            }
            scratch.set_env("GIT_EDITOR", "false");
            assert_ne!(scratch.try_git(["commit", "-q"]).status, 0);
            let _ = std::fs::remove_file(scratch.top().join(".git/hooks/commit-msg"));
            scratch.write("b.bin", "goes on");
            let ran = scratch.git(later);
            assert!(alarms(&ran).is_empty(), "{step}: {ran:#?}");
            let status = scratch.bak(["status"]);
            assert!(!status.stdout.contains("gone"), "{step}: {status:#?}");
            let ran = scratch.git(["commit", "-qm", "the rest", "--allow-empty"]);
            assert!(alarms(&ran).is_empty(), "{step}: {ran:#?}");
        }
    }
}

#[test]
fn a_formatter_that_stages_edits_with_the_rest_sets_off_no_alarm() {
    let scratch = edited();
    scratch.hook("pre-commit", "for f in a.txt b.bin; do echo more >>$f; git add $f; done");
    let ran = scratch.git(["commit", "-qm", "second"]);
    assert!(alarms(&ran).is_empty(), "{ran:#?}");
    assert!(alarms(&scratch.git(["commit", "-qm", "third", "--allow-empty"])).is_empty());
}

#[test]
fn a_commit_whose_post_commit_did_not_run_has_not_failed() {
    for args in [&["commit", "-qam", "second"][..], &["commit", "-qa", "--amend", "-m", "first"]] {
        let scratch = Scratch::new();
        std::fs::remove_file(scratch.top().join(".git/hooks/post-commit")).unwrap();
        scratch.write("a.txt", "two\n");
        scratch.git(args);
        let status = scratch.bak(["status"]).stdout;
        assert!(!status.contains("not completed"), "{args:?}: {status}");
        assert_eq!(scratch.bak(["log", "--failures"]).stdout, "", "{args:?}");
        let args = ["-c", "bak.verbosity=verbose", "commit", "-qm", "x", "--allow-empty"];
        let ran = scratch.git(args);
        assert!(!ran.stderr.contains("not completed"), "{ran:#?}");
        assert_eq!(scratch.bak(["log", "--failures"]).stdout, "");
        assert!(scratch.record().iter().any(|line| line["ev"] == "commit"), "{args:?}");
    }
}

/// Times of files and processes are a few hundredths of a second exact.
#[cfg(target_os = "linux")]
fn wait() {
    std::thread::sleep(std::time::Duration::from_millis(80));
}

#[cfg(target_os = "linux")]
#[test]
fn a_checkout_names_what_it_overwrote_itself_and_once() {
    let scratch = failed();
    assert_eq!(alarms(&scratch.git(["checkout", "-q", "--", "b.bin"])).len(), 1);
    wait();
    assert_eq!(alarms(&scratch.git(["checkout", "-q", "--", "sub"])).len(), 1, "b.bin is said");
    wait();
    assert!(alarms(&scratch.git(["checkout", "-q", "--", "."])).is_empty());
    // What was taken back by hand, no command took.
    let scratch = failed();
    scratch.write("b.bin", "old");
    wait();
    assert_eq!(alarms(&scratch.git(["checkout", "-q", "--", "sub"])).len(), 1);
}
