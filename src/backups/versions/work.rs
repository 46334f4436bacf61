//! Which versions of a file are open: work that no commit took since it was last seen (DESIGN, chapter 2).
//!
//! What counts is the last time that the bytes were seen, by a snapshot or because a restore put them there. After it, a
//! commit of the file made here by `git commit` closes them, whatever it has of the file: they are what it has, or a
//! draft of that. A commit that came otherwise (merge, pull, rebase, cherry-pick) closes only the very bytes that it has.
//! What the snapshot of a commit saw in the working tree beside the staged version is not closed by that commit, nor is
//! what was staged while it was under way; nor is it by a later commit that takes just that staged version. What
//! HEAD had when it was seen is Git's, and no work. What is in the stash is put aside, unless a hook of a commit that
//! came to nothing, or after which it was gone, may have put it there.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsString;

use super::Version;
use crate::backups::Store;
use crate::git::command::{Finished, RunningGit};
use crate::git::history::changed_paths;
use crate::model::events::event::Kind;
use crate::model::events::line::{Line, Seen, What};
use crate::model::names::repo_path::RepoPath;
use crate::os::platform::path_from_bytes;

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
    /// Since a commit that HEAD was at: which blobs of which paths the commits of HEAD's history brought.
    brought: RefCell<HashMap<String, Brought>>,
    stashes: Vec<String>,
}

impl<'a> Commits<'a> {
    pub fn of(store: &'a Store) -> Self {
        let lines = super::history(store).lines();
        let (changed, brought) = Default::default();
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
        Self { store, lines, changed, brought, stashes: all.lines().map(str::to_owned).collect() }
    }

