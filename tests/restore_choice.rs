//! Which version a word names (`--from`, `--at`, `--all`), and where nothing may be written.

use std::fs;

use crate::scratch::{Ran, Scratch};

fn keep(s: &Scratch, path: &str, text: &str) {
    s.write(path, text);
    s.bak(["snapshot", path]);
}

/// `a.txt` with a version of 09:00, 10:00 and 11:00, the second labelled; now it is noon.
fn three_hours() -> Scratch {
    let mut s = Scratch::new();
    for (hour, text) in [("09", "nine\n"), ("10", "ten\n"), ("11", "eleven\n")] {
        s.set_env("GIT_BAK_NOW", format!("2025-11-07T{hour}:00:00+00:00"));
        s.write("a.txt", text);
        let label = if hour == "10" { "before the rewrite" } else { "other" };
        s.bak(["snapshot", "-m", label, "a.txt"]);
    }
    s.set_env("GIT_BAK_NOW", "2025-11-07T12:00:00+00:00");
    s.write("a.txt", "noon\n");
    s
}

/// Runs it and checks that nothing came of it.
fn refused(s: &Scratch, args: &[&str], status: i32) -> Ran {
    let backups = s.all_backups();
    let ran = s.try_bak(args);
    assert_eq!(ran.status, status, "{args:?}: {ran:?}");
    assert_eq!(ran.stderr.lines().count(), 1, "{args:?}: {ran:?}");
    assert_eq!(ran.stdout, "");
    assert_eq!(s.all_backups(), backups, "{args:?}");
    ran
}

#[test]
fn a_time_is_a_timestamp_a_date_a_clock_time_an_age_or_a_label() {
    let s = three_hours();
    for (word, text) in [
        // The end of that day: first, for what follows is backed up in it, too.
        ("2025-11-07", "eleven\n"),
        ("20251107_100000", "ten\n"),
        ("20251107_105959", "ten\n"),
        ("2025-11-07T11:30:00+01:00", "ten\n"),
        ("2025-11-07T10:00:00Z", "ten\n"),
        ("2025-11-07 09:30", "nine\n"),
        ("2025-11-07 09:59:59", "nine\n"),
        ("2025-11-07T09:59", "nine\n"),
        ("10:59", "ten\n"),
        ("09:00:00", "nine\n"),
        ("2.hours", "ten\n"),
        ("2.hours.ago", "ten\n"),
        ("90 minutes", "ten\n"),
        ("before the rewrite", "ten\n"),
    ] {
        s.write("a.txt", "noon\n");
        let ran = s.bak(["restore", "--yes", "a.txt", "--at", word]);
        assert_eq!(s.read("a.txt"), text, "{word}: {ran:?}");
        assert!(s.vault_has("a.txt", "noon\n"));
    }
}

#[test]
fn a_label_finds_its_snapshot_although_the_clock_went_back() {
    let mut s = Scratch::new();
    s.set_env("GIT_BAK_NOW", "2025-11-07T10:00:00+00:00");
    keep(&s, "a.txt", "ten\n");
    s.set_env("GIT_BAK_NOW", "2025-11-07T09:30:00+00:00");
    s.write("a.txt", "half past nine\n");
    s.bak(["snapshot", "-m", "mine", "a.txt"]);
    s.set_env("GIT_BAK_NOW", "2025-11-07T12:00:00+00:00");
    s.write("a.txt", "lost\n");
    s.bak(["restore", "--yes", "a.txt", "--at", "mine"]);
    assert_eq!(s.read("a.txt"), "half past nine\n");
}

#[test]
fn a_time_that_is_not_understood_or_still_to_come_changes_nothing() {
    let s = three_hours();
    for (word, why) in [
        (
            "banana",
            "'banana' is not a label (there are other, before the rewrite), and it can't be read as a time: try 14:02, yesterday, 2.hours or 2025-11-06",
        ),
        (
            "",
            "'' is not a label (there are other, before the rewrite), and it can't be read as a time",
        ),
        ("2026-13-45", "it can't be read as a time"),
        ("2099-01-01", "before the rewrite), and it is in the future"),
        ("before the rewrit", "it can't be read as a time"),
    ] {
        let ran = refused(&s, &["restore", "a.txt", "--at", word], 2);
        assert!(ran.stderr.contains(why), "{ran:?}");
        let ran = refused(&s, &["clean", "--older-than", word], 2);
        assert!(
            ran.stderr.contains("--older-than: '") && ran.stderr.contains("and it "),
            "{ran:?}"
        );
    }
    assert_eq!(s.read("a.txt"), "noon\n");
    let ran = s.bak(["restore", "--yes", "a.txt", "--at", "90m"]);
    assert!(ran.stderr.starts_with("• as of 2025-11-07 10:30:00 (branch main, "), "{ran:?}");
    assert_eq!(s.read("a.txt"), "ten\n");
}

