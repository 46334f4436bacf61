//! Messages that no other test looks at: one test for a few of them each, by their words.

use std::fs;

use crate::scratch::{BAK, Ran, Scratch, script};

/// The command ends with this status and says this.
fn says(s: &Scratch, args: &[&str], status: i32, words: &str) -> Ran {
    let ran = s.try_bak(args);
    assert!(ran.status == status && ran.stderr.contains(words), "{args:?} {words}: {ran:#?}");
    ran
}

fn keep(s: &Scratch, path: &str, text: &str) {
    s.write(path, text);
    s.bak(["snapshot", path]);
}

/// A patch that makes `new.txt`.
const PATCH: &str = "diff --git a/new.txt b/new.txt\nnew file mode 100644\n--- /dev/null\n\
                     +++ b/new.txt\n@@ -0,0 +1 @@\n+new\n";

/// A merge that has stopped at `a.txt`.
fn in_a_merge() -> Scratch {
    let s = Scratch::new();
    s.git(["switch", "-qc", "other"]);
    s.write("a.txt", "other\n");
    s.git(["commit", "-qam", "other"]);
    s.git(["switch", "-q", "main"]);
    s.write("a.txt", "main\n");
    s.git(["commit", "-qam", "main"]);
    assert_ne!(s.try_git(["merge", "other"]).status, 0);
    s.write("../p.patch", PATCH);
    s
}

#[test]
fn wrong_words_are_told_from_each_other() {
    let s = Scratch::new();
    keep(&s, "a.txt", "two\n");
    keep(&s, "b.txt", "two\n");
    says(&s, &["forget", "a.txt"], 2, "not a terminal: add --yes to confirm");
    says(&s, &["hook", "nonsense"], 2, "'nonsense' is not a hook of ours (p");
    says(&s, &["restore", "--from", "@{1}"], 2, ": this is the whole working tree: name a file");
    says(
        &s,
        &["restore", "--all", "--at", "x y"],
        2,
        "is not a label, and it can't be read as a time: try 14:02",
    );
    let two = ["restore", "a.txt", "b.txt", "--from", "b.txt@{1}"];
    says(&s, &two, 2, "--from names one backup: name one file, or none");
    let early = ["restore", "--all", "--at", "2001-02-03"];
    says(&s, &early, 1, "there is no snapshot at or before 2001-02-03 23:59:59");
}

#[test]
fn wrong_words_to_apply_and_run_are_told_from_each_other() {
    let s = Scratch::new();
    s.write("../p.patch", PATCH);
    let add = "-m is the message of a commit: add --commit";
    says(&s, &["apply", "-m", "x", "../p.patch"], 2, add);
    says(&s, &["run", "-m", "x", "--", "true"], 2, add);
    let empty = "-m: the message is empty";
    says(&s, &["apply", "--commit", "-m", "", "../p.patch"], 2, empty);
    says(&s, &["run", "--commit", "-m", " ", "--", "true"], 2, empty);
    says(&s, &["apply", "-", "-"], 2, "standard input can be read once");
    assert!(!s.exists("new.txt"));
}

#[test]
fn what_stands_in_the_way_of_a_commit_is_said_before_anything_is_done() {
    let s = in_a_merge();
    let no = "no commit can be made now: a merge is under way: finish it first";
    says(&s, &["apply", "--commit", "../p.patch"], 1, no);
    says(&s, &["run", "--commit", "--", "touch", "made"], 3, no);
    assert!(!s.exists("made"));
    let patch = "--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,3 @@\n+more\n <<<<<<< HEAD\n main\n";
    s.write("../a.patch", patch);
    says(
        &s,
        &["apply", "../a.patch"],
        1,
        "a.txt: a merge has left it unresolved: resolve it first",
    );
    let s = Scratch::new();
    s.write("a.txt", "edited\n");
    s.write("../a.patch", "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-edited\n+more\n");
    let words = "a.txt: it has edits that would be committed too: commit them first, or use --include-dirty";
    says(&s, &["apply", "--commit", "../a.patch"], 1, words);
    let words = "nothing was run: these files have edits that --commit could commit along with the";
    says(&s, &["run", "--commit", "--", "sh", "-c", "echo more >>a.txt"], 1, words);
    let s = Scratch::new();
    s.write("a.txt", "edited\n");
    s.git(["config", "bak.maxFileSize", "3"]);
    let words = "nothing was run: commit or move them, or use --force to run without a way back";
    says(&s, &["run", "--", "true"], 3, words);
}

