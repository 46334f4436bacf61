//! Local time as this system has it, summer and winter.

use chrono::{DateTime, FixedOffset, Local, NaiveDateTime, Offset, TimeZone};

use crate::model::now::Now;

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
