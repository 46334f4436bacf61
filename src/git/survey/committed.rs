//! Which files a commit would change, whatever Git was told about them: Git is asked what it would store, and for no
//! stat data, no flag of the index and no time.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result};

use crate::git::command::Git;
use crate::git::objects::{Objects, Oid};
use crate::git::repository::Repository;
use crate::model::names::quote::quote;
use crate::model::names::repo_path::RepoPath;
use crate::os::platform::{bytes_of, path_from_bytes};

/// The most paths that are named to Git one by one.
const MOST_PATHS: usize = 500;

/// Those of `paths` that have other bytes than in `head`, or exist on one side alone.
pub fn differing(
    repository: &Repository,
    objects: &Objects,
    head: Option<Oid>,
    paths: &[RepoPath],
) -> Result<HashSet<RepoPath>> {
    let git = repository.git();
    let committed = match head {
        Some(head) => in_commit(&git, head, paths)?,
        None => HashMap::new(),
    };
    let stored = stored(repository, objects, paths)?;
    let differs = |path: &&RepoPath| committed.get(*path) != stored.get(*path);
    Ok(paths.iter().filter(differs).cloned().collect())
}

/// The first of `paths` that Git would not commit, for it was told that the file is not there (skip-worktree).
pub fn skipped(git: &Git, paths: &[RepoPath]) -> Result<Option<RepoPath>> {
    for some in paths.chunks(MOST_PATHS) {
        let specs = some.iter().map(|path| [b":(top,literal)", path.as_bytes()].concat());
        let specs = specs.map(|spec| path_from_bytes(&spec).into_os_string());
        let args = ["ls-files", "-t", "-z", "--"].map(Into::into).into_iter().chain(specs);
        let text = git.output(args)?;
        let mut names = text.split(|&byte| byte == 0).filter_map(|name| name.strip_prefix(b"S "));
        if let Some(name) = names.next() {
            return RepoPath::from_bytes(name.to_vec()).map(Some);
        }
    }
    Ok(None)
}

fn in_commit(git: &Git, head: Oid, paths: &[RepoPath]) -> Result<HashMap<RepoPath, String>> {
    let mut args: Vec<_> = ["ls-tree", "-r", "-z", "--full-tree"].map(Into::into).into();
    args.push(head.to_string().into());
    if paths.len() <= MOST_PATHS {
        args.push("--".into());
        args.extend(paths.iter().map(|path| path_from_bytes(path.as_bytes()).into_os_string()));
    }
    let text = git.output(args).context("the committed files can't be listed")?;
    let entry = |record: &[u8]| {
        // `mode type id TAB path`
        let tab = record.iter().position(|&byte| byte == b'\t')?;
        let id = std::str::from_utf8(record.get(..tab)?).ok()?.rsplit(' ').next()?;
        Some((RepoPath::from_bytes(record.get(tab + 1..)?.to_vec()).ok()?, id.to_owned()))
    };
    Ok(text.split(|&byte| byte == 0).filter_map(entry).collect())
}

/// What Git would store of each file and link that is there.
fn stored(
    repository: &Repository,
    objects: &Objects,
    paths: &[RepoPath],
) -> Result<HashMap<RepoPath, String>> {
    let (mut found, mut files) = (HashMap::new(), Vec::new());
    for path in paths {
        let place = repository.top.join(path.to_path_buf());
        match place.symlink_metadata() {
            Ok(meta) if meta.is_file() => files.push(path),
            Ok(meta) if meta.is_symlink() => {
                let id = objects.hash(&bytes_of(std::fs::read_link(place)?.as_os_str()))?;
                found.insert(path.clone(), id.to_string());
            }
            _ => {}
        }
    }
    if files.is_empty() {
        return Ok(found);
    }
    let lines = files.iter().flat_map(|path| [quote(path.as_bytes(), true), "\n".to_owned()]);
    let args = ["-c", "core.safecrlf=false", "hash-object", "--stdin-paths"];
    let input = lines.collect::<String>().into_bytes();
    let text = repository.git().feed(args, input)?.success()?;
    let ids = String::from_utf8_lossy(&text);
    found.extend(files.into_iter().cloned().zip(ids.lines().map(str::to_owned)));
    Ok(found)
}
