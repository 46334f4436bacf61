//! Attempts at a commit, as far as processes tell how they stand.

use crate::model::events::attempt::{Attempt, AttemptState};
use crate::model::events::event::Event;
use crate::model::events::line::{Line, What};
use crate::model::now::Now;
use crate::os::process;
use crate::record::{self, Attempted, History};

/// Whether its `git commit` is still under way.
pub fn is_live(attempt: &Attempt) -> bool {
    attempt.state == AttemptState::Open
        && attempt.process.is_some_and(|process| process::is_alive(&process))
}

/// What tells an attempt from all others: a process may make two in one second.
pub fn new_id(now: &Now) -> String {
    format!("{}-{}", now.timestamp(), record::random_id())
}

/// The attempts of a window, with this process's own apart: the one of the `git commit` that is our parent.
/// Where parents aren't known, the newest that no step has ended. A client that commits more than once
/// has given up on the older ones that it left open.
pub fn with_own_apart(history: &History) -> (Option<Attempted>, Vec<Attempted>) {
    let mut all = history.attempts();
    let parent = process::parent();
    let is_own = |it: &Attempted| match parent {
        Some(parent) if it.attempt.process.is_some() => it.attempt.process == Some(parent),
        _ => it.attempt.state == AttemptState::Open,
    };
    let own = all.iter().rposition(is_own).map(|at| all.remove(at));
    all.retain(|it| it.attempt.state == AttemptState::Open);
    if parent.is_some() {
        // Nobody is behind those any more.
        all.iter_mut().filter(|it| is_own(it)).for_each(|it| it.attempt.process = None);
    }
    (own, all)
}

/// The line that ends an attempt without a commit.
pub fn failed(id: &str, step: &str, status: Option<i32>, now: &Now) -> Line {
    let mut line = Line::new(What::Failed, now);
    line.attempt = Some(id.to_owned());
    line.step = Some(step.to_owned());
    line.status = status;
    line
}

/// The backups that attempts stand on which are still under way.
pub fn under_way(attempts: &[Attempted]) -> impl Iterator<Item = &Event> {
    attempts.iter().filter(|it| is_live(&it.attempt)).flat_map(|it| it.attempt.events.iter())
}
