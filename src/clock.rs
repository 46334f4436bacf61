//! The one place that reads the clock.

use anyhow::{Context, Result};
use chrono::{DateTime, FixedOffset, Local, NaiveDateTime, Offset, TimeZone};

use crate::model::now::Now;

/// Set to a time in RFC 3339, it stands in for the clock: for tests and for trying things out.
const FIXED: &str = "GIT_BAK_NOW";

pub fn read() -> Result<Now> {
    match std::env::var(FIXED) {
        Ok(time) => DateTime::parse_from_rfc3339(&time).with_context(|| {
            format!("{FIXED}: '{time}' is no time, say 2025-11-06T20:10:45+01:00")
        }),
        Err(_) => Ok(system()),
    }
}

pub fn system() -> Now {
    Local::now().fixed_offset()
}

/// The offset that local time has at a local moment: summer's in summer, whatever it is now. Where `now`
/// isn't in this system's zone, its own.
pub fn offset_at(local: NaiveDateTime, now: &Now) -> FixedOffset {
    if !is_here(now) {
        return *now.offset();
    }
    let there = Local.from_local_datetime(&local).earliest();
    there.map_or(*now.offset(), |there| there.offset().fix())
}

/// A moment in local time, with the offset that local time has then.
pub fn local(time: &DateTime<FixedOffset>, now: &Now) -> NaiveDateTime {
    if is_here(now) {
        time.with_timezone(&Local).naive_local()
    } else {
        time.with_timezone(now.offset()).naive_local()
    }
}

fn is_here(now: &Now) -> bool {
    Local.offset_from_utc_datetime(&now.naive_utc()).fix() == *now.offset()
}