    /// What became of each of these versions of `path`; they are those of a [list](super::of), in its order.
    pub fn work(&self, path: &RepoPath, versions: &[Version]) -> FileWork {
        let mut known = HashSet::new();
        let mut all = Vec::new();
        for (at, version) in versions.iter().enumerate() {
            let is_had = version.backup.is_some() || version.in_vault;
            if version.is_doubtful
                || !is_had
                || !known.insert(version.id)
                || self.is_staged_beside(version)
            {
                continue;
            }
            let seen = self.last_seen(path, &versions[at..], version);
            let fate = self.fate(version, seen);
            all.push((version.clone(), seen, fate));
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
        let of_path: Vec<_> =
            files.filter(|seen| seen.path().as_ref() == Some(&version.path)).collect();
        let is_staged = |seen: &&Seen| seen.kind == Some(Kind::Staged) && seen.id == id;
        of_path.iter().any(|seen| seen.kind == Some(Kind::Worktree))
            && (id.is_none() || of_path.iter().copied().any(|seen| is_staged(&seen)))
    }

    /// The line that saw these bytes last: that of the version, or of a later restore.
    fn last_seen(&self, path: &RepoPath, versions: &[Version], version: &Version) -> usize {
        let id = version.id.to_string();
        let of_bytes = versions.iter().filter(|it| it.id == version.id).filter_map(|it| it.line);
        let restored = self.restored(path).filter(|(_, blob)| *blob == id).map(|(at, _)| at);
        // A file that no line tells of was there before all that they tell.
        of_bytes.chain(restored).max().unwrap_or(0)
    }

    /// The restores of a file, each with the bytes that it put there.
    fn restored(&self, path: &RepoPath) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.lines.iter().enumerate().filter(|(_, line)| line.what == What::Restored);
        lines.filter_map(move |(at, line)| {
            let is_it = |seen: &&Seen| !seen.was && seen.path().as_ref() == Some(path);
            let seen = line.files.iter().find(is_it)?;
            Some((at, seen.id.as_deref()?))
        })
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
        if head.as_deref().is_some_and(has) {
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
        let stash = self.stashed(path, &ids).filter(|_| !self.is_lost_by_attempt(&ids, seen));
        stash.map_or(WorkFate::Open, WorkFate::Stashed)
    }

    /// The entry of the stash that has one of these blobs at a path.
    pub fn stashed(&self, path: &RepoPath, ids: &BTreeSet<String>) -> Option<usize> {
        let has = |commit: &str| self.blob_of(commit, path).is_some_and(|id| ids.contains(&id));
        self.stashes.iter().position(|commit| has(commit) || has(&format!("{commit}^3")))
    }

    /// Whether the commit that was under way has come to nothing or left out what was staged for it, or edits were gone
    /// after it.
    fn is_lost_by_attempt(&self, ids: &BTreeSet<String>, seen: usize) -> bool {
        let Some(begun) = self.under_way(seen) else { return false };
        let of_it = |line: &&Line| line.attempt == self.lines[begun].attempt;
        let staged = self.lines[begun].files.iter().filter(|it| it.kind == Some(Kind::Staged));
        let mut staged = staged.filter_map(|it| it.id.as_ref());
        let after = || self.lines[begun..].iter().filter(of_it);
        staged.any(|id| ids.contains(id))
            || after().any(|line| line.what == What::Vanished)
            || !after().any(|line| line.what == What::Commit)
    }

    /// The snapshot of the commit that was under way at a line.
    fn under_way(&self, at: usize) -> Option<usize> {
        let lines = &self.lines[..self.lines.len().min(at + 1)];
        let is_attempt = |line: &Line| line.what == What::Snapshot && line.attempt.is_some();
        let begun = lines.iter().rposition(is_attempt)?;
        let of_it = lines[begun..].iter().filter(|line| line.attempt == lines[begun].attempt);
        let has_ended =
            of_it.map(|line| line.what).any(|it| it == What::Commit || it == What::Failed);
        (!has_ended).then_some(begun)
    }

    /// The line of the first commit between two places that closes a version.
    pub fn closing(
        &self,
        version: &Version,
        ids: &BTreeSet<String>,
        seen: usize,
        end: usize,
    ) -> Option<usize> {
        let (then, path) = (&self.lines.get(seen)?.worktree, &version.path);
        let of = self.under_way(seen).unwrap_or(seen);
        let is_staged =
            |it: &&Seen| it.kind == Some(Kind::Staged) && it.path().as_ref() == Some(path);
        let staged = self.lines[of].files.iter().find(is_staged);
        let commits =
            self.lines[..end].iter().enumerate().skip(seen + usize::from(version.line.is_some()));
        let mut commits =
            commits.filter(|(_, line)| line.what == What::Commit && line.worktree == *then);
        let found = commits.find(|(at, line)| {
            let commit = line.commit.as_deref().unwrap_or_default();
            let has = || self.blob_of(commit, path).is_some_and(|id| ids.contains(&id));
            if !is_by_hand(line) {
                return has();
            }
            let is_own = line.attempt.is_some() && self.lines[of].attempt == line.attempt;
            match (staged, is_own) {
                (Some(file), _) if file.id.as_ref().is_some_and(|id| ids.contains(id)) => {}
                // Seen beside what was staged for it, or by somebody else while it was under way.
                (_, true) => return has(),
                // Just what it lay beside was committed later.
                (Some(file), false) => {
                    let staged = file.git.as_ref().or(file.id.as_ref());
                    if staged.is_some() && self.blob_of(commit, path).as_ref() == staged {
                        return false;
                    }
                }
                (None, false) => {}
            }
            self.changed(*at, line).contains(path)
        });
        found.map(|(at, _)| at)
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
                && seen.path().as_ref() == Some(&version.path)
        };
        let blob = self.lines[at].files.iter().find(is_it)?.git_id()?;
        let mode = if version.executable { "100755" } else { "100644" }.to_owned();
        matches!(self.fate(version, at), WorkFate::Open).then_some(LastStaged { mode, blob })
    }

    /// What a commit changed; where Git has forgotten it, what was staged for it.
    fn changed(&self, at: usize, line: &Line) -> HashSet<RepoPath> {
        if let Some(known) = self.changed.borrow().get(&at) {
            return known.clone();
        }
        let objects = &self.store.objects;
        let commit = line.commit.as_deref().unwrap_or_default();
        let changed = objects.parse(commit).and_then(|id| changed_paths(objects, id));
        let changed: HashSet<RepoPath> = match changed {
            Ok(changed) => changed.into_iter().collect(),
            Err(_) => {
                let is_attempt =
                    |it: &&Line| it.what == What::Snapshot && it.attempt == line.attempt;
                let attempt =
                    self.lines[..at].iter().rfind(is_attempt).filter(|_| line.attempt.is_some());
                let files = attempt.into_iter().flat_map(|line| &line.files);
                let staged = files.filter(|seen| seen.kind == Some(Kind::Staged));
                staged.filter_map(Seen::path).collect()
            }
        };
        self.changed.borrow_mut().insert(at, changed.clone());
        changed
    }

