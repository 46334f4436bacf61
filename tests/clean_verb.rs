//! `git bak clean`: which backups go, and that none goes without proof.

#[cfg(unix)]
use std::fs;

use crate::scratch::{Ran, Scratch};

fn keep(s: &Scratch, path: &str, text: &str) {
    s.write(path, text);
    s.bak(["snapshot", path]);
}

/// `a.txt` with three backups, `sub/b.txt` with one.
fn four() -> Scratch {
    let s = Scratch::new();
    for text in ["one\n", "two\n", "three\n"] {
        keep(&s, "a.txt", text);
    }
    keep(&s, "sub/b.txt", "b\n");
    assert_eq!(s.all_backups().len(), 4);
    s
}

#[test]
fn without_options_all_backups_go_and_can_still_be_brought_back() {
    let s = four();
    let ran = s.bak(["clean"]);
    assert!(s.all_backups().is_empty(), "{ran:?}");
    assert_eq!(ran.stdout, "");
    assert_eq!(ran.stderr.matches("cleaned up: ").count(), 4, "{ran:?}");
    s.write("a.txt", "lost\n");
    s.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(s.read("a.txt"), "three\n");
    let again = s.bak(["clean", "sub"]);
    assert!(again.stderr.contains("no backups to clean up"), "{again:?}");
}

#[test]
fn paths_say_whose_backups_go() {
    let s = four();
    s.bak(["clean", "sub"]);
    assert_eq!((s.backups("a.txt").len(), s.backups("sub/b.txt").len()), (3, 0));
    let one = s.backups("a.txt").remove(1);
    s.bak(["clean", &one]);
    assert_eq!(s.backup_texts("a.txt"), ["one\n", "three\n"]);
    s.at(s.top().join("sub")).bak(["clean", "../a.txt"]);
    assert!(s.all_backups().is_empty());
}

#[test]
fn the_newest_of_each_file_are_kept() {
    let s = four();
    s.bak(["clean", "--keep", "1"]);
    assert_eq!(s.backup_texts("a.txt"), ["three\n"]);
    assert_eq!(s.backup_texts("sub/b.txt"), ["b\n"]);
    s.bak(["clean", "--keep", "0"]);
    assert!(s.all_backups().is_empty());
}

#[test]
fn the_older_ones_go() {
    let s = four();
    s.advance(15 * 24 * 3600);
    keep(&s, "a.txt", "new\n");
    let before = s.all_backups();
    s.bak(["clean", "--older-than", "20.days"]);
    assert_eq!(s.all_backups(), before);
    s.bak(["clean", "--older-than", "14.days"]);
    assert_eq!(s.backup_texts("a.txt"), ["new\n"]);
    assert!(s.backups("sub/b.txt").is_empty());
}

#[test]
fn a_dry_run_changes_nothing_and_names_what_would_go() {
    let s = four();
    let before = (s.all_backups(), s.vault());
    for args in [&["clean", "-n"][..], &["clean", "--dry-run", "--keep", "0"]] {
        let ran = s.bak(args);
        for name in &before.0 {
            let all = ran.stdout.clone() + &ran.stderr;
            assert!(all.contains(name.as_str()), "{name}: {ran:?}");
        }
    }
    let ran = s.bak(["clean", "-n", "--keep", "2"]);
    assert_eq!((ran.stdout + &ran.stderr).matches(".bak.").count(), 1);
    assert_eq!((s.all_backups(), s.vault()), before);
}

#[test]
fn a_dry_run_shows_its_list_however_quiet_the_rest_is() {
    let s = four();
    let ran = s.git(["-c", "bak.verbosity=quiet", "bak", "clean", "-n"]);
    assert_eq!((ran.stdout + &ran.stderr).matches(".bak.").count(), 4);
}

#[test]
fn expired_takes_old_snapshots_out_of_the_vault_and_leaves_the_files() {
    let s = four();
    s.advance(31 * 24 * 3600);
    keep(&s, "c.txt", "c\n");
    let (files, vault) = (s.all_backups(), s.vault());
    let ran = s.bak(["clean", "--vault", "-n"]);
    assert_eq!(s.vault(), vault);
    assert!((ran.stdout.clone() + &ran.stderr).contains("would drop"), "{ran:?}");
    let never = s.git(["-c", "bak.vaultExpire=never", "bak", "clean", "--vault"]);
    assert!(never.stderr.contains("nothing ever expires: bak.vaultExpire is never"), "{never:?}");
    assert_eq!(s.vault(), vault);
    s.bak(["clean", "--vault"]);
    assert_eq!(s.all_backups(), files);
    let left: Vec<String> = s.vault().into_values().collect();
    assert_eq!(left, ["c\n"]);
}

