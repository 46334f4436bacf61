//! Words for what is not as it should be, and for what helps.

use std::path::Path;

use super::hooks::INSTALL;
use super::{Said, fix, hooks};
use crate::git::config::entries::HookEntry;
use crate::git::config::hooks_path::HooksPath;
use crate::model::settings::config_entry::SettingProblem;
use crate::setup::checkup::Problem;
use crate::term::Term;
use crate::term::agents::still_to_be_trusted;
use crate::term::path_word;
use crate::term::remote::standing;
use crate::term::report::count;
use crate::term::rollback::{unfinished, way_back};

impl Term {
    /// What is wrong, and what helps.
    pub(super) fn problem(&self, problem: &Problem) -> Said {
        match problem {
            Problem::Setting { problem, file } => setting(problem, file.as_deref()),
            Problem::HooksElsewhere { setting, own } => elsewhere(setting, own),
            Problem::Hook { hook, health, program } => hooks::problem(hook, health, program),
            Problem::Before(entries) => before(entries),
            Problem::Guard(program) => {
                fix(&format!("starts {}, which is not there", program.display()))
            }
            Problem::ManagerProgram { manager, file, gone, program } => {
                let (shown, file) = (file.display(), path_word(file));
                let text = format!("{manager}: {shown} starts {}", hooks::not_there(gone));
                (text, hooks::replace_program(&file, gone, program))
            }
            Problem::AgentProgram { file, gone } => {
                let (agent, gone) = (file.row.agent, hooks::not_there(gone));
                let shared = if file.is_shared { " --shared" } else { "" };
                let remedy = format!("{INSTALL}{shared} --agent {}", agent.name());
                (format!("{agent}: {} starts {gone}", file.path.display()), Some(remedy))
            }
            Problem::AgentUntrusted(file) => {
                (format!("{} has git-bak's hook: {}", file.path.display(), still_to_be_trusted(file)), None)
            }
            Problem::NoIgnoreBlock => fix(
                "backups would be staged by 'git add -A': their lines in info/exclude are missing",
            ),
            Problem::Seen(files) => {
                let text = format!("{} that Git sees", count(files.len(), "backup"));
                let text = self.with_names(text, files.iter().map(|path| self.path(path)));
                (text, Some("git bak clean".to_owned()))
            }
            Problem::Vault(finding) => self.of_vault(finding),
            Problem::Remote(it) => {
                (standing(&it.0, &it.1, &it.2).1, Some("git bak push".to_owned()))
            }
            Problem::OldVault => (
                "an earlier git-bak has left its vault in refs/bak/vault: git ls-tree -r refs/bak/vault shows it"
                    .to_owned(),
                Some("git update-ref -d refs/bak/vault".to_owned()),
            ),
            Problem::Unfinished(left) => (unfinished(left), Some(way_back(left.tried))),
            Problem::Old(number) => {
                let text = format!("{} older than a week", count(*number, "backup"));
                (text, Some("git bak clean --older-than 7.days".to_owned()))
            }
            Problem::Damaged { location, file, right } => {
                let text = format!("{} is not as it was written", self.path(location));
                (text, Some(set_right(file, right.as_deref())))
            }
            Problem::Stray(files) => {
                let text = format!("{} without a copy in the vault", count(files.len(), "backup"));
                fix(&self.with_names(text, files.iter().map(|path| self.path(path))))
            }
            Problem::Unseen(error) => (format!("can't be looked at: {error:#}"), None),
        }
    }
}

/// They may rewrite what has not been copied yet. Those of the system come first whatever is done.
fn before(entries: &[HookEntry]) -> Said {
    let names: Vec<String> =
        entries.iter().map(|it| format!("{} ({})", it.name, it.scope)).collect();
    let text = format!(
        "what these hooks in the settings rewrite is not backed up before they run: {}",
        names.join(", ")
    );
    let is_systems = entries.iter().all(|it| it.scope == "system");
    (text, (!is_systems).then(|| format!("{INSTALL} --global && {INSTALL}")))
}

fn elsewhere(setting: &HooksPath, own: &Path) -> Said {
    let origin = setting.origin.trim_end_matches(':').escape_debug();
    let folder = setting.folder.display();
    let text = format!(
        "core.hooksPath ({origin}) takes hooks from {folder}, which is not this repository's"
    );
    // The command line wins over everything that could be set.
    let remedy = (setting.scope != "command")
        .then(|| format!("git config --local core.hooksPath {} && {INSTALL}", path_word(own)));
    (text, remedy)
}

/// What is in it now may be the user's work all the same.
fn set_right(file: &Path, right: Option<&str>) -> String {
    let file = path_word(file);
    match right {
        Some(id) => {
            format!("cp -p {file} {file}.damaged && git bak vault cat-file blob {id} >{file}")
        }
        None => format!("mv {file} {file}.damaged"),
    }
}

fn setting(problem: &SettingProblem, file: Option<&Path>) -> Said {
    let remedy = file.map(|file| {
        let file = path_word(file);
        match problem.key.as_str() {
            // Others of its values may be good.
            "bak.exclude" => format!("git config --file {file} --edit"),
            key => format!("git config --file {file} --unset-all {key}"),
        }
    });
    (problem.to_string(), remedy)
}
