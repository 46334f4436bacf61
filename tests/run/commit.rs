//! `--commit`: exactly what the command has changed, through the hooks.

use super::*;

#[test]
fn exactly_what_the_command_changed_is_committed() {
    let s = rich();
    let line = "echo x >clean.txt; rm tool.sh; echo n >'new file'; chmod 755 crlf.txt; echo i >i.o";
    let ran = run(&s, &["--commit", "-m", "By the command"], line);
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

#[test]
fn work_from_before_is_not_committed_along() {
    let s = rich();
    let ran = run(&s, &["--commit"], "echo x >clean.txt; echo y >>edited.txt");
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert!(ran.stderr.contains("edited.txt: it had uncommitted work before"), "{ran:#?}");
    assert_eq!(s.read("edited.txt"), "edited more\ny\n");
    assert!(s.bak(["status"]).stderr.contains("git bak run --abort"));
    s.git(["commit", "-qm", "edited", "--", "edited.txt"]);
    let ran = s.bak(["run", "--continue"]);
    assert!(ran.stderr.contains("Git commit"), "{ran:#?}");
    assert_eq!(s.git(["show", "--format=", "--name-only", "HEAD"]).stdout, "clean.txt\n");
    assert_over(&s);
}

#[test]
fn nothing_changed_is_no_commit() {
    let s = rich();
    let head = s.git(["rev-parse", "HEAD"]).stdout;
    let ran = run(&s, &["--commit"], "true");
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert!(ran.stderr.contains("no commit is made"), "{ran:#?}");
    assert_eq!(s.git(["rev-parse", "HEAD"]).stdout, head);
}

#[test]
fn what_an_agent_has_committed_itself_is_not_committed_again() {
    let s = rich();
    let line = "echo x >clean.txt; git commit -qm mine -- clean.txt; echo y >tool.sh";
    let ran = run(&s, &["--commit", "-m", "rest"], line);
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert_eq!(s.git(["show", "--format=%s", "--name-only"]).stdout, "rest\n\ntool.sh\n");
}

#[test]
fn a_commit_that_fails_leaves_the_changes_and_both_ways_out() {
    for way in ["--continue", "--abort"] {
        let s = rich();
        let before = standing(&s, s.top());
        s.hook("pre-commit", "echo no >&2; test -e ../ok");
        let ran = run(&s, &["--commit"], "echo x >clean.txt; echo n >new");
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
