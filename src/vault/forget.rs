//! Destroying versions for good: the vault keeps nothing of their bytes, nor of what describes them.
//!
//! Order, and why it is exact:
//! 1. the record is told which they are, so that the next run after a crash goes on with it;
//! 2. the record's days are rewritten without their ids and sizes (the only thing that ever rewrites a day), each
//!    beside, under the lock, and renamed into place;
//! 3. every day of every worktree is rebuilt: what their commits say is stripped likewise, or it would bring
//!    the lines back;
//! 4. one new pack of what the days reach; packs that the user marked to be kept, cruft, loose objects, temporary
//!    and crash files go;
//! 5. what of it is in `bak/new` goes;
//! 6. all that is left is searched: every object's id, every commit's text, every line;
//! 7. only then the note of 1 loses its ids, too.
//!
//! A blob that another version has as well stays, and is named with that version.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::emptying;
use super::fold::{FoldSettings, FoldState, Folded, Work};
use super::limit::gone_lines;
use super::lock::FoldLock;
use super::strip::{Stripping, WHY, is_note};
use crate::git::repository::Repository;
use crate::model::events::line::Seen;
use crate::model::now::Now;
use crate::record::{Raw, Record};

/// How long to wait for a fold that is running.
const PATIENCE: Duration = Duration::from_secs(60);

/// A version that may be meant.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    pub worktree: &'a str,
    pub path: &'a [u8],
    pub id: &'a str,
    pub time: i64,
    pub label: Option<&'a str>,
}

#[derive(Debug, Default)]
pub struct Forgotten {
    pub versions: usize,
    /// Blobs that stay, with the paths of the versions that have them.
    pub kept: BTreeMap<String, BTreeSet<Vec<u8>>>,
    /// What is still there of the others, and where.
    pub left: Vec<String>,
    /// Days that could not be rebuilt now, and why.
    pub failed: Vec<String>,
}

/// Takes the versions that `pick` takes out of the vault, with no trace of their content. What an earlier try could
/// not finish is finished, too.
pub fn forget(
    repository: &Repository,
    record: &Record,
    pick: &dyn Fn(&Candidate<'_>) -> bool,
    now: &Now,
) -> Result<Forgotten> {
    if !record.exists() {
        return Ok(Forgotten::default());
    }
    let mut work = begin(repository, record, FoldSettings::default(), now)?;
    let state = work.read()?;
    let files = picked(&state, pick);
    let versions = files.values().map(Vec::len).sum();
    record.append_as_they_are(&mut gone_lines(files, WHY, now), now)?;
    let read = record.read_all()?;
    let forgetting = Stripping::of(read.lines.iter());
    if forgetting.is_empty() {
        return Ok(Forgotten::default());
    }
    let ids: BTreeSet<String> = notes(&read.lines).filter_map(|seen| seen.id.clone()).collect();
    let lists = strip_record(record, &ids, &|raw| match is_note(&raw.line) {
        true => None,
        false => forgetting.strip(&raw.line, &raw.text),
    })?;
    let (mut state, mut done) = (work.read()?, Folded::default());
    work.packs_anyway = true;
    work.make(&mut state, &mut done)?;
    let mut forgotten = Forgotten { versions, failed: done.failed, ..Forgotten::default() };
    forgotten.kept = kept(&state, &ids);
    let gone: BTreeSet<String> =
        ids.into_iter().filter(|id| !forgotten.kept.contains_key(id)).collect();
    forgotten.left = lists;
    forgotten.left.extend(look_through(&work, &gone)?);
    if forgotten.left.is_empty() && forgotten.failed.is_empty() {
        strip_record(record, &BTreeSet::new(), &|raw| {
            is_note(&raw.line).then(|| forgetting.strip(&raw.line, &raw.text)).flatten()
        })?;
    }
    Ok(forgotten)
}

/// Takes the versions that `pick` takes out of the vault (`clean --vault`): the record still tells of them. How many.
pub fn drop_versions(
    repository: &Repository,
    record: &Record,
    settings: FoldSettings,
    pick: &dyn Fn(&Candidate<'_>) -> bool,
    now: &Now,
) -> Result<(usize, Folded)> {
    if !record.exists() {
        return Ok((0, Folded::default()));
    }
    let mut work = begin(repository, record, settings, now)?;
    let state = work.read()?;
    let mut files = picked(&state, &|candidate| pick(candidate));
    for (worktree, files) in &mut files {
        let live = |seen: &Seen| is_live(&state, worktree, seen);
        files.retain(live);
    }
    files.retain(|_, files| !files.is_empty());
    let count = files.values().map(Vec::len).sum();
    record.append_as_they_are(&mut gone_lines(files, "clean", now), now)?;
    Ok((count, work.all()?))
}

fn begin<'a>(
    repository: &'a Repository,
    record: &'a Record,
    settings: FoldSettings,
    now: &'a Now,
) -> Result<Work<'a>> {
    let Some(lock) = FoldLock::take(record.bak(), PATIENCE)? else {
        bail!("the vault is being folded by another process");
    };
    Work::begin(repository, record, settings, now, lock)
}

