//! What happened, and what a frightened user expects then: of `restore FILE` (where newer edits are asked about, so not
//! replaced), `restore --all --yes` and `undo --yes`, with plain hooks and with the guard.

use std::fs;

use crate::scratch::{Ran, Scratch};

/// What a file holds afterwards; `Same`: nothing has changed.
#[derive(Debug, Clone, Copy)]
enum Then {
    Same,
    Is(&'static str),
}

use Then::{Is, Same};

/// What happens; what `a.txt` holds after each command: with plain hooks, with the guard.
struct Row {
    what: &'static str,
    act: fn(&Scratch),
    restore: [Then; 2],
    all: [Then; 2],
    undo: [Then; 2],
}

const fn row(what: &'static str, act: fn(&Scratch)) -> Row {
    Row { what, act, restore: [Same; 2], all: [Same; 2], undo: [Same; 2] }
}

impl Row {
    const fn gives(self, text: &'static str) -> Self {
        Self { restore: [Is(text); 2], all: [Is(text); 2], ..self }
    }

    const fn by_name(self, text: &'static str) -> Self {
        Self { restore: [Is(text); 2], ..self }
    }

    const fn all(self, text: &'static str) -> Self {
        Self { all: [Is(text); 2], ..self }
    }

    /// Only the guard has seen it.
    const fn guard_gives(self, text: &'static str) -> Self {
        let both = [Same, Is(text)];
        Self { restore: both, all: both, undo: both, ..self }
    }

    const fn undo(self, text: &'static str) -> Self {
        Self { undo: [Is(text); 2], ..self }
    }

