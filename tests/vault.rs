//! The vault: its layout, what it survives, who sees it, and what it costs the repository.

use std::fs;
use std::process::{Command, Stdio};

use crate::backup_files::{blob_id, refused_commit, refusing, stage_and_fail, stamp};
use crate::scratch::{Other, Ran, Scratch, script};

/// The snapshots' folders, oldest first: `20251106/20/1045`.
pub fn snapshots(s: &Scratch) -> Vec<String> {
    let listed = s.try_git(["ls-tree", "-r", "-d", "--name-only", "refs/bak/vault"]).stdout;
    let depth = |name: &&str| name.matches('/').count() == 2;
    let mut found: Vec<String> = listed.lines().filter(depth).map(str::to_owned).collect();
    // Git orders folders as if their names ended in a slash.
    found.sort();
    found
}

/// The id of the tree that the ref names.
pub fn root(s: &Scratch) -> String {
    s.git(["rev-parse", "refs/bak/vault"]).stdout
}

/// How many objects nothing names.
fn unreachable(s: &Scratch) -> usize {
    let ran = s.git(["fsck", "--unreachable", "--no-reflogs", "--no-progress"]);
    ran.stdout.lines().filter(|line| line.starts_with("unreachable ")).count()
}

/// One edit, one snapshot of it.
pub fn snapshot(s: &Scratch, text: &str) -> Ran {
    s.write("a.txt", text);
    s.bak(["snapshot", "a.txt"])
}

#[test]
fn a_snapshot_is_a_folder_of_day_hour_minute_and_second() {
    let s = refusing();
    s.write("sub/b.txt", "bee\n");
    s.git(["add", "."]);
    stage_and_fail(&s, "a.txt", "two\n");
    let name = s.backups("a.txt").remove(0);
    let at = stamp(&name);
    let folder = format!("{}/{}/{}", &at[..8], &at[9..11], &at[11..]);
    assert_eq!(snapshots(&s).last(), Some(&folder));
    let vault = s.vault();
    assert_eq!(vault[&format!("{folder}/a.txt")], "two\n");
    assert_eq!(vault[&format!("{folder}/sub/b.txt")], "bee\n");
    assert_eq!(s.git(["cat-file", "-t", "refs/bak/vault"]).stdout, "tree\n");
    // The blob is the one that the backup's name speaks of.
    let listed = s.git(["ls-tree", "-r", "refs/bak/vault"]).stdout;
    assert!(listed.contains(&blob_id(&s, b"two\n")), "{listed}");
}

#[test]
fn plain_git_brings_a_file_back_from_it() {
    let s = refusing();
    stage_and_fail(&s, "sub/b.txt", "bee\n");
    let folder = snapshots(&s).pop().unwrap();
    fs::remove_file(s.top().join("sub/b.txt")).unwrap();
    let source = format!("--source=refs/bak/vault:{folder}");
    s.git(["restore", &source, "--", "sub/b.txt"]);
    assert_eq!(s.read("sub/b.txt"), "bee\n");
    let spec = format!("refs/bak/vault:{folder}/sub/b.txt");
    assert_eq!(s.git(["cat-file", "blob", &spec]).stdout, "bee\n");
}

#[test]
fn two_versions_of_a_path_lie_in_two_folders_of_one_second() {
    let s = refusing();
    s.write("a.txt", "staged\n");
    s.write("b.txt", "only staged\n");
    s.git(["add", "."]);
    s.write("a.txt", "edited\n");
    refused_commit(&s);
    let folders = snapshots(&s);
    let [main, worktree] = &folders[folders.len() - 2..] else { panic!("{folders:?}") };
    assert_eq!(*worktree, format!("{main}-worktree"));
    let vault = s.vault();
    assert_eq!(vault[&format!("{main}/a.txt")], "staged\n");
    assert_eq!(vault[&format!("{worktree}/a.txt")], "edited\n");
    assert_eq!(vault[&format!("{main}/b.txt")], "only staged\n");
    assert!(!vault.contains_key(&format!("{worktree}/b.txt")));
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
    let listed = s.git(["ls-tree", "-r", "refs/bak/vault"]).stdout;
    let mode =
        |name: &str| listed.lines().rfind(|line| line.ends_with(name)).unwrap()[..6].to_owned();
    assert_eq!((mode("run.sh"), mode("a.txt")), ("100755".into(), "100644".into()));
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
    s.git(["reflog", "expire", "--expire=now", "--all"]);
    s.git(["gc", "-q", "--prune=now"]);
    assert!(s.vault_has("a.txt", "two\n") && s.vault_has("a.txt", "edited\n"));
    assert_eq!(unreachable(&s), 0);
    s.bak(["restore", "a.txt"]);
    assert_eq!(s.read("a.txt"), "edited\n");
    // It is written to as before.
    stage_and_fail(&s, "a.txt", "after gc\n");
    assert!(s.vault_has("a.txt", "after gc\n") && s.vault_has("a.txt", "two\n"));
    s.git(["pack-refs", "--all"]);
    stage_and_fail(&s, "a.txt", "after pack-refs\n");
    assert!(s.vault_has("a.txt", "after pack-refs\n") && s.vault_has("a.txt", "two\n"));
    s.git(["fsck", "--strict", "--no-progress"]);
}

