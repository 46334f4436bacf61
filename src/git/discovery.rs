//! The repository that a command is about, which may be run from anywhere in it.
//!
//! Git finds it and refuses one of another owner, but that costs a child process, the longer half of what a
//! small command takes. The plain case is found here, by Git's own rules (setup.c,
//! `setup_git_directory_gently`): a real folder `.git` at or above the current directory, on the same file
//! system, both ours, and nothing in the environment or in its config file that could lead elsewhere. Git is
//! asked about everything else, and says what is wrong with it.

use std::path::Path;

use anyhow::{Result, bail};

use super::command::Git;
use super::repository::Repository;
#[cfg(unix)]
use super::repository::{is_git_dir, mentions, setting};
use crate::os::platform;

impl Repository {
    /// The repository that a command run in `cwd` is about; an error if it is in none.
    pub fn discover(cwd: &Path) -> Result<Self> {
        #[cfg(unix)]
        if let Some(repository) = plain(cwd) {
            return Ok(repository);
        }
        ask(cwd)
    }
}

/// What leads Git elsewhere (git(1), "The Git Repository"), or says what it may not trust.
#[cfg(unix)]
const LEADING: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_CEILING_DIRECTORIES",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_TEST_ASSUME_DIFFERENT_OWNER",
];

/// The plain case; `None` if only Git can tell.
#[cfg(unix)]
fn plain(cwd: &Path) -> Option<Repository> {
    use std::os::unix::fs::MetadataExt;

    if LEADING.iter().any(|name| std::env::var_os(name).is_some()) {
        return None;
    }
    let device = cwd.metadata().ok()?.dev();
    for top in cwd.ancestors() {
        let git_dir = top.join(".git");
        let Ok(found) = git_dir.symlink_metadata() else {
            if is_git_dir(top) {
                return None;
            }
            continue;
        };
        let around = top.metadata().ok()?;
        let us = rustix::process::geteuid().as_raw();
        let is_plain = found.is_dir()
            && is_git_dir(&git_dir)
            && is_head(&git_dir.join("HEAD"))
            && [found.dev(), around.dev()] == [device; 2]
            && [found.uid(), around.uid()] == [us; 2]
            && leads_nowhere(&git_dir.join("config"));
        return is_plain.then(|| Repository::from_parts(top.to_owned(), git_dir).ok()).flatten();
    }
    None
}

/// Whether a file is a HEAD to Git: a branch or a commit (path.c, `validate_headref`).
#[cfg(unix)]
fn is_head(file: &Path) -> bool {
    let Ok(text) = std::fs::read(file) else { return false };
    match text.strip_prefix(b"ref:") {
        Some(branch) => branch.trim_ascii_start().starts_with(b"refs/"),
        None => text.get(..40).is_some_and(|id| id.iter().all(u8::is_ascii_hexdigit)),
    }
}

/// Whether nothing in this config file says where the working tree is, or takes a newer Git to read.
#[cfg(unix)]
fn leads_nowhere(config: &Path) -> bool {
    let Ok(text) = std::fs::read(config) else { return false };
    let is_plain = || setting(config, &text, "core.bare").as_deref() == Some("false");
    !mentions(&text, "worktree")
        && !mentions(&text, "extensions")
        && (!mentions(&text, "bare") || is_plain())
}

fn ask(cwd: &Path) -> Result<Repository> {
    let args = ["rev-parse", "--show-toplevel", "--absolute-git-dir"];
    let answer = Git::new(cwd).start(args)?.finish()?;
    if answer.status != Some(0) {
        // Another line follows it where the search ended at a mount point.
        let mut said = answer.messages().into_iter();
        let outside = said.find(|line| line.contains("not a git repository"));
        let reason = outside.unwrap_or_else(|| answer.reason());
        let inside = Git::new(cwd).output(["rev-parse", "--is-inside-git-dir"]);
        if inside.is_ok_and(|out| out.starts_with(b"true")) {
            bail!(
                "this is a Git directory, not a working tree: go to the folder your files are in"
            );
        }
        bail!("{}: {}", cwd.display(), reason.trim_start_matches("fatal: "));
    }
    let text = answer.stdout.strip_suffix(b"\n").unwrap_or(&answer.stdout);
    // A path may have a line feed in it: the two are parted where both halves are folders.
    let line_feeds = (0..text.len()).filter(|&at| text[at] == b'\n');
    let mut halves = line_feeds
        .map(|at| (&text[..at], &text[at + 1..]))
        .map(|(top, dir)| (platform::place_from_bytes(top), platform::place_from_bytes(dir)));
    let Some((top, git_dir)) = halves.find(|(top, dir)| top.is_dir() && dir.is_dir()) else {
        bail!("git rev-parse gave no answer that can be read");
    };
    Repository::from_parts(top, git_dir)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;
    use std::process::Command;

    use super::*;

    fn git(dir: &Path, args: &[&str]) {
        let mut git = Command::new("git");
        git.args(args).current_dir(dir).env("GIT_CONFIG_GLOBAL", "/dev/null");
        assert!(git.output().unwrap().status.success(), "{args:?}");
    }

    /// A repository with a folder in it; its real path, as Git says it.
    fn repository() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let top = fs::canonicalize(dir.path()).unwrap().join("top");
        fs::create_dir_all(top.join("folder/inside")).unwrap();
        git(&top, &["init", "-q"]);
        (dir, top)
    }

    #[test]
    fn a_plain_one_is_found_where_git_finds_it() {
        let (_dir, top) = repository();
        for cwd in [top.clone(), top.join("folder"), top.join("folder/inside")] {
            let (ours, gits) = (plain(&cwd).unwrap(), ask(&cwd).unwrap());
            assert_eq!((ours.top, ours.git_dir), (gits.top, gits.git_dir));
        }
    }

    #[test]
    fn git_is_asked_where_something_leads_elsewhere() {
        let leading: [&[&str]; 4] = [
            &["config", "core.worktree", "folder"],
            &["config", "core.bare", "true"],
            &["config", "extensions.worktreeConfig", "true"],
            &["init", "-q", "--separate-git-dir=../elsewhere"],
        ];
        for args in leading {
            let (_dir, top) = repository();
            assert!(plain(&top).is_some());
            git(&top, args);
            assert!(plain(&top).is_none(), "{args:?}");
        }
        let (_dir, top) = repository();
        assert!(plain(&top.join(".git/objects")).is_none());
        fs::rename(top.join(".git"), top.join("../moved")).unwrap();
        assert!(plain(&top).is_none());
        symlink("../moved", top.join(".git")).unwrap();
        assert!(plain(&top).is_none());
    }

    #[test]
    fn a_folder_that_only_looks_like_one_is_left_to_git() {
        let (_dir, top) = repository();
        fs::create_dir(top.join("folder/.git")).unwrap();
        assert!(plain(&top.join("folder/inside")).is_none());
        assert_eq!(Repository::discover(&top.join("folder/inside")).unwrap().top, top);
    }
}
