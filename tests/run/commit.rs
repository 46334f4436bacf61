//! `--commit`: exactly what the command has changed, through the hooks.

use super::*;

#[test]
fn exactly_what_the_command_changed_is_committed() {
    let s = rich();
    let line = "echo x >clean.txt; rm tool.sh; echo n >'new file'; chmod 755 crlf.txt; echo i >i.o";
    let ran = run(&s, &["--include-dirty", "--commit", "-m", "By the command"], line);
    assert_eq!(ran.status, 0, "{ran:#?}");
    let shown = s.git(["show", "--format=%s", "--name-status", "HEAD"]).stdout;
    assert_eq!(shown, "By the command\n\nM\tclean.txt\nM\tcrlf.txt\nA\tnew file\nD\ttool.sh\n");
    let status = s.git(["status", "--porcelain"]).stdout;
    assert!(status.contains("MM both.txt") && status.contains("?? untracked.txt"), "{status}");
    assert!(!status.contains("clean.txt"), "{status}");
    assert_over(&s);
}

#[test]
fn without_a_message_the_commit_is_called_after_the_command() {
    let s = Scratch::new();
    s.bak(["run", "--commit", "--", "sed", "-i", "s/one/two/", "a.txt"]);
    assert_eq!(s.git(["log", "-1", "--format=%s"]).stdout, "Run sed -i s/one/two/ a.txt\n");
    s.bak(["run", "--commit", "sh", "-c", &format!("echo {} >a.txt", "long ".repeat(40))]);
    let title = s.git(["log", "-1", "--format=%s"]).stdout;
    assert_eq!(title.trim_end().chars().count(), 72, "{title}");
}

/// Refuses to run anything with `--commit`, and names these files alone.
fn assert_refused(s: &Scratch, files: &[&str]) {
    let (before, head) = (standing(s, s.top()), s.git(["rev-parse", "HEAD"]).stdout);
    let ran = run(s, &["--commit"], "for f in *.txt; do echo x >>$f; done; echo >../ran");
    assert_eq!((ran.status, standing(s, s.top())), (1, before), "{ran:#?}");
    assert!(!s.root().join("ran").exists() && ran.stderr.contains("nothing was run"), "{ran:#?}");
    let named = ran.stderr.lines().filter_map(|line| line.strip_prefix("  ✗ "));
    assert_eq!(named.collect::<Vec<_>>(), files, "{ran:#?}");
    assert_eq!(s.git(["rev-parse", "HEAD"]).stdout, head);
    assert_over(s);
}

#[test]
fn nothing_is_run_for_a_commit_that_could_take_work_from_before_along() {
    let s = rich();
    assert_refused(
        &s,
        &["both.txt", "edited.txt", "intended.txt", "new staged.txt", "renamed.txt", "staged.txt"],
    );
    commit_all(&s, "all of it");
    link(&s, "tool.sh", "link");
    s.git(["add", "link"]);
    assert_refused(&s, &["link"]);
}

#[test]
fn an_untracked_file_that_the_command_changes_is_not_committed() {
    let s = rich();
    commit_all(&s, "all of it");
    s.write("untracked as well.txt", "mine\n");
    let ran = run(&s, &["--commit"], "echo x >clean.txt; echo y >>'untracked as well.txt'");
    assert_eq!(ran.status, 1, "{ran:#?}");
    let said = "it had uncommitted work before, which would be committed, too";
    assert!(ran.stderr.contains(&format!("untracked as well.txt: {said}")), "{ran:#?}");
    assert_eq!(s.read("untracked as well.txt"), "mine\ny\n");
    assert!(s.bak(["status"]).stderr.contains("git bak run --abort"));
    s.git(["add", "untracked as well.txt"]);
    s.git(["commit", "-qm", "mine", "--", "untracked as well.txt"]);
    let ran = s.bak(["run", "--continue"]);
    assert!(ran.stderr.contains("Git commit"), "{ran:#?}");
    assert_eq!(s.git(["show", "--format=", "--name-only", "HEAD"]).stdout, "clean.txt\n");
    assert_over(&s);
}

