//! Where the actors meet: a repository in some state, as it was before each run, and what they do in it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use super::states::{backed_up, expiring, folded_once, long_ago, overwritten, plain, stray, taken};
use crate::scratch::{BAK, Scratch};

pub const EARLIER: &str = "earlier, and backed up long ago\n";
pub const STAGED: &str = "staged\r\n\n";
pub const EDITED: &str = "edited after it was staged\n no line end";
pub const OTHERS: &str = "edited and not staged\n";
/// What is the first to expire.
pub const FIRST: &str = "of the first day, after the fold\n";
/// Of what nobody has a copy yet.
pub const OF_NOW: &str = "of now\n";

/// The files that nobody has anything to do with.
pub const FOREIGN: [(&str, &str); 2] =
    [("u.txt", "untracked\n"), ("a.txt.bak.20200101_101010", "made by hand\n")];

pub struct Scene {
    pub s: Scratch,
    /// The first moment after which an actor begins.
    now: String,
}

/// What an actor is: its words, where `git-bak` and `sh` are themselves and all else is Git's.
pub type Words = &'static [&'static str];

/// Somebody who does something in a scene.
pub struct Actor {
    pub name: &'static str,
    /// The scene that it acts in when it is alone, or the first.
    pub prepare: fn(&Scratch),
    pub words: Words,
    /// It is there to destroy what is known of `b.txt`.
    pub destroys: bool,
    /// The texts that it copies.
    pub copies: &'static [&'static str],
    /// What its scene has beside the others.
    pub brings: &'static [(&'static str, &'static str)],
}

const fn of(name: &'static str, prepare: fn(&Scratch), words: Words) -> Actor {
    Actor { name, prepare, words, destroys: false, copies: &[], brings: &[] }
}

pub const ACTORS: &[Actor] = &[
    Actor {
        copies: &[STAGED, EDITED, OTHERS],
        ..of("commit", plain, &["commit", "-qm", "second"])
    },
    of("commit-backed", backed_up, &["commit", "-qm", "second"]),
    of("commit-folded", folded_once, &["commit", "-qm", "second"]),
    Actor {
        copies: &[OTHERS],
        ..of("commit-only", plain, &["commit", "-qm", "other", "-o", "b.txt"])
    },
    Actor { copies: &[OTHERS], ..of("add", plain, &["add", "b.txt"]) },
    Actor { copies: &[EDITED, OTHERS], ..of("reset", plain, &["reset", "-q", "--hard"]) },
    Actor { copies: &[EDITED, OTHERS], ..of("snapshot", plain, &["git-bak", "snapshot"]) },
    of("fold", folded_once, &["git-bak", "fold"]),
    of("expire", long_ago, &["git-bak", "fold"]),
    of("expire-again", expiring, &["git-bak", "fold"]),
    Actor { copies: &[FIRST], ..of("snapshot-again", expiring, &["git-bak", "snapshot"]) },
    of("undo", taken, &["git-bak", "undo", "--yes"]),
    Actor {
        brings: &[("a.txt", OF_NOW)],
        ..of("restore", overwritten, &["git-bak", "restore", "--yes", "a.txt"])
    },
    of("clean", backed_up, &["git-bak", "clean"]),
    Actor { brings: &[("b.txt", OF_NOW)], ..of("clean-stray", stray, &["git-bak", "clean"]) },
    of("doctor", backed_up, &["git-bak", "doctor", "--fix"]),
    of("gc", backed_up, &["gc", "-q", "--prune=now"]),
    of("person", backed_up, &["sh", "-c", "printf 'of now\\n' >b.txt"]),
    Actor { destroys: true, ..of("forget", folded_once, &["git-bak", "forget", "--yes", "b.txt"]) },
    Actor {
        destroys: true,
        ..of("clean-vault", folded_once, &["git-bak", "clean", "--vault", "b.txt"])
    },
];

pub fn actor(name: &str) -> &'static Actor {
    ACTORS.iter().find(|actor| actor.name == name).unwrap_or_else(|| panic!("who is {name}?"))
}

