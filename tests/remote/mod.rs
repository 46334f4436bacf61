//! A copy of the vault in another place: what goes there and what doesn't, what comes back, and what is said.

mod https;
mod refused;
mod ssh;

use std::fs;
use std::time::Duration;

use crate::backup_files::blob_id;
use crate::scratch::{Other, Ran, Scratch};

pub const A_DAY: i64 = 86_400;

/// A repository with a clone's `origin`, and an empty one for `bak.remote`.
pub fn with_remote() -> Scratch {
    let s = Scratch::new();
    for name in ["origin.git", "bak.git"] {
        s.git(["init", "-q", "--bare", &format!("../{name}")]);
    }
    s.git(["remote", "add", "origin", "../origin.git"]);
    s.git(["push", "-q", "origin", "main"]);
    s.git(["config", "bak.remote", &url(&s)]);
    s
}

pub fn url(s: &Scratch) -> String {
    format!("file://{}", s.root().join("bak.git").display())
}

/// The branches that are there, each with its commit.
pub fn branches(s: &Scratch) -> Vec<String> {
    let there = s.at(s.root().join("bak.git"));
    let listed = there.git(["for-each-ref", "--format=%(refname) %(objectname)"]).stdout;
    listed.lines().map(str::to_owned).collect()
}

/// Everything that some branch there has: texts of commits, names, contents.
pub fn all_that_is_there(s: &Scratch) -> String {
    let there = s.at(s.root().join("bak.git"));
    there.git(["log", "--all", "-p", "--root", "--format=fuller%n%an %s%n%B"]).stdout
}

pub fn clone_of<'a>(s: &'a Scratch, name: &str) -> Other<'a> {
    s.at(s.root()).git([
        "clone",
        "-q",
        "-b",
        "main",
        s.root().join("origin.git").to_str().unwrap(),
        name,
    ]);
    let clone = s.at(s.root().join(name));
    clone.git(["config", "bak.remote", &url(s)]);
    clone
}

