//! The local second that names a snapshot: `20251106_201045`.

use std::fmt;
use std::str::FromStr;

use anyhow::{Error, Result, anyhow};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike};

/// A local date and time to the second, as it stands in the name of a backup.
///
/// Every value prints as exactly 15 ASCII characters, `YYYYMMDD_HHMMSS`, and is read back from
/// them; so the years are those of four digits, 0001 to 9999. It has no time zone: the name of a
/// backup is what the clock on the wall said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(NaiveDateTime);

impl Timestamp {
    /// The number of bytes of a printed timestamp.
    pub const LENGTH: usize = 15;

    /// The timestamp of a local time, with the fraction of its second cut off.
    ///
    /// A year that four digits can't show becomes the first or the last second that they can:
    /// a clock that far out must not lead to a name that is never recognised again.
    pub fn from_local(time: NaiveDateTime) -> Self {
        let whole = time.with_nanosecond(0).unwrap_or(time);
        match whole.year() {
            ..=0 => Self(bound(1, 1, 1, (0, 0, 0))),
            1..=9999 => Self(whole),
            _ => Self(bound(9999, 12, 31, (23, 59, 59))),
        }
    }

    /// The local second at `seconds` since 1970, where the offset from UTC was `zone` seconds.
    pub fn of_seconds(seconds: i64, zone: i32) -> Self {
        let utc = DateTime::from_timestamp(seconds, 0).unwrap_or_default().naive_utc();
        Self::from_local(utc).plus(TimeDelta::seconds(zone.into()))
    }

    /// Reads exactly 15 bytes `YYYYMMDD_HHMMSS` that form a real date and time, else `None`.
    pub fn parse_bytes(text: &[u8]) -> Option<Self> {
        if text.len() != Self::LENGTH || text[8] != b'_' {
            return None;
        }
        let date = NaiveDate::from_ymd_opt(
            i32::try_from(number(&text[0..4])?).ok()?,
            number(&text[4..6])?,
            number(&text[6..8])?,
        )?;
        let time = date.and_hms_opt(
            number(&text[9..11])?,
            number(&text[11..13])?,
            number(&text[13..15])?,
        )?;
        (time.year() >= 1).then_some(Self(time))
    }

    /// The same local time for chrono.
    pub fn naive(self) -> NaiveDateTime {
        self.0
    }

    /// As messages have it: `2025-11-06 20:10:45`. `--at` reads it, too.
    pub fn for_people(self) -> String {
        let text = self.to_bytes();
        let mut shown = *b"0000-00-00 00:00:00";
        for (part, at) in [(0..4, 0), (4..6, 5), (6..8, 8), (9..11, 11), (11..13, 14), (13..15, 17)]
        {
            shown[at..at + part.len()].copy_from_slice(&text[part]);
        }
        String::from_utf8_lossy(&shown).into_owned()
    }

    /// The second after this one: where a snapshot moves whose names are taken.
    ///
    /// After the last second of the year 9999 it is that second again.
    pub fn next_second(self) -> Self {
        self.plus(TimeDelta::seconds(1))
    }

    /// This time moved by `delta`, later or, if that is negative, earlier.
    ///
    /// What would leave the years 0001 to 9999 stops at their end.
    pub fn plus(self, delta: TimeDelta) -> Self {
        let out_of_range =
            if delta < TimeDelta::zero() { NaiveDateTime::MIN } else { NaiveDateTime::MAX };
        Self::from_local(self.0.checked_add_signed(delta).unwrap_or(out_of_range))
    }

    /// As it is printed. By hand: each name of a backup that is put together has one.
    pub fn to_bytes(self) -> [u8; Self::LENGTH] {
        let (date, time) = (self.0.date(), self.0.time());
        let (years, year) = (date.year().unsigned_abs() / 100, date.year().unsigned_abs() % 100);
        let pairs =
            [years, year, date.month(), date.day(), time.hour(), time.minute(), time.second()];
        let digit = |number: u32| b'0' + u8::try_from(number % 10).unwrap_or_default();
        let mut text = [b'_'; Self::LENGTH];
        for (number, at) in pairs.into_iter().zip([0, 2, 4, 6, 9, 11, 13]) {
            text[at..at + 2].copy_from_slice(&[digit(number / 10), digit(number)]);
        }
        text
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.to_bytes()))
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    /// Reads `YYYYMMDD_HHMMSS`; the error names the text that isn't one.
    fn from_str(text: &str) -> Result<Self> {
        Self::parse_bytes(text.as_bytes()).ok_or_else(|| anyhow!("not a timestamp: {text}"))
    }
}

