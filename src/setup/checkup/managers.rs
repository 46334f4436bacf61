//! The hook managers that this repository uses. None is a problem in itself: where one has taken the place
//! of our hook, the look at the hooks says so; where its settings start a git-bak that is gone, it is said here.

use std::path::Path;

use super::{Good, Outcome, Problem};
use crate::model::check::Check;
use crate::model::hook::manager::HookManager;
use crate::model::hook::name::HookName;
use crate::setup::hook_files::{missing, program};

/// The file that managers of JavaScript projects share.
const PACKAGE: &str = "package.json";

/// Those that the files at the top of the working tree speak of.
pub fn look(top: &Path) -> Vec<Outcome> {
    let package = std::fs::read(top.join(PACKAGE)).unwrap_or_default();
    let is_there = |name: &str| top.join(name).symlink_metadata().is_ok();
    let is_used = |manager: &HookManager| {
        manager.marks().iter().any(|name| is_there(name)) || manager.is_in_package(&package)
    };
    let used = HookManager::ALL.into_iter().filter(is_used);
    used.map(|manager| of_manager(top, manager, &package)).collect()
}

/// The manager whose settings have it run git-bak for this hook.
pub fn listing(top: &Path, hook: HookName) -> Option<HookManager> {
    let lists = |manager: &HookManager| {
        let files = manager.marks().iter().filter_map(|name| std::fs::read(top.join(name)).ok());
        files.into_iter().any(|text| manager.lists(&text, hook))
    };
    HookManager::ALL.into_iter().find(lists)
}

/// How it stands. A folder of hooks (husky's) is looked at hook by hook, where Git is sent there.
fn of_manager(top: &Path, manager: HookManager, package: &[u8]) -> Outcome {
    let check = Check::HookManager;
    let marks = manager.marks().iter().map(|name| (*name, std::fs::read(top.join(name))));
    let mut files: Vec<(&str, Vec<u8>)> =
        marks.filter_map(|(name, text)| Some((name, text.ok()?))).collect();
    if manager.is_in_package(package) {
        files.push((PACKAGE, package.to_owned()));
    }
    let of_file = |(name, text): &(&str, Vec<u8>)| {
        let gone = ["hook", "snapshot"].iter().find_map(|words| missing(text, words))?;
        Some((top.join(name), gone))
    };
    let Some((file, gone)) = files.iter().find_map(of_file) else {
        return Outcome::good(check, Good::Manager(manager));
    };
    match program::path() {
        Ok(program) => {
            Outcome::bad(check, Problem::ManagerProgram { manager, file, gone, program })
        }
        Err(error) => Outcome::bad(check, Problem::Unseen(error)),
    }
}
