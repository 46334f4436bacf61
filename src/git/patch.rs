//! Patches, as `git apply` reads them: unified diffs, Git's own with renames, modes and binary parts, and
//! the mails that `git format-patch` writes, several in one file too. Git reads and applies them; whatever
//! it is told by the user's settings (`apply.whitespace`), it takes a patch as it is.

use anyhow::{Result, bail};

use super::command::{Finished, Git};
use crate::model::names::quote::quote;
use crate::model::names::repo_path::RepoPath;
use crate::model::patch_text::{leads_into_git_dir, line_naming};

#[derive(Debug, Clone)]
pub struct Patch {
    /// How it is called in messages: its file, or standard input.
    pub name: String,
    pub bytes: Vec<u8>,
}

const APPLY: [&str; 4] = ["apply", "-p1", "--whitespace=nowarn", "--no-ignore-whitespace"];

impl Patch {
    /// The paths that it changes, makes or removes, in the order of their names; an error names the line
    /// of what is no patch, or leads where nothing may be written.
    pub fn paths(&self, git: &Git) -> Result<Vec<RepoPath>> {
        // A rename has its new name here, and its old one in the other direction.
        let mut found = Vec::new();
        for direction in [None, Some("--reverse")] {
            let args = ["apply", "-p1", "--numstat", "-z"].into_iter().chain(direction);
            let finished = git.clone().with_env("LC_ALL", "C").feed(args, self.bytes.clone())?;
            if finished.status != Some(0) {
                bail!("{}: {}", self.name, no_patch(&finished));
            }
            for record in finished.stdout.split(|&byte| byte == 0).filter(|r| !r.is_empty()) {
                // <added> TAB <removed> TAB <path>
                let path = record.splitn(3, |&byte| byte == b'\t').nth(2).unwrap_or_default();
                found.push(self.checked(path)?);
            }
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// The name of its file, without folders.
    pub fn title(&self) -> &str {
        self.name.rsplit(['/', '\\']).next().unwrap_or(&self.name)
    }

    fn checked(&self, path: &[u8]) -> Result<RepoPath> {
        if leads_into_git_dir(path) {
            bail!("{}: it leads into a Git directory", self.at(path));
        }
        match RepoPath::from_bytes(path.to_vec()) {
            Ok(path) => Ok(path),
            Err(_) => bail!("{}: it leads out of the working tree", self.at(path)),
        }
    }

    /// `path`, and where the patch names it.
    pub fn at(&self, path: &[u8]) -> String {
        let line = line_naming(&self.bytes, path).map_or(String::new(), |n| format!(", line {n}"));
        format!("{}{line}: {}", self.name, quote(path, false))
    }

    /// Applies it to the files in the working tree of `git`; the index is not looked at.
    pub fn apply(&self, git: &Git) -> Result<()> {
        let args = APPLY;
        if git.feed(args, self.bytes.clone())?.status == Some(0) {
            return Ok(());
        }
        // Once more, for the reason in words that can be read here; nothing was changed.
        let args = args.into_iter().chain(["--check"]);
        let finished = git.clone().with_env("LC_ALL", "C").feed(args, self.bytes.clone())?;
        bail!("{}: {}", self.name, why_not(&finished));
    }
}

/// Git's words on what is no patch.
fn no_patch(finished: &Finished) -> String {
    let first = finished.messages().into_iter().next().unwrap_or_else(|| finished.reason());
    if first.contains("No valid patches in input") {
        return "there is no patch in it".to_owned();
    }
    // Git 2.55 names the stream before the line.
    first.replace(" with \"--allow-empty\"", "").replace(" at <stdin>:", " at line ")
}

/// Git's words on a patch that does not apply, the file and the line first.
fn why_not(finished: &Finished) -> String {
    let messages = finished.messages();
    let failed = messages.iter().find_map(|line| line.strip_prefix("patch failed: "));
    if let Some((file, line)) = failed.and_then(|place| place.rsplit_once(':')) {
        return format!("{file}: it does not apply at line {line}: the file has changed since");
    }
    let first = messages.first().cloned().unwrap_or_else(|| finished.reason());
    match first.strip_suffix(": No such file or directory") {
        Some(file) => format!("{file}: there is no such file"),
        None => first,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(text: &str) -> Patch {
        Patch { name: "p".into(), bytes: text.as_bytes().to_vec() }
    }

    fn error(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        patch(text).paths(&Git::new(folder.path())).unwrap_err().to_string()
    }

    #[test]
    fn both_names_of_a_rename_are_its_paths() {
        let folder = tempfile::tempdir().unwrap();
        let text =
            "diff --git a/old b/new\nsimilarity index 100%\nrename from old\nrename to new\n";
        let paths = patch(text).paths(&Git::new(folder.path())).unwrap();
        let paths: Vec<&[u8]> = paths.iter().map(RepoPath::as_bytes).collect();
        assert_eq!(paths, [b"new", b"old"]);
    }

    #[test]
    fn what_is_no_patch_is_said_to_be_none() {
        assert_eq!(error("hello\n"), "p: there is no patch in it");
        assert_eq!(error(""), "p: there is no patch in it");
        let cut = "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n";
        assert!(error(cut).starts_with("p: corrupt patch at"), "{}", error(cut));
    }

    #[test]
    fn a_path_that_leads_astray_is_refused_with_its_line() {
        let of = |path: &str| format!("\n--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-a\n+b\n");
        assert_eq!(error(&of("../x")), "p, line 2: ../x: it leads out of the working tree");
        assert_eq!(error(&of(".GIT/x")), "p, line 2: .GIT/x: it leads into a Git directory");
        assert!(error(&of("a/git~1/x")).ends_with("it leads into a Git directory"));
    }
}
