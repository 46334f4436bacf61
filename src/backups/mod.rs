//! What is kept, and where: backup files beside the originals or elsewhere, what becomes of both.
//!
//! - `location`: where each backup goes; `ignore_block`: the lines by which Git ignores them; `clean_forms`: files that only their
//!   filter's output may represent;
//! - `files` and `outstanding`: finding and reading them; `versions`: what can be restored, and what of it is uncommitted;
//! - `restore` and `place`: writing a version into the working tree;
//! - `receipt`: the only way to unlink a backup; `retention` and `clean_up`, which need one; `forget`;
//! - `records`: the record, read once and on demand; `attempts` and `journal`: commits that are under way or failed.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::git::repository::Repository;
use crate::model::events::line::Line;
use crate::model::names::repo_path::RepoPath;
use crate::model::now::Now;
use crate::model::settings::Settings;
use crate::os::{private, process};

pub mod attempts;
pub mod clean_forms;
pub mod clean_up;
pub mod files;
pub mod forget;
pub mod ignore_block;
pub mod journal;
pub mod location;
pub mod outstanding;
pub mod place;
pub mod receipt;
pub mod records;
pub mod restore;
pub mod retention;
pub mod versions;

use crate::backups::files::Backups;
use clean_forms::CleanForms;
use records::Records;

use crate::git::objects::{Objects, Oid};
use crate::git::refs::Refs;
use crate::model::settings::age::{Age, Expiry};
use crate::model::settings::size::Size;
use crate::record::Record;
use crate::vault::Vault;
use crate::vault::fold::FoldSettings;

/// Everything that a hook or a command needs to keep files and to let them go.
pub struct Store {
    pub repository: Repository,
    pub settings: Settings,
    /// The one reading of the clock.
    pub now: Now,
    /// What the user's repository has: read, and never written.
    pub objects: Objects,
    pub refs: Refs,
    pub vault: Vault,
    pub record: Record,
    pub backups: Backups,
    /// Which files the vault holds as an encrypting filter makes them.
    pub clean_forms: CleanForms,
    /// Versions are looked for in every worktree's snapshots, not only in this one's.
    pub all_worktrees: bool,
    /// What the record says, as far back as this command reads it.
    pub records: Records,
}

impl Store {
    /// Opens what there is; makes nothing.
    pub fn open(repository: Repository, settings: Settings, now: Now) -> Result<Self> {
        let (objects, refs) = (Objects::of(&repository), Refs::open(&repository));
        Self::with(objects, refs, repository, settings, now)
    }

    /// The same, with objects and refs that are open already.
    pub fn with(
        objects: Objects,
        refs: Refs,
        repository: Repository,
        settings: Settings,
        now: Now,
    ) -> Result<Self> {
        private::share(repository.sharing);
        process::hold_many_files();
        let backups =
            Backups::open(&repository).context("the folder for backups can't be opened")?;
        let clean_forms = CleanForms::of(&repository, &settings.filters);
        let (vault, record) = (Vault::of(&repository), Record::of(&repository));
        let (all_worktrees, records) = (false, Records::of_hook(&record, &now));
        Ok(Self {
            repository,
            settings,
            now,
            objects,
            refs,
            vault,
            record,
            backups,
            clean_forms,
            all_worktrees,
            records,
        })
    }

    /// The id under which the vault has, or would have, a file with these bytes.
    pub fn id_of(&self, path: &RepoPath, bytes: &[u8]) -> Result<Oid> {
        self.clean_forms.id_of(&self.objects, path, bytes)
    }

    /// Looks at what was fetched from another place, instead of what is here.
    pub fn look_at(&mut self, lines: Vec<Line>, objects: PathBuf) {
        self.records = Records::of_lines(&self.record, lines);
        self.vault = Vault::of(&self.repository).reading(objects);
        self.settings.vault = true;
    }

    /// Looks at what is on record of one working tree alone.
    pub fn look_at_worktree(&mut self, id: &str) {
        let lines = self.records.all().lines().iter().filter(|line| line.worktree == id);
        self.records = Records::of_lines(&self.record, lines.cloned().collect());
    }

    /// How long the vault keeps what, as the settings say.
    pub fn fold_settings(&self) -> FoldSettings {
        let seconds = |expiry: &Expiry| expiry.age().map(Age::seconds);
        FoldSettings {
            expire: seconds(&self.settings.vault_expire),
            max_size: self.settings.vault_max_size.map(Size::bytes),
            record_expire: seconds(&self.settings.record_expire),
            at_once: false,
        }
    }
}
