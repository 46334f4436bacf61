//! Every way in which a run ends, with every kind of file.

use super::*;

#[test]
fn a_failed_command_and_a_failed_test_leave_everything_as_before() {
    for (options, end, status) in [(&[][..], "exit 7", 7), (&["--test", "exit 9"], "exit 0", 1)] {
        let s = rich();
        let before = standing(&s, s.top());
        let ran = run(&s, options, &format!("{SPOIL}{end}"));
        assert_eq!(ran.status, status, "{ran:#?}");
        assert_eq!(standing(&s, s.top()), before, "{ran:#?}");
        assert!(ran.stderr.contains("✓ Everything is as it was"), "{ran:#?}");
        assert_kept(&s);
        assert_over(&s);
        let failure = &failures(&s)[0];
        assert_eq!(failure["kind"], "run");
        assert_eq!(failure["step"], if status == 7 { "command" } else { "test" });
        assert_eq!(failure["status"], if status == 7 { 7 } else { 9 });
        let files = failure["files"].as_array().unwrap();
        assert!(files.iter().any(|file| file == "made/later"), "{files:?}");
    }
}

#[test]
fn a_success_leaves_what_the_command_made_and_the_backups_of_what_was_uncommitted() {
    let s = rich();
    let ran = run(&s, &["--test", "test -e made/file"], SPOIL);
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert_eq!(s.read("clean.txt"), "spoilt\n");
    let mut both = s.backup_texts("both.txt");
    both.sort();
    assert_eq!(both, ["both edited\n", "both staged\n", "spoilt\n"], "and what it staged itself");
    assert!(s.vault_has("untracked.txt", "untracked\n"));
    assert_over(&s);
    assert!(failures(&s).is_empty());
}

#[test]
fn ignored_files_are_not_put_back_but_named() {
    let s = rich();
    s.write("gone.o", "ignored\n");
    s.write("same.o", "ignored\n");
    let line =
        "echo x >>kept.o; rm gone.o; echo y >new.o; echo >>build/out; echo >clean.txt; false";
    let ran = run(&s, &[], line);
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert_eq!(s.read("kept.o"), "ignored\nx\n");
    assert!(s.exists("new.o") && !s.exists("gone.o"));
    assert_eq!(s.read("clean.txt"), "clean\n");
    assert!(ran.stderr.contains("  ✗ gone.o: it is ignored, and is gone\n"), "{ran:#?}");
    assert!(ran.stderr.contains("  ✗ kept.o: it is ignored, and was changed\n"), "{ran:#?}");
    assert!(!ran.stderr.contains("same.o") && !ran.stderr.contains("new.o:"), "{ran:#?}");
    assert!(ran.stderr.contains("All else is as it was, as far as Git doesn't ignore it"));
    let ran = run(&s, &[], "rm -r build; false");
    assert!(ran.stderr.contains("  ✗ build: it is ignored, and is gone\n"), "{ran:#?}");
    let ran =
        run(&s, &[], "touch -r same.o ../ref; echo IGNORED >same.o; touch -r ../ref same.o; false");
    assert!(ran.stderr.contains("same.o: it is ignored, and was changed"), "{ran:#?}");
}

#[test]
fn a_command_that_stops_ignoring_a_file_does_not_make_it_a_new_one() {
    let s = rich();
    let before = standing(&s, s.top());
    let ran = run(&s, &[], "rm .gitignore; echo later >.git/info/later; false");
    assert_eq!((ran.status, standing(&s, s.top())), (1, before), "{ran:#?}");
    assert_eq!(s.read("build/out"), "ignored too\n");
}

#[test]
fn attributes_that_a_command_writes_convert_nothing_that_is_put_back() {
    let s = rich();
    let before = standing(&s, s.top());
    let line = "echo '* text eol=crlf' >.gitattributes; rm clean.txt; echo x >crlf.txt; false";
    let ran = run(&s, &[], line);
    assert_eq!((ran.status, standing(&s, s.top())), (1, before), "{ran:#?}");
}