    /// Git's id of what a commit has at a path; `COMMIT^3` is what a stash has of untracked files.
    pub fn blob_of(&self, commit: &str, path: &RepoPath) -> Option<String> {
        let objects = &self.store.objects;
        let (name, is_third) =
            commit.strip_suffix("^3").map_or((commit, false), |name| (name, true));
        let mut found = objects.commit(objects.parse(name).ok()?).ok()?;
        if is_third {
            found = objects.commit(*found.1.get(2)?).ok()?;
        }
        Some(objects.lookup(found.0, path).ok()??.id.to_string())
    }

    /// The commit of HEAD's history that brought these bytes since HEAD was at `since`.
    fn brought(
        &self,
        version: &Version,
        ids: &BTreeSet<String>,
        since: Option<&str>,
    ) -> Option<String> {
        let head = self.store.refs.head().ok()??.to_string();
        let since = since.unwrap_or_default();
        if since == head {
            return None;
        }
        let mut known = self.brought.borrow_mut();
        let brought = known.entry(since.to_owned()).or_insert_with(|| self.ask_brought(since));
        ids.iter().find_map(|id| brought.get(&(version.path.clone(), id.clone())).cloned())
    }

    fn ask_brought(&self, since: &str) -> Brought {
        let mut args = vec![
            "log",
            "--format=commit %H",
            "--raw",
            "--no-abbrev",
            "--no-renames",
            "-m",
            "-z",
            "HEAD",
        ];
        let but = format!("^{since}");
        match since {
            "" => args.push("--max-count=1000"),
            _ => args.push(&but),
        }
        args.push("--");
        let text = self.store.repository.git().output(args).unwrap_or_default();
        let mut brought = HashMap::new();
        let (mut commit, mut blob) = (String::new(), None);
        for part in text.split(|&byte| byte == 0) {
            let part = part.trim_ascii_start();
            if let Some(id) = part.strip_prefix(b"commit ") {
                // The first of its changes may follow in the same part.
                let mut lines = id.split(|&byte| byte == b'\n');
                commit = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
                blob = lines.find(|line| line.starts_with(b":")).and_then(new_blob);
            } else if part.starts_with(b":") {
                blob = new_blob(part);
            } else if let (Some(id), Ok(path)) = (blob.take(), RepoPath::from_bytes(part.to_vec()))
            {
                brought.insert((path, id), commit.clone());
            }
        }
        brought
    }

    /// The place of the last commit's attempt, of which what is older is no more a fresh loss; and the commit.
    pub fn horizon(&self) -> (usize, Option<&str>) {
        let Some(at) = self.lines.iter().rposition(|line| line.what == What::Commit) else {
            return (0, None);
        };
        let attempt = self.lines[at].attempt.as_ref();
        let begun = self
            .lines
            .iter()
            .position(|line| line.what == What::Snapshot && line.attempt.as_ref() == attempt);
        (begun.filter(|_| attempt.is_some()).unwrap_or(at), self.lines[at].commit.as_deref())
    }

    /// Whether a commit is in HEAD's history.
    pub fn is_here(&self, commit: &str) -> bool {
        let args = ["merge-base", "--is-ancestor", commit, "HEAD"];
        let asked = self.store.repository.git().start(args).and_then(RunningGit::finish);
        asked.is_ok_and(|answer| answer.status == Some(0))
    }

    /// Those of these commits that HEAD's history doesn't have.
    pub fn elsewhere(&self, commits: &BTreeSet<String>) -> BTreeSet<String> {
        let Store { objects, repository, .. } = self.store;
        let is_there = |commit: &&String| objects.parse(commit).is_ok_and(|id| objects.has(id));
        let (there, mut gone): (BTreeSet<_>, BTreeSet<_>) = commits.iter().partition(is_there);
        let mut input: String = there.iter().map(|commit| format!("{commit}\n")).collect();
        input.push_str("^HEAD\n");
        let args = ["rev-list", "--stdin"];
        let asked = repository.git().feed(args, input.into_bytes()).and_then(Finished::success);
        let others = asked.unwrap_or_default();
        let others: HashSet<&str> =
            std::str::from_utf8(&others).unwrap_or_default().lines().collect();
        gone.extend(there.into_iter().filter(|commit| others.contains(commit.as_str())));
        gone.into_iter().cloned().collect()
    }

