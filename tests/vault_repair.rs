//! The vault in trouble: locks, missing objects, hostile names,

use std::fs::{self, File};
use std::io::Write;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use crate::backup_files::{blob_id, refused_commit, refusing, stage_and_fail};
use crate::scratch::{Ran, Scratch};
use crate::vault::{root, snapshot, snapshots};

const LOCK: &str = ".git/refs/bak/vault.lock";

/// Puts a lock on the vault's ref that somebody took this long ago.
fn lock_ref(s: &Scratch, age: Duration) {
    s.write(LOCK, "");
    let file = File::options().write(true).open(s.top().join(LOCK)).unwrap();
    file.set_modified(SystemTime::now() - age).unwrap();
}

/// Removes an object as a `gc` that ran at the wrong moment would.
fn lose(s: &Scratch, id: &str) {
    let id = id.trim();
    let file = s.top().join(".git/objects").join(&id[..2]).join(&id[2..]);
    fs::remove_file(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
}

fn id_of(s: &Scratch, spec: &str) -> String {
    s.git(["rev-parse", spec]).stdout.trim().to_owned()
}

/// What Git makes of `input`.
pub fn feed(s: &Scratch, args: &[&str], input: &[u8]) -> String {
    let mut command = s.command("git");
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A tree with any names at all in it: mode, name, object id.
fn raw_tree(s: &Scratch, entries: &[(&str, &[u8], &str)]) -> String {
    let mut bytes = Vec::new();
    for (mode, name, id) in entries {
        bytes.extend([mode.as_bytes(), b" ", name, b"\0"].concat());
        bytes.extend((0..20).map(|at| u8::from_str_radix(&id[2 * at..2 * at + 2], 16).unwrap()));
    }
    feed(s, &["hash-object", "-w", "-t", "tree", "--literally", "--stdin"], &bytes)
}

/// Whether Git's own housekeeping still works.
fn assert_gc_works(s: &Scratch) {
    s.git(["gc", "-q", "--prune=now"]);
    s.git(["fsck", "--no-progress"]);
}

#[test]
fn a_stale_lock_of_the_ref_is_removed() {
    let s = refusing();
    lock_ref(&s, Duration::from_secs(11));
    let ran = stage_and_fail(&s, "a.txt", "two\n");
    assert!(s.vault_has("a.txt", "two\n"), "{ran:#?}");
    assert!(!s.exists(LOCK));
}

#[test]
fn under_a_fresh_lock_the_files_are_written_and_the_next_hook_deposits_them() {
    let s = refusing();
    let before = root(&s);
    lock_ref(&s, Duration::ZERO);
    let ran = stage_and_fail(&s, "a.txt", "two\n");
    assert!(s.exists(LOCK), "it is somebody's");
    assert_eq!(s.backup_texts("a.txt"), ["two\n"]);
    assert_eq!(root(&s), before);
    let said = ran.stderr.lines().filter(|line| line.contains("vault")).count();
    assert_eq!(said, 1, "{ran:#?}");
    fs::remove_file(s.top().join(LOCK)).unwrap();
    stage_and_fail(&s, "b.txt", "bee\n");
    assert!(s.vault_has("a.txt", "two\n") && s.vault_has("b.txt", "bee\n"));
}

#[test]
fn a_manual_snapshot_under_a_fresh_lock_is_deposited_by_the_next_hook_too() {
    let s = refusing();
    lock_ref(&s, Duration::ZERO);
    let ran = snapshot(&s, "two\n");
    assert!(ran.stderr.contains("the next hook deposits"), "{ran:#?}");
    assert_eq!(s.backup_texts("a.txt"), ["two\n"]);
    fs::remove_file(s.top().join(LOCK)).unwrap();
    s.git(["checkout", "-q", "a.txt"]);
    stage_and_fail(&s, "b.txt", "bee\n");
    assert!(s.vault_has("a.txt", "two\n"));
}

#[test]
fn a_commit_under_a_fresh_lock_succeeds_and_only_held_backups_go() {
    let s = Scratch::new();
    s.write("a.txt", "committed\n");
    s.git(["add", "a.txt"]);
    s.write("a.txt", "edited\n");
    lock_ref(&s, Duration::ZERO);
    s.git(["commit", "-qm", "second"]);
    // HEAD holds the one; nobody holds the other.
    assert_eq!(s.backup_texts("a.txt"), ["edited\n"]);
    fs::remove_file(s.top().join(LOCK)).unwrap();
    s.git(["commit", "-q", "--allow-empty", "-m", "third"]);
    assert!(s.backups("a.txt").is_empty());
    assert!(s.vault_has("a.txt", "edited\n"));
}

#[test]
fn a_missing_blob_is_dropped_and_named_by_the_next_hook() {
    let s = refusing();
    s.write("gone.txt", "lost\n");
    s.write("kept.txt", "kept\n");
    s.bak(["snapshot", "gone.txt", "kept.txt"]);
    lose(&s, &blob_id(&s, b"lost\n"));
    assert_ne!(s.try_git(["gc", "-q", "--prune=now"]).status, 0, "this is the harm");
    s.write("a.txt", "two\n");
    let ran = s.git(["add", "a.txt"]);
    let line = ran.stderr.lines().find(|line| line.contains("missing from the vault"));
    assert!(line.is_some_and(|line| line.contains("gone.txt")), "{ran:#?}");
    let once = refused_commit(&s);
    assert!(!once.stderr.contains("missing"), "{once:#?}");
    assert!(s.vault_has("kept.txt", "kept\n") && s.vault_has("a.txt", "two\n"));
    assert_gc_works(&s);
    let again = stage_and_fail(&s, "a.txt", "three\n");
    assert!(!again.stderr.contains("missing"), "{again:#?}");
}

#[test]
fn an_old_entry_whose_blob_went_missing_is_dropped_within_a_day() {
    let s = Scratch::new();
    snapshot(&s, "lost\n");
    for text in ["1\n", "2\n", "3\n", "4\n"] {
        s.advance(3600);
        snapshot(&s, text);
    }
    lose(&s, &blob_id(&s, b"lost\n"));
    s.advance(86_400);
    let ran = s.git(["commit", "-qam", "a day later"]);
    assert!(ran.stderr.contains("missing from the vault"), "{ran:#?}");
    assert_gc_works(&s);
}

#[test]
fn a_missing_blob_of_which_there_is_a_backup_comes_back() {
    let s = refusing();
    stage_and_fail(&s, "a.txt", "two\n");
    let id = blob_id(&s, b"two\n");
    lose(&s, &id);
    s.hook("pre-commit", "exit 0");
    s.git(["commit", "-q", "--allow-empty", "-m", "x"]);
    // Either the backup is still there, or the vault has it again: it is never lost.
    let is_there = s.backup_texts("a.txt").contains(&"two\n".to_owned());
    assert!(is_there || s.vault_has("a.txt", "two\n"));
}

/// A vault of two days, several hours and folders, with this tree of it gone.
fn with_a_missing_tree(spec: impl Fn(&Scratch) -> String) -> (Scratch, Ran) {
    with_a_missing_tree_and(spec, false)
}

/// The same, with the spare copies of what was written last or without.
fn with_a_missing_tree_and(spec: impl Fn(&Scratch) -> String, with_spares: bool) -> (Scratch, Ran) {
    let s = refusing();
    s.write("dir/f.txt", "in a folder\n");
    s.bak(["snapshot", "dir/f.txt"]);
    snapshot(&s, "first day\n");
    s.advance(86_400);
    snapshot(&s, "second day\n");
    let lost = id_of(&s, &spec(&s));
    lose(&s, &lost);
    if !with_spares {
        fs::remove_file(s.top().join(".git/bak/spare")).unwrap();
    }
    s.write("b.txt", "bee\n");
    let mut ran = s.git(["add", "b.txt"]);
    ran.stderr += &refused_commit(&s).stderr;
    (s, ran)
}

/// The newest snapshot's folder, found step by step.
fn newest_snapshot(s: &Scratch) -> String {
    let last = |spec: &str| {
        let listed = s.try_git(["ls-tree", "--name-only", spec]).stdout;
        listed.lines().max().unwrap_or("none").to_owned()
    };
    let day = last("refs/bak/vault");
    let hour = last(&format!("refs/bak/vault:{day}"));
    let second = last(&format!("refs/bak/vault:{day}/{hour}"));
    format!("{day}/{hour}/{second}")
}

fn assert_whole_again(s: &Scratch, ran: &Ran) {
    // Asked for by its path: `ls-tree -r` gives up where something is missing.
    let newest = format!("refs/bak/vault:{}/b.txt", newest_snapshot(s));
    let found = s.try_git(["cat-file", "blob", &newest]).stdout;
    assert_eq!(found, "bee\n", "the vault takes no snapshot any more: {ran:#?}");
    // At the latest what looks at everything, once a day, has put it right.
    s.advance(2 * 86_400);
    s.hook("pre-commit", "exit 0");
    s.git(["commit", "-qm", "later"]);
    assert!(s.vault_has("b.txt", "bee\n"));
    assert_gc_works(s);
}

#[test]
fn a_missing_folder_of_a_snapshot_is_dropped() {
    let folder = |s: &Scratch| {
        let all = snapshots(s);
        format!("refs/bak/vault:{}/dir", all[all.len() - 3])
    };
    let (s, ran) = with_a_missing_tree(folder);
    assert_whole_again(&s, &ran);
    assert!(s.vault_has("a.txt", "first day\n") && s.vault_has("a.txt", "second day\n"));
}

#[test]
fn a_missing_snapshot_is_dropped() {
    let (s, ran) = with_a_missing_tree(|s| {
        let all = snapshots(s);
        format!("refs/bak/vault:{}", all[all.len() - 2])
    });
    assert_whole_again(&s, &ran);
    assert!(s.vault_has("a.txt", "second day\n"));
}

#[test]
fn a_missing_hour_is_dropped() {
    let (s, ran) = with_a_missing_tree(|_| "refs/bak/vault:20251107/20".to_owned());
    assert_whole_again(&s, &ran);
    assert!(s.vault_has("a.txt", "first day\n"));
}

#[test]
fn a_missing_day_is_dropped() {
    let (s, ran) = with_a_missing_tree(|_| "refs/bak/vault:20251106".to_owned());
    assert_whole_again(&s, &ran);
    assert!(s.vault_has("a.txt", "second day\n"));
}

#[test]
fn a_tree_that_was_written_a_moment_ago_is_written_again() {
    let specs = ["refs/bak/vault", "refs/bak/vault:20251107", "refs/bak/vault:20251107/20"];
    for spec in specs {
        let (s, ran) = with_a_missing_tree_and(|_| spec.to_owned(), true);
        assert!(!ran.stderr.contains("missing"), "{spec}: {ran:#?}");
        assert_whole_again(&s, &ran);
        for text in ["first day\n", "second day\n"] {
            assert!(s.vault_has("a.txt", text), "{spec}: {text}");
        }
        assert!(s.vault_has("dir/f.txt", "in a folder\n"), "{spec}");
    }
}

#[test]
fn what_is_read_is_written_again_first() {
    let s = refusing();
    snapshot(&s, "two\n");
    lose(&s, &id_of(&s, "refs/bak/vault"));
    s.write("a.txt", "other\n");
    s.bak(["restore", "a.txt"]);
    assert_eq!(s.read("a.txt"), "two\n");
}

#[test]
fn a_vault_whose_root_is_missing_is_begun_anew() {
    let (s, ran) = with_a_missing_tree(|_| "refs/bak/vault".to_owned());
    assert!(ran.stderr.contains("vault"), "it is said: {ran:#?}");
    assert_whole_again(&s, &ran);
}

#[test]
fn a_ref_that_names_no_tree_is_said_and_left_alone_and_files_are_written() {
    for spec in ["HEAD", "HEAD:a.txt"] {
        let s = refusing();
        let other = id_of(&s, spec);
        s.git(["update-ref", "refs/bak/vault", &other]);
        let ran = stage_and_fail(&s, "a.txt", "two\n");
        assert!(ran.stderr.contains("does not name a tree"), "{spec}: {ran:#?}");
        assert_eq!(s.backup_texts("a.txt"), ["two\n"]);
        assert_eq!(root(&s).trim(), other);
        assert!(s.bak(["list"]).stdout.contains("a.txt"));
        s.write("a.txt", "damaged\n");
        s.bak(["restore", "a.txt"]);
        assert_eq!(s.read("a.txt"), "two\n");
        // What HEAD holds needs no vault to be cleaned up.
        s.hook("pre-commit", "exit 0");
        s.bak(["clean", "--older-than", "1.hour"]);
        s.git(["commit", "-qm", "second"]);
        assert!(!s.backup_texts("a.txt").contains(&"two\n".to_owned()), "{spec}");
    }
}

#[test]
fn hostile_names_are_passed_over_by_list_and_restore() {
    let s = refusing();
    snapshot(&s, "two\n");
    let evil = feed(&s, &["hash-object", "-w", "--stdin"], b"evil\n");
    let inner = raw_tree(&s, &[("100644", b"config", &evil), ("100644", b"passwd", &evil)]);
    let snapshot_tree = raw_tree(
        &s,
        &[
            ("100644", b"..", &evil),
            ("40000", b"...", &inner),
            ("40000", b".GIT", &inner),
            ("40000", b".git", &inner),
            ("100644", b"a.txt", &evil),
            ("120000", b"link", &evil),
            ("100644", b"with/slash", &evil),
            ("40000", b"..", &inner),
        ],
    );
    let hour = raw_tree(
        &s,
        &[
            ("40000", b"../../etc", &snapshot_tree),
            ("40000", b"5959", &snapshot_tree),
            ("40000", b"6100", &snapshot_tree),
        ],
    );
    let day = raw_tree(&s, &[("40000", b"23", &hour), ("40000", b"99", &hour)]);
    let top = raw_tree(&s, &[("40000", b"20251106", &day), ("100644", b"README", &evil)]);
    s.git(["update-ref", "refs/bak/vault", &top]);
    let config = s.read(".git/config");
    let listed = s.bak(["list", "--vault", "--json"]).stdout;
    for hostile in ["..\"", ".git/", ".GIT", "../", "with/slash", "\"link\"", "passwd\""] {
        let lines: Vec<&str> = listed
            .lines()
            .filter(|line| line.contains("\"path\"") && line.contains(hostile))
            .collect();
        // Three dots are a name like any other, and a slash in a name is read as one between names.
        let is_harmless = |line: &&&str| line.contains("\".../") || line.contains("with/slash");
        assert_eq!(lines.len(), lines.iter().filter(is_harmless).count(), "{hostile}: {lines:?}");
    }
    s.try_bak(["restore", "--all"]);
    s.try_bak(["restore", ".git/config"]);
    s.try_bak(["restore", "../passwd"]);
    s.try_bak(["restore", "link"]);
    assert_eq!(s.read(".git/config"), config);
    assert!(!s.root().join("passwd").exists() && !s.exists("link"));
    assert_eq!(s.read("a.txt"), "evil\n", "what has a proper name is restored");
    // The vault goes on.
    let ran = stage_and_fail(&s, "b.txt", "bee\n");
    assert!(s.vault_has("b.txt", "bee\n"), "{ran:#?}");
}

#[test]
fn names_that_git_forbids_in_the_vaults_own_folders_do_not_stop_it() {
    let s = refusing();
    snapshot(&s, "old\n");
    s.git(["checkout", "-q", "a.txt"]);
    let day = id_of(&s, "refs/bak/vault:20251106");
    let hour = id_of(&s, "refs/bak/vault:20251106/20");
    let kept = id_of(&s, &format!("refs/bak/vault:{}", snapshots(&s).pop().unwrap()));
    let hour = raw_tree(&s, &[("40000", b"..", &hour), ("40000", b"1100", &kept)]);
    let day = raw_tree(&s, &[("40000", b".git", &day), ("40000", b"20", &hour)]);
    let top = raw_tree(&s, &[("40000", b"..", &day), ("40000", b"20251106", &day)]);
    s.git(["update-ref", "refs/bak/vault", &top]);
    let ran = stage_and_fail(&s, "b.txt", "bee\n");
    assert!(s.vault_has("b.txt", "bee\n") && s.vault_has("a.txt", "old\n"), "{ran:#?}");
    s.advance(40 * 86_400);
    s.bak(["clean", "--expired"]);
    assert!(s.try_git(["ls-tree", "refs/bak/vault:20251106"]).stdout.is_empty());
}

#[test]
fn notes_that_make_no_sense_do_no_harm() {
    let s = refusing();
    for notes in ["", "\0\0\0", "root zzz\nsuperseded 1 ../../HEAD\nunsettled 1 1 x\nexpired x\n"] {
        s.write(".git/bak/vault.state", notes);
        stage_and_fail(&s, "a.txt", notes);
        assert!(s.vault_has("a.txt", notes));
    }
    assert!(s.exists(".git/HEAD"));
    refused_commit(&s);
}

#[test]
fn pruning_beside_writers_costs_no_vault() {
    let s = Scratch::new();
    s.git(["config", "bak.maxBackups", "0"]);
    let done = AtomicBool::new(false);
    let texts: Vec<String> = (0..40).map(|n| format!("{n}\n")).collect();
    let prune = || {
        let mut prune = s.command("git");
        prune.args(["prune", "--expire=now"]).stderr(Stdio::null());
        prune
    };
    let prunes = [prune(), prune()];
    std::thread::scope(|scope| {
        for mut prune in prunes {
            let done = &done;
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    prune.status().unwrap();
                }
            });
        }
        for text in &texts {
            s.write("a.txt", text);
            s.try_bak(["snapshot", "a.txt"]);
        }
        done.store(true, Ordering::Relaxed);
    });
    // Whoever comes next puts right what the last one could not see.
    s.advance(86_400);
    s.git(["commit", "-qam", "second"]);
    s.write("b.txt", "bee\n");
    s.bak(["snapshot", "b.txt"]);
    assert!(s.vault_has("b.txt", "bee\n"), "{:?}", s.try_git(["ls-tree", "refs/bak/vault"]));
    assert_gc_works(&s);
    let (vault, files) = (s.vault(), s.backup_texts("a.txt"));
    for text in &texts {
        assert!(vault.values().any(|held| held == text) || files.contains(text), "{text} is lost");
    }
}

#[test]
fn a_backup_whose_blob_is_gone_is_deposited_again_before_it_is_unlinked() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "edited\n");
    scratch.bak(["snapshot"]);
    let id = scratch.git(["hash-object", "a.txt"]).stdout;
    let (folder, name) = id.trim().split_at(2);
    std::fs::remove_file(scratch.top().join(".git/objects").join(folder).join(name)).unwrap();
    scratch.bak(["clean"]);
    assert!(scratch.backups("a.txt").is_empty());
    assert!(scratch.vault_has("a.txt", "edited\n"));
}
