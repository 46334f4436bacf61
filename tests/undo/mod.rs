//! `git bak undo`: what has just taken work, taken back as a whole or not at all.

use std::collections::BTreeMap;
use std::fs;

use crate::scratch::{Ran, Scratch};

mod blocked;
mod git;
mod head;
mod list;
#[cfg(unix)]
mod ours;
mod row;
mod scenarios;
mod unfinished;
mod way;

/// A repository with the guard and two commits, and a branch `other` with another text of each file.
fn guarded() -> Scratch {
    let s = Scratch::new();
    s.write("b.txt", "b\n");
    s.write("dir/c.txt", "c\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "second"]);
    s.git(["switch", "-qc", "other"]);
    for path in ["a.txt", "b.txt", "dir/c.txt"] {
        s.write(path, "theirs\n");
    }
    s.git(["commit", "-qam", "theirs"]);
    s.git(["switch", "-q", "main"]);
    s
}

/// The same with work: an edit, one staged and edited again, one staged, and untracked files.
fn with_work() -> Scratch {
    let s = guarded();
    s.write("b.txt", "staged\n");
    s.write("dir/c.txt", "c staged\n");
    s.git(["add", "b.txt", "dir/c.txt"]);
    for (path, text) in
        [("a.txt", "edited\n"), ("b.txt", "staged\nagain"), ("u.txt", "u\n"), ("new/v.txt", "v\n")]
    {
        s.write(path, text);
    }
    s
}

/// Every file of the working tree but the backups, with its bytes.
fn files(s: &Scratch) -> BTreeMap<String, Vec<u8>> {
    let names = s.git(["ls-files", "-z", "-co", "--exclude=*.bak.*"]).stdout;
    let is_there = |name: &&str| s.exists(name) && !s.top().join(name).is_dir();
    let names = names.split('\0').filter(is_there);
    names.map(|name| (name.to_owned(), fs::read(s.top().join(name)).unwrap())).collect()
}

fn git(s: &Scratch, line: &str) -> Ran {
    s.try_git(line.split(' '))
}

fn undo(s: &Scratch, args: &[&str]) -> Ran {
    s.try_bak([&["undo", "--yes"], args].concat())
}

/// There is nothing in the row.
fn nothing(s: &Scratch) {
    let before = files(s);
    let ran = undo(s, &[]);
    let text =
        "git-bak: nothing to undo; work that is missing all the same: git bak restore --all\n";
    assert_eq!((ran.status, ran.stderr.as_str()), (1, text), "{ran:?}");
    assert_eq!(files(s), before);
}

/// The moments, newest first, as JSON.
fn moments(s: &Scratch) -> Vec<serde_json::Value> {
    let text = s.bak(["undo", "--list", "--json"]).stdout;
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    all["moments"].as_array().unwrap().clone()
}

/// Runs what a message ends in, as a user would paste it.
fn paste(s: &Scratch, ran: &Ran, about: &str) -> Ran {
    let line = ran.stderr.lines().find(|line| line.contains(about));
    let line = line.unwrap_or_else(|| panic!("nothing about {about}: {ran:?}"));
    let at = line.find(": git ").unwrap_or_else(|| panic!("no command: {ran:?}"));
    let command = line[at + 2..].replace("git bak undo", "git bak undo --yes");
    Ran::of(&s.command("sh").args(["-c", &command]).output().unwrap())
}
