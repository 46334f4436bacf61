//! The traps of Git's hooks: one test for each that git-bak must not fall into.
//!
//! | trap | where it is tested |
//! |---|---|
//! | `-a`, `-p`, `-i`, `-o` commit what `.git/index` lacks; what is staged is not what is committed | `commit` |
//! | post-commit without pre-commit; neither of them | `commit`, `sequence` |
//! | pre-commit without post-commit; the ref update fails; killed with locks; a hook lives on | `failure` |
//! | restaged while the editor is open; two commits at once | `races` |
//! | another process stages meanwhile; a commit in a hook in another repository | `chained` |
//! | relative GIT_DIR and GIT_INDEX_FILE; standard input is /dev/null | `commit`, `chained` |
//! | a background child would block `$(git commit)` | everywhere: every test reads to the end |
//! | post-checkout's failure is checkout's | `chained` |
//! | dangling links, missing binaries, run bits, hooks paths, other clients, husky | `entries` |

use crate::pair::{left, ours};
use crate::scratch::{Ran, Scratch, script};

/// Fails every commit from now on, or no longer.
fn fail_commits(scratch: &Scratch, fail: bool) {
    scratch.hook("commit-msg", if fail { "exit 1" } else { "exit 0" });
}

/// A repository where the commit of `a.txt`, staged as "two\n", has failed.
fn failed() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("a.txt", "two\n");
    scratch.git(["add", "a.txt"]);
    fail_commits(&scratch, true);
    scratch.try_git(["commit", "-qm", "fails"]);
    fail_commits(&scratch, false);
    assert_eq!(scratch.backup_texts("a.txt"), ["two\n"]);
    scratch
}

/// The name of the only backup of `a.txt`.
fn backup(scratch: &Scratch) -> String {
    let names = scratch.backups("a.txt");
    assert_eq!(names.len(), 1);
    names[0].clone()
}

// Index and staged set.

#[test]
fn a_first_commit_has_no_head_and_cleans_up_the_files_it_committed() {
    for cleanup in ["all", "committed"] {
        let scratch = Scratch::empty();
        scratch.bak(["install"]);
        scratch.git(["config", "bak.cleanup", cleanup]);
        scratch.write("deep/er/a.txt", "one\n");
        scratch.git(["add", "."]);
        assert_eq!(scratch.backup_texts("deep/er/a.txt"), ["one\n"]);
        let ran = scratch.git(["commit", "-m", "first"]);
        assert_eq!(ours(&ran).len(), 0, "it was copied when it was staged: {ran:#?}");
        assert!(left(&scratch.root()).is_empty());
        assert!(scratch.vault_has("deep/er/a.txt", "one\n"));
    }
}

#[test]
fn a_merge_commit_cleans_up_the_files_it_committed() {
    let scratch = Scratch::new();
    scratch.git(["config", "bak.cleanup", "committed"]);
    scratch.git(["checkout", "-qb", "other"]);
    scratch.write("a.txt", "other\n");
    scratch.git(["commit", "-qam", "other"]);
    scratch.git(["checkout", "-q", "main"]);
    scratch.write("a.txt", "main\n");
    scratch.git(["commit", "-qam", "main"]);
    scratch.try_git(["merge", "-q", "other"]);
    scratch.write("a.txt", "resolved\n");
    scratch.git(["add", "."]);
    scratch.git(["commit", "-q", "--no-edit"]);
    assert!(left(&scratch.root()).is_empty());
    assert!(scratch.vault_has("a.txt", "resolved\n"));
}

#[test]
fn a_file_that_git_only_intends_to_add_is_backed_up_with_its_content() {
    let scratch = Scratch::new();
    scratch.write("new.txt", "content\n");
    scratch.git(["add", "-N", "new.txt"]);
    fail_commits(&scratch, true);
    scratch.try_git(["commit", "-qm", "fails", "--allow-empty"]);
    assert_eq!(scratch.backup_texts("new.txt"), ["content\n"]);
}

