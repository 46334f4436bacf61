//! What the state of a file, as the index has it, says of the file as it is.

/// A file's time may lag this far behind the clock, in nanoseconds: the system rounds it down to its own
/// tick, and one that has no nanoseconds is never that much before an index of the same second.
const TICK: u32 = 20_000_000;

/// The times of modification that are believed. A file that was modified as late as the index was written may
/// have been written once more after it was staged, in what is the same moment for its clock (Git's
/// Documentation/technical/racy-git).
#[derive(Clone, Copy)]
pub(super) struct Trusted {
    /// Before this second a file is old whatever its clock.
    second: i64,
    /// Before this moment it is where the file system has a clock that is finer.
    moment: (i64, u32),
}

impl Trusted {
    /// Those before an index that was written at this time.
    pub(super) fn before((seconds, nanos): (i64, u32)) -> Self {
        // Not every file system has nanoseconds: one that has is known by having stored some.
        let moment = match nanos {
            0 => (seconds, 0),
            _ => earlier((seconds, nanos), TICK),
        };
        Self { second: seconds, moment }
    }

    pub(super) fn never() -> Self {
        Self { second: i64::MIN, moment: (i64::MIN, 0) }
    }

    pub(super) fn has(self, modified: (i64, u32)) -> bool {
        match modified.1 {
            0 => modified.0 < self.second,
            _ => modified < self.moment,
        }
    }
}

/// `time` less some nanoseconds.
fn earlier((seconds, nanos): (i64, u32), by: u32) -> (i64, u32) {
    match nanos.checked_sub(by) {
        Some(nanos) => (seconds, nanos),
        None => (seconds - 1, nanos + 1_000_000_000 - by),
    }
}

/// A time of 0 nanoseconds was stored by a Git, or for a file system, that has none.
pub(super) fn is_time(stored: (u32, u32), seconds: u32, nanos: u32) -> bool {
    stored.0 == seconds && (stored.1 == 0 || stored.1 == nanos)
}

/// A size as the index has it (`munge_st_size` in Git's read-cache.c): 32 bits, never 0 for a file
/// that isn't empty.
pub(super) fn size_in_index(size: u64) -> u32 {
    match size as u32 {
        0 if size != 0 => 1 << 31,
        low => low,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_cut_as_git_cuts_them() {
        assert_eq!(size_in_index(0), 0);
        assert_eq!(size_in_index(7), 7);
        assert_eq!(size_in_index((5 << 32) + 7), 7);
        assert_eq!(size_in_index(5 << 32), 1 << 31);
    }

    #[test]
    fn nanoseconds_count_where_they_were_stored() {
        assert!(is_time((5, 0), 5, 9) && is_time((5, 9), 5, 9));
        assert!(!is_time((5, 9), 5, 0) && !is_time((5, 0), 6, 0));
    }

    #[test]
    fn a_file_is_believed_if_it_is_older_by_the_clock_that_it_has() {
        let trusted = Trusted::before((5, 500_000_000));
        let old = [(4, 0), (4, 999_999_999), (5, 479_999_999)];
        assert!(old.into_iter().all(|time| trusted.has(time)));
        let young = [(5, 0), (5, 480_000_000), (5, 500_000_000), (6, 0), (6, 1)];
        assert!(!young.into_iter().any(|time| trusted.has(time)));
        let coarse = Trusted::before((5, 0));
        assert!(coarse.has((4, 0)) && coarse.has((4, 1)) && !coarse.has((5, 0)));
        assert!(!Trusted::never().has((0, 0)) && !Trusted::never().has((0, 1)));
    }

    #[test]
    fn a_tick_earlier_may_be_in_the_second_before() {
        assert_eq!(earlier((5, 30_000_000), TICK), (5, 10_000_000));
        assert_eq!(earlier((5, 0), TICK), (4, 980_000_000));
    }
}
