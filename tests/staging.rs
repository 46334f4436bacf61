//! post-index-change: the snapshot at staging time.

use std::collections::BTreeSet;

use crate::scratch::{Ran, Scratch, script};

/// The names of the vault's snapshots.
fn snapshots(scratch: &Scratch) -> BTreeSet<String> {
    let of = |place: &String| place.split('/').next().unwrap().to_owned();
    scratch.vault().keys().map(of).collect()
}

/// Runs `what` and says how many snapshots were made; nothing may be said.
fn makes_snapshots(scratch: &Scratch, what: impl Fn(&Scratch) -> Ran) -> usize {
    let before = snapshots(scratch);
    let ran = what(scratch);
    assert!(!ran.stderr.contains("git-bak"), "{ran:#?}");
    snapshots(scratch).difference(&before).count()
}

fn git<const N: usize>(args: [&'static str; N]) -> impl Fn(&Scratch) -> Ran {
    move |scratch| scratch.git(args)
}

/// Branches `main` and `other` that both changed `a.txt`; `other` has `b.txt` and `c.txt`, too.
fn diverged() -> Scratch {
    let scratch = Scratch::without_guard();
    scratch.git(["checkout", "-qb", "other"]);
    for name in ["a.txt", "b.txt", "c.txt"] {
        scratch.write(name, format!("{name} of other\n"));
    }
    scratch.git(["add", "."]);
    scratch.git(["commit", "-qm", "other"]);
    scratch.git(["checkout", "-q", "main"]);
    scratch.write("a.txt", "main\n");
    scratch.git(["commit", "-qam", "main"]);
    scratch
}

#[test]
fn what_was_staged_and_overwritten_comes_back_though_no_commit_was_tried() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "staged\n");
    let ran = scratch.git(["add", "a.txt"]);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    assert_eq!(scratch.backup_texts("a.txt"), ["staged\n"]);
    assert!(scratch.vault_has("a.txt", "staged\n"));
    scratch.git(["reset", "-q", "--hard"]);
    assert_eq!(scratch.read("a.txt"), "one\n");
    scratch.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(scratch.read("a.txt"), "staged\n");
}

#[test]
fn each_staging_is_a_version_and_a_commit_cleans_all_of_them_up() {
    let scratch = Scratch::new();
    for text in ["two\n", "three\n", "four\n", "five\n"] {
        scratch.write("a.txt", text);
        scratch.git(["add", "a.txt"]);
    }
    assert_eq!(scratch.backup_texts("a.txt"), ["three\n", "four\n", "five\n"], "bak.maxBackups");
    assert!(scratch.vault_has("a.txt", "two\n"));
    let ran = scratch.git(["commit", "-qm", "more"]);
    assert!(!ran.stderr.contains("backed up"), "it was, when it was staged: {ran:?}");
    assert!(scratch.all_backups().is_empty());
    let log = scratch.bak(["status"]).stdout;
    assert!(log.contains("\n0 backups"), "{log}");
}

#[test]
fn a_snapshot_has_everything_that_is_staged_and_new_files_alone() {
    let scratch = Scratch::new();
    scratch.write("b/c.txt", "c\n");
    scratch.git(["add", "b"]);
    scratch.write("d.txt", "d\n");
    scratch.git(["add", "d.txt"]);
    let newest = snapshots(&scratch).pop_last().unwrap();
    let vault = scratch.vault();
    assert_eq!(vault[&format!("{newest}/staged/b/c.txt")], "c\n");
    assert_eq!(vault[&format!("{newest}/staged/d.txt")], "d\n");
    assert_eq!(scratch.backups("b/c.txt").len(), 1, "the newest snapshot had it");
    scratch.git(["reset", "-q", "--hard"]);
    scratch.bak(["restore", "--yes", "--all"]);
    assert_eq!((scratch.read("b/c.txt"), scratch.read("d.txt")), ("c\n".into(), "d\n".into()));
}

