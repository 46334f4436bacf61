//! Times as the user types them. Every word must be understood: a guess would restore, or destroy, the wrong things.

use std::fmt;

use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

use crate::model::names::timestamp::Timestamp;
use crate::model::now::Now;
use crate::model::settings::age::Age;

/// What local time's offset from UTC is at a local moment: in summer it may be another.
pub type OffsetAt<'a> = &'a dyn Fn(NaiveDateTime) -> FixedOffset;

/// Which moment a day without a time means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayIs {
    /// Its first second: what is older is older than the whole day.
    Begun,
    /// Its last one, as far as it is over: what there was then.
    Over,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoTime {
    Unreadable,
    /// It is still to come.
    Future,
}

impl fmt::Display for NoTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreadable => {
                "it can't be read as a time: try 14:02, yesterday, 2.hours or 2025-11-06"
            }
            Self::Future => "it is in the future",
        })
    }
}

/// The instant that a text names. It reads `2025-11-06`, with `14:02` or `14:02:05` behind it, after a blank or `T`,
/// and a zone; `20251106_140205`; `14:02`, of today; `now`, `today`, `yesterday`, `noon`, a weekday (the last one
/// before today), with a time behind them; `2.hours`, `2 hours ago`, `5m`, `2h`, `3d`, `2w`; `@1762459845`.
pub fn parse(text: &str, now: &Now, offset: OffsetAt<'_>, day_is: DayIs) -> Result<Now, NoTime> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let local = |time: NaiveDateTime| time.and_local_timezone(offset(time)).earliest();
    let found = epoch(text)
        .or_else(|| DateTime::parse_from_rfc3339(&text.replacen(' ', "T", 1)).ok())
        .or_else(|| zoned(text))
        .or_else(|| text.parse::<Timestamp>().ok().and_then(|time| local(time.naive())))
        .or_else(|| ago(&lower).map(|age| before(now, age)))
        .or_else(|| of_day(&lower, now, day_is).and_then(local))
        .ok_or(NoTime::Unreadable)?;
    if found.timestamp() <= now.timestamp() { Ok(found) } else { Err(NoTime::Future) }
}

/// The instant `age` before `now`; what would be before all time is its beginning.
fn before(now: &Now, age: Age) -> Now {
    now.checked_sub_signed(age.as_delta())
        .unwrap_or(DateTime::<chrono::Utc>::MIN_UTC.fixed_offset())
}

/// `@1762459845`
fn epoch(text: &str) -> Option<Now> {
    let digits = text.strip_prefix('@')?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = digits.parse().ok().filter(|_| is_number)?;
    Some(DateTime::from_timestamp(seconds, 0)?.fixed_offset())
}

/// What RFC 3339 has in a stricter way: `2025-11-06 14:02 +0100`, `2025-11-06T14:02Z`.
fn zoned(text: &str) -> Option<Now> {
    let text = text.strip_suffix('Z').map_or(text.to_owned(), |text| format!("{text}+0000"));
    let forms =
        ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%d %H:%M%z"];
    forms.iter().find_map(|form| {
        let blank = form.replace("%z", " %z");
        let read = |form: &str| DateTime::parse_from_str(&text, form).ok();
        read(form).or_else(|| read(&blank))
    })
}

/// An age as settings have it, or in short: `5m`, `2h`, `3d`, `2w`, each with `ago` or without.
fn ago(text: &str) -> Option<Age> {
    if let Ok(age) = text.parse() {
        return Some(age);
    }
    let short = text.strip_suffix("ago").map_or(text, |text| text.trim_end_matches([' ', '.']));
    let count = short.get(..short.len().checked_sub(1)?)?;
    let unit = match short.as_bytes().last()? {
        b'm' => "minutes",
        b'h' => "hours",
        b'd' => "days",
        b'w' => "weeks",
        _ => return None,
    };
    let is_number = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
    format!("{count}.{unit}").parse().ok().filter(|_| is_number)
}

/// A local moment: a day, a time of it, or both.
fn of_day(text: &str, now: &Now, day_is: DayIs) -> Option<NaiveDateTime> {
    let today = now.date_naive();
    let is_date = text.len() > 10 && text.as_bytes()[10] == b't' && text.is_char_boundary(11);
    let words: Vec<&str> = match is_date {
        true => vec![&text[..10], &text[11..]],
        false => text.split_ascii_whitespace().collect(),
    };
    match words[..] {
        ["noon"] => {
            let noon = today.and_hms_opt(12, 0, 0)?;
            let is_over = noon <= now.naive_local();
            if is_over { Some(noon) } else { noon.checked_sub_days(Days::new(1)) }
        }
        ["today"] if day_is == DayIs::Over => Some(now.naive_local()),
        [one] => match clock(one) {
            Some(time) => Some(today.and_time(time)),
            None => {
                let day = day(one, today)?;
                let over = day.and_hms_opt(23, 59, 59)?;
                match day_is {
                    DayIs::Begun => day.and_hms_opt(0, 0, 0),
                    DayIs::Over if day == today => Some(now.naive_local()),
                    DayIs::Over => Some(over),
                }
            }
        },
        [first, time] => Some(day(first, today)?.and_time(clock(time)?)),
        _ => None,
    }
}

