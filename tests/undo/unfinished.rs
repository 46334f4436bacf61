//! An undo that was cut short: the next command says so, and the next undo ends it.

use std::fs;

use super::{git, guarded, nothing, undo, with_work};
use crate::scratch::Scratch;

/// Leaves what an undo that was killed leaves: it is written down, and the first of its files is in its place.
fn cut_short(s: &Scratch) {
    let id = |text: &str| crate::backup_files::blob_id(s, text.as_bytes());
    let moment = super::moments(s)[0]["moment"].as_str().unwrap().to_owned();
    let file = |path: &str, from: &str, to: &str| {
        let (from, to) = (id(from), id(to));
        format!("touched|{path}|file|{from}|{}|ours|file|{to}|{}|", 0o644, 0o644)
    };
    let text = format!(
        "git-bak transaction 1|process|{}||began|1762459845|0|tried|undo|step|apply|undoes|{moment}|{}{}end|",
        i32::MAX,
        file("a.txt", "one\n", "edited\n"),
        file("dir/c.txt", "c\n", "c staged\n"),
    );
    s.write(".git/bak/upgrade/record", text.replace('|', "\0"));
    s.write("a.txt", "edited\n");
}

fn taken() -> Scratch {
    let s = with_work();
    s.write("b.txt", "b\n");
    s.git(["add", "b.txt"]);
    git(&s, "reset -q --hard");
    s
}

#[test]
fn the_next_undo_brings_it_to_its_end() {
    let s = taken();
    cut_short(&s);
    let ran = s.bak(["status"]);
    let words =
        "✗ an undo, begun 2025-11-06 20:10, ended while files were changed: git bak undo ends it\n";
    assert!(ran.stderr.contains(words), "{ran:?}");
    for command in [&["apply", "--abort"][..], &["apply", "--continue"], &["run", "--", "true"]] {
        let ran = s.try_bak(command);
        assert_eq!(ran.status, 3, "{ran:?}");
        assert!(ran.stderr.ends_with(": end it first: git bak undo\n"), "{ran:?}");
    }
    let doctor = s.try_bak(["doctor"]).stdout;
    assert!(doctor.contains("\n                    git bak undo\n"), "{doctor}");
    let ran = undo(&s, &[]);
    assert!(ran.stderr.contains(": it is brought to its end first\n"), "{ran:?}");
    assert_eq!(
        (s.read("a.txt").as_str(), s.read("dir/c.txt").as_str()),
        ("edited\n", "c staged\n")
    );
    assert!(!s.exists(".git/bak/upgrade/record"));
    nothing(&s);
    undo(&s, &["--redo"]);
    assert_eq!((s.read("a.txt").as_str(), s.read("dir/c.txt").as_str()), ("one\n", "c\n"));
}

#[test]
fn where_somebody_has_written_since_it_is_taken_back() {
    let s = taken();
    cut_short(&s);
    s.write("dir/c.txt", "written since\n");
    let ran = undo(&s, &[]);
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(
        ran.stderr.ends_with("nothing was undone: every file is as it was before\n"),
        "{ran:?}"
    );
    let left = (s.read("a.txt"), s.read("dir/c.txt"));
    assert_eq!(left, ("one\n".to_owned(), "written since\n".to_owned()));
    // The next one says which file stops it.
    assert!(undo(&s, &[]).stderr.contains("dir/c.txt: changed since"));
}

#[test]
fn a_folder_that_is_in_the_way_by_now_stays() {
    let s = taken();
    cut_short(&s);
    fs::remove_file(s.top().join("dir/c.txt")).unwrap();
    s.write("dir/c.txt/x", "in the way\n");
    let ran = undo(&s, &[]);
    assert_eq!((ran.status, s.read("a.txt").as_str()), (3, "one\n"), "{ran:?}");
    assert_eq!(s.read("dir/c.txt/x"), "in the way\n");
    assert!(!s.exists(".git/bak/upgrade/record"));
}

#[test]
fn an_undo_of_another_command_waits_for_what_was_left() {
    let s = guarded();
    s.write(
        ".git/bak/upgrade/record",
        "git-bak transaction 1|process|1||began|0|0|tried|run|step|apply|end|".replace('|', "\0"),
    );
    let ran = undo(&s, &[]);
    assert!(
        ran.stderr.contains(": end it first: git bak run --abort, or git bak run --continue"),
        "{ran:?}"
    );
}