/// Who meets whom. A `gc --prune=now` beside what makes objects takes them from Git itself (git-gc(1) says so).
pub const PAIRS: &[&str] = &[
    "fold+snapshot",
    "snapshot+fold",
    "commit-folded+fold",
    "commit+commit-only",
    "commit-backed+person",
    "commit-backed+clean",
    "commit-folded+clean-vault",
    "commit-backed+snapshot",
    "add+snapshot",
    "snapshot+snapshot",
    "snapshot+clean",
    "snapshot+gc",
    "snapshot+doctor",
    "snapshot+forget",
    "snapshot-again+expire",
    "expire+commit-only",
    "fold+clean",
    "fold+doctor",
    "fold+fold",
    "fold+forget",
    "undo+snapshot",
    "undo+undo",
    "forget+forget",
    "clean+clean",
];

impl Scene {
    /// `prepare` says in which state.
    pub fn new(prepare: fn(&Scratch)) -> Self {
        let s = Scratch::new();
        s.write("b.txt", "b\n");
        s.write("only-here.txt", "x\n");
        s.git(["add", "."]);
        s.git(["branch", "other"]);
        s.git(["commit", "-qm", "more"]);
        s.write("a.txt", EARLIER);
        s.bak(["snapshot", "a.txt"]);
        s.advance(100);
        s.write("a.txt", STAGED);
        s.git(["add", "a.txt"]);
        s.write("a.txt", EDITED);
        s.write("b.txt", OTHERS);
        FOREIGN.iter().for_each(|(name, text)| s.write(name, text));
        prepare(&s);
        let (hooks, now) = (s.top().join(".git/hooks"), s.now());
        for file in std::fs::read_dir(hooks).unwrap().map(|it| it.unwrap().path()) {
            if file.extension().is_some_and(|it| it == "sample") {
                std::fs::remove_file(file).unwrap();
            }
        }
        std::fs::rename(s.top(), s.root().join("saved")).unwrap();
        let scene = Self { s, now };
        scene.reset();
        scene
    }

    /// All of it is as it was in the beginning.
    pub fn reset(&self) {
        let _ = std::fs::remove_dir_all(self.s.top());
        let mut copy = Command::new("cp");
        copy.arg("-a").arg(self.s.root().join("saved")).arg(self.s.top());
        assert!(copy.status().unwrap().success());
    }

    pub fn root(&self) -> PathBuf {
        self.s.root()
    }

    /// An actor, at the same moment in every run.
    pub fn command(&self, words: &[&str]) -> Command {
        let (program, words) = match words {
            ["git-bak", rest @ ..] => (BAK, rest),
            ["sh", rest @ ..] => ("/bin/sh", rest),
            all => ("git", all),
        };
        let mut command = self.s.command(program);
        command.args(words).env("GIT_BAK_NOW", &self.now);
        for name in ["GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"] {
            command.env(name, "1762459999 +0000");
        }
        command
    }
}

impl Scene {
    /// Index and HEAD, as they are now.
    pub fn of_git(&self) -> String {
        let said = |words: &[&str]| self.s.git_alone(words).stdout;
        let files = said(&["ls-files", "-s"]);
        files + &said(&["log", "--format=%T %s"])
    }

    /// What plain Git makes of index and HEAD, in whatever order these come, or don't.
    pub fn by_plain_git(&self, actors: &[Words]) -> BTreeSet<String> {
        let orders: &[&[usize]] = &[&[], &[0], &[1], &[0, 1], &[1, 0]];
        let possible = orders.iter().filter(|order| order.iter().all(|at| *at < actors.len()));
        let outcome = |order: &&[usize]| {
            self.reset();
            for at in *order {
                let mut command = self.command(actors[*at]);
                if command.get_program() != BAK {
                    assert!(command.env("GIT_BAK", "0").output().is_ok());
                }
            }
            self.of_git()
        };
        possible.map(outcome).collect()
    }
}