#[test]
fn the_same_snapshot_is_recorded_again_only_after_a_day() {
    let s = Scratch::new();
    snapshot(&s, "two\n");
    let before = root(&s);
    s.bak(["snapshot", "a.txt"]);
    s.advance(86_000);
    s.bak(["snapshot", "a.txt"]);
    assert_eq!(root(&s), before);
    let count = snapshots(&s).len();
    s.advance(500);
    s.bak(["snapshot", "a.txt"]);
    assert_eq!(snapshots(&s).len(), count + 1);
    // Another one in between makes it news.
    snapshot(&s, "three\n");
    snapshot(&s, "two\n");
    assert_eq!(snapshots(&s).len(), count + 3);
}

#[test]
fn snapshots_of_one_second_are_numbered() {
    let s = Scratch::new();
    for text in ["two\n", "three\n", "four\n"] {
        snapshot(&s, text);
        s.advance(-1);
    }
    let folders = snapshots(&s);
    let first = &folders[folders.len() - 3];
    assert_eq!(folders[folders.len() - 2..], [format!("{first}-1"), format!("{first}-2")]);
    for (folder, text) in folders[folders.len() - 3..].iter().zip(["two\n", "three\n", "four\n"]) {
        assert_eq!(s.vault()[&format!("{folder}/a.txt")], text);
    }
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
    let folders = snapshots(&s);
    assert!(folders.iter().any(|name| name.ends_with("@side")), "{folders:?}");
    assert!(folders.iter().any(|name| name.ends_with("-worktree@side")), "{folders:?}");
    // Each sees its own alone.
    let main = s.bak(["list", "--vault"]).stdout;
    let side = other.bak(["list", "--vault"]).stdout;
    assert_eq!(main.matches("@{").count(), 1, "{main}");
    assert_eq!(side.matches("@{").count(), 2, "{side}");
    s.write("a.txt", "damaged\n");
    s.bak(["restore", "a.txt"]);
    assert_eq!(s.read("a.txt"), "one\n");
    other.bak(["restore", "a.txt"]);
    let restored = fs::read_to_string(s.root().join("side/a.txt")).unwrap();
    assert_eq!(restored, "in side\n");
    // What the other has counts for no duplicate: the same bytes are kept for both.
    s.write("a.txt", "in side, edited\n");
    s.git(["add", "a.txt"]);
    refused_commit(&s);
    assert!(s.backup_texts("a.txt").contains(&"in side, edited\n".to_owned()));
    let own =
        s.vault().into_iter().filter(|(at, text)| !at.contains('@') && text == "in side, edited\n");
    assert_eq!(own.count(), 1);
}

#[test]
fn what_a_removed_worktree_kept_stays_in_the_vault() {
    let s = refusing();
    let other = linked(&s, "side");
    fs::write(s.root().join("side/a.txt"), "in side\n").unwrap();
    other.git(["add", "a.txt"]);
    assert_eq!(other.try_git(["commit", "-qm", "x"]).status, 1);
    s.git(["worktree", "remove", "--force", s.root().join("side").to_str().unwrap()]);
    assert!(s.vault_has("a.txt", "in side\n"));
    stage_and_fail(&s, "a.txt", "two\n");
    assert!(s.vault_has("a.txt", "in side\n") && s.vault_has("a.txt", "two\n"));
}

#[test]
fn of_eight_writers_at_once_none_is_lost() {
    let s = Scratch::new();
    let mut children = Vec::new();
    for n in 0..8 {
        s.write(&format!("{n}.txt"), format!("text {n}\n"));
        let mut command = s.command(crate::scratch::BAK);
        command
            .args(["snapshot", &format!("{n}.txt")])
            .env("GIT_BAK_NOW", "2025-11-08T10:00:00+00:00");
        children.push(command);
    }
    let quiet = |child: &mut Command| child.stderr(Stdio::null()).spawn().unwrap();
    let running: Vec<_> = children.iter_mut().map(quiet).collect();
    for mut child in running {
        assert!(child.wait().unwrap().success());
    }
    for n in 0..8 {
        assert!(s.vault_has(&format!("{n}.txt"), &format!("text {n}\n")), "{n}: {:#?}", s.vault());
    }
    assert_eq!(snapshots(&s).iter().filter(|name| name.starts_with("20251108/10/0000")).count(), 8);
    s.git(["fsck", "--strict", "--no-progress"]);
}