#[test]
fn a_commit_takes_over_what_staging_kept_and_adds_the_edits_on_top() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "staged\n");
    scratch.write("b.txt", "staged, too\n");
    scratch.git(["add", "."]);
    scratch.write("a.txt", "edited\n");
    scratch.hook("commit-msg", "exit 1");
    scratch.try_git(["commit", "-qm", "fails"]);
    let newest = snapshots(&scratch).pop_last().unwrap();
    let vault = scratch.vault();
    assert_eq!(vault[&format!("{newest}/staged/a.txt")], "staged\n");
    assert_eq!(vault[&format!("{newest}/staged/b.txt")], "staged, too\n");
    assert_eq!(vault[&format!("{newest}/worktree/a.txt")], "edited\n");
    assert_eq!(scratch.backup_texts("a.txt"), ["staged\n", "edited\n"]);
    assert_eq!(scratch.backups("b.txt").len(), 1);
    scratch.git(["reset", "-q", "--hard"]);
    scratch.bak(["restore", "--yes", "--all"]);
    assert_eq!(scratch.read("a.txt"), "edited\n");
}

#[test]
fn a_backup_that_was_deleted_is_made_again_by_the_commit() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "staged\n");
    scratch.git(["add", "a.txt"]);
    scratch.git(["clean", "-fdxq"]);
    scratch.hook("commit-msg", "exit 1");
    scratch.try_git(["commit", "-qm", "fails"]);
    assert_eq!(scratch.backup_texts("a.txt"), ["staged\n"]);
}

#[test]
fn what_is_staged_and_then_taken_out_again_is_cleaned_up_by_the_next_commit() {
    let scratch = Scratch::new();
    scratch.write("b.txt", "not yet\n");
    scratch.git(["add", "b.txt"]);
    scratch.git(["reset", "-q", "b.txt"]);
    scratch.write("a.txt", "two\n");
    scratch.git(["commit", "-qam", "a alone"]);
    assert!(scratch.all_backups().is_empty());
    assert!(scratch.vault_has("b.txt", "not yet\n"));
}

#[test]
fn a_commit_without_pre_commit_cleans_up_what_was_staged() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "two\n");
    scratch.git(["add", "a.txt"]);
    assert_eq!(scratch.backups("a.txt").len(), 1);
    scratch.git(["commit", "-qnm", "no verify"]);
    assert!(scratch.all_backups().is_empty());
}

