//! `git bak restore` on a terminal: what is picked with keys, in a real terminal.

mod several;
mod terminal;
mod tmux;

use crate::scratch::Scratch;
use tmux::Tmux;

/// `a.txt` with two versions, a day apart, and then changed; `sub/b.txt` with one, and gone.
fn with_versions() -> Scratch {
    let s = Scratch::new();
    for (path, text) in [("a.txt", "two\n"), ("a.txt", "three\n"), ("sub/b.txt", "b\n")] {
        s.write(path, text);
        s.bak(["snapshot", path]);
        s.advance(86_400);
    }
    s.write("a.txt", "never saved\n");
    std::fs::remove_file(s.top().join("sub/b.txt")).unwrap();
    s
}

/// The lines of a screen that list something, without what stands beside them.
fn listed(screen: &str) -> Vec<String> {
    let lines = screen.lines().skip(1).map(|line| line.split('│').next().unwrap().trim_end());
    lines.filter(|line| line.starts_with(['>', ' ']) && line.len() > 2).map(str::to_owned).collect()
}

#[test]
#[ignore = "needs tmux: .ci/run installs it"]
fn a_file_and_a_version_are_picked_and_what_is_overwritten_is_kept() {
    let s = with_versions();
    let tmux = Tmux::new(&s, 100, 12);
    tmux.run("git bak restore");
    let screen = tmux.wait_for("restore which file?");
    assert_eq!(
        listed(&screen),
        [
            "> sub/b.txt             gone  8 Nov 20:10   1d ago",
            "  a.txt                       7 Nov 20:10   2d ago"
        ],
        "{screen}"
    );
    assert!(screen.contains("│ +b"), "{screen}");
    tmux.press(&["Down"]);
    let screen = tmux.wait_for("> a.txt");
    assert!(screen.contains("│ -never saved") && screen.contains("│ +three"), "{screen}");
    tmux.press(&["Enter"]);
    let screen = tmux.wait_for("restore which version of a.txt?");
    assert_eq!(listed(&screen)[0], "> 7 Nov 20:10  2d ago  +1 -1  uncommitted", "{screen}");
    tmux.press(&["j"]);
    let screen = tmux.wait_for("│ +two");
    assert_eq!(listed(&screen)[1], "> 6 Nov 20:10  3d ago  +1 -1  uncommitted", "{screen}");
    tmux.press(&["Enter"]);
    let screen = tmux.wait_for("restored: a.txt, as of 2025-11-0");
    assert_eq!(s.read("a.txt"), "two\n");
    assert!(s.vault_has("a.txt", "never saved\n"));
    assert!(screen.contains("✓ backed up: a.txt.bak."), "{screen}");
    assert!(!s.exists("sub/b.txt"));
}

#[test]
#[ignore = "needs tmux: .ci/run installs it"]
fn every_way_out_leaves_everything_as_it_is() {
    let s = with_versions();
    let tmux = Tmux::new(&s, 100, 12);
    let vault = s.vault();
    for keys in [&["Escape"][..], &["q"], &["C-c"], &["Enter", "C-c"], &["t", "Escape"]] {
        tmux.run("clear; git bak restore; echo status $?");
        tmux.wait_for("restore which file?");
        tmux.press(keys);
        let screen = tmux.wait_for("status 1");
        assert!(screen.contains("nothing was restored"), "{screen}");
    }
    assert_eq!((s.read("a.txt"), s.exists("sub/b.txt")), ("never saved\n".to_owned(), false));
    assert_eq!(s.vault(), vault);
}

#[test]
#[ignore = "needs tmux: .ci/run installs it"]
fn letters_filter_the_files_and_then_the_versions() {
    let s = with_versions();
    let tmux = Tmux::new(&s, 100, 12);
    tmux.run("git bak restore");
    tmux.wait_for("restore which file?");
    tmux.press(&["x", "y"]);
    tmux.wait_for("/xy_  no match");
    tmux.press(&["BSpace", "BSpace", "s", "u", "b"]);
    let screen = tmux.wait_for("/sub_");
    assert_eq!(listed(&screen).len(), 1, "{screen}");
    tmux.press(&["Enter"]);
    tmux.wait_for("restore which version of sub/b.txt?");
    tmux.press(&["Enter"]);
    tmux.wait_for("restored: sub/b.txt");
    assert_eq!(s.read("sub/b.txt"), "b\n");
    tmux.run("clear; git bak restore -i a.txt");
    tmux.wait_for("restore which version of a.txt?");
    tmux.press(&["3", "d", "Space", "u", "n", "c"]);
    let screen = tmux.wait_for("/3d unc_");
    assert_eq!(listed(&screen).len(), 1, "{screen}");
    tmux.press(&["Enter"]);
    tmux.wait_for("restored: a.txt");
    assert_eq!(s.read("a.txt"), "two\n");
}

#[test]
#[ignore = "needs tmux: .ci/run installs it"]
fn the_difference_is_below_where_it_is_narrow_and_moves_with_the_window() {
    let s = with_versions();
    let tmux = Tmux::new(&s, 60, 16);
    tmux.run("git bak restore");
    let screen = tmux.wait_for("\n────");
    assert!(screen.contains("\n+b") && !screen.contains('│'), "{screen}");
    tmux.ask(&["resize-window", "-x", "120", "-y", "16"]);
    tmux.wait_for("│ +b");
    tmux.ask(&["resize-window", "-x", "20", "-y", "4"]);
    tmux.wait("a small screen", |screen| !screen.contains("│ +b"));
    tmux.press(&["Escape"]);
    tmux.wait_for("nothing");
}