#[test]
fn before_the_first_backup_there_is_nothing() {
    let s = three_hours();
    for word in ["2025-11-01", "20.years", "20251106_000000"] {
        let ran = s.try_bak(["restore", "--yes", "a.txt", "--at", word]);
        let words = "a.txt: it has no backup at or before 20";
        assert!(ran.status == 1 && ran.stderr.contains(words), "{ran:?}");
    }
    let ran = refused(&s, &["restore", "nowhere"], 1);
    let line = "nowhere: there is no version of it: git bak list shows all\n";
    assert!(ran.stderr.ends_with(line), "{ran:?}");
    assert_eq!(s.read("a.txt"), "noon\n");
}

#[test]
fn a_backup_is_named_by_file_number_artifact_or_time() {
    let s = three_hours();
    let names = s.backups("a.txt");
    let ten = names.iter().find(|name| s.read(name) == "ten\n").unwrap().clone();
    let artifact = ten.rsplit('.').next().unwrap().to_owned();
    for word in [ten.as_str(), &artifact, "a.txt@{2}", "20251107_100000"] {
        for args in [&["restore", "--from", word][..], &["restore", "a.txt", "--from", word]] {
            let s = three_hours();
            s.bak(args);
            assert_eq!(s.read("a.txt"), "ten\n", "{args:?}");
        }
    }
}

#[test]
fn a_bare_backup_name_is_understood_in_another_folder() {
    let s = Scratch::new();
    keep(&s, "sub/b.txt", "kept\n");
    let name = s.backups("sub/b.txt").remove(0);
    fs::create_dir(s.top().join("other")).unwrap();
    for folder in ["sub", "other", "."] {
        s.write("sub/b.txt", "lost\n");
        s.at(s.top().join(folder)).bak(["restore", "--yes", "--from", &name]);
        assert_eq!(s.read("sub/b.txt"), "kept\n", "{folder}");
    }
    s.write("sub/b.txt", "lost\n");
    s.bak(["restore", "--yes", "--from", &format!("sub/{name}")]);
    assert_eq!(s.read("sub/b.txt"), "kept\n");
}

#[test]
fn an_artifact_id_of_two_files_is_ambiguous_and_names_both() {
    let s = Scratch::new();
    keep(&s, "one.txt", "same\n");
    keep(&s, "two.txt", "same\n");
    let name = s.backups("one.txt").remove(0);
    let artifact = name.rsplit('.').next().unwrap();
    s.write("one.txt", "lost\n");
    s.write("two.txt", "lost\n");
    let ran = refused(&s, &["restore", "--from", artifact], 2);
    assert!(ran.stderr.contains("one.txt") && ran.stderr.contains("two.txt"), "{ran:?}");
    assert_eq!((s.read("one.txt").as_str(), s.read("two.txt").as_str()), ("lost\n", "lost\n"));
    s.bak(["restore", "--yes", "two.txt", "--from", artifact]);
    assert_eq!((s.read("one.txt").as_str(), s.read("two.txt").as_str()), ("lost\n", "same\n"));
}

#[test]
fn an_unknown_backup_is_a_negative_answer() {
    let s = three_hours();
    for word in ["deadbeef", "a.txt@{9}", "a.txt@{0}", "20250101_000000", "nonsense", ""] {
        refused(&s, &["restore", "--from", word], 1);
        refused(&s, &["show", word], 1);
    }
    assert_eq!(s.read("a.txt"), "noon\n");
}

#[test]
fn a_backup_of_another_file_is_not_put_into_the_named_one() {
    let s = three_hours();
    keep(&s, "b.txt", "b\n");
    let of_b = s.backups("b.txt").remove(0);
    for word in [of_b.as_str(), "b.txt@{1}"] {
        let ran = s.try_bak(["restore", "--yes", "a.txt", "--from", word]);
        assert_ne!(ran.status, 0, "{word}: {ran:?}");
        assert_eq!((s.read("a.txt").as_str(), s.read("b.txt").as_str()), ("noon\n", "b\n"));
    }
}

