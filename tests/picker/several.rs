//! Several files at once, folders and patterns, and the list of events.

use super::tmux::Tmux;
use super::{listed, with_versions};
use crate::scratch::Scratch;

#[test]
#[ignore = "needs tmux: .ci/run installs it"]
fn several_files_are_marked_and_restored_at_once() {
    let s = with_versions();
    s.write("c.txt", "c\n");
    s.bak(["snapshot", "c.txt"]);
    s.write("c.txt", "c changed\n");
    let tmux = Tmux::new(&s, 100, 12);
    tmux.run("clear; git bak restore");
    tmux.wait_for("> c.txt");
    tmux.press(&["Down", "Space", "Space"]);
    let screen = tmux.wait_for("restore which files? 2 marked");
    assert!(screen.contains(">*a.txt") && screen.contains(" *sub/b.txt"), "{screen}");
    assert!(screen.contains("enter restore 2"), "{screen}");
    tmux.press(&["Enter"]);
    // As if they were named: it asks where a file has edits of its own.
    tmux.wait_for("a.txt has newer edits");
    tmux.run("y");
    tmux.wait("both", |_| s.read("a.txt") == "three\n" && s.exists("sub/b.txt"));
    let screen = tmux.wait_for("restored: sub/b.txt");
    assert!(screen.contains("restored: a.txt"), "{screen}");
    assert_eq!((s.read("sub/b.txt").as_str(), s.read("c.txt").as_str()), ("b\n", "c changed\n"));
    assert!(s.vault_has("a.txt", "never saved\n"));
}

#[test]
#[ignore = "needs tmux: .ci/run installs it"]
fn labels_are_shown_and_work_that_is_there_already_stays_the_first_choice() {
    let s = Scratch::new();
    s.write("a.txt", "work\n");
    s.git(["add", "a.txt"]);
    s.bak(["snapshot", "-m", "good", "a.txt"]);
    s.git(["reset", "-q", "--hard"]);
    s.bak(["restore", "a.txt"]);
    s.bak(["undo", "--yes"]);
    s.bak(["undo", "--redo", "--yes"]);
    let tmux = Tmux::new(&s, 100, 12);
    tmux.run("git bak restore -i a.txt");
    let screen = tmux.wait_for("the file is the same now");
    let chosen = listed(&screen).into_iter().find(|line| line.starts_with('>')).unwrap();
    assert!(chosen.contains("as now") && chosen.ends_with("\"good\""), "{screen}");
}

#[test]
#[ignore = "needs tmux: .ci/run installs it"]
fn a_folder_or_a_pattern_is_picked_from() {
    let s = with_versions();
    s.write("sub/c.txt", "c\n");
    s.bak(["snapshot", "sub/c.txt"]);
    let tmux = Tmux::new(&s, 100, 12);
    tmux.run("clear; git bak restore -i sub");
    let screen = tmux.wait_for("restore which file?");
    assert_eq!(listed(&screen).len(), 2, "{screen}");
    tmux.press(&["q"]);
    tmux.wait_for("nothing was restored");
    tmux.run("clear; git bak restore -i 'sub/[b]*'");
    tmux.wait_for("restore which version of sub/b.txt?");
    tmux.press(&["Enter"]);
    tmux.wait_for("restored: sub/b.txt");
    tmux.run("clear; git bak restore -i nosuch");
    let screen = tmux.wait_for("nothing was restored");
    assert!(screen.contains("nosuch: there is no version of it"), "{screen}");
}

#[test]
#[ignore = "needs tmux: .ci/run installs it"]
fn an_event_is_picked_and_undone_after_its_question() {
    let s = with_versions();
    s.bak(["restore", "--yes", "a.txt", "sub/b.txt"]);
    let lost = s.read("a.txt");
    let tmux = Tmux::new(&s, 100, 12);
    for (answer, then) in [("n", "nothing was undone"), ("y", "undone: 1 file put back")] {
        tmux.run("clear; git bak restore");
        tmux.wait_for("restore which file?");
        tmux.press(&["Tab"]);
        let screen = tmux.wait_for("undo which event?");
        let row = &listed(&screen)[0];
        assert!(row.starts_with("> 20:1") && row.ends_with("  restore, 2 files"), "{screen}");
        assert!(screen.contains("│ a.txt: comes back, +1 -1"), "{screen}");
        assert!(screen.contains("│ sub/b.txt: goes, +0 -1"), "{screen}");
        assert!(screen.contains("│ +never saved"), "{screen}");
        // There and back, and a filter that leaves it.
        tmux.press(&["Tab"]);
        tmux.wait_for("restore which file?");
        tmux.press(&["Tab", "b", ".", "t"]);
        tmux.wait_for("undo which event?  /b.t_");
        assert_eq!(s.read("a.txt"), lost);
        tmux.press(&["Enter"]);
        tmux.wait_for("undo this? [y/N]");
        tmux.run(answer);
        tmux.wait_for(then);
    }
    assert_eq!((s.read("a.txt").as_str(), s.exists("sub/b.txt")), ("never saved\n", false));
}

#[test]
#[ignore = "needs tmux: .ci/run installs it"]
fn where_nothing_took_work_the_list_of_events_says_so() {
    let s = with_versions();
    let tmux = Tmux::new(&s, 60, 12);
    tmux.run("git bak restore -i a.txt");
    tmux.wait_for("restore which version of a.txt?");
    tmux.press(&["Tab"]);
    tmux.wait_for("there is nothing to undo");
    tmux.press(&["Enter", "Left"]);
    tmux.wait_for("restore which version of a.txt?");
    tmux.press(&["Escape"]);
    tmux.wait_for("nothing was restored");
}
