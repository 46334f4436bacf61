//! The time, as an argument: nothing below `main` looks at a clock to name or order anything.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, FixedOffset, NaiveDateTime};

use crate::model::names::timestamp::Timestamp;

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

/// The same moment as the system counts it. Windows begins with 1601: what is before is the beginning of 1970.
pub fn system_time(now: &Now) -> SystemTime {
    let whole = Duration::from_secs(now.timestamp().unsigned_abs());
    let time = match now.timestamp() {
        0.. => SystemTime::UNIX_EPOCH.checked_add(whole),
        _ => SystemTime::UNIX_EPOCH.checked_sub(whole),
    };
    let nanos = Duration::from_nanos(now.timestamp_subsec_nanos().into());
    time.and_then(|time| time.checked_add(nanos)).unwrap_or(SystemTime::UNIX_EPOCH)
}
