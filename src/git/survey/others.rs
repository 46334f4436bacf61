//! The files that an index doesn't have and that are not ignored, by the rules in files of ours: those of the settings
//! may have changed.

use std::path::Path;

use anyhow::Result;

use super::pathspec::{SurveyOptions, pathspecs};
use crate::git::command::{Git, RunningGit};
use crate::model::names::repo_path::RepoPath;
use crate::os::platform::path_from_bytes;

/// A look under way beside other work.
#[derive(Debug)]
pub struct OthersRun(RunningGit);

/// Starts it. `git` says which index; in `rules` what comes first counts least.
pub fn start(git: &Git, rules: &[&Path], exclude: &[Vec<u8>]) -> Result<OthersRun> {
    let options = SurveyOptions { exclude: exclude.to_vec(), ..SurveyOptions::default() };
    let specs = pathspecs(&options);
    let words = ["ls-files", "-z", "--others", "--exclude-per-directory=.gitignore"];
    let rules = rules.iter().map(|rules| {
        let mut word = std::ffi::OsString::from("--exclude-from=");
        word.push(rules);
        word
    });
    let specs = specs.iter().map(|spec| path_from_bytes(spec).into_os_string());
    let args = words.map(Into::into).into_iter().chain(rules).chain(["--".into()]).chain(specs);
    Ok(OthersRun(git.start(args)?))
}

impl OthersRun {
    /// The files, and the repositories inside.
    pub fn finish(self) -> Result<(Vec<RepoPath>, Vec<RepoPath>)> {
        let (mut files, mut nested) = (Vec::new(), Vec::new());
        for name in self.0.finish()?.success()?.split(|&byte| byte == 0) {
            match name.strip_suffix(b"/") {
                Some(name) => nested.extend(RepoPath::from_bytes(name.to_vec())),
                None => files.extend(RepoPath::from_bytes(name.to_vec())),
            }
        }
        Ok((files, nested))
    }
}
