//! The folders of a moment: of a run it is known which it made, which it removed, and which have other permission bits.

use std::collections::BTreeMap;

use crate::model::names::quote::{quote, unquote};
use crate::model::names::repo_path::RepoPath;
use crate::transaction::Upgrade;

/// As a line has them.
pub fn told<'a>(
    folders: impl Iterator<Item = (&'a RepoPath, Option<u32>)>,
) -> Vec<(String, Option<u32>)> {
    folders.map(|(path, bits)| (quote(path.as_bytes(), true), bits)).collect()
}

/// Puts them back as they were, and says how they stood just now. One that can't be is left: every file in it was put
/// back.
pub fn put_back(
    upgrade: &mut Upgrade<'_>,
    folders: &[(String, Option<u32>)],
) -> Vec<(String, Option<u32>)> {
    let tree = &upgrade.tree;
    let path = |name: &String| RepoPath::from_bytes(unquote(name)?).ok();
    let wanted: BTreeMap<RepoPath, Option<u32>> =
        folders.iter().filter_map(|(name, bits)| Some((path(name)?, *bits))).collect();
    let bits = |path: &RepoPath| {
        let stat = tree.stat(path).ok().flatten();
        stat.filter(|_| tree.has_folder(path)).map(|stat| stat.permissions)
    };
    let stood: Vec<_> = wanted.keys().map(|path| (path.clone(), bits(path))).collect();
    for (path, _) in wanted.iter().filter(|(path, it)| it.is_some() && bits(path).is_none()) {
        let _ = tree.make_folder(path);
    }
    let mut retired = Vec::new();
    // From the inside out: a folder that can't be entered afterwards is closed last.
    for (path, wanted) in wanted.iter().rev() {
        match wanted {
            None => {
                retired.extend(upgrade.clear(path).unwrap_or_default());
            }
            Some(wanted) if bits(path).is_some_and(|bits| bits != *wanted) => {
                let _ = tree.set_folder_bits(path, *wanted);
            }
            Some(_) => {}
        }
    }
    upgrade.retired.extend(retired);
    told(stood.iter().map(|(path, bits)| (path, *bits)))
}
