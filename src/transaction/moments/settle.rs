//! Whether a command of Git took what the guard had copied before it.
//!
//! The next sight of each file tells: in the record, or now. The same bytes: it was not taken. Git's own bytes, or
//! none: it was. Any other bytes were written since: the command may have taken the file before, or nothing has. Then
//! the index tells where it knows the file as written later than the copy, with Git's bytes; else one file that was
//! taken for sure speaks for all of its command, and without one there is no moment. What an entry of the stash has
//! was put aside, not taken.

use std::collections::BTreeSet;

use super::sights::{Sights, worktrees};
use super::told::{recorded, state_of};
use super::{Moments, TakenFile};
use crate::git::index::{Entry, Index};
use crate::git::worktree::filtered;
use crate::model::events::line::{Line, Seen};
use crate::model::names::repo_path::RepoPath;
use crate::model::transaction::State;

/// What has become of a file.
enum Settled {
    Kept,
    Taken(State),
    Unsure,
}

impl Moments<'_> {
    /// The files that the command took before which a snapshot was made.
    pub(super) fn settle(&self, at: usize, line: &Line) -> Vec<TakenFile> {
        let seen = worktrees(line);
        self.ask_git(seen.iter().filter_map(|seen| seen.path()));
        let mut files = Vec::new();
        for seen in seen {
            let Some(path) = seen.path() else { continue };
            let after = match self.settled(at, line, seen, &path) {
                Settled::Kept => continue,
                Settled::Taken(after) => Some(after),
                Settled::Unsure => None,
            };
            let before = state_of(seen);
            files.push(TakenFile { path, before, is_gits: false, after });
        }
        if files.iter().all(|file| file.after.is_none()) {
            files.clear();
        }
        files
    }

    pub(super) fn sights(&self) -> &Sights {
        self.sights.get_or_init(|| Sights::of(self.lines))
    }

    fn settled(&self, at: usize, line: &Line, seen: &Seen, path: &RepoPath) -> Settled {
        let sights = self.sights();
        let before = state_of(seen);
        let ids: BTreeSet<String> = seen.id.iter().chain(&seen.git).cloned().collect();
        let bit = seen.mode.filter(|_| cfg!(unix)).map(|bits| bits & 0o100 != 0);
        let now = self.now(path);
        let is_undone = line.moment.as_deref().is_some_and(|id| self.undone.contains(id));
        let is_back = || now.as_ref().is_some_and(|now| is_same(&before, now));
        if self.commits.stashed(path, &ids, bit).is_some() || !is_undone && is_back() {
            return Settled::Kept;
        }
        let then = |commit: Option<&String>| self.commits.blob_of(commit?, path);
        let next = sights.of.get(path).and_then(|all| all.iter().find(|sight| sight.at > at));
        let full = sights.full.iter().find(|full| **full > at);
        if let Some(full) = full.filter(|full| next.is_none_or(|next| **full < next.at))
            && let Some(clean) = then(self.lines[*full].head.as_ref())
        {
            let is_kept = ids.contains(&clean);
            return if is_kept { Settled::Kept } else { self.taken_by_git(path, clean) };
        }
        // What it had in the index then.
        let of_path = line.files.iter().filter(|it| it.is_of(path));
        let staged: BTreeSet<String> = of_path.filter_map(Seen::git_id).collect();
        let is_gits = |id: &String| {
            then(line.head.as_ref()).as_ref() == Some(id)
                || staged.contains(id) && !ids.contains(id)
                || self.is_gits(path, id)
                || self.is_moved(line, id)
        };
        if let Some(sight) = next {
            return match &sight.state {
                state if is_same(&before, state) => Settled::Kept,
                State::File { blob, .. } if is_gits(sight.git.as_ref().unwrap_or(blob)) => {
                    Settled::Taken(sight.state.clone())
                }
                State::Nothing => Settled::Taken(State::Nothing),
                _ => self.by_index(path, seen, &is_gits),
            };
        }
        match (now, self.git_id(path)) {
            (Some(State::Nothing), _) => Settled::Taken(State::Nothing),
            (Some(now), Some(id)) if is_gits(&id) || self.is_staged(path, &id) => {
                // Git has brought another since.
                match then(line.head.as_ref()).filter(|then| *then != id) {
                    Some(then) if self.is_heads(path, &id) => self.taken_by_git(path, then),
                    _ => Settled::Taken(now),
                }
            }
            _ => self.by_index(path, seen, &is_gits),
        }
    }

    /// It left what Git calls so.
    fn taken_by_git(&self, path: &RepoPath, blob: String) -> Settled {
        let now = self.now(path).filter(|_| self.git_id(path).as_ref() == Some(&blob));
        Settled::Taken(now.unwrap_or(State::File { blob, permissions: 0o600 }))
    }

    /// What stands there now, as the record would have it.
    pub(super) fn now(&self, path: &RepoPath) -> Option<State> {
        let look = || recorded(self.store, path, self.tree.read(path).ok()?).ok();
        let mut known = self.now.borrow_mut();
        known.entry(path.clone()).or_insert_with(look).clone()
    }

    /// What Git calls what stands there now.
    pub(super) fn git_id(&self, path: &RepoPath) -> Option<String> {
        if let Some(id) = self.git_ids.borrow().get(path) {
            return Some(id.clone());
        }
        match self.now(path)? {
            State::File { blob, .. } => Some(blob),
            // The blob of a link is where it leads.
            State::Link { target } => Some(self.store.objects.hash(&target).ok()?.to_string()),
            State::Nothing => None,
        }
    }

    /// Asks Git of the files whose very bytes it doesn't have: a filter may make of them what it has.
    pub(super) fn ask_git(&self, paths: impl Iterator<Item = RepoPath>) {
        let objects = &self.store.objects;
        let is_strange = |path: &RepoPath| match self.now(path) {
            Some(State::File { blob, .. }) => objects.parse(&blob).is_ok_and(|id| !objects.has(id)),
            _ => false,
        };
        let is_new = |path: &RepoPath| !self.git_ids.borrow().contains_key(path);
        let strange: Vec<RepoPath> = paths.filter(|it| is_new(it) && is_strange(it)).collect();
        let names: Vec<&RepoPath> = strange.iter().collect();
        if !names.is_empty()
            && let Ok(ids) = filtered::clean_ids(&self.store.repository.git(), &names)
        {
            self.git_ids.borrow_mut().extend(strange.into_iter().zip(ids));
        }
    }

    /// Whether each of these files is what the index has there, and Git by itself: no work of the user's.
    pub fn are_gits(&self, paths: &[RepoPath]) -> bool {
        self.sights();
        self.ask_git(paths.iter().cloned());
        paths.iter().all(|path| {
            let id = self.git_id(path);
            id.is_some_and(|id| self.is_staged(path, &id) && self.is_gits(path, &id))
        })
    }

    fn is_heads(&self, path: &RepoPath, blob: &str) -> bool {
        let is_in = |commit: &String| self.commits.blob_of(commit, path).as_deref() == Some(blob);
        self.head.as_ref().is_some_and(is_in)
    }

    /// Whether Git has these bytes of a file by itself: in HEAD, or in any other commit or tree. What the user staged
    /// doesn't count, though Git has it: it was copied, and no commit has it.
    fn is_gits(&self, path: &RepoPath, blob: &str) -> bool {
        let copied = self.sights.get().map(|sights| &sights.copied);
        let is_copied = copied.is_some_and(|all| all.contains(&(path.clone(), blob.to_owned())));
        let mut commits = self.lines.iter().filter_map(|line| line.commit.as_deref());
        let mut is_committed =
            || commits.any(|it| self.commits.blob_of(it, path).as_deref() == Some(blob));
        let has = |id| self.store.objects.has(id);
        self.is_heads(path, blob)
            || self.store.objects.parse(blob).is_ok_and(has) && (!is_copied || is_committed())
    }

    /// Whether a move has put there what HEAD had at another path.
    fn is_moved(&self, line: &Line, blob: &str) -> bool {
        let is_move = |cause: &str| cause.starts_with("before git mv");
        let head = line.head.as_ref().filter(|_| line.cause.as_deref().is_some_and(is_move));
        let Some(head) = head else { return false };
        let args = ["ls-tree", "-r", "--full-tree", head.as_str()];
        let tree = self.store.repository.git().output(args).unwrap_or_default();
        String::from_utf8_lossy(&tree).contains(&format!(" {blob}\t"))
    }

    fn is_staged(&self, path: &RepoPath, blob: &str) -> bool {
        let index = self.store.repository.index().ok().flatten();
        index.is_some_and(|it| entry(&it, path).is_some_and(|it| it.id.to_string() == blob))
    }

    /// What the index has of a file, if it has seen Git's own bytes there after the copy was made.
    fn by_index(&self, path: &RepoPath, seen: &Seen, is_gits: &dyn Fn(&String) -> bool) -> Settled {
        let index = self.store.repository.index().ok().flatten();
        let Some((entry, stat)) = index.as_ref().and_then(|it| entry(it, path)).zip(seen.stat)
        else {
            return Settled::Unsure;
        };
        let is_later = (i64::from(entry.mtime.0), entry.mtime.1) > (stat.1, stat.2);
        let blob = entry.id.to_string();
        if is_later && seen.git_id().as_ref() != Some(&blob) && is_gits(&blob) {
            return Settled::Taken(State::File { blob, permissions: entry.mode & 0o777 });
        }
        Settled::Unsure
    }
}

fn entry<'a>(index: &'a Index, path: &RepoPath) -> Option<Entry<'a>> {
    let at = index.partition_point(0..index.count(), |other| other < path.as_bytes());
    index.entry(at).filter(|entry| entry.path == path.as_bytes() && entry.stage == 0)
}

/// The same bytes, and executable or not: the other bits are the umask's.
pub fn is_same(one: &State, other: &State) -> bool {
    match (one, other) {
        (State::File { blob, permissions }, State::File { blob: others, permissions: bits }) => {
            blob == others && (permissions ^ bits) & 0o100 == 0
        }
        _ => one == other,
    }
}
