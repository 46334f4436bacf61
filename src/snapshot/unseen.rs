//! Work that Git says nothing of: edits that it doesn't see (`git::survey::hidden`), and ignored files that
//! `bak.include` asks for.

use std::collections::HashSet;

use anyhow::{Error, Result};

use super::judged;
use super::plan::{From, Plan};
use crate::backups::Store;
use crate::git::survey::{hidden, untracked};
use crate::model::names::backup_name::is_ours;
use crate::model::names::repo_path::RepoPath;
use crate::model::settings::Scope;
use crate::model::settings::encrypting::encrypts;
use crate::model::settings::size::Size;

/// Adds it to a plan of what Git sees. What could not be found out must not leave the rest unprotected: it is named.
pub fn add(store: &Store, plan: &mut Plan) -> Vec<(&'static str, Error)> {
    let mut failed = Vec::new();
    match included(store) {
        Ok(paths) => {
            let ignored = From::Unseen { git: None, is_ignored: true };
            paths.into_iter().for_each(|path| plan.add_unseen(path, ignored.clone()));
        }
        Err(error) => failed.push(("bak.include is left out", error)),
    }
    if let Err(error) = add_hidden(store, plan) {
        failed.push(("edits that Git doesn't see are left out", error));
    }
    failed
}

fn included(store: &Store) -> Result<Vec<RepoPath>> {
    let (include, exclude) = (&store.settings.include, &store.settings.exclude);
    if include.is_empty() {
        return Ok(Vec::new());
    }
    let git = store.repository.git();
    let mut paths = match untracked::included(&git, include, exclude) {
        Err(_) if !exclude.is_empty() => untracked::included(&git, include, &[])?,
        found => found?,
    };
    paths.retain(|path| {
        let place = store.repository.top.join(path.to_path_buf());
        !is_ours(path.file_name()) && place.symlink_metadata().is_ok_and(|meta| meta.is_file())
    });
    Ok(paths)
}

fn add_hidden(store: &Store, plan: &mut Plan) -> Result<()> {
    let Store { repository, settings, clean_forms, .. } = store;
    // Of an encrypted file the vault gets only the clean form, and that Git has.
    let drivers = settings.filters.iter().filter(|driver| !encrypts(driver));
    let drivers: Vec<&[u8]> = drivers.map(Vec::as_slice).collect();
    let mut suspects = hidden::suspects(repository, &drivers, &settings.exclude)?;
    if suspects.is_empty() {
        return Ok(());
    }
    let of_kind = |staged| {
        let wanted = plan.wanted.iter();
        let wanted = wanted.filter(move |it| matches!(it.from, From::Index { .. }) == staged);
        wanted.map(|it| it.path.clone()).collect::<HashSet<RepoPath>>()
    };
    let (staged, seen) = (of_kind(true), of_kind(false));
    let filtered = suspects.iter().filter(|it| !it.is_marked).map(|it| &it.path);
    clean_forms.ask(filtered);
    suspects.retain(|it| {
        let is_in_scope = settings.scope != Scope::Staged || staged.contains(&it.path);
        let most = settings.max_file_size.map_or(u64::MAX, Size::bytes);
        // What is staged of a filtered file is read from the working tree anyway.
        let is_to_be_judged = !staged.contains(&it.path) && it.stat.size <= most;
        is_in_scope
            && !seen.contains(&it.path)
            && (it.is_marked || is_to_be_judged && !clean_forms.is_for(&it.path))
    });
    for found in judged::with_edits(store, suspects)? {
        let git = (!found.is_marked).then_some(found.blob);
        plan.add_unseen(found.path, From::Unseen { git, is_ignored: false });
    }
    Ok(())
}
