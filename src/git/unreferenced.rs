//! Removing objects that nothing names any more.
//!
//! Git's own `gc` and `prune` do it for the whole repository, and are the user's to run. Here single blobs
//! go, with the trees that still name them though nothing names those: the id alone would prove a guess of
//! a short secret.
//!
//! Order, and why it is safe: the moment is noted before anything is looked at; what refs, HEADs, reflogs,
//! indexes and operations under way name is found by Git; what only a lost commit names stays, for
//! somebody may want that back; of the rest, files of their own are unlinked, from the trees that name a tree down
//! to the blob. Git makes an object look new before it names it once more: one that was written to after the noted
//! moment stays. Whatever can't be told stays and is named.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::{Result, bail};

use super::objects::{Objects, Oid};
use super::repository::Repository;

/// A file's time may lag this far behind the clock: the system rounds it down to its own tick.
const TICK: Duration = Duration::from_millis(20);

/// Why an object is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// A ref, a reflog, an index or an operation under way names it.
    Named,
    /// A commit names it that nothing else names.
    LostCommit(String),
    /// It is in a pack, or in another repository's objects.
    Packed,
    /// Somebody has written to it just now.
    InUse,
    /// It can't be told whether anything names it, and why.
    Unknown(String),
}

/// Removes those of `blobs` that nothing names, as far as they are files of their own; those that are left.
pub fn remove(repository: &Repository, blobs: &[Oid]) -> Vec<(Oid, Fate)> {
    // What was written before this began is older than the moment by more than a tick.
    std::thread::sleep(TICK);
    let moment = SystemTime::now() - TICK;
    let objects = Objects::of(repository);
    let there: Vec<Oid> = blobs.iter().copied().filter(|id| objects.has(*id)).collect();
    if there.is_empty() {
        return Vec::new();
    }
    let graph = Graph::of(repository, &objects);
    let fate = |id: Oid| match &graph {
        Ok(graph) => graph.remove(&objects, id, moment),
        Err(error) => Some(Fate::Unknown(format!("{error:#}"))),
    };
    there.into_iter().filter_map(|id| Some((id, fate(id)?))).collect()
}

/// Who names what, among the objects that nothing else names.
struct Graph {
    named: HashSet<String>,
    /// The trees that name an object.
    parents: HashMap<Oid, Vec<Oid>>,
    /// The commits and tags that name a tree or a blob.
    holders: HashMap<Oid, Oid>,
}

impl Graph {
    fn of(repository: &Repository, objects: &Objects) -> Result<Self> {
        let named = named(repository)?;
        let (mut parents, mut holders) = (HashMap::<Oid, Vec<Oid>>::new(), HashMap::new());
        let args = [
            "cat-file",
            "--batch-all-objects",
            "--unordered",
            "--batch-check=%(objectname) %(objecttype)",
        ];
        let all = String::from_utf8(repository.git().output(args)?)?;
        for (hex, kind) in all.lines().filter_map(|line| line.split_once(' ')) {
            if kind == "blob" || named.contains(hex) {
                continue;
            }
            let id = objects.parse(hex)?;
            match kind {
                "tree" => {
                    for entry in objects.tree(id)? {
                        parents.entry(entry.id).or_default().push(id);
                    }
                }
                "commit" => drop(holders.insert(objects.commit(id)?.0, id)),
                _ => drop(holders.insert(tagged(repository, objects, hex)?, id)),
            }
        }
        Ok(Self { named, parents, holders })
    }

