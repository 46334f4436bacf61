//! What `doctor` looks at.

use std::fmt;

use crate::model::hook::name::HookName;

/// One thing that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// The settings under `bak.*`.
    Settings,
    /// Which folder Git takes hooks from.
    HooksPath,
    Hook(HookName),
    Guard,
    /// What runs before git-bak's first look.
    HookOrder,
    HookManager,
    /// Coding agents.
    Agent,
    /// The lines by which backups are born ignored.
    Ignore,
    /// Where backups lie.
    Location,
    /// What the vault holds of files that a filter encrypts.
    Encrypting,
    Vault,
    /// The copy of it in another place.
    Remote,
    /// What an earlier version has left.
    OldVault,
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
            Self::HookOrder => "hook-order",
            Self::HookManager => "hook-manager",
            Self::Agent => "agent",
            Self::Ignore => "ignore",
            Self::Location => "location",
            Self::Encrypting => "encrypted-files",
            Self::Vault => "vault",
            Self::Remote => "remote",
            Self::OldVault => "old-vault",
            Self::Upgrade => "upgrade",
            Self::OldBackups => "old-backups",
            Self::DamagedBackups => "damaged-backups",
            Self::StrayBackups => "stray-backups",
        })
    }
}
