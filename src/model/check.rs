//! What `doctor` looks at.

use std::fmt;

use super::hook_name::HookName;

/// One thing that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// The settings under `bak.*`.
    Settings,
    /// Which folder Git takes hooks from.
    HooksPath,
    /// One of the hooks.
    Hook(HookName),
    /// The guard.
    Guard,
    /// Hook managers beside us.
    HookManager,
    /// The lines by which backups are born ignored.
    Ignore,
    /// What keeps our refs from being fetched.
    HideRefs,
    /// Remotes that take every ref.
    Mirror,
    /// The ledger.
    Ledger,
    /// The vault.
    Vault,
    /// A lock on the vault's ref.
    VaultLock,
    /// An upgrade that was left unfinished.
    Upgrade,
    /// Backups that have been there for long.
    OldBackups,
    /// Backups whose bytes aren't those that were written.
    DamagedBackups,
    /// Backups of which the vault has no copy.
    StrayBackups,
}

impl fmt::Display for Check {
    /// Its name in JSON, which never changes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Settings => "settings",
            Self::HooksPath => "hooks-path",
            Self::Hook(hook) => hook.name(),
            Self::Guard => "guard",
            Self::HookManager => "hook-manager",
            Self::Ignore => "ignore",
            Self::HideRefs => "hide-refs",
            Self::Mirror => "mirror",
            Self::Ledger => "ledger",
            Self::Vault => "vault",
            Self::VaultLock => "vault-lock",
            Self::Upgrade => "upgrade",
            Self::OldBackups => "old-backups",
            Self::DamagedBackups => "damaged-backups",
            Self::StrayBackups => "stray-backups",
        })
    }
}
