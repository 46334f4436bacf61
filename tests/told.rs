//! What became of a version is told by the record: Git's objects are asked only for what no line tells, and say the
//! same.

use std::fs;

use crate::scratch::Scratch;

fn commit(s: &Scratch, path: &str, text: &str) {
    s.write(path, text);
    s.git(["add", path]);
    s.git(["commit", "-qm", "next"]);
}

/// Commits in all forms, one after the other.
fn history() -> Scratch {
    let s = Scratch::new();
    commit(&s, "a.txt", "a\n");
    s.write("d/b.txt", "draft\n");
    s.git(["add", "."]);
    commit(&s, "d/b.txt", "b\n");
    s.write("a.txt", "amended\n");
    s.git(["commit", "-qa", "--amend", "--no-edit"]);
    s.git(["switch", "-qc", "other"]);
    commit(&s, "c.txt", "c\n");
    s.git(["switch", "-q", "-"]);
    commit(&s, "a.txt", "a again\n");
    s.git(["merge", "-q", "--no-edit", "other"]);
    s.write("a.txt", "staged\n");
    s.git(["add", "a.txt"]);
    s.write("a.txt", "beside\n");
    s.git(["commit", "-qm", "one of two"]);
    s.git(["rm", "-qf", "d/b.txt"]);
    s.git(["commit", "-qm", "without b"]);
    commit(&s, "e.txt", "undone\n");
    s.git(["reset", "-q", "--hard", "HEAD~1"]);
    s.write("open.txt", "open\n");
    s.git(["add", "."]);
    s
}

fn listed(s: &Scratch) -> String {
    let said = s.bak(["list", "--json"]).stdout + &s.bak(["list"]).stdout;
    // At the same time as before.
    s.advance(-2);
    said
}

#[test]
fn the_record_says_the_same_as_gits_objects() {
    let s = history();
    let told = listed(&s);
    for fate in ["uncommitted", "in ", "draft of ", "not on this branch"] {
        assert!(told.contains(fate), "{told}");
    }
    let mut without = 0;
    for day in fs::read_dir(s.top().join(".git/bak/record")).unwrap() {
        let day = day.unwrap().path();
        let text = fs::read_to_string(&day).unwrap();
        without += text.matches("\"parents\":").count();
        fs::write(&day, text.replace("\"parents\":", "\"unknown\":")).unwrap();
    }
    assert!(without >= 5, "{without}");
    assert_eq!(listed(&s), told);
}

#[test]
fn commits_that_the_record_tells_of_need_not_be_read() {
    let s = Scratch::new();
    for (path, text) in [("a.txt", "1\n"), ("d/b.txt", "2\n"), ("a.txt", "3\n")] {
        commit(&s, path, text);
    }
    let told = listed(&s);
    assert!(told.contains("  in ") && !told.contains("uncommitted"), "{told}");
    let objects = s.top().join(".git/objects");
    fs::rename(&objects, s.root().join("away")).unwrap();
    fs::create_dir(&objects).unwrap();
    assert_eq!(listed(&s), told);
}
