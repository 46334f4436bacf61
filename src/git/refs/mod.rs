//! Refs: HEAD and the branch that it names.
//!
//! - `files`: refs that are kept as files.
//!
//! Refs kept as files are read as such (`ref_files`); a repository that keeps them otherwise
//! (reftable) is asked through Git's plumbing. Callers don't know which.

mod files;

use anyhow::{Context, Result, bail};

use super::command::Git;
use super::object_format::ObjectFormat;
use super::objects::Oid;
use super::repository::Repository;
use crate::git::refs::files::RefFiles;

pub struct Refs {
    files: Option<RefFiles>,
    git: Git,
    format: ObjectFormat,
}

impl Refs {
    /// The refs of `repository`.
    pub fn open(repository: &Repository) -> Self {
        let files = repository.refs_are_files.then(|| RefFiles {
            git_dir: repository.git_dir.clone(),
            common_dir: repository.common_dir.clone(),
            format: repository.format,
        });
        Self { files, git: repository.git(), format: repository.format }
    }

    /// The object a ref names; `None` if there is no such ref.
    pub fn read(&self, name: &str) -> Result<Option<Oid>> {
        match &self.files {
            Some(files) => files.read(name),
            None => self.ask(name),
        }
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
}
