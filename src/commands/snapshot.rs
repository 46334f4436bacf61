//! snapshot: back files up now.
//!
//! Order: the paths are read and checked first, so that a wrong one is named before anything is done;
//! then one snapshot of all of them; then the record.

use std::io::Read;
use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::{Context, Result};

use super::Session;
use crate::backups::restore;
use crate::cli::SnapshotArgs;
use crate::commands::choice::selection::{Selected, Selection};
use crate::commands::choice::times;
use crate::exit_status::{ExitStatus, UsageError};
use crate::git::survey::at_risk;
use crate::git::survey::pathspec::{SurveyOptions, pathspecs};
use crate::model::events::event::Kind;
use crate::model::names::artifact::ArtifactId;
use crate::model::names::repo_path::RepoPath;
use crate::model::settings::Scope;
use crate::os::platform::{bytes_of, path_from_bytes};
use crate::snapshot;
use crate::snapshot::Request;
use crate::snapshot::plan;
use crate::snapshot::plan::{From, Wanted};
use crate::snapshot::unseen;

pub fn run(session: &Session, args: &SnapshotArgs) -> Result<ExitStatus> {
    let artifact = args.artifact.as_deref().map(ArtifactId::from_upgrade_id).transpose();
    let artifact = artifact.map_err(|error| UsageError(error.to_string()))?;
    if let Some(label) = &args.label {
        times::can_be_label(session, label)?;
    }
    let mut typed = args.paths.clone();
    if args.stdin0 {
        typed.extend(from_stdin()?);
    }
    let surveyed = Some(SystemTime::now());
    let mut status = ExitStatus::Done;
    let wanted = if typed.is_empty() && !args.stdin0 {
        at_risk_now(session, args.untracked)?
    } else {
        named(session, &typed, &mut status)?
    };
    if wanted.is_empty() {
        if status == ExitStatus::Done {
            session.term.nothing_at_risk();
        }
        return Ok(status);
    }
    let request = Request {
        wanted,
        artifact,
        label: args.label.clone(),
        surveyed,
        cause: "snapshot".to_owned(),
        may_leave_out: true,
        full: typed.is_empty() && !args.stdin0,
        ..Request::default()
    };
    let taken = snapshot::take(&session.store, &request)?;
    session.term.snapshot(&taken);
    taken.left_out.iter().for_each(|path| session.term.left_out(path));
    if taken.left_out.is_empty() {
        session.term.snapshot_done(&taken, args.label.as_deref());
    }
    Ok(if taken.unprotected.is_empty() { status } else { ExitStatus::No })
}

fn from_stdin() -> Result<Vec<PathBuf>> {
    let mut text = Vec::new();
    std::io::stdin().read_to_end(&mut text).context("the paths on standard input")?;
    Ok(text.split(|&b| b == 0).filter(|name| !name.is_empty()).map(path_from_bytes).collect())
}

fn at_risk_now(session: &Session, untracked: bool) -> Result<Vec<Wanted>> {
    let settings = &session.store.settings;
    let untracked = untracked || settings.scope == Scope::All;
    let options =
        SurveyOptions { untracked, exclude: settings.exclude.clone(), ..SurveyOptions::default() };
    let survey = at_risk::start(&session.store.repository.git(), &options)?.finish()?;
    survey.doubt.iter().for_each(|reason| session.term.survey_in_doubt(reason));
    let mut plan = plan::of_survey(&session.store, &survey);
    for (what, error) in unseen::add(&session.store, &mut plan) {
        session.term.hook_failed(what, &error);
    }
    Ok(plan.wanted)
}

/// The named files, and the files below the named folders that Git would look at.
fn named(session: &Session, typed: &[PathBuf], status: &mut ExitStatus) -> Result<Vec<Wanted>> {
    let mut wanted: Vec<Wanted> = Vec::new();
    let selection = Selection::of(session, typed)?;
    let mut found = Vec::new();
    for (word, selected) in selection.each().filter(|(_, selected)| !selected.excludes()) {
        let files = match selected {
            Selected::Version(version) => not_excluded(session, version.path.clone())?,
            Selected::Path(path) => {
                restore::refuse_nested_repository(&session.store, path)
                    .with_context(|| session.term.path(path))?;
                let place = session.cwd.join(word);
                match place.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
                    true => files_below(session, Some(path), &["--exclude-standard"])?,
                    false => not_excluded(session, path.clone())?,
                }
            }
            Selected::Files(spec) => {
                let mut files = files_below(session, None, &["--exclude-standard"])?;
                files.retain(|path| spec.has(path.as_bytes()));
                if files.is_empty() && !spec.is_all() {
                    session.term.no_file(&bytes_of(word.as_os_str()));
                    *status = ExitStatus::No;
                }
                files
            }
        };
        found.extend(files);
    }
    if !typed.is_empty() && selection.each().all(|(_, selected)| selected.excludes()) {
        found = files_below(session, None, &["--exclude-standard"])?;
    }
    for path in found.into_iter().filter(|path| selection.has(path)) {
        if !wanted.iter().any(|known| known.path == path) {
            wanted.push(Wanted { path, kind: Kind::Manual, from: From::WorkingTree });
        }
    }
    Ok(wanted)
}

/// The file, unless the settings leave it out.
fn not_excluded(session: &Session, path: RepoPath) -> Result<Vec<RepoPath>> {
    if session.store.settings.exclude.is_empty()
        || !files_below(session, Some(&path), &[])?.is_empty()
    {
        return Ok(vec![path]);
    }
    if session.store.repository.top.join(path.to_path_buf()).symlink_metadata().is_err() {
        // Not there at all: the snapshot says so.
        return Ok(vec![path]);
    }
    session.term.excluded(&path);
    Ok(Vec::new())
}

fn files_below(
    session: &Session,
    folder: Option<&RepoPath>,
    options: &[&str],
) -> Result<Vec<RepoPath>> {
    let only = folder.map(|path| [b":(top,literal)", path.as_bytes()].concat());
    let only = vec![only.unwrap_or_else(|| b":/".to_vec())];
    let exclude = session.store.settings.exclude.clone();
    let specs = pathspecs(&SurveyOptions { only, exclude, untracked: true });
    let mut args: Vec<std::ffi::OsString> =
        ["ls-files", "-z", "--cached", "--others", "--deduplicate"].map(Into::into).into();
    args.extend(options.iter().map(Into::into));
    args.push("--".into());
    args.extend(specs.iter().map(|spec| path_from_bytes(spec).into_os_string()));
    let names = session.store.repository.git().output(args)?;
    let names = names.split(|&b| b == 0).filter(|name| !name.is_empty());
    let is_file = |path: &RepoPath| {
        let place = session.store.repository.top.join(path.to_path_buf());
        place.symlink_metadata().is_ok_and(|meta| meta.is_file())
    };
    Ok(names.filter_map(|name| RepoPath::from_bytes(name.to_vec()).ok()).filter(is_file).collect())
}
