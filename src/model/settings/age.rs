//! A length of time as Git's settings write it (`14.days`), and when something expires.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Error, Result, bail, ensure};
use chrono::TimeDelta;

/// The units, the largest first, each with its length in seconds. A month is 30 days and a year
/// 365, whatever the calendar says: an age has no calendar to start from.
const UNITS: [(&str, i64); 7] = [
    ("year", 365 * 24 * 60 * 60),
    ("month", 30 * 24 * 60 * 60),
    ("week", 7 * 24 * 60 * 60),
    ("day", 24 * 60 * 60),
    ("hour", 60 * 60),
    ("minute", 60),
    ("second", 1),
];

/// A length of time into the past, in whole seconds; never negative.
///
/// Read as Git's settings write it: `14.days`, `2.weeks.ago`, `1 day`, `1.year.2.months`, `now`;
/// in any case of letters. Stricter than Git, which makes a date of almost any text: what is not
/// understood here is refused, since a wrong guess would expire the wrong things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Age {
    seconds: i64,
}

impl Age {
    pub const fn days(days: u16) -> Self {
        Self { seconds: days as i64 * 24 * 60 * 60 }
    }

    /// That many seconds; a time to come counts as none.
    pub fn of_seconds(seconds: i64) -> Self {
        Self { seconds: seconds.max(0) }
    }

    /// The length in seconds, 0 or more.
    pub fn seconds(self) -> i64 {
        self.seconds
    }

    pub fn as_delta(self) -> TimeDelta {
        TimeDelta::try_seconds(self.seconds).unwrap_or(TimeDelta::MAX)
    }

    /// Adds up words such as `1`, `year`, `2`, `months`; `None` if they are no such thing, or
    /// more than can be counted.
    fn sum(words: &[&str]) -> Option<Self> {
        let mut seconds = 0_i64;
        let mut rest = words;
        while let Some((first, after)) = rest.split_first() {
            let (count, glued) = split_number(first);
            let (unit, after) = match glued {
                "" => after.split_first().map(|(unit, after)| (*unit, after))?,
                unit => (unit, after),
            };
            let length = count.parse::<i64>().ok()?.checked_mul(unit_seconds(unit)?)?;
            seconds = seconds.checked_add(length)?;
            rest = after;
        }
        TimeDelta::try_seconds(seconds).map(|_| Self { seconds })
    }
}

impl FromStr for Age {
    type Err = Error;

    /// Reads a number and a unit, as often as there are, with an optional `ago` at the end; or
    /// `now`. Words are parted by `.` or blanks. The error names the text.
    fn from_str(text: &str) -> Result<Self> {
        let lower = text.to_ascii_lowercase();
        let mut words: Vec<&str> = lower
            .split(|c: char| c == '.' || c.is_ascii_whitespace())
            .filter(|word| !word.is_empty())
            .collect();
        if words == ["now"] {
            return Ok(Self { seconds: 0 });
        }
        words.pop_if(|word| *word == "ago");
        ensure!(!words.is_empty(), "not a length of time: {text:?}");
        Self::sum(&words).with_context(|| format!("not a length of time: {text:?}"))
    }
}

impl fmt::Display for Age {
    /// The way it can be read again, in days or the largest smaller unit that needs no fraction: `14.days`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.seconds == 0 {
            return f.write_str("now");
        }
        // No longer unit than the day: 14.days and 30.days are how settings are written.
        for (unit, length) in UNITS.into_iter().skip(3) {
            if self.seconds % length == 0 {
                let count = self.seconds / length;
                let plural = if count == 1 { "" } else { "s" };
                return write!(f, "{count}.{unit}{plural}");
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Expiry {
    Never,
    /// It expires when it is older than this.
    After(Age),
}

impl Expiry {
    /// The age after which it expires, `None` for never.
    pub fn age(self) -> Option<Age> {
        match self {
            Self::Never => None,
            Self::After(age) => Some(age),
        }
    }
}

impl FromStr for Expiry {
    type Err = Error;

    /// Reads `never` or, as Git does, `false`; else an [`Age`]. The error names the text.
    ///
    /// Git's `all` is refused: to Git it means that everything expires, to a reader that all
    /// is kept.
    fn from_str(text: &str) -> Result<Self> {
        match text.to_ascii_lowercase().as_str() {
            "never" | "false" => Ok(Self::Never),
            "all" => bail!("not a length of time: {text:?} (write now, or never)"),
            _ => Ok(Self::After(text.parse()?)),
        }
    }
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never"),
            Self::After(age) => age.fmt(f),
        }
    }
}

/// Splits `14days` behind its digits.
fn split_number(word: &str) -> (&str, &str) {
    let end = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
    word.split_at(end)
}

