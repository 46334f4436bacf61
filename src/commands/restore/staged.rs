//! restore --staged: of each file the index entry that was last seen staged and that no commit took.
//!
//! Order of steps, and why it is safe: what is staged now is kept first; the blob is in the user's objects before the
//! index names it; the index is Git's to write, under its lock. The working tree is not touched.

use anyhow::{Context, Result, bail};

use crate::backups::versions::work::{Commits, LastStaged};
use crate::cli::RestoreArgs;
use crate::commands::Session;
use crate::commands::choice::{paths, resolve};
use crate::exit_status::ExitStatus;
use crate::git::objects::Oid;
use crate::model::at_risk::Mode;
use crate::model::events::event::Kind;
use crate::model::names::repo_path::RepoPath;
use crate::os::platform::path_from_bytes;
use crate::snapshot;
use crate::snapshot::Request;
use crate::snapshot::plan::{From, Wanted};

pub fn run(session: &Session, args: &RestoreArgs) -> Result<ExitStatus> {
    let commits = Commits::of(&session.store);
    let mut status = ExitStatus::Done;
    for file in &args.files {
        let path = paths::file(session, file)?;
        status = status.and(one(session, &commits, &path, args.dry_run)?);
    }
    Ok(status)
}

fn one(
    session: &Session,
    commits: &Commits<'_>,
    path: &RepoPath,
    is_dry: bool,
) -> Result<ExitStatus> {
    let present = entries(session, path)?;
    if present.iter().any(|(stage, _)| stage != "0") {
        session.term.unmerged(path);
        return Ok(ExitStatus::No);
    }
    let versions = resolve::versions_of(session, path);
    let Some((version, entry)) =
        versions.iter().find_map(|it| Some((it, commits.staged_entry(it)?)))
    else {
        session.term.nothing_staged(path);
        return Ok(ExitStatus::No);
    };
    let present = present.into_iter().next().map(|(_, entry)| entry);
    if present.as_ref() == Some(&entry) {
        session.term.staged_already(version);
    } else if is_dry {
        session.term.would_restore((version, None), false);
    } else {
        keep(session, path, present)?;
        let blob =
            blob(session, path, version.id, &entry).with_context(|| session.term.path(path))?;
        let line = format!("{} {blob}\t", entry.mode).into_bytes();
        let line = [line, path.as_bytes().to_vec(), b"\0".to_vec()].concat();
        session
            .store
            .repository
            .git()
            .feed(["update-index", "-z", "--index-info"], line)?
            .success()
            .context("the index can't be written")?;
        session.term.staged(version);
    }
    Ok(ExitStatus::Done)
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
fn keep(session: &Session, path: &RepoPath, present: Option<LastStaged>) -> Result<()> {
    let Some(LastStaged { mode, blob }) = present else { return Ok(()) };
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
    let git = store.repository.git().in_dir(&store.repository.top);
    let args = ["hash-object".into(), "-w".into(), "--stdin".into(), form];
    let written = git.feed(args, bytes)?.success()?;
    let written = String::from_utf8_lossy(written.trim_ascii()).into_owned();
    if written != entry.blob {
        bail!("its filter produces other bytes than when it was staged");
    }
    Ok(written)
}