#[test]
fn after_the_expiry_a_backup_is_deposited_anew_before_it_goes() {
    let s = four();
    s.advance(31 * 24 * 3600);
    s.bak(["clean", "--vault"]);
    assert!(s.vault().is_empty());
    s.bak(["clean"]);
    assert!(s.all_backups().is_empty());
    for text in ["one\n", "two\n", "three\n"] {
        let held = s.vault_has("a.txt", text) || text == "one\n";
        assert!(held, "{text}: neither in history nor in the vault");
    }
}

#[test]
fn strays_that_no_record_knows_are_found_held_and_cleaned_up() {
    let s = Scratch::new();
    s.write("sub/deep/x.txt.bak.20240101_101112.abcdefgh", "stray\n");
    s.write("old_form.py.bak.20240101_101112", "older form\n");
    s.write("notes.bak.txt", "not ours\n");
    s.write("x.bak.20241301_101112.abcdefgh", "no such month\n");
    let ran = s.bak(["clean"]);
    assert!(!s.exists("sub/deep/x.txt.bak.20240101_101112.abcdefgh"), "{ran:?}");
    assert!(s.exists("old_form.py.bak.20240101_101112"), "{ran:?}");
    assert!(s.exists("notes.bak.txt") && s.exists("x.bak.20241301_101112.abcdefgh"));
    assert!(s.vault_has("sub/deep/x.txt", "stray\n"));
    s.bak(["restore", "--yes", "sub/deep/x.txt"]);
    assert_eq!(s.read("sub/deep/x.txt"), "stray\n");
}

#[test]
fn what_git_tracks_is_left_alone_whatever_its_name() {
    let s = Scratch::new();
    let name = "x.txt.bak.20240101_101112.abcdefgh";
    s.write(name, "tracked\n");
    s.git(["add", "-f", name]);
    s.git(["commit", "-qm", "a file like any other"]);
    // One of ours, which the record knows, tracked since.
    keep(&s, "b.txt", "b\n");
    let ours = s.backups("b.txt").remove(0);
    s.git(["add", "-f", &ours]);
    s.git(["commit", "-qm", "and another"]);
    for args in [&["clean"][..], &["clean", "x.txt"], &["clean", &ours]] {
        s.try_bak(args);
        assert_eq!((s.read(name).as_str(), s.read(&ours).as_str()), ("tracked\n", "b\n"));
    }
}

#[test]
fn the_backups_of_a_commit_under_way_are_left_alone() {
    let s = Scratch::new();
    s.hook("commit-msg", "git bak clean; git bak clean -n 2>clean-n; exit 1");
    s.write("a.txt", "two\n");
    s.git(["add", "a.txt"]);
    s.try_git(["commit", "-qm", "second"]);
    assert_eq!(s.backup_texts("a.txt"), ["two\n"]);
    assert!(!s.read("clean-n").contains("a.txt.bak."));
}

#[cfg(unix)]
#[test]
fn links_and_folders_named_like_backups_are_left_alone() {
    let s = Scratch::new();
    let (link, folder) = ("l.bak.20240101_101112.abcdefgh", "d.bak.20240101_101112.abcdefgh");
    std::os::unix::fs::symlink("a.txt", s.top().join(link)).unwrap();
    fs::create_dir(s.top().join(folder)).unwrap();
    s.write(&format!("{folder}/inside"), "x");
    s.bak(["clean"]);
    assert!(s.exists(link) && s.exists(folder));
    assert_eq!(s.read("a.txt"), "one\n");
}

#[test]
fn wrong_options_are_wrong_usage_and_nothing_goes() {
    let s = four();
    for args in [
        &["clean", "--keep", "-1"][..],
        &["clean", "--keep", "x"],
        &["clean", "--keep", "99999999999999999999999"],
        &["clean", "--older-than", "yesterday-ish"],
        &["clean", "--older-than", "99999999999999999999.days"],
        &["clean", "--older-than", "290000000000.years"],
        &["clean", "--older-than", ""],
        &["clean", "../outside"],
        &["clean", "--nope"],
    ] {
        let ran: Ran = s.try_bak(args);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{args:?}: {ran:?}");
    }
    assert_eq!(s.all_backups().len(), 4);
    // Far back, but a length of time.
    s.bak(["clean", "--older-than", "250000.years"]);
    s.bak(["clean", "--older-than", "292000000.years"]);
    s.bak(["clean", "--keep", "18446744073709551615"]);
    assert_eq!(s.all_backups().len(), 4);
}