#[test]
fn in_a_linked_worktree_only_that_one_is_put_back() {
    let s = rich();
    let main = standing(&s, s.top());
    let top = s.root().join("linked");
    s.git(["worktree", "add", "-q", "-b", "other", top.to_str().unwrap()]);
    let at = s.at(&top);
    fs::write(top.join("clean.txt"), "mine\n").unwrap();
    fs::write(top.join("new"), "new\n").unwrap();
    at.git(["add", "new"]);
    let before = standing(&s, &top);
    let ran = run_at(&at, &[], "echo x >clean.txt; git rm -qf new; echo y >tool.sh; false");
    assert_eq!((ran.status, standing(&s, &top)), (1, before), "{ran:#?}");
    assert_eq!(standing(&s, s.top()), main);
}

#[test]
fn in_a_subdirectory_the_command_runs_there_and_the_whole_tree_is_put_back() {
    let s = rich();
    let before = standing(&s, s.top());
    let ran = run_at(
        &s.at(s.top().join("deep/er")),
        &[],
        "pwd; echo x >../../clean.txt; rm -r ../er; false",
    );
    assert_eq!((ran.status, standing(&s, s.top())), (1, before), "{ran:#?}");
    assert!(ran.stdout.trim_end().ends_with("/repo/deep/er"), "{ran:#?}");
}

#[test]
fn before_the_first_commit_and_without_an_index() {
    let s = Scratch::empty();
    s.bak(["install"]);
    s.write("a", "a\n");
    let line = "echo x >a; echo b >b; git add -A; exit 3";
    let before = standing(&s, s.top());
    assert!(!s.exists(".git/index"));
    let ran = run(&s, &[], line);
    assert_eq!((ran.status, standing(&s, s.top())), (3, before), "{ran:#?}");
    s.git(["add", "a"]);
    let before = standing(&s, s.top());
    let ran = run(&s, &[], line);
    assert_eq!((ran.status, standing(&s, s.top())), (3, before), "{ran:#?}");
    assert_over(&s);
}

#[test]
fn a_conflict_is_put_back_as_it_was() {
    let s = Scratch::new();
    s.git(["checkout", "-q", "-b", "side"]);
    s.write("a.txt", "side\n");
    s.git(["commit", "-qam", "side"]);
    s.git(["checkout", "-q", "main"]);
    s.write("a.txt", "main\n");
    s.git(["commit", "-qam", "main"]);
    assert_ne!(s.try_git(["merge", "-q", "side"]).status, 0);
    let before = standing(&s, s.top());
    assert!(before.index.contains(" 3\ta.txt"), "{before:?}");
    let ran = run(&s, &[], "echo resolved >a.txt; git add a.txt; false");
    assert_eq!((ran.status, standing(&s, s.top())), (1, before), "{ran:#?}");
    assert!(s.vault_has("a.txt", "resolved\n"));
}

#[test]
fn other_forms_of_the_index_are_put_back_as_well() {
    for form in [&["--index-version", "4"][..], &["--split-index"]] {
        let s = rich();
        s.git([&["update-index"], form].concat());
        let before = standing(&s, s.top());
        let ran = run(&s, &[], &format!("{SPOIL}exit 7"));
        assert_eq!((ran.status, standing(&s, s.top())), (7, before), "{form:?} {ran:#?}");
        assert_over(&s);
    }
}

#[test]
fn a_sparse_checkout_stays_sparse() {
    let s = rich();
    commit_all(&s, "all");
    s.git(["sparse-checkout", "set", "deep"]);
    assert!(!s.exists("beside/untracked too.bin"));
    let before = standing(&s, s.top());
    let line = "git sparse-checkout disable; echo x >clean.txt; git add -A; false";
    let ran = run(&s, &[], line);
    let after = standing(&s, s.top());
    assert_eq!((ran.status, &after.index), (1, &before.index), "{ran:#?}");
    assert_eq!(s.read("clean.txt"), "clean\n");
    assert!(!after.status.contains("clean.txt"), "{after:?}");
}

