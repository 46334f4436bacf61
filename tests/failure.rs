//! Commits that don't come to their end: the backups stay, the attempt is called failed, and the next
//! commit cleans up after both.

#[cfg(unix)]
use std::process::{Child, Command, Stdio};

use crate::pair::{left, ours};
use crate::scratch::{Ran, Scratch};

/// A repository in which `a.txt` is staged as "two\n".
fn staged() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("a.txt", "two\n");
    scratch.git(["add", "a.txt"]);
    scratch
}

/// What `status` says of the last attempt: its state and its step.
fn attempt(scratch: &Scratch) -> (String, Option<String>) {
    let text = scratch.bak(["status", "--json"]).stdout;
    let status: serde_json::Value = serde_json::from_str(&text).unwrap();
    let word = |key: &str| status["attempt"][key].as_str().map(str::to_owned);
    (word("state").unwrap(), word("step"))
}

/// The commit has failed: its backup is there and in the vault, and the attempt is called failed.
fn assert_kept(scratch: &Scratch, step: &str) {
    assert_eq!(scratch.backup_texts("a.txt"), ["two\n"]);
    assert!(scratch.vault_has("a.txt", "two\n"));
    assert_eq!(attempt(scratch), ("failed".to_owned(), Some(step.to_owned())));
    let page = scratch.bak(["status"]).stdout;
    assert!(page.contains("failed") && page.contains(step), "{page}");
}

/// The next commit succeeds: nothing is left, and the attempt is no longer failed.
fn assert_mended(scratch: &Scratch) {
    scratch.git(["commit", "-qm", "second"]);
    assert!(left(&scratch.root()).is_empty());
    assert!(scratch.vault_has("a.txt", "two\n"));
    assert_eq!(attempt(scratch), ("none".to_owned(), None));
}

fn remove_hook(scratch: &Scratch, name: &str) {
    std::fs::remove_file(scratch.top().join(".git/hooks").join(name)).unwrap();
}

#[test]
fn a_commit_msg_hook_that_says_no_leaves_the_backups() {
    let scratch = staged();
    scratch.hook("commit-msg", "exit 1");
    let ran = scratch.try_git(["commit", "-qm", "second"]);
    assert_eq!(ran.status, 1);
    // It was backed up when it was staged: there is nothing new to say.
    assert!(ours(&ran).is_empty(), "{ran:#?}");
    assert_kept(&scratch, "not completed");
    remove_hook(&scratch, "commit-msg");
    assert_mended(&scratch);
}

#[test]
fn a_pre_commit_hook_that_says_no_leaves_the_backups_and_says_so_in_one_line() {
    let scratch = staged();
    scratch.hook("pre-commit", "echo bad style >&2; exit 7");
    let ran = scratch.try_git(["commit", "-qm", "second"]);
    assert_eq!(ran.status, 1);
    let lines = ours(&ran);
    assert_eq!(lines.len(), 1, "{ran:#?}");
    assert!(
        lines[0].contains("status 7") && lines[0].ends_with("git bak restore --all"),
        "{ran:#?}"
    );
    assert_kept(&scratch, "pre-commit hook");
    remove_hook(&scratch, "pre-commit.before-bak");
    assert_mended(&scratch);
}

#[test]
fn the_command_that_a_failed_hook_prints_brings_every_file_back() {
    let scratch = staged();
    let before = scratch.read("a.txt");
    scratch.hook("pre-commit", "echo spoiled >a.txt; exit 1");
    let ran = scratch.try_git(["commit", "-qm", "second"]);
    assert_eq!(scratch.read("a.txt"), "spoiled\n");
    let mut command = ran.printed_command("status 1");
    // On a terminal it asks.
    command.push("--yes".to_owned());
    scratch.git(command);
    assert_eq!(scratch.read("a.txt"), before);
}

#[test]
fn an_editor_that_fails_leaves_the_backups() {
    let scratch = staged();
    let mut command = scratch.command("git");
    let ran = Ran::of(&command.env("GIT_EDITOR", "false").arg("commit").output().unwrap());
    assert_eq!(ran.status, 1);
    assert_kept(&scratch, "not completed");
    assert_mended(&scratch);
}

#[test]
fn an_empty_message_leaves_the_backups() {
    let scratch = staged();
    assert_eq!(scratch.try_git(["commit", "-m", ""]).status, 1);
    assert_kept(&scratch, "not completed");
    assert_mended(&scratch);
}

#[test]
fn a_signature_that_fails_leaves_the_backups() {
    let scratch = staged();
    let args = ["-c", "gpg.program=false", "commit", "-S", "-m", "signed"];
    assert_eq!(scratch.try_git(args).status, 128);
    assert_kept(&scratch, "not completed");
    assert_mended(&scratch);
}

