//! What Git's own history has of a file, and since when.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::ffi::OsString;

use super::{Brought, Commits};
use crate::backups::Store;
use crate::backups::versions::Version;
use crate::git::command::{Finished, RunningGit};
use crate::model::names::repo_path::RepoPath;
use crate::os::platform::path_from_bytes;

/// So many commits of which no line tells are read at most, to find others among their ancestors.
const MOST_UNTOLD: usize = 50;

impl Commits<'_> {
    /// Git's id of what a commit has at a path; `COMMIT^3` is what a stash has of untracked files.
    pub fn blob_of(&self, commit: &str, path: &RepoPath) -> Option<String> {
        let told = self.told().blob(commit, path);
        told.map_or_else(|| Some(self.entry_of(commit, path)?.0), |told| told.map(str::to_owned))
    }

    /// The id of what a commit has at a path, and whether it is executable there.
    fn entry_of(&self, commit: &str, path: &RepoPath) -> Option<(String, bool)> {
        let objects = &self.store.objects;
        let (name, is_third) =
            commit.strip_suffix("^3").map_or((commit, false), |name| (name, true));
        let mut found = objects.commit(objects.parse(name).ok()?).ok()?;
        if is_third {
            found = objects.commit(*found.1.get(2)?).ok()?;
        }
        let entry = objects.lookup(found.0, path).ok()??;
        Some((entry.id.to_string(), entry.mode & 0o100 != 0))
    }

    /// Whether a version and a commit's file differ in being executable, where Git heeds that.
    pub(super) fn has_other_bit(&self, version: &Version, commit: &str) -> bool {
        let entry = self.entry_of(commit, &version.path);
        entry.is_some_and(|(_, bit)| self.is_other_bit(version.executable_bit(), bit))
    }

    fn is_other_bit(&self, known: Option<bool>, bit: bool) -> bool {
        self.store.settings.file_mode && known.is_some_and(|known| known != bit)
    }

    /// The entry of the stash that has one of these blobs at a path, with that bit.
    pub fn stashed(
        &self,
        path: &RepoPath,
        ids: &BTreeSet<String>,
        bit: Option<bool>,
    ) -> Option<usize> {
        let has = |commit: &str| {
            let entry = self.entry_of(commit, path);
            entry.is_some_and(|(id, has)| ids.contains(&id) && !self.is_other_bit(bit, has))
        };
        self.stashes.iter().position(|commit| has(commit) || has(&format!("{commit}^3")))
    }

    /// The commit of HEAD's history that brought these bytes since HEAD was at `since`.
    pub(super) fn brought(
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

    /// Whether a commit is in HEAD's history.
    pub fn is_here(&self, commit: &str) -> bool {
        if self.not_met(&BTreeSet::from([commit.to_owned()])).is_empty() {
            return true;
        }
        let args = ["merge-base", "--is-ancestor", commit, "HEAD"];
        let asked = self.store.repository.git().start(args).and_then(RunningGit::finish);
        asked.is_ok_and(|answer| answer.status == Some(0))
    }

    /// Those of these commits that HEAD's history doesn't have.
    pub fn elsewhere(&self, commits: &BTreeSet<String>) -> BTreeSet<String> {
        let commits = self.not_met(commits);
        if commits.is_empty() {
            return commits;
        }
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

    /// Those of these commits that aren't met on the way back from HEAD, which goes as far as the record tells of it,
    /// and a few steps more: Git knows short cuts.
    fn not_met(&self, commits: &BTreeSet<String>) -> BTreeSet<String> {
        let Store { objects, refs, .. } = self.store;
        let mut wanted: BTreeSet<&str> = commits.iter().map(String::as_str).collect();
        let head = refs.head().ok().flatten().map(|id| Cow::Owned(id.to_string()));
        let mut next: VecDeque<Cow<'_, str>> = head.into_iter().collect();
        let (mut known, mut untold) = (HashSet::new(), 0);
        while let Some(commit) = next.pop_front().filter(|_| !wanted.is_empty()) {
            wanted.remove(&*commit);
            if let Some(parents) = self.told().parents(&commit) {
                next.extend(parents.iter().filter(|it| known.insert(*it)).map(Into::into));
            } else if untold < MOST_UNTOLD {
                untold += 1;
                let read = objects.parse(&commit).and_then(|id| objects.commit(id));
                let parents = read.map(|(_, parents)| parents).unwrap_or_default();
                next.extend(parents.iter().map(|id| Cow::Owned(id.to_string())));
            }
        }
        wanted.into_iter().map(str::to_owned).collect()
    }

    /// The last commit that changed a file since HEAD was at `since`, if the file differs now; `Some(None)` if HEAD's
    /// history doesn't have `since`.
    pub fn changed_since(&self, path: &RepoPath, since: &str) -> Option<Option<String>> {
        let head = self.store.refs.head().ok()??.to_string();
        if since == head || self.blob_of(since, path) == self.blob_of(&head, path) {
            return None;
        }
        if !self.is_here(since) {
            return Some(None);
        }
        let only = [b":(top,literal)", path.as_bytes()].concat();
        let mut args: Vec<OsString> =
            ["log", "-n1", "--format=%H", "HEAD", "--"].map(Into::into).into();
        args.push(path_from_bytes(&only).into_os_string());
        let found = self.store.repository.git().output(args).ok()?;
        Some(Some(String::from_utf8_lossy(found.trim_ascii()).into_owned()))
    }
}

/// The blob that a line of `--raw` says is new.
fn new_blob(line: &[u8]) -> Option<String> {
    let id = line.split(|&byte| byte == b' ').nth(3)?;
    Some(String::from_utf8_lossy(id).into_owned())
}
