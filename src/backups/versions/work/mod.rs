//! Which versions of a file are open: work that no commit took since it was last seen.
//!
//! - `told`: what the record's lines about commits say; `brought`: what Git's history says;
//! - `closing`: which commit closes a version; `live`: what was live at a given time.
//!
//! What counts is the last time that the bytes were seen, by a snapshot or because a restore put them there. After it,
//! a commit of the file made here by `git commit` closes them, whatever it has of the file: they are what it has, or a
//! draft of that. A commit that came otherwise (merge, pull, rebase, cherry-pick) closes only the very bytes that it
//! has. What the snapshot of a commit saw in the working tree beside the staged version is not closed by that commit,
//! nor is what was staged while it was under way; nor is it by a later commit that takes just that staged version. What
//! HEAD had when it was seen is Git's, and no work. What is in the stash is put aside, unless a hook of a commit that
//! came to nothing, or after which it was gone, may have put it there.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};

use super::Version;
use crate::backups::Store;
use crate::model::events::event::Kind;
use crate::model::events::line::{Line, Seen, What};
use crate::model::names::repo_path::RepoPath;

mod brought;
mod closing;
mod live;
mod told;

pub use closing::is_by_hand;
use told::ToldCommits;

/// What became of the newest bytes that were seen of a file.
#[derive(Debug, Clone)]
pub enum WorkFate {
    Open,
    /// This commit has them.
    Committed(String),
    /// This commit took the file in another form.
    Draft(String),
    /// The entry of the stash, 0 being the newest.
    Stashed(usize),
    /// HEAD had them when they were seen.
    Gits,
}

/// The versions of one file, each with what became of it, the one last seen first.
#[derive(Debug)]
pub struct FileWork(Vec<(Version, usize, WorkFate)>);

impl FileWork {
    /// The newest open version, and the line that saw it last.
    pub fn open(&self) -> Option<(&Version, usize)> {
        let found = self.0.iter().find(|(_, _, fate)| matches!(fate, WorkFate::Open));
        found.map(|(version, seen, _)| (version, *seen))
    }

    pub fn fates(&self) -> impl Iterator<Item = (&Version, &WorkFate)> {
        self.0.iter().map(|(version, _, fate)| (version, fate))
    }
}

/// What the index has of a file: mode and blob, as Git writes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastStaged {
    pub mode: String,
    pub blob: String,
}

/// By path and blob the commit that brought it.
type Brought = HashMap<(RepoPath, String), String>;

/// The lines of the record, read for what they say of commits.
pub struct Commits<'a> {
    store: &'a Store,
    lines: &'a [Line],
    changed: RefCell<HashMap<usize, HashSet<RepoPath>>>,
    restored: OnceCell<HashMap<RepoPath, Vec<(usize, &'a str)>>>,
    /// Since a commit that HEAD was at: which blobs of which paths the commits of HEAD's history brought.
    brought: RefCell<HashMap<String, Brought>>,
    stashes: Vec<String>,
    told: OnceCell<ToldCommits<'a>>,
}

impl<'a> Commits<'a> {
    pub fn of(store: &'a Store) -> Self {
        let lines = super::history(store).lines();
        let (changed, restored, brought, told) = Default::default();
        let listed = match store.refs.read("refs/stash") {
            Ok(Some(_)) => {
                store.repository.git().output(["rev-parse", "--verify", "--quiet", "refs/stash"])
            }
            _ => Ok(Vec::new()),
        };
        let has_any = listed.is_ok_and(|out| !out.is_empty());
        let format = ["log", "-g", "--no-show-signature", "--format=%H", "refs/stash", "--"];
        let all = if has_any { store.repository.git().output(format) } else { Ok(Vec::new()) };
        let all = String::from_utf8_lossy(&all.unwrap_or_default()).into_owned();
        let stashes = all.lines().map(str::to_owned).collect();
        Self { store, lines, changed, restored, brought, stashes, told }
    }

