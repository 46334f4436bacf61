//! The versions of a file that can be brought back: backup files and those in the vault, as one list.
//!
//! - `on_disk`: the backup files among them;
//! - `work`: which of them are uncommitted.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use anyhow::{Result, bail};

use super::Store;
use super::records::Known;
use crate::backups::files::BackupFile;
use crate::git::objects::Oid;
use crate::model::events::event::Kind;
use crate::model::events::line::{Line, Seen, What};
use crate::model::names::artifact::ArtifactId;
use crate::model::names::repo_path::RepoPath;
use crate::model::names::timestamp::Timestamp;
use crate::model::retention::BELIEVED_AHEAD;
use crate::record::{History, RecordedVersion as Recorded};

mod on_disk;
pub mod work;

use on_disk::{Proof, add_backups};

#[derive(Debug, Clone)]
pub struct Version {
    pub path: RepoPath,
    /// Its place in the list of the file's versions: 1 is the newest. The same bytes in several snapshots
    /// in a row have one place.
    pub number: usize,
    pub time: Timestamp,
    /// The artifact id: the backup's, else that of its bytes.
    pub artifact: Option<ArtifactId>,
    /// The blob id of its bytes, or of the clean form that the vault has of them.
    pub id: Oid,
    pub clean: bool,
    pub size: u64,
    /// The backup file, if it is there.
    pub backup: Option<BackupFile>,
    /// The record names it as what the vault has.
    pub in_vault: bool,
    /// It was executable, as far as the record knows.
    pub executable: bool,
    /// The worktree whose snapshot it is from, if that is another.
    pub other_worktree: Option<String>,
    /// Its name says other bytes, and nothing on record says these: wherever they came from, they are not
    /// what was backed up.
    pub is_doubtful: bool,
    /// What the record knows of it.
    pub known: Known,
    /// The line of the record that tells of it; `None` for a file that none tells of.
    pub line: Option<usize>,
    order: Order,
}

/// What comes later is newer: what is in doubt comes first, then the instant, then the line of the record; of one
/// snapshot, the staged version before the working tree's; then the time of the file.
type Order = (bool, i64, usize, bool, (i64, u32));

impl Version {
    /// Whether it was executable, if that is known.
    pub fn executable_bit(&self) -> Option<bool> {
        let known = self.known.permissions.is_some() || self.backup.is_some();
        (cfg!(unix) && known).then_some(self.executable)
    }

    /// Why it was kept, as far as the record knows.
    pub fn kind(&self) -> Option<Kind> {
        self.known.kind
    }

    /// When it was seen, in seconds since 1970, as far as that is believed.
    pub fn instant(&self) -> i64 {
        self.order.1
    }

    /// It is from a snapshot of another working tree.
    pub fn is_of_another_worktree(&self) -> bool {
        self.other_worktree.is_some()
    }

    /// Its bytes: the backup file's if they are what its id says, else the vault's, through Git's filter where that
    /// has a clean form.
    pub fn bytes(&self, store: &Store) -> Result<Vec<u8>> {
        if let Some(backup) = &self.backup
            && let Ok(bytes) = backup.read()
            && self.is_of(store, backup, &bytes)?
        {
            return Ok(bytes);
        }
        if !self.in_vault {
            bail!("the backup can't be read, and the vault doesn't have it");
        }
        let stored = store.vault.read(self.id)?;
        if self.clean {
            store.clean_forms.plain(&store.vault, &self.path, self.id)
        } else {
            Ok(stored)
        }
    }

    /// Whether a backup has the bytes of this version. Of a clean one its own name says so, or its clean form.
    fn is_of(&self, store: &Store, backup: &BackupFile, bytes: &[u8]) -> Result<bool> {
        let id = store.objects.hash(bytes)?;
        if !self.clean {
            return Ok(id == self.id);
        }
        let is_named = ArtifactId::of_blob(&id.to_string()) == backup.name.artifact;
        Ok(is_named || store.id_of(&self.path, bytes).is_ok_and(|id| id == self.id))
    }

    /// Whether these are its bytes. What a filter makes differently each time is compared in the other direction.
    pub fn is_same_as(&self, store: &Store, bytes: &[u8]) -> bool {
        let id = store.id_of(&self.path, bytes);
        id.is_ok_and(|id| id == self.id)
            || self.clean && self.bytes(store).is_ok_and(|own| own == bytes)
    }
}

/// The versions of `path`, newest first, the working tree's before the staged one of a snapshot.
pub fn of(store: &Store, path: &RepoPath) -> Vec<Version> {
    let history = history(store);
    let own = store.record.known_worktree().unwrap_or_default();
    let instants = instants(store, history);
    let of_path = history.versions().filter(|it| it.seen.is_of(path));
    let recorded = of_path.filter_map(|it| from_record(store, &own, path, it, &instants)).collect();
    with_backups(store, path, Proof::Bytes, recorded)
}

/// Every file that the record has a version of.
pub fn paths(store: &Store) -> BTreeSet<RepoPath> {
    let mut known = HashSet::new();
    let seen = history(store).versions().map(|it| it.seen);
    let first = seen.filter(|seen| known.insert((&seen.text, &seen.quoted)));
    first.filter_map(Seen::path).collect()
}

/// Each file's newest version on record: the second that names it.
pub fn newest(store: &Store) -> BTreeMap<RepoPath, Timestamp> {
    let mut newest = BTreeMap::new();
    for it in history(store).versions() {
        if let Some(path) = it.seen.path() {
            let time = newest.entry(path).or_insert_with(|| it.time());
            *time = it.time().max(*time);
        }
    }
    newest
}

