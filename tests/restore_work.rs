//! `restore` gives open work: what was seen and no commit took since. What happened, and what the user expects then.

use std::fs;

use crate::scratch::{Ran, Scratch};

fn stage(s: &Scratch, path: &str, text: &str) {
    s.write(path, text);
    s.git(["add", path]);
}

fn commit(s: &Scratch) -> String {
    s.git(["commit", "-qm", "next"]);
    s.git(["rev-parse", "--short=7", "HEAD"]).stdout.trim().to_owned()
}

/// Nothing changes, whatever is asked for, and the reason is given.
fn refuses(s: &Scratch, path: &str, why: &str) {
    let before = fs::read(s.top().join(path)).ok();
    let ran = s.try_bak(["restore", "--yes", path]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stderr.contains(&format!("✗ {path}: nothing to restore: {why}")), "{ran:?}");
    assert_eq!(fs::read(s.top().join(path)).ok(), before);
    s.bak(["restore", "--all", "--yes"]);
    assert_eq!(fs::read(s.top().join(path)).ok(), before, "--all");
}

/// The work comes back without a question, and twice is as once.
fn gives(s: &Scratch, path: &str, text: &str) -> Ran {
    let ran = s.bak(["restore", path]);
    assert_eq!(s.read(path), text, "{ran:?}");
    assert!(s.bak(["restore", path]).stderr.contains(": already holds your work as of 20"));
    assert_eq!(s.read(path), text);
    ran
}

#[test]
fn after_a_commit_there_is_nothing_and_the_draft_is_named() {
    let s = Scratch::new();
    stage(&s, "a.txt", "v1\n");
    stage(&s, "a.txt", "v2\n");
    let id = commit(&s);
    refuses(
        &s,
        "a.txt",
        &format!("all known work was committed (newest: {id}, 2025-11-06 20:10:5"),
    );
    let ran = s.try_bak(["restore", "a.txt"]);
    assert!(ran.stderr.contains("; an older draft is from 2025-11-06 20:10:"), "{ran:?}");
    assert!(ran.stderr.ends_with(": git bak restore --from 'a.txt@{2}'\n"), "{ran:?}");
    s.bak(["restore", "--from", "a.txt@{2}"]);
    assert_eq!(s.read("a.txt"), "v1\n");
    // What a restore put there is work.
    s.git(["checkout", "-q", "a.txt"]);
    gives(&s, "a.txt", "v1\n");
}

#[test]
fn a_draft_is_closed_in_whatever_form_its_file_was_committed() {
    for form in [&["commit", "-qnam", "x"][..], &["commit", "-qom", "x", "a.txt"]] {
        let s = Scratch::new();
        stage(&s, "a.txt", "draft\n");
        s.write("a.txt", "v2\n");
        s.git(form);
        refuses(&s, "a.txt", "all known work was committed");
    }
    // A formatter stages what it made.
    let s = Scratch::new();
    s.hook("pre-commit", "echo formatted >a.txt; git add a.txt");
    stage(&s, "a.txt", "unformatted\n");
    commit(&s);
    refuses(&s, "a.txt", "all known work was committed");
    // A commit that failed, and one that didn't.
    let s = Scratch::new();
    s.hook("pre-commit", "exit 1");
    stage(&s, "a.txt", "v1\n");
    s.try_git(["commit", "-qm", "x"]);
    s.hook("pre-commit", "exit 0");
    stage(&s, "a.txt", "v2\n");
    commit(&s);
    refuses(&s, "a.txt", "all known work was committed");
}

#[test]
fn what_was_lost_before_any_commit_comes_back_and_stays() {
    let s = Scratch::without_guard();
    for text in ["d1\n", "d2\n", "d3\n"] {
        stage(&s, "a.txt", text);
    }
    s.git(["reset", "-q", "--hard"]);
    let ran = gives(&s, "a.txt", "d3\n");
    assert!(
        ran.stderr.contains("restored: a.txt, as of 2025-11-06 20:10:51 (add), +1 -1\n"),
        "{ran:?}"
    );
    s.git(["rm", "-qf", "a.txt"]);
    gives(&s, "a.txt", "d3\n");
}

