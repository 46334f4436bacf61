//! The remains of a fold that was killed: they are removed by the next, which holds the lock, so that no other fold
//! is at work. `bak/new` is the hooks', who hold no lock while they write: of theirs, what a dead one left. So it is
//! with files that any process writes beside their place: each is named after its maker, and only a maker that is gone
//! will never rename it. To die between two of these leaves the rest for the next fold.

use std::fs::DirEntry;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::os::process;

const AN_HOUR: Duration = Duration::from_secs(3600);

/// Removes it; what can't be removed is left for the next.
pub(super) fn remove(bak: &Path) {
    let vault = bak.join("vault.git");
    each(&vault, &|entry, name| {
        if name.starts_with("fast_import_crash_") || name.ends_with(".lock") {
            unlink(entry);
        }
    });
    let _ = std::fs::remove_dir_all(vault.join(super::packs::ASIDE));
    each(&vault.join("objects/pack"), &|entry, name| {
        if is_temporary(name) || name.ends_with(".lock") {
            unlink(entry);
        }
    });
    each(&vault.join("objects"), &|entry, name| {
        if is_temporary(name) {
            unlink(entry);
        } else if is_fan_out(name) {
            each(&entry.path(), &|entry, name| {
                if is_temporary(name) {
                    unlink(entry);
                }
            });
        }
    });
    remove_locks(&vault.join("refs"));
    let trees = bak.parent().map(|common| common.join("worktrees")).unwrap_or_default();
    each(&trees, &|tree, _| remove_half_made(&tree.path().join("bak")));
    remove_half_made(bak);
    remove_half_made(&bak.join("record"));
    remove_half_made(&vault.join("objects/pack"));
    remove_half_written(&bak.join("new"));
}

fn is_temporary(name: &str) -> bool {
    name.starts_with("tmp_") || name.starts_with(".tmp-")
}

fn is_fan_out(name: &str) -> bool {
    name.len() == 2 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn remove_locks(folder: &Path) {
    each(folder, &|entry, name| match entry.file_type() {
        Ok(kind) if kind.is_dir() => remove_locks(&entry.path()),
        _ if name.ends_with(".lock") => unlink(entry),
        _ => {}
    });
}

fn remove_half_made(bak: &Path) {
    each(bak, &|entry, name| {
        let made =
            ["vault.git-", "remote-", ".new-"].iter().find_map(|kind| name.strip_prefix(kind));
        let maker = made.and_then(|made| made.split('-').next()?.parse().ok());
        if maker.is_some_and(|pid| !process::is_number_alive(pid)) {
            unlink(entry);
            let _ = std::fs::remove_dir_all(entry.path());
        }
    });
}

/// Blobs that a hook had not finished when it died.
fn remove_half_written(new: &Path) {
    each(new, &|folder, name| {
        if is_fan_out(name) {
            each(&folder.path(), &|entry, name| {
                if name.starts_with("tmp_obj_") && is_abandoned(entry, name) {
                    unlink(entry);
                }
            });
        } else if name.starts_with("tmp_obj_") && is_abandoned(folder, name) {
            unlink(folder);
        }
    });
}

fn is_abandoned(entry: &DirEntry, name: &str) -> bool {
    let maker = name["tmp_obj_".len()..].split('-').next().and_then(|pid| pid.parse().ok());
    let is_dead = maker.is_some_and(|pid| !process::is_number_alive(pid));
    is_dead || is_old(entry)
}

/// By when it was linked or written here: a link has the time of what it is a link to.
fn is_old(entry: &DirEntry) -> bool {
    let Ok(meta) = entry.metadata() else { return false };
    changed(&meta)
        .and_then(|time| SystemTime::now().duration_since(time).ok())
        .is_some_and(|age| age > AN_HOUR)
}

/// When a file's name, content or mode was changed last.
pub(super) fn changed(meta: &std::fs::Metadata) -> Option<SystemTime> {
    #[cfg(unix)]
    {
        let seconds = u64::try_from(std::os::unix::fs::MetadataExt::ctime(meta)).ok()?;
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
    }
    #[cfg(not(unix))]
    meta.modified().ok()
}

fn each(folder: &Path, act: &dyn Fn(&DirEntry, &str)) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.filter_map(Result::ok) {
        if let Some(name) = entry.file_name().to_str() {
            act(&entry, name);
        }
    }
}

fn unlink(entry: &DirEntry) {
    let _ = crate::os::platform::remove_file(&entry.path());
}
