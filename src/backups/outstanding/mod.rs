//! The backup files of this working tree that are there: what clean-up, retention after a switch, `list`
//! and `status` start from.
//!
//! - `walk`: the walk through the working tree;
//! - `search`: that walk and the record, together.
//!
//! The record names them, back to the last commit after which none was left. Where what was read of it doesn't
//! reach that far, the working tree is walked through.

use std::collections::BTreeSet;

use anyhow::Result;

use super::Store;
use crate::backups::files::BackupFile;
use crate::record::Named;

mod search;
mod walk;

pub use search::{Early, Search};

/// The backup files that the record names and that are there, in the order of their paths.
pub fn named(store: &Store) -> Vec<BackupFile> {
    let named: BTreeSet<Named> = store.records.own().standing().named;
    named.into_iter().flat_map(|(path, name)| store.backups.called(&path, &name)).collect()
}

/// The backup files that are there, in the order of their paths, as a hook looks for them: without a walk where the
/// record says that it knows all.
pub fn all(store: &Store) -> Vec<BackupFile> {
    match store.records.own().standing().is_all {
        true => named(store),
        // A tree that can't be walked through has at least those that are known.
        false => everywhere(store).unwrap_or_else(|_| named(store)),
    }
}

/// Every backup that lies in the working tree, whatever the record knows: a walk through all of it.
pub fn everywhere(store: &Store) -> Result<Vec<BackupFile>> {
    let mut found = copies(store)?;
    found.retain(|backup| backup.name.is_ours());
    Ok(found)
}

/// The same, and what people have put there under names of the older form: theirs, and never touched.
pub fn copies(store: &Store) -> Result<Vec<BackupFile>> {
    Search::begin(store, None).finish(store)
}