#[test]
fn edits_that_git_was_told_not_to_look_at_are_refused_too() {
    for flag in ["--assume-unchanged", "--skip-worktree"] {
        let s = rich();
        commit_all(&s, "all of it");
        s.git(["update-index", flag, "clean.txt", "crlf.txt"]);
        s.write("clean.txt", "clean\nprivate\n");
        assert_refused(&s, &["clean.txt"]);
    }
    // So does a filter that was another when Git saw the file last.
    let s = rich();
    commit_all(&s, "all of it");
    s.git(["config", "filter.strip.clean", "sed /OUTPUT/d"]);
    s.write(".gitattributes", "*.nb filter=strip\n");
    s.write("a.nb", "code\nOUTPUT of five hours\n");
    commit_all(&s, "a notebook");
    let ran = run(&s, &["--commit"], "true");
    assert_eq!(ran.status, 0, "a commit has no outputs: {ran:#?}");
    s.command("touch").args(["-d", "@1500000000", "a.nb"]).status().unwrap();
    s.git(["update-index", "--refresh"]);
    s.git(["config", "filter.strip.clean", "cat"]);
    assert_eq!(s.git(["status", "--porcelain", "a.nb"]).stdout, "");
    assert_refused(&s, &["a.nb"]);
}

#[test]
fn with_include_dirty_the_work_from_before_is_committed_too() {
    let s = rich();
    let ran = run(&s, &["--commit", "--include-dirty"], "echo y >>edited.txt");
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert_eq!(s.git(["show", "HEAD:edited.txt"]).stdout, "edited more\ny\n");
}

#[test]
fn what_git_was_told_of_a_file_does_not_keep_the_command_s_change_out_of_the_commit() {
    let s = rich();
    commit_all(&s, "all of it");
    let ran = run(&s, &["--commit"], "echo y >>assumed.txt");
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert_eq!(s.git(["show", "HEAD:assumed.txt"]).stdout, "assumed\ny\n");
    s.git(["update-index", "--skip-worktree", "clean.txt"]);
    let ran = run(&s, &["--commit"], "echo y >>clean.txt");
    assert_eq!(ran.status, 1, "{ran:#?}");
    let line = "clean.txt: Git would not commit it: git update-index --no-skip-worktree ";
    let command = ran.stderr.lines().find_map(|text| text.split_once(line)).unwrap().1;
    let line = format!("git update-index --no-skip-worktree {command}");
    assert!(s.command("sh").args(["-c", &line]).status().unwrap().success());
    assert_eq!(s.bak(["run", "--continue"]).status, 0);
    assert_eq!(s.git(["show", "HEAD:clean.txt"]).stdout, "clean\ny\n");
}

#[test]
fn nothing_changed_is_no_commit() {
    let s = rich();
    let head = s.git(["rev-parse", "HEAD"]).stdout;
    let ran = run(&s, &["--commit", "--include-dirty"], "true");
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert!(ran.stderr.contains("no commit is made"), "{ran:#?}");
    assert_eq!(s.git(["rev-parse", "HEAD"]).stdout, head);
}

#[test]
fn what_an_agent_has_committed_itself_is_not_committed_again() {
    let s = rich();
    let line = "echo x >clean.txt; git commit -qm mine -- clean.txt; echo y >tool.sh";
    let ran = run(&s, &["--include-dirty", "--commit", "-m", "rest"], line);
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert_eq!(s.git(["show", "--format=%s", "--name-only"]).stdout, "rest\n\ntool.sh\n");
}

#[test]
fn a_commit_that_fails_leaves_the_changes_and_both_ways_out() {
    for way in ["--continue", "--abort"] {
        let s = rich();
        let before = standing(&s, s.top());
        s.hook("pre-commit", "echo no >&2; test -e ../ok");
        let line = "echo x >clean.txt; echo n >new";
        let ran = run(&s, &["--commit", "--include-dirty"], line);
        assert_eq!(ran.status, 1, "{ran:#?}");
        assert!(ran.stderr.contains("git bak run --abort"), "{ran:#?}");
        assert_eq!(s.read("clean.txt"), "x\n");
        let all = failures(&s);
        assert!(all.iter().any(|it| it["kind"] == "run" && it["step"] == "commit"), "{all:?}");
        fs::write(s.root().join("ok"), "").unwrap();
        assert_eq!(s.bak(["run", way]).status, 0);
        if way == "--abort" {
            assert_eq!(standing(&s, s.top()), before);
        } else {
            assert_eq!(s.git(["show", "--format=", "--name-only"]).stdout, "clean.txt\nnew\n");
        }
        assert_over(&s);
    }
}
