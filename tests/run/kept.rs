//! What Git doesn't hold, or doesn't look at: it is kept before the command runs, and comes back byte for byte.

use super::*;

const AS_IT_WAS: &str = "Everything is as it was, as far as Git doesn't ignore it";

/// Runs a line that fails, and finds everything as it was; what was said.
fn spoiled(s: &Scratch, line: &str) -> Ran {
    let before = standing(s, s.top());
    let ran = run(s, &[], &format!("{line}; exit 3"));
    assert_eq!(ran.status, 3, "{ran:#?}");
    assert_eq!(standing(s, s.top()), before, "{ran:#?}");
    assert!(ran.stderr.contains(AS_IT_WAS), "{ran:#?}");
    assert_over(s);
    ran
}

/// Files that are clean in Git's eyes and have other bytes than their blobs.
fn converted() -> Scratch {
    let s = Scratch::new();
    s.git(["config", "filter.strip.clean", "sed /OUTPUT/d"]);
    s.git(["config", "filter.turn.clean", "tr a-z n-za-m"]);
    s.git(["config", "filter.turn.smudge", "tr a-z n-za-m"]);
    let rules = "*.nb filter=strip\n*.txt text eol=crlf\n*.c ident\n*.turn filter=turn\n\
                 *.u16 text working-tree-encoding=UTF-16LE\n";
    s.write(".gitattributes", rules);
    s.write("a.nb", "code\nOUTPUT of five hours\n");
    s.write("lf.txt", "one\ntwo\n");
    s.write("crlf.txt", "one\r\ntwo\r\n");
    s.write("mixed.txt", "one\r\ntwo\n");
    s.write("c.c", "/* $Id$ */\n");
    s.write("a.turn", "abc\n");
    s.write("a.u16", b"a\0b\0\n\0");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "base"]);
    let status = s.git(["status", "--porcelain"]).stdout;
    assert_eq!(status, "", "all of it is clean");
    s
}

const ALL: &str = "a.nb lf.txt crlf.txt mixed.txt c.c a.turn a.u16";

#[test]
fn files_that_git_converts_come_back_byte_for_byte() {
    spoiled(&converted(), &format!("echo x | tee {ALL}"));
    spoiled(&converted(), &format!("rm {ALL}"));
    let s = converted();
    s.git(["config", "bak.vault", "false"]);
    spoiled(&s, &format!("echo x | tee {ALL}"));
    // Copies of what was made keep no folder that has to go.
    spoiled(&s, "rm a.nb; mkdir -p a.nb new/deep; echo in | tee a.nb/in new/deep/in");
}

#[test]
fn so_do_they_if_the_rules_that_converted_them_are_gone() {
    let s = converted();
    s.write(".gitattributes", "");
    s.git(["commit", "-qam", "no rules"]);
    let before = tree(s.top());
    let ran = run(&s, &[], &format!("echo x | tee {ALL}; exit 3"));
    // In Git's eyes they are others only now that it looks again.
    assert_eq!((ran.status, tree(s.top())), (3, before), "{ran:#?}");
}

#[test]
fn rules_that_the_command_changes_don_t_count() {
    for rule in [
        "git config core.autocrlf true",
        "git config core.bare true",
        "git config core.worktree /nowhere",
        "git config core.excludesFile ../rules; echo '*' >../rules",
        "echo '*.gen' >>.git/info/exclude",
        "echo '* text eol=crlf' >.git/info/attributes",
    ] {
        let s = converted();
        let (before, config) = (standing(&s, s.top()), s.read(".git/config"));
        let exclude = s.read(".git/info/exclude");
        let line = format!("{rule}; echo n >n.gen; echo x >a.txt; echo x >c.c; exit 3");
        let ran = run(&s, &[], &line);
        fs::write(s.top().join(".git/config"), config).unwrap();
        fs::write(s.top().join(".git/info/exclude"), exclude).unwrap();
        let _ = fs::remove_file(s.top().join(".git/info/attributes"));
        assert_eq!(standing(&s, s.top()), before, "{rule}: {ran:#?}");
        assert!(!ran.stderr.contains(AS_IT_WAS), "the settings are not: {ran:#?}");
        assert!(ran.stderr.contains("All else is as it was"), "{ran:#?}");
    }
    spoiled(&converted(), "echo '*' >.gitignore; echo n >n; mkdir deep; echo n >deep/n");
    spoiled(&converted(), "mkdir venv; echo '*' >venv/.gitignore; echo n >venv/n");
    let s = rich();
    fs::create_dir(s.top().join("venv")).unwrap();
    s.write("venv/.gitignore", "*\n");
    s.write("venv/n", "n\n");
    spoiled(
        &s,
        "echo x >clean.txt; mkdir build/new; echo '*' >build/new/.gitignore; rm -r build/new",
    );
}

