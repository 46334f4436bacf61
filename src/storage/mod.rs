//! What is kept, and where: backup files beside the originals, the vault, the ledger.

use anyhow::{Context, Result};

use crate::git::repository::Repository;
use crate::model::now::Now;
use crate::model::settings::Settings;
use crate::os::process;

pub mod attempts;
pub mod audit;
pub mod backups;
pub mod checkup;
pub mod clean_up;
pub mod failures;
pub mod forget;
pub mod guarded;
pub mod hook_files;
pub mod ignore_block;
pub mod journal;
pub mod ledger;
pub mod outstanding;
pub mod place;
pub mod receipt;
pub mod records;
pub mod rehearsal;
pub mod remembered;
pub mod restore;
pub mod retention;
pub mod snapshot;
pub mod staging;
pub mod surroundings;
pub mod template;
pub mod transaction;
pub mod undeposited;
pub mod vault;
pub mod versions;

use backups::Backups;
use vault::Vault;

/// Everything that a hook or a command needs to keep files and to let them go.
pub struct Store {
    /// The repository.
    pub repository: Repository,
    /// Its settings.
    pub settings: Settings,
    /// The one reading of the clock.
    pub now: Now,
    /// The vault (and through it objects and refs).
    pub vault: Vault,
    /// The backup files.
    pub backups: Backups,
    /// Versions are looked for in every worktree's snapshots, not only in this one's.
    pub all_worktrees: bool,
}

impl Store {
    /// Opens what there is; makes nothing.
    pub fn open(repository: Repository, settings: Settings, now: Now) -> Result<Self> {
        let vault = Vault::open(&repository)?;
        Self::with_vault(vault, repository, settings, now)
    }

    /// The same, with a vault that is open already.
    pub fn with_vault(
        vault: Vault,
        repository: Repository,
        settings: Settings,
        now: Now,
    ) -> Result<Self> {
        process::hold_many_files();
        let backups = Backups::open(&repository, settings.location)
            .context("the folder for backups can't be opened")?;
        Ok(Self { repository, settings, now, vault, backups, all_worktrees: false })
    }
}
