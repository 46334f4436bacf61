//! Which files are at risk: what is staged, what is edited and not staged, what is untracked.
//!
//! One child tells all of it: `git status --porcelain=v2`, which refreshes the index in memory (so a
//! touched file is no edit), knows every repository format, and writes nothing under
//! `GIT_OPTIONAL_LOCKS=0`. libgit2's own status is wrong for sparse checkouts, intent-to-add entries
//! and replaced objects, and can't read split or sparse indexes. Where it fails (an object of HEAD's is
//! missing, say) simpler questions are asked.

use anyhow::{Result, bail};

use super::pathspec::{SurveyOptions, pathspecs};
use super::plain;
use crate::git::command::{Git, RunningGit};
use crate::model::at_risk::{AtRisk, FileState, Mode, Survey};
use crate::model::names::repo_path::RepoPath;

/// A survey of the working tree that runs beside other work.
#[derive(Debug)]
pub struct SurveyRun {
    status: RunningGit,
    git: Git,
    options: SurveyOptions,
}

/// Starts `git status` for these options.
pub fn start(git: &Git, options: &SurveyOptions) -> Result<SurveyRun> {
    let untracked = if options.untracked { "all" } else { "no" };
    let mut args: Vec<Vec<u8>> = [
        "status",
        "--porcelain=v2",
        "-z",
        "--no-renames",
        "--ignore-submodules=all",
        &format!("--untracked-files={untracked}"),
        "--",
    ]
    .iter()
    .map(|arg| arg.as_bytes().to_vec())
    .collect();
    args.extend(pathspecs(options));
    let args = args.iter().map(|arg| crate::os::platform::path_from_bytes(arg).into_os_string());
    let status = git.start(args)?;
    Ok(SurveyRun { status, git: git.clone(), options: options.clone() })
}

impl SurveyRun {
    pub fn finish(self) -> Result<Survey> {
        let finished = self.status.finish()?;
        if finished.status == Some(0) {
            return parse(&finished.stdout);
        }
        let reason = finished.reason();
        plain::survey(&self.git, &self.options, reason.clone())
            .or_else(|_| bail!("the files at risk can't be listed: {reason}"))
    }

    /// Ends the child: its answer turned out not to be needed.
    pub fn abandon(self) {
        self.status.abandon();
    }
}

/// Reads `git status --porcelain=v2 -z` (git-status, "Porcelain Format Version 2").
pub(super) fn parse(text: &[u8]) -> Result<Survey> {
    let mut survey = Survey::default();
    for record in text.split(|&b| b == 0).filter(|record| !record.is_empty()) {
        match record {
            [b'1', ..] => {
                let Some(found) = ordinary(record)? else { continue };
                if found.state == FileState::Gone {
                    survey.gone.push(found.path.clone());
                }
                survey.files.extend(is_work(&found).then_some(found));
            }
            [b'u', ..] => {
                survey.is_unmerged = true;
                survey.files.extend(unmerged(record)?);
            }
            // A trailing slash is a nested repository: not ours to look into.
            [b'?', b' ', path @ ..] if !path.ends_with(b"/") => {
                survey.files.extend(at_risk(path, None, FileState::Untracked));
            }
            _ => {}
        }
    }
    Ok(survey)
}

/// `1 XY sub mH mI mW hH hI path`
fn ordinary(record: &[u8]) -> Result<Option<AtRisk>> {
    let fields: Vec<&[u8]> = record.splitn(9, |&b| b == b' ').collect();
    let [_, &[x, y], sub, _, mode_index, mode_tree, _, blob, path] = fields[..] else {
        bail!("git status printed a line that can't be read");
    };
    // Submodules have a repository, and a safety net, of their own.
    if sub != b"N..." {
        return Ok(None);
    }
    let staged = match (x, Mode::parse(mode_index)) {
        (b'M' | b'A' | b'T', Some(mode)) => {
            Some((mode, String::from_utf8_lossy(blob).into_owned()))
        }
        _ => None,
    };
    let state = match (y, Mode::parse(mode_tree)) {
        (b'.', _) => FileState::AsStaged,
        (b'D', _) | (_, None) => FileState::Gone,
        (_, Some(_)) => FileState::Edited,
    };
    let mut found = at_risk(path, staged, state);
    if let Some(found) = &mut found {
        found.added = x == b'A';
    }
    Ok(found)
}

/// A link that differs from HEAD's, or a file that is only gone, is none.
fn is_work(found: &AtRisk) -> bool {
    found.staged.is_some() || found.state == FileState::Edited
}

/// `u XY sub m1 m2 m3 mW h1 h2 h3 path`: no version is staged, the working tree holds the work.
fn unmerged(record: &[u8]) -> Result<Option<AtRisk>> {
    let fields: Vec<&[u8]> = record.splitn(11, |&b| b == b' ').collect();
    let [_, _, sub, _, _, _, mode, _, _, _, path] = fields[..] else {
        bail!("git status printed a line that can't be read");
    };
    if sub != b"N..." || Mode::parse(mode).is_none() {
        return Ok(None);
    }
    Ok(at_risk(path, None, FileState::Edited))
}

fn at_risk(path: &[u8], staged: Option<(Mode, String)>, state: FileState) -> Option<AtRisk> {
    // Git itself refuses such paths; a repository that has one all the same is not followed there.
    let path = RepoPath::from_bytes(path.to_vec()).ok()?;
    Some(AtRisk { path, staged, state, added: false, size: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOB: &str = "6bb695b5bec05ae00fdf9b0c8d0d682f650a464e";

    fn survey(records: &[&str]) -> Survey {
        parse(records.join("\0").as_bytes()).unwrap()
    }

    #[test]
    fn staged_and_edited_again_is_two_versions() {
        let line = format!("1 MM N... 100644 100755 100644 {BLOB} {BLOB} a b.txt");
        let found = &survey(&[&line]).files[0];
        assert_eq!(found.path.as_bytes(), b"a b.txt");
        assert_eq!(found.staged, Some((Mode::Executable, BLOB.to_owned())));
        assert_eq!(found.state, FileState::Edited);
    }

    #[test]
    fn links_submodules_and_deletions_are_no_files_at_risk() {
        let zero = "0".repeat(40);
        let lines = [
            format!("1 A. N... 000000 120000 120000 {zero} {BLOB} link"),
            format!("1 .M S.M. 160000 160000 160000 {BLOB} {BLOB} sub"),
            format!("1 D. N... 100644 000000 000000 {BLOB} {zero} gone"),
            format!("1 .D N... 100644 100644 000000 {BLOB} {BLOB} removed"),
            "? nested/".to_owned(),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert!(survey(&lines).files.is_empty());
    }

    #[test]
    fn an_untracked_file_is_at_risk_where_it_is_asked_for() {
        assert_eq!(survey(&["? new"]).files[0].state, FileState::Untracked);
    }

    #[test]
    fn a_path_that_leads_into_the_git_directory_is_left_out() {
        assert!(survey(&["? .git/config", "? ../x"]).files.is_empty());
    }
}