#[test]
fn flags_that_a_sparse_checkout_would_drop_come_back() {
    let s = rich();
    commit_all(&s, "all");
    s.git(["update-index", "--skip-worktree", "clean.txt"]);
    let (before, config) = (standing(&s, s.top()), s.read(".git/config"));
    let ran = run(&s, &[], "git sparse-checkout set deep; false");
    assert!(ran.stderr.contains("info/sparse-checkout is new: rm "), "{ran:#?}");
    s.write(".git/config", config);
    fs::remove_file(s.top().join(".git/config.worktree")).unwrap();
    assert_eq!((ran.status, standing(&s, s.top())), (1, before), "{ran:#?}");
}

#[test]
fn what_bak_exclude_names_is_left_alone() {
    let s = rich();
    s.git(["config", "bak.exclude", "private.txt"]);
    let ran = run(&s, &[], "echo x >private.txt; chmod 644 private.txt; echo y >clean.txt; false");
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert_eq!((s.read("private.txt").as_str(), s.read("clean.txt").as_str()), ("x\n", "clean\n"));
    assert!(ran.stderr.contains("private.txt: it was changed, and was not saved"), "{ran:#?}");
    assert!(!ran.stderr.contains("Everything is as it was"), "{ran:#?}");
    s.write("new.txt", "x\n");
    let before = standing(&s, s.top());
    let ran = run(&s, &[], "echo x >clean.txt; false");
    assert_eq!(standing(&s, s.top()), before, "{ran:#?}");
    assert!(ran.stderr.contains("Everything is as it was"), "{ran:#?}");
}

#[test]
fn without_a_vault_it_is_put_back_all_the_same() {
    let s = rich();
    s.git(["config", "bak.vault", "false"]);
    let before = standing(&s, s.top());
    let ran = run(&s, &[], &format!("{SPOIL}exit 7"));
    assert_eq!((ran.status, standing(&s, s.top()).index), (7, before.index), "{ran:#?}");
    assert_eq!(s.read("clean.txt"), "clean\n");
    assert_eq!(s.read("untracked.txt"), "untracked\n");
}

#[test]
fn what_the_command_made_of_any_size_is_kept() {
    let s = rich();
    s.git(["config", "bak.maxFileSize", "1k"]);
    let before = standing(&s, s.top());
    let ran = run(&s, &[], "head -c 5000 /dev/zero >big; false");
    assert_eq!((ran.status, standing(&s, s.top())), (1, before), "{ran:#?}");
    assert!(s.vault().iter().any(|(path, text)| path.ends_with("/big") && text.len() == 5000));
}

#[test]
fn the_working_tree_s_own_form_of_filtered_files_comes_back() {
    let s = Scratch::new();
    s.write(".gitattributes", "*.up filter=case\n*.crlf text eol=crlf\n");
    s.git(["config", "filter.case.clean", "tr A-Z a-z"]);
    s.git(["config", "filter.case.smudge", "tr a-z A-Z"]);
    s.write("x.up", "HELLO\n");
    s.write("y.crlf", "one\r\ntwo\r\n");
    commit_all(&s, "filtered");
    let before = standing(&s, s.top());
    let ran = run(&s, &[], "echo SPOILT >x.up; rm y.crlf; false");
    assert_eq!((ran.status, standing(&s, s.top())), (1, before), "{ran:#?}");
}

#[test]
fn earlier_failures_of_the_same_files_are_named_before_it_starts() {
    let s = rich();
    run(&s, &[], "echo x >edited.txt; echo too bad; exit 4");
    let ran = run(&s, &[], "true");
    let line = ran.stderr.lines().next().unwrap();
    assert!(line.contains("edited.txt") && line.contains("run failed before"), "{ran:#?}");
    assert!(line.contains("too bad"), "{ran:#?}");
}

#[test]
fn settings_are_its_defaults_and_can_be_taken_back() {
    let s = rich();
    s.git(["config", "bak.applyTest", "false"]);
    assert_eq!(run(&s, &[], "echo x >clean.txt").status, 1);
    assert_eq!(s.read("clean.txt"), "clean\n");
    assert_eq!(run(&s, &["--test", ""], "echo x >clean.txt").status, 0);
    assert_eq!(s.read("clean.txt"), "x\n");
}