fn day(word: &str, today: NaiveDate) -> Option<NaiveDate> {
    match word {
        "today" => return Some(today),
        "yesterday" => return today.pred_opt(),
        _ => {}
    }
    let is_plain =
        word.len() == 10 && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if is_plain {
        return NaiveDate::parse_from_str(word, "%Y-%m-%d").ok();
    }
    let wanted: Weekday = word.parse().ok()?;
    let back = (today.weekday().num_days_from_monday() + 7 - wanted.num_days_from_monday()) % 7;
    today.checked_sub_days(Days::new(if back == 0 { 7 } else { back.into() }))
}

/// `14:02`, `14:02:05`, `noon`
fn clock(word: &str) -> Option<NaiveTime> {
    if word == "noon" {
        return NaiveTime::from_hms_opt(12, 0, 0);
    }
    let parts: Vec<u32> = word
        .split(':')
        .map(|part| match part.len() {
            1..=2 if part.bytes().all(|byte| byte.is_ascii_digit()) => part.parse().ok(),
            _ => None,
        })
        .collect::<Option<_>>()?;
    match parts[..] {
        [hour, minute] => NaiveTime::from_hms_opt(hour, minute, 0),
        [hour, minute, second] => NaiveTime::from_hms_opt(hour, minute, second),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Friday, in the afternoon.
    const NOW: &str = "2025-11-07T15:30:00+01:00";

    fn read(text: &str, day_is: DayIs) -> Result<String, NoTime> {
        let now: Now = NOW.parse().unwrap();
        let found = parse(text, &now, &|_| *now.offset(), day_is)?;
        Ok(found.with_timezone(now.offset()).format("%Y-%m-%d %H:%M:%S").to_string())
    }

    #[test]
    fn every_form_is_read() {
        for (text, instant) in [
            ("2025-11-06", "2025-11-06 23:59:59"),
            ("2025-11-07", "2025-11-07 15:30:00"),
            ("2025-11-06 20:10", "2025-11-06 20:10:00"),
            ("2025-11-06 20:10:45", "2025-11-06 20:10:45"),
            ("2025-11-06T20:10", "2025-11-06 20:10:00"),
            ("2025-11-06T20:10:45Z", "2025-11-06 21:10:45"),
            ("2025-11-06T20:10Z", "2025-11-06 21:10:00"),
            ("2025-11-06 20:10:45 +0200", "2025-11-06 19:10:45"),
            ("2025-11-06T20:10:45+02:00", "2025-11-06 19:10:45"),
            ("20251106_201045", "2025-11-06 20:10:45"),
            ("15:30", "2025-11-07 15:30:00"),
            ("9:05:07", "2025-11-07 09:05:07"),
            ("now", "2025-11-07 15:30:00"),
            ("today", "2025-11-07 15:30:00"),
            ("today 08:00", "2025-11-07 08:00:00"),
            ("Yesterday", "2025-11-06 23:59:59"),
            ("yesterday noon", "2025-11-06 12:00:00"),
            ("noon", "2025-11-07 12:00:00"),
            ("monday", "2025-11-03 23:59:59"),
            ("friday", "2025-10-31 23:59:59"),
            ("sat 14:02", "2025-11-01 14:02:00"),
            ("2 hours ago", "2025-11-07 13:30:00"),
            ("2.hours.ago", "2025-11-07 13:30:00"),
            ("90 minutes", "2025-11-07 14:00:00"),
            ("5m", "2025-11-07 15:25:00"),
            ("2h ago", "2025-11-07 13:30:00"),
            ("3d", "2025-11-04 15:30:00"),
            ("2w", "2025-10-24 15:30:00"),
            ("@1762459845", "2025-11-06 21:10:45"),
        ] {
            assert_eq!(read(text, DayIs::Over).as_deref(), Ok(instant), "{text}");
        }
    }

    #[test]
    fn a_day_that_is_to_be_older_than_is_its_beginning() {
        for (text, instant) in [
            ("2025-11-06", "2025-11-06 00:00:00"),
            ("today", "2025-11-07 00:00:00"),
            ("yesterday", "2025-11-06 00:00:00"),
            ("2d", "2025-11-05 15:30:00"),
        ] {
            assert_eq!(read(text, DayIs::Begun).as_deref(), Ok(instant), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_word_for_word_is_refused() {
        for text in [
            "",
            " ",
            "banana",
            "HEAD",
            "tomorrow",
            "20261129",
            "2026-13-45",
            "2025-02-30",
            "2025-1-1",
            "20:10:61",
            "24:00",
            "1",
            "m",
            "5x",
            "-5m",
            "+5m",
            "5 m x",
            "a@{1}",
            "@",
            "@-1",
            "@1x",
            "last friday",
            "friday the 13th",
            "noon tomorrow",
            "yesterday yesterday",
            "2025-11-06 banana",
            "2025-11-06T",
            "2 hours ago ago",
            "é",
            "2025-11-06é",
            "2025-11-06 20:10 +99",
            "99999999999999999999.seconds",
            "99999999999999999w",
            "@99999999999999999",
        ] {
            assert_eq!(read(text, DayIs::Over), Err(NoTime::Unreadable), "{text:?}");
        }
    }

    #[test]
    fn what_is_to_come_is_refused() {
        for text in [
            "2099-01-01",
            "2025-11-08",
            "15:31",
            "23:59",
            "today 16:00",
            "@4070908800",
            "20991231_000000",
        ] {
            assert_eq!(read(text, DayIs::Over), Err(NoTime::Future), "{text}");
        }
    }
}
