//! What the lines of the record have seen of each file.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::told::{state_of, told};
use crate::model::events::agent_note::AgentNote;
use crate::model::events::event::Kind;
use crate::model::events::line::{Line, Seen, What};
use crate::model::names::quote::unquote;
use crate::model::names::repo_path::RepoPath;
use crate::model::transaction::State;

/// When, and as what, the lines saw each file.
#[derive(Debug, Default)]
pub(super) struct Sights {
    pub of: HashMap<RepoPath, Vec<Sight>>,
    /// The lines in which every file with edits is.
    pub full: Vec<usize>,
    /// All that was ever copied of files: their author's work, unless HEAD or the index have it.
    pub copied: HashSet<(RepoPath, String)>,
}

#[derive(Debug, Clone)]
pub(super) struct Sight {
    pub at: usize,
    pub state: State,
    /// What Git calls it, where that is another than the vault's.
    pub git: Option<String>,
    /// When it was written, in seconds.
    pub written: Option<i64>,
}

impl Sights {
    pub fn of(lines: &[Line]) -> Self {
        let mut sights = Self::default();
        for (at, line) in lines.iter().enumerate() {
            if line.what == What::Snapshot {
                sights.full.extend(line.full.then_some(at));
                for path in line.agent.iter().flat_map(absent) {
                    let sight = Sight { at, state: State::Nothing, git: None, written: None };
                    sights.of.entry(path).or_default().push(sight);
                }
                for seen in worktrees(line) {
                    let Some(path) = seen.path() else { continue };
                    sights.copied.extend(seen.id.clone().map(|id| (path.clone(), id)));
                    let written = seen.stat.map(|stat| stat.1);
                    let sight = Sight { at, state: state_of(seen), git: seen.git.clone(), written };
                    sights.of.entry(path).or_default().push(sight);
                }
            } else if line.moment.is_some() {
                for (path, (state, _)) in told(line) {
                    sights.of.entry(path).or_default().push(Sight {
                        at,
                        state,
                        git: None,
                        written: None,
                    });
                }
            }
        }
        sights
    }
}

/// What an agent's step found not to be there.
pub(super) fn absent(agent: &AgentNote) -> impl Iterator<Item = RepoPath> {
    agent.absent.iter().filter_map(|name| RepoPath::from_bytes(unquote(name)?).ok())
}

/// Of each file that a snapshot saw, the working tree's version: the last, whichever comes first.
pub(super) fn worktrees(line: &Line) -> Vec<&Seen> {
    // The guard's staged version of a file that wasn't there has no state of one.
    let is_there = |seen: &&Seen| seen.kind != Some(Kind::Guard) || seen.stat.is_some();
    let mut of_path: BTreeMap<Vec<u8>, &Seen> = BTreeMap::new();
    for seen in line.files.iter().filter(is_there) {
        let Some(path) = seen.path_bytes() else { continue };
        let known = of_path.entry(path).or_insert(seen);
        if seen.kind != Some(Kind::Staged) {
            *known = seen;
        }
    }
    of_path.into_values().collect()
}
