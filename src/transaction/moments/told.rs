//! What the line of a moment tells of each file, and the line of one that is our own doing.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::backups::Store;
use crate::backups::place::SeenFile;
use crate::backups::versions;
use crate::model::events::event::EventKind;
use crate::model::events::line::{Line, Seen, What};
use crate::model::names::quote::{quote, unquote};
use crate::model::names::repo_path::RepoPath;
use crate::model::transaction::{State, Touched};
use crate::record::new_moment;
use crate::transaction::Upgrade;

/// What a line of ours tells of each file: what stood there before, and after.
pub(super) fn told(line: &Line) -> BTreeMap<RepoPath, (State, State)> {
    let mut told = BTreeMap::new();
    for seen in &line.files {
        let Some(path) = seen.path() else { continue };
        let of_path = told.entry(path).or_insert((State::Nothing, State::Nothing));
        let state = if seen.was { &mut of_path.0 } else { &mut of_path.1 };
        *state = state_of(seen);
    }
    told
}

pub(super) fn state_of(seen: &Seen) -> State {
    let link = seen.link.as_ref().map(|link| unquote(link).unwrap_or_default());
    match (link, &seen.id) {
        (Some(target), _) => State::Link { target },
        (None, Some(blob)) => {
            let permissions = seen.mode.unwrap_or(0o600) & 0o777;
            State::File { blob: blob.clone(), permissions }
        }
        (None, None) => State::Nothing,
    }
}

/// The line of a moment that is our own doing: each file with what was there before, and what is after.
pub fn line(
    store: &Store,
    what: What,
    cause: &str,
    files: impl Iterator<Item = (RepoPath, State, State)>,
) -> Line {
    let mut line = Line::new(what, &store.now);
    line.cause = Some(cause.to_owned());
    line.moment = Some(new_moment());
    line.head = store.refs.head().ok().flatten().map(|id| id.to_string());
    line.branch = store.refs.branch().ok().flatten();
    for (path, before, after) in files {
        if before != State::Nothing {
            line.files.push(Seen { was: true, ..of_state(store, &path, &before) });
        }
        let what = Some(EventKind::Restored).filter(|_| what == What::Restored);
        line.files.push(Seen { what, ..of_state(store, &path, &after) });
    }
    line
}

fn of_state(store: &Store, path: &RepoPath, state: &State) -> Seen {
    let mut seen = Seen::of(path);
    match state {
        State::Nothing => {}
        State::File { blob, permissions } => {
            (seen.id, seen.mode) = (Some(blob.clone()), Some(*permissions));
            seen.clean = store.clean_forms.is_for(path);
        }
        State::Link { target } => seen.link = Some(quote(target, true)),
    }
    seen
}

/// The state as the record has it.
pub fn recorded(store: &Store, path: &RepoPath, seen: SeenFile) -> Result<State> {
    match seen.state {
        State::File { permissions, .. } if store.clean_forms.is_for(path) => {
            let blob = store.id_of(path, &seen.bytes)?.to_string();
            Ok(State::File { blob, permissions })
        }
        state => Ok(state),
    }
}

/// The bytes of a state as the record has it.
pub fn bytes(store: &Store, path: &RepoPath, state: &State) -> Result<Vec<u8>> {
    let State::File { blob, .. } = state else { return Ok(Vec::new()) };
    let id = store.objects.parse(blob)?;
    if store.clean_forms.is_for(path) {
        return store.clean_forms.plain(&store.vault, path, id);
    }
    let read = store.vault.read(id).or_else(|_| store.objects.read_blob(id));
    read.or_else(|error| {
        let version = versions::of(store, path).into_iter().find(|version| version.id == id);
        version.map_or(Err(error), |version| version.bytes(store))
    })
}

impl Upgrade<'_> {
    /// The line that tells what was changed; what stood there before can be had from now on.
    pub fn moment(&self, what: What, cause: &str, touched: &[Touched]) -> Result<Line> {
        let mut files = Vec::new();
        for touched in touched {
            let path = &touched.path;
            let before = self.kept(path, &touched.before)?;
            let after = recorded(self.store, path, self.tree.read(path)?)?;
            files.push((path.clone(), before, after));
        }
        Ok(line(self.store, what, cause, files.into_iter()))
    }

    fn kept(&self, path: &RepoPath, state: &State) -> Result<State> {
        let State::File { blob, .. } = state else { return Ok(state.clone()) };
        let bytes = self.bytes(path, self.store.objects.parse(blob)?)?;
        self.tree.keep(path, &bytes)?;
        recorded(self.store, path, SeenFile { state: state.clone(), bytes })
    }
}