#[test]
fn edits_beside_what_was_committed_are_open() {
    let s = Scratch::new();
    stage(&s, "a.txt", "staged\n");
    s.write("a.txt", "edited on\n");
    commit(&s);
    s.git(["checkout", "-q", "a.txt"]);
    let ran = gives(&s, "a.txt", "edited on\n");
    assert!(!ran.stderr.contains("changed it after this copy"), "{ran:?}");
}

#[test]
fn edits_after_staging_are_newer_than_what_was_staged_even_in_the_same_second() {
    let s = Scratch::new();
    let line = "echo staged >a.txt && git add a.txt && echo later >>a.txt && git reset -q --hard";
    let ran = Ran::of(&s.command("sh").args(["-c", line]).output().unwrap()).expect_success();
    assert!(ran.stderr.contains(": git bak restore -- a.txt\n"), "{ran:?}");
    assert_eq!(s.read("a.txt"), "one\n");
    gives(&s, "a.txt", "staged\nlater\n");
}

/// The bit alone is an edit beside what is staged; the bytes are the staged ones, and no commit has them.
#[cfg(unix)]
#[test]
fn a_bit_changed_after_staging_hides_no_staged_bytes() {
    use std::os::unix::fs::PermissionsExt;
    for way in [&["restore", "run.sh"][..], &["restore", "--all", "--yes"]] {
        let s = Scratch::new();
        stage(&s, "run.sh", "first\n");
        commit(&s);
        s.hook("commit-msg", "exit 1");
        stage(&s, "run.sh", "second\n");
        let file = s.top().join("run.sh");
        fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).unwrap();
        s.try_git(["commit", "-qm", "refused"]);
        s.git(["reset", "-q", "--hard"]);
        let ran = s.bak(way);
        assert_eq!(s.read("run.sh"), "second\n", "{ran:?}");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o111, 0o111, "{ran:?}");
    }
}

/// A stash has every file of its commit: their bytes aren't what was put aside.
#[cfg(unix)]
#[test]
fn a_bit_that_was_lost_comes_back_though_a_stash_has_the_bytes() {
    use std::os::unix::fs::PermissionsExt;
    for way in [&["restore", "run.sh"][..], &["undo", "--yes"]] {
        let s = Scratch::new();
        stage(&s, "run.sh", "run\n");
        stage(&s, "a.txt", "a\n");
        commit(&s);
        s.write("a.txt", "put aside\n");
        s.git(["stash", "-q"]);
        let file = s.top().join("run.sh");
        fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).unwrap();
        s.git(["checkout", "-q", "-f", "HEAD"]);
        let ran = s.bak(way);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o111, 0o111, "{ran:?}");
    }
}

#[test]
fn what_another_branch_has_committed_is_no_work_here() {
    let s = Scratch::without_guard();
    s.git(["switch", "-qc", "feature"]);
    stage(&s, "a.txt", "feature\n");
    let id = commit(&s);
    s.git(["switch", "-q", "main"]);
    s.write("a.txt", "precious, never seen\n");
    s.git(["checkout", "-q", "a.txt"]);
    let ran = s.try_bak(["restore", "a.txt"]);
    assert!(ran.stderr.contains(&id) && ran.stderr.contains(", not on this branch)"), "{ran:?}");
    assert_eq!((ran.status, s.read("a.txt").as_str()), (1, "one\n"));
    s.git(["merge", "-q", "feature"]);
    assert!(!s.try_bak(["restore", "a.txt"]).stderr.contains("not on this branch"));
}

#[test]
fn what_is_in_the_stash_is_not_lost_until_it_is_dropped() {
    let s = Scratch::new();
    stage(&s, "a.txt", "v1\n");
    s.git(["stash", "-q"]);
    refuses(&s, "a.txt", "it is in stash@{0}: git stash pop\n");
    stage(&s, "b.txt", "b\n");
    s.git(["stash", "-q"]);
    refuses(&s, "a.txt", "it is in stash@{1}: git stash pop 1\n");
    s.git(["stash", "drop", "-q"]);
    s.git(["stash", "pop", "-q"]);
    assert!(s.bak(["restore", "a.txt"]).stderr.contains("already holds your work"));
    s.git(["stash", "-q"]);
    s.git(["stash", "drop", "-q"]);
    gives(&s, "a.txt", "v1\n");
}

