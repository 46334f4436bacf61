//! The checkup: what is wrong with git-bak in a repository, and what of it is ours to put right.
//!
//! - `hooks`, `guard`, `agents`, `managers`: what is started; `backups`, `exposure`: backup files; `records`: vault, record and
//!   transactions; `remote`: the copy elsewhere;
//! - `mend`: fixing.
//!
//! Looking changes nothing. Mending (`mend`) does only what loses no byte: it writes what is ours to write,
//! gives old names to what it replaces, and copies into the vault what the vault lacks.

use std::path::{Path, PathBuf};

use crate::git::config::entries::HookEntry;
use crate::git::config::hooks_path::HooksPath;
use crate::model::agents::agent_name::AgentName;
use crate::model::check::Check;
use crate::model::hook::manager::HookManager;
use crate::model::hook::name::HookName;
use crate::model::names::repo_path::RepoPath;
use crate::model::now::Now;
use crate::model::settings::config_entry::SettingProblem;
use crate::model::settings::remote_url::RemoteUrl;
use crate::model::transaction::Transaction;
use crate::setup::agents::AgentFile;
use crate::setup::hook_files::{Health as HookHealth, HookFile};

use crate::backups::Store;
use crate::backups::location::Elsewhere;
use crate::vault::health::VaultFinding;
use crate::vault::remote::state::RemoteState;

mod agents;
mod backups;
mod exposure;
mod guard;
mod hooks;
mod managers;
mod mend;
mod records;
mod remote;

pub use hooks::leave_commits_alone;
pub use mend::{Mended, mend};

/// Where a copy of the vault goes, how the last try went, and what time it is.
type RemoteStanding = Box<(RemoteUrl, RemoteState, Now)>;

/// The hook managers and coding agents that are used here, and how they stand to us.
pub fn neighbours(top: &Path) -> Vec<Outcome> {
    managers::look(top).into_iter().chain(agents::look(top)).collect()
}

#[derive(Debug)]
pub struct Outcome {
    pub check: Check,
    pub state: CheckState,
}

#[derive(Debug)]
pub enum CheckState {
    Good(Good),
    Bad(Problem),
}

/// What is as it should be.
#[derive(Debug)]
pub enum Good {
    /// Every setting can be read; whether git-bak is on.
    Settings {
        /// `bak.enabled`.
        enabled: bool,
    },
    /// Git takes hooks from a folder that is the repository's own.
    HooksPath(PathBuf),
    Hook(HookHealth),
    /// A hook manager runs git-bak, as the first of its own hooks.
    Listed(HookManager),
    /// A hook that the user's own settings have for every repository.
    ForAll,
    /// A hook that the user does without.
    LeftOut(HookName),
    Guard,
    /// No guard: the user doesn't want it, or `core.fsmonitor` has another value: that, and where it is set.
    NoGuard(Option<(String, String)>),
    /// A hook manager is used here, and that is no trouble in itself.
    Manager(HookManager),
    /// A coding agent that was found; whether it asks git-bak before each step.
    Agent {
        agent: AgentName,
        covered: bool,
    },
    /// Backups are ignored, or none lie beside the files.
    Ignored {
        beside: bool,
    },
    /// Where backups go, and why some don't lie beside their files.
    Location(Elsewhere),
    /// The vault: how many snapshots and file versions it has.
    Vault {
        snapshots: usize,
        versions: usize,
    },
    Remote(RemoteStanding),
    /// Filter drivers that encrypt are set up: these.
    Encrypting(Vec<String>),
    /// The settings say that there is no vault.
    NoVault,
    /// No upgrade was left unfinished; whether one is under way.
    Upgrade {
        under_way: bool,
    },
    /// No backup is older than a week.
    NoneOld,
    /// Every backup is what was written; how many there are.
    NoneDamaged(usize),
    /// The vault has a copy of every backup.
    NoneStray,
}

