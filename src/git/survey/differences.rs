//! How the working tree differs from an index: every path whose file differs, is gone, or is not in the index.
//!
//! Like the survey of files at risk it is one `git status`, which compares as only Git can. But nothing is
//! left out here: links, files that are gone and unmerged ones count, too. Where the caller has looked at every tracked
//! file, Git is asked only of what else lies there.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use super::at_risk;
use super::held::{SUBMODULE, TrackedPath};
use super::pathspec::{SurveyOptions, pathspecs};
use super::quick;
use crate::git::command::{Git, RunningGit};
use crate::git::index::Index;
use crate::git::objects::{Objects, Oid};
use crate::git::repository::Repository;
use crate::model::at_risk::Survey;
use crate::model::names::repo_path::{RepoPath, next_at};
use crate::os::folder::Stat;
use crate::os::platform::path_from_bytes;

/// A look under way beside other work.
#[derive(Debug)]
pub struct DifferencesRun(RunningGit);

#[derive(Debug, Default)]
pub struct Differences {
    /// Tracked paths: the file there is not what the index has.
    pub changed: Vec<RepoPath>,
    /// Tracked paths: what the index has is not what HEAD has, and the file there is that of the index.
    pub staged: Vec<RepoPath>,
    /// Files that the index doesn't have and that aren't ignored.
    pub untracked: Vec<RepoPath>,
    /// Ignored files, and the folders that are ignored whole: with a slash at the end.
    pub ignored: Vec<Vec<u8>>,
    /// Other repositories inside.
    pub nested: Vec<RepoPath>,
    /// The same, as the files at risk.
    pub survey: Survey,
}

impl Differences {
    /// The same with what was found of other paths.
    pub fn with(mut self, others: Self) -> Self {
        self.changed.extend(others.changed);
        self.staged.extend(others.staged);
        self.survey.files.extend(others.survey.files);
        Self { changed: self.changed, staged: self.staged, survey: self.survey, ..others }
    }
}

/// Starts it. `git` says which index; `only` are paths to look at, or none for all; `exclude` are pathspecs to leave
/// out.
pub fn start<'a>(
    git: &Git,
    only: impl IntoIterator<Item = &'a RepoPath>,
    exclude: &[Vec<u8>],
) -> Result<DifferencesRun> {
    let only = only.into_iter().map(|path| [b":(top,literal)", path.as_bytes()].concat());
    let exclude = exclude.to_vec();
    let options = SurveyOptions { only: only.collect(), exclude, ..SurveyOptions::default() };
    let words = [
        "status",
        "--porcelain=v2",
        "-z",
        "--no-renames",
        "--ignore-submodules=all",
        "--untracked-files=all",
        "--ignored=matching",
        "--",
    ];
    let specs = pathspecs(&options);
    let specs = specs.iter().map(|spec| path_from_bytes(spec).into_os_string());
    Ok(DifferencesRun(git.start(words.map(Into::into).into_iter().chain(specs))?))
}

impl DifferencesRun {
    pub fn finish(self) -> Result<Differences> {
        let text = self.0.finish()?.success().context("the changes can't be listed")?;
        let mut found = Differences { survey: at_risk::parse(&text)?, ..Differences::default() };
        for record in text.split(|&byte| byte == 0) {
            match record {
                [b'?', b' ', path @ .., b'/'] => found.nested.extend(path_of(path)),
                [b'?', b' ', path @ ..] => found.untracked.extend(path_of(path)),
                [b'!', b' ', path @ ..] => found.ignored.push(path.to_vec()),
                // `1 XY sub mH mI mW hH hI path`: Y is the working tree against the index.
                [b'1', b' ', _, b'.', ..] => found.staged.extend(field(record, 9)),
                [b'1', b' ', ..] => found.changed.extend(field(record, 9)),
                [b'u', b' ', ..] => found.changed.extend(field(record, 11)),
                _ => {}
            }
        }
        Ok(found)
    }
}

/// What differs of tracked files, in an ordinary index of which `all` are the paths, by the state in which the caller
/// has seen each file; `None` if only Git knows.
pub fn of_seen(
    repository: &Repository,
    objects: &Objects,
    head: Option<Oid>,
    (index, all): (&Index, &[TrackedPath]),
    seen: &BTreeMap<RepoPath, Stat>,
) -> Option<Differences> {
    if index.count() != all.len() {
        return None;
    }
    let (mut left, mut gone) = (seen.iter().peekable(), Vec::new());
    let mut is_doubtful = |(at, it): (usize, &TrackedPath)| {
        if it.is_hidden || it.mode == SUBMODULE {
            return false;
        }
        let stat = next_at(&mut left, |(path, _)| path, &it.path);
        gone.extend(stat.is_none().then_some(at));
        stat.is_some_and(|(_, stat)| !it.is_as_indexed(stat))
    };
    let doubtful = all.iter().enumerate().map(&mut is_doubtful).collect();
    let found = quick::survey_seen(repository, objects, head, index, doubtful, &gone)?;
    let paths = |which: &[usize]| which.iter().map(|&at| all[at].path.clone()).collect();
    Some(Differences {
        changed: paths(&found.changed),
        staged: paths(&found.staged),
        survey: Survey { gone: paths(&gone), ..found.survey },
        ..Differences::default()
    })
}

/// The path, which is the last of so many fields; a submodule has a net of its own.
fn field(record: &[u8], count: usize) -> Option<RepoPath> {
    let fields: Vec<&[u8]> = record.splitn(count, |&byte| byte == b' ').collect();
    let is_file = fields.get(2) == Some(&&b"N..."[..]) && fields.len() == count;
    is_file.then(|| path_of(fields.last()?)).flatten()
}

fn path_of(path: &[u8]) -> Option<RepoPath> {
    RepoPath::from_bytes(path.to_vec()).ok()
}
