//! The guard, where it is installed.

use anyhow::Result;

use super::{CheckState, Good, Outcome, Problem};
use crate::git::config::fsmonitor;
use crate::git::config::fsmonitor::Monitor;
use crate::git::repository::Repository;
use crate::model::check::Check;
use crate::os::platform;

/// Looks at it; nothing is said of one that nobody wants.
pub fn look(repository: &Repository) -> Option<Outcome> {
    state(repository).map_or_else(
        |error| Some(Outcome::bad(Check::Guard, Problem::Unseen(error))),
        |state| state.map(|state| Outcome { check: Check::Guard, state }),
    )
}

fn state(repository: &Repository) -> Result<Option<CheckState>> {
    let Monitor::Guard { program } = fsmonitor::read(&repository.git())? else { return Ok(None) };
    let program = platform::path_from_bytes(&program);
    Ok(Some(match platform::is_executable(&program) {
        true => CheckState::Good(Good::Guard),
        false => CheckState::Bad(Problem::Guard(program)),
    }))
}