#[test]
fn a_failed_commit_leaves_what_was_staged_and_says_how_to_get_it_back() {
    let scratch = Scratch::new();
    scratch.hook("pre-commit", "git reset -q --hard; exit 1");
    scratch.write("a.txt", "two\n");
    scratch.git(["add", "a.txt"]);
    let ran = scratch.try_git(["commit", "-qm", "fails"]);
    assert_eq!(ran.status, 1);
    let command = ran.printed_command("a.txt");
    assert_eq!(scratch.read("a.txt"), "one\n");
    scratch.git(command.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(scratch.read("a.txt"), "two\n");
}

#[test]
fn a_part_of_a_file_that_was_staged_is_kept_as_it_was_staged() {
    let scratch = Scratch::new();
    let lines: String = (1..=30).map(|n| format!("{n}\n")).collect();
    scratch.write("a.txt", &lines);
    scratch.git(["commit", "-qam", "lines"]);
    let both = lines.replacen("1\n", "first\n", 1).replace("30\n", "last\n");
    scratch.write("a.txt", &both);
    let mut add = scratch.command("sh");
    let ran = Ran::of(&add.args(["-c", "printf 'y\\nn\\n' | git add -p a.txt"]).output().unwrap());
    assert_eq!(ran.status, 0, "{ran:?}");
    let first = lines.replacen("1\n", "first\n", 1);
    assert_eq!(scratch.backup_texts("a.txt"), [first.clone(), both.clone()]);
    assert!(scratch.vault_has("a.txt", &first) && scratch.vault_has("a.txt", &both));
    // What was staged before brings nothing of the edits on top with it.
    scratch.write("a.txt", "edited once more\n");
    scratch.write("b.txt", "b\n");
    scratch.git(["add", "b.txt"]);
    assert!(!scratch.vault_has("a.txt", "edited once more\n"));
}

#[test]
fn what_is_staged_is_kept_whoever_holds_the_lock_of_the_index_by_then() {
    let scratch = Scratch::new();
    let hooks = scratch.top().join(".git/hooks");
    std::fs::remove_file(hooks.join("post-index-change")).unwrap();
    let body = ": >.git/index.lock\ngit-bak hook post-index-change \"$@\"\nrm .git/index.lock";
    script(&hooks.join("post-index-change"), body);
    scratch.write("a.txt", "two\n");
    assert_eq!(makes_snapshots(&scratch, git(["add", "a.txt"])), 1);
    assert!(scratch.vault_has("a.txt", "two\n"));
}

#[test]
fn what_stash_pop_puts_into_the_index_is_kept() {
    for args in [&["pop", "-q"][..], &["apply", "-q", "--index"], &["branch", "other"]] {
        let scratch = Scratch::new();
        scratch.write("new.txt", "new\n");
        let mut quiet = scratch.command("sh");
        let add = "git add new.txt && git stash -q";
        quiet.env("GIT_BAK", "0").args(["-c", add]);
        Ran::of(&quiet.output().unwrap()).expect_success();
        assert!(!scratch.vault_has("new.txt", "new\n"));
        scratch.git(["stash"].iter().chain(args));
        assert!(scratch.vault_has("new.txt", "new\n"), "{args:?}");
        assert_eq!(scratch.git(["diff", "--cached", "--name-only"]).stdout, "new.txt\n");
    }
}

#[test]
fn the_resolution_of_a_conflict_is_kept_and_not_what_the_other_side_has() {
    let scratch = diverged();
    for how in ["merge", "rebase", "cherry-pick"] {
        assert_eq!(makes_snapshots(&scratch, |s| s.try_git([how, "other"])), 0, "{how}");
        let resolution = format!("resolved in a {how}\n");
        scratch.write("a.txt", &resolution);
        assert_eq!(makes_snapshots(&scratch, git(["add", "a.txt"])), 1, "{how}");
        assert!(scratch.vault_has("a.txt", &resolution), "{how}");
        if how == "merge" {
            assert!(scratch.backups("b.txt").is_empty(), "the other side has it");
        }
        assert_eq!(makes_snapshots(&scratch, git([how, "--abort"])), 0, "{how}");
        scratch.bak(["restore", "--yes", "a.txt"]);
        assert_eq!(scratch.read("a.txt"), resolution);
        scratch.git(["checkout", "-q", "-f", "main"]);
    }
}

#[test]
fn what_brings_no_new_work_makes_no_snapshot() {
    let scratch = diverged();
    let nothing: [&[&str]; 18] = [
        &["status"],
        &["diff", "--stat"],
        &["switch", "-q", "other"],
        &["switch", "-q", "main"],
        &["checkout", "other", "--", "b.txt"],
        &["restore", "--staged", "b.txt"],
        &["restore", "--staged", "--source=other", "c.txt"],
        &["clean", "-fdq"],
        &["reset", "-q", "--hard"],
        &["read-tree", "-m", "-u", "other"],
        &["reset", "-q", "--hard"],
        &["rm", "-q", "a.txt"],
        &["reset", "-q", "--hard"],
        &["cherry-pick", "-X", "theirs", "other"],
        &["revert", "--no-edit", "HEAD"],
        &["rebase", "-q", "-X", "theirs", "other"],
        &["update-index", "-q", "--refresh"],
        &["add", "-u"],
    ];
    for args in nothing {
        let made = makes_snapshots(&scratch, |s| s.git(args.iter().copied()));
        assert_eq!(made, 0, "{args:?}");
    }
}

#[test]
fn a_part_that_a_patch_or_an_editor_puts_into_the_index_is_kept() {
    let scratch = diverged();
    let patch = scratch.git(["diff", "main", "other", "--", "b.txt", "c.txt"]).stdout;
    scratch.write("../a.patch", patch);
    assert_eq!(makes_snapshots(&scratch, git(["apply", "--index", "../a.patch"])), 1);
    assert!(scratch.vault_has("b.txt", "b.txt of other\n"));
    scratch.git(["reset", "-q", "--hard"]);
    assert_eq!(makes_snapshots(&scratch, git(["apply", "--cached", "../a.patch"])), 0);
    let patch = "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-main\n+patched\n";
    scratch.write("../b.patch", patch);
    assert_eq!(makes_snapshots(&scratch, git(["apply", "--cached", "../b.patch"])), 1);
    assert!(scratch.vault_has("a.txt", "patched\n"));
    scratch.write("../part", "a part\n");
    let id = scratch.git(["hash-object", "-w", "../part"]).stdout;
    let entry = format!("100644,{},a.txt", id.trim());
    let put = |s: &Scratch| s.git(["update-index", "--add", "--cacheinfo", &entry]);
    assert_eq!(makes_snapshots(&scratch, put), 1);
    assert!(scratch.vault_has("a.txt", "a part\n"));
}

#[test]
fn what_is_only_meant_to_be_added_is_not_staged() {
    let scratch = Scratch::new();
    scratch.write("b.txt", "b\n");
    assert_eq!(makes_snapshots(&scratch, git(["add", "-N", "b.txt"])), 0);
    scratch.write("a.txt", "two\n");
    assert_eq!(makes_snapshots(&scratch, git(["add", "a.txt"])), 1);
    assert!(scratch.backups("b.txt").is_empty());
    assert_eq!(scratch.backup_texts("a.txt"), ["two\n"]);
}

#[test]
fn stash_and_pop_make_no_snapshot_beyond_that_of_staging() {
    let scratch = Scratch::without_guard();
    scratch.write("a.txt", "two\n");
    assert_eq!(makes_snapshots(&scratch, git(["add", "a.txt"])), 1);
    assert_eq!(makes_snapshots(&scratch, git(["stash", "-q"])), 0);
    assert_eq!(makes_snapshots(&scratch, git(["stash", "pop", "-q", "--index"])), 0);
    assert_eq!(scratch.git(["diff", "--cached", "--name-only"]).stdout, "a.txt\n");
}

#[test]
fn the_same_content_again_makes_no_snapshot() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "two\n");
    assert_eq!(makes_snapshots(&scratch, git(["add", "a.txt"])), 1);
    scratch.write("b.txt", "b\n");
    for args in [["add", "a.txt"], ["rm", "-q"], ["add", "-A"]] {
        let made = makes_snapshots(&scratch, |s| s.try_git(args));
        assert_eq!(made, usize::from(args == ["add", "-A"]), "{args:?}");
    }
}

