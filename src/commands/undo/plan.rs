//! What an undo is about to do: of each file what stands there, and what comes in its place.

use std::collections::HashSet;

use anyhow::{Context, Result};

use super::way::WayMade;
use crate::backups::{Store, restore};
use crate::commands::Session;
use crate::git::line_diff;
use crate::git::worktree::filtered;
use crate::model::events::line::What;
use crate::model::names::backup_name::is_ours;
use crate::model::names::repo_path::RepoPath;
use crate::model::transaction::State;
use crate::term::undo::ShownUndo;
use crate::transaction;
use crate::transaction::moments::{Moments, TakenFile, TakenMoment, bytes, is_same, recorded};

#[derive(Debug, Default)]
pub struct UndoPlan {
    pub puts: Vec<UndoPut>,
    /// The files that are not what the moment left, and were not asked for by name.
    pub changed: Vec<RepoPath>,
}

#[derive(Debug)]
pub struct UndoPut {
    pub path: RepoPath,
    /// What stands there, byte for byte, and what will.
    pub from: State,
    pub to: State,
    pub there: Vec<u8>,
    pub bytes: Vec<u8>,
}

impl UndoPlan {
    pub fn of(
        session: &Session,
        moments: &Moments<'_>,
        moment: &TakenMoment<'_>,
        forced: &HashSet<RepoPath>,
    ) -> Result<Self> {
        let mut plan = Self::default();
        session.store.clean_forms.ask(moment.files.iter().map(|file| &file.path));
        let made = moment.files.iter().filter(|file| file.before == State::Nothing);
        let made: HashSet<&RepoPath> = made.map(|file| &file.path).collect();
        let knows_bits = moment.line.what != What::Snapshot;
        let way = WayMade::of(&session.store, moments, moment)?;
        for file in &moment.files {
            let is_forced = forced.contains(&file.path);
            let put_back = moments.put_back(moment, &file.path);
            plan.add(session, (file, put_back), (is_forced, knows_bits), (&made, &way))?;
        }
        plan.puts.extend(way.gone().map(|(path, seen)| UndoPut {
            path,
            from: seen.state,
            to: State::Nothing,
            there: seen.bytes,
            bytes: Vec::new(),
        }));
        Ok(plan)
    }

    /// `put_back`: what an undo of something newer has put there; `made`: the files that the moment made, which go
    /// before others come, as does what makes `way`.
    fn add(
        &mut self,
        session: &Session,
        (file, put_back): (&TakenFile, Option<State>),
        (is_forced, knows_bits): (bool, bool),
        (made, way): (&HashSet<&RepoPath>, &WayMade),
    ) -> Result<()> {
        let (store, path) = (&session.store, &file.path);
        let tree = transaction::tree(store)?;
        let seen = tree.read(path)?;
        let (from, there) = (seen.state.clone(), seen.bytes.clone());
        let now = recorded(store, path, seen)?;
        // What stands there after a command of Git's has the umask's bits; we know them all.
        let is_there = if knows_bits { now == file.before } else { is_same(&now, &file.before) };
        if is_there {
            return Ok(());
        }
        let is_left = file.after.iter().chain(&put_back).any(|left| is_same(left, &now));
        if !is_left && !is_forced {
            self.changed.push(path.clone());
            return Ok(());
        }
        // A folder is nothing, and so is what is behind a link; what the moment put there makes way.
        let makes_way = matches!(from, State::Link { .. })
            || knows_bits && transaction::ancestors(path).any(|above| made.contains(&above))
            || knows_bits
                && tree.has_folder(path)
                && tree.below(path)?.iter().all(|it| made.contains(it) || is_ours(it.file_name()));
        if !(is_left && makes_way || way.is_for(path)) {
            restore::look(store, path).with_context(|| session.term.path(path))?;
        }
        let bytes = before(store, file).with_context(|| session.term.path(path))?;
        let to = match (&file.before, &from) {
            (State::File { permissions, blob }, from) => {
                // What the vault has of an encrypted file, or Git of any, has another id.
                let blob = match file.is_gits || store.clean_forms.is_for(path) {
                    true => store.objects.hash(&bytes)?.to_string(),
                    false => blob.clone(),
                };
                // Git knows of one bit alone.
                let permissions = match from {
                    State::File { permissions: bits, .. }
                        if file.is_gits && (bits ^ permissions) & 0o100 == 0 =>
                    {
                        *bits
                    }
                    _ => *permissions,
                };
                State::File { blob, permissions }
            }
            (other, _) => other.clone(),
        };
        if to == from {
            return Ok(());
        }
        self.puts.push(UndoPut { path: path.clone(), from, to, there, bytes });
        Ok(())
    }

    /// What it comes to, file by file; lines are counted for the first `most`.
    pub fn shown(&self, most: usize) -> Vec<ShownUndo<'_>> {
        let counted = |(at, put): (usize, &UndoPut)| {
            (at < most).then(|| line_diff::count(&put.there, &put.bytes)).flatten()
        };
        let puts = self.puts.iter().enumerate();
        puts.map(|(at, put)| (&put.path, put.to != State::Nothing, counted((at, put)))).collect()
    }
}

/// The bytes that come back.
fn before(store: &Store, file: &TakenFile) -> Result<Vec<u8>> {
    match &file.before {
        State::File { blob, .. } if file.is_gits => {
            filtered::written_out(&store.repository.git(), &file.path, blob)
        }
        state => bytes(store, &file.path, state),
    }
}
