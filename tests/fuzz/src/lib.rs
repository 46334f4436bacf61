//! What the fuzz targets share: a repository in memory, and what may be printed.

use std::path::{Path, PathBuf};
use std::process::Command;

use git_bak::git::repository::Repository;
use git_bak::model::now::Now;
use git_bak::model::settings::Settings;
use git_bak::backups::Store;
use tempfile::TempDir;

/// A repository of its own, below a folder in which nothing else is.
pub struct Scratch {
    around: TempDir,
}

impl Scratch {
    /// An empty one, in memory where the system has a file system there. Nothing of the machine's own
    /// configuration counts.
    pub fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let around = tempfile::Builder::new().prefix("git-bak-fuzz-").tempdir_in(place).unwrap();
        // Before the first thread of this process.
        for (key, value) in [
            ("HOME", around.path().as_os_str()),
            ("GIT_CONFIG_NOSYSTEM", "1".as_ref()),
            ("GIT_CONFIG_GLOBAL", "/dev/null".as_ref()),
            ("LC_ALL", "C.UTF-8".as_ref()),
        ] {
            // SAFETY: nothing else of this process reads or writes the environment now.
            unsafe { std::env::set_var(key, value) };
        }
        let scratch = Self { around };
        scratch.git(&["init", "-q", "-b", "main", scratch.top().to_str().unwrap()], Path::new("/"));
        scratch
    }

    /// The folder around it.
    pub fn around(&self) -> &Path {
        self.around.path()
    }

    /// The top of its working tree.
    pub fn top(&self) -> PathBuf {
        self.around.path().join("repo")
    }

    /// Runs Git there; it must succeed.
    pub fn git(&self, args: &[&str], cwd: &Path) {
        assert!(Command::new("git").args(args).current_dir(cwd).status().unwrap().success());
    }

    /// Its places.
    pub fn repository(&self) -> Repository {
        Repository::discover(&self.top()).unwrap()
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

/// The time of everything: 2025-11-06 20:10:45 UTC.
pub fn now() -> Now {
    "2025-11-06T20:10:45Z".parse().unwrap()
}

/// A store with the default settings.
pub fn store(repository: &Repository) -> Store {
    Store::open(repository.clone(), Settings::default(), now()).unwrap()
}

/// What is printed has nothing in it that a terminal obeys, but for the ends of lines.
pub fn is_printable(text: &str) {
    let obeyed = text.chars().find(|&character| character.is_control() && character != '\n');
    assert_eq!(obeyed, None, "{text:?}");
}