#[test]
fn settings_that_git_can_t_read_any_more_are_put_back_for_it() {
    spoiled(&converted(), "echo '[bad' >>.git/config; echo x >a.txt");
}

#[test]
fn hidden_edits_are_kept_and_come_back() {
    for flag in ["--assume-unchanged", "--skip-worktree"] {
        let s = rich();
        s.git(["update-index", flag, "clean.txt", "crlf.txt"]);
        s.write("clean.txt", "my settings\n");
        s.write("crlf.txt", "my other settings\n");
        spoiled(&s, "echo spoilt >clean.txt; rm crlf.txt");
        for (file, text) in [("clean.txt", "my settings\n"), ("crlf.txt", "my other settings\n")] {
            assert!(s.vault_has(file, text), "{flag} {file}");
        }
        // One that is hidden and as it is committed is no work.
        assert!(!s.vault_has("assumed.txt", "assumed\n"));
    }
    let s = rich();
    s.git(["update-index", "--assume-unchanged", "clean.txt"]);
    s.write("clean.txt", "more than three bytes\n");
    s.git(["config", "bak.maxFileSize", "12"]);
    let ran = run(&s, &[], "echo x >clean.txt");
    assert_eq!((ran.status, s.read("clean.txt").as_str()), (3, "more than three bytes\n"));
    assert!(ran.stderr.contains("clean.txt: it can't be saved"), "{ran:#?}");
}

#[test]
fn a_file_that_keeps_its_size_and_its_time_is_looked_at() {
    let s = Scratch::new();
    s.git(["config", "core.trustctime", "false"]);
    s.write("f", "aaaa\n");
    s.git(["add", "f"]);
    s.git(["commit", "-qm", "f"]);
    let sneak = "touch -r f ../ref; echo bbbb >f; touch -r ../ref f";
    spoiled(&s, sneak);
    assert!(s.command("sh").args(["-c", sneak]).status().unwrap().success());
    let ran = run(&s, &[], "echo cccc >f; exit 3");
    assert_eq!((ran.status, s.read("f").as_str()), (3, "bbbb\n"), "{ran:#?}");
    let ran = run(&s, &["--commit"], "echo cccc >>f");
    assert!(ran.stderr.contains("nothing was run"), "{ran:#?}");
}

#[test]
fn what_the_last_look_has_found_counts_only_while_nobody_has_written_there() {
    let s = converted();
    for _ in 0..2 {
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert_eq!(run(&s, &[], "true").status, 0);
    }
    let seen = fs::read(s.top().join(".git/bak/upgrade/seen")).unwrap();
    s.git(["update-index", "--assume-unchanged", "a.nb", "lf.txt", "crlf.txt"]);
    let sneak = "for f in a.nb lf.txt crlf.txt; do touch -r $f ../ref; tr a-z A-Z <$f >../x; \
                 cat ../x >$f; touch -r ../ref $f; done";
    assert!(s.command("sh").args(["-c", sneak]).status().unwrap().success());
    spoiled(&s, &format!("echo x | tee {ALL}"));
    assert!(s.vault_has("crlf.txt", "ONE\r\nTWO\r\n"));
    for damage in [&seen[..seen.len() / 2], b"", b"nonsense"] {
        s.write(".git/bak/upgrade/seen", damage);
        spoiled(&s, &format!("echo x | tee {ALL}"));
    }
}

