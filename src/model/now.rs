//! The time, as an argument: nothing below `main` looks at a clock to name or order anything.

use chrono::{DateTime, FixedOffset, NaiveDateTime};

use super::timestamp::Timestamp;

/// One reading of the clock, in local time with its offset from UTC.
pub type Now = DateTime<FixedOffset>;

/// The time for names of backups made `now`.
pub fn timestamp(now: &Now) -> Timestamp {
    Timestamp::from_local(now.naive_local())
}

/// Seconds since 1970 in the same local time as `now`.
pub fn local(now: &Now, seconds: i64) -> NaiveDateTime {
    let utc = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    utc.with_timezone(now.offset()).naive_local()
}
