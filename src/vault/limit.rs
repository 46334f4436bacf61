//! Which versions go where the vault has outgrown its limit: the oldest first, never a file's newest one, never a
//! labelled snapshot.
//!
//! What a blob takes in a pack says little of what is saved by its going (others may be kept as differences
//! from it), so this is done again until it fits.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use anyhow::Result;

use super::days::Days;
use super::git::Sealed;
use super::gone::GoneLines;
use crate::model::events::line::{Line, Seen, What};
use crate::model::now::Now;
use crate::record::{Raw, Record};

/// Notes as many versions as gone as free `excess` bytes; how many.
pub(super) fn note(
    record: &Record,
    git: &Sealed,
    (days, gone): (&Days, &GoneLines),
    excess: u64,
    now: &Now,
) -> Result<usize> {
    let live: Vec<(&Raw, &Seen)> = live(days, gone);
    let sizes = sizes(git, &live)?;
    let mut uses: HashMap<&str, usize> = HashMap::new();
    for (_, seen) in &live {
        *uses.entry(id(seen)).or_default() += 1;
    }
    let mut freed = 0;
    let mut files: BTreeMap<&str, Vec<Seen>> = BTreeMap::new();
    for (raw, seen) in candidates(&live) {
        if freed >= excess {
            break;
        }
        let left = uses.entry(id(seen)).or_default();
        *left -= 1;
        if *left == 0 {
            freed += sizes.get(id(seen)).copied().unwrap_or(0);
        }
        files.entry(&raw.line.worktree).or_default().push(seen.naming(raw.line.time));
    }
    let count = files.values().map(Vec::len).sum();
    record.append_as_they_are(&mut gone_lines(files, "limit", now), now)?;
    Ok(count)
}

/// A line for each worktree that loses versions.
pub(super) fn gone_lines(files: BTreeMap<&str, Vec<Seen>>, why: &str, now: &Now) -> Vec<Line> {
    let line = |(worktree, files): (&str, Vec<Seen>)| {
        let mut line = Line::new(What::Gone, now);
        worktree.clone_into(&mut line.worktree);
        line.why = Some(why.to_owned());
        line.files = files;
        line
    };
    files.into_iter().map(line).collect()
}

/// The versions that are not gone, oldest first.
pub(super) fn live<'a>(days: &'a Days, gone: &GoneLines) -> Vec<(&'a Raw, &'a Seen)> {
    let mut live = Vec::new();
    for raw in days.all() {
        live.extend(
            raw.line.versions().filter(|seen| !gone.has(raw, seen)).map(|seen| (raw, seen)),
        );
    }
    live.sort_by_key(|(raw, _)| raw.line.time);
    live
}

fn candidates<'a>(live: &[(&'a Raw, &'a Seen)]) -> Vec<(&'a Raw, &'a Seen)> {
    let mut known: HashSet<(&str, Vec<u8>)> = HashSet::new();
    let mut candidates = Vec::new();
    for (raw, seen) in live.iter().rev() {
        let file = (raw.line.worktree.as_str(), seen.path_bytes().unwrap_or_default());
        let is_newest = known.insert(file);
        if !is_newest && raw.line.label.is_none() {
            candidates.push((*raw, *seen));
        }
    }
    candidates.reverse();
    candidates
}

fn sizes(git: &Sealed, live: &[(&Raw, &Seen)]) -> Result<HashMap<String, u64>> {
    let ids: BTreeSet<&str> = live.iter().map(|(_, seen)| id(seen)).collect();
    let input: String =
        ids.into_iter().filter(|id| super::days::is_id(id)).flat_map(|id| [id, "\n"]).collect();
    let format = "--batch-check=%(objectname) %(objectsize:disk)";
    let answer = git.feed(["cat-file", format], input.into_bytes())?;
    let answer = String::from_utf8_lossy(&answer);
    let sizes = answer.lines().filter_map(|line| {
        let (id, size) = line.split_once(' ')?;
        Some((id.to_owned(), size.parse().ok()?))
    });
    Ok(sizes.collect())
}

fn id(seen: &Seen) -> &str {
    seen.id.as_deref().unwrap_or_default()
}
