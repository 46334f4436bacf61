//! Refs: the vault's own, and HEAD.
//!
//! Refs kept as files are read and written as such (`ref_files`); a repository that keeps them otherwise
//! (reftable) is asked and told through Git's plumbing. Which of the two, nobody above knows.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::command::Git;
use super::objects::Oid;
use super::ref_files::RefFiles;
use super::repository::{ObjectFormat, Repository};
use crate::model::sharing::Sharing;
use crate::os::sharing::adjust_folder;

/// A repository's refs.
pub struct Refs {
    files: Option<RefFiles>,
    git: Git,
    format: ObjectFormat,
    common_dir: PathBuf,
    sharing: Sharing,
}

/// How a compare-and-swap ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swap {
    /// The ref names the new object.
    Done,
    /// Somebody else moved it first: read it again.
    Changed,
    /// Somebody holds its lock: try again.
    Locked,
}

impl Refs {
    /// The refs of `repository`.
    pub fn open(repository: &Repository) -> Self {
        let files = repository.refs_are_files.then(|| RefFiles {
            git_dir: repository.git_dir.clone(),
            common_dir: repository.common_dir.clone(),
            format: repository.format,
        });
        Self {
            files,
            git: repository.git(),
            format: repository.format,
            common_dir: repository.common_dir.clone(),
            sharing: repository.sharing,
        }
    }

    /// The object a ref names; `None` if there is no such ref.
    pub fn read(&self, name: &str) -> Result<Option<Oid>> {
        match &self.files {
            Some(files) => files.read(name),
            None => self.ask(name),
        }
    }

    /// Moves a ref from `old` (`None`: it must not exist) to `new`, or leaves it alone.
    pub fn swap(&self, name: &str, old: Option<Oid>, new: Oid) -> Result<Swap> {
        let swapped = match &self.files {
            Some(files) => files.swap(name, old, new),
            None => self.tell(name, old, new),
        };
        self.forget_reflog(name);
        if let Some(folder) = self.common_dir.join(name).parent() {
            adjust_folder(folder, self.sharing);
        }
        swapped
    }

    /// The commit that HEAD names; `None` before the first one.
    pub fn head(&self) -> Result<Option<Oid>> {
        self.read("HEAD")
    }

    /// The branch that HEAD names (`refs/heads/…`), born or not; `None` if it names a commit itself.
    pub fn branch(&self) -> Result<Option<String>> {
        let file = self.files.as_ref().map(|files| files.git_dir.join("HEAD"));
        if let Some(text) = file.and_then(|file| std::fs::read_to_string(file).ok()) {
            return Ok(text.strip_prefix("ref:").map(|name| name.trim().to_owned()));
        }
        let answer = self.git.start(["symbolic-ref", "--quiet", "HEAD"])?.finish()?;
        match answer.status {
            Some(0) => Ok(Some(String::from_utf8_lossy(answer.stdout.trim_ascii()).into_owned())),
            Some(1) => Ok(None),
            _ => bail!("HEAD can't be read: {}", answer.reason()),
        }
    }

    /// The trees that refs other than `but` name themselves, or by a tag. Asks Git.
    pub fn named(&self, but: &str) -> Result<Vec<Oid>> {
        let format =
            "--format=%(objecttype) %(objectname) %(*objecttype) %(*objectname) %(refname)";
        let listed = self.git.output(["for-each-ref", format])?;
        let mut named = Vec::new();
        for line in listed.split(|&byte| byte == b'\n') {
            let line = String::from_utf8_lossy(line);
            let words: Vec<&str> = line.split(' ').collect();
            let hex = match words[..] {
                [.., name] if name == but => None,
                ["tree", hex, ..] | ["tag", _, "tree", hex, ..] => Some(hex),
                _ => None,
            };
            named.extend(hex.map(|hex| Oid::from_str_ext(hex, self.format.of_git2())).transpose()?);
        }
        Ok(named)
    }

    /// With `core.logAllRefUpdates=always` a reflog would keep what has expired.
    fn forget_reflog(&self, name: &str) {
        let _ = std::fs::remove_file(self.common_dir.join("logs").join(name));
    }

    fn ask(&self, name: &str) -> Result<Option<Oid>> {
        let args = ["rev-parse", "--verify", "--quiet", "--end-of-options", name];
        let answer = self.git.start(args)?.finish()?;
        match answer.status {
            Some(0) => {
                let hex = String::from_utf8_lossy(answer.stdout.trim_ascii()).into_owned();
                Oid::from_str_ext(&hex, self.format.of_git2()).map(Some).context("not an object id")
            }
            Some(1) => Ok(None),
            _ => bail!("{name} can't be read: {}", answer.reason()),
        }
    }

    fn tell(&self, name: &str, old: Option<Oid>, new: Oid) -> Result<Swap> {
        let zero = "0".repeat(new.to_string().len());
        let old = old.map_or(zero, |id| id.to_string());
        let new = new.to_string();
        let args =
            ["-c", "core.logAllRefUpdates=false", "update-ref", "--no-deref", name, &new, &old];
        let answer = self.git.start(args)?.finish()?;
        let reason = answer.reason();
        match answer.status {
            Some(0) => Ok(Swap::Done),
            _ if ["but expected", "already exists", "unable to resolve"]
                .iter()
                .any(|word| reason.contains(word)) =>
            {
                Ok(Swap::Changed)
            }
            _ if reason.contains("lock") => Ok(Swap::Locked),
            _ => bail!("{name} can't be written: {reason}"),
        }
    }
}
