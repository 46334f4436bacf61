//! Files of which the vault holds only the clean form: what an encrypting filter makes of them.
//!
//! The bytes of such a file must not be under the Git directory, not even as a hash that a guess could be checked
//! against. Order of steps, and why it is safe:
//! 1. only where a filter driver other than LFS's is set up is Git asked for attributes, once for all files;
//! 2. Git itself makes the clean form, in a folder of its own (`bak/clean-…`, which goes with the process): in there
//!    is nothing but what the filter has made;
//! 3. from there it is linked into `bak/new`. What Git's own database has is linked from that.
//!
//! A filter that fails ends it: the file is named as not protected, rather than kept as it is. The way back is Git's
//! own, too (`smudge`); without the key there is none, and the file stays as it is.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::Seek;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use tempfile::TempDir;

use crate::git::objects::{Objects, Oid};
use crate::git::repository::Repository;
use crate::git::worktree::filtered;
use crate::git::worktree::filtered::{Attributes, BakAttribute, FilterInput};
use crate::model::names::repo_path::RepoPath;
use crate::model::settings::encrypting::encrypts;
use crate::os::private;
use crate::vault::Vault;

/// The clean forms of a repository's files.
pub struct CleanForms {
    repository: Repository,
    /// The filter drivers that are set up, LFS's apart.
    drivers: Vec<Vec<u8>>,
    /// Of each file that was asked about, the driver that encrypts it.
    asked: RefCell<HashMap<RepoPath, Option<Vec<u8>>>>,
    made: OnceCell<(TempDir, Objects)>,
}

impl CleanForms {
    pub fn of(repository: &Repository, drivers: &[Vec<u8>]) -> Self {
        let (asked, made) = Default::default();
        Self { repository: repository.clone(), drivers: drivers.to_vec(), asked, made }
    }

    /// Asks Git about all of these at once.
    pub fn ask<'a>(&self, paths: impl IntoIterator<Item = &'a RepoPath>) {
        if self.drivers.is_empty() {
            return;
        }
        let paths: BTreeSet<&RepoPath> = paths.into_iter().collect();
        let known = |path: &&RepoPath| self.asked.borrow().contains_key(*path);
        let unknown: Vec<&RepoPath> = paths.into_iter().filter(|path| !known(path)).collect();
        if unknown.is_empty() {
            return;
        }
        let mut found = filtered::attributes(&self.repository.git(), &unknown).ok();
        for path in unknown {
            let driver = match &mut found {
                Some(found) => self.encrypting(found.remove(path).unwrap_or_default()),
                // Unknown: the form that Git makes of it is right for any file.
                None => Some(b"?".to_vec()),
            };
            self.asked.borrow_mut().insert(path.clone(), driver);
        }
    }

    /// The driver, if it is set up and encrypts. One that isn't set up changes nothing.
    fn encrypting(&self, attributes: Attributes) -> Option<Vec<u8>> {
        let driver = attributes.filter.filter(|driver| self.drivers.contains(driver))?;
        (attributes.bak == BakAttribute::Clean || encrypts(&driver)).then_some(driver)
    }

    fn driver(&self, path: &RepoPath) -> Option<Vec<u8>> {
        self.ask([path]);
        self.asked.borrow().get(path).cloned().flatten()
    }

    /// Whether the vault holds only the clean form of this file.
    pub fn is_for(&self, path: &RepoPath) -> bool {
        self.driver(path).is_some()
    }

    /// The id of a file's clean form, if that is what the vault holds of it; else of the bytes themselves.
    pub fn id_of(&self, objects: &Objects, path: &RepoPath, bytes: &[u8]) -> Result<Oid> {
        match self.driver(path) {
            Some(driver) => self.make(&driver, path, FilterInput::Bytes(bytes.to_vec())),
            None => objects.hash(bytes),
        }
    }

    /// The same of an open file, from its start, of so many bytes: `own` is the id of its bytes.
    pub fn id_of_file(&self, own: Oid, path: &RepoPath, file: &File) -> Result<Oid> {
        let Some(driver) = self.driver(path) else { return Ok(own) };
        let mut file = file.try_clone()?;
        file.rewind()?;
        self.make(&driver, path, FilterInput::File(file))
    }

    fn make(&self, driver: &[u8], path: &RepoPath, input: FilterInput) -> Result<Oid> {
        let (folder, objects) = self.made()?;
        let places = (folder.path(), &[self.repository.objects_dir.as_path()][..]);
        let git = self.repository.git();
        let hex = private::unshared(|| filtered::clean(&git, driver, path, input, places))?;
        objects.parse(&hex)
    }

    fn made(&self) -> Result<&(TempDir, Objects)> {
        if self.made.get().is_none() {
            let folder = private::scratch(&self.repository.own_bak_dir(), "clean")?;
            let objects = Objects::in_dir(&self.repository, folder.path().to_owned());
            let _ = self.made.set((folder, objects));
        }
        self.made.get().context("no place for what a filter makes")
    }

    /// How many bytes a clean form has: one that was made here, or Git's own.
    pub fn size(&self, objects: &Objects, id: Oid) -> Result<u64> {
        let made = self.made.get().and_then(|(_, made)| made.blob_size(id).ok());
        made.map_or_else(|| objects.blob_size(id), Ok)
    }

    /// Has the vault keep a clean form that Git has, or that was made here.
    pub fn keep(&self, vault: &Vault, objects: &Objects, id: Oid) -> Result<()> {
        if let Some((_, made)) = self.made.get().filter(|(_, made)| made.is_loose(id)) {
            return vault.keep_of_git(made, id);
        }
        vault.keep_of_git(objects, id)
    }

    /// What Git would write out for a file of the clean form `id`, which the vault has.
    pub fn plain(&self, vault: &Vault, path: &RepoPath, id: Oid) -> Result<Vec<u8>> {
        let driver = self.driver_of_attributes(path)?;
        let lent: [PathBuf; 2] = [vault.new_dir(), vault.git_dir().join("objects")];
        let lent = [lent[0].as_path(), lent[1].as_path()];
        let git = self.repository.git();
        private::unshared(|| filtered::smudge(&git, &driver, path, &id.to_string(), &lent))
    }

    fn driver_of_attributes(&self, path: &RepoPath) -> Result<Vec<u8>> {
        let shown = crate::model::names::quote::quote(path.as_bytes(), false);
        let attributes = filtered::attributes(&self.repository.git(), &[path])?;
        let Some(driver) = attributes.into_values().find_map(|it| it.filter) else {
            bail!("{shown}: it is stored as the output of a filter that is not set up now");
        };
        if !self.drivers.contains(&driver) {
            let driver = String::from_utf8_lossy(&driver).into_owned();
            return Err(anyhow!(
                "{shown}: it is kept encrypted, and the filter '{driver}' is not set up here: unlock it first"
            ));
        }
        Ok(driver)
    }
}
