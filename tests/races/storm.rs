//! Everything at once: commits in several working trees and in one, snapshots, clean-up, deposits that are expired as
//! they come, and a `gc` without pause.
//!
//! A `gc --prune=now` takes what Git's own commit beside it has just written (git-gc(1) says so), HEAD included: beside
//! it all commits fail in a hook of the user's, once git-bak has done its work.
//!
//! `GIT_BAK_TEST_ROUNDS=N` has all actors go N rounds.

use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::backup_files::blob_id;
use crate::scratch::{BAK, Ran, Scratch};

/// Nothing hangs: the slowest command of a storm on a busy machine takes less.
const HANGS: Duration = Duration::from_secs(30);

fn rounds() -> usize {
    let set = std::env::var("GIT_BAK_TEST_ROUNDS").ok();
    set.and_then(|number| number.parse().ok()).unwrap_or(6)
}

/// What happened in a storm.
#[derive(Default)]
struct Storm {
    /// Files of the main working tree and texts that a snapshot or a commit has seen.
    kept: Mutex<Vec<(String, String)>>,
    /// What was said of locks that were not to be had, and of anything else that went wrong.
    said: Mutex<Vec<String>>,
    ran: AtomicUsize,
    over: AtomicBool,
}

impl Storm {
    /// Runs a command of one of the actors.
    fn run(&self, command: &mut Command) -> Ran {
        let began = Instant::now();
        let ran = Ran::of(&command.output().unwrap());
        assert!(began.elapsed() < HANGS, "{command:?} took {:?}", began.elapsed());
        self.ran.fetch_add(1, Ordering::Relaxed);
        let bad = ran.stderr.lines().filter(|line| line.contains('✗') || line.contains("panicked"));
        self.said.lock().unwrap().extend(bad.map(str::to_owned));
        ran
    }

    fn keep(&self, file: &str, text: &str) {
        self.kept.lock().unwrap().push((file.to_owned(), text.to_owned()));
    }
}

/// A command of an actor in a working tree, at a time of the day that is its own.
fn command(root: &std::path::Path, of: &Command, tree: &str, now: &str, args: &[&str]) -> Command {
    let mut command = Command::new(args[0]);
    command.args(&args[1..]).current_dir(root.join(tree)).env_clear();
    command.envs(of.get_envs().filter_map(|(key, value)| Some((key, value?))));
    command.env("GIT_BAK_NOW", now).stdin(std::process::Stdio::null());
    command
}

const TREES: [&str; 3] = ["w1", "w2", "w3"];
const FILES: [&str; 5] = ["a.txt", "p.txt", "q.txt", "s.txt", "old.txt"];

/// What the vault alone had before.
const BEFORE: [&str; 3] = ["before 1\n", "before 2\n", "before 3\n"];

fn ground() -> Scratch {
    let s = Scratch::new();
    s.git(["config", "bak.maxBackups", "0"]);
    FILES.iter().for_each(|file| s.write(file, "one\n"));
    s.git(["add", "."]);
    s.git(["commit", "-qm", "files"]);
    for text in BEFORE {
        s.write("s.txt", text);
        s.bak(["snapshot"]);
    }
    s.bak(["clean"]);
    s.advance(600);
    for tree in TREES {
        s.git(["worktree", "add", "-q", "-b", tree, &format!("../{tree}")]);
    }
    s
}

#[test]
fn in_a_storm_of_commits_snapshots_and_gc_nothing_is_lost() {
    blow(&["git", "gc", "-q"], 0);
}

#[test]
fn in_a_storm_of_failing_commits_and_a_pruning_gc_nothing_is_lost() {
    blow(&["git", "gc", "-q", "--prune=now"], 1);
}

