//! The vault: what it is made of, what it survives, who sees it, and what it costs the repository.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::backup_files::{blob_id, refused_commit, refusing, stage_and_fail};
#[cfg(unix)]
use crate::scratch::script;
use crate::scratch::{Other, Ran, Scratch};

const A_DAY: i64 = 86_400;

/// One edit, one snapshot of it.
pub fn snapshot(s: &Scratch, text: &str) -> Ran {
    s.write("a.txt", text);
    s.bak(["snapshot", "a.txt"])
}

/// What plain Git says of the vault, without git-bak and from another folder.
pub fn in_vault(s: &Scratch, args: &[&str]) -> Ran {
    let git_dir = format!("--git-dir={}", s.top().join(".git/bak/vault.git").display());
    s.at(s.root()).try_git([&[git_dir.as_str()], args].concat())
}

/// The versions that the vault's commits have: `<day>/<path>` and text.
pub fn folded(s: &Scratch) -> BTreeSet<(String, String)> {
    let mut all = BTreeSet::new();
    let commits = in_vault(s, &["log", "--all", "--format=%H %cs"]).stdout;
    for (commit, day) in commits.lines().filter_map(|line| line.split_once(' ')) {
        let names = in_vault(s, &["ls-tree", "-r", "-z", "--name-only", commit]).stdout;
        for path in names.split_terminator('\0') {
            let text = in_vault(s, &["cat-file", "blob", &format!("{commit}:{path}")]).stdout;
            all.insert((format!("{day}/{path}"), text));
        }
    }
    all
}

/// The blobs that hooks put in and no fold has taken out yet.
pub fn loose(s: &Scratch) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in fs::read_dir(s.top().join(".git/bak/new")).into_iter().flatten() {
        let files = fs::read_dir(folder.unwrap().path()).unwrap();
        found.extend(files.map(|file| file.unwrap().path()));
    }
    found
}

/// The lines of snapshots.
pub fn snapshots(s: &Scratch) -> Vec<Value> {
    let mut lines = s.record();
    lines.retain(|line| line["ev"] == "snapshot");
    lines
}

/// What the user's repository has, as every Git sees it.
fn of_user(s: &Scratch) -> (String, String, String) {
    let all = s.git(["cat-file", "--batch-all-objects", "--batch-check"]).stdout;
    (all, s.git(["for-each-ref"]).stdout, s.git(["count-objects"]).stdout)
}

#[test]
fn a_snapshot_is_a_line_of_the_record_and_its_blobs() {
    let s = refusing();
    s.write("sub/b.txt", "bee\n");
    s.git(["add", "."]);
    s.write("a.txt", "two\n");
    refused_commit(&s);
    let line = snapshots(&s).pop().unwrap();
    assert_eq!((&line["cause"], &line["full"]), (&Value::from("commit"), &Value::from(true)));
    assert_eq!(line["head"].as_str(), Some(s.git(["rev-parse", "HEAD"]).stdout.trim()));
    let files = line["files"].as_array().unwrap();
    let of = |path: &str| files.iter().find(|file| file["path"] == path).unwrap();
    for (path, text, kind) in [("a.txt", "two\n", "worktree"), ("sub/b.txt", "bee\n", "staged")] {
        let id = blob_id(&s, text.as_bytes());
        assert_eq!((of(path)["id"].as_str(), of(path)["kind"].as_str()), (Some(&*id), Some(kind)));
        assert!(s.exists(&format!(".git/bak/new/{}/{}", &id[..2], &id[2..])), "{path}");
        assert_eq!(in_vault(&s, &["cat-file", "blob", &id]).stdout, text);
    }
}

