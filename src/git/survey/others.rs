//! The files that an index doesn't have and that are not ignored, by the rules in files of ours: those of the settings
//! may have changed.

use std::path::Path;

use anyhow::Result;

use super::pathspec::{SurveyOptions, pathspecs};
use crate::git::command::Git;
use crate::model::names::repo_path::RepoPath;
use crate::os::platform::path_from_bytes;

/// The files, and the repositories inside; `only` those at or below these paths, if there are any. `git` says which
/// index; in `rules` what comes first counts least.
pub fn list(
    git: &Git,
    rules: &[&Path],
    only: &[RepoPath],
    exclude: &[Vec<u8>],
) -> Result<(Vec<RepoPath>, Vec<RepoPath>)> {
    let only = only.iter().map(|path| [b":(top,literal)", path.as_bytes()].concat()).collect();
    let exclude = exclude.to_vec();
    let specs = pathspecs(&SurveyOptions { only, exclude, ..SurveyOptions::default() });
    let words = ["ls-files", "-z", "--others", "--exclude-per-directory=.gitignore"];
    let rules = rules.iter().map(|rules| {
        let mut word = std::ffi::OsString::from("--exclude-from=");
        word.push(rules);
        word
    });
    let specs = specs.iter().map(|spec| path_from_bytes(spec).into_os_string());
    let args = words.map(Into::into).into_iter().chain(rules).chain(["--".into()]).chain(specs);
    let (mut files, mut nested) = (Vec::new(), Vec::new());
    for name in git.output(args)?.split(|&byte| byte == 0) {
        match name.strip_suffix(b"/") {
            Some(name) => nested.extend(RepoPath::from_bytes(name.to_vec())),
            None => files.extend(RepoPath::from_bytes(name.to_vec())),
        }
    }
    Ok((files, nested))
}