/// The length of a unit in seconds, by its singular or plural in lower case.
fn unit_seconds(word: &str) -> Option<i64> {
    let singular = word.strip_suffix('s').unwrap_or(word);
    let found = UNITS.iter().find(|(unit, _)| *unit == singular)?;
    Some(found.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60;

    fn seconds(text: &str) -> i64 {
        text.parse::<Age>().unwrap().seconds()
    }

    #[test]
    fn every_unit_is_read_in_singular_and_plural() {
        assert_eq!(seconds("90.seconds"), 90);
        assert_eq!(seconds("1.second"), 1);
        assert_eq!(seconds("5.minutes"), 300);
        assert_eq!(seconds("3.hours"), 3 * 60 * 60);
        assert_eq!(seconds("14.days"), 14 * DAY);
        assert_eq!(seconds("2.weeks"), 14 * DAY);
        assert_eq!(seconds("1.month"), 30 * DAY);
        assert_eq!(seconds("2.year"), 730 * DAY);
    }

    #[test]
    fn the_ways_of_writing_are_the_same() {
        let same =
            ["1 day", "1.day", "1.Day.Ago", "1 DAYS ago", "1day", " 1  day ", "24.hours", "01.day"];
        for text in same {
            assert_eq!(seconds(text), DAY, "{text}");
        }
    }

    #[test]
    fn several_units_add_up() {
        assert_eq!(seconds("1.year.2.months"), (365 + 60) * DAY);
        assert_eq!(seconds("1.day.12.hours.ago"), DAY + DAY / 2);
    }

    #[test]
    fn now_is_no_time() {
        assert_eq!(seconds("now"), 0);
        assert_eq!(seconds("NOW"), 0);
        assert_eq!(seconds("0.days"), 0);
    }

    #[test]
    fn malformed_texts_are_refused() {
        let malformed = [
            ("", "empty"),
            (".", "a dot alone"),
            ("ago", "ago alone"),
            ("14", "no unit"),
            ("1.day.2", "no unit behind the second number"),
            ("days", "no number"),
            ("one.day", "a number in letters"),
            ("14.dys", "an unknown unit"),
            ("14.dayss", "two plurals"),
            ("14d", "a short unit"),
            ("-1.day", "a negative number"),
            ("+1.day", "a sign"),
            ("1.5.days", "a fraction"),
            ("ago.1.day", "ago in front"),
            ("1.day.ago.ago", "ago twice"),
            ("now.ago", "now with more"),
            ("yesterday", "a day by name"),
            ("2025-11-06", "a date"),
            ("1.day,", "a comma"),
            ("never", "never, which is no age"),
        ];
        for (text, why) in malformed {
            assert!(text.parse::<Age>().is_err(), "{why}: {text}");
        }
    }

    #[test]
    fn what_can_not_be_counted_is_refused() {
        for text in [
            "99999999999999999999.seconds",
            "9223372036854775807.years",
            "9223372036854775807.seconds",
            "9223372036854775807.seconds.1.second",
        ] {
            assert!(text.parse::<Age>().is_err(), "{text}");
        }
        let most = "9223372036854775.seconds".parse::<Age>().unwrap();
        assert_eq!(most.as_delta().num_seconds(), most.seconds());
    }

    #[test]
    fn the_error_names_the_text() {
        let error = "soon".parse::<Age>().unwrap_err();
        assert_eq!(error.to_string(), "not a length of time: \"soon\"");
    }

    #[test]
    fn an_age_prints_so_that_it_can_be_read_again() {
        let printed = [
            ("now", "now"),
            ("14.days", "14.days"),
            ("2.weeks", "14.days"),
            ("1.day", "1.day"),
            ("90.minutes", "90.minutes"),
            ("61.seconds", "61.seconds"),
            ("1.month", "30.days"),
            ("1.year.2.months", "425.days"),
        ];
        for (text, expected) in printed {
            let age: Age = text.parse().unwrap();
            assert_eq!(age.to_string(), expected);
            assert_eq!(age.to_string().parse::<Age>().unwrap(), age);
        }
    }

    #[test]
    fn an_expiry_is_an_age_or_never() {
        for text in ["never", "false", "Never", "FALSE"] {
            assert_eq!(text.parse::<Expiry>().unwrap(), Expiry::Never);
        }
        assert_eq!("30.days".parse::<Expiry>().unwrap(), Expiry::After(Age::days(30)));
        assert_eq!(Expiry::After(Age::days(31)).to_string(), "31.days");
        assert_eq!(Expiry::Never.to_string(), "never");
        assert_eq!(Expiry::Never.age(), None);
        assert_eq!(Expiry::After(Age::days(1)).age(), Some(Age::days(1)));
    }

    #[test]
    fn malformed_expiries_are_refused() {
        for text in ["", "no", "all", "true", "never.ever", "14"] {
            assert!(text.parse::<Expiry>().is_err(), "{text}");
        }
    }
}