#[cfg(unix)]
#[test]
fn names_that_git_quotes_are_taken_as_they_are() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let names: [&[u8]; 7] = [
        b"two words",
        b"tab\there",
        b"line\nbreak",
        b"\"quoted\"",
        b"-dash",
        b"not utf-8 \xff\xfe",
        b":(glob)*",
    ];
    let scratch = Scratch::new();
    for name in names {
        std::fs::write(scratch.top().join(OsStr::from_bytes(name)), name).unwrap();
    }
    scratch.git(["add", "."]);
    fail_commits(&scratch, true);
    scratch.try_git(["commit", "-qm", "fails"]);
    for name in names {
        let is_backup = |file: &std::path::PathBuf| {
            let file = file.file_name().unwrap().as_bytes();
            file.strip_prefix(name).is_some_and(|rest| rest.starts_with(b".bak.2025"))
        };
        let found: Vec<_> = left(scratch.top()).into_iter().filter(is_backup).collect();
        assert_eq!(found.len(), 1, "{}", name.escape_ascii());
        assert_eq!(std::fs::read(&found[0]).unwrap(), name);
    }
    fail_commits(&scratch, false);
    scratch.git(["commit", "-qm", "all"]);
    assert!(left(&scratch.root()).is_empty());
}

#[test]
fn a_staged_file_that_is_gone_from_the_working_tree_is_backed_up() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "two\n");
    scratch.write("gone/b.txt", "two\n");
    scratch.git(["add", "."]);
    std::fs::remove_file(scratch.top().join("a.txt")).unwrap();
    std::fs::remove_dir_all(scratch.top().join("gone")).unwrap();
    fail_commits(&scratch, true);
    let ran = scratch.try_git(["commit", "-qm", "fails"]);
    assert_eq!(scratch.backup_texts("a.txt"), ["two\n"]);
    assert!(ran.stderr.contains("gone/b.txt: kept in the vault only"), "{ran:#?}");
    assert!(scratch.vault_has("gone/b.txt", "two\n"));
    assert!(!scratch.exists("gone"));
}

#[test]
fn a_backup_has_the_working_trees_line_ends_and_not_the_blobs() {
    let scratch = Scratch::new();
    scratch.write(".gitattributes", "*.txt text eol=crlf\n");
    scratch.write("c.txt", "one\r\ntwo\r\n");
    scratch.write("d.txt", "gone\r\n");
    scratch.git(["add", "."]);
    std::fs::remove_file(scratch.top().join("d.txt")).unwrap();
    fail_commits(&scratch, true);
    scratch.try_git(["commit", "-qm", "fails"]);
    assert_eq!(scratch.backup_texts("c.txt"), ["one\r\ntwo\r\n"]);
    assert_eq!(scratch.backup_texts("d.txt"), ["gone\r\n"]);
    assert_eq!(scratch.git(["show", ":c.txt"]).stdout, "one\ntwo\n");
}

#[cfg(unix)]
#[test]
fn links_and_submodules_are_no_files() {
    let scratch = Scratch::new();
    scratch.git(["clone", "-q", ".", "nested"]);
    scratch.git(["-c", "advice.addEmbeddedRepo=false", "add", "nested"]);
    std::os::unix::fs::symlink("a.txt", scratch.top().join("link")).unwrap();
    std::os::unix::fs::symlink("/nowhere", scratch.top().join("dangling")).unwrap();
    scratch.git(["add", "link", "dangling"]);
    scratch.write("nested/a.txt", "edited in the nested one\n");
    fail_commits(&scratch, true);
    let ran = scratch.try_git(["commit", "-qm", "fails"]);
    assert!(ours(&ran).is_empty() && left(&scratch.root()).is_empty(), "{ran:#?}");
}

#[test]
fn a_file_that_became_a_link_or_a_folder_is_backed_up_as_it_was_staged() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "two\n");
    scratch.write("b.txt", "two\n");
    scratch.git(["add", "."]);
    std::fs::remove_file(scratch.top().join("b.txt")).unwrap();
    scratch.write("b.txt/inside", "not tracked\n");
    fail_commits(&scratch, true);
    scratch.try_git(["commit", "-qm", "fails"]);
    assert_eq!(scratch.backup_texts("a.txt"), ["two\n"]);
    assert!(scratch.vault_has("b.txt", "two\n"));
}

