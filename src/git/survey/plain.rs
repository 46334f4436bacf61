//! The files at risk where `git status` fails: an object of HEAD's is missing or broken, or a filter that
//! is required for a file fails.
//!
//! Two children that look at less. One compares the index with HEAD, or with nothing where HEAD can't be
//! read. The other asks which files were written to, and compares no contents. So this finds too much
//! rather than too little, and what Git holds already costs no second copy in the vault.

use std::collections::BTreeMap;
use std::ffi::OsString;

use anyhow::Result;

use super::pathspec::{SurveyOptions, pathspecs};
use crate::git::command::Git;
use crate::model::at_risk::{AtRisk, FileState, Mode, Survey};
use crate::model::names::repo_path::RepoPath;
use crate::os::platform::path_from_bytes;

/// The most paths that are named to Git one by one.
const MOST_PATHS: usize = 200;

/// Finds them. `reason` is why `git status` could not.
pub(super) fn survey(git: &Git, options: &SurveyOptions, reason: String) -> Result<Survey> {
    let mut files: BTreeMap<RepoPath, AtRisk> = BTreeMap::new();
    for change in staged(git, options)? {
        let Some(mode) = change.mode else { continue };
        let file = entry(&mut files, change.path);
        file.staged = Some((mode, change.blob));
        file.added = change.kind == b'A';
    }
    for change in changes(git, &["diff-files", "--ignore-submodules=all"], options)? {
        let is_file = change.kind != b'D' && change.mode.is_some();
        let state = if is_file { FileState::Edited } else { FileState::Gone };
        entry(&mut files, change.path).state = state;
    }
    if options.untracked {
        for path in
            paths(&run(git, &["ls-files", "-z", "--others", "--exclude-standard"], options)?)
        {
            entry(&mut files, path).state = FileState::Untracked;
        }
    }
    let is_at_risk = |file: &AtRisk| {
        file.staged.is_some() || matches!(file.state, FileState::Edited | FileState::Untracked)
    };
    let files = files.into_values().filter(is_at_risk).collect();
    Ok(Survey { files, doubt: Some(reason), ..Survey::default() })
}

/// The regular files that are staged and that HEAD lacks. The working tree is looked at for these alone.
pub(super) fn staged_files(git: &Git, exclude: &[Vec<u8>]) -> Result<Vec<AtRisk>> {
    let options = SurveyOptions { exclude: exclude.to_vec(), ..SurveyOptions::default() };
    let mut files: BTreeMap<RepoPath, AtRisk> = BTreeMap::new();
    for change in staged(git, &options)? {
        let Some(mode) = change.mode else { continue };
        let file = entry(&mut files, change.path);
        file.staged = Some((mode, change.blob));
        file.added = change.kind == b'A';
    }
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let literal = |path: &RepoPath| [b":(top,literal)", path.as_bytes()].concat();
    // A command line has no room for more.
    let only = if files.len() <= MOST_PATHS { files.keys().map(literal).collect() } else { vec![] };
    let options = SurveyOptions { only, ..SurveyOptions::default() };
    for change in changes(git, &["diff-files", "--ignore-submodules=all"], &options)? {
        let is_file = change.kind != b'D' && change.mode.is_some();
        if let Some(file) = files.get_mut(&change.path) {
            file.state = if is_file { FileState::Edited } else { FileState::Gone };
        }
    }
    Ok(files.into_values().collect())
}

/// What the index has and HEAD hasn't; all that it has where HEAD can't be read.
fn staged(git: &Git, options: &SurveyOptions) -> Result<Vec<RawDifference>> {
    let against = |tree: &str| {
        changes(git, &["diff-index", "--cached", "--ita-invisible-in-index", tree], options)
    };
    against("HEAD").or_else(|_| {
        let empty = git.feed(["hash-object", "-t", "tree", "--stdin"], Vec::new())?.success()?;
        against(String::from_utf8_lossy(empty.trim_ascii()).as_ref())
    })
}

fn entry(files: &mut BTreeMap<RepoPath, AtRisk>, path: RepoPath) -> &mut AtRisk {
    let none = AtRisk {
        path: path.clone(),
        staged: None,
        state: FileState::AsStaged,
        added: false,
        size: None,
    };
    files.entry(path).or_insert(none)
}

/// One record of Git's raw format for differences.
struct RawDifference {
    mode: Option<Mode>,
    blob: String,
    kind: u8,
    path: RepoPath,
}

fn changes(git: &Git, words: &[&str], options: &SurveyOptions) -> Result<Vec<RawDifference>> {
    let (verb, rest) = words.split_at(1);
    let words = [verb, &["--raw", "-z", "--no-renames", "--no-abbrev"], rest].concat();
    Ok(parse(&run(git, &words, options)?))
}

fn run(git: &Git, words: &[&str], options: &SurveyOptions) -> Result<Vec<u8>> {
    let specs = pathspecs(options);
    let specs = specs.iter().map(|spec| path_from_bytes(spec).into_os_string());
    let words = words.iter().copied().chain(["--"]).map(OsString::from);
    git.output(words.chain(specs))
}

/// `:mode mode id id kind NUL path NUL` (git-diff-index, "Raw output format").
fn parse(text: &[u8]) -> Vec<RawDifference> {
    let mut fields = text.split(|&b| b == 0);
    let mut changes = Vec::new();
    while let (Some(numbers), Some(path)) = (fields.next(), fields.next()) {
        let numbers: Vec<&[u8]> = numbers.split(|&b| b == b' ').collect();
        let &[_, mode, _, blob, kind] = &numbers[..] else { continue };
        let (Some(&kind), Ok(path)) = (kind.first(), RepoPath::from_bytes(path.to_vec())) else {
            continue;
        };
        let blob = String::from_utf8_lossy(blob).into_owned();
        changes.push(RawDifference { mode: Mode::parse(mode), blob, kind, path });
    }
    changes
}

fn paths(text: &[u8]) -> Vec<RepoPath> {
    // A trailing slash is a nested repository: not ours to look into.
    let names = text.split(|&b| b == 0).filter(|name| !name.is_empty() && !name.ends_with(b"/"));
    names.filter_map(|name| RepoPath::from_bytes(name.to_vec()).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_and_what_makes_no_sense_is_passed_over() {
        let id = "1".repeat(40);
        let zero = "0".repeat(40);
        let text = format!(
            ":000000 100755 {zero} {id} A\0a b\0:100644 000000 {id} {zero} D\0gone\0nonsense\0x\0\
             :000000 100644 {zero} {id} A\0.git/config\0:100644"
        );
        let found = parse(text.as_bytes());
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].mode, found[0].kind), (Some(Mode::Executable), b'A'));
        assert_eq!((found[0].blob.as_str(), found[0].path.as_bytes()), (id.as_str(), &b"a b"[..]));
        assert_eq!((found[1].mode, found[1].kind), (None, b'D'));
    }
}
