//! What Git ignored at the last run is asked of again as soon as it may be otherwise.

use std::fs;

use super::{run, standing};
use crate::scratch::Scratch;

/// A repository with ignored files, of which the last run knows: some by rules of each kind.
fn known() -> Scratch {
    let s = Scratch::new();
    s.write("rules", "*.user\n");
    let users = s.top().join("rules");
    s.git(["config", "core.excludesFile", users.to_str().unwrap()]);
    s.write(".git/info/exclude", "*.own\n");
    s.write(".gitignore", "*.log\nbuild/\n");
    s.write("d/.gitignore", "*.tmp\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "rules"]);
    for file in ["a.user", "a.own", "a.log", "build/x", "d/a.tmp"] {
        s.write(file, "mine\n");
    }
    for _ in 0..2 {
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert_eq!(run(&s, &[], "true").status, 0);
    }
    s
}

fn spoiled(s: &Scratch, line: &str) {
    let before = standing(s, s.top());
    let ran = run(s, &[], &format!("{line}; exit 3"));
    assert!(ran.status == 3 && ran.stderr.contains("Everything is as it was"), "{ran:#?}");
    assert_eq!(standing(s, s.top()), before);
}

#[test]
fn a_file_that_is_no_longer_ignored_comes_back() {
    for (rules, file) in [
        ("rules", "a.user"),
        (".git/info/exclude", "a.own"),
        (".gitignore", "a.log"),
        (".gitignore", "build/x"),
        ("d/.gitignore", "d/a.tmp"),
    ] {
        let s = known();
        fs::write(s.top().join(rules), "").unwrap();
        spoiled(&s, &format!("echo spoilt >{file}"));
        spoiled(&s, &format!("rm {file}"));
    }
    let s = known();
    s.git(["config", "core.excludesFile", "none"]);
    spoiled(&s, "rm a.user");
    let s = known();
    fs::remove_file(s.top().join("d/.gitignore")).unwrap();
    spoiled(&s, "rm d/a.tmp");
}

#[test]
fn what_takes_the_place_of_an_ignored_folder_comes_back() {
    let s = known();
    fs::remove_dir_all(s.top().join("build")).unwrap();
    s.write("build", "a file\n");
    spoiled(&s, "echo spoilt >build");
    // And of an ignored file a folder.
    fs::remove_file(s.top().join("build")).unwrap();
    s.write(".gitignore", "*.log\n!*.log/\n");
    assert_eq!(run(&s, &[], "true").status, 0);
    fs::remove_file(s.top().join("a.log")).unwrap();
    s.write("a.log/b", "a file\n");
    spoiled(&s, "rm a.log/b");
}

#[test]
fn what_is_ignored_still_is_left_to_the_command_and_named() {
    let s = known();
    let ran = run(&s, &[], "echo spoilt >a.log; rm -r build; echo new >b.log; exit 3");
    assert!(ran.stderr.contains("a.log") && ran.stderr.contains("build"), "{ran:#?}");
    assert!(s.exists("b.log") && s.read("a.log") == "spoilt\n");
}
