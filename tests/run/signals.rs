//! Signals: the command is ended, everything is put back, and the status says which.

use super::*;
use crate::apply::command;

#[test]
fn a_signal_ends_the_command_and_all_is_put_back() {
    for (signal, number) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
        let s = rich();
        let before = standing(&s, s.top());
        let line = format!("{SPOIL}sleep 60 & echo $! >../pid; kill -{signal} $PPID; wait");
        let ran = Ran::of(&command(&s).args(["run", "--", "sh", "-c", &line]).output().unwrap());
        assert_eq!(ran.status, 128 + number, "{ran:#?}");
        assert_eq!(standing(&s, s.top()), before, "{ran:#?}");
        let pid = fs::read_to_string(s.root().join("pid")).unwrap();
        assert!(!is_running(pid.trim()), "{signal}: {pid} still runs");
        assert_eq!(failures(&s)[0]["step"], "interrupted");
        assert_over(&s);
    }
}

#[test]
fn a_command_that_says_yes_to_a_signal_is_interrupted_all_the_same() {
    let s = rich();
    let before = standing(&s, s.top());
    let line = "trap 'exit 0' TERM; echo x >clean.txt; kill -TERM $PPID; while :; do sleep 1; done";
    let ran = Ran::of(&command(&s).args(["run", "--", "sh", "-c", line]).output().unwrap());
    assert_eq!((ran.status, standing(&s, s.top())), (143, before), "{ran:#?}");
}

#[test]
fn a_command_that_a_signal_ends_has_the_status_that_shells_give_it() {
    let s = rich();
    assert_eq!(run(&s, &[], "kill -SEGV $$").status, 139);
    assert_eq!(failures(&s)[0]["step"], "command");
}