#[test]
fn plain_git_and_no_git_bak_bring_a_file_back_folded_or_not() {
    let s = refusing();
    stage_and_fail(&s, "sub/b.txt", "bee\n");
    fs::remove_file(s.top().join("sub/b.txt")).unwrap();
    let by_the_record = |s: &Scratch| {
        let found = s.command("grep").args(["-rah", "sub/b.txt", ".git/bak/record"]).output();
        let line = Ran::of(&found.unwrap()).stdout.lines().next().unwrap().to_owned();
        let line: Value = serde_json::from_str(&line).unwrap();
        let file = line["files"].as_array().unwrap().iter().find(|it| it["path"] == "sub/b.txt");
        in_vault(s, &["cat-file", "blob", file.unwrap()["id"].as_str().unwrap()]).stdout
    };
    assert_eq!(by_the_record(&s), "bee\n");
    s.bak(["fold"]);
    assert!(loose(&s).is_empty(), "{:?}", loose(&s));
    assert_eq!(by_the_record(&s), "bee\n");
    let commit = in_vault(&s, &["log", "-1", "--all", "--format=%H", "--", "sub/b.txt"]).stdout;
    let spec = format!("{}:sub/b.txt", commit.trim());
    assert_eq!(in_vault(&s, &["cat-file", "blob", &spec]).stdout, "bee\n");
    s.bak(["restore", "--yes", "sub/b.txt"]);
    assert_eq!(s.read("sub/b.txt"), "bee\n");
}