#[test]
fn all_brings_back_every_file_of_the_newest_snapshot_that_differs() {
    let s = Scratch::new();
    s.write("sub/b.txt", "b\n");
    s.write("a.txt", "a\n");
    s.bak(["snapshot", "a.txt", "sub/b.txt"]);
    s.write("a.txt", "lost\n");
    fs::remove_dir_all(s.top().join("sub")).unwrap();
    s.bak(["restore", "--yes", "--all"]);
    assert_eq!((s.read("a.txt").as_str(), s.read("sub/b.txt").as_str()), ("a\n", "b\n"));
    let again = s.bak(["restore", "--yes", "--all"]);
    assert!(again.stderr.contains(
        "nothing to restore: git-bak knows of no work that is missing since the last commit"
    ));
    assert_eq!(s.read("a.txt"), "a\n");
}

/// Two files that a hook has spoiled, and that were backed up before.
fn spoiled() -> Scratch {
    let s = Scratch::new();
    s.write("b.txt", "b\n");
    s.git(["add", "b.txt"]);
    s.hook("pre-commit", "for f in a b; do echo spoiled >$f.txt; done; exit 1");
    s.write("a.txt", "a\n");
    s.try_git(["commit", "-qam", "refused"]);
    s
}

fn both(s: &Scratch) -> (String, String) {
    (s.read("a.txt"), s.read("b.txt"))
}

fn texts(a: &str, b: &str) -> (String, String) {
    (format!("{a}\n"), format!("{b}\n"))
}

#[test]
fn after_some_files_all_goes_on_with_the_others_of_their_snapshot() {
    let s = spoiled();
    s.bak(["restore", "--yes", "b.txt"]);
    assert_eq!(both(&s), texts("spoiled", "b"));
    s.bak(["restore", "--yes", "--all"]);
    assert_eq!(both(&s), texts("a", "b"), "what was restored before stays");
    s.bak(["restore", "--yes", "--all"]);
    assert_eq!(both(&s), texts("a", "b"));
}

#[test]
fn one_after_the_other_and_then_all_loses_none() {
    let s = spoiled();
    s.write("c.txt", "c\n");
    s.bak(["snapshot", "a.txt", "b.txt", "c.txt"]);
    for path in ["a.txt", "b.txt", "c.txt"] {
        s.write(path, "lost\n");
    }
    s.bak(["restore", "--yes", "a.txt"]);
    s.bak(["restore", "--yes", "c.txt"]);
    s.bak(["restore", "--yes", "--all"]);
    assert_eq!((both(&s), s.read("c.txt")), (texts("spoiled", "spoiled"), "c\n".to_owned()));
}

#[test]
fn what_an_older_time_gave_is_work_from_then_on() {
    let s = three_hours();
    s.bak(["restore", "--yes", "--all", "--at", "10:30"]);
    assert_eq!(s.read("a.txt"), "ten\n");
    let ran = s.bak(["restore", "--yes", "a.txt"]);
    assert!(
        ran.stderr.contains("a.txt: already holds your work as of 2025-11-07 10:00:00"),
        "{ran:?}"
    );
    s.bak(["restore", "--yes", "--all"]);
    assert_eq!(s.read("a.txt"), "ten\n");
}

#[test]
fn all_works_without_a_vault() {
    let s = Scratch::new();
    s.git(["config", "bak.vault", "false"]);
    std::fs::remove_dir_all(s.top().join(".git/bak")).unwrap();
    s.write("b.txt", "b\n");
    s.write("a.txt", "a\n");
    s.bak(["snapshot", "a.txt", "b.txt"]);
    s.write("a.txt", "lost\n");
    s.write("b.txt", "lost\n");
    let ran = s.try_bak(["restore", "--yes", "--all"]);
    assert_eq!((s.read("a.txt").as_str(), s.read("b.txt").as_str()), ("a\n", "b\n"), "{ran:?}");
}

#[test]
fn all_at_a_time_brings_back_the_snapshot_of_that_time() {
    let s = three_hours();
    s.bak(["restore", "--yes", "--all", "--at", "10:30"]);
    assert_eq!(s.read("a.txt"), "ten\n");
    let name = s.backups("a.txt").into_iter().find(|name| s.read(name) == "eleven\n").unwrap();
    s.bak(["restore", "--from", &name]);
    assert_eq!(s.read("a.txt"), "eleven\n");
}

