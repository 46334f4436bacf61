//! The order of a file's backups on disk, and which of them are retired.
//!
//! The clock may go back, by an hour in autumn or by a correction. So a name that lies a little
//! ahead of now is believed, and new names follow it; one that lies over two hours ahead came from
//! a clock that was wrong, and the file's modification time speaks instead.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use chrono::{NaiveDateTime, TimeDelta};

use crate::model::names::backup_name::BackupName;
use crate::model::names::timestamp::Timestamp;
use crate::model::settings::age::Age;

/// How far ahead of now the time in a name may lie and still be believed: the one hour of a
/// change from summer time, and as much again for clocks that differ.
pub const BELIEVED_AHEAD: TimeDelta = TimeDelta::hours(2);

/// A backup as it was found beside its original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnDisk {
    pub name: BackupName,
    /// When the file was last modified, local time.
    pub modified: NaiveDateTime,
}

impl OnDisk {
    /// The time that counts for order and age: that of the name, or the modification time where
    /// the name lies more than two hours ahead of `now` (local time).
    pub fn effective_time(&self, now: NaiveDateTime) -> NaiveDateTime {
        let named = self.name.time.naive();
        if is_believed(named, now) { named } else { self.modified }
    }

    /// What decides between two backups, the older being the smaller.
    fn rank(&self, now: NaiveDateTime) -> (NaiveDateTime, NaiveDateTime, Vec<u8>) {
        (self.effective_time(now), self.modified, self.name.to_bytes())
    }
}

/// Sorts backups newest first: by the time that counts, then by modification time, then by the
/// bytes of the name (the greater first). `now` is local time.
pub fn newest_first(backups: &mut [OnDisk], now: NaiveDateTime) {
    backups.sort_by_cached_key(|backup| Reverse(backup.rank(now)));
}

/// The backups of a file's newest snapshot, newest first: the newest one and all whose names have
/// the same timestamp. Empty where there are none.
///
/// `backups` are those of one file, in any order; `now` is local time.
pub fn newest_snapshot(backups: &[OnDisk], now: NaiveDateTime) -> Vec<&OnDisk> {
    let sorted = sorted(backups, now);
    let newest = sorted.first().map(|backup| backup.name.time);
    sorted.into_iter().filter(|backup| Some(backup.name.time) == newest).collect()
}

/// The timestamp of a snapshot made now: never before a file's newest backup, so that order by
/// name stays right while the clock goes back.
///
/// `newest` are the timestamps of the newest backups of the files concerned. Those more than two
/// hours ahead of `now` don't count: they would drag every later name along.
pub fn snapshot_time(now: Timestamp, newest: impl Iterator<Item = Timestamp>) -> Timestamp {
    newest.filter(|time| is_believed(time.naive(), now.naive())).fold(now, Timestamp::max)
}

/// The backups to retire, the oldest first, so that an interruption leaves the newest.
///
/// - `all`: every backup on disk of one folder, of however many files, in any order.
/// - `made_now`: what the present snapshot made, or found made before: never retired, but counted among
///   those kept.
/// - `max_backups`: how many to keep of each file; 0 is no limit.
/// - `max_age`: what is older is retired too; `None` is no limit.
/// - `now`: local time.
pub fn to_retire(
    all: &[OnDisk],
    made_now: &[BackupName],
    max_backups: usize,
    max_age: Option<Age>,
    now: NaiveDateTime,
) -> Vec<BackupName> {
    let made_now: HashSet<&BackupName> = made_now.iter().collect();
    let (made, earlier): (Vec<_>, Vec<_>) =
        sorted(all, now).into_iter().partition(|backup| made_now.contains(&backup.name));
    let mut kept: HashMap<&[u8], usize> = HashMap::new();
    for backup in made {
        *kept.entry(&backup.name.original).or_default() += 1;
    }
    let mut retired = Vec::new();
    for backup in earlier {
        let kept = kept.entry(&backup.name.original).or_default();
        let too_many = max_backups != 0 && *kept >= max_backups;
        if too_many || is_older(backup, max_age, now) {
            retired.push(backup.name.clone());
        } else {
            *kept += 1;
        }
    }
    retired.reverse();
    retired
}