/// The versions that are meant, gone or not, by worktree.
fn picked<'a>(
    state: &'a FoldState,
    pick: &dyn Fn(&Candidate<'_>) -> bool,
) -> BTreeMap<&'a str, Vec<Seen>> {
    let mut files: BTreeMap<&str, Vec<Seen>> = BTreeMap::new();
    for raw in state.days.all() {
        for seen in raw.line.versions() {
            let path = seen.path_bytes().unwrap_or_default();
            let candidate = Candidate {
                worktree: &raw.line.worktree,
                path: &path,
                id: seen.id.as_deref().unwrap_or_default(),
                time: raw.line.time,
                label: raw.line.label.as_deref(),
            };
            if pick(&candidate) {
                files.entry(&raw.line.worktree).or_default().push(seen.naming(raw.line.time));
            }
        }
    }
    files
}

fn is_live(state: &FoldState, worktree: &str, named: &Seen) -> bool {
    let is_it = |raw: &Raw, seen: &Seen| {
        raw.line.worktree == worktree
            && seen.naming(raw.line.time) == *named
            && !state.gone.has(raw, seen)
    };
    state.days.all().any(|raw| raw.line.versions().any(|seen| is_it(raw, seen)))
}

fn notes(lines: &[Raw]) -> impl Iterator<Item = &Seen> {
    lines.iter().filter(|raw| is_note(&raw.line)).flat_map(|raw| &raw.line.files)
}

/// Rewrites the record's days where `change` has something to change, or where a line that makes no sense has one
/// of these ids in it; returns the lists that could not be rewritten.
fn strip_record(
    record: &Record,
    ids: &BTreeSet<String>,
    change: &dyn Fn(&Raw) -> Option<Vec<u8>>,
) -> Result<Vec<String>> {
    let mut left = Vec::new();
    let is_told = |text: &[u8]| ids_in(text).any(|id| ids.contains(id));
    for day in record.days() {
        if !record.rewrite(&day, change, &is_told)? {
            left.push(record.folder().join(format!("{day}.big")).display().to_string());
        }
    }
    Ok(left)
}

/// The versions that still have one of these blobs.
fn kept(state: &FoldState, ids: &BTreeSet<String>) -> BTreeMap<String, BTreeSet<Vec<u8>>> {
    let mut kept: BTreeMap<String, BTreeSet<Vec<u8>>> = BTreeMap::new();
    for raw in state.days.all() {
        for seen in raw.line.versions().filter(|seen| !state.gone.has(raw, seen)) {
            if let (Some(path), Some(id)) = (seen.path_bytes(), &seen.id)
                && ids.contains(id)
            {
                kept.entry(id.clone()).or_default().insert(path);
            }
        }
    }
    kept
}

/// Where one of these ids still is.
fn look_through(work: &Work<'_>, ids: &BTreeSet<String>) -> Result<Vec<String>> {
    let mut left = Vec::new();
    let args = ["cat-file", "--batch-all-objects", "--unordered"];
    let format = "--batch-check=%(objectname) %(objecttype)";
    let objects = work.git.output(args.into_iter().chain([format]))?;
    let objects = String::from_utf8_lossy(&objects).into_owned();
    let (mut commits, mut there) = (String::new(), BTreeSet::new());
    for (id, kind) in objects.lines().filter_map(|line| line.split_once(' ')) {
        if ids.contains(id) {
            there.insert(id.to_owned());
        } else if matches!(kind, "commit" | "tag") {
            commits.extend([id, "\n"]);
        }
    }
    // What can't be read is not in that list.
    let loose = emptying::loose(&work.record.bak().join("new"));
    there.extend(loose.into_iter().map(|(id, _)| id).filter(|id| ids.contains(id)));
    left.extend(there.into_iter().map(|id| format!("the object {id}")));
    let texts = work.git.feed(["cat-file", "--batch"], commits.into_bytes())?;
    if ids_in(&texts).any(|id| ids.contains(id)) {
        left.push("the text of a commit".to_owned());
    }
    let folder = work.record.folder();
    for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if is_in_file(&path, ids)? {
            left.push(path.display().to_string());
        }
    }
    Ok(left)
}

/// Whether a file of the record names one of them outside the notes of versions to forget.
fn is_in_file(path: &Path, ids: &BTreeSet<String>) -> Result<bool> {
    let text = std::fs::read(path).with_context(|| path.display().to_string())?;
    let is_of_note = |text: &[u8]| Raw::of("", None, text).is_some_and(|raw| is_note(&raw.line));
    let mut lines = text.split(|&byte| byte == b'\n');
    Ok(lines.any(|line| ids_in(line).any(|id| ids.contains(id)) && !is_of_note(line)))
}

/// All that looks like an object's id in a text.
fn ids_in(text: &[u8]) -> impl Iterator<Item = &str> {
    let words = text.split(|byte| !byte.is_ascii_hexdigit());
    words
        .filter(|word| matches!(word.len(), 40 | 64))
        .filter_map(|word| std::str::from_utf8(word).ok())
}
