//! Dropping snapshots that are older than they need to be kept.
//!
//! Dropping is an update like any other: the old snapshots' objects stay in the database until Git's
//! own `gc` finds that nothing names them.

use anyhow::Result;

use super::read::snapshots_in;
use super::state::Locked;
use super::update::Change;
use super::{Dangling, REF, Vault};
use crate::git::objects::{Oid, TreeEntry};
use crate::model::event::{Event, EventKind};
use crate::model::now::Now;
use crate::model::repo_path::RepoPath;
use crate::model::snapshot_id::SnapshotId;
use crate::model::timestamp::Timestamp;

/// How often a hook looks for old snapshots, in seconds.
const ONCE_A_DAY: i64 = 86_400;

/// What an expiry found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expired {
    /// The snapshots that were dropped.
    pub snapshots: Vec<SnapshotId>,
    /// Entries that were dropped because their objects are gone.
    pub dangling: Vec<Dangling>,
}

impl Expired {
    /// An event for each snapshot that was dropped.
    pub fn events(&self, now: &Now) -> Vec<Event> {
        let place = |id: &SnapshotId| RepoPath::from_bytes(id.to_string().into_bytes()).ok();
        let places = self.snapshots.iter().filter_map(place);
        places.map(|path| Event::new(EventKind::Expired, now, path)).collect()
    }
}

impl Vault {
    /// Once a day: drops every working tree's snapshots from before `limit` (`None`: nothing is too old).
    /// `None` if that was done within a day.
    pub fn expire_daily(&self, limit: Option<Timestamp>, now: &Now) -> Result<Option<Expired>> {
        let mut lock = Locked::take(&self.bak_dir())?;
        // A note from the future is from a clock that was wrong.
        if (0..ONCE_A_DAY).contains(&now.timestamp().saturating_sub(lock.expired())) {
            return Ok(None);
        }
        self.expire_locked(&mut lock, limit, now).map(Some)
    }

    /// Drops every working tree's snapshots from before `limit`.
    pub fn expire(&self, limit: Timestamp, now: &Now) -> Result<Expired> {
        self.expire_locked(&mut Locked::take(&self.bak_dir())?, Some(limit), now)
    }

    /// The snapshots from before `limit`, oldest first.
    pub fn expired(&self, limit: Timestamp) -> Result<Vec<SnapshotId>> {
        let mut ids: Vec<SnapshotId> =
            self.snapshots(true)?.into_iter().map(|stored| stored.id).collect();
        ids.retain(|id| id.time < limit);
        ids.reverse();
        Ok(ids)
    }

    fn expire_locked(
        &self,
        lock: &mut Locked,
        limit: Option<Timestamp>,
        now: &Now,
    ) -> Result<Expired> {
        lock.is_left(self.refs.read(REF)?);
        let mut snapshots = Vec::new();
        let change = self.update(lock, now, |root| {
            snapshots.clear();
            let old = root.zip(limit);
            old.map(|(root, limit)| self.without_old(root, limit, &mut snapshots)).transpose()
        })?;
        if let Some(change) = change {
            lock.leave(change.root);
        }
        lock.set_expired(now.timestamp());
        let dangling = self.mend(lock, now, true)?;
        lock.save();
        Ok(Expired { snapshots, dangling })
    }

    fn without_old(
        &self,
        root: Oid,
        limit: Timestamp,
        dropped: &mut Vec<SnapshotId>,
    ) -> Result<Change> {
        let mut change = Change::default();
        let mut days = Vec::new();
        for day in self.objects.tree(root)? {
            if !day.is_tree() || day.name.as_slice() > limit.day().as_bytes() {
                days.push(day);
                continue;
            }
            if let Some(id) = self.day_without_old(&day, limit, dropped, &mut change)? {
                days.push(Self::folder(day.name, id));
            }
        }
        // The vault of which nothing is left is an empty tree: a ref has to name something.
        let new = self.objects.write_tree(days)?;
        change.superseded.push(root);
        change.written.push(new);
        change.root = Some(new);
        Ok(change)
    }

    fn day_without_old(
        &self,
        day: &TreeEntry,
        limit: Timestamp,
        dropped: &mut Vec<SnapshotId>,
        change: &mut Change,
    ) -> Result<Option<Oid>> {
        let mut gone = Vec::new();
        let mut hours = Vec::new();
        for hour in
            self.objects.tree(day.id).unwrap_or_default().iter().filter(|entry| entry.is_tree())
        {
            let old: Vec<SnapshotId> = snapshots_in(&self.objects, &day.name, hour)
                .into_iter()
                .map(|stored| stored.id)
                .filter(|id| id.time < limit)
                .collect();
            if old.is_empty() {
                continue;
            }
            let folders: Vec<Vec<u8>> =
                old.iter().flat_map(|id| [id.folder(), id.worktree_folder()]).collect();
            match self.with_entries(Some(hour.id), Vec::new(), &folders, change)? {
                Some(id) => hours.push(Self::folder(hour.name.clone(), id)),
                None => gone.push(hour.name.clone()),
            }
            dropped.extend(old);
        }
        if gone.is_empty() && hours.is_empty() {
            return Ok(Some(day.id));
        }
        self.with_entries(Some(day.id), hours, &gone, change)
    }
}