#[test]
fn a_commit_of_all_makes_one_snapshot() {
    let scratch = Scratch::new();
    for args in [["commit", "-qam", "all"], ["commit", "-qim", "x"], ["commit", "-qom", "x"]] {
        scratch.write("a.txt", format!("{args:?}\n"));
        let before = snapshots(&scratch).len();
        scratch.git(
            args.iter().copied().chain(args[1].contains('a').then_some("--").or(Some("a.txt"))),
        );
        assert_eq!(snapshots(&scratch).len(), before + 1, "{args:?}");
        assert!(scratch.all_backups().is_empty());
    }
}

#[test]
fn an_index_of_somebodys_own_is_left_to_them() {
    let mut scratch = Scratch::new();
    scratch.write("a.txt", "two\n");
    scratch.set_env("GIT_INDEX_FILE", scratch.top().join(".git/other").into_os_string());
    assert_eq!(makes_snapshots(&scratch, git(["add", "a.txt"])), 0);
}

#[test]
fn a_repository_where_it_is_switched_off_makes_no_snapshot() {
    let mut scratch = Scratch::new();
    scratch.write("a.txt", "two\n");
    scratch.git(["config", "bak.enabled", "false"]);
    assert_eq!(makes_snapshots(&scratch, git(["add", "a.txt"])), 0);
    scratch.git(["config", "--unset", "bak.enabled"]);
    scratch.write("a.txt", "three\n");
    scratch.set_env("GIT_BAK", "0");
    assert_eq!(makes_snapshots(&scratch, git(["add", "a.txt"])), 0);
    assert!(scratch.all_backups().is_empty());
}

