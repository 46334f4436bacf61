//! doctor: each thing that can be wrong is found, and what is printed for it puts it right.

use std::fs;

use serde_json::Value;

use crate::scratch::{Ran, Scratch};

mod backups;
mod exposure;
mod hooks;
#[cfg(unix)]
mod lists;
#[cfg(unix)]
mod programs;
mod records;
mod vault;

/// What one run of doctor found.
pub struct Found {
    pub status: i32,
    pub findings: Vec<Value>,
}

impl Found {
    /// What is wrong: the check, the message, and what helps.
    pub fn wrong(&self) -> Vec<(&str, &str, Option<&str>)> {
        let wrong = self.findings.iter().filter(|finding| finding["ok"] == false);
        wrong
            .map(|it| {
                let (check, message) = (it["check"].as_str(), it["message"].as_str());
                (check.unwrap(), message.unwrap(), it["remedy"].as_str())
            })
            .collect()
    }
}

/// Runs doctor with these arguments.
pub fn doctor(s: &Scratch, args: &[&str]) -> (Found, Ran) {
    let ran = s.try_bak([&["doctor", "--json"], args].concat());
    let document: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {ran:#?}"));
    assert_eq!(document["version"], 1);
    let findings = document["findings"].as_array().unwrap().clone();
    (Found { status: ran.status, findings }, ran)
}

/// All is well, and doctor says so with its status.
pub fn assert_well(s: &Scratch) {
    let (found, ran) = doctor(s, &[]);
    assert_eq!((found.wrong(), found.status), (vec![], 0), "{ran:#?}");
}

/// The only thing wrong is this, and its message has `words`. What helps.
pub fn only_problem(s: &Scratch, check: &str, words: &str) -> Option<String> {
    let (found, ran) = doctor(s, &[]);
    assert_eq!(found.status, 1, "{ran:#?}");
    let wrong = found.wrong();
    assert_eq!(wrong.len(), 1, "{wrong:#?}");
    assert_eq!(wrong[0].0, check, "{wrong:#?}");
    assert!(wrong[0].1.contains(words), "{wrong:#?}");
    let page = s.try_bak(["doctor"]);
    assert_eq!(page.status, 1);
    assert!(
        page.stdout.contains(wrong[0].1) && page.stdout.ends_with("1 problem found\n"),
        "{page:#?}"
    );
    if let Some(remedy) = wrong[0].2 {
        assert!(page.stdout.lines().any(|line| line.trim() == remedy), "{page:#?}");
    }
    wrong[0].2.map(str::to_owned)
}

/// Runs what doctor printed, as a user who copies it would.
pub fn obey(s: &Scratch, remedy: &str) -> Ran {
    Ran::of(&s.command("sh").args(["-c", remedy]).output().unwrap())
}

/// The only thing wrong is this; the printed command puts it right.
pub fn remedy_mends(s: &Scratch, check: &str, words: &str) {
    let remedy = only_problem(s, check, words).expect("a remedy");
    let ran = obey(s, &remedy);
    assert_eq!(ran.status, 0, "{remedy}: {ran:#?}");
    assert_well(s);
}

/// The only thing wrong is this; `--fix` puts it right and says so.
pub fn fix_mends(s: &Scratch, check: &str, words: &str, says: &str) {
    only_problem(s, check, words);
    let (found, ran) = doctor(s, &["--fix"]);
    assert_eq!((found.wrong(), found.status), (vec![], 0), "{ran:#?}");
    assert!(ran.stderr.contains(says), "{ran:#?}");
}

#[test]
fn a_repository_at_rest_is_well() {
    let s = Scratch::new();
    assert_well(&s);
    let page = s.bak(["doctor"]);
    assert!(page.stdout.ends_with("\nall is well\n"), "{page:#?}");
    assert_eq!(page.stderr, "");
    fs::create_dir(s.top().join("dir")).unwrap();
    s.at(s.top().join("dir")).bak(["doctor"]);
}

#[test]
fn one_in_which_much_has_happened_is_well() {
    let s = Scratch::new();
    s.hook("pre-commit", "exit 1");
    for text in ["two\n", "three\n", "four\n", "five\n", "six\n"] {
        s.write("a.txt", text);
        s.try_git(["commit", "-qam", "refused"]);
    }
    s.bak(["snapshot", "--artifact", "upgrade1", "a.txt"]);
    s.bak(["restore", "--yes", "a.txt"]);
    assert_well(&s);
    let side = s.root().join("side");
    s.git(["worktree", "add", "-q", "-b", "side", side.to_str().unwrap()]);
    s.at(&side).bak(["doctor"]);
    s.hook("pre-commit", "exit 0");
    s.git(["commit", "-qam", "through"]);
    s.git(["gc", "-q", "--prune=now"]);
    assert_well(&s);
}

#[test]
fn where_nothing_is_installed_it_says_what_installs_it() {
    let s = Scratch::empty();
    let (found, _) = doctor(&s, &[]);
    assert_eq!(found.status, 1);
    assert!(found.wrong().contains(&("pre-commit", "not installed", Some("git bak install"))));
    s.bak(["install"]);
    assert_well(&s);
}

#[test]
fn looking_changes_nothing() {
    let s = Scratch::new();
    fs::remove_file(s.top().join(".git/hooks/pre-commit")).unwrap();
    fs::write(s.top().join(".git/info/exclude"), "").unwrap();
    let state = || {
        let listed = Ran::of(&s.command("find").args([".", "-type", "f"]).output().unwrap()).stdout;
        let mut files: Vec<(String, Vec<u8>)> = listed
            .lines()
            .map(|name| (name.to_owned(), fs::read(s.top().join(name)).unwrap()))
            .collect();
        files.sort();
        files
    };
    let before = state();
    assert_eq!(s.try_bak(["doctor"]).status, 1);
    assert!(state() == before);
}

#[test]
fn a_setting_that_cant_be_read_is_found() {
    let s = Scratch::new();
    s.git(["config", "bak.scope", "everything"]);
    remedy_mends(&s, "settings", "bak.scope in file:.git/config: \"everything\"");
    s.git(["config", "bak.enabled", "false"]);
    assert_well(&s);
    assert!(s.bak(["doctor"]).stdout.contains("git-bak is off in this repository"));
}

#[test]
fn several_problems_are_mended_at_once_and_no_backup_loses_a_byte() {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    s.bak(["snapshot", "a.txt"]);
    let stray =
        format!("b.txt.bak.20251106_201040.{}", &crate::backup_files::blob_id(&s, b"bee\n")[..8]);
    s.write(&stray, "bee\n");
    let before: Vec<String> = s.all_backups().into_iter().map(|name| s.read(&name)).collect();
    assert_eq!(before.len(), 2);
    fs::remove_file(s.top().join(".git/hooks/post-commit")).unwrap();
    s.write(".git/info/exclude", "");
    let (found, ran) = doctor(&s, &["--fix"]);
    assert_eq!((found.wrong(), found.status), (vec![], 0), "{ran:#?}");
    let after: Vec<String> = s.all_backups().into_iter().map(|name| s.read(&name)).collect();
    assert_eq!(after, before);
    assert!(s.vault_has("a.txt", "two\n") && s.vault_has("b.txt", "bee\n"));
    assert_eq!(s.bak(["doctor", "--fix"]).stderr, "", "a second time there is nothing to do");
    // What was adopted is cleaned up as every other is.
    s.git(["commit", "-qam", "second"]);
    assert!(s.all_backups().is_empty(), "{:?}", s.all_backups());
}
