//! What is not begun, and why.

use super::*;

#[test]
fn files_too_big_to_save_are_named_and_nothing_is_run() {
    let s = rich();
    s.write("huge.bin", vec![7; 3000]);
    s.git(["config", "bak.maxFileSize", "2k"]);
    let ran = run(&s, &[], "echo x >clean.txt");
    assert_eq!(ran.status, 3, "{ran:#?}");
    assert!(ran.stderr.contains("huge.bin") && ran.stderr.contains("--force"), "{ran:#?}");
    assert_eq!(s.read("clean.txt"), "clean\n");
    assert_over(&s);
}

#[test]
fn with_force_they_are_left_alone_and_named_if_they_changed() {
    let s = rich();
    s.write("huge.bin", vec![7; 3000]);
    s.git(["config", "bak.maxFileSize", "2k"]);
    let before = standing(&s, s.top());
    let ran = run(&s, &["--force"], "echo x >clean.txt; false");
    assert_eq!((ran.status, standing(&s, s.top())), (1, before), "{ran:#?}");
    assert!(ran.stderr.contains("Everything is as it was"), "{ran:#?}");
    let ran = run(&s, &["--force"], "echo x >clean.txt; echo small >huge.bin; false");
    assert_eq!((ran.status, s.read("clean.txt").as_str()), (1, "clean\n"), "{ran:#?}");
    assert!(ran.stderr.contains("huge.bin: it was changed"), "{ran:#?}");
    assert_eq!(s.read("huge.bin"), "small\n");
    assert_over(&s);
}

#[test]
fn what_is_big_but_staged_is_git_s_and_can_be_put_back() {
    let s = rich();
    s.write("huge.bin", vec![7; 3000]);
    s.git(["add", "huge.bin"]);
    s.git(["config", "bak.maxFileSize", "2k"]);
    let before = standing(&s, s.top());
    let ran = run(&s, &[], "rm huge.bin; git rm -q --cached huge.bin; false");
    assert_eq!((ran.status, standing(&s, s.top())), (1, before), "{ran:#?}");
}

#[test]
fn a_second_run_inside_the_first_is_refused() {
    let s = rich();
    let ran = run(&s, &[], "git bak run -- true");
    assert_eq!(ran.status, 3, "{ran:#?}");
    assert!(ran.stderr.contains("another apply, run or undo is under way"), "{ran:#?}");
}

#[test]
fn what_may_not_be_read_is_a_reason_to_run_nothing() {
    use std::os::unix::fs::MetadataExt;
    use std::os::unix::process::CommandExt;
    for (closed, mode) in [("deep", 0o755), ("clean.txt", 0o644), ("untracked.txt", 0o644)] {
        let s = rich();
        chmod(&s, closed, 0);
        let mut command = s.command(BAK);
        command.args(["run", "--", "touch", "ran"]);
        if fs::metadata(s.root()).unwrap().uid() == 0 {
            // A user who may read everything becomes another one.
            let owner = s.command("chown").args(["-R", "65534:65534"]).arg(s.root()).status();
            assert!(owner.unwrap().success());
            command.uid(65534).gid(65534);
        }
        let ran = Ran::of(&command.output().unwrap());
        chmod(&s, closed, mode);
        assert_eq!((ran.status, s.exists("ran")), (3, false), "{closed}: {ran:#?}");
        let said = format!("{closed}: it can't be saved, and could not be put back: ");
        assert!(ran.stderr.contains(&said), "{closed}: {ran:#?}");
    }
}

#[test]
fn of_two_runs_at_once_one_is_refused_and_in_another_worktree_both_go_on() {
    let s = rich();
    let linked = s.root().join("linked");
    s.git(["worktree", "add", "-q", "-b", "other", linked.to_str().unwrap()]);
    let line =
        "echo x >clean.txt; echo >../began; until test -e ../go; do sleep 0.02; done; exit 3";
    let before = standing(&s, s.top());
    let mut first = s.command(BAK);
    first.args(["run", "--", "sh", "-c", line]).stderr(std::process::Stdio::null());
    let first = first.spawn().unwrap();
    while !s.root().join("began").exists() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let second = run(&s, &[], "echo y >clean.txt");
    assert_eq!(second.status, 3, "{second:#?}");
    assert!(
        second.stderr.contains("another apply, run or undo is under way in this"),
        "{second:#?}"
    );
    let ran = run_at(&s.at(&linked), &[], "echo y >clean.txt");
    assert_eq!(ran.status, 0, "{ran:#?}");
    fs::write(s.root().join("go"), "").unwrap();
    assert_eq!(first.wait_with_output().unwrap().status.code(), Some(3));
    assert_eq!(standing(&s, s.top()), before);
    assert_eq!(fs::read_to_string(linked.join("clean.txt")).unwrap(), "y\n");
}

#[test]
fn wrong_words_are_named() {
    let s = rich();
    for (args, word) in [
        (&["run"][..], "CMD"),
        (&["run", "-m", "x", "--", "true"], "--commit"),
        (&["run", "--commit", "-m", " ", "--", "true"], "empty"),
        (&["run", "--abort", "--", "true"], "--abort"),
        (&["run", "--tset", "x", "true"], "--tset"),
    ] {
        let ran = s.try_bak(args);
        assert_eq!(ran.status, 2, "{args:?} {ran:#?}");
        assert!(ran.stderr.contains(word), "{args:?} {ran:#?}");
    }
    assert_over(&s);
}

#[test]
fn a_command_that_is_none_ends_as_in_a_shell() {
    let s = rich();
    let before = standing(&s, s.top());
    s.write("plain", "");
    let ran = s.try_bak(["run", "--", "no-such-command"]);
    assert_eq!(ran.status, 127, "{ran:#?}");
    assert!(ran.stderr.contains("no-such-command"), "{ran:#?}");
    assert_eq!(s.try_bak(["run", "--", "./plain"]).status, 126);
    fs::remove_file(s.top().join("plain")).unwrap();
    assert_eq!(standing(&s, s.top()), before);
    assert_over(&s);
}