    fn told(&self) -> &ToldCommits<'a> {
        self.told.get_or_init(|| ToldCommits::of(self.lines))
    }

    /// What became of each of these versions of `path`; they are those of a [list](super::of), in its order.
    pub fn work(&self, path: &RepoPath, versions: &[Version]) -> FileWork {
        let mut known = HashSet::new();
        let mut all = Vec::new();
        for (at, version) in versions.iter().enumerate() {
            let is_had = version.backup.is_some() || version.in_vault;
            if version.is_doubtful || !is_had || !known.insert(version.id) {
                continue;
            }
            let seen = self.last_seen(path, &versions[at..], version);
            let fate = self.fate(version, seen);
            if !matches!(fate, WorkFate::Open) || !self.is_staged_beside(version) {
                all.push((version.clone(), seen, fate));
            }
        }
        // The order is that of the list, but for what a restore has put there since.
        if let Some((at, blob)) = self.restored(path).last()
            && let Some(place) =
                all.iter().position(|(version, _, _)| version.id.to_string() == blob)
            && all[..place].iter().all(|(_, seen, _)| *seen < at)
        {
            all[..=place].rotate_right(1);
        }
        FileWork(all)
    }

    /// Its snapshot saw other bytes in the working tree: those were the work. So they were where the guard looked while
    /// a hook had put them away.
    fn is_staged_beside(&self, version: &Version) -> bool {
        let Some(at) = version.line else { return false };
        let (of, id) = match version.kind() {
            Some(Kind::Staged) => (Some(at), None),
            Some(Kind::Guard) => (self.under_way(at), Some(version.id.to_string())),
            _ => return false,
        };
        let files = of.into_iter().flat_map(|of| &self.lines[of].files);
        let of_path: Vec<_> = files.filter(|seen| seen.is_of(&version.path)).collect();
        let is_staged = |seen: &&Seen| seen.kind == Some(Kind::Staged) && seen.id == id;
        let own = version.id.to_string();
        let is_other = |seen: &Seen| seen.id.as_ref() != Some(&own);
        of_path.iter().any(|seen| seen.kind == Some(Kind::Worktree) && is_other(seen))
            && (id.is_none() || of_path.iter().copied().any(|seen| is_staged(&seen)))
    }

    /// The line that saw these bytes last: that of the version, or of a later restore.
    fn last_seen(&self, path: &RepoPath, versions: &[Version], version: &Version) -> usize {
        let of_bytes = versions.iter().filter(|it| it.id == version.id).filter_map(|it| it.line);
        let is_it = |blob: &str| blob == version.id.to_string();
        let restored = self.restored(path).filter(|(_, blob)| is_it(blob)).map(|(at, _)| at);
        // A file that no line tells of was there before all that they tell.
        of_bytes.chain(restored).max().unwrap_or(0)
    }

    /// The restores of a file, each with the bytes that it put there.
    fn restored(&self, path: &RepoPath) -> impl Iterator<Item = (usize, &'a str)> {
        let all = || {
            let mut all: HashMap<RepoPath, Vec<(usize, &str)>> = HashMap::new();
            let lines = self.lines.iter().enumerate();
            for (at, line) in lines.filter(|(_, line)| line.what == What::Restored) {
                for seen in line.files.iter().filter(|seen| !seen.was) {
                    let Some((path, id)) = seen.path().zip(seen.id.as_deref()) else { continue };
                    all.entry(path).or_default().push((at, id));
                }
            }
            all
        };
        self.restored.get_or_init(all).get(path).into_iter().flatten().copied()
    }

    /// Whether the last restore of a file put these bytes there.
    pub fn was_restored(&self, path: &RepoPath, id: &str) -> bool {
        self.restored(path).last().is_some_and(|(_, blob)| blob == id)
    }

    fn fate(&self, version: &Version, seen: usize) -> WorkFate {
        let Version { path, .. } = version;
        let ids = self.ids(version);
        let head = self.lines.get(seen).and_then(|line| line.head.clone());
        let has = |commit: &str| self.blob_of(commit, path).is_some_and(|id| ids.contains(&id));
        let may_have = |head: &str| {
            let told = self.told().blob_before(head, path, seen);
            told.is_none_or(|blob| blob.is_some_and(|blob| ids.contains(blob)))
        };
        let has_it = |head: &str| may_have(head) && has(head) && !self.has_other_bit(version, head);
        if head.as_deref().is_some_and(has_it) {
            return WorkFate::Gits;
        }
        if let Some(at) = self.closing(version, &ids, seen, self.lines.len()) {
            let commit = self.lines[at].commit.clone().unwrap_or_default();
            return if has(&commit) {
                WorkFate::Committed(commit)
            } else {
                WorkFate::Draft(commit)
            };
        }
        if let Some(commit) = self.brought(version, &ids, head.as_deref()) {
            return WorkFate::Committed(commit);
        }
        let stash = self.stashed(path, &ids, version.executable_bit());
        let stash = stash.filter(|_| !self.is_lost_by_attempt(&ids, seen));
        stash.map_or(WorkFate::Open, WorkFate::Stashed)
    }

    /// Whether the user had these bytes taken out: by a restore of others, or an undo of what had brought them. Then
    /// they are not missing. An undo of a restore brings about a loss once more.
    pub fn is_taken_out(&self, version: &Version, seen: usize) -> bool {
        let id = version.id.to_string();
        let is_ours = |line: &Line| line.what == What::Restored || line.undoes.is_some();
        let is_of_ours = |of: &str| {
            let ours = self.lines.iter().filter(|line| is_ours(line));
            ours.filter_map(|line| line.moment.as_deref())
                .any(|id| of.split(' ').any(|it| it == id))
        };
        let of_bytes = |seen: &&Seen| seen.id.as_ref() == Some(&id) && seen.is_of(&version.path);
        let mut since = self.lines.iter().skip(seen).rev().filter(|line| is_ours(line));
        let last = since.find_map(|line| Some((line, line.files.iter().rfind(of_bytes)?.was)));
        last.is_some_and(|(line, was)| was && !line.undoes.as_deref().is_some_and(is_of_ours))
    }

    /// The ids that the bytes have, in the vault and, where a filter makes that another, to Git.
    pub fn ids(&self, version: &Version) -> BTreeSet<String> {
        let id = version.id.to_string();
        let line = version.line.map(|at| &self.lines[at]);
        let files = line.into_iter().flat_map(|line| &line.files);
        let of_git =
            files.filter(|seen| seen.id.as_ref() == Some(&id)).filter_map(|seen| seen.git.clone());
        of_git.chain([id.clone()]).collect()
    }

    /// The index entry that a version was seen in, if nothing has taken that since.
    pub fn staged_entry(&self, version: &Version) -> Option<LastStaged> {
        let at = version.line.filter(|_| version.kind() == Some(Kind::Staged))?;
        let id = version.id.to_string();
        let is_it = |seen: &&Seen| {
            seen.kind == Some(Kind::Staged)
                && seen.id.as_ref() == Some(&id)
                && seen.is_of(&version.path)
        };
        let blob = self.lines[at].files.iter().find(is_it)?.git_id()?;
        let mode = if version.executable { "100755" } else { "100644" }.to_owned();
        matches!(self.fate(version, at), WorkFate::Open).then_some(LastStaged { mode, blob })
    }
}
