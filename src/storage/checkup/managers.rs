//! The hook managers that this repository uses. None is a problem in itself: where one has taken the place
//! of our hook, the look at the hooks says so.

use std::path::Path;

use super::{Good, Outcome};
use crate::model::check::Check;
use crate::model::hook_manager::HookManager;

/// Those that the files at the top of the working tree speak of.
pub fn look(top: &Path) -> Vec<Outcome> {
    let package = std::fs::read(top.join("package.json")).unwrap_or_default();
    let is_there = |name: &str| top.join(name).symlink_metadata().is_ok();
    let is_used = |manager: &HookManager| {
        manager.marks().iter().any(|name| is_there(name)) || manager.is_in_package(&package)
    };
    let used = HookManager::ALL.into_iter().filter(is_used);
    used.map(|manager| Outcome::good(Check::HookManager, Good::Manager(manager))).collect()
}