/// Has all actors go their rounds, beside `gc`; commits end with `status`.
fn blow(gc: &'static [&'static str], status: i32) {
    let mut s = ground();
    s.hook("pre-commit", &format!("[ \"$CALM\" ] || exit {status}"));
    let storm = Storm::default();
    let (root, like, rounds) = (s.root(), s.command("git"), rounds());
    let run = |tree: &str, now: &str, args: &[&str]| {
        storm.run(&mut command(&root, &like, tree, now, args))
    };
    let write = |tree: &str, file: &str, text: &str| {
        std::fs::write(root.join(tree).join(file), text).unwrap();
    };
    std::thread::scope(|scope| {
        let mut actors = Vec::new();
        for tree in TREES {
            actors.push(scope.spawn(move || {
                for round in 0..rounds {
                    write(tree, "a.txt", &format!("{tree} {round}\n"));
                    let ran = run(tree, &at(round), &["git", "commit", "-qam", "in a tree"]);
                    // A folder of objects that gc removes just then makes Git itself fail.
                    assert!([status, 128].contains(&ran.status), "{ran:#?}");
                }
            }));
        }
        for file in ["p.txt", "q.txt"] {
            let storm = &storm;
            actors.push(scope.spawn(move || {
                for round in 0..rounds {
                    let text = format!("{file} {round}\n");
                    write("repo", file, &text);
                    let ran = run("repo", &at(round), &["git", "commit", "-qm", "x", "-o", file]);
                    // A commit that finds the index locked runs no hook; one that loses the race fails after it.
                    if ran.status <= 1 {
                        storm.keep(file, &text);
                    }
                }
            }));
        }
        let saved = &storm;
        actors.push(scope.spawn(move || {
            for round in 0..rounds {
                let text = format!("s {round}\n");
                write("repo", "s.txt", &text);
                let ran = run("repo", &at(round), &[BAK, "snapshot", "s.txt"]);
                assert_eq!(ran.status, 0, "{ran:#?}");
                saved.keep("s.txt", &text);
            }
        }));
        actors.push(scope.spawn(move || {
            for round in 0..rounds {
                write("repo", "old.txt", &format!("old {round}\n"));
                run("repo", "2025-09-01T10:00:00+00:00", &[BAK, "snapshot", "old.txt"]);
            }
        }));
        let during = |args: &'static [&'static str]| {
            let over = &storm.over;
            move || {
                let mut number = 0;
                while !over.load(Ordering::Relaxed) {
                    run("repo", &at(number), args);
                    number += 1;
                }
            }
        };
        scope.spawn(during(&[BAK, "clean"]));
        scope.spawn(during(&[BAK, "clean", "--expired"]));
        scope.spawn(during(gc));
        let ended: Vec<_> = actors.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        storm.over.store(true, Ordering::Relaxed);
        ended.into_iter().for_each(|ended| ended.unwrap());
    });
    s.set_env("CALM", "1");
    calm(&s, &storm, gc.contains(&"--prune=now"));
}

fn at(round: usize) -> String {
    format!(
        "2025-11-07T{:02}:{:02}:{:02}+00:00",
        10 + round / 3600 % 10,
        round / 60 % 60,
        round % 60
    )
}

/// What is true when all is quiet again, and one more commit was made in each working tree.
// A developer who lets a storm blow for long wants to know how long it was.
#[allow(clippy::print_stdout)]
fn calm(s: &Scratch, storm: &Storm, prunes: bool) {
    s.advance(86_400);
    for tree in TREES {
        s.at(s.root().join(tree)).git(["commit", "-q", "--allow-empty", "-m", "after it"]);
    }
    s.git(["commit", "-qm", "after it", "--allow-empty"]);
    let vault = s.vault();
    let fsck = s.git(["fsck", "--strict", "--no-dangling", "--no-progress"]);
    assert!(!fsck.stdout.contains("missing"), "{fsck:#?}");
    let committed = s.git(["rev-list", "--objects", "--no-object-names", "HEAD"]).stdout;
    let said = storm.said.lock().unwrap();
    for text in BEFORE {
        assert!(s.vault_has("s.txt", text), "{text:?} is lost; said: {said:#?}");
    }
    for (file, text) in storm.kept.lock().unwrap().iter() {
        let suffix = format!("/{file}");
        let held = vault.iter().any(|(place, held)| place.ends_with(&suffix) && held == text);
        let there = s.read(file) == *text || s.backup_texts(file).contains(text);
        // Where the vault's lock was not to be had, a backup is proven by the commit.
        let held = held || committed.contains(&blob_id(s, text.as_bytes()));
        // Bytes that nothing but the vault had a moment after they were written, a pruning gc may take.
        assert!(held || there || prunes, "{text:?} of {file} is lost; said: {said:#?}");
    }
    s.git(["gc", "-q", "--prune=now"]);
    let doctor = s.try_bak(["doctor"]);
    assert_eq!(doctor.status, 0, "{doctor:#?}");
    println!("{} commands in a storm", storm.ran.load(Ordering::Relaxed));
    assert!(!said.iter().any(|line| line.contains("panicked")), "{said:#?}");
}