/// The backups newest first, without moving them.
fn sorted(backups: &[OnDisk], now: NaiveDateTime) -> Vec<&OnDisk> {
    let mut sorted: Vec<_> = backups.iter().collect();
    sorted.sort_by_cached_key(|backup| Reverse(backup.rank(now)));
    sorted
}

/// Whether a backup is older than `max_age` allows.
fn is_older(backup: &OnDisk, max_age: Option<Age>, now: NaiveDateTime) -> bool {
    let age = now.signed_duration_since(backup.effective_time(now));
    max_age.is_some_and(|max_age| age > max_age.as_delta())
}

/// Whether the time in a name lies at most two hours ahead of now.
fn is_believed(named: NaiveDateTime, now: NaiveDateTime) -> bool {
    named.signed_duration_since(now) <= BELIEVED_AHEAD
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn now() -> NaiveDateTime {
        time("20251106_120000").naive()
    }

    fn name(name: &str) -> BackupName {
        BackupName::parse(name.as_bytes()).unwrap()
    }

    /// A backup of `a`, modified at the time that it is named after.
    fn backup(timestamp: &str, id: &str) -> OnDisk {
        modified(timestamp, id, timestamp)
    }

    fn modified(timestamp: &str, id: &str, modified: &str) -> OnDisk {
        OnDisk { name: name(&format!("a.bak.{timestamp}.{id}")), modified: time(modified).naive() }
    }

    fn ids(backups: impl IntoIterator<Item = BackupName>) -> Vec<String> {
        let id = |name: BackupName| name.artifact.unwrap().to_string();
        backups.into_iter().map(id).collect()
    }

    fn sorted_ids(mut backups: Vec<OnDisk>) -> Vec<String> {
        newest_first(&mut backups, now());
        ids(backups.into_iter().map(|backup| backup.name))
    }

    fn retired_ids(
        all: &[OnDisk],
        made: &[BackupName],
        max: usize,
        age: Option<&str>,
    ) -> Vec<String> {
        let age = age.map(|age| age.parse().unwrap());
        ids(to_retire(all, made, max, age, now()))
    }

    #[test]
    fn the_time_in_the_name_comes_before_the_modification_time() {
        let sorted = sorted_ids(vec![
            modified("20251106_100000", "older000", "20251106_115900"),
            modified("20251106_110000", "newer000", "20251106_090000"),
        ]);
        assert_eq!(sorted, ["newer000", "older000"]);
    }

    #[test]
    fn the_modification_time_decides_between_equal_timestamps() {
        let sorted = sorted_ids(vec![
            modified("20251106_100000", "zzzzzzzz", "20251106_100001"),
            modified("20251106_100000", "aaaaaaaa", "20251106_100002"),
        ]);
        assert_eq!(sorted, ["aaaaaaaa", "zzzzzzzz"]);
    }

    #[test]
    fn the_name_decides_last() {
        let sorted = sorted_ids(vec![
            backup("20251106_100000", "aaaaaaaa"),
            backup("20251106_100000", "zzzzzzzz"),
        ]);
        assert_eq!(sorted, ["zzzzzzzz", "aaaaaaaa"]);
    }

    #[test]
    fn a_name_up_to_two_hours_ahead_is_believed() {
        let sorted = sorted_ids(vec![
            backup("20251106_115900", "present0"),
            modified("20251106_140000", "ahead000", "20251106_080000"),
        ]);
        assert_eq!(sorted, ["ahead000", "present0"]);
    }

    #[test]
    fn beyond_two_hours_ahead_the_modification_time_stands_in() {
        let sorted = sorted_ids(vec![
            backup("20251106_115900", "present0"),
            modified("20251106_140001", "ahead000", "20251106_080000"),
            backup("20251106_070000", "early000"),
        ]);
        assert_eq!(sorted, ["present0", "ahead000", "early000"]);
    }

    #[test]
    fn the_newest_snapshot_is_all_that_shares_its_timestamp() {
        let all = [
            backup("20251106_100000", "older000"),
            modified("20251106_110000", "staged00", "20251106_110000"),
            modified("20251106_110000", "worktree", "20251106_110001"),
        ];
        let newest = newest_snapshot(&all, now());
        let names = newest.iter().map(|backup| backup.name.clone());
        assert_eq!(ids(names), ["worktree", "staged00"]);
        assert!(newest_snapshot(&[], now()).is_empty());
    }

    #[test]
    fn the_newest_snapshot_is_not_one_from_a_clock_that_was_wrong() {
        let all = [
            modified("20300101_000000", "ahead000", "20251106_080000"),
            backup("20251106_110000", "newest00"),
        ];
        assert_eq!(newest_snapshot(&all, now()), [&all[1]]);
    }

    #[test]
    fn a_snapshot_takes_the_time_of_the_clock() {
        let earlier = [time("20251106_110000"), time("20251105_110000")];
        let clock = time("20251106_120000");
        assert_eq!(snapshot_time(clock, earlier.into_iter()), clock);
        assert_eq!(snapshot_time(clock, [].into_iter()), clock);
    }

    #[test]
    fn a_snapshot_is_never_named_before_the_newest() {
        let newest = [time("20251106_130000"), time("20251106_140000"), time("20251106_110000")];
        let clock = time("20251106_120000");
        assert_eq!(snapshot_time(clock, newest.into_iter()), time("20251106_140000"));
    }

    #[test]
    fn a_name_from_a_clock_that_was_wrong_does_not_drag_a_snapshot_along() {
        let newest = [time("20251106_140001"), time("20251106_120100")];
        let clock = time("20251106_120000");
        assert_eq!(snapshot_time(clock, newest.into_iter()), time("20251106_120100"));
    }

    fn four() -> Vec<OnDisk> {
        vec![
            backup("20251106_100000", "second00"),
            backup("20251104_100000", "fourth00"),
            backup("20251106_110000", "first000"),
            backup("20251105_100000", "third000"),
        ]
    }

    #[test]
    fn the_newest_are_kept_and_the_oldest_is_retired_first() {
        assert_eq!(retired_ids(&four(), &[], 3, None), ["fourth00"]);
        assert_eq!(retired_ids(&four(), &[], 1, None), ["fourth00", "third000", "second00"]);
        assert!(retired_ids(&four(), &[], 4, None).is_empty());
        assert!(retired_ids(&four(), &[], usize::MAX, None).is_empty());
    }

    #[test]
    fn zero_is_no_limit() {
        assert!(retired_ids(&four(), &[], 0, None).is_empty());
    }

    #[test]
    fn what_is_older_than_the_age_is_retired_too() {
        assert_eq!(retired_ids(&four(), &[], 0, Some("26.hours")), ["fourth00"]);
        assert_eq!(retired_ids(&four(), &[], 0, Some("1.day")), ["fourth00", "third000"]);
        assert_eq!(retired_ids(&four(), &[], 1, Some("1.year")).len(), 3);
    }

    #[test]
    fn exactly_as_old_as_the_age_is_kept() {
        let all = [backup("20251106_110000", "hourold0")];
        assert!(retired_ids(&all, &[], 0, Some("1.hour")).is_empty());
        assert_eq!(retired_ids(&all, &[], 0, Some("3599.seconds")), ["hourold0"]);
    }

    #[test]
    fn what_this_snapshot_made_is_never_retired() {
        let all = four();
        let made: Vec<_> = all.iter().map(|backup| backup.name.clone()).collect();
        assert!(retired_ids(&all, &made, 1, Some("now")).is_empty());
    }

    #[test]
    fn what_this_snapshot_made_counts_among_those_kept() {
        let all = four();
        let made = [all[1].name.clone()];
        assert_eq!(retired_ids(&all, &made, 2, None), ["third000", "second00"]);
    }

    #[test]
    fn each_file_has_its_own_count() {
        let mut all = four();
        all.push(OnDisk { name: name("b.bak.20200101_000000.otherone"), modified: now() });
        assert_eq!(retired_ids(&all, &[], 3, None), ["fourth00"]);
    }

    #[test]
    fn the_older_form_is_retired_like_any_other() {
        let older = OnDisk { name: name("a.bak.20200101_000000"), modified: now() };
        let all = [older.clone(), backup("20251106_110000", "first000")];
        assert_eq!(to_retire(&all, &[], 1, None, now()), [older.name]);
    }
}
