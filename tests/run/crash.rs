//! Killed outright: every later command says so, and one of two commands ends it.

use super::*;

const KILL: &str = "kill -KILL $PPID";

#[test]
fn a_killed_run_is_named_by_every_command_until_it_is_ended() {
    let s = rich();
    let before = standing(&s, s.top());
    assert_eq!(run(&s, &[], &format!("{SPOIL}{KILL}")).status, -1);
    for verb in [&["status"][..], &["list"], &["log"], &["journal"]] {
        let ran = s.bak(verb);
        assert!(ran.stderr.contains("git bak run --abort"), "{verb:?}: {ran:#?}");
        assert!(ran.stderr.contains("in its command"), "{ran:#?}");
    }
    s.write("p.patch", "");
    for second in [&["run", "true"][..], &["apply", "p.patch"]] {
        let ran = s.try_bak(second);
        assert_eq!((ran.status, ran.stderr.lines().count()), (3, 1), "{ran:#?}");
    }
    fs::remove_file(s.top().join("p.patch")).unwrap();
    assert_eq!(s.bak(["run", "--abort"]).status, 0);
    assert_eq!(standing(&s, s.top()), before);
    assert_kept(&s);
    assert_over(&s);
    assert!(!s.bak(["status"]).stderr.contains("--abort"));
}

#[test]
fn apply_s_own_words_end_it_as_well() {
    let s = rich();
    let before = standing(&s, s.top());
    run(&s, &[], &format!("{SPOIL}{KILL}"));
    assert_eq!(s.bak(["apply", "--abort"]).status, 0);
    assert_eq!(standing(&s, s.top()), before);
}

#[test]
fn what_a_killed_run_has_come_to_can_be_kept() {
    let s = rich();
    let line = format!("echo x >clean.txt; {KILL}");
    let test = ["--test", "echo tested >../tested"];
    run(&s, &[&test[..], &["--include-dirty", "--commit", "-m", "kept"]].concat(), &line);
    let ran = s.bak(["run", "--continue"]);
    assert!(s.root().join("tested").exists(), "{ran:#?}");
    assert_eq!(s.git(["show", "--format=%s", "--name-only"]).stdout, "kept\n\nclean.txt\n");
    assert_over(&s);
}

#[test]
fn it_is_not_undone_below_a_command_that_still_runs() {
    let s = rich();
    let before = standing(&s, s.top());
    let mut command = s.command(BAK);
    let line = "echo $$ >../pid; echo x >clean.txt; \
                until grep -aq command .git/bak/upgrade/record; do :; done; kill -KILL $PPID; exec sleep 60";
    // The test must not wait for what it leaves.
    let quiet = std::process::Stdio::null;
    let ended =
        command.args(["run", "--", "sh", "-c", line]).stdout(quiet()).stderr(quiet()).status();
    assert!(!ended.unwrap().success());
    let pid = fs::read_to_string(s.root().join("pid")).unwrap();
    let ran = s.try_bak(["run", "--abort"]);
    assert_eq!(ran.status, 3, "{ran:#?}");
    let line = format!("its command still runs, as process {}: end that first", pid.trim());
    assert!(ran.stderr.contains(&line), "{ran:#?}");
    assert!(Command::new("kill").args(["-KILL", pid.trim()]).status().unwrap().success());
    while is_running(pid.trim()) {
        std::thread::yield_now();
    }
    assert_eq!(s.bak(["run", "--abort"]).status, 0);
    assert_eq!(standing(&s, s.top()), before);
}

#[test]
fn a_rollback_that_is_stuck_says_how_to_go_on() {
    let s = rich();
    let before = standing(&s, s.top());
    let ran = run(&s, &[], "echo x >clean.txt; git add clean.txt; touch .git/index.lock; exit 6");
    assert_eq!(ran.status, 6, "{ran:#?}");
    assert!(
        ran.stderr.contains("index.lock") && ran.stderr.contains("git bak run --abort"),
        "{ran:#?}"
    );
    assert_eq!(s.read("clean.txt"), "clean\n");
    fs::remove_file(s.top().join(".git/index.lock")).unwrap();
    s.bak(["run", "--abort"]);
    assert_eq!(standing(&s, s.top()), before);
    assert_over(&s);
}
