//! The ground that is walked on: a repository with git-bak and with hooks that tell what they were shown,
//! fail, kill and lose on demand. It is made by shell lines, and every step is one.

use std::path::PathBuf;

use crate::scratch::{Other, Ran, Scratch};

/// The working trees: the main one, and two that are linked to it now and then.
pub const TREES: [&str; 3] = ["top", "w1", "w2"];

/// How repositories differ, as lines of the setup: one of them for each walk.
pub const KINDS: [&[&str]; 10] = [
    &[],
    &["git config bak.location gitdir"],
    &["git config bak.cleanup committed"],
    &["git config bak.cleanup never", "git config bak.maxBackups 2"],
    &["git config bak.maxBackups 1", "git config bak.maxFiles 2"],
    &["git config bak.scope all"],
    &["git config core.autocrlf true", "git config core.safecrlf false"],
    &["git config core.splitIndex true", "git config core.untrackedCache true"],
    &["export GIT_DEFAULT_HASH=sha256"],
    &["git config bak.maxFileSize 60"],
];

/// What all repositories have in common, before git-bak is installed.
const SETUP: &str = r#"git config user.name Test; git config user.email test@example.org
git config gc.auto 0; git config gc.writeCommitGraph false; git config maintenance.auto false; git config core.quotePath false
mkdir -p d; for file in a.txt b.txt d/c.txt 's p.txt'; do printf '%s\n' h 1 2 3 4 5 6 7 8 t >"$file"; done
git add .; git commit -qm first; git branch other; git branch third
git worktree add -q --detach ../w1; git worktree add -q -b w ../w2
cat >.git/hooks/pre-commit <<'END'
#!/bin/sh
# Tells what git-bak, which ran before, was shown.
git diff-index --cached --ita-invisible-in-index --no-renames --diff-filter=AM HEAD >>"$SEEN"
git diff-files --name-only --diff-filter=AMU | sort -u | while IFS= read -r file; do
    [ ! -f "$file" ] || [ -L "$file" ] || printf 'edit %s %d\t%s\n' "$(git hash-object --no-filters -- "$file")" "$(wc -c <"$file")" "$file"
done >>"$SEEN"
case $WALK in
pre-fail) exit 1 ;;
pre-kill) kill -9 $PPID ;;
pre-lose) git checkout -q -- . ;;
pre-stash) git stash push -q -k; git stash drop -q ;;
pre-format) for file in a.txt b.txt; do [ ! -f $file ] || { echo formatted >>$file; git add $file; }; done ;;
esac
exit 0
END
cat >.git/hooks/commit-msg <<'END'
#!/bin/sh
case $WALK in
msg-fail) exit 1 ;;
msg-kill) kill -9 $PPID; exit 1 ;;
msg-term) kill -TERM $PPID; exit 1 ;;
esac
END
chmod +x .git/hooks/pre-commit .git/hooks/commit-msg"#;

/// The variables of a walk, as a script has to set them; the tests have them from the scratch repository.
pub const VARIABLES: &str = r#"root=$(mktemp -d) && cd "$root" && mkdir home || exit 1
export HOME="$root/home" SEEN="$root/seen" TZ=UTC LC_ALL=C.UTF-8 GIT_EDITOR=true
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
at() { export GIT_BAK_NOW="$1" GIT_AUTHOR_DATE="$1" GIT_COMMITTER_DATE="$1"; }"#;

/// The first second of every walk: 2025-11-06 20:10:45 UTC.
const START: i64 = 1_762_459_845;

/// One step.
#[derive(Debug, Clone)]
pub struct Step {
    /// When it is done, in seconds after the start.
    pub time: i64,
    /// In which working tree.
    pub tree: &'static str,
    /// The shell line, to be run there.
    pub line: String,
    /// It stages something, and Git's post-index-change hook tells.
    pub stages: bool,
}

impl Step {
    /// Its time in RFC 3339.
    pub fn at(&self) -> String {
        chrono::DateTime::from_timestamp(START + self.time, 0).unwrap().to_rfc3339()
    }
}

/// The lines that make a repository of this kind; `guarded`: with git-bak.
pub fn setup(kind: &[&str], guarded: bool) -> String {
    let (environment, config): (Vec<&str>, Vec<&str>) =
        kind.iter().partition(|line| line.starts_with("export"));
    let install = ["git bak install"].into_iter().filter(|_| guarded);
    let lines = environment.into_iter().chain(["git init -q -b main top && cd top", SETUP]);
    lines.chain(config).chain(install).collect::<Vec<_>>().join("\n")
}

/// A repository in a scratch root.
pub struct Ground {
    /// Its surroundings.
    pub scratch: Scratch,
    /// Line ends are others in the working tree.
    pub changes_line_ends: bool,
    /// Edits of more bytes are not protected.
    pub limit: u64,
}

impl Ground {
    /// Makes it, of this kind, with git-bak or without.
    pub fn new(kind: &[&str], guarded: bool) -> Self {
        let mut scratch = Scratch::empty();
        let seen = scratch.root().join("seen");
        scratch.set_env("SEEN", seen);
        let changes_line_ends = kind.iter().any(|line| line.contains("autocrlf"));
        let limit = kind.iter().find_map(|line| line.strip_prefix("git config bak.maxFileSize "));
        let limit = limit.map_or(u64::MAX, |limit| limit.parse().unwrap());
        let ground = Self { scratch, changes_line_ends, limit };
        let first = Step { time: 0, tree: ".", line: setup(kind, guarded), stages: false };
        let ran = ground.run(&first);
        assert_eq!(ran.status, 0, "{ran:#?}");
        ground
    }

    /// Does a step.
    pub fn run(&self, step: &Step) -> Ran {
        let at = step.at();
        // Where there is no such working tree, nothing is done.
        let folder = self.tree(step.tree);
        if step.tree != "." && !folder.join(".git").exists() {
            return Ran { status: 0, stdout: String::new(), stderr: String::new() };
        }
        let mut command = self.scratch.at(folder).command("sh");
        for key in ["GIT_BAK_NOW", "GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"] {
            command.env(key, &at);
        }
        Ran::of(&command.args(["-c", &step.line]).output().unwrap())
    }

    /// Where a working tree is.
    pub fn tree(&self, name: &str) -> PathBuf {
        self.scratch.root().join(name)
    }

    /// The working trees that are there now.
    pub fn trees(&self) -> Vec<&'static str> {
        TREES.into_iter().filter(|name| self.tree(name).join(".git").exists()).collect()
    }

    /// Git in a working tree.
    pub fn at(&self, tree: &str) -> Other<'_> {
        self.scratch.at(self.tree(tree))
    }

    /// What Git prints in a working tree; nothing if it fails, or if there is none.
    pub fn ask<const N: usize>(&self, tree: &str, args: [&str; N]) -> String {
        if !self.tree(tree).is_dir() {
            return String::new();
        }
        self.at(tree).try_git(args).stdout
    }
}
