//! What each day is made of: the lines that there are, and the commits that they come to.
//!
//! The lines of a day are those of the record and those in the commits that are there, so that a record that was
//! damaged, cut or restored from elsewhere never drops what is folded. A line that can't become a commit is
//! left out here, by us, and named; the others go on.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::commits::{Day, Texts, is_branch};
use super::gone::GoneLines;
use super::names;
use super::present::{Lack, Lacks};
use super::stream::{Blob, Commit};
use super::strip::{Stripping, is_note};
use crate::model::events::event::Kind;
use crate::model::events::line::Line;
use crate::record::Raw;

/// A version that no commit has: its path as the line gives it, its id, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    pub path: Vec<u8>,
    pub id: String,
    pub time: i64,
    pub why: Why,
}

/// Why a version is in no commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Git has no such name in a tree.
    Name,
    /// What stands in its place is no object's id.
    Id,
    /// Its blob is proven to be nowhere.
    Absent,
    /// Its blob is not what its name says.
    Damaged,
    /// Its line is of no worktree.
    Worktree,
}

/// The lines of every day, in their order.
#[derive(Debug, Default)]
pub(super) struct Days {
    pub lines: BTreeMap<Day, Vec<Raw>>,
    /// Lines that no branch can have.
    pub nowhere: Vec<Raw>,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct BranchPlan {
    pub commits: Vec<Commit>,
    pub left_out: Vec<LeftOut>,
}

impl Days {
    pub fn of(lines: Vec<Raw>, folded: &Texts, forgetting: &Stripping) -> Self {
        let mut days = Self::default();
        // A line that is there twice is one, and stands where it stands last.
        let mut places: HashMap<(Day, Vec<u8>), usize> = HashMap::new();
        for raw in lines.into_iter().map(|raw| stripped(raw, forgetting)) {
            let day = (raw.line.worktree.clone(), raw.day.clone());
            if !is_branch(&day.0, &day.1) {
                days.nowhere.push(raw);
                continue;
            }
            let of_day = days.lines.entry(day.clone()).or_default();
            match places.entry((day, raw.text.clone())) {
                std::collections::hash_map::Entry::Occupied(at) => of_day[*at.get()] = raw,
                std::collections::hash_map::Entry::Vacant(at) => {
                    at.insert(of_day.len());
                    of_day.push(raw);
                }
            }
        }
        for (day, texts) in folded {
            let of_day = days.lines.entry(day.clone()).or_default();
            let known: HashSet<Vec<u8>> = of_day.iter().map(|raw| raw.text.clone()).collect();
            let raws = texts.iter().filter_map(|text| Raw::of(&day.1, None, text));
            let only_here = raws.map(|raw| stripped(raw, forgetting));
            of_day.extend(only_here.filter(|raw| !known.contains(&raw.text)));
        }
        days.lines.values_mut().for_each(|lines| lines.sort_by_key(|raw| raw.line.time));
        days
    }

    pub fn all(&self) -> impl Iterator<Item = &Raw> {
        self.lines.values().flatten().chain(&self.nowhere)
    }

    /// The ids of all versions that are not gone.
    pub fn live(&self, gone: &GoneLines) -> BTreeSet<String> {
        let mut live = BTreeSet::new();
        for raw in self.all() {
            let kept = raw.line.versions().filter(|seen| !gone.has(raw, seen));
            live.extend(kept.filter_map(|seen| seen.id.clone()));
        }
        live
    }
}

/// The line without the versions to forget; the note that lists them still names them.
fn stripped(raw: Raw, forgetting: &Stripping) -> Raw {
    if forgetting.is_empty() {
        return raw;
    }
    let Some(text) = forgetting.strip(&raw.line, &raw.text) else { return raw };
    match is_note(&raw.line) {
        true => Raw { text, ..raw },
        false => Raw::of(&raw.day, raw.place.clone(), &text).unwrap_or(raw),
    }
}

/// The commits of one day; an error if it can't be told now whether a blob is there.
pub(super) fn plan(lines: &[Raw], gone: &GoneLines, lacks: &Lacks) -> Result<BranchPlan, String> {
    let mut plan = BranchPlan::default();
    let mut pending: Vec<Vec<u8>> = Vec::new();
    let mut last = None;
    for raw in lines {
        last = Some(&raw.line);
        if raw.line.versions().next().is_none() {
            pending.push(raw.text.clone());
            continue;
        }
        let blobs = takeable(raw, gone, lacks, &mut plan.left_out)?;
        if blobs.is_empty() {
            continue;
        }
        pending.push(raw.text.clone());
        let layers = layers(blobs);
        let whole = layers.len() - 1;
        for (at, files) in layers.into_iter().enumerate() {
            let body = if at == whole { std::mem::take(&mut pending) } else { Vec::new() };
            let subject = subject(&raw.line, files.len(), at < whole);
            let (time, zone) = (raw.line.time, raw.line.zone);
            plan.commits.push(Commit { time, zone, subject, body, files });
        }
    }
    if let Some(line) = last
        && !pending.is_empty()
    {
        let (time, zone, files) = (line.time, line.zone, Vec::new());
        let subject = "what happened since".to_owned();
        plan.commits.push(Commit { time, zone, subject, body: pending, files });
    }
    Ok(plan)
}

impl BranchPlan {
    /// The lines that its commits have.
    pub fn texts(&self) -> impl Iterator<Item = &Vec<u8>> {
        self.commits.iter().flat_map(|commit| &commit.body)
    }

