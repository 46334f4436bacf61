//! What is staged and HEAD lacks, for the moment of staging: `git diff-index --cached`, in effect.
//!
//! Unlike the survey of everything at risk ([`super::at_risk`]) this never looks at the whole working
//! tree: after a `git add` it must cost no more than that did.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;

use crate::git::objects::{Objects, Oid};
use crate::git::repository::Repository;
use crate::git::survey::{plain, quick};
use crate::model::at_risk::AtRisk;

/// The regular files that are staged.
#[derive(Debug, Default)]
pub struct StagedFiles {
    /// The files, in the order of their paths.
    pub files: Vec<AtRisk>,
    /// When they were compared with the working tree.
    pub surveyed: Option<SystemTime>,
}

/// Which regular files are staged that the commit `head` lacks, but for those that match the pathspecs
/// `exclude`. `trust_stat`: Git compares files as it usually does, so that their stat data tells.
///
/// # Errors
/// When Git can't read the index.
pub fn staged(
    repository: &Repository,
    objects: &Objects,
    head: Option<Oid>,
    exclude: &[Vec<u8>],
    trust_stat: bool,
) -> Result<StagedFiles> {
    let quick = || quick::staged(repository, objects, head, trust_stat);
    if let Some((files, written)) = exclude.is_empty().then(quick).flatten() {
        // Where stat data doesn't tell, only equal bytes do.
        let surveyed = trust_stat.then(|| moment(written)).flatten();
        return Ok(StagedFiles { files, surveyed });
    }
    let surveyed = Some(SystemTime::now());
    let git = repository.git();
    // Pathspecs that Git can't heed here must not leave everything unprotected; pre-commit names them.
    let files = match plain::staged_files(&git, exclude) {
        Err(_) if !exclude.is_empty() => plain::staged_files(&git, &[]),
        found => found,
    };
    Ok(StagedFiles { files: files?, surveyed })
}

fn moment((seconds, nanos): (i64, u32)) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::new(u64::try_from(seconds).ok()?, nanos))
}
