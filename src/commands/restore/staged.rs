//! restore --staged: of each file the index entry that was last seen staged and that no commit took.
//!
//! Order of steps, and why it is safe: what is staged now is kept first; the blob is in the user's objects before the
//! index names it; the index is Git's to write, under its lock. The working tree is not touched.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::open::is_folder;
use super::plan::agreed;
use crate::backups::versions;
use crate::backups::versions::Version;
use crate::backups::versions::work::{Commits, LastStaged};
use crate::cli::RestoreArgs;
use crate::commands::Session;
use crate::commands::choice::resolve;
use crate::commands::choice::selection::{Selected, Selection};
use crate::exit_status::ExitStatus;
use crate::git::objects::Oid;
use crate::model::at_risk::Mode;
use crate::model::events::event::Kind;
use crate::model::names::repo_path::RepoPath;
use crate::os::platform::path_from_bytes;
use crate::os::private;
use crate::snapshot;
use crate::snapshot::Request;
use crate::snapshot::plan::{From, Wanted};
use crate::term::restore::NotStaged;

pub fn run(session: &Session, args: &RestoreArgs) -> Result<ExitStatus> {
    let commits = Commits::of(&session.store);
    let selection = Selection::of(session, &args.files)?;
    let mut known = versions::paths(&session.store);
    let (mut puts, mut named, mut status) = (Vec::new(), BTreeSet::new(), ExitStatus::Done);
    let mut is_list = false;
    for (_, selected) in selection.each() {
        let (path, versions) = match selected {
            Selected::Version(version) => (&version.path, vec![(**version).clone()]),
            Selected::Path(path) if !is_folder(session, path, &known) => {
                (path, resolve::versions_of(session, path))
            }
            _ => {
                is_list = true;
                continue;
            }
        };
        if named.insert(path.clone()) {
            match StagedPut::of(session, &commits, path, versions)? {
                Ok(put) => puts.push(put),
                Err(why) if session.term.not_staged(path, &why) => {}
                Err(_) => status = ExitStatus::No,
            }
        }
    }
    if is_list {
        status = status.and(selection.name_unknown(session, []));
        let (horizon, _) = commits.horizon();
        known.retain(|path| selection.has(path) && !named.contains(path));
        for (path, versions) in versions::all_of_each(&session.store, &known) {
            let put = StagedPut::of(session, &commits, &path, versions)?.ok();
            puts.extend(put.filter(|put| put.version.line.is_some_and(|at| at >= horizon)));
        }
        if puts.is_empty() && status == ExitStatus::Done {
            session.term.nothing_to_restore();
            status = ExitStatus::No;
        }
    }
    if args.dry_run || is_list && !args.yes {
        puts.iter().for_each(|put| session.term.would_restore((&put.version, None), false));
    }
    if args.dry_run || puts.is_empty() {
        return Ok(status);
    }
    if is_list && !agreed(session, args, puts.len())? {
        return Ok(ExitStatus::No);
    }
    for put in &puts {
        put.write(session)?;
    }
    Ok(status)
}

/// An entry that the index hasn't.
struct StagedPut {
    version: Version,
    entry: LastStaged,
    present: Option<LastStaged>,
}

impl StagedPut {
    /// What was last staged of a file, and not committed; else why there is nothing to do.
    fn of(
        session: &Session,
        commits: &Commits<'_>,
        path: &RepoPath,
        versions: Vec<Version>,
    ) -> Result<std::result::Result<Self, NotStaged>> {
        if versions.is_empty() {
            return Ok(Err(NotStaged::Unknown));
        }
        let found = versions.into_iter().find_map(|it| Some((commits.staged_entry(&it)?, it)));
        let Some((entry, version)) = found else { return Ok(Err(NotStaged::Nothing)) };
        let present = entries(session, path)?;
        if present.iter().any(|(stage, _)| stage != "0") {
            return Ok(Err(NotStaged::Unmerged));
        }
        let present = present.into_iter().next().map(|(_, entry)| entry);
        if present.as_ref() == Some(&entry) {
            return Ok(Err(NotStaged::Already(Box::new(version))));
        }
        Ok(Ok(Self { version, entry, present }))
    }

