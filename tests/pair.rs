//! Two repositories that are treated alike, one with git-bak and one without. What Git does in them,
//! prints and leaves behind must be the same: git-bak never changes what is committed.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::scratch::{Ran, Scratch};

mod state;
use state::{neutral, tops};

/// Lists the backups with their content, once the snapshot was taken: `path=line|line|`.
pub const WATCH: &str = r#"
find . -name '*.bak.????????_??????.????????' ! -path './.git/*' | while IFS= read -r f; do
    name=${f%.bak.*}; printf '%s=' "${name#./}"; tr '\n' '|' <"$f"; echo
done >>"$SEEN""#;

/// A repository with git-bak and one without.
pub struct Pair {
    /// With it.
    pub with: Scratch,
    /// Without it.
    pub without: Scratch,
}

impl Pair {
    /// Both with one commit: `a.txt` and `b.txt`, holding "one\n" each.
    pub fn new() -> Self {
        let pair = Self::empty();
        pair.write("a.txt", "one\n");
        pair.write("b.txt", "one\n");
        pair.each(|scratch| drop(scratch.git(["add", "."])));
        pair.git(["commit", "-qm", "first"]);
        pair.seen();
        pair
    }

    /// Both without commits.
    pub fn empty() -> Self {
        let (mut with, mut without) = (Scratch::empty(), Scratch::empty());
        for scratch in [&mut with, &mut without] {
            // The same commit has the same id in both.
            for key in ["GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"] {
                scratch.set_env(key, "2025-11-06T20:00:00+0000");
            }
            scratch.set_env("SEEN", scratch.root().join("seen"));
        }
        with.bak(["install"]);
        let pair = Self { with, without };
        // The one hook that every way to commit runs.
        pair.hook("prepare-commit-msg", WATCH);
        pair
    }

    /// Writes a file in both.
    pub fn write(&self, path: &str, text: &str) {
        self.each(|scratch| scratch.write(path, text));
    }

    /// Writes the user's own hook in both.
    pub fn hook(&self, name: &str, body: &str) {
        self.each(|scratch| scratch.hook(name, body));
    }

    /// Does the same in both.
    pub fn each(&self, act: impl Fn(&Scratch)) {
        [&self.with, &self.without].into_iter().for_each(act);
    }

    /// Runs Git in both, which must succeed and come to the same.
    pub fn git<const N: usize>(&self, args: [&str; N]) -> Ran {
        self.same(|scratch| scratch.try_git(args)).expect_success()
    }

    /// Runs Git in both, which must come to the same, however it ends.
    pub fn try_git<const N: usize>(&self, args: [&str; N]) -> Ran {
        self.same(|scratch| scratch.try_git(args))
    }

    /// Acts in both; what is printed (but for our own lines), the exit status and what is left in the
    /// repository must be the same. The result is that with git-bak.
    pub fn same(&self, act: impl Fn(&Scratch) -> Ran) -> Ran {
        let (ran, difference) = self.compare(act);
        assert!(difference.is_none(), "{}", difference.unwrap());
        ran
    }

    /// Acts in both, and says what has become different by it, if anything has.
    pub fn compare(&self, act: impl Fn(&Scratch) -> Ran) -> (Ran, Option<String>) {
        let with = act(&self.with);
        let without = act(&self.without);
        let mut found =
            differs("printed", &shown(&self.with, &with), &shown(&self.without, &without));
        for top in tops(&self.with) {
            let other = self.without.root().join(top.strip_prefix(self.with.root()).unwrap());
            found = found.or_else(|| {
                let (with, without) =
                    (state::told(&self.with, &top), state::told(&self.without, &other));
                differs("the index", &with, &without)
            });
            found = found.or_else(|| {
                let with = state::files(&self.with, &top);
                let without = state::files(&self.without, &other);
                let mut paths = with.keys().chain(without.keys());
                paths.find_map(|path| {
                    differs(&path.to_string_lossy(), &with.get(path), &without.get(path))
                })
            });
        }
        (with, found)
    }

    /// A commit (any act that makes one) before which exactly these versions are backed up, after which
    /// no backup is left, and whose versions the vault then has.
    pub fn commits<const N: usize>(&self, expected: [&str; N], act: impl Fn(&Scratch) -> Ran) {
        self.seen();
        let ran = self.same(act).expect_success();
        let mut expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
        expected.sort();
        assert_eq!(self.seen(), expected, "{ran:#?}");
        assert_eq!(left(&self.with.root()), Vec::<PathBuf>::new(), "{ran:#?}");
        for version in expected {
            let (path, text) = version.split_once('=').unwrap();
            assert!(self.with.vault_has(path, &text.replace('|', "\n")), "{version} {ran:#?}");
        }
    }

    /// The versions that were backed up when a message was prepared, since this was last asked.
    pub fn seen(&self) -> Vec<String> {
        let file = self.with.root().join("seen");
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let _ = std::fs::remove_file(file);
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }
}

/// The backup files anywhere below `folder`.
pub fn left(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.symlink_metadata().unwrap().is_dir() {
            found.extend(left(&path));
        } else if path.file_name().unwrap().to_string_lossy().contains(".bak.2025") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Runs a command that reads `input`.
pub fn feed(mut command: Command, input: &str) -> Ran {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    Ran::of(&child.wait_with_output().unwrap())
}

/// The lines of standard error that are not ours.
pub fn not_ours(ran: &Ran) -> Vec<&str> {
    lines(ran).filter(|line| !line.starts_with("git-bak ")).collect()
}

/// The lines of standard error that are ours.
pub fn ours(ran: &Ran) -> Vec<&str> {
    lines(ran).filter(|line| line.starts_with("git-bak ")).collect()
}

/// A line of progress ends where the next begins.
fn lines(ran: &Ran) -> impl Iterator<Item = &str> {
    ran.stderr.split(['\n', '\r']).filter(|line| !line.is_empty())
}

fn differs<T: PartialEq + std::fmt::Debug>(what: &str, with: &T, without: &T) -> Option<String> {
    (with != without).then(|| format!("{what}\n   with: {with:#?}\nwithout: {without:#?}"))
}

fn shown(scratch: &Scratch, ran: &Ran) -> (i32, String, String) {
    let stderr = not_ours(ran).join("\n");
    (ran.status, neutral(scratch, &ran.stdout), neutral(scratch, &stderr))
}