#[test]
fn a_name_too_long_for_the_suffix_is_kept_in_the_vault() {
    let scratch = Scratch::new();
    let long = "n".repeat(240);
    scratch.write(&long, "long\n");
    scratch.git(["add", "."]);
    fail_commits(&scratch, true);
    let ran = scratch.try_git(["commit", "-qm", "fails"]);
    assert!(ran.stderr.contains("kept in the vault only: its name is too long"), "{ran:#?}");
    assert!(left(&scratch.root()).is_empty());
    scratch.write(&long, "lost\n");
    scratch.git(["bak", "restore", "--yes", &long]);
    assert_eq!(scratch.read(&long), "long\n");
}

// Ignored means expendable.

#[test]
fn a_backup_that_a_branch_overwrites_or_a_clean_deletes_can_be_brought_back() {
    let deleting: [&[&str]; 3] =
        [&["clean", "-qfdx"], &["clean", "-qfdX"], &["checkout", "-q", "-f", "tracking"]];
    for args in deleting {
        let scratch = failed();
        let name = backup(&scratch);
        scratch.git(["stash", "-q"]);
        scratch.git(["checkout", "-q", "-b", "tracking"]);
        // Another branch tracks a file of the very same name.
        let blob = scratch.git(["hash-object", "-w", ".git/HEAD"]).stdout;
        let entry = format!("100644,{},{name}", blob.trim());
        scratch.git(["update-index", "--add", "--cacheinfo", &entry]);
        scratch.git(["-c", "bak.enabled=false", "commit", "-qm", "tracks it"]);
        scratch.git(["-c", "bak.enabled=false", "checkout", "-q", "-f", "main"]);
        scratch.write(&name, "two\n");
        scratch.git(args);
        assert!(
            scratch.read("a.txt") == "one\n"
                && !scratch.backup_texts("a.txt").contains(&"two\n".into())
        );
        // Until then Git has it.
        scratch.git(["stash", "drop", "-q"]);
        scratch.git(["bak", "restore", "--yes", "a.txt"]);
        assert_eq!(scratch.read("a.txt"), "two\n", "{args:?}");
    }
}

#[test]
fn a_backup_that_a_branch_tracks_is_not_cleaned_up() {
    let scratch = failed();
    let name = backup(&scratch);
    scratch.git(["add", "-f", &name]);
    scratch.git(["commit", "-qm", "with the backup"]);
    assert!(scratch.exists(&name), "what Git tracks is never touched");
    scratch.write("a.txt", "three\n");
    scratch.git(["commit", "-qam", "another one"]);
    assert_eq!(scratch.backups("a.txt"), [name]);
    assert_eq!(scratch.git(["status", "--porcelain"]).stdout, "");
}

#[test]
fn the_backups_of_a_removed_worktree_are_in_the_vault() {
    let scratch = Scratch::new();
    scratch.git(["worktree", "add", "-q", "../linked"]);
    let linked = scratch.at(scratch.root().join("linked"));
    std::fs::write(scratch.root().join("linked/a.txt"), "linked\n").unwrap();
    fail_commits(&scratch, true);
    linked.try_git(["commit", "-qam", "fails"]);
    assert_eq!(left(&scratch.root()).len(), 1);
    scratch.git(["worktree", "remove", "-f", "../linked"]);
    assert!(left(&scratch.root()).is_empty());
    assert!(scratch.vault_has("a.txt", "linked\n"));
}

#[test]
fn a_backup_that_an_ignore_rule_brings_back_is_named_when_it_is_staged() {
    let scratch = failed();
    scratch.write(".gitignore", "!*.bak.*\n");
    let name = backup(&scratch);
    scratch.git(["add", "-A"]);
    assert!(scratch.git(["diff", "--cached", "--name-only"]).stdout.contains(&name));
    let ran = scratch.git(["commit", "-qm", "with the backup"]);
    assert!(ran.stderr.contains(&format!("{name}: a backup is being committed")), "{ran:#?}");
    assert!(!scratch.vault().keys().any(|at| at.ends_with(&name)), "no backup of a backup");
    let line = ran.stderr.lines().find(|line| line.contains("is being committed")).unwrap();
    let command = &line[line.find("git rm").unwrap()..];
    let output = scratch.command("sh").args(["-c", command]).output().unwrap();
    Ran::of(&output).expect_success();
    assert!(scratch.exists(&name) && !scratch.git(["ls-files"]).stdout.contains(&name));
}

