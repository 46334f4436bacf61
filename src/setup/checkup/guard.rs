//! The guard: whether it is in, and whether its program is there.

use anyhow::Result;

use super::{CheckState, Good, Outcome, Problem};
use crate::git::config::fsmonitor;
use crate::git::config::fsmonitor::Monitor;
use crate::git::repository::Repository;
use crate::model::check::Check;
use crate::os::platform;

pub fn look(repository: &Repository) -> Outcome {
    Outcome::of(Check::Guard, state(repository))
}

fn state(repository: &Repository) -> Result<CheckState> {
    let program = match fsmonitor::read(&repository.git())? {
        Monitor::Guard { program } => platform::path_from_bytes(&program),
        Monitor::None => return Ok(CheckState::Good(Good::NoGuard(None))),
        Monitor::Other { value, origin } => {
            return Ok(CheckState::Good(Good::NoGuard(Some((value, origin)))));
        }
    };
    Ok(match platform::is_executable(&program) {
        true => CheckState::Good(Good::Guard),
        false => CheckState::Bad(Problem::Guard(program)),
    })
}
