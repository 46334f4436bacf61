//! The table 'what happened, what to type' of README.md: for each row the work is lost in that way, and what stands
//! there brings it back.

use super::{page, rows};
use crate::scratch::{Ran, Scratch};

const WORK: &str = "first note\nan hour of work\n";

/// The files of the folder `src`, and `notes.txt`, committed.
fn repository() -> Scratch {
    let s = Scratch::empty();
    for name in ["notes.txt", "src/a.txt", "src/b.txt"] {
        s.write(name, "first note\n");
    }
    s.git(["add", "."]);
    s.git(["commit", "-qm", "first"]);
    s.bak(["install"]);
    s
}

fn sh(s: &Scratch, line: &str) -> Ran {
    Ran::of(&s.command("sh").args(["-ec", line]).output().unwrap())
}

/// Types a command of the table: about this file, and with the answer to what it asks.
fn type_in(s: &Scratch, command: &str, file: &str, folder: &str) {
    let mut line = command.replace("FILE", file).replace("DIR", folder);
    if line.starts_with("git bak restore") || line.starts_with("git bak undo") {
        line.push_str(" --yes");
    }
    let ran = sh(s, &line);
    assert_eq!(ran.status, 0, "{line}: {ran:#?}");
}

/// Loses the work of `notes.txt` by each of these and types the command.
fn comes_back(losses: &[&str], command: &str) {
    for loss in losses {
        let s = repository();
        s.write("notes.txt", WORK);
        sh(&s, loss).expect_success();
        assert!(!s.exists("notes.txt") || s.read("notes.txt") != WORK, "{loss}");
        type_in(&s, command, "notes.txt", "src");
        assert_eq!(s.read("notes.txt"), WORK, "{loss}: {command}");
    }
}

fn many(command: &str) {
    let s = repository();
    let files = ["src/a.txt", "src/b.txt"];
    files.iter().for_each(|file| s.write(file, WORK));
    s.git(["reset", "-q", "--hard"]);
    type_in(&s, command, "", "src");
    files.iter().for_each(|file| assert_eq!(s.read(file), WORK, "{command}"));
}

fn formatter(command: &str) {
    let s = repository();
    s.hook("pre-commit", "git checkout -q -- notes.txt");
    s.write("notes.txt", WORK);
    s.write("src/a.txt", "second note\n");
    s.git(["add", "src/a.txt"]);
    s.git(["commit", "-qm", "second"]);
    assert_eq!(s.read("notes.txt"), "first note\n");
    type_in(&s, command, "notes.txt", "");
    assert_eq!(s.read("notes.txt"), WORK);
}

fn wrong_restore(command: &str) {
    let s = repository();
    s.write("notes.txt", "an older note\n");
    s.bak(["snapshot"]);
    s.write("notes.txt", WORK);
    s.bak(["restore", "notes.txt", "--from", "notes.txt@{1}", "--yes"]);
    assert_eq!(s.read("notes.txt"), "an older note\n");
    type_in(&s, command, "", "");
    assert_eq!(s.read("notes.txt"), WORK);
}

fn before_the_commit(commands: &[String]) {
    let s = repository();
    for text in [WORK, "a final note\n"] {
        s.write("notes.txt", text);
        s.git(["add", "notes.txt"]);
    }
    s.git(["commit", "-qm", "second"]);
    commands.iter().for_each(|command| type_in(&s, command, "notes.txt", ""));
    assert_eq!(s.read("notes.txt"), WORK);
}

fn at_some_time(command: &str) {
    let mut s = repository();
    s.set_env("GIT_BAK_NOW", "2025-11-05T17:00:00Z");
    s.write("notes.txt", WORK);
    s.bak(["snapshot"]);
    s.set_env("GIT_BAK_NOW", "2025-11-06T19:00:00Z");
    s.write("notes.txt", "a worse note\n");
    s.bak(["snapshot"]);
    type_in(&s, command, "", "");
    assert_eq!(s.read("notes.txt"), WORK, "{command}");
}

fn selection(command: &str) {
    let s = repository();
    s.write("notes.txt", WORK);
    s.git(["add", "notes.txt"]);
    s.git(["reset", "-q"]);
    type_in(&s, command, "notes.txt", "");
    assert_eq!(s.git(["show", ":notes.txt"]).stdout, WORK);
}

#[test]
fn what_is_typed_brings_the_work_back() {
    let readme = page("README.md");
    let rows = rows(readme.section("## Get your work back"));
    assert!(rows.len() > 10, "{rows:?}");
    for row in rows.iter().skip(1) {
        let commands: Vec<String> =
            row[1].split('`').skip(1).step_by(2).map(str::to_owned).collect();
        let each = |try_it: &dyn Fn(&str)| commands.iter().for_each(|it| try_it(it));
        let lost = |losses: &[&str]| each(&|it| comes_back(losses, it));
        match row[0].as_str() {
            it if it.contains("a later edit overwrote") => lost(&[
                "git checkout -q .",
                "git restore notes.txt",
                "git reset -q --hard",
                "git add notes.txt; git checkout -q HEAD -- notes.txt",
                "git add notes.txt; echo other >notes.txt",
            ]),
            it if it.contains("I deleted") => lost(&[
                "git add notes.txt; rm notes.txt",
                "git rm -q --cached notes.txt; git clean -qfdx",
            ]),
            it if it.contains("a formatter") => each(&formatter),
            it if it.contains("many files") => each(&many),
            it if it.contains("the last Git command") => {
                lost(&[
                    "git reset -q --hard",
                    "git checkout -q .",
                    "git stash -q; git stash drop -q",
                ]);
            }
            it if it.contains("the wrong thing") => each(&wrong_restore),
            it if it.contains("went through") => before_the_commit(&commands),
            it if it.contains("at some time") => each(&at_some_time),
            it if it.contains("selection of hunks") => each(&selection),
            // Keys are pressed there: `picker` does that.
            it if it.contains("don't know which") => assert_eq!(commands, ["git bak restore"]),
            it if it.contains("before I decide") => {
                let s = repository();
                s.write("notes.txt", WORK);
                s.git(["add", "."]);
                each(&|it| type_in(&s, it, "notes.txt", ""));
            }
            other => panic!("no test loses work like that: {other}"),
        }
    }
}
