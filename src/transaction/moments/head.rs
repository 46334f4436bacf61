//! Where HEAD was at a moment, and whether its command took it elsewhere: what was uncommitted there belongs onto that.

use super::{Moments, TakenMoment};
use crate::model::events::line::What;

/// HEAD is no more where it was.
#[derive(Debug)]
pub struct HeadMoved {
    /// The commit, and the branch if there was one.
    pub was: String,
    pub on: Option<String>,
    pub is_on: Option<String>,
}

/// What an agent may have moved it by.
const MOVING: [&str; 5] = ["reset", "checkout", "rebase", "pull", "merge"];
/// How many of HEAD's moves are looked through.
const MOST: &str = "-n1000";

impl Moments<'_> {
    /// Where HEAD has to be brought back first, if the moment's command has moved it.
    pub fn head_moved(&self, moment: &TakenMoment<'_>) -> Option<HeadMoved> {
        let was = moment.line.head.clone().filter(|_| moment.line.what == What::Snapshot)?;
        let (on, is_on) = (moment.line.branch.clone(), self.store.refs.branch().ok()?);
        let is_there = self.head.as_ref() == Some(&was) && on == is_on;
        let verb = moment.command().split(' ').nth(1).unwrap_or_default();
        let was_left = || match &moment.line.agent {
            // Its own commits are no reason: what was there before them comes back on top.
            Some(_) => on != is_on || MOVING.iter().any(|verb| self.was_left_by(&was, verb)),
            None => self.was_left_by(&was, verb),
        };
        (!is_there && was_left()).then_some(HeadMoved { was, on, is_on })
    }

    /// Whether HEAD left a commit by this command, as its log has it; where there is none, it may have.
    fn was_left_by(&self, was: &str, verb: &str) -> bool {
        let args = ["log", "-g", "--no-show-signature", "--format=%H %gs", MOST, "HEAD", "--"];
        let log = self.store.repository.git().output(args).unwrap_or_default();
        let log = String::from_utf8_lossy(&log).into_owned();
        let moves: Vec<(&str, &str)> =
            log.lines().filter_map(|line| line.split_once(' ')).collect();
        let Some(at) = moves.iter().position(|(to, _)| *to == was) else { return true };
        let verb = if verb == "switch" { "checkout" } else { verb };
        // A move within the commit (to another branch there) is newer still.
        let by = |entry: Option<&(&str, &str)>| entry.is_some_and(|(_, why)| why.starts_with(verb));
        by(at.checked_sub(1).and_then(|at| moves.get(at))) || at == 0 && by(moves.first())
    }
}
