//! Which repositories the quick survey is for, and what it puts together.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use super::staged::StagedEntry;
use super::{EXECUTABLE, LINK, REGULAR};
use crate::git::index::{Entry, Index};
use crate::git::object_format::ObjectFormat;
use crate::git::repository::Repository;
use crate::model::at_risk::{AtRisk, FileState, Mode};
use crate::model::names::repo_path::RepoPath;

/// A file or link that is simply there: no side of a conflict, no submodule.
pub(super) fn is_ordinary(entry: &Entry<'_>) -> bool {
    matches!(entry.mode, REGULAR | EXECUTABLE | LINK) && entry.stage == 0 && !entry.intent_to_add
}

/// Whether objects may be replaced by others (git-replace(1)): then HEAD's trees are not what they
/// seem. A reftable hides its refs from us.
pub(super) fn may_replace(repository: &Repository) -> bool {
    let common = &repository.common_dir;
    let loose = match std::fs::read_dir(common.join("refs/replace")) {
        Ok(mut names) => names.next().is_some(),
        Err(error) => error.kind() != ErrorKind::NotFound,
    };
    let packed = || match std::fs::read(common.join("packed-refs")) {
        Ok(refs) => names_replacement(&refs, repository.format),
        Err(error) => error.kind() != ErrorKind::NotFound,
    };
    loose
        || packed()
        || common.join("reftable").exists()
        || std::env::var_os("GIT_REPLACE_REF_BASE").is_some()
}

/// Whether a line of packed-refs, `id name`, names such a ref.
fn names_replacement(refs: &[u8], format: ObjectFormat) -> bool {
    let name = format.hex_len() + 1;
    let mut lines = refs.split(|&byte| byte == b'\n');
    lines.any(|line| line.get(name..).is_some_and(|name| name.starts_with(b"refs/replace/")))
}

/// The regular files that are staged, each with its state.
pub(super) fn staged_files(
    index: &Index,
    staged: &[StagedEntry],
    states: &[FileState],
) -> Option<Vec<AtRisk>> {
    let mut files = Vec::new();
    for (found, &state) in staged.iter().zip(states) {
        let entry = index.entry(found.at)?;
        let (Ok(path), Some(mode)) = (RepoPath::from_bytes(entry.path.to_vec()), mode_of(&entry))
        else {
            continue;
        };
        let staged = Some((mode, entry.id.to_string()));
        files.push(AtRisk { path, staged, state, added: found.added, size: None });
    }
    Some(files)
}

/// The files that are staged or edited or both, in the index's order. Links are no files.
pub(super) fn files(
    index: &Index,
    staged: &[StagedEntry],
    edited: &[usize],
) -> Option<Vec<AtRisk>> {
    let mut states: BTreeMap<usize, (Option<bool>, FileState)> =
        staged.iter().map(|found| (found.at, (Some(found.added), FileState::AsStaged))).collect();
    for &at in edited {
        states.entry(at).or_insert((None, FileState::Edited)).1 = FileState::Edited;
    }
    let mut files = Vec::new();
    for (at, (added, state)) in states {
        let entry = index.entry(at)?;
        // Git itself refuses such paths, and `git status` is not followed there either.
        let Ok(path) = RepoPath::from_bytes(entry.path.to_vec()) else { continue };
        let Some(mode) = mode_of(&entry) else { continue };
        let staged = added.map(|_| (mode, entry.id.to_string()));
        // 0 stands for "not known", too.
        let is_certain = state == FileState::AsStaged && entry.size != 0 && !entry.is_marked();
        let size = is_certain.then(|| entry.size.into());
        files.push(AtRisk { path, staged, state, added: added.unwrap_or(false), size });
    }
    Some(files)
}

fn mode_of(entry: &Entry<'_>) -> Option<Mode> {
    match entry.mode {
        REGULAR => Some(Mode::Regular),
        EXECUTABLE => Some(Mode::Executable),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replacement_is_seen_among_packed_refs() {
        let id = "0".repeat(40);
        let refs = format!("# pack-refs with: peeled\n{id} refs/heads/refs/replace/x\n^{id}\n");
        assert!(!names_replacement(refs.as_bytes(), ObjectFormat::Sha1));
        let refs = format!("{refs}{id} refs/replace/{id}\n");
        assert!(names_replacement(refs.as_bytes(), ObjectFormat::Sha1));
        assert!(!names_replacement(refs.as_bytes(), ObjectFormat::Sha256));
    }
}