/// The lines of the worktrees that are asked for.
fn history(store: &Store) -> &History {
    if store.all_worktrees { store.records.all() } else { store.records.own() }
}

fn with_backups(
    store: &Store,
    path: &RepoPath,
    proof: Proof,
    mut versions: Vec<Version>,
) -> Vec<Version> {
    if !store.records.is_elsewhere {
        add_backups(store, store.backups.copies(path), proof, &mut versions);
    }
    number(&mut versions);
    versions
}

/// From this many files on, a backup is taken for what its name says: hashing every file would be too slow for
/// long lists, and a user who wants one names its file.
const TOO_MANY_TO_READ: usize = 100;

/// The versions of each of these files, newest first.
pub fn all_of_each(store: &Store, paths: &BTreeSet<RepoPath>) -> BTreeMap<RepoPath, Vec<Version>> {
    let proof = if paths.len() <= TOO_MANY_TO_READ { Proof::Bytes } else { Proof::Name };
    let mut recorded = by_path(store, paths);
    let mut all = BTreeMap::new();
    for path in paths {
        let of_path = recorded.remove(path).unwrap_or_default();
        all.insert(path.clone(), with_backups(store, path, proof, of_path));
    }
    all
}

/// What the record has of these files, in one pass through it.
fn by_path(store: &Store, paths: &BTreeSet<RepoPath>) -> HashMap<RepoPath, Vec<Version>> {
    let own = store.record.known_worktree().unwrap_or_default();
    let instants = instants(store, history(store));
    let mut recorded: HashMap<RepoPath, Vec<Version>> = HashMap::new();
    for it in history(store).versions() {
        if let Some(path) = it.seen.path().filter(|path| paths.contains(path))
            && let Some(version) = from_record(store, &own, &path, it, &instants)
        {
            recorded.entry(path).or_default().push(version);
        }
    }
    recorded
}

/// The seconds that name the snapshots of which the record has versions.
pub fn times(store: &Store) -> BTreeSet<Timestamp> {
    history(store).versions().map(|it| it.time()).collect()
}

/// Gives each version its place. Snapshots in a row that have the same bytes share one: to a user in search
/// of work, they are one version.
fn number(versions: &mut [Version]) {
    let mut number = 0;
    let mut before = None;
    for version in versions {
        let same = Some((version.id, version.other_worktree.clone()));
        number += usize::from(before != same);
        before = same;
        version.number = number;
    }
}

/// One for each number: what is there as a file, else the newest.
pub fn distinct(mut versions: Vec<Version>) -> Vec<Version> {
    versions.sort_by_key(|version| (version.number, version.backup.is_none()));
    versions.dedup_by(|next, kept| next.number == kept.number && next.backup.is_none());
    versions
}

/// Of each line, the instant that counts for the order: none was written later than those that follow it,
/// wherever the clock has gone meanwhile. One far ahead of now comes from a clock that was wrong: it is taken for
/// older than all others, so that it doesn't stand before what is made from now on.
fn instants(store: &Store, history: &History) -> Vec<i64> {
    let believed = store.now.timestamp() + BELIEVED_AHEAD.num_seconds();
    let mut instants: Vec<i64> = history.lines().iter().map(|line| line.time).collect();
    let mut latest = i64::MAX;
    for instant in instants.iter_mut().rev() {
        if *instant > believed {
            *instant = i64::MIN;
        } else {
            latest = latest.min(*instant);
            *instant = latest;
        }
    }
    instants
}

/// A version that the record names.
fn from_record(
    store: &Store,
    own: &str,
    path: &RepoPath,
    recorded: Recorded<'_>,
    instants: &[i64],
) -> Option<Version> {
    let (time, instant) = (recorded.time(), recorded.instant());
    let Recorded { line, at, seen } = recorded;
    // What was taken in late is as old as it is, whatever the lines around it say.
    let instant = if instant == line.time { instants[at] } else { instant };
    let hex = seen.id.as_ref()?;
    // A backup that was taken in with other bytes than its name says stays what it was: damaged. (A name that says
    // nothing of bytes has letters beyond `f`.)
    let said = seen.bak.as_ref().and_then(|bak| bak.rsplit_once('.')).map(|(_, said)| said);
    let is_doubtful = line.what == What::Found
        && said.is_some_and(|said| {
            said.bytes().all(|byte| byte.is_ascii_hexdigit()) && !hex.starts_with(said)
        });
    let other =
        |line: &Line| line.worktree_name.clone().unwrap_or_else(|| "the main worktree".to_owned());
    Some(Version {
        number: 0,
        time,
        artifact: ArtifactId::of_blob(hex),
        id: store.objects.parse(hex).ok()?,
        clean: seen.clean,
        size: seen.size.unwrap_or(0),
        backup: None,
        in_vault: store.settings.vault,
        executable: seen.mode.is_some_and(|bits| bits & 0o100 != 0),
        other_worktree: (line.worktree != own).then(|| other(line)),
        is_doubtful,
        known: Known {
            kind: seen.kind,
            permissions: seen.access(),
            label: line.label.clone(),
            cause: line.cause.clone(),
        },
        line: Some(at),
        order: (!is_doubtful, instant, at, seen.is_of_worktree(), (0, 0)),
        path: path.clone(),
    })
}