#[test]
fn git_bak_vault_folds_first_and_is_git_in_the_vault() {
    let s = refusing();
    s.write("dir/b.txt", "bee\n");
    s.git(["add", "."]);
    stage_and_fail(&s, "a.txt", "two\n");
    let ran = s.at(s.top().join("dir")).bak(["vault", "log", "-p", "--all", "--", "dir/b.txt"]);
    assert!(ran.stdout.contains("+bee"), "{ran:#?}");
    assert!(ran.stdout.contains("git-bak"), "{ran:#?}");
    assert!(loose(&s).is_empty());
    let ran = s.try_bak(["vault", "rev-parse", "--verify", "--quiet", "nothing"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (1, ""), "the status is Git's own");
    let ran = s.bak(["vault", "--version"]);
    assert!(ran.stdout.starts_with("git version"), "{ran:#?}");
    let empty = Scratch::empty();
    let ran = empty.try_bak(["vault", "log"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (1, ""), "{ran:#?}");
    assert!(!empty.exists(".git/bak"), "it makes none where there is nothing");
}

#[test]
fn staged_and_edited_are_two_commits_of_one_snapshot() {
    let s = refusing();
    s.write("a.txt", "staged\n");
    s.write("b.txt", "only staged\n");
    s.git(["add", "."]);
    s.write("a.txt", "edited\n");
    refused_commit(&s);
    s.bak(["fold"]);
    let format = "--format=%s";
    let subjects = in_vault(&s, &["log", "--reverse", "--all", format, "--grep=^commit"]).stdout;
    let last: Vec<&str> = subjects.lines().rev().take(2).collect();
    assert_eq!(last, ["commit: 1 file", "commit: 2 files, as staged"], "{subjects}");
    let texts: BTreeSet<String> = folded(&s).into_iter().map(|(_, text)| text).collect();
    for text in ["staged\n", "only staged\n", "edited\n"] {
        assert!(texts.contains(text), "{text}: {texts:?}");
    }
}

#[cfg(unix)]
#[test]
fn the_executable_bit_is_kept() {
    use std::os::unix::fs::PermissionsExt;
    let s = refusing();
    s.write("run.sh", "#!/bin/sh\n");
    fs::set_permissions(s.top().join("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    s.git(["add", "run.sh"]);
    stage_and_fail(&s, "a.txt", "two\n");
    let tree = "--format=%(objectmode) %(path)";
    s.bak(["fold"]);
    let listed = in_vault(&s, &["ls-tree", "-r", tree, "HEAD"]).stdout;
    assert!(listed.contains("100755 run.sh\n") && listed.contains("100644 a.txt\n"), "{listed}");
}

#[test]
fn it_survives_gc_and_clean_and_the_loss_of_every_backup() {
    let s = refusing();
    stage_and_fail(&s, "a.txt", "two\n");
    s.write("a.txt", "edited\n");
    refused_commit(&s);
    s.git(["clean", "-fdxq"]);
    s.git(["reset", "-q", "--hard"]);
    assert!(s.backups("a.txt").is_empty());
    for fold in [false, true] {
        if fold {
            s.bak(["fold"]);
        }
        s.git(["reflog", "expire", "--expire=now", "--all"]);
        s.git(["gc", "-q", "--prune=now"]);
        // The user's own housekeeping in the vault.
        in_vault(&s, &["gc", "-q", "--prune=now"]).expect_success();
        in_vault(&s, &["repack", "-adq"]).expect_success();
        in_vault(&s, &["prune", "--expire=now"]).expect_success();
        assert!(s.vault_has("a.txt", "two\n") && s.vault_has("a.txt", "edited\n"), "{fold}");
        in_vault(&s, &["fsck", "--strict", "--no-progress"]).expect_success();
    }
    s.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(s.read("a.txt"), "edited\n");
    // It is written to as before.
    stage_and_fail(&s, "a.txt", "after gc\n");
    assert!(s.vault_has("a.txt", "after gc\n") && s.vault_has("a.txt", "two\n"));
    s.git(["fsck", "--strict", "--no-progress"]);
}

#[test]
fn the_users_repository_is_as_it_was() {
    let s = Scratch::new();
    s.write("big.txt", vec![b'b'; 300_000]);
    s.write("a.txt", "two\n");
    let before = of_user(&s);
    s.bak(["snapshot", "--untracked"]);
    assert!(s.vault_has("a.txt", "two\n"));
    assert_eq!(of_user(&s), before);
    s.bak(["fold"]);
    s.bak(["vault", "log", "--all"]);
    s.bak(["clean", "--vault", "a.txt"]);
    s.bak(["forget", "--yes", "big.txt"]);
    assert_eq!(of_user(&s), before);
    assert_eq!(s.git(["log", "--all", "--oneline"]).stdout.lines().count(), 1);
    assert!(!s.git(["config", "--list"]).stdout.to_lowercase().contains("hiderefs"));
}

#[cfg(unix)]
#[test]
fn a_blob_that_git_has_is_linked_and_git_loses_nothing_by_it() {
    use std::os::unix::fs::MetadataExt;
    let s = Scratch::new();
    s.write("b.txt", "bee\n");
    s.git(["add", "b.txt"]);
    let id = blob_id(&s, b"bee\n");
    let place = |folder: &str| s.top().join(format!(".git/{folder}/{}/{}", &id[..2], &id[2..]));
    let meta = |folder: &str| place(folder).metadata().unwrap();
    let (gits, ours) = (meta("objects"), meta("bak/new"));
    assert_eq!((gits.ino(), gits.mode() & 0o777), (ours.ino(), 0o444));
    s.git(["commit", "-qm", "second"]);
    s.bak(["fold"]);
    assert!(!place("bak/new").exists() && place("objects").exists());
    s.git(["fsck", "--strict", "--no-progress"]);
}

/// A linked worktree called `name`.
fn linked<'a>(s: &'a Scratch, name: &str) -> Other<'a> {
    let place = s.root().join(name);
    s.git(["worktree", "add", "-q", "-b", name, place.to_str().unwrap()]);
    s.at(place)
}

#[test]
fn a_linked_worktree_has_snapshots_of_its_own() {
    let s = refusing();
    let other = linked(&s, "side");
    fs::write(s.root().join("side/a.txt"), "in side\n").unwrap();
    other.git(["add", "a.txt"]);
    fs::write(s.root().join("side/a.txt"), "in side, edited\n").unwrap();
    assert_eq!(other.try_git(["commit", "-qm", "x"]).status, 1);
    // Each sees its own alone.
    let main = s.bak(["list"]).stdout;
    let side = other.bak(["list"]).stdout;
    assert_eq!(main.matches("@{").count(), 1, "{main}");
    assert_eq!(side.matches("@{").count(), 2, "{side}");
    s.write("a.txt", "damaged\n");
    s.bak(["restore", "--from", "a.txt@{1}"]);
    assert_eq!(s.read("a.txt"), "one\n");
    // What the other has counts for no duplicate: the same bytes are kept for both.
    s.write("a.txt", "in side, edited\n");
    s.git(["add", "a.txt"]);
    refused_commit(&s);
    assert!(s.backup_texts("a.txt").contains(&"in side, edited\n".to_owned()));
    s.bak(["fold"]);
    let branches = in_vault(&s, &["for-each-ref", "--format=%(refname:lstrip=2)"]).stdout;
    let ids: BTreeSet<&str> = branches.lines().filter_map(|it| it.split('/').next()).collect();
    assert_eq!(ids.len(), 2, "{branches}");
    let of_main = s.read(".git/bak/worktree");
    let head = in_vault(&s, &["symbolic-ref", "HEAD"]).stdout;
    assert!(head.contains(&of_main), "HEAD is the main worktree's newest day: {head}");
}

#[test]
fn what_a_removed_worktree_kept_stays_and_one_of_its_name_inherits_nothing() {
    let s = refusing();
    let place = s.root().join("side");
    let other = linked(&s, "side");
    fs::write(place.join("a.txt"), "in side\n").unwrap();
    other.git(["add", "a.txt"]);
    assert_eq!(other.try_git(["commit", "-qm", "x"]).status, 1);
    s.git(["worktree", "remove", "--force", place.to_str().unwrap()]);
    assert!(s.vault_has("a.txt", "in side\n"));
    stage_and_fail(&s, "a.txt", "two\n");
    s.bak(["fold"]);
    assert!(s.vault_has("a.txt", "in side\n") && s.vault_has("a.txt", "two\n"));
    let listed = s.bak(["list", "--worktree=all", "--json"]).stdout;
    assert!(listed.contains("\"worktree\": \"side\""), "{listed}");
    s.git(["worktree", "add", "-q", place.to_str().unwrap(), "side"]);
    let again = s.at(&place);
    again.bak(["snapshot"]);
    assert!(!again.bak(["list"]).stdout.contains("a.txt"));
}

#[test]
fn of_eight_writers_at_once_none_is_lost_with_folds_between_them() {
    let s = Scratch::new();
    let mut children = Vec::new();
    for n in 0..8 {
        s.write(&format!("{n}.txt"), format!("text {n}\n"));
        let mut command = s.command(crate::scratch::BAK);
        command
            .args(["snapshot", &format!("{n}.txt")])
            .env("GIT_BAK_NOW", "2025-11-08T10:00:00+00:00");
        children.push(command);
        if n % 3 == 0 {
            let mut command = s.command(crate::scratch::BAK);
            command.arg("fold").env("GIT_BAK_NOW", "2025-11-09T10:00:00+00:00");
            children.push(command);
        }
    }
    let quiet = |child: &mut Command| child.stderr(Stdio::null()).spawn().unwrap();
    let running: Vec<_> = children.iter_mut().map(quiet).collect();
    for mut child in running {
        assert!(child.wait().unwrap().success());
    }
    s.bak(["fold"]);
    assert!(loose(&s).is_empty(), "{:?}", loose(&s));
    for n in 0..8 {
        assert!(s.vault_has(&format!("{n}.txt"), &format!("text {n}\n")), "{n}: {:#?}", s.vault());
    }
    assert!(snapshots(&s).iter().filter(|line| line["t"] == 1_762_596_000).count() == 8);
    in_vault(&s, &["fsck", "--strict", "--no-progress"]).expect_success();
}

#[test]
fn a_day_is_folded_by_a_hook_of_the_next_that_nobody_waits_for() {
    let mut s = refusing();
    stage_and_fail(&s, "a.txt", "two\n");
    s.advance(2 * A_DAY);
    // Where CI is set nothing goes on when a command has ended.
    stage_and_fail(&s, "a.txt", "three\n");
    assert!(!s.exists(".git/bak/fold.lock"));
    s.git(["config", "gc.autoDetach", "false"]);
    s.unset_env("CI");
    stage_and_fail(&s, "a.txt", "four\n");
    assert!(!s.exists(".git/bak/fold.lock"));
    s.git(["config", "--unset", "gc.autoDetach"]);
    stage_and_fail(&s, "a.txt", "five\n");
    let done = |s: &Scratch| {
        let text = fs::read_to_string(s.top().join(".git/bak/fold.lock")).unwrap_or_default();
        let times: Vec<i64> = text.split_whitespace().filter_map(|it| it.parse().ok()).collect();
        times.first().is_some_and(|done| *done > 0)
    };
    for _ in 0..600 {
        if done(&s) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert!(done(&s), "it was never folded");
    s.set_env("CI", "true");
    let days: BTreeSet<String> = folded(&s).into_iter().map(|(place, _)| place).collect();
    assert!(days.contains("2025-11-06/a.txt"), "{days:?}");
    for text in ["two\n", "three\n", "four\n", "five\n"] {
        assert!(s.vault_has("a.txt", text), "{text}");
    }
}

#[test]
fn on_its_first_day_a_repository_is_never_folded() {
    let mut s = refusing();
    s.unset_env("CI");
    for text in ["two\n", "three\n", "four\n"] {
        stage_and_fail(&s, "a.txt", text);
    }
    assert!(!s.exists(".git/bak/fold.lock"));
}

#[test]
fn log_all_does_not_show_it_and_clone_fetch_push_mirror_and_bundle_do_not_take_it() {
    let s = refusing();
    stage_and_fail(&s, "kept.txt", "secret work\n");
    s.git(["rm", "-q", "--cached", "kept.txt"]);
    s.bak(["fold"]);
    let (top, clone, bare) =
        (s.top().to_owned(), s.root().join("clone"), s.root().join("bare.git"));
    s.git([
        "clone",
        "-q",
        "--mirror",
        "--no-local",
        top.to_str().unwrap(),
        clone.to_str().unwrap(),
    ]);
    s.git(["init", "-q", "--bare", bare.to_str().unwrap()]);
    s.git(["push", "-q", "--mirror", bare.to_str().unwrap()]);
    let id = blob_id(&s, b"secret work\n");
    for place in [clone, bare] {
        let refs = s.at(&place).git(["for-each-ref", "--format=%(refname)"]).stdout;
        assert_eq!(refs, "refs/heads/main\n");
        assert_ne!(s.at(&place).try_git(["cat-file", "-e", &id]).status, 0);
    }
    assert!(!s.git(["rev-list", "--objects", "--all"]).stdout.contains(&id));
    assert!(s.vault_has("kept.txt", "secret work\n"));
}

#[cfg(unix)]
#[test]
fn no_hook_of_the_users_is_run_for_it() {
    let s = refusing();
    let log = s.root().join("log");
    for name in ["reference-transaction", "post-rewrite", "pre-auto-gc"] {
        let hook = s.top().join(".git/hooks").join(name);
        script(&hook, &format!("echo \"$PWD\" >> '{}'\nexit 1", log.display()));
    }
    s.git(["config", "core.hooksPath", s.top().join(".git/hooks").to_str().unwrap()]);
    s.write("a.txt", "two\n");
    s.bak(["snapshot", "a.txt"]);
    s.bak(["fold"]);
    assert!(!log.exists(), "{}", fs::read_to_string(&log).unwrap());
    assert!(loose(&s).is_empty() && s.vault_has("a.txt", "two\n"));
}

#[test]
fn without_a_vault_there_are_files_alone() {
    let s = Scratch::empty();
    s.git(["config", "bak.vault", "false"]);
    s.bak(["install"]);
    s.write("a.txt", "one\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "first"]);
    s.hook("pre-commit", "exit 1");
    s.write("a.txt", "edited\n");
    s.write("big.txt", vec![b'b'; 9 << 20]);
    s.git(["add", "-N", "big.txt"]);
    let before = of_user(&s);
    refused_commit(&s);
    assert_eq!(s.backup_texts("a.txt"), ["edited\n"]);
    assert_eq!(s.backups("big.txt").len(), 1);
    assert_eq!(of_user(&s), before, "no objects of ours");
    assert!(loose(&s).is_empty() && !s.exists(".git/bak/vault.git/HEAD"));
    s.hook("pre-commit", "exit 0");
    s.git(["commit", "-qam", "second"]);
    assert!(s.backups("big.txt").is_empty());
}

#[cfg(unix)]
#[test]
fn it_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let s = refusing();
    stage_and_fail(&s, "a.txt", "two\n");
    s.bak(["snapshot", "-m", "label"]);
    s.bak(["fold"]);
    stage_and_fail(&s, "a.txt", "three\n");
    let mut folders = vec![s.top().join(".git/bak")];
    while let Some(folder) = folders.pop() {
        let mode = folder.metadata().unwrap().permissions().mode() & 0o777;
        let is_of_git = folder.components().any(|part| part.as_os_str() == "vault.git")
            && !folder.ends_with("vault.git");
        assert!(mode == 0o700 || is_of_git, "{}: {mode:o}", folder.display());
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if ["bak", "record"].iter().any(|it| folder.ends_with(it)) {
                let mode = path.metadata().unwrap().permissions().mode() & 0o777;
                assert_eq!(mode, 0o600, "{}", path.display());
            }
        }
    }
}