/// The value of a few ASCII digits, at most nine of them; `None` for anything else.
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value, digit| {
        digit.is_ascii_digit().then(|| value * 10 + u32::from(digit - b'0'))
    })
}

/// A date and time known to be real when the program was written.
fn bound(
    year: i32,
    month: u32,
    day: u32,
    (hour, minute, second): (u32, u32, u32),
) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(year, month, day)
        .and_then(|date| date.and_hms_opt(hour, minute, second))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timestamp(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_read_is_printed_again() {
        for text in ["20251106_201045", "00010101_000000", "99991231_235959", "20240229_000000"] {
            assert_eq!(timestamp(text).to_string(), text);
        }
    }

    #[test]
    fn malformed_texts_are_refused() {
        let malformed = [
            ("", "empty"),
            ("20251106_20104", "a digit short"),
            ("20251106_2010455", "a digit long"),
            ("20251106-201045", "another separator"),
            ("20251106201045_", "the separator elsewhere"),
            ("2025110a_201045", "a letter"),
            ("+2025106_201045", "a sign"),
            ("20251106_ 20104", "a space"),
            ("20251306_201045", "a 13th month"),
            ("20250006_201045", "month zero"),
            ("20251100_201045", "day zero"),
            ("20251131_201045", "a 31st of November"),
            ("20250229_201045", "a leap day in a common year"),
            ("20251106_241045", "hour 24"),
            ("20251106_206045", "minute 60"),
            ("20251106_201060", "second 60"),
            ("00000101_000000", "year zero"),
            ("00000000_000000", "no date at all"),
            ("2025110６_20104", "a digit of another script"),
        ];
        for (text, why) in malformed {
            assert!(text.parse::<Timestamp>().is_err(), "{why}: {text}");
        }
    }

    #[test]
    fn the_error_names_the_text() {
        let error = "20251301_000000".parse::<Timestamp>().unwrap_err();
        assert_eq!(error.to_string(), "not a timestamp: 20251301_000000");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused() {
        assert_eq!(Timestamp::parse_bytes(b"2025110\xff_201045"), None);
    }

    #[test]
    fn a_fraction_of_a_second_is_cut_off() {
        let half = timestamp("20251106_201045").naive() + TimeDelta::milliseconds(999);
        assert_eq!(Timestamp::from_local(half), timestamp("20251106_201045"));
    }

    #[test]
    fn a_leap_second_becomes_the_second_before_it() {
        let leap = NaiveDate::from_ymd_opt(2016, 12, 31)
            .and_then(|date| date.and_hms_milli_opt(23, 59, 59, 1_500))
            .unwrap();
        assert_eq!(Timestamp::from_local(leap).to_string(), "20161231_235959");
    }

    #[test]
    fn years_beyond_four_digits_stop_at_the_last_that_can_be_read() {
        assert_eq!(Timestamp::from_local(NaiveDateTime::MAX).to_string(), "99991231_235959");
        assert_eq!(Timestamp::from_local(NaiveDateTime::MIN).to_string(), "00010101_000000");
        let last = timestamp("99991231_235959");
        assert_eq!(last.next_second(), last);
        assert_eq!(last.plus(TimeDelta::MAX), last);
        assert_eq!(last.plus(TimeDelta::MIN), timestamp("00010101_000000"));
    }

    #[test]
    fn the_next_second_carries_over() {
        let eve = timestamp("20251231_235959");
        assert_eq!(eve.next_second(), timestamp("20260101_000000"));
        assert!(eve < eve.next_second());
    }
}
