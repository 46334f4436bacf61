//! The one line of a snapshot, and the last look before it.

use anyhow::{Result, bail};

use super::capture::{Captured, is_of_full_disk, take_out_files};
use super::copying::Copy;
use super::{Carried, Opened, Request, Taken};
use crate::backups::Store;
use crate::model::events::attempt::Stamp;
use crate::model::events::event::{EventKind, Kind};
use crate::model::events::line::{Line, Seen, What};
use crate::model::names::backup_name::BackupName;
use crate::model::names::quote::quote;
use crate::model::names::timestamp::Timestamp;
use crate::os::process;
use crate::record::{Attempted, new_moment};

/// Writes the line; where that can't be, says why in `taken`.
pub(super) fn note(
    store: &Store,
    request: &Request,
    versions: &mut [Captured],
    time: Option<Timestamp>,
    taken: &mut Taken,
) {
    let Err(error) = append(store, request, versions, time, taken) else { return };
    let is_full = is_of_full_disk(&error);
    let mut result = Err(error);
    if is_full {
        // What the files took is enough for the line.
        take_out_files(versions, taken);
        result = append(store, request, versions, time, taken);
    }
    taken.unrecorded = result.err().map(|error| format!("{error:#}"));
}

fn append(
    store: &Store,
    request: &Request,
    versions: &[Captured],
    time: Option<Timestamp>,
    taken: &mut Taken,
) -> Result<()> {
    let mut line = Line::new(What::Snapshot, &store.now);
    line.cause = Some(request.cause.clone());
    line.label.clone_from(&request.label);
    line.full = request.full;
    line.moment = request.may_be_moment.then(new_moment);
    line.agent.clone_from(&request.agent);
    if let Some(agent) = &mut line.agent {
        let paths = taken.unprotected.iter().map(|(path, _)| path).chain(&taken.left_out);
        agent.left = paths.map(|path| quote(path.as_bytes(), true)).collect();
    }
    line.named = time.filter(|time| *time != line.timestamp()).map(|time| time.to_string());
    if let Some(Opened { id, done }) = &request.attempt {
        open(&mut line, id, *done);
    }
    stand(store, &mut line);
    line.files.extend(request.carried.iter().map(of_carried));
    line.files.extend(versions.iter().map(of_captured));
    let attempt = Attempted::of_line(&line);
    let mut look = || last_look(store, versions);
    let appended = store.record.append(std::slice::from_mut(&mut line), &store.now, &mut look)?;
    taken.attempt = attempt;
    taken.is_new_day = appended.is_new_day;
    if store.settings.vault {
        // Nearly always only a look. If it can't be made now, the fold makes it.
        let _ =
            crate::vault::bare::ensure(&store.repository.shared_bak_dir(), store.repository.format);
    }
    Ok(())
}

fn open(line: &mut Line, id: &str, done: bool) {
    line.attempt = Some(id.to_owned());
    line.done = done;
    if let Some(process) = process::parent() {
        (line.pid, line.started) = (Some(process.pid), process.started);
    }
}

/// Where the branch stood; what can't be read is left out.
fn stand(store: &Store, line: &mut Line) {
    line.head = store.refs.head().ok().flatten().map(|id| id.to_string());
    line.branch = store.refs.branch().ok().flatten();
    line.worktree_name =
        store.repository.worktree.as_ref().map(|name| String::from_utf8_lossy(name).into_owned());
}

/// Each blob must be where it was put: a fold may have removed it while no line named it.
fn last_look(store: &Store, versions: &[Captured]) -> Result<()> {
    if !store.settings.vault {
        return Ok(());
    }
    for version in versions.iter().filter(|version| !store.vault.look(version.id)) {
        if version.clean {
            store.clean_forms.keep(&store.vault, &store.objects, version.id)?;
            continue;
        }
        // What was kept as Git stores it, Git still has.
        if store.vault.keep_of_git(&store.objects, version.id).is_ok() {
            continue;
        }
        let Some(bytes) = version.read_again(store) else {
            bail!("its copy vanished while it was being kept");
        };
        store.vault.keep(&store.objects, &bytes)?;
    }
    Ok(())
}

fn of_carried(carried: &Carried) -> Seen {
    let backup = carried.backup.as_ref();
    let access = carried.access();
    Seen {
        kind: Some(carried.kind),
        what: Some(EventKind::Duplicate),
        id: Some(carried.id.to_string()),
        git: carried.git.clone().filter(|git| *git != carried.id.to_string()),
        size: Some(carried.size),
        ignored: carried.is_ignored,
        mode: access.map(|it| it.bits),
        gid: access.and_then(|it| it.group),
        stat: carried.stamp.map(of_stamp),
        clean: carried.clean,
        bak: backup.and_then(|backup| suffix(&backup.name, carried.clean)),
        ..Seen::of(&carried.path)
    }
}

fn of_captured(version: &Captured) -> Seen {
    let (what, name) = match &version.copy {
        Copy::Waiting(_, Some(name)) | Copy::Published(name) => (EventKind::Created, Some(name)),
        Copy::Duplicate(name) => (EventKind::Duplicate, Some(name)),
        Copy::None | Copy::Waiting(_, None) => (EventKind::Deposited, None),
    };
    let stat = version.stamp.map(of_stamp);
    Seen {
        kind: Some(version.kind),
        what: Some(what),
        id: Some(version.id.to_string()),
        git: version.git.clone().filter(|git| *git != version.id.to_string()),
        size: Some(version.size),
        ignored: version.is_ignored,
        mode: Some(version.permissions.bits),
        gid: version.permissions.group,
        clean: version.clean,
        bak: name.and_then(|name| suffix(name, version.clean)),
        stat: stat.filter(|_| version.kind != Kind::Staged),
        ..Seen::of(&version.path)
    }
}

fn of_stamp(stamp: Stamp) -> (u64, i64, u32, u64) {
    (stamp.size, stamp.modified.0, stamp.modified.1, stamp.inode)
}

/// What the record has of a backup's name: of a clean version nothing that tells of the bytes.
fn suffix(name: &BackupName, clean: bool) -> Option<String> {
    let artifact = name.artifact?;
    if clean {
        return Some(format!("{}.*", name.time));
    }
    Some(format!("{}.{artifact}", name.time))
}