#[test]
fn what_git_brought_closes_the_very_bytes_alone() {
    let s = Scratch::new();
    s.git(["switch", "-qc", "side"]);
    s.write("a.txt", "theirs\n");
    Ran::of(&s.command("git").env("GIT_BAK", "0").args(["commit", "-qam", "x"]).output().unwrap());
    s.git(["switch", "-q", "main"]);
    stage(&s, "a.txt", "theirs\n");
    s.git(["reset", "-q", "--hard"]);
    s.git(["merge", "-q", "side"]);
    refuses(&s, "a.txt", "all known work was committed");
    // Other work is open still, and the file beneath it another.
    let s = Scratch::new();
    stage(&s, "a.txt", "mine\n");
    s.git(["reset", "-q", "--hard"]);
    s.git(["switch", "-qc", "side"]);
    s.write("a.txt", "theirs\n");
    Ran::of(&s.command("git").env("GIT_BAK", "0").args(["commit", "-qam", "x"]).output().unwrap());
    s.git(["switch", "-q", "main"]);
    s.git(["merge", "-q", "side"]);
    let ran = s.bak(["restore", "a.txt"]);
    let words = "changed it after this copy; see what you take back: git bak diff -- a.txt\n";
    assert!(ran.stderr.contains("a.txt: commit ") && ran.stderr.ends_with(words), "{ran:?}");
    assert_eq!(s.read("a.txt"), "mine\n");
}

#[test]
fn a_commit_picked_from_elsewhere_leaves_a_draft_open() {
    let s = Scratch::new();
    s.git(["switch", "-qc", "side"]);
    stage(&s, "a.txt", "picked\n");
    commit(&s);
    s.git(["switch", "-q", "main"]);
    stage(&s, "a.txt", "draft\n");
    s.git(["reset", "-q", "--hard"]);
    s.git(["cherry-pick", "side"]);
    gives(&s, "a.txt", "draft\n");
}

