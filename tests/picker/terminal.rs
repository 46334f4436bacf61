//! Whatever ends the screen that is picked on, the terminal is as it was.

use std::process::Command;
use std::time::{Duration, Instant};

use super::tmux::Tmux;
use super::with_versions;
use crate::scratch::{Scratch, script};

/// Set for the test that panics on a screen.
const PANICS: &str = "GIT_BAK_TEST_PANICS";

/// Starts the picker in the terminal's shell; its process id.
fn start(s: &Scratch, tmux: &Tmux<'_>) -> String {
    script(&s.root().join("bin/picks"), "echo $$ >../pid\nexec git-bak restore");
    tmux.run("clear; picks");
    tmux.wait_for("restore which file?");
    std::fs::read_to_string(s.root().join("pid")).unwrap().trim().to_owned()
}

fn kill(signal: &str, pid: &str) {
    assert!(Command::new("kill").args([signal, pid]).status().unwrap().success());
}

#[test]
#[ignore = "needs tmux: .ci/run installs it"]
fn it_is_put_back_after_keys_and_after_signals() {
    let s = with_versions();
    let tmux = Tmux::new(&s, 100, 12);
    let before = tmux.state();
    assert_eq!(before.1, "0 1\n");
    for key in ["Escape", "C-c", "q"] {
        start(&s, &tmux);
        tmux.press(&[key]);
        tmux.wait_for("nothing was restored");
        assert_eq!(tmux.state(), before, "{key}");
    }
    for signal in ["-TERM", "-HUP", "-INT", "-QUIT"] {
        let pid = start(&s, &tmux);
        kill(signal, &pid);
        // What is typed before the shell asks again may be lost.
        tmux.wait(signal, |screen| screen.trim_end().ends_with('$'));
        assert_eq!(tmux.state(), before, "{signal}");
    }
    for (signal, status) in [("-TERM", 143), ("-HUP", 129)] {
        tmux.run("clear; picks; echo ended with $?");
        tmux.wait_for("restore which file?");
        kill(signal, std::fs::read_to_string(s.root().join("pid")).unwrap().trim());
        // The shell sees the signal itself.
        tmux.wait_for(&format!("ended with {status}"));
    }
    start(&s, &tmux);
    tmux.press(&["Down", "Enter", "Enter"]);
    tmux.wait_for("restored: a.txt");
    assert_eq!(tmux.state(), before);
}

#[test]
#[ignore = "needs tmux: .ci/run installs it"]
fn it_is_the_shells_while_the_picker_is_stopped_and_the_pickers_again_after() {
    let s = with_versions();
    let tmux = Tmux::new(&s, 100, 12);
    let before = tmux.state();
    for way in ["C-z", "-TSTP"] {
        if way == "C-z" {
            // With Git between the shell and us, as it is typed.
            tmux.run("clear; git bak restore");
            tmux.wait_for("restore which file?");
            tmux.press(&["C-z"]);
        } else {
            let pid = start(&s, &tmux);
            kill(way, &pid);
        }
        tmux.wait_for("Stopped");
        assert_eq!(tmux.state(), before, "{way}");
        tmux.run("clear; fg");
        tmux.wait_for("restore which file?");
        tmux.press(&["Down"]);
        tmux.wait_for("> a.txt");
        tmux.press(&["Escape"]);
        tmux.wait_for("nothing was restored");
        assert_eq!(tmux.state(), before, "{way}");
    }
}

#[test]
#[ignore = "needs tmux: .ci/run installs it"]
fn it_is_put_back_after_a_panic() {
    let s = with_versions();
    let tmux = Tmux::new(&s, 100, 30);
    let before = tmux.state();
    let program = std::env::current_exe().unwrap();
    let this = "picker::terminal::panics_on_a_screen";
    let args = format!("--include-ignored --exact --nocapture {this}");
    tmux.run(&format!("{PANICS}=1 RUST_BACKTRACE=0 {} {args}", program.display()));
    tmux.wait_for("drawn and then lost");
    tmux.wait_for("1 failed");
    assert_eq!(tmux.state(), before);
}

/// Not a test by itself: the one above starts it in a terminal.
#[test]
fn panics_on_a_screen() {
    if std::env::var_os(PANICS).is_some() {
        let _screen = git_bak::term::picker::screen::Screen::enter(false).unwrap();
        panic!("drawn and then lost");
    }
}

#[test]
#[ignore = "needs tmux: .ci/run installs it"]
fn when_the_terminal_is_closed_nothing_of_it_runs_on() {
    let s = with_versions();
    let tmux = Tmux::new(&s, 100, 12);
    let pid = start(&s, &tmux);
    tmux.ask(&["set-option", "-g", "exit-empty", "off"]);
    tmux.ask(&["kill-pane"]);
    let began = Instant::now();
    while Command::new("kill").args(["-0", &pid]).output().unwrap().status.success() {
        assert!(began.elapsed() < Duration::from_secs(20), "it runs on");
        std::thread::sleep(Duration::from_millis(20));
    }
}
