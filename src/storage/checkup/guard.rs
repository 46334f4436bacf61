//! The guard, where it is installed.

use anyhow::Result;

use super::{Good, Outcome, Problem, State};
use crate::git::fsmonitor::{self, Monitor};
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

fn state(repository: &Repository) -> Result<Option<State>> {
    let Monitor::Guard { program } = fsmonitor::read(&repository.git())? else { return Ok(None) };
    let program = platform::path_from_bytes(&program);
    Ok(Some(match platform::is_executable(&program) {
        true => State::Good(Good::Guard),
        false => State::Bad(Problem::Guard(program)),
    }))
}
