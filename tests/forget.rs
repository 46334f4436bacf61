//! `git bak forget`: nothing of a secret is left that git-bak has made, nothing of Git's is harmed, and what
//! could not be destroyed is named.

use std::fs;
use std::path::{Path, PathBuf};

use crate::backup_files::{refusing, stage_and_fail};
use crate::scratch::{Ran, Scratch};

const SECRET: &str = "password = hunter2, and enough of it to be found\n";

fn blob(s: &Scratch, text: &str) -> String {
    let file = s.root().join("to-hash");
    fs::write(&file, text).unwrap();
    s.git(["hash-object", "--no-filters", file.to_str().unwrap()]).stdout.trim_end().to_owned()
}

/// Whether Git's own objects or the vault have it.
fn is_there(s: &Scratch, text: &str) -> bool {
    s.try_git(["cat-file", "-e", &blob(s, text)]).status == 0 || is_in_vault(s, text)
}

/// Whether the vault has it, be it named by something or not.
fn is_in_vault(s: &Scratch, text: &str) -> bool {
    crate::vault::in_vault(s, &["cat-file", "-e", &blob(s, text)]).status == 0
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.symlink_metadata().unwrap().is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// The files of our own in the Git directory in which some word stands.
fn ours_with(s: &Scratch, word: &str) -> Vec<PathBuf> {
    let has = |file: &PathBuf| {
        let bytes = fs::read(file).unwrap();
        bytes.windows(word.len()).any(|part| part == word.as_bytes())
    };
    files(&s.top().join(".git/bak")).into_iter().filter(has).collect()
}

fn is_sound(s: &Scratch) {
    let ran = s.git(["fsck", "--strict", "--no-progress", "--no-dangling"]);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    s.git(["rev-list", "--objects", "--all"]);
    crate::vault::in_vault(s, &["fsck", "--strict", "--no-progress"]).expect_success();
}

/// A secret that was staged, in a commit that was refused, and is not staged any more; Git has no object of it left.
fn with_secret() -> Scratch {
    let s = refusing();
    stage_and_fail(&s, "env", SECRET);
    stage_and_fail(&s, "a.txt", "kept\n");
    s.git(["rm", "-q", "--cached", "env"]);
    s.git(["prune", "--expire=now"]);
    assert!(is_in_vault(&s, SECRET));
    s
}

fn forget(s: &Scratch, what: &str) -> Ran {
    s.bak(["forget", "--yes", what])
}

#[test]
fn nothing_of_a_forgotten_file_is_left() {
    let s = with_secret();
    // It would keep the file once more where it doesn't know the command that asks.
    s.bak(["install", "--no-guard"]);
    let id = blob(&s, SECRET);
    assert!(is_there(&s, SECRET) && !s.backups("env").is_empty() && s.vault_has("env", SECRET));
    let ran = forget(&s, "env");
    assert!(ran.stderr.contains("✓ forgotten: env"), "{ran:#?}");
    assert!(!is_there(&s, SECRET), "the objects");
    assert!(s.backups("env").is_empty(), "the backup files");
    assert!(!s.vault().keys().any(|path| path.ends_with("/env")), "the vault");
    assert_eq!(ours_with(&s, &id), Vec::<PathBuf>::new(), "the records");
    assert_eq!(ours_with(&s, &id[..8]), Vec::<PathBuf>::new(), "the records");
    assert_eq!(s.read("env"), SECRET, "the file itself is the user's");
    assert!(s.vault_has("a.txt", "kept\n") && !s.backups("a.txt").is_empty(), "the others stay");
    is_sound(&s);
    s.bak(["restore", "--yes", "a.txt"]);
    let told = crate::record::events(&s, "env");
    assert!(
        told.contains(&"created".to_owned()) && told.contains(&"forgotten".to_owned()),
        "{told:?}"
    );
    let ran = s.try_bak(["forget", "-y", "env"]);
    assert_eq!(ran.status, 1, "there is nothing left: {ran:#?}");
    // Life goes on.
    stage_and_fail(&s, "a.txt", "more\n");
    assert!(s.vault_has("a.txt", "more\n"));
    is_sound(&s);
}

#[test]
fn many_snapshots_and_what_they_superseded_leave_no_broken_link() {
    let s = refusing();
    stage_and_fail(&s, "dir/env", SECRET);
    for number in 0..30 {
        stage_and_fail(&s, "a.txt", format!("{number}\n"));
        s.advance(1801);
    }
    s.git(["rm", "-q", "--cached", "dir/env"]);
    s.git(["prune", "--expire=now"]);
    forget(&s, "dir");
    assert!(!is_there(&s, SECRET));
    is_sound(&s);
    assert!(s.vault_has("a.txt", "0\n") && s.vault_has("a.txt", "29\n"));
}

#[test]
fn one_version_goes_and_the_others_stay() {
    let s = refusing();
    for text in ["one version\n", SECRET, "another version\n"] {
        stage_and_fail(&s, "env", text);
    }
    s.git(["prune", "--expire=now"]);
    forget(&s, "env@{2}");
    assert!(!is_there(&s, SECRET) && s.backups("env").len() == 2);
    assert!(s.vault_has("env", "one version\n") && s.vault_has("env", "another version\n"));
    let name = s.backups("env").remove(0);
    forget(&s, &name);
    assert_eq!(s.backup_texts("env"), ["another version\n"]);
    let artifact = &blob(&s, "another version\n")[..8];
    let ran = s.try_bak(["forget", "--yes", artifact]);
    assert_eq!(ran.status, 1, "it is staged: {ran:#?}");
    assert!(s.backups("env").is_empty() && is_there(&s, "another version\n"));
    is_sound(&s);
}

#[test]
fn only_what_is_old_enough_goes() {
    let s = refusing();
    stage_and_fail(&s, "env", SECRET);
    s.advance(40 * 86_400);
    stage_and_fail(&s, "env", "young\n");
    s.git(["prune", "--expire=now"]);
    s.bak(["forget", "--yes", "--older-than", "20.days", "env"]);
    assert!(!is_there(&s, SECRET) && s.vault_has("env", "young\n"));
    assert_eq!(s.backup_texts("env"), ["young\n"]);
    let ran = s.try_bak(["forget", "--yes", "--older-than", "soon", "env"]);
    assert_eq!(ran.status, 2, "{ran:#?}");
    is_sound(&s);
}

#[test]
fn without_a_yes_nothing_is_destroyed() {
    let s = with_secret();
    let ran = s.try_bak(["forget", "env"]);
    assert_eq!(ran.status, 2, "{ran:#?}");
    assert!(ran.stderr.contains("--yes"), "{ran:#?}");
    assert!(is_there(&s, SECRET) && !s.backups("env").is_empty());
    for word in ["nowhere", "deadbeef", "20251106_201045", "../out"] {
        assert_ne!(s.try_bak(["forget", "--yes", word]).status, 0, "{word}");
    }
    assert_eq!(s.try_bak(["forget", "--yes"]).status, 2);
}

#[test]
fn what_git_itself_names_stays_and_is_named() {
    let staged = |s: &Scratch| drop(s.git(["add", "env"]));
    let committed = |s: &Scratch| {
        s.git(["add", "env"]);
        fs::remove_file(s.top().join(".git/hooks/pre-commit.before-bak")).unwrap();
        s.git(["commit", "-qm", "oh no"]);
        s.git(["rm", "-q", "--cached", "env"]);
    };
    let reflog = |s: &Scratch| {
        s.git(["add", "env"]);
        s.git(["commit", "-q", "--no-verify", "-m", "oh no"]);
        s.git(["reset", "-q", "--soft", "HEAD~"]);
        s.git(["rm", "-q", "--cached", "env"]);
    };
    let stash = |s: &Scratch| {
        s.git(["add", "env"]);
        s.git(["stash", "-q"]);
    };
    let lost_commit = |s: &Scratch| {
        s.git(["add", "env"]);
        s.git(["stash", "-q"]);
        s.git(["stash", "drop", "-q"]);
    };
    let other_worktree = |s: &Scratch| {
        s.git(["worktree", "add", "-q", "../linked"]);
        fs::write(s.root().join("linked/env"), SECRET).unwrap();
        s.at(s.root().join("linked")).git(["add", "env"]);
    };
    type Keep<'a> = (&'a str, &'a dyn Fn(&Scratch), &'a str);
    let all: [Keep<'_>; 6] = [
        ("staged", &staged, "git rm --cached -- env"),
        ("committed", &committed, "--find-object="),
        ("in a reflog", &reflog, "--find-object="),
        ("in a stash", &stash, "--find-object="),
        ("in a dropped stash", &lost_commit, "git gc --prune=now"),
        ("staged elsewhere", &other_worktree, "linked rm --cached -- env"),
    ];
    for (what, keep, helps) in all {
        let s = with_secret();
        keep(&s);
        let ran = s.try_bak(["forget", "--yes", "env"]);
        assert_eq!(ran.status, 1, "{what}: {ran:#?}");
        assert!(ran.stderr.contains(helps), "{what}: {ran:#?}");
        assert!(is_there(&s, SECRET), "{what}");
        assert!(!s.vault().keys().any(|path| path.ends_with("/env")), "{what}");
        is_sound(&s);
    }
}