#[test]
fn a_foreign_move_of_the_ref_meanwhile_loses_nothing() {
    let s = Scratch::new();
    snapshot(&s, "two\n");
    let keep = root(&s);
    s.git(["update-ref", "-d", "refs/bak/vault"]);
    snapshot(&s, "three\n");
    assert!(s.vault_has("a.txt", "three\n"));
    s.git(["update-ref", "refs/bak/vault", keep.trim()]);
    snapshot(&s, "four\n");
    assert!(s.vault_has("a.txt", "two\n") && s.vault_has("a.txt", "four\n"));
}

#[test]
fn superseded_trees_do_not_pile_up() {
    let s = Scratch::new();
    let before = unreachable(&s);
    s.git(["config", "bak.maxBackups", "1"]);
    for n in 0..400 {
        snapshot(&s, &format!("{n}\n"));
    }
    let after = unreachable(&s) - before;
    assert!(after <= 1200, "{after} unreachable objects after 400 snapshots");
    // Nobody needs them any more after a while.
    s.advance(7200);
    snapshot(&s, "much later\n");
    let after = unreachable(&s) - before;
    assert!(after <= 140, "{after} unreachable objects two hours later");
    let vault = s.git(["ls-tree", "-r", "--name-only", "refs/bak/vault"]).stdout;
    assert_eq!(vault.lines().count(), 402, "every snapshot is still there");
    s.git(["fsck", "--strict", "--no-progress"]);
}

#[test]
fn no_reflog_is_kept() {
    let s = refusing();
    s.git(["config", "core.logAllRefUpdates", "always"]);
    stage_and_fail(&s, "a.txt", "two\n");
    stage_and_fail(&s, "a.txt", "three\n");
    assert!(s.exists(".git/logs/HEAD"));
    assert!(!s.exists(".git/logs/refs/bak/vault"));
    assert!(s.try_git(["reflog", "show", "refs/bak/vault"]).stdout.is_empty());
}

#[test]
fn log_all_does_not_show_it_and_clone_fetch_and_push_do_not_take_it() {
    let s = refusing();
    stage_and_fail(&s, "a.txt", "secret work\n");
    assert_eq!(s.git(["log", "--all", "--oneline"]).stdout.lines().count(), 1);
    let (top, clone, bare) =
        (s.top().to_owned(), s.root().join("clone"), s.root().join("bare.git"));
    s.git(["clone", "-q", "--no-local", top.to_str().unwrap(), clone.to_str().unwrap()]);
    s.git(["init", "-q", "--bare", bare.to_str().unwrap()]);
    s.git(["push", "-q", bare.to_str().unwrap(), "--all"]);
    s.at(&clone).git(["fetch", "-q", "origin"]);
    for place in [clone, bare] {
        let refs = s.at(&place).git(["for-each-ref"]).stdout;
        assert!(!refs.contains("refs/bak"), "{refs}");
        let id = blob_id(&s, b"secret work\n");
        assert_ne!(s.at(&place).try_git(["cat-file", "-e", &id]).status, 0);
    }
}

#[test]
fn the_users_reference_transaction_hook_is_not_run_for_it() {
    let s = refusing();
    let log = s.root().join("log");
    let hook = s.top().join(".git/hooks/reference-transaction");
    script(&hook, &format!("cat >> '{}'\nexit 1", log.display()));
    stage_and_fail(&s, "a.txt", "two\n");
    let seen = fs::read_to_string(&log).unwrap_or_default();
    assert!(!seen.contains("refs/bak"), "{seen}");
    assert!(s.vault_has("a.txt", "two\n"));
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
    let before = s.git(["count-objects"]).stdout;
    refused_commit(&s);
    assert_eq!(s.backup_texts("a.txt"), ["edited\n"]);
    assert_eq!(s.backups("big.txt").len(), 1);
    assert_ne!(s.try_git(["rev-parse", "--verify", "-q", "refs/bak/vault"]).status, 0);
    assert_eq!(s.git(["count-objects"]).stdout, before, "no objects of ours");
    s.hook("pre-commit", "exit 0");
    s.git(["commit", "-qam", "second"]);
    assert!(s.backups("big.txt").is_empty());
}

#[test]
fn vault_notes_are_for_their_owner_alone() {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let s = refusing();
        stage_and_fail(&s, "a.txt", "two\n");
        let mode =
            |path: &str| fs::metadata(s.top().join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(".git/bak"), 0o700);
        assert_eq!(mode(".git/bak/vault.state"), 0o600);
    }
}
