//! A copy of the index, to compare with later and to go back to.
//!
//! The copy is a file of ours, with the time of the original: Git goes by that to know which files it may
//! trust. Going back never writes the index's own file: what differs, entry by entry, is told to Git, which
//! writes it as it always does (`update-index`). What a command has done to other entries, and everything
//! that Git keeps there besides, stays.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::git::command::Git;
use crate::git::index::Index;
use crate::git::objects::Objects;
use crate::git::repository::Repository;
use crate::model::names::repo_path::RepoPath;
use crate::os::platform::path_from_bytes;

/// In a sparse checkout Git drops the flag of files that exist all the same, as it reads the index: not here.
const AS_IT_STANDS: [&str; 2] = ["-c", "core.sparseCheckout=false"];

/// What the index has at one path: one entry, or the sides of a conflict.
pub type Entries = BTreeMap<Vec<u8>, Vec<SavedEntry>>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedEntry {
    /// Its mode as Git prints it (`100644`).
    pub mode: String,
    pub id: String,
    /// 0, or which side of a conflict it is.
    pub stage: u8,
    /// A sparse checkout leaves it out.
    pub skip_worktree: bool,
    /// `git update-index --assume-unchanged`.
    pub assume_unchanged: bool,
    /// `git add --intent-to-add`.
    pub intent_to_add: bool,
}

/// Copies the index of `repository` to the file `copy`; without an index there is no copy then. The copy as it is read,
/// if not only Git can do that.
pub fn save(repository: &Repository, copy: &Path) -> Result<Option<Index>> {
    let index = repository.index_file();
    let failed = || format!("{} can't be copied", index.display());
    let mut source = match File::open(&index) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return match std::fs::remove_file(copy) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    Err(error).with_context(failed)
                }
                _ => Ok(None),
            };
        }
        Err(error) => return Err(error).with_context(failed),
    };
    let write = |source: &mut File| -> std::io::Result<()> {
        let modified = source.metadata()?.modified()?;
        let mut target = File::create(copy)?;
        std::io::copy(source, &mut target)?;
        target.set_modified(modified)
    };
    write(&mut source).with_context(failed)?;
    if let Ok(Some(index)) = Index::read(copy, repository.format) {
        return Ok(Some(index));
    }
    // One that is split is half a file; the other half isn't beside the copy, and may go.
    git_with(repository, copy).output(["update-index", "--no-split-index"])?;
    Ok(Index::read(copy, repository.format).ok().flatten())
}

/// Git's programs, with the index in the file `index`, wherever the settings say by now that the working tree is.
pub fn git_with(repository: &Repository, index: &Path) -> Git {
    let git = repository.git().with_env("GIT_INDEX_FILE", index);
    let git = git.with_env("GIT_DIR", &repository.git_dir);
    git.with_env("GIT_WORK_TREE", &repository.top).without_monitor()
}

/// All paths of the index in the file `index`.
pub fn paths(repository: &Repository, index: &Path) -> Result<Vec<RepoPath>> {
    let path = |name: &[u8]| RepoPath::from_bytes(name.to_vec()).ok();
    if let Ok(Some(index)) = Index::read(index, repository.format)
        && !index.is_sparse
    {
        return Ok(index.entries().filter_map(|entry| path(entry.path)).collect());
    }
    let text = git_with(repository, index).output(["ls-files", "-z"])?;
    Ok(text.split(|&byte| byte == 0).filter_map(path).collect())
}

/// All entries of the index that `git` goes by.
pub fn entries(git: &Git, objects: &Objects) -> Result<Entries> {
    let words = ["ls-files", "-v", "--stage", "-z"];
    let text = git.output(AS_IT_STANDS.into_iter().chain(words))?;
    let mut all = Entries::new();
    let empty = objects.hash(b"")?.to_string();
    let mut may_be_intents = false;
    for record in text.split(|&byte| byte == 0).filter(|record| !record.is_empty()) {
        let (path, entry) = parse(record).context("git ls-files printed what can't be read")?;
        may_be_intents |= entry.id == empty;
        all.entry(path).or_default().push(entry);
    }
    if may_be_intents {
        mark_intents(git, &empty, &mut all)?;
    }
    Ok(all)
}

/// `H 100644 id stage TAB path` (git-ls-files): a lower-case tag is assumed unchanged, S is left out by a
/// sparse checkout.
fn parse(record: &[u8]) -> Option<(Vec<u8>, SavedEntry)> {
    let tab = record.iter().position(|&byte| byte == b'\t')?;
    let numbers = std::str::from_utf8(record.get(..tab)?).ok()?;
    let [tag, mode, id, stage] = numbers.split(' ').collect::<Vec<_>>()[..] else { return None };
    let entry = SavedEntry {
        mode: mode.to_owned(),
        id: id.to_owned(),
        stage: stage.parse().ok()?,
        skip_worktree: tag.eq_ignore_ascii_case("s"),
        assume_unchanged: tag.starts_with(|tag: char| tag.is_ascii_lowercase()),
        intent_to_add: false,
    };
    Some((record.get(tab + 1..)?.to_vec(), entry))
}

