//! Tracked files that may have edits which Git doesn't see: it was told to look away from them (assume-unchanged,
//! skip-worktree), or a filter makes of the edited file what is in the index.
//!
//! The index that a hook has read anyway says which files are marked, so an ordinary repository pays nothing. In a
//! sparse checkout nearly all of them are, and absent: a folder that isn't there is asked for once, not each file in
//! it.

use std::ffi::OsString;

use anyhow::Result;

use super::pathspec::{SurveyOptions, pathspecs};
use crate::git::command::Git;
use crate::git::index::Index;
use crate::git::repository::Repository;
use crate::model::at_risk::Mode;
use crate::model::names::repo_path::RepoPath;
use crate::os::folder::{EntryKind, Folder, Stat};
use crate::os::platform::path_from_bytes;

/// A regular file that is there, and may have such edits.
#[derive(Debug, PartialEq, Eq)]
pub struct Suspect {
    pub path: RepoPath,
    /// The blob in the index, in hex.
    pub blob: String,
    pub stat: Stat,
    /// Git was told to look away from it: what it holds may be anything.
    pub is_marked: bool,
}

/// The marked files, and those for which one of these filter drivers is set, but for those that `exclude` names.
pub fn suspects(
    repository: &Repository,
    drivers: &[&[u8]],
    exclude: &[Vec<u8>],
) -> Result<Vec<Suspect>> {
    // Pathspecs that Git can't heed must not leave everything unprotected; reading the settings reports them.
    match find(repository, drivers, exclude) {
        Err(_) if !exclude.is_empty() => find(repository, drivers, &[]),
        found => found,
    }
}

fn find(repository: &Repository, drivers: &[&[u8]], exclude: &[Vec<u8>]) -> Result<Vec<Suspect>> {
    let index = repository.index();
    let index = index.ok().flatten();
    let has_marks = index.as_ref().is_none_or(|index| !index.marked.is_empty());
    if !has_marks && drivers.is_empty() {
        return Ok(Vec::new());
    }
    let git = repository.git();
    let mut there = FilesThere::of(Folder::open(&repository.top)?);
    let is_sparse = match &index {
        Some(index) if index.is_sparse => is_sparse(index, Folder::open(&repository.top)?),
        _ => true,
    };
    let mut found = match index {
        _ if !has_marks => Vec::new(),
        Some(index) if exclude.is_empty() && is_sparse => of_index(&index, &mut there),
        _ => listed(&git, Vec::new(), exclude, Some(is_sparse), &mut there)?,
    };
    let specs: Vec<Vec<u8>> = drivers.iter().filter_map(|driver| with_filter(driver)).collect();
    if !specs.is_empty() {
        let filtered = listed(&git, specs, exclude, None, &mut there)?;
        let known = found.len();
        found.extend(filtered);
        found.sort_by(|a, b| (&a.path, !a.is_marked).cmp(&(&b.path, !b.is_marked)));
        if known > 0 {
            found.dedup_by(|later, first| later.path == first.path);
        }
    }
    Ok(found)
}

/// Whether all folders that are one entry each are really left out: else Git has to say what is in them.
fn is_sparse(index: &Index, top: Folder) -> bool {
    let mut there = FilesThere::of(top);
    let mut entries = index.marked.iter().filter_map(|&at| index.entry(at));
    !entries.any(|entry| entry.sparse_folder().is_some_and(|folder| there.has(folder)))
}

fn of_index(index: &Index, there: &mut FilesThere) -> Vec<Suspect> {
    let entries = index.marked.iter().filter_map(|&at| index.entry(at));
    let files = entries.filter(|entry| entry.stage == 0 && entry.mode & 0o170_000 == 0o100_000);
    files.filter_map(|entry| there.suspect(entry.path, || entry.id.to_string(), true)).collect()
}

/// The files for which this driver is set; `None` for a name that a pathspec can't have.
fn with_filter(driver: &[u8]) -> Option<Vec<u8>> {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    driver.iter().all(is_plain).then(|| [b":(top,attr:filter=", driver, b")"].concat())
}

/// What Git says, where it alone can read the index, or knows the attributes. `marked`: only what is marked, and
/// folders that are one entry stay so.
fn listed(
    git: &Git,
    only: Vec<Vec<u8>>,
    exclude: &[Vec<u8>],
    marked: Option<bool>,
    there: &mut FilesThere,
) -> Result<Vec<Suspect>> {
    let specs = pathspecs(&SurveyOptions { only, exclude: exclude.to_vec(), untracked: false });
    let specs = specs.iter().map(|spec| path_from_bytes(spec).into_os_string());
    // Without `--sparse` Git takes apart what stands for whole folders.
    let words = ["ls-files", "-v", "--stage", "-z", "--sparse", "--"].map(OsString::from);
    let words = words.into_iter().filter(|word| marked != Some(false) || word != "--sparse");
    let text = git.output(words.chain(specs))?;
    let marked = marked.is_some();
    let entries = text.split(|&byte| byte == 0).filter_map(|line| entry(line, marked));
    Ok(entries.filter_map(|(path, blob)| there.suspect(path, || blob, marked)).collect())
}