#[test]
fn what_was_never_seen_is_called_that() {
    let s = Scratch::empty();
    s.write("a.txt", "one\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "first"]);
    s.bak(["install"]);
    refuses(&s, "a.txt", "git-bak never saw uncommitted work in it\n");
}

#[test]
fn of_many_files_a_few_are_named_and_the_others_counted() {
    let s = Scratch::new();
    let names: Vec<String> = (1..=8).map(|n| format!("n{n}")).collect();
    names.iter().for_each(|name| stage(&s, name, "work\n"));
    s.git(["reset", "-q", "--hard"]);
    let ran = s.bak(["restore", "--all", "--yes"]);
    assert_eq!(ran.stderr.matches("✓ restored: n").count(), 5, "{ran:?}");
    assert!(ran.stderr.ends_with("✓ and 3 more files\n"), "{ran:?}");
    assert!(names.iter().all(|name| s.read(name) == "work\n"));
}

#[test]
fn where_the_guard_is_off_it_is_said_that_later_edits_may_be_missing() {
    const OFF: &str = "• the guard is off, so edits made after the last add or commit are not known; \
                       to turn it on: git bak install\n";
    let s = Scratch::without_guard();
    let says = |args: &[&str]| s.try_bak([&["restore", "--yes"], args].concat()).stderr;
    assert!(says(&["--all"]).ends_with(OFF), "nothing is known");
    assert!(says(&["a.txt"]).ends_with(OFF));
    stage(&s, "a.txt", "staged\n");
    s.write("a.txt", "staged\nand edited on\n");
    s.git(["reset", "-q", "--hard"]);
    assert!(says(&["a.txt"]).ends_with(OFF));
    let again = says(&["a.txt"]);
    assert!(!again.contains("guard"), "it is there already: {again}");
    let by_hand = says(&["a.txt", "--from", "a.txt@{1}"]);
    assert!(!by_hand.contains("guard"), "the user has chosen: {by_hand}");
    s.bak(["install"]);
    stage(&s, "a.txt", "staged again\n");
    s.git(["reset", "-q", "--hard"]);
    assert!(!says(&["a.txt"]).contains("guard is off"));
}

#[test]
fn a_folder_and_all_give_what_is_missing_since_the_last_commit() {
    let s = Scratch::new();
    stage(&s, "d/old", "taken out by hand\n");
    s.git(["rm", "-qf", "d/old"]);
    stage(&s, "a.txt", "two\n");
    let id = commit(&s);
    for path in ["d/x", "d/y", "e"] {
        stage(&s, path, "work\n");
    }
    s.git(["reset", "-q", "--hard"]);
    stage(&s, "f", "work\n");
    s.write("f", "edited on\n");
    let lost = |path: &str| !s.exists(path);
    for words in
        [&["restore", "d"][..], &["restore", "."], &["restore", "--all"], &["restore", "d/*"]]
    {
        let ran = s.try_bak(words);
        assert_eq!(ran.status, 2, "{ran:?}");
        assert!(ran.stderr.contains("• d/x: as of 2025-11-06 20:1"), "{ran:?}");
        assert!(ran.stderr.ends_with("git-bak: not a terminal: add --yes to confirm\n"), "{ran:?}");
        assert!(lost("d/x") && lost("d/y") && lost("e"));
    }
    let ran = s.try_bak(["restore", "-n", "--all"]);
    assert!(
        ran.stderr.contains("• f: as of ") && ran.stderr.contains(", over newer edits: --yes\n"),
        "{ran:?}"
    );
    let words = format!("• 1 more file lost before commit {id} (oldest 2025-11-06 20:10:");
    assert!(ran.stderr.contains(&words) && lost("d/x"), "{ran:?}");
    s.bak(["restore", "--yes", "d"]);
    assert!(!lost("d/x") && !lost("d/y") && lost("e") && lost("d/old"));
    s.bak(["restore", "--yes", "--all"]);
    assert_eq!((s.read("e"), s.read("f")), ("work\n".to_owned(), "work\n".to_owned()));
    assert!(lost("d/old"));
    assert_eq!(s.try_bak(["restore", "--yes", "d"]).status, 1);
    gives(&s, "d/old", "taken out by hand\n");
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_it_asks() {
    let s = Scratch::new();
    let typed = |s: &Scratch, words: &str, keys: &str| {
        let mut command = s.command("sh");
        command.args(["-c", words]);
        crate::pty::typing(command, 200, keys).0
    };
    stage(&s, "a.txt", "work\n");
    s.write("a.txt", "newer\n");
    let said = typed(&s, "git bak restore a.txt", "n\n");
    let words = "a.txt has newer edits: put back 2025-11-06 20:10:49 instead? They are backed up first [y/N]";
    assert!(said.contains(words) && said.contains("nothing was restored"), "{said}");
    assert_eq!(s.read("a.txt"), "newer\n");
    typed(&s, "git bak restore a.txt", "y\n");
    assert_eq!(s.read("a.txt"), "work\n");
    s.git(["reset", "-q", "--hard"]);
    let said = typed(&s, "git bak restore .", "y\n");
    assert!(said.contains("restore this file? [y/N]"), "{said}");
    assert_eq!(s.read("a.txt"), "work\n");
    stage(&s, "b.txt", "b\n");
    s.git(["reset", "-q", "--hard"]);
    let said = typed(&s, "git bak restore --all", "\n");
    assert!(said.contains("restore these 2? [y/N]"), "{said}");
    assert_eq!(s.read("a.txt"), "one\n");
}

#[test]
fn at_a_time_each_file_is_as_it_was_then_over_all_snapshots() {
    let mut s = Scratch::new();
    for path in ["b.txt", "c.txt", "d.txt"] {
        stage(&s, path, "one\n");
    }
    commit(&s);
    for (minute, path) in [(1, "a.txt"), (2, "b.txt"), (3, "c.txt")] {
        s.set_env("GIT_BAK_NOW", format!("2025-11-07T10:0{minute}:00+00:00"));
        stage(&s, path, "then\n");
    }
    s.set_env("GIT_BAK_NOW", "2025-11-07T11:00:00+00:00");
    for path in ["a.txt", "b.txt", "d.txt"] {
        stage(&s, path, "late\n");
    }
    let words = ["restore", "--yes", "--at", "10:02:30"];
    let ran = s.bak(words);
    let read = || ["a.txt", "b.txt", "c.txt", "d.txt"].map(|path| s.read(path));
    assert_eq!(read(), ["then\n", "then\n", "then\n", "late\n"], "{ran:?}");
    assert!(ran.stderr.starts_with("• as of 2025-11-07 10:02:30 (branch main, "), "{ran:?}");
    let head = s.git(["rev-parse", "--short=7", "HEAD"]).stdout;
    let clean =
        format!("• 2 files were clean then: git restore --source={} -- c.txt d.txt\n", head.trim());
    assert!(ran.stderr.contains(&clean), "{ran:?}");
    let ran = s.try_bak(["restore", "d.txt", "--at", "10:02:30"]);
    assert!(ran.status == 1 && ran.stderr.contains("1 file was clean then: "), "{ran:?}");
    s.git(["commit", "-qam", "late"]);
    s.git(["switch", "-qc", "other"]);
    let ran = s.try_bak(["restore", "a.txt", "--at", "10:02:30"]);
    assert!(ran.stderr.contains("; now on other)"), "{ran:?}");
}

#[test]
fn files_that_are_gone_and_of_which_no_work_is_known_are_named_with_gits_command() {
    let s = Scratch::new();
    for n in 0..7 {
        s.write(&format!("d/{n}"), "clean\n");
    }
    s.git(["add", "d"]);
    commit(&s);
    stage(&s, "d/0", "work\n");
    fs::remove_dir_all(s.top().join("d")).unwrap();
    let ran = s.bak(["restore", "--yes", "d/[0-3]"]);
    let text =
        "• 3 files are missing, with no work that git-bak knows of: git restore -- d/1 d/2 d/3\n";
    assert!(ran.stderr.contains(text), "{ran:?}");
    assert_eq!(s.read("d/0"), "work\n");
    fs::remove_dir_all(s.top().join("d")).unwrap();
    let ran = s.bak(["restore", "--yes", "d"]);
    let line = ran.stderr.lines().find(|line| line.contains("6 files are missing")).unwrap();
    let (_, command) = line.split_once(": ").unwrap();
    let done = s.command("sh").args(["-c", command]).status().unwrap();
    assert!(done.success() && (1..7).all(|n| s.read(&format!("d/{n}")) == "clean\n"), "{command}");
    assert_eq!(s.read("d/0"), "work\n");
    // Named one by one, too.
    fs::remove_file(s.top().join("d/5")).unwrap();
    let ran = s.try_bak(["restore", "d/5", "d/0"]);
    let text = "• 1 file is missing, with no work that git-bak knows of: git restore -- d/5\n";
    assert!(ran.status == 1 && ran.stderr.contains(text), "{ran:?}");
}

#[test]
fn where_head_has_gone_elsewhere_no_commit_is_named_as_newer() {
    let s = Scratch::new();
    s.git(["switch", "-qc", "other"]);
    stage(&s, "a.txt", "theirs\n");
    commit(&s);
    stage(&s, "a.txt", "work\n");
    s.git(["switch", "-qf", "main"]);
    let ran = gives(&s, "a.txt", "work\n");
    let text = "• a.txt: the commit you are on has another version of it; see what you take back: ";
    assert!(ran.stderr.contains(text), "{ran:?}");
}

#[test]
fn what_head_has_makes_no_backup_when_it_is_overwritten() {
    let s = Scratch::new();
    stage(&s, "a.txt", "work\n");
    s.git(["reset", "-q", "--hard"]);
    let before = s.all_backups();
    let ran = gives(&s, "a.txt", "work\n");
    assert_eq!((ran.stderr.lines().count(), s.all_backups()), (1, before), "{ran:?}");
    s.bak(["undo", "--yes"]);
    assert_eq!(s.read("a.txt"), "one\n");
}