#[test]
fn a_shell_that_expands_a_pattern_stages_the_file_and_not_its_backup() {
    let scratch = failed();
    scratch.write("a.txt", "three\n");
    let ran = Ran::of(&scratch.command("sh").args(["-c", "git add a.txt*"]).output().unwrap());
    assert_eq!(ran.status, 1);
    assert_eq!(scratch.git(["diff", "--cached", "--name-only"]).stdout, "a.txt\n");
    scratch.git(["commit", "-qm", "third"]);
    assert!(left(&scratch.root()).is_empty());
}

#[test]
fn backups_are_born_ignored() {
    let scratch = failed();
    let name = backup(&scratch);
    for args in [vec!["add", "-A"], vec!["add", "."], vec!["clean", "-qfd"], vec!["stash", "-qu"]] {
        scratch.git(args.clone());
        assert_eq!(scratch.backups("a.txt").concat(), name, "{args:?}");
        assert!(!scratch.git(["ls-files"]).stdout.contains(".bak."));
    }
    assert_eq!(scratch.git(["status", "--porcelain", "-uall"]).stdout, "");
}

#[test]
fn a_repository_without_an_info_folder_gets_its_ignore_block() {
    let scratch = Scratch::empty();
    std::fs::remove_dir_all(scratch.top().join(".git")).unwrap();
    scratch.git(["init", "-q", "--template="]);
    scratch.bak(["install"]);
    scratch.write("a.txt", "one\n");
    scratch.git(["add", "."]);
    fail_commits(&scratch, true);
    // It may go at any time, and is there again before the next backup.
    for text in ["one\n", "two\n"] {
        std::fs::remove_dir_all(scratch.top().join(".git/info")).unwrap();
        scratch.write("a.txt", text);
        let args = ["-c", "user.name=T", "-c", "user.email=t@e", "commit", "-qam", "x"];
        assert_eq!(scratch.try_git(args).status, 1);
        assert!(scratch.backup_texts("a.txt").contains(&text.to_owned()));
        assert!(!scratch.git(["status", "--porcelain"]).stdout.contains(".bak."));
    }
}

// The vault and the record.

#[test]
fn a_lock_that_somebody_holds_costs_a_second_and_no_version() {
    let scratch = Scratch::new();
    let lock = std::fs::File::open(scratch.top().join(".git/bak/lock")).unwrap();
    lock.lock().unwrap();
    scratch.write("a.txt", "two\n");
    scratch.git(["add", "a.txt"]);
    scratch.write("a.txt", "three\n");
    let ran = scratch.git(["commit", "-qm", "second"]);
    assert!(!ran.stderr.contains("not protected"), "{ran:#?}");
    for text in ["two\n", "three\n"] {
        assert!(scratch.vault_has("a.txt", text), "{ran:#?}");
    }
    drop(lock);
    scratch.git(["commit", "-qm", "free again", "--allow-empty"]);
    assert!(left(&scratch.root()).is_empty());
    assert!(scratch.exists(".git/bak/lock"), "whoever removes it has two of them");
}

#[test]
fn a_fold_that_somebody_else_is_at_is_left_to_them() {
    let scratch = Scratch::new();
    scratch.bak(["vault", "log", "-1"]);
    let lock = std::fs::File::open(scratch.top().join(".git/bak/fold.lock")).unwrap();
    lock.lock().unwrap();
    scratch.write("a.txt", "two\n");
    scratch.git(["commit", "-qam", "second"]);
    let before = scratch.bak(["vault", "log", "--all", "--format=%H"]).stdout;
    scratch.bak(["fold"]);
    assert_eq!(scratch.bak(["vault", "log", "--all", "--format=%H"]).stdout, before);
    drop(lock);
    assert_ne!(scratch.bak(["vault", "log", "--all", "--format=%H"]).stdout, before);
}