    const fn guard_undoes(self, text: &'static str) -> Self {
        Self { undo: [Same, Is(text)], ..self }
    }
}

fn edit(s: &Scratch, text: &str) {
    s.write("a.txt", text);
}

fn stage(s: &Scratch, text: &str) {
    edit(s, text);
    git(s, "add a.txt");
}

fn git(s: &Scratch, line: &str) -> Ran {
    s.try_git(line.split(' '))
}

fn commit(s: &Scratch) {
    git(s, "commit -qm next");
}

/// Commits another file.
fn commit_b(s: &Scratch) {
    s.write("b.txt", "more\n");
    git(s, "commit -qm b b.txt");
}

/// A branch with another text of a file, made past our hooks.
fn side(s: &Scratch, path: &str, text: &str) {
    git(s, "switch -qc side");
    s.write(path, text);
    let commit = s.command("git").env("GIT_BAK", "0").args(["commit", "-qam", "x"]).output();
    assert!(commit.unwrap().status.success());
    git(s, "switch -q main");
}

fn conflict(s: &Scratch) {
    side(s, "a.txt", "theirs\n");
    stage(s, "mine\n");
    commit(s);
    git(s, "merge -q side");
    stage(s, "resolved\n");
}

const ROWS: &[Row] = &[
    row("a draft, then committed", |s| {
        stage(s, "v1\n");
        stage(s, "v2\n");
        commit(s);
    }),
    row("unstaged at the commit of another file, then committed", |s| {
        edit(s, "v1\n");
        commit_b(s);
        stage(s, "v2\n");
        commit(s);
    }),
    row("lost and restored: that is what can be undone", |s| {
        stage(s, "v1\n");
        stage(s, "v2\n");
        git(s, "reset -q --hard");
        s.bak(["restore", "a.txt"]);
    })
    .undo("one\n"),
    row("staged, edited on, and unstaged", |s| {
        stage(s, "s\n");
        edit(s, "w\n");
        git(s, "reset -q");
    })
    .plain_all("s\n"),
    row("a part staged, the rest in the tree, all lost", |s| {
        stage(s, "half\n");
        edit(s, "half\nall\n");
        git(s, "reset -q --hard");
    })
    .guard_gives("half\nall\n")
    .plain_gives("half\n"),
    row("an amend that drops a part", |s| {
        stage(s, "v1\nv2\n");
        commit(s);
        stage(s, "v1\n");
        git(s, "commit -q --amend --no-edit");
    }),
    row("an amend that takes a file out again", |s| {
        stage(s, "v1\n");
        commit(s);
        s.write("b.txt", "more\n");
        git(s, "checkout -q HEAD~1 -- a.txt");
        git(s, "commit -q --amend -a --no-edit");
    }),
    row("a commit that was reset away", |s| {
        stage(s, "v1\n");
        commit(s);
        git(s, "reset -q --hard HEAD~1");
    }),
    row("a commit that was made anew", |s| {
        stage(s, "v1\n");
        commit(s);
        git(s, "reset -q --soft HEAD~1");
        stage(s, "v3\n");
        commit(s);
    }),
    row("thrown away on purpose, and commits since", |s| {
        stage(s, "v1\n");
        git(s, "checkout -q HEAD -- a.txt");
        commit_b(s);
        commit_b(s);
    })
    .by_name("v1\n"),
    row("in the stash", |s| {
        stage(s, "v1\n");
        git(s, "stash -q");
    }),
    row("back from the stash", |s| {
        stage(s, "v1\n");
        git(s, "stash -q");
        git(s, "stash pop -q");
    }),
    row("in the stash, and dropped", |s| {
        stage(s, "v1\n");
        git(s, "stash -q");
        git(s, "stash drop -q");
    })
    .gives("v1\n")
    .guard_undoes("v1\n"),
    row("put into the stash beside what is staged", |s| {
        stage(s, "s\n");
        edit(s, "w\n");
        git(s, "stash -q -k");
    }),
    row("an edit that was never staged, where another branch has committed", |s| {
        git(s, "switch -qc feature");
        stage(s, "feature\n");
        commit(s);
        git(s, "switch -q main");
        edit(s, "precious\n");
        git(s, "checkout -q a.txt");
    })
    .guard_gives("precious\n"),
    row("carried over to another branch", |s| {
        git(s, "branch other");
        stage(s, "v1\n");
        git(s, "switch -q other");
    }),
    row("thrown away by a switch: HEAD first", |s| {
        side(s, "b.txt", "theirs\n");
        stage(s, "v1\n");
        git(s, "switch -q -f side");
    })
    .gives("v1\n"),
    row("a rebase that drops a commit", |s| {
        stage(s, "v1\n");
        commit(s);
        commit_b(s);
        git(s, "rebase -q --onto HEAD~2 HEAD~1");
    }),
    row("squashed", |s| {
        stage(s, "v1\n");
        commit(s);
        stage(s, "v2\n");
        commit(s);
        git(s, "reset -q --soft HEAD~2");
        commit(s);
    }),
    row("a resolution that was given up", |s| {
        conflict(s);
        git(s, "merge --abort");
    })
    .gives("resolved\n")
    .guard_undoes("resolved\n"),
    row("picked, and reset away", |s| {
        side(s, "a.txt", "theirs\n");
        git(s, "cherry-pick side");
        git(s, "reset -q --hard HEAD~1");
    }),
    row("reverted", |s| {
        stage(s, "v1\n");
        commit(s);
        git(s, "revert --no-edit HEAD");
    }),
    row("staged beside a commit of another file, and lost", |s| {
        stage(s, "v1\n");
        commit_b(s);
        git(s, "reset -q --hard");
    })
    .gives("v1\n")
    .guard_undoes("v1\n"),
    row("committed, and the edits beside it lost", |s| {
        stage(s, "s\n");
        edit(s, "w\n");
        commit(s);
        git(s, "checkout -q a.txt");
    })
    .gives("w\n")
    .undo("w\n"),
    row("a commit that failed, edited on, committed", |s| {
        s.hook("pre-commit", "exit 1");
        stage(s, "v1\n");
        commit(s);
        s.hook("pre-commit", "exit 0");
        stage(s, "v2\n");
        commit(s);
    }),
    row("moved", |s| {
        git(s, "mv a.txt z.txt");
    }),
    row("removed", |s| {
        stage(s, "v1\n");
        git(s, "rm -qf a.txt");
    })
    .gives("v1\n")
    .guard_undoes("v1\n"),
    row("untracked, and cleaned", |s| {
        git(s, "rm -q --cached a.txt");
        git(s, "commit -qm gone");
        edit(s, "v1\n");
        git(s, "clean -fdq");
    })
    .guard_gives("v1\n"),
    row("a formatter that stages what it made", |s| {
        s.hook("pre-commit", "echo formatted >a.txt; git add a.txt");
        stage(s, "v1\n");
        commit(s);
    }),
    row("somebody overwrites what was staged", |s| {
        stage(s, "v1\n");
        edit(s, "an agent's\n");
    })
    .all("v1\n"),
    row("garbage that was committed", |s| {
        stage(s, "v1\n");
        edit(s, "garbage\n");
        git(s, "commit -qam garbage");
    }),
    row("lost, and then a merge changes the file", |s| {
        side(s, "a.txt", "theirs\n");
        stage(s, "v1\n");
        git(s, "checkout -q HEAD -- a.txt");
        git(s, "merge -q side");
    })
    .gives("v1\n"),
    row("taken out by hand, and a commit of another file", |s| {
        stage(s, "v1\n");
        git(s, "reset -q");
        edit(s, "one\n");
        commit_b(s);
    })
    .by_name("v1\n"),
    row("a branch that was deleted", |s| {
        git(s, "switch -qc feature");
        stage(s, "v1\n");
        commit(s);
        git(s, "switch -q main");
        git(s, "branch -D feature");
    }),
    row("work of a working tree that is gone", |s| {
        git(s, "worktree add -q ../linked");
        let linked = s.root().join("linked");
        fs::write(linked.join("a.txt"), "v1\n").unwrap();
        s.at(&linked).git(["add", "a.txt"]);
        git(s, "worktree remove -f ../linked");
    }),
    row("put aside by a rebase, and given back", |s| {
        side(s, "b.txt", "theirs\n");
        stage(s, "v1\n");
        git(s, "rebase -q --autostash side");
    }),
    row("lost past us", |s| {
        stage(s, "v1\n");
        let mut reset = s.command("git");
        reset.env("GIT_BAK", "0").args(["reset", "-q", "--hard"]);
        assert!(reset.status().unwrap().success());
    })
    .gives("v1\n"),
    row("put aside as a patch by a hook manager, and given back", |s| {
        s.hook("pre-commit", "git diff --binary >../p; git checkout -q -- .; git apply ../p");
        stage(s, "s\n");
        edit(s, "w\n");
        commit(s);
    }),
    row("put aside as a patch by a hook manager, and not given back", |s| {
        s.hook("pre-commit", "git diff --binary >../p; git checkout -q -- .");
        stage(s, "s\n");
        edit(s, "w\n");
        commit(s);
    })
    .gives("w\n"),
    row("lost, written anew, committed", |s| {
        stage(s, "v1\n");
        git(s, "checkout -q HEAD -- a.txt");
        stage(s, "v2\n");
        commit(s);
    }),
    row("lost twice", |s| {
        for text in ["v1\n", "v2\n"] {
            stage(s, text);
            git(s, "checkout -q HEAD -- a.txt");
        }
    })
    .gives("v2\n")
    .undo("v2\n"),
    row("a draft, and a commit past the hook", |s| {
        stage(s, "v1\n");
        stage(s, "v2\n");
        git(s, "commit -qnm next");
    }),
    row("a commit taken apart, and lost", |s| {
        stage(s, "v2\n");
        commit(s);
        git(s, "reset -q --soft HEAD~1");
        git(s, "reset -q --hard");
    })
    .guard_gives("v2\n"),
    row("back to what an older commit had, and lost", |s| {
        stage(s, "v2\n");
        commit(s);
        stage(s, "one\n");
        git(s, "reset -q --hard");
    })
    .gives("one\n")
    .guard_undoes("one\n"),
    row("a switch that was refused", |s| {
        side(s, "a.txt", "theirs\n");
        stage(s, "v1\n");
        git(s, "switch -q side");
    }),
];

impl Row {
    /// Of what plain hooks have seen.
    const fn plain_gives(mut self, text: &'static str) -> Self {
        (self.restore[0], self.all[0]) = (Is(text), Is(text));
        self
    }