#[test]
fn what_is_excluded_is_not_kept_and_the_rest_is() {
    let scratch = Scratch::new();
    scratch.git(["config", "bak.exclude", "*.iso"]);
    scratch.write("b.iso", "b\n");
    scratch.write("c.txt", "c\n");
    scratch.git(["add", "."]);
    assert!(scratch.backups("b.iso").is_empty());
    assert_eq!(scratch.backup_texts("c.txt"), ["c\n"]);
}

#[test]
fn without_a_vault_there_are_the_files() {
    let scratch = Scratch::new();
    scratch.git(["config", "bak.vault", "false"]);
    for text in ["two\n", "three\n"] {
        scratch.write("a.txt", text);
        scratch.git(["add", "a.txt"]);
    }
    scratch.write("b.txt", "b\n");
    scratch.git(["add", "b.txt"]);
    assert_eq!(scratch.backup_texts("a.txt"), ["two\n", "three\n"]);
    scratch.git(["commit", "-qm", "both"]);
    assert!(scratch.all_backups().is_empty());
}

#[test]
fn what_cant_be_protected_is_said_at_once() {
    let scratch = Scratch::new();
    scratch.git(["config", "bak.vault", "false"]);
    scratch.git(["config", "bak.maxFileSize", "3"]);
    scratch.write("a.txt", "too long\n");
    let ran = scratch.git(["add", "a.txt"]);
    assert!(ran.stderr.contains("a.txt: not protected"), "{ran:?}");
}

#[test]
fn the_backups_of_many_stagings_are_cleaned_up() {
    let scratch = Scratch::new();
    scratch.git(["config", "bak.maxBackups", "0"]);
    for n in 0..40 {
        scratch.write("a.txt", format!("{n}\n"));
        scratch.git(["add", "a.txt"]);
    }
    assert_eq!(scratch.backups("a.txt").len(), 40);
    scratch.git(["commit", "-qm", "all of them"]);
    assert!(scratch.all_backups().is_empty());
}

#[test]
fn the_users_own_hook_runs_after_ours_and_for_every_change() {
    let scratch = Scratch::new();
    scratch.hook("post-index-change", "echo \"$1 $2 $(ls | grep -c bak)\" >>../seen");
    scratch.write("a.txt", "two\n");
    scratch.git(["add", "a.txt"]);
    scratch.git(["reset", "-q", "--hard"]);
    assert_eq!(scratch.read("../seen"), "0 0 1\n1 0 1\n");
}

#[test]
fn installed_without_it_the_others_do_their_job_alone() {
    let scratch = Scratch::empty();
    scratch.bak(["install"]);
    scratch.bak(["install", "--hooks", "pre-commit,post-commit,post-checkout"]);
    assert!(!scratch.exists(".git/hooks/post-index-change"));
    scratch.write("a.txt", "two\n");
    scratch.git(["add", "a.txt"]);
    assert!(scratch.all_backups().is_empty());
    script(&scratch.top().join(".git/hooks/commit-msg"), "exit 1");
    scratch.try_git(["commit", "-qm", "fails"]);
    assert_eq!(scratch.backup_texts("a.txt"), ["two\n"]);
}

#[test]
fn a_version_that_several_snapshots_have_is_listed_once() {
    let scratch = Scratch::new();
    for (file, text) in
        [("a.txt", "two\n"), ("a.txt", "three\n"), ("b.txt", "b\n"), ("c.txt", "c\n")]
    {
        scratch.write(file, text);
        scratch.git(["add", file]);
    }
    let listed = scratch.bak(["list", "a.txt"]).stdout;
    let numbers: Vec<&str> =
        listed.lines().filter_map(|line| line.trim().split(' ').next()).collect();
    assert_eq!(numbers, ["a.txt", "@{1}", "@{2}", "@{3}"], "{listed}");
    assert_eq!(scratch.bak(["show", "a.txt@{2}"]).stdout, "two\n");
    scratch.git(["reset", "-q", "--hard"]);
    scratch.bak(["restore", "--yes", "--all"]);
    assert_eq!(scratch.read("a.txt"), "three\n", "the newest snapshot has it all the same");
}