#[test]
fn how_much_there_is_and_that_nothing_is_to_be_done_is_said_in_numbers_and_words() {
    let s = Scratch::new();
    keep(&s, "a.txt", "two\n");
    says(&s, &["snapshot", "a.txt"], 0, "1 version already backed up");
    s.advance(40 * 86_400);
    says(&s, &["clean", "--vault"], 0, "dropped from the vault: 4 versions");
    says(&s, &["clean", "--vault"], 0, "nothing to drop from the vault");
}

#[test]
fn a_few_files_are_named_and_many_are_counted() {
    let s = Scratch::new();
    for n in 0..6 {
        s.write(&format!("f{n}"), format!("{n}\n"));
    }
    let ran = s.bak(["snapshot", "--untracked"]);
    assert_eq!(ran.stderr.matches("backed up: f").count(), 6, "a line for each: {ran:?}");
    for n in 0..8 {
        s.write(&format!("f{n}"), format!("{n} more\n"));
    }
    let ran = s.bak(["snapshot", "--untracked"]);
    assert!(ran.stderr.contains("and 3 more files backed up\n"), "{ran:?}");
    let names = s.all_backups();
    s.git(["add", "-f"].iter().map(|it| (*it).to_owned()).chain(names));
    let ran = s.git(["commit", "-qm", "with backups"]);
    assert!(ran.stderr.contains(" more backups are being committed\n"), "{ran:?}");
}

#[cfg(unix)]
#[test]
fn in_a_folder_that_is_gone_it_says_so() {
    let s = Scratch::new();
    for command in ["git-bak list", "git-bak install --template"] {
        let line = format!("mkdir ../gone && cd ../gone && rmdir ../gone && {command}");
        let ran = Ran::of(&s.command("sh").args(["-c", &line]).output().unwrap());
        assert!(ran.stderr.contains("the current directory can't be read"), "{command}: {ran:#?}");
    }
}

#[test]
fn where_nothing_was_ever_kept_there_is_no_vault_to_ask() {
    let s = Scratch::empty();
    says(&s, &["vault", "log"], 1, "there is no vault here yet: git add makes it");
}

#[test]
fn days_of_the_record_that_are_damaged_are_named_once() {
    let s = Scratch::new();
    for day in ["2025-11-03", "2025-11-04", "2025-11-05"] {
        s.write(&format!(".git/bak/record/{day}"), "no line\n");
    }
    let words = "the record of 2025-11-03 and 2 more days can't be read in full: git bak doctor";
    says(&s, &["list"], 0, words);
}

#[test]
fn of_many_backups_without_a_copy_three_are_named() {
    let s = Scratch::new();
    for n in 0..5 {
        s.write(&format!("f{n}"), "1\n");
        let text = format!("never stored {n}\n");
        let id = crate::backup_files::blob_id(&s, text.as_bytes());
        s.write(&format!("f{n}.bak.20251106_201045.{}", &id[..8]), text);
    }
    let ran = s.try_bak(["doctor"]);
    let line = "5 backups without a copy in the vault: f0.bak.";
    assert!(ran.stdout.contains(line) && ran.stdout.contains(" and 2 more\n"), "{ran:#?}");
}