#[test]
fn a_ref_update_that_is_vetoed_leaves_the_backups() {
    let scratch = staged();
    scratch.hook("reference-transaction", "[ \"$1\" != prepared ]");
    assert_eq!(scratch.try_git(["commit", "-qm", "vetoed"]).status, 128);
    assert_kept(&scratch, "not completed");
    remove_hook(&scratch, "reference-transaction");
    assert_mended(&scratch);
}

#[test]
fn nothing_staged_is_a_commit_that_fails_and_edits_are_kept_all_the_same() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "two\n");
    assert_eq!(scratch.try_git(["commit", "-qm", "nothing"]).status, 1);
    assert_kept(&scratch, "not completed");
    scratch.git(["add", "a.txt"]);
    assert_mended(&scratch);
}

#[test]
fn a_failed_commit_all_leaves_the_backups_of_what_it_had_staged() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "two\n");
    scratch.hook("commit-msg", "exit 1");
    assert_eq!(scratch.try_git(["commit", "-qam", "all"]).status, 1);
    assert_eq!(scratch.git(["diff", "--cached", "--name-only"]).stdout, "");
    assert_kept(&scratch, "not completed");
    remove_hook(&scratch, "commit-msg");
    scratch.git(["add", "a.txt"]);
    assert_mended(&scratch);
}

#[test]
fn the_next_pre_commit_says_that_the_last_commit_was_not_completed() {
    let scratch = staged();
    scratch.hook("commit-msg", "exit 1");
    scratch.try_git(["commit", "-qm", "second"]);
    remove_hook(&scratch, "commit-msg");
    let verbose = "bak.verbosity=verbose";
    let ran = scratch.git(["-c", verbose, "commit", "-qm", "second"]);
    assert!(ran.stderr.contains("the last commit was not completed"), "{ran:#?}");
    scratch.write("a.txt", "three\n");
    let ran = scratch.git(["-c", verbose, "commit", "-qam", "third"]);
    assert!(!ran.stderr.contains("not completed"), "said once: {ran:#?}");
}

#[test]
fn trying_again_with_the_same_content_makes_no_second_backup() {
    let scratch = staged();
    scratch.hook("commit-msg", "exit 1");
    scratch.try_git(["commit", "-qm", "second"]);
    for _ in 0..3 {
        let ran = scratch.try_git(["commit", "-qm", "second"]);
        assert!(ours(&ran).is_empty(), "{ran:#?}");
    }
    assert_kept(&scratch, "not completed");
    remove_hook(&scratch, "commit-msg");
    assert_mended(&scratch);
}

#[test]
fn failing_again_and_again_keeps_the_newest_three_on_disk_and_all_in_the_vault() {
    let scratch = staged();
    scratch.hook("commit-msg", "exit 1");
    let texts = ["3\n", "4\n", "5\n", "6\n", "7\n"];
    for text in texts {
        scratch.write("a.txt", text);
        scratch.try_git(["commit", "-qam", "again"]);
    }
    // What `git commit -a` would have put in the place of "two" is staged no more once it has failed. The guard alone
    // sees it there, and the Git that stands in on Windows can't ask that.
    let oldest = if cfg!(windows) { "5\n" } else { "two\n" };
    assert_eq!(scratch.backup_texts("a.txt"), [oldest, "6\n", "7\n"]);
    remove_hook(&scratch, "commit-msg");
    scratch.git(["commit", "-qam", "at last"]);
    assert!(left(&scratch.root()).is_empty());
    assert!(texts.iter().all(|text| scratch.vault_has("a.txt", text)));
}

#[test]
fn what_a_failed_commit_backed_up_survives_a_hard_reset() {
    let scratch = staged();
    scratch.hook("commit-msg", "exit 1");
    scratch.try_git(["commit", "-qm", "second"]);
    scratch.git(["reset", "-q", "--hard"]);
    assert_eq!(scratch.read("a.txt"), "one\n");
    scratch.git(["bak", "restore", "--yes", "a.txt"]);
    assert_eq!(scratch.read("a.txt"), "two\n");
}

#[test]
fn a_success_cleans_up_after_failures_of_other_files_too() {
    let scratch = staged();
    scratch.hook("commit-msg", "exit 1");
    scratch.try_git(["commit", "-qm", "fails"]);
    remove_hook(&scratch, "commit-msg");
    scratch.git(["reset", "-q", "--hard"]);
    scratch.write("sub/other.txt", "other\n");
    scratch.git(["add", "."]);
    scratch.git(["commit", "-qm", "another file"]);
    assert!(left(&scratch.root()).is_empty());
    assert!(scratch.vault_has("a.txt", "two\n"));
}