    /// Removes it, with the trees that nothing else needs; why it is left, if it is.
    fn remove(&self, objects: &Objects, blob: Oid, moment: SystemTime) -> Option<Fate> {
        if self.named.contains(&blob.to_string()) {
            return Some(Fate::Named);
        }
        // From the blob up, each before what names it.
        let (mut chain, mut at) = (vec![blob], 0);
        let mut seen = HashSet::from([blob]);
        while let Some(id) = chain.get(at).copied() {
            if let Some(holder) = self.holders.get(&id) {
                return Some(Fate::LostCommit(holder.to_string()));
            }
            let above = self.parents.get(&id).into_iter().flatten();
            chain.extend(above.filter(|above| seen.insert(**above)));
            at += 1;
        }
        // An earlier blob's may have taken some of them along.
        chain.retain(|id| *id == blob || objects.has(*id));
        if chain.iter().any(|id| !objects.is_loose(*id)) {
            return Some(Fate::Packed);
        }
        if chain.iter().any(|id| objects.was_written_since(*id, moment)) {
            return Some(Fate::InUse);
        }
        chain.iter().rev().for_each(|id| objects.unlink_loose(*id));
        if objects.is_loose(blob) {
            return Some(Fate::Unknown("its file can't be removed".to_owned()));
        }
        objects.afresh().has(blob).then_some(Fate::Packed)
    }
}

/// Everything that refs, reflogs, indexes and HEADs of all working trees name, and operations under way.
fn named(repository: &Repository) -> Result<HashSet<String>> {
    let args = [
        "rev-list",
        "--objects",
        "--no-object-names",
        "--all",
        "--reflog",
        "--indexed-objects",
        "--missing=allow-any",
        "--ignore-missing",
        "--stdin",
    ];
    let input = under_way(repository)?
        .into_iter()
        .flat_map(|id| [id, "\n".to_owned()].concat().into_bytes());
    let listed = repository.git().feed(args, input.collect())?.success()?;
    let listed = String::from_utf8(listed)?;
    Ok(listed.lines().map(|line| line.trim_start_matches(['?', '-']).to_owned()).collect())
}

/// The ids in the files of a Git directory by which operations remember commits: `MERGE_HEAD`, `ORIG_HEAD`,
/// `AUTO_MERGE`, what a rebase has put away.
fn under_way(repository: &Repository) -> Result<Vec<String>> {
    let mut dirs = vec![repository.common_dir.clone()];
    if let Ok(worktrees) = std::fs::read_dir(repository.common_dir.join("worktrees")) {
        dirs.extend(worktrees.filter_map(Result::ok).map(|entry| entry.path()));
    }
    let mut ids = Vec::new();
    for dir in &dirs {
        for folder in ["", "rebase-merge", "rebase-apply", "sequencer"] {
            ids_in(&dir.join(folder), repository.format.hex_len(), &mut ids)?;
        }
    }
    if !repository.refs_are_files {
        for name in ["ORIG_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD", "AUTO_MERGE"] {
            let answer = repository.git().start(["rev-parse", "-q", "--verify", name])?.finish()?;
            let id = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
            ids.extend(Some(id).filter(|id| !id.is_empty()));
        }
    }
    Ok(ids)
}

/// The ids that small files in a folder begin lines with.
fn ids_in(folder: &Path, length: usize, ids: &mut Vec<String>) -> Result<()> {
    const MOST: u64 = 1 << 20;
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        let is_small = entry.metadata().is_ok_and(|meta| meta.is_file() && meta.len() < MOST);
        if !is_small || entry.file_name() == "index" || entry.file_name() == "packed-refs" {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
        let words = text.split_whitespace().filter(|word| word.len() == length);
        let is_hex = |word: &&str| word.bytes().all(|byte| byte.is_ascii_hexdigit());
        ids.extend(
            words.filter(is_hex).filter(|word| word.bytes().any(|b| b != b'0')).map(str::to_owned),
        );
    }
    Ok(())
}

/// What a tag names.
fn tagged(repository: &Repository, objects: &Objects, tag: &str) -> Result<Oid> {
    let answer = repository.git().output(["rev-parse", "--verify", &format!("{tag}^{{}}")])?;
    let hex = String::from_utf8(answer)?;
    if hex.trim().is_empty() {
        bail!("the tag {tag} can't be read");
    }
    objects.parse(hex.trim())
}