/// The lines of status and doctor about it.
pub fn said(s: &Scratch) -> (Vec<String>, String) {
    let of = |ran: Ran| -> Vec<String> {
        let lines = ran.stdout.lines().filter(|line| line.contains("push"));
        lines.map(str::to_owned).collect()
    };
    let mut both = of(s.bak(["status"]));
    let doctor = s.try_bak(["doctor", "--json"]).stdout;
    let doctor: serde_json::Value = serde_json::from_str(&doctor).unwrap();
    let found = doctor["findings"].as_array().unwrap().iter().find(|it| it["check"] == "remote");
    let found = found.unwrap();
    both.push(found["message"].as_str().unwrap().to_owned());
    (both, found["remedy"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_lost_clone_comes_back_with_its_work() {
    let s = with_remote();
    s.write("a.txt", "two\n");
    s.write("dir/b.txt", "bee\n");
    s.git(["add", "dir"]);
    s.bak(["snapshot"]);
    s.write("a.txt", "three\n");
    s.bak(["snapshot", "-m", "evening"]);
    let ran = s.bak(["push"]);
    assert_eq!(ran.stderr, format!("✓ 1 day pushed to {}\n", url(&s)));
    let ran = s.bak(["push"]);
    assert_eq!(ran.stderr, format!("✓ {} has all there is\n", url(&s)));
    fs::remove_dir_all(s.top()).unwrap();
    let clone = clone_of(&s, "again");
    let listed = clone.bak(["list", "--remote"]).stdout;
    assert!(listed.contains(&format!(":{}", s.top().display())), "{listed}");
    let listed = clone.bak(["list", "--remote", "--json"]).stdout;
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let labels: Vec<_> = listed["backups"].as_array().unwrap().iter().collect();
    assert!(labels.iter().any(|it| it["label"] == "evening"), "{labels:?}");
    clone.bak(["restore", "--remote", "--all", "--yes"]);
    let read = |name: &str| fs::read_to_string(s.root().join("again").join(name)).unwrap();
    assert_eq!((read("a.txt").as_str(), read("dir/b.txt").as_str()), ("three\n", "bee\n"));
    clone.bak(["restore", "--remote", "--yes", "--from", "2", "a.txt"]);
    assert_eq!(read("a.txt"), "two\n");
    // Nothing of what was fetched is left.
    let left = fs::read_dir(s.root().join("again/.git/bak")).unwrap();
    let left = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(left.filter(|name| name.starts_with("remote")).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn nothing_is_pushed_unasked() {
    let s = with_remote();
    s.git(["config", "--unset", "bak.remote"]);
    s.write("a.txt", "two\n");
    s.bak(["snapshot"]);
    s.bak(["fold"]);
    let ran = s.try_bak(["push"]);
    assert_eq!(ran.status, 2, "{ran:#?}");
    assert!(
        ran.stderr.contains("there is no other place for the vault: git bak install"),
        "{ran:#?}"
    );
    assert_eq!(s.try_bak(["list", "--remote"]).status, 2);
    assert!(branches(&s).is_empty() && !s.exists(".git/bak/remote"));
    s.git(["config", "bak.remote", &url(&s)]);
    s.git(["config", "bak.vault", "false"]);
    s.bak(["fold"]);
    let ran = s.try_bak(["push"]);
    assert!(ran.stderr.contains("there is no vault here: git bak doctor says why"), "{ran:#?}");
    assert!(branches(&s).is_empty());
    let ran = clone_of(&s, "empty").try_bak(["restore", "--remote", "a.txt"]);
    assert!(ran.status == 1 && ran.stderr.contains("has nothing of this repository"), "{ran:#?}");
}

#[test]
fn a_commit_starts_it_and_no_more_often_than_every_interval() {
    let mut s = with_remote();
    s.unset_env("CI");
    // What runs detached has the clock of the machine.
    s.unset_env("GIT_BAK_NOW");
    let commit = |s: &Scratch, text: &str| {
        s.write("a.txt", text);
        s.git(["commit", "-qam", "x"]);
    };
    let comes = |s: &Scratch, text: &str| {
        let is_there = || all_that_is_there(s).contains(&format!("+{text}"));
        (0..600).any(|_| {
            std::thread::sleep(Duration::from_millis(50));
            is_there()
        })
    };
    commit(&s, "two\n");
    assert!(comes(&s, "two"));
    // The other has ended when its state is written.
    assert!((0..600).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        fs::read_to_string(s.top().join(".git/bak/remote"))
            .is_ok_and(|it| it.contains("\"done\":1"))
    }));
    commit(&s, "three\n");
    std::thread::sleep(Duration::from_secs(1));
    assert!(!all_that_is_there(&s).contains("three"));
    s.git(["config", "bak.remoteInterval", "now"]);
    commit(&s, "four\n");
    assert!(comes(&s, "four"));
    assert!(all_that_is_there(&s).contains("+three"));
}

#[test]
fn what_git_ignores_and_what_commands_print_stays_here() {
    let s = with_remote();
    s.write(".gitignore", ".env\nlog/\n");
    s.git(["add", ".gitignore"]);
    s.git(["commit", "-qm", "ignore"]);
    s.git(["config", "bak.include", ".env"]);
    s.write(".env", "HUSH=1\n");
    s.write("log/x.txt", "HUSH too\n");
    s.write("a.txt", "two\n");
    s.hook("pre-commit", "echo HUSH three; exit 1");
    s.try_git(["commit", "-qam", "refused"]);
    s.bak(["snapshot", "log/x.txt", "a.txt"]);
    s.try_bak(["run", "--", "sh", "-c", "echo four >b.txt; echo HUSH five; exit 1"]);
    assert!(s.vault_has(".env", "HUSH=1\n") && s.vault_has("log/x.txt", "HUSH too\n"));
    s.bak(["push"]);
    let there = all_that_is_there(&s);
    assert!(there.contains("+two") && !there.contains("HUSH"), "{there}");
    assert!(!there.contains(".env\"") && !there.contains("x.txt"), "{there}");
    if cfg!(target_os = "linux") {
        s.bak(["install"]);
        s.write("log/y.txt", "HUSH=1, too\n");
        s.git(["clean", "-fdxq"]);
        assert!(s.vault_has("log/y.txt", "HUSH=1, too\n"));
    }
    // Where the rules are others now, those of then still count.
    s.git(["rm", "-qf", ".gitignore"]);
    s.bak(["push"]);
    let there = all_that_is_there(&s);
    assert!(!there.contains("HUSH=1") && !there.contains(".env\""), "{there}");
}

#[test]
fn what_was_forgotten_or_has_expired_goes_there_too() {
    let s = with_remote();
    s.write("a.txt", "secret\n");
    s.bak(["snapshot"]);
    s.write("a.txt", "plain\n");
    s.bak(["snapshot"]);
    s.bak(["push"]);
    let ran = s.try_bak(["forget", "--yes", "a.txt@{2}"]);
    assert!(ran.stderr.contains("bak.git has it, until the next push: git bak push"), "{ran:#?}");
    s.bak(["push"]);
    let there = all_that_is_there(&s);
    assert!(!there.contains("secret") && there.contains("+plain"), "{there}");
    let old = branches(&s);
    let there = s.at(s.root().join("bak.git"));
    let branch = old[0].split(' ').next().unwrap();
    there.git(["symbolic-ref", "HEAD", branch]);
    s.advance(31 * A_DAY);
    s.write("a.txt", "young\n");
    s.bak(["snapshot"]);
    s.bak(["clean", "--vault"]);
    let ran = s.bak(["push"]);
    assert!(
        ran.stderr.contains("1 day pushed to ")
            && ran.stderr.contains("1 expired day deleted there")
    );
    let left = branches(&s);
    assert!(left.len() == 2 && left[0].starts_with(branch), "it can't be deleted there: {left:?}");
    let there = all_that_is_there(&s);
    assert!(!there.contains("+plain") && there.contains("+young"), "{there}");
    assert!(s.bak(["push"]).stderr.contains("has all there is"));
    s.at(s.root().join("bak.git")).git(["symbolic-ref", "HEAD", "refs/heads/main"]);
    s.git(["config", "bak.vaultExpire", "now"]);
    s.advance(1);
    s.bak(["clean", "--vault"]);
    s.bak(["push"]);
    assert!(!all_that_is_there(&s).contains("+young") && branches(&s).len() == 1);
    s.git(["config", "--unset", "bak.vaultExpire"]);
    s.write("a.txt", "last\n");
    s.bak(["snapshot"]);
    s.bak(["push"]);
    // A secret may be forgotten that only the record of the other place still knew.
    s.git(["config", "--unset", "bak.remote"]);
    assert!(s.try_bak(["forget", "--yes", "a.txt"]).stderr.contains("bak.git has it"));
}

#[test]
fn machines_and_repositories_share_a_place_and_nothing_else_there_is_touched() {
    let s = with_remote();
    s.git(["push", "-q", &url(&s), "main:main", "main:refs/heads/0123456789abcdef/2020-01-01"]);
    let theirs = branches(&s);
    let laptop = clone_of(&s, "laptop");
    laptop.bak(["install"]);
    fs::write(s.root().join("laptop/a.txt"), "laptop\n").unwrap();
    let ran = laptop.bak(["snapshot"]);
    assert!(ran.stderr.contains("backed up: a.txt"), "{ran:#?}");
    laptop.bak(["push"]);
    s.write("a.txt", "desk\n");
    s.bak(["snapshot"]);
    s.bak(["push"]);
    let all = branches(&s);
    assert!(theirs.iter().all(|it| all.contains(it)) && all.len() == theirs.len() + 2, "{all:?}");
    for place in [s.at(s.top()), laptop] {
        let listed = place.bak(["list", "--remote", "a.txt"]).stdout;
        let ids = ["desk\n", "laptop\n"].map(|text| blob_id(&s, text.as_bytes()));
        assert!(ids.iter().all(|id| listed.contains(&id[..8])), "{listed}");
        assert!(listed.contains("  vault of "), "{listed}");
    }
    let other = Scratch::new();
    other.git(["commit", "-q", "--amend", "-m", "another repository"]);
    // Made in the same second, the first commits are one.
    other.git(["reflog", "expire", "--expire=now", "--all"]);
    other.git(["gc", "-q", "--prune=now"]);
    other.git(["config", "bak.remote", &url(&s)]);
    assert_eq!(other.try_bak(["list", "--remote"]).status, 1);
    let listed = other.bak(["list", "--remote", "--worktree=all"]).stdout;
    assert!(listed.contains("vault of "), "{listed}");
}
