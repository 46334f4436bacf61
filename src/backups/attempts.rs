//! Attempts at a commit, as far as processes tell how they stand.

use super::Store;
use crate::git::objects::Oid;
use crate::model::events::attempt::{Attempt, AttemptState, NOT_COMPLETED};
use crate::model::events::event::{Event, Kind};
use crate::model::events::line::{Line, What};
use crate::model::now::Now;
use crate::os::process;
use crate::record::{self, Attempted, History};

/// How many commits back from HEAD are looked at.
const MOST: usize = 100;

/// Whether its `git commit` is still under way.
pub fn is_live(attempt: &Attempt) -> bool {
    attempt.state == AttemptState::Open
        && attempt.process.is_some_and(|process| process::is_alive(&process))
}

/// How the id of an attempt ends that was begun before any hook file.
const FIRST: &str = "-first";

/// An id that no other attempt has: a process may make two in one second.
pub fn new_id(now: &Now, is_first: bool) -> String {
    let end = if is_first { FIRST } else { "" };
    format!("{}-{}{end}", now.timestamp(), record::random_id())
}

/// The attempt of this very `git commit` that was begun before any hook file. Only Git itself begins one so, and one of
/// its processes makes one commit; a tool that makes many starts hook files alone.
pub fn first(history: &History) -> Option<Attempted> {
    let (own, _) = with_own_apart(history);
    own.filter(|own| own.id.ends_with(FIRST) && !own.attempt.is_ended())
        .filter(|own| own.attempt.process.is_some() && own.attempt.process == process::parent())
}

/// Whether an attempt of this very process is on record, however it stands: one process of Git's makes one commit.
pub fn is_begun(history: &History) -> bool {
    let parent = process::parent();
    parent.is_some() && history.attempts().iter().any(|it| it.attempt.process == parent)
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
        // Their client has gone on: no process will end those.
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

/// The line that ends an attempt whose process is gone: its commit may have been made though no post-commit ran.
pub fn ended(store: &Store, id: &str, attempt: &Attempt) -> Line {
    let Some(commit) = commit_of(store, attempt) else {
        return failed(id, NOT_COMPLETED, None, &store.now);
    };
    let mut line = Line::new(What::Commit, &store.now);
    line.attempt = Some(id.to_owned());
    line.commit = Some(commit);
    line
}

/// The commit of an attempt that no step has ended, where HEAD tells: it stands on the HEAD of then, or in its place,
/// and has another version of each file that was staged.
pub fn commit_of(store: &Store, attempt: &Attempt) -> Option<String> {
    if attempt.state != AttemptState::Open || is_live(attempt) {
        return None;
    }
    let Store { objects, refs, .. } = store;
    let read = |id: &Oid| objects.commit(*id).ok();
    let before = match &attempt.head {
        Some(head) => Some(objects.parse(head).ok()?),
        None => None,
    };
    let (tree, parents) = before.as_ref().map_or(Some((None, None)), |before| {
        read(before).map(|(tree, parents)| (Some(tree), Some(parents)))
    })?;
    let (mut at, mut looked) = (refs.head().ok()??, 0);
    let made = loop {
        let (made, above) = read(&at).filter(|_| Some(at) != before && looked < MOST)?;
        looked += 1;
        if above.first().copied() == before || Some(&above) == parents.as_ref() {
            break made;
        }
        at = *above.first()?;
    };
    let of = |tree, path| objects.lookup(tree, path).ok().flatten().map(|it| (it.id, it.mode));
    let mut staged = attempt.events.iter().filter(|event| event.kind == Some(Kind::Staged));
    let has = staged.all(|it| of(made, &it.path) != tree.and_then(|tree| of(tree, &it.path)));
    has.then(|| at.to_string())
}

/// The backups that attempts still under way stand on.
pub fn under_way(attempts: &[Attempted]) -> impl Iterator<Item = &Event> {
    attempts.iter().filter(|it| is_live(&it.attempt)).flat_map(|it| it.attempt.events.iter())
}