/// An intent to add looks like an empty file, but no tree would have it.
fn mark_intents(git: &Git, empty: &str, all: &mut Entries) -> Result<()> {
    let tree = git.feed(["hash-object", "-t", "tree", "--stdin"], Vec::new())?.success()?;
    let tree = String::from_utf8_lossy(tree.trim_ascii()).into_owned();
    let words = ["diff-index", "--cached", "--ita-invisible-in-index", "--name-only", "-z"];
    let real = git.output(words.into_iter().chain([tree.as_str(), "--"]))?;
    let real: BTreeSet<&[u8]> = real.split(|&byte| byte == 0).collect();
    for (path, entries) in all.iter_mut().filter(|(path, _)| !real.contains(path.as_slice())) {
        let is_one =
            |entry: &&mut SavedEntry| entry.stage == 0 && entry.id == empty && !path.is_empty();
        entries.iter_mut().filter(is_one).for_each(|entry| entry.intent_to_add = true);
    }
    Ok(())
}

/// Makes the index of `repository` name what the copy names, through Git; whether it was another.
/// `scratch` is an empty folder that nothing else uses.
pub fn put_back(
    repository: &Repository,
    objects: &Objects,
    copy: &Path,
    scratch: &Path,
) -> Result<bool> {
    let git = git_with(repository, &repository.index_file());
    let before = entries(&git_with(repository, copy), objects)?;
    let now = entries(&git, objects)?;
    let paths: BTreeSet<&Vec<u8>> = before.keys().chain(now.keys()).collect();
    let changed: Vec<&Vec<u8>> =
        paths.into_iter().filter(|path| before.get(*path) != now.get(*path)).collect();
    if changed.is_empty() {
        return Ok(false);
    }
    let wanted: Vec<(&[u8], &SavedEntry)> = changed
        .iter()
        .flat_map(|path| before.get(*path).into_iter().flatten().map(|it| (path.as_slice(), it)))
        .collect();
    // What goes first: a file may have taken a folder's place.
    let gone = changed.iter().filter(|path| now.contains_key(**path));
    let zero = "0".repeat(objects.hash(b"")?.to_string().len());
    let mut input: Vec<u8> = gone
        .flat_map(|path| [format!("0 {zero}\t").as_bytes(), path.as_slice(), b"\0"].concat())
        .collect();
    for (path, entry) in wanted.iter().filter(|(_, entry)| !entry.intent_to_add) {
        let numbers = format!("{} {} {}\t", entry.mode, entry.id, entry.stage);
        input.extend([numbers.as_bytes(), *path, b"\0"].concat());
    }
    git.feed(update_index(&["-z", "--index-info"]), input)?.success()?;
    announce(repository, &wanted, scratch)?;
    mark(&git, "--assume-unchanged", &wanted, |entry| entry.assume_unchanged)?;
    mark(&git, "--skip-worktree", &wanted, |entry| entry.skip_worktree)?;
    // It says with its status that some file differs.
    let _ = git.start(update_index(&["-q", "--refresh"]))?.finish()?;
    Ok(true)
}

/// Tells the index of new files. Git wants to see them: in a folder where there is nothing else.
fn announce(
    repository: &Repository,
    wanted: &[(&[u8], &SavedEntry)],
    scratch: &Path,
) -> Result<()> {
    let intents: Vec<&(&[u8], &SavedEntry)> =
        wanted.iter().filter(|(_, entry)| entry.intent_to_add).collect();
    if intents.is_empty() {
        return Ok(());
    }
    let mut specs = Vec::new();
    for (path, entry) in intents {
        make(&scratch.join(path_from_bytes(path)), entry.mode == "100755")?;
        specs.extend([b":(top,literal)", *path, b"\0"].concat());
    }
    let git = repository
        .git()
        .with_env("GIT_DIR", &repository.git_dir)
        .with_env("GIT_WORK_TREE", scratch)
        .with_env("GIT_INDEX_FILE", repository.index_file())
        .in_dir(scratch);
    let words = ["-c", "core.fsmonitor=false", "add", "--intent-to-add", "--force", "--sparse"];
    let list = ["--pathspec-from-file=-", "--pathspec-file-nul"];
    git.feed(AS_IT_STANDS.into_iter().chain(words).chain(list), specs)?.success().map(drop)
}

fn make(file: &PathBuf, _executable: bool) -> Result<()> {
    let made = || -> std::io::Result<()> {
        std::fs::create_dir_all(file.parent().unwrap_or(Path::new("")))?;
        let made = File::create(file)?;
        #[cfg(unix)]
        if _executable {
            let bits = std::os::unix::fs::PermissionsExt::from_mode(0o700);
            made.set_permissions(bits)?;
        }
        drop(made);
        Ok(())
    };
    made().with_context(|| format!("{}", file.display()))
}

fn mark(
    git: &Git,
    flag: &str,
    wanted: &[(&[u8], &SavedEntry)],
    has: impl Fn(&SavedEntry) -> bool,
) -> Result<()> {
    let marked = wanted.iter().filter(|(_, entry)| has(entry));
    let input: Vec<u8> = marked.flat_map(|(path, _)| [*path, b"\0"].concat()).collect();
    if input.is_empty() {
        return Ok(());
    }
    git.feed(update_index(&[flag, "-z", "--stdin"]), input)?.success().map(drop)
}

fn update_index<'a>(words: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    AS_IT_STANDS.into_iter().chain(["update-index"]).chain(words.iter().copied())
}
