//! Formats of objects and refs, and repositories that have their objects elsewhere or not at all.

use super::{
    Made, clone, commit_files, configure, init, is_partial, is_reftable, is_sha256, origin, said,
    settle, since,
};
use crate::formats::place::{OTHER, Place};

pub fn sha1() -> Made {
    let is_still = |place: &Place| said(place, &["rev-parse", "--show-object-format"], "sha1");
    Ok(settle(init(&[], is_still)))
}

pub fn sha256() -> Made {
    Ok(settle(init(&["--object-format=sha256"], is_sha256)))
}

pub fn reftable() -> Made {
    since(2, 45, "reftable")?;
    Ok(settle(init(&["--ref-format=reftable"], is_reftable)))
}

pub fn sha256_with_reftable() -> Made {
    since(2, 45, "reftable")?;
    let options = ["--object-format=sha256", "--ref-format=reftable"];
    Ok(settle(init(&options, |place| is_sha256(place) && is_reftable(place))))
}

pub fn partial_clone() -> Made {
    Ok(settle(clone(&["--filter=blob:none"], is_partial)))
}

pub fn partial_clone_by_extension() -> Made {
    let place = clone(&["--filter=blob:none"], is_partial);
    place.git(["config", "core.repositoryFormatVersion", "1"]);
    place.git(["config", "extensions.partialClone", "origin"]);
    Ok(settle(place))
}

pub fn shallow_clone() -> Made {
    let is_still = |place: &Place| said(place, &["rev-parse", "--is-shallow-repository"], "true");
    Ok(settle(clone(&["--depth=1"], is_still)))
}

pub fn objects_of_another_repository() -> Made {
    let is_still = |place: &Place| place.git_path("objects/info/alternates").is_file();
    let origin = origin(&[]);
    origin.git(["clone", "-q", "--shared", ".", "../clone"]);
    let top = origin.scratch.root().join("clone");
    let place = Place::new(origin.scratch, top, is_still);
    configure(&place);
    Ok(settle(place))
}

pub fn replaced_objects() -> Made {
    let is_still = |place: &Place| !place.git(["replace", "-l"]).stdout.is_empty();
    let place = init(&[], is_still);
    commit_files(&place);
    // HEAD's commit has another tree in its place, and a file another content.
    place.write(OTHER, "another\n");
    place.git(["commit", "-qam", "another"]);
    place.git(["replace", "HEAD", "HEAD~1"]);
    place.git(["replace", "-f", "HEAD:dir/a file.bin", "HEAD:out/far.txt"]);
    place.git(["reset", "-q", "--hard"]);
    Ok(settle(place))
}