#[test]
fn a_repository_where_nothing_happened_yet_is_well_in_every_respect() {
    let s = Scratch::empty();
    s.bak(["install"]);
    let page = s.bak(["doctor"]).stdout;
    for words in [
        "every setting can be read",
        "empty",
        "none is older than a week",
        "no backups on disk",
        "all is well",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    s.git(["config", "bak.location", "gitdir"]);
    let page = s.bak(["doctor"]).stdout;
    assert!(page.contains("no backups are made beside the files"), "{page}");
}

#[test]
fn what_is_no_text_says_so_in_the_list() {
    let s = Scratch::new();
    keep(&s, "a.bin", "\0\n");
    assert!(s.bak(["list"]).stdout.contains("manual  no text  "));
}

#[test]
fn versions_of_another_worktree_say_where_they_are() {
    let s = Scratch::new();
    keep(&s, "a.txt", "in the main one\n");
    s.git(["worktree", "add", "-q", "../linked"]);
    let linked = s.at(s.root().join("linked"));
    fs::write(s.root().join("linked/a.txt"), "in the linked one\n").unwrap();
    linked.bak(["snapshot", "a.txt"]);
    let page = s.bak(["list", "--worktree=all"]).stdout;
    assert!(page.contains("  vault of linked"), "{page}");
    let page = linked.bak(["list", "--worktree=all"]).stdout;
    assert!(page.contains("  vault of the main worktree"), "{page}");
}

#[test]
fn a_chained_hook_that_can_not_be_run_is_named_with_the_reason() {
    let s = Scratch::new();
    let hook = s.top().join(".git/hooks/post-commit.before-bak");
    script(&hook, "exit 0");
    s.write(".git/hooks/post-commit.before-bak", "#!/nowhere/sh\n");
    let ran = s.try_bak(["hook", "post-commit"]);
    assert!(ran.stderr.contains("your post-commit hook can't be run: "), "{ran:?}");
}

#[test]
fn hooks_that_can_not_be_placed_are_named_with_the_reason() {
    let s = Scratch::empty();
    let _ = fs::remove_dir_all(s.top().join(".git/hooks"));
    s.write(".git/hooks", "a file\n");
    let ran = s.try_bak(["install"]);
    assert!(ran.status != 0 && ran.stderr.contains("hooks can't be made: "), "{ran:?}");
}

#[test]
fn an_edited_hook_is_kept_beside_the_new_one_and_named() {
    let s = Scratch::new();
    let hook = s.read(".git/hooks/pre-commit") + "echo mine\n";
    s.write(".git/hooks/pre-commit", hook);
    let ran = s.bak(["install", "--force"]);
    let line = "pre-commit: the edited hook no longer runs, and is kept as ";
    assert!(ran.stderr.contains(line), "{ran:?}");
}

#[test]
fn a_template_folder_that_git_is_told_of_otherwise_is_named() {
    let mut s = Scratch::empty();
    s.set_env("GIT_CONFIG_GLOBAL", s.root().join("home/.gitconfig"));
    s.set_env("GIT_TEMPLATE_DIR", s.root().join("home/other"));
    fs::create_dir_all(s.root().join("home/other")).unwrap();
    let ran = s.at(s.root()).bak(["install", "--template"]);
    let line = "GIT_TEMPLATE_DIR names this folder: where it isn't set, Git takes another";
    assert!(ran.stderr.contains(line) && ran.stderr.contains(" in the template "), "{ran:?}");
    let ran = s.at(s.root()).bak(["uninstall", "--template"]);
    assert!(ran.stderr.contains("removed from the template "), "{ran:?}");
}

#[test]
fn uninstall_names_what_it_takes_out_and_leaves() {
    let s = Scratch::new();
    keep(&s, "a.txt", "two\n");
    let ran = s.bak(["uninstall"]);
    for words in [
        "the lines in info/exclude",
        "left beside your files: 1 backup ('git bak clean' removes them)",
    ] {
        assert!(ran.stderr.contains(words), "{words}: {ran:#?}");
    }
}

#[test]
fn somebody_who_says_no_to_forgetting_is_told_that_nothing_happened() {
    let s = Scratch::new();
    keep(&s, "a.txt", "two\n");
    // Only a terminal can answer.
    let mut command = s.command("sh");
    command.args(["-c", "printf 'n\\n' | script -qec \"$0 forget a.txt\" /dev/null", BAK]);
    let Ok(output) = command.output() else { return };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("nothing was destroyed") || said.is_empty(), "{said}");
    assert!(s.vault_has("a.txt", "two\n"));
}

#[test]
fn a_failing_journal_entry_that_nothing_ended_says_not_yet() {
    let s = Scratch::new();
    s.write("../p.patch", PATCH);
    s.try_bak(["apply", "--test", "false", "../p.patch"]);
    assert!(s.bak(["journal"]).stdout.contains("  ended  not yet\n"));
}

#[test]
fn where_no_file_differs_from_any_snapshot_nothing_is_restored() {
    let s = Scratch::empty();
    s.bak(["install"]);
    keep(&s, "a.txt", "one\n");
    says(
        &s,
        &["restore", "--all"],
        0,
        "nothing to restore: git-bak knows of no work that is missing since the last commit",
    );
}