    fn write(&self, session: &Session) -> Result<()> {
        let Self { version, entry, present } = self;
        let path = &version.path;
        keep(session, path, present.as_ref())?;
        let blob = blob(session, path, version.id, entry);
        let blob = blob.with_context(|| session.term.path(path))?;
        let line = format!("{} {blob}\t", entry.mode).into_bytes();
        let line = [line, path.as_bytes().to_vec(), b"\0".to_vec()].concat();
        let git = session.store.repository.git();
        let written = git.feed(["update-index", "-z", "--index-info"], line)?.success();
        written.context("the index can't be written")?;
        session.term.staged(version);
        Ok(())
    }
}

/// The index entries of a file, each with its stage.
fn entries(session: &Session, path: &RepoPath) -> Result<Vec<(String, LastStaged)>> {
    let only = path_from_bytes(&[b":(top,literal)", path.as_bytes()].concat());
    let args =
        [["ls-files", "-s", "-z", "--"].map(Into::into).to_vec(), vec![only.into_os_string()]];
    let listed = session.store.repository.git().output(args.concat())?;
    let entry = |line: &[u8]| {
        let text = String::from_utf8_lossy(line.split(|&byte| byte == b'\t').next()?).into_owned();
        let mut fields = text.split(' ').map(str::to_owned);
        let (mode, blob, stage) = (fields.next()?, fields.next()?, fields.next()?);
        Some((stage, LastStaged { mode, blob }))
    };
    Ok(listed.split(|&byte| byte == 0).filter_map(entry).collect())
}

/// What is staged now can be had back.
fn keep(session: &Session, path: &RepoPath, present: Option<&LastStaged>) -> Result<()> {
    let Some(LastStaged { mode, blob }) = present.cloned() else { return Ok(()) };
    let Some(mode) = Mode::parse(mode.as_bytes()) else { bail!("the staged entry is not a file") };
    let from = From::Index { mode, blob, as_worktree: false, size: None };
    let wanted = vec![Wanted { path: path.clone(), kind: Kind::Staged, from }];
    let request = Request {
        wanted,
        cause: "before restore".to_owned(),
        vault_alone: true,
        ..Request::default()
    };
    session.term.snapshot(&snapshot::take(&session.store, &request)?);
    Ok(())
}

/// The id of the staged blob, once the user's repository has it.
fn blob(session: &Session, path: &RepoPath, id: Oid, entry: &LastStaged) -> Result<String> {
    let store = &session.store;
    if store.objects.has(store.objects.parse(&entry.blob)?) {
        return Ok(entry.blob.clone());
    }
    let bytes = store.vault.read(id)?;
    // The vault has what the working tree has of it: a filter, or a rule for line ends, makes the blob of that.
    let name = path_from_bytes(&[b"--path=", path.as_bytes()].concat()).into_os_string();
    let form = if id.to_string() == entry.blob { "--no-filters".into() } else { name };
    let args = ["hash-object".into(), "-w".into(), "--stdin".into(), form];
    let written = |top: &Path| {
        let git = store.repository.git().in_dir(top).with_env("GIT_WORK_TREE", top);
        let written = git.feed(args.clone(), bytes.clone())?.success()?;
        Ok(String::from_utf8_lossy(written.trim_ascii()).into_owned())
    };
    // Git LFS goes by the size of what stands there now: these bytes have to.
    let elsewhere = || {
        let scratch = private::scratch(&store.repository.own_bak_dir(), "staged")?;
        stand_in(&store.repository.top, scratch.path(), path, &bytes)?;
        written(scratch.path())
    };
    let first: Result<String> = written(&store.repository.top);
    let is_it = |id: &Result<String>| id.as_ref().is_ok_and(|id| *id == entry.blob);
    if !is_it(&first) && !is_it(&elsewhere()) {
        bail!("its filter produces other bytes than when it was staged");
    }
    Ok(entry.blob.clone())
}

/// Puts a file into an empty folder, with the attributes that it has in the working tree.
fn stand_in(top: &Path, folder: &Path, path: &RepoPath, bytes: &[u8]) -> Result<()> {
    let mut below = path.to_path_buf();
    let file = folder.join(&below);
    std::fs::create_dir_all(file.parent().unwrap_or(folder))?;
    while below.pop() {
        let attributes = below.join(".gitattributes");
        if let Ok(text) = std::fs::read(top.join(&attributes)) {
            std::fs::write(folder.join(attributes), text)?;
        }
    }
    Ok(std::fs::write(file, bytes)?)
}
