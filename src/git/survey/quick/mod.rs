//! The files at risk without a child, where that is certain.
//!
//! - `ordinary`: whether this repository qualifies, and the whole answer; `staged`: index and HEAD; `worktree`: working tree and index;
//! - `stat_data`, `unchanged`: files that need no look; `contents`: comparing bytes; `filters`: files that only Git can compare;
//! - `below`: paths relative to an open folder.
//!
//! `git status` answers this for every repository ([`super::at_risk`]), at the price of a child that
//! has to be waited for. In the ordinary case the index tells the same: which of its files differ from
//! HEAD's trees, and by its stat data which files of the working tree were written to. Everything
//! beyond the ordinary case gives [`None`], and Git is asked: conflicts, submodules,
//! files that are gone, and content that only Git can compare, since only Git knows its filters.
//!
//! What could go wrong: an edit is not seen. So whatever is in doubt is compared byte by byte with
//! what the index names. Only equal bytes count as no edit, and those are in the object database.

#[cfg(unix)]
mod below;
#[cfg(unix)]
mod contents;
#[cfg(unix)]
mod filters;
#[cfg(unix)]
mod ordinary;
#[cfg(unix)]
mod staged;
#[cfg(unix)]
mod stat_data;
#[cfg(unix)]
mod unchanged;
#[cfg(unix)]
mod worktree;

#[cfg(unix)]
use std::collections::BTreeSet;

use crate::git::index::Index;
use crate::git::objects::{Objects, Oid};
use crate::git::repository::Repository;
#[cfg(unix)]
use crate::model::at_risk::FileState;
use crate::model::at_risk::{AtRisk, Survey};
#[cfg(unix)]
use unchanged::Unchanged;

/// The modes that a link and the regular files have in the index.
#[cfg(unix)]
const LINK: u32 = 0o120_000;
#[cfg(unix)]
const REGULAR: u32 = 0o100_644;
#[cfg(unix)]
const EXECUTABLE: u32 = 0o100_755;

/// The modification times that an index proves which was written at this time: every later write leaves a trace.
#[cfg(unix)]
pub fn trusted_before(written: (i64, u32)) -> impl Fn((i64, u32)) -> bool {
    let trusted = stat_data::Trusted::before(written);
    move |modified| trusted.has(modified)
}

/// Where stat data is no use, none.
#[cfg(not(unix))]
pub fn trusted_before(_: (i64, u32)) -> impl Fn((i64, u32)) -> bool {
    |_| false
}

/// What `git status` would find in the whole working tree, untracked files left out; `None` if only
/// Git knows. `head` is the commit HEAD names.
///
/// The caller vouches that `core.checkStat`, `core.trustctime`, `core.fileMode`, `core.symlinks` and
/// `core.ignoreCase` have their ordinary values: with others Git sees other edits. `monitored`: Git's own monitor of
/// the file system may say which files need no look.
#[cfg(unix)]
pub fn survey(
    repository: &Repository,
    objects: &Objects,
    head: Option<Oid>,
    monitored: bool,
) -> Option<Survey> {
    let index = repository.index().ok()??;
    if index.has_unusual || ordinary::may_replace(repository) {
        return None;
    }
    let staged = staged::changed(&index, objects, head)?;
    let unchanged = |top: &_| monitored.then(|| Unchanged::of(&index, repository, top)).flatten();
    let edited = worktree::edited(&index, repository, objects, unchanged)?;
    let files = ordinary::files(&index, &staged, &edited)?;
    Some(Survey { files, ..Survey::default() })
}

/// What was found of tracked files.
#[derive(Debug, Default)]
pub struct Tracked {
    pub survey: Survey,
    /// The numbers of the entries whose files are not as staged, and of those that HEAD lacks and whose files are.
    pub changed: Vec<usize>,
    pub staged: Vec<usize>,
}

/// The same of this index, where the caller has looked at every file: only those that are `doubtful` need another look,
/// and those that are `gone` are not there.
#[cfg(unix)]
pub fn survey_seen(
    repository: &Repository,
    objects: &Objects,
    head: Option<Oid>,
    index: &Index,
    doubtful: Vec<bool>,
    gone: &[usize],
) -> Option<Tracked> {
    if ordinary::may_replace(repository) {
        return None;
    }
    let staged = staged::changed(index, objects, head)?;
    let unchanged = |_: &_| Some(Unchanged { doubtful });
    let edited = worktree::edited(index, repository, objects, unchanged)?;
    let mut files = ordinary::files(index, &staged, &edited)?;
    let names: BTreeSet<&[u8]> = gone.iter().filter_map(|&at| index.path(at)).collect();
    for file in files.iter_mut().filter(|file| names.contains(file.path.as_bytes())) {
        file.state = FileState::Gone;
    }
    let mut changed = [&edited, gone].concat();
    changed.sort_unstable();
    let staged = staged.iter().map(|it| it.at).filter(|at| changed.binary_search(at).is_err());
    let staged = staged.collect();
    Some(Tracked { survey: Survey { files, ..Survey::default() }, changed, staged })
}

/// The regular files that are staged and that HEAD lacks, and when the index was written; `None` if only
/// Git knows. The working tree is looked at for these alone, and only where the caller vouches that stat
/// data may be trusted (see [`survey`]) is it believed without a look at the bytes.
#[cfg(unix)]
pub fn staged(
    repository: &Repository,
    objects: &Objects,
    head: Option<Oid>,
    trust_stat: bool,
) -> Option<(Vec<AtRisk>, (i64, u32))> {
    let index = repository.index().ok()??;
    if ordinary::may_replace(repository) {
        return None;
    }
    let staged = staged::changed(&index, objects, head)?;
    let wanted: Vec<usize> = staged.iter().map(|staged| staged.at).collect();
    let states = worktree::states(&index, &wanted, repository, objects, trust_stat)?;
    Some((ordinary::staged_files(&index, &staged, &states)?, index.modified))
}

/// Where stat data is no use, Git is asked.
#[cfg(not(unix))]
pub fn survey(_: &Repository, _: &Objects, _: Option<Oid>, _: bool) -> Option<Survey> {
    None
}

/// Where stat data is no use, Git is asked.
#[cfg(not(unix))]
pub fn survey_seen(
    _: &Repository,
    _: &Objects,
    _: Option<Oid>,
    _: &Index,
    _: Vec<bool>,
    _: &[usize],
) -> Option<Tracked> {
    None
}

/// Where stat data is no use, Git is asked.
#[cfg(not(unix))]
pub fn staged(
    _: &Repository,
    _: &Objects,
    _: Option<Oid>,
    _: bool,
) -> Option<(Vec<AtRisk>, (i64, u32))> {
    None
}