#[test]
fn a_reference_transaction_hook_neither_sees_nor_vetoes_the_vault() {
    let formats: [&[&str]; 2] = [&[], &["--ref-format=reftable"]];
    for format in formats {
        let mut scratch = Scratch::empty();
        let args = [&["init", "-q", "-b", "main", "../fresh"], format].concat();
        // Git before 2.45 knows files only.
        if scratch.try_git(args).status != 0 {
            assert!(!format.is_empty());
            continue;
        }
        let fresh = scratch.root().join("fresh");
        scratch.at(&fresh).bak(["install"]);
        // The user's own, for every repository of theirs.
        let config = scratch.root().join("config");
        let hooks = fresh.join(".git/hooks");
        std::fs::write(&config, format!("[core]\n\thooksPath = {}\n", hooks.display())).unwrap();
        scratch.set_env("GIT_CONFIG_GLOBAL", config);
        let veto = "cat >>\"${0%/*}/seen\"; ! grep -q 2025-11 \"${0%/*}/seen\"";
        script(&hooks.join("reference-transaction"), veto);
        let at = scratch.at(&fresh);
        std::fs::write(fresh.join("a.txt"), "one\n").unwrap();
        at.git(["add", "."]);
        at.git(["-c", "user.name=T", "-c", "user.email=t@e", "commit", "-qm", "first"]);
        let listed = at.bak(["vault", "ls-tree", "-r", "--name-only", "HEAD"]).stdout;
        assert_eq!(listed, "a.txt\n", "{format:?}");
        let seen = std::fs::read_to_string(hooks.join("seen")).unwrap();
        assert!(seen.contains("refs/heads/main") && !seen.contains("2025-11"), "{seen}");
        assert!(left(&fresh).is_empty());
    }
}

#[test]
fn an_object_that_git_has_lost_is_still_in_the_vault() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "lost\n");
    fail_commits(&scratch, true);
    scratch.try_git(["commit", "-qam", "fails"]);
    fail_commits(&scratch, false);
    let id = scratch.git(["hash-object", "a.txt"]).stdout;
    let (folder, file) = id.trim().split_at(2);
    std::fs::remove_file(scratch.top().join(".git/objects").join(folder).join(file)).unwrap();
    for name in scratch.backups("a.txt") {
        std::fs::remove_file(scratch.top().join(name)).unwrap();
    }
    scratch.git(["reset", "-q", "--hard"]);
    scratch.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(scratch.read("a.txt"), "lost\n");
}

#[test]
fn a_version_whose_object_is_missing_from_the_vault_is_said_and_stops_nothing() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "lost\n");
    fail_commits(&scratch, true);
    scratch.try_git(["commit", "-qam", "fails"]);
    fail_commits(&scratch, false);
    let id = scratch.git(["hash-object", "a.txt"]).stdout;
    let (folder, file) = id.trim().split_at(2);
    std::fs::remove_file(scratch.top().join(".git/bak/new").join(folder).join(file)).unwrap();
    for name in scratch.backups("a.txt") {
        std::fs::remove_file(scratch.top().join(name)).unwrap();
    }
    scratch.git(["gc", "-q"]);
    scratch.write("a.txt", "two\n");
    scratch.git(["commit", "-qam", "second"]);
    let ran = scratch.try_bak(["restore", "--yes", "a.txt", "--from", &id[..8]]);
    assert_ne!(ran.status, 0, "{ran:#?}");
    assert!(ran.stderr.contains(&id[..8]) && scratch.read("a.txt") == "two\n", "{ran:#?}");
    scratch.bak(["vault", "fsck", "--strict"]);
    let log = scratch.bak(["vault", "log", "-p", "--all", "--", "a.txt"]).stdout;
    assert!(log.contains("+two") && !log.contains("+lost"), "{log}");
    assert!(scratch.vault_has("a.txt", "two\n"));
}