#[test]
fn what_to_restore_has_to_be_said_and_said_once() {
    let s = three_hours();
    refused(&s, &["restore"], 2);
    refused(&s, &["restore", "a.txt", "b.txt", "--from", "a.txt@{1}"], 2);
    assert_eq!(s.try_bak(["restore", "--all", "--from", "a.txt@{1}"]).status, 2);
    assert_eq!(s.try_bak(["restore", "--yes", "a.txt", "--from", "x", "--at", "y"]).status, 2);
    assert_eq!(s.read("a.txt"), "noon\n");
}

#[test]
fn a_folder_where_the_file_was_is_refused() {
    let s = Scratch::new();
    keep(&s, "b", "kept\n");
    fs::remove_file(s.top().join("b")).unwrap();
    s.write("b/inside", "x");
    let ran = refused(&s, &["restore", "b"], 1);
    assert!(ran.stderr.contains("b: a folder stands there"), "{ran:?}");
    assert_eq!(s.read("b/inside"), "x");
}

#[test]
fn a_file_where_the_folder_was_is_refused() {
    let s = Scratch::new();
    keep(&s, "sub/b", "kept\n");
    fs::remove_dir_all(s.top().join("sub")).unwrap();
    s.write("sub", "now a file\n");
    refused(&s, &["restore", "sub/b"], 1);
    assert_eq!(s.read("sub"), "now a file\n");
}

#[cfg(unix)]
#[test]
fn a_link_at_the_target_or_on_the_way_is_refused_and_what_it_leads_to_is_untouched() {
    let s = Scratch::new();
    let outside = s.root().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("b"), "precious\n").unwrap();
    for (path, link, target) in [
        ("x/b", "x", outside.clone()),
        ("y/b", "y/b", outside.join("b")),
        ("z/b", "z/b", outside.join("not there")),
    ] {
        keep(&s, path, "kept\n");
        let place = s.top().join(link);
        fs::remove_dir_all(&place).or_else(|_| fs::remove_file(&place)).unwrap();
        std::os::unix::fs::symlink(&target, &place).unwrap();
        for args in [
            &["restore", path][..],
            &["restore", "--all", "--yes"],
            &["restore", path, "--at", "now"],
        ] {
            let ran = s.try_bak(args);
            assert_eq!(ran.status, 1, "{args:?}: {ran:?}");
            assert_eq!(fs::read_link(&place).unwrap(), target);
        }
    }
    assert_eq!(fs::read_to_string(outside.join("b")).unwrap(), "precious\n");
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
}

#[test]
fn a_file_that_is_inside_another_repository_now_is_refused() {
    let s = Scratch::new();
    keep(&s, "sub/b", "kept\n");
    s.at(s.top().join("sub")).git(["init", "-q"]);
    s.write("sub/b", "theirs\n");
    let ran = refused(&s, &["restore", "sub/b"], 1);
    assert!(ran.stderr.contains("another repository"), "{ran:?}");
    assert_eq!(s.read("sub/b"), "theirs\n");
}

#[test]
fn a_submodule_at_the_target_is_refused() {
    let s = Scratch::new();
    keep(&s, "lib", "kept\n");
    fs::remove_file(s.top().join("lib")).unwrap();
    let origin = s.root().join("origin");
    s.git(["init", "-q", "-b", "main", origin.to_str().unwrap()]);
    let identity = ["-c", "user.name=T", "-c", "user.email=t@example.org"];
    s.at(&origin).git(identity.iter().chain(&["commit", "-q", "--allow-empty", "-m", "x"]));
    s.git([
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "-q",
        "add",
        origin.to_str().unwrap(),
        "lib",
    ]);
    refused(&s, &["restore", "lib"], 1);
    assert!(s.exists("lib/.git"));
}

#[test]
fn a_label_or_a_time_names_a_version_wherever_one_is_asked_for() {
    let s = three_hours();
    for word in ["before the rewrite", "10:30", "90m"] {
        let ran = s.bak(["diff", "a.txt", word]);
        assert!(ran.stdout.ends_with("-noon\n+ten\n"), "{word}: {ran:?}");
        assert!(ran.stderr.starts_with("• as of 2025-11-07 10:"), "{ran:?}");
    }
    assert_eq!(s.bak(["show", "before the rewrite"]).stdout, "ten\n");
    s.bak(["restore", "a.txt", "--from", "before the rewrite"]);
    assert_eq!(s.read("a.txt"), "ten\n");
    let ran = s.bak(["log", "--since", "before the rewrite", "a.txt"]);
    assert!(ran.stderr.starts_with("• since 2025-11-07 10:00:00\n"), "{ran:?}");
    assert!(ran.stdout.contains(" 2h ago ") && !ran.stdout.contains(" 3h ago "), "{ran:?}");
    let ran = s.bak(["clean", "-n", "--older-than", "before the rewrite"]);
    assert!(ran.stderr.starts_with("• older than 2025-11-07 10:00:00\n"), "{ran:?}");
}

