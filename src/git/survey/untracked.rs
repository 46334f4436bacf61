//! Files that Git doesn't track: those that are ignored, those that aren't, those that stand in the way of
//! a tree that is about to be written out.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::FileType;
use std::path::Path;

use anyhow::Result;

use super::pathspec::{SurveyOptions, pathspecs};
use crate::git::command::Git;
use crate::model::names::repo_path::RepoPath;
use crate::os::platform::path_from_bytes;

/// How many paths one command line names.
const AT_ONCE: usize = 500;

/// The untracked files that aren't ignored, without those that `exclude` (pathspecs) names, and the repositories
/// among them.
pub fn plain(git: &Git, exclude: &[Vec<u8>]) -> Result<(Vec<RepoPath>, Vec<RepoPath>)> {
    let names = names(git, &["--exclude-standard"], Vec::new(), exclude)?;
    let folders = names.split(|&byte| byte == 0).filter_map(|name| name.strip_suffix(b"/"));
    let nested = folders.filter_map(|name| RepoPath::from_bytes(name.to_vec()).ok()).collect();
    Ok((paths(&names), nested))
}

/// The ignored files, without those that `exclude` names.
pub fn ignored(git: &Git, exclude: &[Vec<u8>]) -> Result<Vec<RepoPath>> {
    included(git, &[], exclude)
}

/// The ignored files that `include` (pathspecs) names; without one, all of them.
pub fn included(git: &Git, include: &[Vec<u8>], exclude: &[Vec<u8>]) -> Result<Vec<RepoPath>> {
    list(git, &["--ignored", "--exclude-standard"], include.to_vec(), exclude)
}

/// The folders that are ignored whole, the topmost of each.
pub fn ignored_folders(git: &Git) -> Result<Vec<RepoPath>> {
    let args = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"];
    let names = git.output(args)?;
    let folders = names.split(|&byte| byte == 0).filter_map(|name| name.strip_suffix(b"/"));
    Ok(folders.filter_map(|name| RepoPath::from_bytes(name.to_vec()).ok()).collect())
}

fn list(
    git: &Git,
    options: &[&str],
    only: Vec<Vec<u8>>,
    exclude: &[Vec<u8>],
) -> Result<Vec<RepoPath>> {
    Ok(paths(&names(git, options, only, exclude)?))
}

fn names(git: &Git, options: &[&str], only: Vec<Vec<u8>>, exclude: &[Vec<u8>]) -> Result<Vec<u8>> {
    let specs = pathspecs(&SurveyOptions { only, exclude: exclude.to_vec(), untracked: true });
    let options = options.iter().map(OsString::from);
    let specs = specs.iter().map(|spec| path_from_bytes(spec).into_os_string());
    let args = ["ls-files", "-z", "--others"].map(OsString::from).into_iter().chain(options);
    git.output(args.chain(["--".into()]).chain(specs))
}

/// Those of the files, tracked or not, that `exclude` leaves.
pub fn not_excluded(
    git: &Git,
    mut files: Vec<RepoPath>,
    exclude: &[Vec<u8>],
) -> Result<Vec<RepoPath>> {
    if !exclude.is_empty() {
        let only = files.iter().map(|path| [b":(top,literal)", path.as_bytes()].concat());
        let left = list(git, &["--cached"], only.collect(), exclude)?;
        files.retain(|path| left.contains(path));
    }
    Ok(files)
}

/// A name that ends in a slash is a nested repository: not ours to look into.
fn paths(names: &[u8]) -> Vec<RepoPath> {
    let names = names.split(|&byte| byte == 0).filter(|name| !name.ends_with(b"/"));
    names.filter_map(|name| RepoPath::from_bytes(name.to_vec()).ok()).collect()
}

/// The files that aren't tracked, ignored or not, where `tree` has a file of its own or a folder above one;
/// none if it names no tree.
pub fn in_the_way(
    git: &Git,
    top: &Path,
    tree: &[u8],
    exclude: &[Vec<u8>],
) -> Result<Vec<RepoPath>> {
    let mut args: Vec<OsString> =
        ["diff-index", "--cached", "--name-only", "--no-renames", "--diff-filter=D", "-z"]
            .map(Into::into)
            .into();
    args.push(path_from_bytes(tree).into_os_string());
    args.push("--".into());
    let answer = git.start(args)?.finish()?;
    if answer.status != Some(0) {
        return Ok(Vec::new());
    }
    in_place_of(git, top, paths(&answer.stdout), exclude)
}

/// The files that aren't tracked, ignored or not, in the place of one of `files` or of a folder above one.
pub fn in_place_of(
    git: &Git,
    top: &Path,
    files: Vec<RepoPath>,
    exclude: &[Vec<u8>],
) -> Result<Vec<RepoPath>> {
    let mut folders = HashMap::new();
    let at = |path: RepoPath| occupied(top, path, &mut folders);
    let mut places: Vec<RepoPath> = files.into_iter().filter_map(at).collect();
    places.sort();
    places.dedup();
    let mut found = Vec::new();
    for some in places.chunks(AT_ONCE) {
        let only = some.iter().map(|path| [b":(top,literal)", path.as_bytes()].concat());
        found.extend(list(git, &[], only.collect(), exclude)?);
    }
    Ok(found)
}

/// What stands where a folder has to be.
#[derive(Clone)]
enum Occupant {
    Nothing,
    Folder,
    Other(RepoPath),
}

/// What stands at `path`, or where a folder above it has to be. Each folder is looked at once: thousands of files may
/// be gone with it.
fn occupied(
    top: &Path,
    path: RepoPath,
    folders: &mut HashMap<RepoPath, Occupant>,
) -> Option<RepoPath> {
    let above = path.parent().map_or(Occupant::Folder, |folder| occupant(top, folder, folders));
    match above {
        Occupant::Nothing => None,
        Occupant::Folder => kind(top, &path).is_some().then_some(path),
        Occupant::Other(place) => Some(place),
    }
}

fn occupant(top: &Path, folder: RepoPath, known: &mut HashMap<RepoPath, Occupant>) -> Occupant {
    if let Some(known) = known.get(&folder) {
        return known.clone();
    }
    let above = folder.parent().map_or(Occupant::Folder, |above| occupant(top, above, known));
    let found = match above {
        Occupant::Folder => match kind(top, &folder) {
            None => Occupant::Nothing,
            Some(kind) if kind.is_dir() => Occupant::Folder,
            Some(_) => Occupant::Other(folder.clone()),
        },
        other => other,
    };
    known.insert(folder, found.clone());
    found
}

fn kind(top: &Path, path: &RepoPath) -> Option<FileType> {
    top.join(path.to_path_buf()).symlink_metadata().ok().map(|meta| meta.file_type())
}