/// `tag mode id stage TAB path` (git-ls-files(1)): `S`, or a small letter, says that it is marked.
fn entry(line: &[u8], marked: bool) -> Option<(&[u8], String)> {
    let at = line.iter().position(|&byte| byte == b'\t')?;
    let fields: Vec<&[u8]> = line[..at].split(|&byte| byte == b' ').collect();
    let &[&[tag], mode, blob, b"0"] = &fields[..] else { return None };
    let is_wanted = !marked || tag == b'S' || tag.is_ascii_lowercase();
    Mode::parse(mode).filter(|_| is_wanted)?;
    Some((&line[at + 1..], String::from_utf8_lossy(blob).into_owned()))
}

/// Which files are there, asked in the order of their paths: each folder is opened once, or found absent once.
struct FilesThere {
    top: Folder,
    /// The folders that lead to the last file, each with how long its path is; the last one may not be there.
    steps: Vec<(usize, Option<Folder>)>,
    /// The path of the last file.
    last: Vec<u8>,
}

impl FilesThere {
    fn of(top: Folder) -> Self {
        Self { top, steps: Vec::new(), last: Vec::new() }
    }

    fn suspect(
        &mut self,
        path: &[u8],
        blob: impl FnOnce() -> String,
        is_marked: bool,
    ) -> Option<Suspect> {
        let stat = self.stat(path)?;
        let path = RepoPath::from_bytes(path.to_vec()).ok()?;
        Some(Suspect { path, blob: blob(), stat, is_marked })
    }

    /// Whether anything is there.
    fn has(&mut self, path: &[u8]) -> bool {
        let stat = self.enter(path).and_then(|name| self.here().stat(&path[name..]).ok().flatten());
        stat.is_some()
    }

    /// The state of a regular file; nothing behind a link is one of Git's.
    fn stat(&mut self, path: &[u8]) -> Option<Stat> {
        let name = self.enter(path)?;
        let stat = self.here().stat(&path[name..]).ok().flatten()?;
        (stat.kind == EntryKind::File).then_some(stat)
    }

    /// Goes to the folder in which `path` lies, if that is there: where in `path` its own name begins.
    fn enter(&mut self, path: &[u8]) -> Option<usize> {
        let common = path.iter().zip(&self.last).take_while(|(a, b)| a == b).count();
        self.steps.retain(|&(end, _)| end < common);
        if self.steps.last().is_some_and(|(_, folder)| folder.is_none()) {
            return None;
        }
        self.last.clear();
        self.last.extend_from_slice(path);
        let mut start = self.steps.last().map_or(0, |&(end, _)| end + 1);
        while let Some(length) = path.get(start..)?.iter().position(|&byte| byte == b'/') {
            let end = start + length;
            let folder = self.here().inside(&path[start..end]).ok();
            let is_there = folder.is_some();
            self.steps.push((end, folder));
            if !is_there {
                return None;
            }
            start = end + 1;
        }
        Some(start)
    }

    fn here(&self) -> &Folder {
        self.steps.last().and_then(|(_, folder)| folder.as_ref()).unwrap_or(&self.top)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_lists_is_read_and_only_what_is_marked_where_that_is_asked() {
        let blob = "6bb695b5bec05ae00fdf9b0c8d0d682f650a464e";
        let read = |tag: &str, mode: &str, stage: &str, marked| {
            entry(format!("{tag} {mode} {blob} {stage}\ta b").as_bytes(), marked).is_some()
        };
        assert!(["S", "s", "h"].iter().all(|tag| read(tag, "100644", "0", true)));
        assert!(!read("H", "100755", "0", true) && read("H", "100755", "0", false));
        assert!(!read("S", "040000", "0", true) && !read("s", "120000", "0", true));
        assert!(!read("M", "100644", "2", false));
        assert_eq!(with_filter(b"my-filter").unwrap(), b":(top,attr:filter=my-filter)");
        assert!(with_filter(b"no)pathspec").is_none());
    }

    #[test]
    fn files_are_found_in_order_whatever_is_absent_between_them() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a/b/x", "a/bc", "a.d/y", "z"] {
            let file = folder.path().join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, name).unwrap();
        }
        let mut there = FilesThere::of(Folder::open(folder.path()).unwrap());
        let asked = [
            "a.d/y", "a.d/z", "a/b/w", "a/b/x", "a/b/x/y", "a/ba/x", "a/bc", "ab/c/d", "ab/c/e",
            "ab/cd", "z",
        ];
        let found: Vec<&str> =
            asked.into_iter().filter(|path| there.stat(path.as_bytes()).is_some()).collect();
        assert_eq!(found, ["a.d/y", "a/b/x", "a/bc", "z"]);
    }
}