#[test]
fn clean_up_of_committed_files_leaves_the_backups_of_others() {
    let scratch = staged();
    scratch.git(["config", "bak.cleanup", "committed"]);
    scratch.write("b.txt", "b\n");
    scratch.git(["add", "b.txt"]);
    scratch.git(["commit", "-qm", "only b", "b.txt"]);
    assert_eq!(scratch.backup_texts("a.txt"), ["two\n"]);
    assert!(scratch.backups("b.txt").is_empty());
    scratch.git(["commit", "-qm", "a too"]);
    assert!(left(&scratch.root()).is_empty());
}

#[test]
fn clean_up_can_be_left_to_the_user() {
    let scratch = staged();
    scratch.git(["config", "bak.cleanup", "never"]);
    let ran = scratch.git(["commit", "-qm", "second"]);
    assert!(!ran.stderr.contains("cleaned up"), "{ran:#?}");
    assert_eq!(scratch.backup_texts("a.txt"), ["two\n"]);
    assert_eq!(attempt(&scratch).0, "none");
}

/// A `git commit` whose editor has opened and waits until its standard input ends.
#[cfg(unix)]
pub fn in_editor(mut command: Command) -> Child {
    use std::io::Read;
    command.env("GIT_EDITOR", "echo ready; cat >/dev/null; true");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut word = [0; 6];
    // Ends without the word, not in a wait, if the commit fails before.
    child.stdout.as_mut().unwrap().read_exact(&mut word).unwrap();
    assert_eq!(&word, b"ready\n");
    child
}

/// A `git commit` whose user's pre-commit hook runs and waits for a line in `go`.
#[cfg(unix)]
fn in_pre_commit_hook(scratch: &Scratch, args: &[&str]) -> Child {
    use std::io::Read;
    let made = scratch.command("mkfifo").arg("../go").status().unwrap();
    assert!(made.success());
    scratch.hook("pre-commit", "trap '' INT; echo ready >&2; read go <../go; echo done >../done");
    let mut command = scratch.command("git");
    command.args(args).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut text = String::new();
    while !text.ends_with("ready\n") {
        let mut byte = [0];
        child.stderr.as_mut().unwrap().read_exact(&mut byte).unwrap();
        text.push(char::from(byte[0]));
    }
    child
}

#[cfg(unix)]
fn signal(child: &Child, signal: &str) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn a_commit_under_way_is_open_and_one_that_was_killed_has_failed() {
    let scratch = staged();
    let mut command = scratch.command("git");
    command.arg("commit");
    let mut commit = in_editor(command);
    assert_eq!(attempt(&scratch).0, "open");
    commit.kill().unwrap();
    commit.wait().unwrap();
    assert_kept(&scratch, "not completed");
    assert_mended(&scratch);
}

#[cfg(unix)]
#[test]
fn a_commit_killed_with_the_index_locked_leaves_backups_that_can_be_restored() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "two\n");
    let mut command = scratch.command("git");
    command.args(["commit", "-a"]);
    let mut commit = in_editor(command);
    commit.kill().unwrap();
    commit.wait().unwrap();
    assert!(scratch.exists(".git/index.lock"));
    assert_kept(&scratch, "not completed");
    scratch.write("a.txt", "lost\n");
    scratch.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(scratch.read("a.txt"), "two\n");
    std::fs::remove_file(scratch.top().join(".git/index.lock")).unwrap();
    scratch.git(["commit", "-qam", "second"]);
    assert!(left(&scratch.root()).is_empty());
    assert!(scratch.vault_has("a.txt", "lost\n"));
}

#[cfg(unix)]
#[test]
fn an_interrupted_editor_leaves_the_backups() {
    let scratch = staged();
    let mut command = scratch.command("git");
    command.arg("commit");
    let mut commit = in_editor(command);
    signal(&commit, "TERM");
    commit.wait().unwrap();
    assert_kept(&scratch, "not completed");
    assert_mended(&scratch);
}

#[cfg(unix)]
#[test]
fn a_hook_that_outlives_its_commit_does_no_harm() {
    let scratch = staged();
    let mut commit = in_pre_commit_hook(&scratch, &["commit", "-qm", "second"]);
    signal(&commit, "KILL");
    commit.wait().unwrap();
    assert_eq!(scratch.backup_texts("a.txt"), ["two\n"]);
    std::fs::write(scratch.root().join("go"), "go\n").unwrap();
    // The hook's end of the pipe closes when it and ours have ended.
    let rest = commit.wait_with_output().unwrap();
    assert!(scratch.root().join("done").exists(), "{rest:?}");
    assert_kept(&scratch, "not completed");
    remove_hook(&scratch, "pre-commit.before-bak");
    assert_mended(&scratch);
}
