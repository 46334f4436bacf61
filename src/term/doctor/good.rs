//! Words for what is as it should be.

use crate::model::hook::manager::HookManager;
use crate::model::hook::name::HookName;
use crate::setup::checkup::Good;
use crate::setup::hook_files::Health as HookHealth;
use crate::term::install::{what_is_encrypted, what_lies_elsewhere};
use crate::term::remote::standing;
use crate::term::report::count;

pub fn good(good: &Good) -> String {
    match good {
        Good::Settings { enabled: true } => "every setting can be read".to_owned(),
        Good::Settings { enabled: false } => {
            "git-bak is off in this repository (bak.enabled)".to_owned()
        }
        Good::HooksPath(folder) => format!("Git takes hooks from {}", folder.display()),
        Good::Hook(HookHealth::RunsUs) => "runs git-bak".to_owned(),
        Good::Listed(manager) => format!("{manager} runs git-bak, by a line in its settings"),
        Good::ForAll => "runs git-bak, by your own settings, in every repository".to_owned(),
        Good::LeftOut(HookName::PostCheckout) => {
            "left out: files that a checkout overwrites are not named".to_owned()
        }
        Good::LeftOut(_) => {
            "left out: work is backed up when it is committed, not when it is staged".to_owned()
        }
        Good::Hook(_) => "installed".to_owned(),
        Good::Guard => "Git asks git-bak before it overwrites or deletes files".to_owned(),
        Good::NoGuard(None) => {
            "left out: work that reset --hard and the like discard is not backed up".to_owned()
        }
        Good::NoGuard(Some((value, origin))) => format!(
            "left out because core.fsmonitor is {value} ({}): work that reset --hard and the like discard is not backed up",
            origin.trim_end_matches(':').escape_debug()
        ),
        Good::Manager(manager) => format!("{manager}: {}", beside(*manager)),
        Good::Agent { agent, covered: true } => format!("{agent} asks git-bak before each step"),
        Good::Agent { agent, covered: false } => {
            format!(
                "{agent} was found, and doesn't ask git-bak: git bak install --agent {}",
                agent.name()
            )
        }
        Good::Ignored { beside: true } => "backups are ignored".to_owned(),
        Good::Ignored { beside: false } => "no backups are made beside the files".to_owned(),
        Good::Location(elsewhere) => what_lies_elsewhere(elsewhere)
            .unwrap_or_else(|| "beside the files (bak.location)".to_owned()),
        Good::Vault { versions: 0, .. } => "empty".to_owned(),
        Good::Vault { snapshots, versions } => {
            let versions = count(*versions, "file version");
            format!("{}, {versions}", count(*snapshots, "snapshot"))
        }
        Good::Remote(it) => standing(&it.0, &it.1, &it.2).1,
        Good::Encrypting(drivers) => what_is_encrypted(drivers),
        Good::NoVault => "off (bak.vault)".to_owned(),
        Good::Upgrade { under_way: false } => "none is unfinished".to_owned(),
        Good::Upgrade { under_way: true } => "one is under way".to_owned(),
        Good::NoneOld => "none is older than a week".to_owned(),
        Good::NoneDamaged(0) => "no backups on disk".to_owned(),
        Good::NoneDamaged(number) => format!("{}, all as written", count(*number, "backup")),
        Good::NoneStray => "the vault has a copy of each".to_owned(),
    }
}

/// How a hook manager stands to us (docs/hook-managers.md).
fn beside(manager: HookManager) -> &'static str {
    match manager {
        HookManager::PreCommit | HookManager::Prek => {
            "both run, git-bak first, whichever was installed last"
        }
        HookManager::Husky => "each hook in .husky needs git-bak's line: git bak install prints it",
        HookManager::Lefthook => {
            "its install removes git-bak's hooks: run git bak install after it"
        }
        HookManager::LintStaged => "runs in your pre-commit hook, after git-bak",
        HookManager::Overcommit => "its hooks need git-bak's line: git bak install prints it",
    }
}
