//! The events that can be picked, each with what undoing it would change.

use std::cell::OnceCell;
use std::collections::HashSet;

use anyhow::Result;

use super::MOST;
use crate::commands::Session;
use crate::commands::choice::selection::Selection;
use crate::commands::undo::plan::{UndoPlan, UndoPut};
use crate::git::line_diff;
use crate::git::line_diff::DiffLine;
use crate::model::names::timestamp::Timestamp;
use crate::model::transaction::State;
use crate::term::picker::{EventLine, ShownChange, clock};
use crate::term::report::age;
use crate::term::undo::with_count;
use crate::transaction::moments::{Moments, TakenMoment};

/// Where an event has more files than these, they are named, and not read while the user waits.
const MOST_FILES: usize = 200;

pub struct PickedEvents<'a> {
    moments: Moments<'a>,
    all: Vec<TakenMoment<'a>>,
    pub lines: Vec<EventLine>,
    changes: Vec<OnceCell<ShownChange>>,
}

impl<'a> PickedEvents<'a> {
    /// The newest first; of those, the ones that took a file that is selected.
    pub fn read(session: &'a Session, only: &Selection) -> Result<Self> {
        let store = &session.store;
        let moments = Moments::of(store)?;
        let is_named =
            |moment: &TakenMoment<'_>| moment.files.iter().any(|file| only.has(&file.path));
        // Another working tree's are undone there.
        let is_here = !store.all_worktrees && !store.records.is_elsewhere;
        let all = moments.all().filter(|moment| is_here && !moment.is_undone && is_named(moment));
        let all: Vec<TakenMoment<'_>> = all.collect();
        let line = |moment: &TakenMoment<'_>| {
            let time = Timestamp::of_seconds(moment.line.time, moment.line.zone);
            let names = moment.files.iter().map(|file| session.term.path(&file.path));
            EventLine {
                clock: clock(time, &store.now),
                age: age(time, &store.now),
                what: with_count(moment),
                files: names.collect::<Vec<_>>().join(" "),
            }
        };
        let lines = all.iter().map(line).collect();
        let changes = all.iter().map(|_| OnceCell::new()).collect();
        Ok(Self { moments, all, lines, changes })
    }

    pub fn words(&self) -> Vec<String> {
        self.lines.iter().map(EventLine::words).collect()
    }

    /// What `undo` calls it.
    pub fn id(&self, at: usize) -> String {
        self.all[at].id().to_owned()
    }

    pub fn change(&self, session: &Session, at: usize) -> &ShownChange {
        let moment = &self.all[at];
        self.changes[at].get_or_init(|| {
            if moment.files.len() > MOST_FILES {
                let back = |before: &State| *before != State::Nothing;
                let files = moment.files.iter().map(|file| (&file.path, back(&file.before), None));
                let said = files.map(|file| session.term.shown_undo(&file)).collect();
                return ShownChange::Event(said, Vec::new());
            }
            match UndoPlan::of(session, &self.moments, moment, &HashSet::new()) {
                Ok(plan) => of_plan(session, &plan),
                Err(error) => ShownChange::Unreadable(format!("{error:#}")),
            }
        })
    }
}

/// What stands in its way, what comes to each file, and then the lines of each.
fn of_plan(session: &Session, plan: &UndoPlan) -> ShownChange {
    let term = &session.term;
    let mut said: Vec<String> =
        plan.changed.iter().map(|path| term.changed_since_then(path)).collect();
    said.extend(plan.shown(plan.puts.len()).iter().map(|file| term.shown_undo(file)));
    let mut left = MOST;
    let mut lines = Vec::new();
    for put in &plan.puts {
        let size = (put.there.len() + put.bytes.len()) as u64;
        let Some(rest) = left.checked_sub(size) else { break };
        left = rest;
        lines.extend(of_put(session, put));
    }
    ShownChange::Event(said, lines)
}

fn of_put(session: &Session, put: &UndoPut) -> Vec<DiffLine> {
    let Some(lines) = line_diff::lines(&put.there, &put.bytes) else { return Vec::new() };
    let name = session.term.path(&put.path).into_bytes();
    let heads = [DiffLine::Same(Vec::new()), DiffLine::Place(name)];
    heads.into_iter().chain(lines).collect()
}
