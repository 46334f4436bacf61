//! Git has put its file where a folder was, and its folder where a file was: what comes back needs the place.

use std::collections::BTreeMap;
use std::fs;

use super::{files, git, undo};
use crate::backup_files::blob_id;
use crate::scratch::Scratch;

type Files = BTreeMap<String, Vec<u8>>;

/// Work where Git has a file `f` and a folder `d`: a folder and a file. What was there before a reset, and after it.
fn turned() -> (Scratch, Files, Files) {
    let s = super::guarded();
    for path in ["f", "d/a", "d/b"] {
        s.write(path, "git's\n");
    }
    s.git(["add", "."]);
    s.git(["commit", "-qm", "third"]);
    let gits = files(&s);
    fs::remove_file(s.top().join("f")).unwrap();
    fs::remove_dir_all(s.top().join("d")).unwrap();
    s.write("f/x", "mine\n");
    s.write("d", "my file\n");
    let work = files(&s);
    git(&s, "reset -q --hard");
    assert_eq!(files(&s), gits);
    (s, work, gits)
}

#[test]
fn what_is_gits_alone_makes_way_and_comes_again() {
    let (s, work, gits) = turned();
    let ran = undo(&s, &["-n"]);
    for line in ["f/x: comes back, +1 -0", "f: goes, +0 -1", "d/b: goes, +0 -1"] {
        assert!(ran.stderr.contains(&format!("• {line}\n")), "{ran:?}");
    }
    assert_eq!(files(&s), gits);
    let ran = undo(&s, &[]);
    assert!(ran.stderr.contains("✓ undone: 2 files put back, 3 files removed"), "{ran:?}");
    assert_eq!(files(&s), work);
    let ran = undo(&s, &["--redo"]);
    assert!(ran.stderr.contains("✓ redone: 3 files put back, 2 files removed"), "{ran:?}");
    assert_eq!(files(&s), gits);
    undo(&s, &[]);
    assert_eq!(files(&s), work);
}

#[test]
fn what_is_the_users_stays_and_stops_it() {
    let changes: [fn(&Scratch); 4] = [
        |s| s.write("f", "git's\nedited since\n"),
        |s| {
            s.write("f", "staged since\n");
            s.git(["add", "f"]);
        },
        |s| s.write("d/b", "edited since\n"),
        |s| s.write("d/new", "made since\n"),
    ];
    for change in changes {
        let (s, ..) = turned();
        change(&s);
        let before = files(&s);
        let ran = undo(&s, &[]);
        assert!(ran.status == 3 && ran.stderr.contains("move "), "{ran:?}");
        assert_eq!(files(&s), before);
    }
}

/// Leaves what an undo of that reset leaves when it is killed after these files went.
fn cut_short(s: &Scratch, gone: &[&str]) {
    let file = |text: &str| format!("file|{}|{}", blob_id(s, text.as_bytes()), 0o644);
    let nothing = "nothing";
    let goes = |path: &str| format!("touched|{path}|{}|ours|{nothing}|", file("git's\n"));
    let comes = |path: &str, from: String, text: &str| {
        format!("touched|{path}|{from}|ours|{}|", file(text))
    };
    let moment = super::moments(s)[0]["moment"].as_str().unwrap().to_owned();
    // What goes is in the vault first.
    s.bak(["snapshot", "f", "d/a", "d/b"]);
    let text = format!(
        "git-bak transaction 1|process|{}||began|1762459845|0|tried|undo|step|apply|undoes|{moment}|folder|f|{}{}{}{}{}end|",
        i32::MAX,
        comes("d", nothing.to_owned(), "my file\n"),
        goes("d/a"),
        goes("d/b"),
        goes("f"),
        comes("f/x", nothing.to_owned(), "mine\n"),
    );
    s.write(".git/bak/upgrade/record", text.replace('|', "\0"));
    for path in gone {
        fs::remove_file(s.top().join(path)).unwrap();
    }
}

#[test]
fn where_it_was_cut_short_the_next_one_ends_it() {
    let steps: [&[&str]; 4] = [&[], &["f"], &["f", "d/a"], &["f", "d/a", "d/b"]];
    for gone in steps {
        let (s, work, _) = turned();
        cut_short(&s, gone);
        let ran = undo(&s, &[]);
        assert_eq!((ran.status, files(&s)), (0, work), "{gone:?}: {ran:?}");
    }
}

#[test]
fn where_a_folder_was_filled_meanwhile_all_of_it_is_taken_back() {
    let (s, _, mut gits) = turned();
    cut_short(&s, &["f", "d/a"]);
    s.write("d/new", "made since\n");
    gits.insert("d/new".into(), b"made since\n".to_vec());
    let ran = undo(&s, &[]);
    assert_eq!((ran.status, files(&s)), (3, gits), "{ran:?}");
}