    /// With plain hooks an older version is all that was seen: asked about, and `--yes` is the answer.
    const fn plain_all(mut self, text: &'static str) -> Self {
        self.all[0] = Is(text);
        self
    }
}

/// The rows that don't come out as wanted.
fn tried(guard: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let at = usize::from(guard);
    for row in ROWS {
        let s = if guard { Scratch::new() } else { Scratch::without_guard() };
        s.write("b.txt", "b\n");
        git(&s, "add b.txt");
        commit(&s);
        (row.act)(&s);
        let commands = [
            (&["restore", "a.txt"][..], row.restore[at]),
            (&["restore", "--all", "--yes"], row.all[at]),
            (&["undo", "--yes"], row.undo[at]),
        ];
        for (command, wanted) in commands {
            let copy = s.root().join("copy");
            let copied = s.command("cp").arg("-a").arg(s.top()).arg(&copy).status();
            assert!(copied.unwrap().success());
            let read = || fs::read_to_string(copy.join("a.txt")).ok();
            let before = read();
            let ran = s.at(&copy).try_bak(command);
            let wanted = match wanted {
                Same => before,
                Is(text) => Some(text.to_owned()),
            };
            if read() != wanted {
                let (what, found) = (row.what, read());
                wrong.push(format!("{what}: {command:?}: {found:?}, not {wanted:?}: {ran:?}"));
            }
            fs::remove_dir_all(copy).unwrap();
        }
    }
    wrong
}

#[test]
fn each_is_as_somebody_expects_with_plain_hooks() {
    assert_eq!(tried(false).join("\n"), "");
}

#[test]
fn each_is_as_somebody_expects_with_the_guard() {
    assert_eq!(tried(true).join("\n"), "");
}