#[test]
fn forget_names_what_it_can_not_destroy() {
    let s = Scratch::new();
    s.git(["rm", "-q", "a.txt"]);
    s.git(["commit", "-qm", "removed"]);
    let ran = s.try_bak(["forget", "--yes", "a.txt"]);
    let words =
        "its content is in Git's own history, a stash or a reflog, and stays there: git log --all";
    assert!(ran.stderr.contains(words), "{ran:#?}");
}

#[test]
fn uninstall_leaves_what_has_taken_a_hooks_place() {
    let s = Scratch::empty();
    s.hook("pre-commit", "exit 0");
    s.bak(["install"]);
    s.write(".git/hooks/pre-commit", "#!/bin/sh\necho another\n");
    let ran = s.try_bak(["uninstall"]);
    let words = " is not git-bak's and is left as it is; your hook from before is ";
    assert!(ran.stderr.contains(words), "{ran:#?}");
}

#[test]
fn a_hook_of_another_language_is_told_what_to_run() {
    let s = Scratch::empty();
    let hook = "#!/usr/bin/env python3\nimport os\nprint(__file__)\n";
    s.write(".husky/pre-commit", hook);
    s.git(["config", "core.hooksPath", ".husky"]);
    let ran = s.try_bak(["install"]);
    assert!(ran.stderr.contains("make it run this first, as a shell would"), "{ran:#?}");
    let ran = s.try_bak(["doctor"]);
    assert!(ran.stdout.contains("run this first in "), "{ran:#?}");
}

#[test]
fn apply_says_of_many_files_how_many() {
    let s = Scratch::new();
    s.git(["config", "bak.maxBackups", "1"]);
    let each = |text: &str| (0..8).for_each(|n| s.write(&format!("f{n}"), text));
    each("one\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "files"]);
    each("two\n");
    s.write("../p.patch", s.git(["diff"]).stdout);
    s.bak(["snapshot"]);
    each("one\n");
    let ran = s.bak(["apply", "../p.patch"]);
    for words in ["and 3 more backups created\n", "and 3 more old backups removed\n"] {
        assert!(ran.stderr.contains(words), "{words}: {ran:#?}");
    }
}

#[test]
fn run_says_what_it_saved_and_what_it_put_back() {
    let s = Scratch::new();
    s.write("a.txt", "edited\n");
    let line = ["--", "sh", "-c", "echo more >>a.txt; exit 1"];
    let ran = s.try_bak([&["run"], &line[..]].concat());
    for words in [
        "Backed up: 1 file with uncommitted work",
        "Put back: a.txt",
        "Everything is as it was, as far as Git doesn't ignore it",
    ] {
        assert!(ran.stderr.contains(words), "{words}: {ran:#?}");
    }
    s.write("a.txt", "edited once more\n");
    s.git(["config", "bak.maxFileSize", "3"]);
    let ran = s.try_bak([&["run", "--force"], &line[..]].concat());
    for words in [
        "a.txt: it can't be saved, and could not be put back: ",
        "a.txt: it was changed, and was not saved before",
        "All else is as it was, as far as Git doesn't ignore it",
    ] {
        assert!(ran.stderr.contains(words), "{words}: {ran:#?}");
    }
}

#[test]
fn what_was_backed_up_before_the_upgrade_is_not_backed_up_twice() {
    let s = Scratch::new();
    keep(&s, "a.txt", "edited\n");
    s.write("../p.patch", "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-edited\n+more\n");
    let id = s.backups("a.txt")[0].rsplit('.').next().unwrap().to_owned();
    let ran = s.bak(["apply", "--artifact", &id, "../p.patch"]);
    assert!(ran.stderr.contains("Backed up already: a.txt"), "{ran:#?}");
}

/// Only a file system that tells when a file was made can part the two; where it doesn't, both are named.
#[cfg(target_os = "linux")]
#[test]
fn a_checkout_names_what_it_took_and_not_what_a_command_just_before_it_took() {
    let s = Scratch::new();
    s.write("b.txt", "b\n");
    s.git(["add", "b.txt"]);
    s.git(["commit", "-qm", "second"]);
    s.write("a.txt", "work\n");
    let line = "git add a.txt; git reset -q --hard && echo work >b.txt && git checkout -q b.txt";
    let ran = Ran::of(&s.command("sh").args(["-c", line]).output().unwrap());
    let said: Vec<&str> = ran.stderr.lines().skip(1).collect();
    let text = "git-bak • b.txt: overwritten, but backed up before: git bak restore -- b.txt";
    assert_eq!(said, [text], "{ran:?}");
}