#[test]
#[ignore = "needs tmux: .ci/run installs it"]
fn a_long_difference_scrolls() {
    let s = Scratch::new();
    let text = |from: usize| (from..from + 60).map(|n| format!("line {n}\n")).collect::<String>();
    s.write("a.txt", text(100));
    s.bak(["snapshot", "a.txt"]);
    s.write("a.txt", "");
    let tmux = Tmux::new(&s, 100, 12);
    tmux.run("git bak restore -i a.txt");
    tmux.wait_for("│ +line 100");
    tmux.press(&["PageDown"]);
    tmux.wait_for("│ +line 110");
    // It stops at the end, from where one key leads back.
    tmux.press(&["C-d", "C-d", "C-d", "C-d", "C-d", "C-d", "C-d", "C-d", "C-d"]);
    tmux.wait_for("│ +line 159");
    tmux.press(&["PageUp"]);
    tmux.wait("a page back", |screen| !screen.contains("line 159") && screen.contains("line 14"));
}

#[test]
#[ignore = "needs tmux: .ci/run installs it"]
fn names_and_lines_send_the_terminal_nothing_to_obey() {
    let s = Scratch::new();
    s.write("x\u{1b}[31m\ny.txt", "red\u{1b}[2J\u{7}\n");
    s.bak(["snapshot", "x\u{1b}[31m\ny.txt"]);
    std::fs::remove_file(s.top().join("x\u{1b}[31m\ny.txt")).unwrap();
    let tmux = Tmux::new(&s, 100, 12);
    tmux.run("git bak restore");
    let screen = tmux.wait_for("+red");
    assert!(screen.contains("> \"x\\033[31m\\ny.txt\""), "{screen}");
    assert!(screen.contains("│ +red\\u{1b}[2J\\u{7}"), "{screen}");
    tmux.press(&["Enter"]);
    tmux.wait_for("restore which version of \"x\\033[31m\\ny.txt\"?");
    tmux.press(&["Enter"]);
    tmux.wait_for("restored: \"x\\033[31m\\ny.txt\"");
}

#[test]
#[ignore = "needs tmux: .ci/run installs it"]
fn what_is_saved_while_somebody_picks_is_backed_up_before_it_is_overwritten() {
    let s = with_versions();
    let tmux = Tmux::new(&s, 100, 12);
    tmux.run("git bak restore -i a.txt");
    tmux.wait_for("+three");
    s.write("a.txt", "saved just then\n");
    tmux.press(&["Enter"]);
    tmux.wait_for("restored: a.txt");
    assert_eq!(s.read("a.txt"), "three\n");
    assert!(s.vault_has("a.txt", "saved just then\n"));
}

#[test]
#[ignore = "needs tmux: .ci/run installs it"]
fn each_version_names_the_branch_it_was_made_on() {
    let mut s = Scratch::new();
    let at = |s: &mut Scratch| {
        let now = s.now();
        s.set_env("GIT_COMMITTER_DATE", now);
    };
    s.write("a.txt", "two\n");
    s.bak(["snapshot", "a.txt"]);
    s.advance(60);
    at(&mut s);
    s.git(["switch", "-qc", "topic/long-name"]);
    s.advance(60);
    s.write("a.txt", "three\n");
    s.bak(["snapshot", "a.txt"]);
    s.write("a.txt", "four\n");
    let tmux = Tmux::new(&s, 120, 12);
    tmux.run("git bak restore -i a.txt");
    let screen = tmux.wait_for("+three");
    let listed = listed(&screen);
    assert!(listed[0].contains("  uncommitted  topic/long-name"), "{screen}");
    assert!(listed[1].ends_with("  uncommitted  main"), "{screen}");
}

#[test]
fn without_a_terminal_it_says_what_to_name() {
    let s = with_versions();
    let ran = s.try_bak(["restore"]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("name the file to restore, or use --all"), "{ran:?}");
    let ran = s.try_bak(["restore", "--yes", "-i"]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("no terminal to pick on: name the file"), "{ran:?}");
    for other in ["--all", "--at=20:10", "--from=abc12345"] {
        assert_eq!(s.try_bak(["restore", "--yes", "-i", other]).status, 2, "{other}");
    }
    assert_eq!(s.read("a.txt"), "never saved\n");
}

#[test]
#[ignore = "needs tmux: .ci/run installs it"]
fn on_a_terminal_that_can_do_nothing_or_without_backups_it_says_so_too() {
    let s = with_versions();
    let tmux = Tmux::new(&s, 120, 12);
    tmux.run("TERM=dumb git bak restore");
    tmux.wait_for("name the file to restore, or use --all");
    tmux.run("clear; git bak restore | cat");
    tmux.wait_for("name the file to restore, or use --all");
    let s = Scratch::empty();
    let tmux = Tmux::new(&s, 120, 12);
    tmux.run("git bak restore; echo status $?");
    let screen = tmux.wait_for("status 1");
    assert!(screen.contains("git-bak: there are no backups"), "{screen}");
}