/// What is not as it should be.
#[derive(Debug)]
pub enum Problem {
    Setting {
        problem: SettingProblem,
        /// The file that it stands in, if it stands in one.
        file: Option<PathBuf>,
    },
    /// Git takes hooks from a folder that is not this repository's.
    HooksElsewhere {
        setting: HooksPath,
        /// The folder that would be this repository's.
        own: PathBuf,
    },
    /// A hook doesn't do its work.
    Hook {
        hook: HookFile,
        health: HookHealth,
        /// This program, as a shell knows it.
        program: Vec<u8>,
    },
    /// These hooks in the settings run before git-bak has looked.
    Before(Vec<HookEntry>),
    /// The guard starts a program that is not there.
    Guard(PathBuf),
    /// A hook manager's settings start a program of ours that is not there.
    ManagerProgram {
        manager: HookManager,
        file: PathBuf,
        gone: PathBuf,
        /// This program, as a shell knows it.
        program: Vec<u8>,
    },
    /// An agent's settings start a program of ours that is not there.
    AgentProgram {
        file: AgentFile,
        gone: PathBuf,
    },
    /// An agent doesn't run our hook before its user has looked at it.
    AgentUntrusted(AgentFile),
    /// The ignore block is not there as it should be.
    NoIgnoreBlock,
    /// Backups that Git sees.
    Seen(Vec<RepoPath>),
    /// The vault or the record can't do its work.
    Vault(VaultFinding),
    /// The other place does not have all there is.
    Remote(RemoteStanding),
    /// An earlier version has left its vault in the user's objects.
    OldVault,
    Unfinished(Box<Transaction>),
    Old(usize),
    /// A backup's bytes aren't those that were written.
    Damaged {
        location: RepoPath,
        file: PathBuf,
        /// The blob id of the bytes that were written, in hex, if Git has them.
        right: Option<String>,
    },
    /// Backups that the vault has no copy of.
    Stray(Vec<RepoPath>),
    /// It could not be looked at; why.
    Unseen(anyhow::Error),
}

impl Outcome {
    fn good(check: Check, good: Good) -> Self {
        Self { check, state: CheckState::Good(good) }
    }

    fn bad(check: Check, problem: Problem) -> Self {
        Self { check, state: CheckState::Bad(problem) }
    }

    /// Of a look that may not have worked.
    fn of(check: Check, looked: anyhow::Result<CheckState>) -> Self {
        Self {
            check,
            state: looked.unwrap_or_else(|error| CheckState::Bad(Problem::Unseen(error))),
        }
    }

    /// Whether it is a hook, or the guard, that the user doesn't want.
    pub fn is_left_out(&self) -> bool {
        matches!(
            self.state,
            CheckState::Good(Good::LeftOut(_) | Good::Listed(_) | Good::NoGuard(_))
        )
    }

    /// Whether all is as it should be.
    pub fn is_good(&self) -> bool {
        matches!(self.state, CheckState::Good(_))
    }
}

/// Looks at everything. `problems`: those of the settings, which were read before.
pub fn examine(store: &Store, problems: &[SettingProblem]) -> Vec<Outcome> {
    let mut outcomes = settings(store, problems);
    outcomes.extend(hooks::look(&store.repository));
    outcomes.push(guard::look(&store.repository));
    outcomes.extend(hooks::order(&store.repository));
    outcomes.extend(managers::look(&store.repository.top));
    outcomes.extend(agents::look(&store.repository.top));
    outcomes.extend(exposure::look(store));
    let encrypting = store.settings.encrypting();
    if store.settings.vault && !encrypting.is_empty() {
        outcomes.push(Outcome::good(Check::Encrypting, Good::Encrypting(encrypting)));
    }
    outcomes.extend(records::look(store));
    outcomes.extend(remote::look(store));
    outcomes.extend(backups::look(store));
    outcomes
}

fn settings(store: &Store, problems: &[SettingProblem]) -> Vec<Outcome> {
    if problems.is_empty() {
        let enabled = store.settings.enabled;
        return vec![Outcome::good(Check::Settings, Good::Settings { enabled })];
    }
    let outcome = |problem: &SettingProblem| {
        // As Git names it, from the top.
        let file = problem.origin.strip_prefix("file:").map(|file| store.repository.top.join(file));
        Outcome::bad(Check::Settings, Problem::Setting { problem: problem.clone(), file })
    };
    problems.iter().map(outcome).collect()
}
