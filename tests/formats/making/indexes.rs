//! Formats of the index, and what it leaves out.

use std::fs;

use super::{Made, clone, commit_files, init, is_partial, is_sha256, settle, since};
use crate::formats::place::{FAR, Place};

fn index_has(place: &Place, word: &[u8]) -> bool {
    let index = fs::read(place.git_path("index")).unwrap();
    index.windows(word.len()).any(|part| part == word)
}

fn is_split(place: &Place) -> bool {
    index_has(place, b"link")
}

fn is_sparse_index(place: &Place) -> bool {
    let entries = place.git(["ls-files", "--sparse", "--stage"]).stdout;
    entries.lines().any(|line| line.starts_with("040000 ") && line.ends_with("\tout/"))
}

fn is_sparse(place: &Place) -> bool {
    !place.at(FAR).exists() && place.git(["ls-files", "-t", FAR]).stdout.starts_with("S ")
}

fn split(options: &[&str], is_still: fn(&Place) -> bool) -> Place {
    let place = init(options, is_still);
    place.git(["config", "core.splitIndex", "true"]);
    // Changes stay in the smaller half, however many there are.
    place.git(["config", "splitIndex.maxPercentChange", "100"]);
    commit_files(&place);
    place.git(["update-index", "--split-index"]);
    settle(place)
}

pub fn split_index() -> Made {
    Ok(split(&[], is_split))
}

pub fn split_index_with_sha256() -> Made {
    Ok(split(&["--object-format=sha256"], |place| is_split(place) && is_sha256(place)))
}

pub fn sparse_index() -> Made {
    let place = init(&[], |place| is_sparse_index(place) && is_sparse(place));
    commit_files(&place);
    place.git(["sparse-checkout", "set", "--cone", "--sparse-index", "dir"]);
    Ok(settle(place))
}

pub fn sparse_checkout_without_cone() -> Made {
    let place = init(&[], is_sparse);
    commit_files(&place);
    place.git(["sparse-checkout", "set", "--no-cone", "/*", "!/out/"]);
    Ok(settle(place))
}

pub fn index_of_version_4() -> Made {
    fn is_still(place: &Place) -> bool {
        let index = fs::read(place.git_path("index")).unwrap();
        // Git before 2.40 can't leave out the checksum.
        let is_hashed = index[index.len() - 20..] != [0; 20];
        index[..8] == *b"DIRC\0\0\0\x04" && is_hashed == since(2, 40, "").is_err()
    }
    let place = init(&[], is_still);
    place.git(["config", "feature.manyFiles", "true"]);
    place.git(["config", "index.skipHash", "true"]);
    Ok(settle(place))
}

pub fn sparse_index_in_a_partial_clone() -> Made {
    let is_still = |place: &Place| is_sparse_index(place) && is_sparse(place) && is_partial(place);
    let place = clone(&["--filter=blob:none", "--no-checkout"], is_still);
    place.git(["sparse-checkout", "set", "--cone", "--sparse-index", "dir"]);
    place.git(["checkout", "-q", "main"]);
    Ok(settle(place))
}

pub fn untracked_cache() -> Made {
    let place = init(&[], |place| index_has(place, b"UNTR"));
    place.git(["config", "core.untrackedCache", "true"]);
    Ok(settle(place))
}
