//! What would show backups to others: one that Git sees, a place where one would do harm.

use anyhow::Result;

use super::{Good, Outcome, Problem};
use crate::backups::files::BackupFile;
use crate::backups::{Store, ignore_block, location, outstanding};
use crate::git::survey::ignored;
use crate::model::check::Check;
use crate::model::harm::BackupPlace;
use crate::model::names::repo_path::RepoPath;
use crate::model::settings::Location;

pub fn look(store: &Store) -> Vec<Outcome> {
    let check = Check::Ignore;
    if store.settings.location == Location::Gitdir {
        return vec![Outcome::good(check, Good::Ignored { beside: false })];
    }
    match ignore_block::stands(&store.repository) {
        Ok(true) => {}
        Ok(false) => return vec![Outcome::bad(check, Problem::NoIgnoreBlock)],
        Err(error) => return vec![Outcome::bad(check, Problem::Unseen(error))],
    }
    let ignored = match seen_by_git(store) {
        Ok(seen) if seen.is_empty() => Outcome::good(check, Good::Ignored { beside: true }),
        Ok(seen) => Outcome::bad(check, Problem::Seen(seen)),
        Err(error) => Outcome::bad(check, Problem::Unseen(error)),
    };
    let location = match location::elsewhere(&store.repository, &store.settings) {
        Ok(elsewhere) => Outcome::good(Check::Location, Good::Location(elsewhere)),
        Err(error) => Outcome::bad(Check::Location, Problem::Unseen(error)),
    };
    vec![ignored, location]
}

/// The backups beside their files that Git sees: a rule was added since they were made.
fn seen_by_git(store: &Store) -> Result<Vec<RepoPath>> {
    let backups = outstanding::everywhere(store)?;
    let beside = backups.iter().filter(|backup| backup.place() == BackupPlace::Beside);
    let mut locations: Vec<RepoPath> = beside.map(BackupFile::location).collect();
    if !locations.is_empty() {
        let names: Vec<Vec<u8>> = locations.iter().map(|path| path.as_bytes().to_vec()).collect();
        let seen = ignored::not_ignored(&store.repository.git(), &names)?;
        locations.retain(|path| seen.contains(path.as_bytes()));
    }
    Ok(locations)
}