    pub fn ids(&self) -> impl Iterator<Item = &String> {
        self.commits.iter().flat_map(|commit| &commit.files).map(|file| &file.id)
    }

    pub fn has_versions(&self) -> bool {
        self.ids().next().is_some()
    }
}

/// A version of a line, and whether it is the staged one.
type TakenBlob = (Blob, bool);

fn takeable(
    raw: &Raw,
    gone: &GoneLines,
    lacks: &Lacks,
    left_out: &mut Vec<LeftOut>,
) -> Result<Vec<TakenBlob>, String> {
    let mut taken = Vec::new();
    for seen in raw.line.versions().filter(|seen| !gone.has(raw, seen)) {
        let path = seen.path_bytes().unwrap_or_default();
        let id = seen.id.clone().unwrap_or_default();
        let why = match lacks.get(&id) {
            _ if !is_id(&id) => Why::Id,
            _ if names::is_refused(&path) => Why::Name,
            Some(Lack::Absent) => Why::Absent,
            Some(Lack::Damaged) => Why::Damaged,
            Some(Lack::Unreadable(why)) => return Err(why.clone()),
            None => {
                let is_executable = seen.mode.is_some_and(|mode| mode & 0o100 != 0);
                let is_staged = seen.kind == Some(Kind::Staged);
                taken.push((Blob { path, id, is_executable }, is_staged));
                continue;
            }
        };
        left_out.push(LeftOut { path, id, time: raw.line.time, why });
    }
    Ok(taken)
}

pub(super) fn is_id(text: &str) -> bool {
    let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    matches!(text.len(), 40 | 64) && text.bytes().all(is_hex)
}

/// The trees that hold all of a line's versions: one, unless two of them can't be in one tree. The staged
/// versions come first then.
fn layers(taken: Vec<TakenBlob>) -> Vec<Vec<Blob>> {
    let (staged, others): (Vec<TakenBlob>, Vec<TakenBlob>) = taken.into_iter().partition(|it| it.1);
    let mut layers: Vec<Vec<Blob>> = Vec::new();
    let together = staged.iter().chain(&others).map(|it| it.0.clone()).collect();
    let mut rest =
        vec![staged, others].into_iter().map(|part| part.into_iter().map(|it| it.0).collect());
    let mut waiting: Vec<Vec<Blob>> = match fits(together) {
        Ok(one) => return vec![one],
        Err(_) => rest.by_ref().filter(|part: &Vec<Blob>| !part.is_empty()).collect(),
    };
    waiting.reverse();
    while let Some(part) = waiting.pop() {
        match fits(part) {
            Ok(layer) => layers.push(layer),
            Err((layer, rest)) => {
                layers.push(layer);
                waiting.push(rest);
            }
        }
    }
    layers
}

/// The versions as one tree; else those that fit into one and the rest, in their order.
fn fits(blobs: Vec<Blob>) -> Result<Vec<Blob>, (Vec<Blob>, Vec<Blob>)> {
    let mut files: HashMap<Vec<u8>, String> = HashMap::new();
    let mut folders: HashSet<Vec<u8>> = HashSet::new();
    let (mut layer, mut rest) = (Vec::new(), Vec::new());
    for blob in blobs {
        let above: Vec<&[u8]> = folders_of(&blob.path).collect();
        match files.get(&blob.path) {
            Some(id) if *id == blob.id => continue,
            None if !folders.contains(&blob.path)
                && !above.iter().any(|folder| files.contains_key(*folder)) =>
            {
                folders.extend(above.into_iter().map(<[u8]>::to_vec));
                files.insert(blob.path.clone(), blob.id.clone());
                layer.push(blob);
            }
            _ => rest.push(blob),
        }
    }
    if rest.is_empty() { Ok(layer) } else { Err((layer, rest)) }
}

fn folders_of(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| &path[..at])
}

fn subject(line: &Line, files: usize, is_staged: bool) -> String {
    let cause = line.cause.as_deref().unwrap_or("snapshot");
    let label = line.label.as_ref().map(|label| format!(" '{label}'")).unwrap_or_default();
    let number = if files == 1 { "1 file".to_owned() } else { format!("{files} files") };
    format!("{cause}{label}: {number}{}", if is_staged { ", as staged" } else { "" })
}