#[test]
fn what_is_folded_and_packed_goes_too_and_so_do_the_commits_that_told_of_it() {
    let s = with_secret();
    s.bak(["fold"]);
    let id = blob(&s, SECRET);
    let texts = |s: &Scratch| s.bak(["vault", "log", "--all", "--format=%B"]).stdout;
    assert!(texts(&s).contains(&id[..8]));
    // Left by the user's own housekeeping and by a killed fold.
    crate::vault::in_vault(&s, &["gc", "-q"]).expect_success();
    s.write(".git/bak/vault.git/objects/pack/tmp_pack_x", SECRET);
    s.write(".git/bak/vault.git/fast_import_crash_1", SECRET);
    forget(&s, "env");
    assert!(!is_there(&s, SECRET) && !texts(&s).contains(&id[..8]));
    assert_eq!(ours_with(&s, &id[..8]), Vec::<PathBuf>::new());
    assert_eq!(ours_with(&s, SECRET), Vec::<PathBuf>::new());
    assert!(s.vault_has("a.txt", "kept\n"));
    is_sound(&s);
}

#[test]
fn what_git_has_in_a_pack_that_nothing_names_is_named_with_the_command_that_removes_it() {
    let s = refusing();
    stage_and_fail(&s, "env", SECRET);
    s.git(["repack", "-adq"]);
    s.git(["rm", "-q", "--cached", "env"]);
    let ran = s.try_bak(["forget", "--yes", "env"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert!(ran.stderr.contains("git gc --prune=now"), "{ran:#?}");
    assert!(!is_in_vault(&s, SECRET) && is_there(&s, SECRET));
    is_sound(&s);
    s.git(["gc", "-q", "--prune=now"]);
    assert!(!is_there(&s, SECRET));
}

#[test]
fn a_copy_that_the_user_made_is_named_and_left() {
    let s = with_secret();
    s.write("env.bak.20240101_120000", SECRET);
    let ran = s.try_bak(["forget", "--yes", "env"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert!(ran.stderr.contains("not removed: it is a copy of your own: rm"), "{ran:#?}");
    assert_eq!(s.read("env.bak.20240101_120000"), SECRET);
}

#[test]
fn the_same_content_under_another_name_is_named() {
    let s = with_secret();
    s.write("copy", SECRET);
    s.bak(["snapshot", "copy"]);
    let ran = s.try_bak(["forget", "--yes", "env"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert!(s.vault_has("copy", SECRET));
    let mut command = ran.printed_command("the vault has the same content");
    command.push("--yes".to_owned());
    s.bak(&command[1..]);
    assert!(!is_there(&s, SECRET));
    is_sound(&s);
}

#[test]
fn snapshots_of_other_worktrees_and_backups_elsewhere_are_thought_of() {
    let s = with_secret();
    s.git(["worktree", "add", "-q", "../linked"]);
    let linked = s.at(s.root().join("linked"));
    fs::write(s.root().join("linked/env"), SECRET).unwrap();
    linked.bak(["snapshot", "env"]);
    let ran = s.try_bak(["forget", "--yes", "env"]);
    assert!(ran.stderr.contains("git -C ") && ran.stderr.contains("linked bak forget"), "{ran:#?}");
    assert!(!s.vault().keys().any(|path| path.ends_with("/env")), "of all working trees");
    assert!(!is_there(&s, SECRET));
    linked.bak(["forget", "--yes", "env"]);
    let names = fs::read_dir(s.root().join("linked")).unwrap();
    let left =
        names.filter(|name| name.as_ref().unwrap().file_name().to_string_lossy().contains(".bak."));
    assert_eq!(left.count(), 0);
    // Made under another setting.
    s.git(["config", "bak.location", "gitdir"]);
    s.write("env", SECRET);
    s.bak(["snapshot", "env"]);
    s.git(["config", "--unset", "bak.location"]);
    s.bak(["forget", "--yes", "env"]);
    assert_eq!(ours_with(&s, SECRET.trim_end()), Vec::<PathBuf>::new());
    assert!(!is_there(&s, SECRET));
}

#[cfg(unix)]
#[test]
fn an_upgrade_that_has_not_ended_is_to_be_ended_first() {
    let s = with_secret();
    let patch = "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-kept\n+patched\n";
    fs::write(s.root().join("p"), patch).unwrap();
    // It kills its own git-bak.
    let ran = s.try_bak(["apply", "--test", "kill -9 $PPID", "../p"]);
    assert!(s.top().join(".git/bak/upgrade/record").exists(), "{ran:#?}");
    let ran = s.try_bak(["forget", "--yes", "env"]);
    assert_eq!(ran.status, 3, "{ran:#?}");
    assert!(ran.stderr.contains("git bak apply --abort"), "{ran:#?}");
    assert!(is_there(&s, SECRET));
    s.bak(["apply", "--abort"]);
    forget(&s, "env");
    assert!(!is_there(&s, SECRET));
}

#[test]
fn what_has_left_the_vault_is_forgotten_by_the_record() {
    let s = with_secret();
    s.bak(["clean"]);
    s.bak(["clean", "--vault", "env"]);
    assert!(!is_there(&s, SECRET));
    let id = blob(&s, SECRET);
    assert!(!ours_with(&s, &id).is_empty(), "it tells which it was");
    s.try_bak(["forget", "--yes", "env"]);
    assert_eq!(ours_with(&s, &id[..8]), Vec::<PathBuf>::new());
    is_sound(&s);
}

#[cfg(target_os = "linux")]
#[test]
fn somebody_at_a_terminal_is_asked() {
    // A terminal for it: script(1), where there is one.
    let s = with_secret();
    let answered = |answer: &str| {
        let mut command = s.command("sh");
        let bak = crate::scratch::BAK;
        let line = format!("printf '{answer}\\n' | script -qec '{bak} forget env' /dev/null");
        Ran::of(&command.args(["-c", &line]).output().unwrap())
    };
    let ran = answered("n");
    if ran.stderr.contains("not found") || ran.stdout.contains("unrecognized") {
        return;
    }
    assert!(ran.stdout.contains("destroy it for good? [y/N]"), "{ran:#?}");
    assert!(is_there(&s, SECRET), "{ran:#?}");
    let ran = answered("y");
    assert!(!is_there(&s, SECRET), "{ran:#?}");
}
