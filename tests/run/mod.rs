//! `git bak run`: around any command, with the tree and the index as before if it fails.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::apply::{chmod, commit_all, failures, is_running, link, tree};
use crate::scratch::{BAK, Other, Ran, Scratch};

mod commit;
mod crash;
mod elsewhere;
mod head;
mod ignored;
mod kept;
mod outcomes;
mod people;
mod random;
mod refused;
mod signals;
mod streams;

/// All that a failed run must leave as it was: files, modes, links, folders, the index.
#[derive(Debug, PartialEq, Eq)]
pub struct Standing {
    tree: crate::apply::Tree,
    index: String,
    flags: String,
    status: String,
}

/// How the working tree at `top` stands.
pub fn standing(s: &Scratch, top: &Path) -> Standing {
    let at = s.at(top);
    Standing {
        tree: tree(top),
        index: at.git(["ls-files", "-s"]).stdout,
        flags: at.git(["ls-files", "-v", "-t"]).stdout,
        status: at.git(["status", "--porcelain=v2", "--untracked-files=all"]).stdout,
    }
}

/// `git bak run` of a line for the shell, at the top.
pub fn run(s: &Scratch, options: &[&str], line: &str) -> Ran {
    run_at(&s.at(s.top()), options, line)
}

/// The same elsewhere.
pub fn run_at(at: &Other<'_>, options: &[&str], line: &str) -> Ran {
    let mut args = vec!["run"];
    args.extend(options);
    args.extend(["--", "sh", "-c", line]);
    at.try_bak(args)
}

/// No run is on record.
pub fn assert_over(s: &Scratch) {
    assert!(!s.exists(".git/bak/upgrade/record"), "a run is left on record");
    assert!(!s.exists(".git/bak/upgrade/index"), "a copy of the index is left");
}

/// A repository with a file of every kind, and uncommitted work of every kind.
pub fn rich() -> Scratch {
    let s = Scratch::new();
    s.write(".gitignore", "*.o\nbuild/\n");
    s.write("clean.txt", "clean\n");
    s.write("edited.txt", "edited\n");
    s.write("staged.txt", "staged\n");
    s.write("both.txt", "both\n");
    s.write("removed.txt", "removed\n");
    s.write("unstaged gone.txt", "gone\n");
    s.write("moved.txt", "moved\n");
    s.write("private.txt", "private\n");
    s.write("tool.sh", "#!/bin/sh\n");
    s.write("data.bin", (0..=255u8).collect::<Vec<u8>>());
    s.write("crlf.txt", "one\r\ntwo\r\n");
    s.write("deep/er/ünder.txt", "deep\n");
    s.write("assumed.txt", "assumed\n");
    link(&s, "clean.txt", "link");
    chmod(&s, "tool.sh", 0o755);
    commit_all(&s, "base");
    chmod(&s, "private.txt", 0o600);
    chmod(&s, "deep/er", 0o700);
    s.write("edited.txt", "edited more\n");
    s.write("staged.txt", "staged more\n");
    s.write("both.txt", "both staged\n");
    s.git(["add", "staged.txt", "both.txt"]);
    s.write("both.txt", "both edited\n");
    s.git(["rm", "-q", "removed.txt"]);
    fs::remove_file(s.top().join("unstaged gone.txt")).unwrap();
    s.git(["mv", "moved.txt", "renamed.txt"]);
    s.write("new staged.txt", "new staged\n");
    s.git(["add", "new staged.txt"]);
    s.write("intended.txt", "intended\n");
    s.write("intended and gone.txt", "x\n");
    s.git(["add", "--intent-to-add", "intended.txt", "intended and gone.txt"]);
    fs::remove_file(s.top().join("intended and gone.txt")).unwrap();
    s.git(["update-index", "--assume-unchanged", "assumed.txt"]);
    s.write("untracked.txt", "untracked\n");
    s.write("beside/untracked too.bin", [0, 159, 146, 150]);
    chmod(&s, "beside/untracked too.bin", 0o751);
    link(&s, "nowhere", "untracked link");
    fs::create_dir_all(s.top().join("hollow/inside")).unwrap();
    fs::create_dir_all(s.top().join("beside/hollow")).unwrap();
    s.write("kept.o", "ignored\n");
    s.write("build/out", "ignored too\n");
    s
}

/// A line for the shell that spoils all of it, and its index.
pub const SPOIL: &str = "\
    for f in clean edited staged both private untracked; do echo spoilt >$f.txt; done
    echo spoilt >'new staged.txt'; echo spoilt >intended.txt; echo back >removed.txt
    printf 'a\\000b' >data.bin; printf 'one\\ntwo\\n' >crlf.txt
    chmod 644 tool.sh private.txt; chmod 755 deep/er
    rm -f link 'untracked link'; ln -s tool.sh link; mv renamed.txt again.txt
    rm -r deep hollow beside; echo file >deep; mkdir made; mkdir -p made/hollow deeper/still
    echo made >made/file; echo '*.txt' >.gitignore; git add -A -f . ; git rm -q --cached tool.sh
    git update-index --no-assume-unchanged assumed.txt
    echo later >made/later; rm -f 'unstaged gone.txt'; echo x >'intended and gone.txt'\n";

/// What the vault must have of it afterwards.
pub fn assert_kept(s: &Scratch) {
    for (path, text) in [
        ("clean.txt", "spoilt\n"),
        ("untracked.txt", "spoilt\n"),
        ("removed.txt", "back\n"),
        ("deep", "file\n"),
        ("made/file", "made\n"),
        ("made/later", "later\n"),
        ("again.txt", "moved\n"),
    ] {
        assert!(s.vault_has(path, text), "the vault lacks {path}");
    }
}
