//! A working tree of some format, wherever it is, in the surroundings of a scratch repository.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::scratch::{BAK, Ran, Scratch, script};

/// The file that everything is done to: executable, and in a folder, with a blank in its name.
pub const FILE: &str = "dir/a file.bin";
/// A file beside it.
pub const OTHER: &str = "b.txt";
/// A file that a sparse checkout leaves out.
pub const FAR: &str = "out/far.txt";

/// What `FILE` holds in the first commit: no text in any encoding.
pub const FIRST: &[u8] = b"first\0\xff\xfe\r\n\n\x80 one";

/// A working tree with git-bak installed and at least one commit.
pub struct Place {
    pub scratch: Scratch,
    pub top: PathBuf,
    /// What commands are run under, if not under the umask of the tests.
    pub umask: Option<&'static str>,
    /// Whether it is what it was made to be: what Git does to it may have changed that.
    pub is_still: fn(&Place) -> bool,
}

impl Place {
    /// A place for a repository that a format makes of it.
    pub fn new(scratch: Scratch, top: impl Into<PathBuf>, is_still: fn(&Self) -> bool) -> Self {
        Self { scratch, top: top.into(), umask: None, is_still }
    }

    /// Runs Git; it must succeed.
    pub fn git<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ran {
        self.try_git(args).expect_success()
    }

    /// Runs Git, however it ends.
    pub fn try_git<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ran {
        self.run("git", args)
    }

    /// Runs `git-bak`; it must succeed.
    pub fn bak<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ran {
        self.run(BAK, args).expect_success()
    }

    fn run<S: AsRef<OsStr>>(&self, program: &str, args: impl IntoIterator<Item = S>) -> Ran {
        let here = self.scratch.at(&self.top);
        let output = match self.umask {
            None => here.command(program).args(args).output(),
            Some(umask) => {
                let mut shell = here.command("sh");
                shell.args(["-c", "umask \"$0\" && exec \"$@\"", umask, program]);
                shell.args(args).output()
            }
        };
        Ran::of(&output.unwrap())
    }

    /// A path in the Git directories, as `git rev-parse --git-path` has it.
    pub fn git_path(&self, name: &str) -> PathBuf {
        self.top.join(self.git(["rev-parse", "--git-path", name]).stdout.trim_end())
    }

    /// A file's place.
    pub fn at(&self, path: &str) -> PathBuf {
        self.top.join(path)
    }

    /// Writes a file, and the folders on the way.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        fs::write(self.at(path), bytes).unwrap();
    }

    /// A file's bytes.
    pub fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.at(path)).unwrap()
    }

    /// The names of the backups of `path`, in order.
    pub fn backups(&self, path: &str) -> Vec<String> {
        let file = self.at(path);
        let begin = format!("{}.bak.", file.file_name().unwrap().to_string_lossy());
        let entries = fs::read_dir(file.parent().unwrap()).into_iter().flatten();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name.starts_with(&begin)).collect();
        names.sort();
        names
    }

    /// The bytes of the backups of `path`, in the order of their names.
    pub fn backup_bytes(&self, path: &str) -> Vec<Vec<u8>> {
        let folder = self.at(path).parent().unwrap().to_owned();
        self.backups(path).iter().map(|name| fs::read(folder.join(name)).unwrap()).collect()
    }

    /// The blob id of bytes as they are.
    pub fn blob_id(&self, bytes: &[u8]) -> String {
        let file = self.scratch.root().join("to-hash");
        fs::write(&file, bytes).unwrap();
        let ran = self.git([OsStr::new("hash-object"), "--no-filters".as_ref(), file.as_ref()]);
        ran.stdout.trim_end().to_owned()
    }

    /// Whether the vault has a version of `path` with these bytes, and Git can read it.
    pub fn vault_has(&self, path: &str, bytes: &[u8]) -> bool {
        let id = self.blob_id(bytes);
        let lines = self.scratch.at(&self.top).record();
        let files = lines.iter().filter_map(|line| line["files"].as_array()).flatten();
        let named = { files }.any(|file| file["path"] == path && file["id"] == *id);
        let vault = format!("--git-dir={}", self.bak_dir().join("vault.git").display());
        let mut command = self.scratch.at(&self.top).command("git");
        let args = ["--no-replace-objects", &vault, "cat-file", "blob", &id];
        named && command.args(args).output().unwrap().stdout == bytes
    }

    /// `bak/` in the common Git directory.
    pub fn bak_dir(&self) -> PathBuf {
        let args = ["rev-parse", "--path-format=absolute", "--git-common-dir"];
        Path::new(self.git(args).stdout.trim_end()).join("bak")
    }

    /// Has every commit refused after pre-commit, so that backups stay; or no longer.
    pub fn refuse(&self, refuse: bool) {
        let hook = self.git_path("hooks").join("commit-msg");
        if refuse { script(&hook, "exit 1") } else { fs::remove_file(hook).unwrap() }
    }

    /// Stages these bytes as `FILE` and has the commit refused.
    pub fn stage_and_fail(&self, bytes: impl AsRef<[u8]>) -> Ran {
        self.write(FILE, bytes);
        self.git(["add", "--", FILE]);
        self.refused_commit()
    }

    /// A commit that is refused; git-bak has nothing to complain of.
    pub fn refused_commit(&self) -> Ran {
        let ran = self.try_git(["commit", "-qm", "refused"]);
        assert_eq!(ran.status, 1, "{ran:#?}");
        assert_calm(&ran);
        ran
    }
}

/// git-bak said of nothing that it could not be done.
pub fn assert_calm(ran: &Ran) {
    for word in ["✗", "!", "not protected", "vault only", "panicked", "can't", "fatal", "error"] {
        assert!(!ran.stderr.contains(word), "'{word}': {ran:#?}");
    }
}

/// The permissions of a file or folder, with the bit that hands on its group.
pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}
