//! All of a moment or nothing: what stops an undo, and how it is done all the same.

#[cfg(unix)]
use std::fs;

use super::{files, git, guarded, moments, paste, undo, with_work};

const NOTHING: &str =
    "nothing was undone; to undo it all the same (what is there is backed up first): ";

#[test]
fn a_file_that_was_changed_since_stops_all_of_it() {
    let s = with_work();
    git(&s, "reset -q --hard");
    s.write("a.txt", "typed since\n");
    let before = files(&s);
    let ran = undo(&s, &[]);
    let text = format!("✗ a.txt: changed since\n✗ {NOTHING}git bak undo --force a.txt\n");
    assert_eq!((ran.status, ran.stderr.as_str()), (1, text.as_str()));
    assert_eq!(files(&s), before);
    let ran = paste(&s, &ran, "nothing was undone");
    assert_eq!((ran.status, s.read("a.txt").as_str()), (0, "edited\n"), "{ran:?}");
    assert!(s.vault_has("a.txt", "typed since\n"));
    // That is undone like anything else.
    undo(&s, &["--redo"]);
    assert_eq!(files(&s), before);
}

#[test]
fn a_file_alone_that_was_edited_since_is_told_by_the_index() {
    let s = guarded();
    s.write("a.txt", "work\n");
    git(&s, "checkout -q a.txt");
    s.write("a.txt", "typed since\n");
    let ran = undo(&s, &[]);
    assert!(ran.status == 1 && ran.stderr.contains("✗ a.txt: changed since\n"), "{ran:?}");
    assert_eq!(undo(&s, &["--force", "a.txt"]).status, 0);
    assert_eq!(s.read("a.txt"), "work\n");
}

#[test]
fn a_file_that_clean_took_and_that_is_there_again_was_changed() {
    let s = with_work();
    git(&s, "clean -fdq");
    s.write("u.txt", "another\n");
    let ran = undo(&s, &[]);
    assert!(ran.stderr.ends_with("--force u.txt\n"), "{ran:?}");
    assert!(!s.exists("new/v.txt"));
    undo(&s, &["--force", "u.txt"]);
    assert_eq!((s.read("u.txt").as_str(), s.read("new/v.txt").as_str()), ("u\n", "v\n"));
}

#[test]
fn what_came_back_already_is_left() {
    let s = with_work();
    let before = files(&s);
    git(&s, "reset -q --hard");
    s.write("b.txt", "staged\nagain");
    assert_eq!(undo(&s, &[]).status, 0);
    assert_eq!(files(&s), before);
}

#[test]
fn a_commit_since_stops_it_unless_the_moment_is_named() {
    let s = with_work();
    git(&s, "checkout -q HEAD -- a.txt");
    s.git(["commit", "-qm", "the others"]);
    let ran = undo(&s, &[]);
    assert!(ran.status == 1 && ran.stderr.contains(" is older than your last commit: "), "{ran:?}");
    assert!(
        ran.stderr.ends_with("• to take back the commit: git reset --soft HEAD~1\n"),
        "{ran:?}"
    );
    assert_eq!(s.read("a.txt"), "one\n");
    let ran = paste(&s, &ran, "is older than");
    assert_eq!((ran.status, s.read("a.txt").as_str()), (0, "edited\n"), "{ran:?}");
}

#[test]
fn it_is_shown_first_and_asked_about() {
    let s = with_work();
    git(&s, "reset -q --hard");
    let lost = files(&s);
    let ran = s.bak(["undo", "-n"]);
    assert!(ran.stderr.contains("• a.txt: comes back, +1 -1\n"), "{ran:?}");
    let ran = s.try_bak(["undo"]);
    assert!(ran.stderr.ends_with("git-bak: not a terminal: add --yes to confirm\n"), "{ran:?}");
    assert_eq!((ran.status, files(&s)), (2, lost));
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_it_asks() {
    let s = with_work();
    git(&s, "checkout -q a.txt");
    let typed = |keys: &str| {
        let mut command = s.command("sh");
        command.args(["-c", "git bak undo"]);
        crate::pty::typing(command, 200, keys).0
    };
    let said = typed("n\n");
    assert!(said.contains("undo this? [y/N]") && said.contains("nothing was undone"), "{said}");
    assert_eq!(s.read("a.txt"), "one\n");
    typed("y\n");
    assert_eq!(s.read("a.txt"), "edited\n");
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_changes_while_somebody_is_asked_stops_it() {
    let s = with_work();
    git(&s, "reset -q --hard");
    let mut command = s.command("sh");
    command.args(["-c", "git bak undo"]);
    let lost = files(&s);
    let save = || s.write("dir/c.txt", "saved just now\n");
    let (said, status) = crate::pty::answering(command, 200, "[y/N]", save, "y\n");
    let words = "dir/c.txt: it was changed just now, or can't be backed up: nothing was undone";
    assert!(status == 3 && said.contains(words), "{said}");
    s.write("dir/c.txt", &lost["dir/c.txt"]);
    assert_eq!(files(&s), lost);
}

#[cfg(unix)]
#[test]
fn a_link_or_a_folder_in_a_files_place_stays() {
    for folder in [true, false] {
        let s = with_work();
        git(&s, "clean -fdq");
        let place = s.top().join("u.txt");
        if folder {
            fs::create_dir(&place).unwrap();
        } else {
            std::os::unix::fs::symlink("a.txt", &place).unwrap();
        }
        for args in [&[][..], &["--force", "u.txt"]] {
            let ran = undo(&s, args);
            assert_ne!(ran.status, 0, "{ran:?}");
            assert!(!place.is_file() || fs::read_link(&place).is_ok());
            assert!(!s.exists("new/v.txt"), "all or nothing");
        }
    }
}

#[test]
fn a_name_that_begins_with_a_hyphen_can_be_forced() {
    let s = guarded();
    s.write("-x", "work\n");
    s.write("y", "work\n");
    git(&s, "clean -fdq");
    s.write("-x", "since\n");
    let ran = undo(&s, &[]);
    let ran = paste(&s, &ran, "nothing was undone");
    assert_eq!((ran.status, s.read("-x").as_str()), (0, "work\n"), "{ran:?}");
}

#[test]
fn where_nothing_can_be_written_nothing_is_done() {
    let s = with_work();
    git(&s, "clean -fdq");
    s.write("new", "a file where the folder was\n");
    let before = files(&s);
    let ran = undo(&s, &[]);
    assert_ne!(ran.status, 0, "{ran:?}");
    assert_eq!(files(&s), before);
    assert_eq!(moments(&s).len(), 1);
}