    /// The last commit that changed a file since HEAD was at `since`, if its file is another now.
    pub fn changed_since(&self, path: &RepoPath, since: &str) -> Option<String> {
        let head = self.store.refs.head().ok()??.to_string();
        if since == head || self.blob_of(since, path) == self.blob_of(&head, path) {
            return None;
        }
        let only = [b":(top,literal)", path.as_bytes()].concat();
        let mut args: Vec<OsString> =
            ["log", "-n1", "--format=%H", "HEAD", "--"].map(Into::into).into();
        args.push(path_from_bytes(&only).into_os_string());
        let found = self.store.repository.git().output(args).ok()?;
        Some(String::from_utf8_lossy(found.trim_ascii()).into_owned())
    }

    /// The last line before `instant`, or at it.
    pub fn last_line(&self, instant: i64) -> Option<usize> {
        self.lines.iter().rposition(|line| line.time <= instant)
    }

    /// Where HEAD and the branch were at a line, as far as a snapshot before it knew.
    pub fn stood(&self, at: usize) -> Option<&Line> {
        self.lines[..=at].iter().rfind(|line| line.head.is_some())
    }

    /// Where HEAD was when a version was copied.
    pub fn head_of(&self, version: &Version) -> Option<String> {
        self.lines.get(version.line?)?.head.clone()
    }

    /// Where HEAD was when a version was last seen; if a commit's snapshot saw it, that commit.
    pub fn head_then(&self, seen: usize) -> Option<&str> {
        let attempt = self.lines.get(seen)?.attempt.as_ref();
        let mut later = self.lines[seen..].iter().filter(|line| line.what == What::Commit);
        let made = later.find(|line| attempt.is_some() && line.attempt.as_ref() == attempt);
        made.map_or_else(|| self.stood(seen)?.head.as_deref(), |line| line.commit.as_deref())
    }

    /// The version that was live at `instant`: the one last seen then, unless something ended it before.
    pub fn live(&self, path: &RepoPath, versions: &[Version], instant: i64) -> Option<Version> {
        let cut = self.last_line(instant);
        let is_before = |at: usize| cut.is_some_and(|cut| at <= cut);
        let mut known: Vec<&Version> =
            versions.iter().filter(|it| it.instant() <= instant).collect();
        known.retain(|it| !self.is_staged_beside(it) && it.line.is_none_or(is_before));
        let restored = self.restored(path).filter(|(at, _)| is_before(*at)).last();
        let by_restore = restored.and_then(|(at, blob)| {
            let version = versions.iter().find(|version| version.id.to_string() == blob)?;
            Some((version, at))
        });
        let newest = known.first().map(|version| (*version, version.line.unwrap_or(0)));
        let (version, seen) = by_restore.into_iter().chain(newest).max_by_key(|(_, at)| *at)?;
        let Some(cut) = cut.filter(|_| version.line.is_some()) else {
            return Some(version.clone());
        };
        let is_without = |line: &Line| {
            line.full
                && line.worktree == self.lines[seen].worktree
                && line.files.iter().all(|file| file.path().as_ref() != Some(path))
        };
        let ended = self.closing(version, &self.ids(version), seen, cut + 1).is_some()
            || self.lines[..=cut].iter().skip(seen + 1).any(is_without);
        (!ended).then(|| version.clone())
    }
}

/// Whether somebody made it with `git commit`.
pub fn is_by_hand(line: &Line) -> bool {
    match line.cause.as_deref() {
        Some("commit") => true,
        Some("am" | "cherry-pick" | "merge" | "pull" | "rebase" | "revert") => false,
        _ => line.attempt.is_some(),
    }
}

/// The blob that a line of `--raw` says is new.
fn new_blob(line: &[u8]) -> Option<String> {
    let id = line.split(|&byte| byte == b' ').nth(3)?;
    Some(String::from_utf8_lossy(id).into_owned())
}
