//! What must be the same in a repository with git-bak and in one without: every file of the working
//! tree and of the Git directory, refs, reflogs, settings and messages among them, and what is in the
//! index. The ids in the refs say all about the history: the same commit has the same id in both.
//!
//! Left out is what git-bak has promised to write (its folder, its hooks, the guard, the ignore block), and what no two
//! repositories share: object files, and the bytes of an index
//! (`DIRC…`), for it says when a file was last written. What is in the index Git tells.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::scratch::Scratch;

/// What is in a file, or what stands there instead of one.
pub type Files = BTreeMap<PathBuf, String>;

/// The working trees of the repository, and those of other repositories beside it.
pub fn tops(scratch: &Scratch) -> Vec<PathBuf> {
    let beside = std::fs::read_dir(scratch.root()).unwrap().map(|entry| entry.unwrap().path());
    let mut tops: Vec<PathBuf> = beside.filter(|path| path.join(".git").exists()).collect();
    tops.sort();
    tops
}

/// What Git says of the index of one working tree, and of its files.
pub fn told(scratch: &Scratch, top: &Path) -> String {
    let index = scratch.at(top).try_git(["ls-files", "-v", "--stage"]);
    let status = scratch.at(top).try_git(["status", "--porcelain=v2", "--branch", "-uall"]);
    neutral(scratch, &(index.stdout + &status.stdout))
}

/// Every file of one working tree and of its Git directory.
pub fn files(scratch: &Scratch, top: &Path) -> Files {
    let mut files = Files::new();
    collect(scratch, top, top, &mut files);
    files
}

/// The two repositories are in different places.
pub fn neutral(scratch: &Scratch, text: &str) -> String {
    let root = scratch.root().to_string_lossy().into_owned();
    let text = text.replace(&root, "ROOT");
    if !cfg!(windows) {
        return text;
    }
    // As Git has it, and as a Git from Linux has it.
    let slashes = root.replace('\\', "/");
    text.replace(&slashes, "ROOT").replace(&slashes[2..], "ROOT")
}

fn collect(scratch: &Scratch, top: &Path, folder: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let at = path.strip_prefix(top).unwrap().to_owned();
        if is_left_out(&at) {
            continue;
        }
        let meta = path.symlink_metadata().unwrap();
        if meta.is_dir() {
            collect(scratch, top, &path, files);
        } else if meta.is_symlink() {
            files.insert(at, format!("-> {}", path.read_link().unwrap().display()));
        } else if !meta.is_file() {
            // A pipe would be waited for.
            files.insert(at, "no file".to_owned());
        } else {
            let bytes = std::fs::read(&path).unwrap();
            if !bytes.starts_with(b"DIRC") {
                let text = neutral(scratch, &String::from_utf8_lossy(&bytes));
                let text = if at.ends_with("config") { unguarded(&text) } else { text };
                files.insert(at, format!("{}{text}", mode(&meta)));
            }
        }
    }
}

/// Settings without the guard's and those that stand between our marks.
fn unguarded(text: &str) -> String {
    const END: &str = "# <<< git-bak\n";
    let marked = text.split_once("# >>> git-bak: ");
    let marked = marked.and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let text = marked.map_or_else(|| text.to_owned(), |(before, after)| before.to_owned() + after);
    text.split_inclusive('\n').filter(|line| !line.starts_with("\tfsmonitor")).collect()
}

fn is_left_out(at: &Path) -> bool {
    let name = at.file_name().unwrap().to_string_lossy();
    if !at.iter().any(|part| part == ".git") {
        return name.contains(".bak.2025");
    }
    ["objects", "hooks", "bak"].contains(&&*name) || at.ends_with("info/exclude")
}

#[cfg(unix)]
fn mode(meta: &std::fs::Metadata) -> String {
    use std::os::unix::fs::PermissionsExt;
    format!("{:o}\n", meta.permissions().mode())
}

#[cfg(not(unix))]
fn mode(_meta: &std::fs::Metadata) -> String {
    String::new()
}
