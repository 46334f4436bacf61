//! The files at risk without a child, where that is certain.
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

use crate::git::objects::{Objects, Oid};
use crate::git::repository::Repository;
use crate::model::at_risk::{AtRisk, Survey};

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
    let edited = worktree::edited(&index, repository, objects, monitored)?;
    let files = ordinary::files(&index, &staged, &edited)?;
    Some(Survey { files, ..Survey::default() })
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
pub fn staged(
    _: &Repository,
    _: &Objects,
    _: Option<Oid>,
    _: bool,
) -> Option<(Vec<AtRisk>, (i64, u32))> {
    None
}