#[test]
fn what_lfs_has_is_not_kept_twice_and_comes_back() {
    let s = Scratch::new();
    s.git(["config", "filter.lfs.clean", "sed s/^/pointer:/"]);
    s.git(["config", "filter.lfs.smudge", "sed s/^pointer://"]);
    s.write(".gitattributes", "*.big filter=lfs\n");
    s.write("a.big", "much\n");
    s.write("b.big", "skipped\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "big"]);
    std::thread::sleep(std::time::Duration::from_millis(50));
    s.git(["update-index", "--refresh"]);
    spoiled(&s, "echo x >a.big; rm b.big");
    spoiled(&s, "chmod 700 a.big");
}

#[test]
fn the_plain_bytes_of_an_encrypted_file_are_gone_from_the_git_directory_afterwards() {
    let s = Scratch::new();
    for way in ["clean", "smudge"] {
        s.git(["config", &format!("filter.crypt.{way}"), "tr a-z n-za-m"]);
    }
    s.write(".gitattributes", "*.key filter=crypt\n");
    s.write("a.key", "first secret\n");
    s.write("b.key", "other secret\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "keys"]);
    s.write("b.key", "edited secret\n");
    spoiled(&s, "echo x >a.key; rm b.key");
    assert!(s.bak(["run", "--", "true"]).stderr.contains("0 files changed, 0 made, 0 removed"));
    for text in ["first secret\n", "other secret\n", "edited secret\n"] {
        let mut git = s.command("git");
        git.args(["cat-file", "-e", &crate::backup_files::blob_id(&s, text.as_bytes())]);
        git.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", s.top().join(".git/bak/new"));
        assert!(!git.output().unwrap().status.success(), "{text}");
    }
    assert!(!s.exists(".git/bak/upgrade/own"));
}

#[test]
fn after_a_success_it_says_how_many_files_have_changed() {
    let s = rich();
    let ran = run(&s, &[], "echo x >clean.txt; rm tool.sh edited.txt; echo n >n; echo i >i.o");
    assert!(
        ran.stderr
            .contains("  ✓ 1 file changed, 1 made, 2 removed; to take it back: git bak undo\n"),
        "{ran:#?}"
    );
    assert_eq!(ran.status, 0, "{ran:#?}");
}

#[test]
fn whatever_goes_on_changing_a_file_is_not_said_to_be_as_it_was() {
    let s = rich();
    let line = "setsid sh -c 'while test -e ../go; do echo $((n=n+1)) >clean.txt; sleep 0.001; done' >/dev/null 2>&1 & \
                touch ../go; sleep 0.2; exit 3";
    fs::write(s.root().join("go"), "").unwrap();
    let ran = run(&s, &[], line);
    fs::remove_file(s.root().join("go")).unwrap();
    assert!(!ran.stderr.contains(AS_IT_WAS), "{ran:#?}");
    assert!(
        ran.stderr.contains("clean.txt: not put back: something has changed it again"),
        "{ran:#?}"
    );
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert_eq!(s.bak(["run", "--abort"]).status, 0);
    assert_eq!(s.read("clean.txt"), "clean\n");
}

#[test]
fn what_a_daemon_changes_after_a_run_is_not_taken_back_unseen() {
    let s = rich();
    let line = "setsid sh -c 'until test -e ../go; do sleep 0.02; done; echo daemon >clean.txt; rm ../go' \
                >/dev/null 2>&1 & echo x >clean.txt; echo x >edited.txt";
    let ran = run(&s, &[], line);
    assert!(ran.stderr.contains("  ✓ 2 files changed, 0 made, 0 removed; to take it"), "{ran:#?}");
    fs::write(s.root().join("go"), "").unwrap();
    while s.root().join("go").exists() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let ran = s.try_bak(["undo", "--yes"]);
    assert_eq!((ran.status, s.read("clean.txt").as_str()), (1, "daemon\n"), "{ran:#?}");
    assert!(ran.stderr.contains("clean.txt"), "{ran:#?}");
    assert_eq!(s.read("edited.txt"), "x\n", "all or nothing");
}

#[test]
fn many_thousand_files_are_put_back_and_a_second_run_copies_none_of_them_again() {
    let s = Scratch::new();
    s.git(["config", "core.autocrlf", "true"]);
    for number in 0..5000 {
        s.write(&format!("d{}/f{number}", number % 50), format!("{number}\r\nx\r\n"));
    }
    s.git_alone(["add", "."]);
    s.git_alone(["commit", "-qm", "many"]);
    let objects =
        || s.command("find").args([".git/bak/new", "-type", "f"]).output().unwrap().stdout;
    let before = objects();
    assert_eq!(run(&s, &[], "true").status, 0);
    assert_eq!(objects(), before, "Git has their lines");
    spoiled(&s, "for f in d*/*; do echo x >$f; done");
}