#[test]
fn what_came_in_the_second_of_a_label_is_not_of_it() {
    let mut s = Scratch::new();
    s.set_env("GIT_BAK_NOW", "2025-11-07T09:00:00+00:00");
    keep(&s, "a.txt", "two\n");
    s.bak(["snapshot", "-m", "good", "a.txt"]);
    keep(&s, "a.txt", "three\n");
    keep(&s, "b.txt", "later\n");
    s.bak(["restore", "--yes", "--at", "good", "a.txt"]);
    assert_eq!(s.read("a.txt"), "two\n");
    s.write("b.txt", "edited\n");
    assert_eq!(s.try_bak(["restore", "--yes", "--at", "good", "b.txt"]).status, 1);
    assert_eq!(s.read("b.txt"), "edited\n");
}

#[test]
fn a_mistyped_label_is_told_which_there_are() {
    let s = three_hours();
    let all = "'before teh rewrite' is not a label (there are other, before the rewrite), and it can't be read";
    for args in [
        &["restore", "--yes", "--all", "--at", "before teh rewrite"][..],
        &["log", "--since", "before teh rewrite"],
        &["clean", "--older-than", "before teh rewrite"],
        &["forget", "--yes", "--older-than", "before teh rewrite", "a.txt"],
    ] {
        let ran = refused(&s, args, 2);
        assert!(ran.stderr.contains(all), "{ran:?}");
    }
    for n in 0..5 {
        s.bak(["snapshot", "-m", &format!("label {n}"), "a.txt"]);
    }
    let ran = refused(&s, &["restore", "--from", "labl"], 1);
    let text = "'labl' matches no backup and no label (there are label 4, label 3, label 2, label 1, label 0, …)";
    assert!(ran.stderr.contains(text), "{ran:?}");
}

#[test]
fn the_work_of_another_or_a_removed_worktree_can_be_had() {
    let s = Scratch::new();
    keep(&s, "a.txt", "main's\n");
    let linked = s.root().join("linked");
    s.git(["worktree", "add", "-q", linked.to_str().unwrap()]);
    fs::write(linked.join("a.txt"), "linked's\n").unwrap();
    s.at(&linked).git(["add", "a.txt"]);
    s.git(["worktree", "remove", "-f", linked.to_str().unwrap()]);
    s.git(["checkout", "-q", "a.txt"]);
    let text = s.bak(["list", "--worktree", "all", "--json"]).stdout;
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    let others = all["backups"].as_array().unwrap().iter().filter(|it| it["worktree"] == "linked");
    assert!(others.count() > 0, "{text}");
    let one = s.bak(["list", "--worktree", "linked"]).stdout;
    assert!(one.contains("vault of linked") && one.contains("uncommitted"), "{one}");
    assert!(s.bak(["diff", "--worktree", "linked", "a.txt"]).stdout.ends_with("+linked's\n"));
    let ran = refused(&s, &["list", "--worktree", "linkd"], 1);
    let text = "git-bak: 'linkd' is not one worktree on record: there are ";
    assert!(ran.stderr.starts_with(text) && ran.stderr.contains("linked ("), "{ran:?}");
    // By the beginning of its id, too.
    let (_, id) = ran.stderr.split_once("linked (").unwrap();
    s.bak(["restore", "--worktree", &id[..8], "a.txt"]);
    assert_eq!(s.read("a.txt"), "linked's\n");
    s.bak(["restore", "--yes", "--worktree", "main", "a.txt"]);
    assert_eq!(s.read("a.txt"), "main's\n");
    // A new one under the old name is another: the name alone no longer says which.
    s.git(["worktree", "add", "-qf", linked.to_str().unwrap(), "linked"]);
    fs::write(linked.join("a.txt"), "new\n").unwrap();
    s.at(&linked).git(["add", "a.txt"]);
    let ran = refused(&s, &["restore", "--worktree", "linked", "a.txt"], 1);
    assert_eq!(ran.stderr.matches("linked (").count(), 2, "{ran:?}");
}
