//! A number of bytes as Git's settings write it: `32m`.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Error, Result};

use super::git_value::parse_integer;

/// The units above the byte, each 1024 times the one before.
const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(u64);

impl Size {
    /// A size of so many bytes.
    pub const fn from_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    pub fn bytes(self) -> u64 {
        self.0
    }
}

impl FromStr for Size {
    type Err = Error;

    /// Reads an integer as Git does, with `k`, `m` or `g` for powers of 1024.
    ///
    /// Refuses what is negative or more than 2⁶³ - 1 bytes; the error names the text.
    fn from_str(text: &str) -> Result<Self> {
        parse_integer(text)
            .and_then(|bytes| u64::try_from(bytes).ok())
            .map(Self)
            .with_context(|| format!("not a size: {text:?}"))
    }
}

impl fmt::Display for Size {
    /// Short, for people, with at most one decimal: `12 B`, `1.5 KiB`, `32 MiB`. Not meant to be
    /// read again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 1024 {
            return write!(f, "{} B", self.0);
        }
        let mut unit = 1_u128;
        let mut tenths = 0;
        for name in UNITS {
            unit *= 1024;
            // Rounded before the unit is chosen: 1024 KiB less one byte is 1 MiB.
            tenths = (u128::from(self.0) * 10 + unit / 2) / unit;
            if tenths < 10 * 1024 {
                return write_tenths(f, tenths, name);
            }
        }
        write_tenths(f, tenths, "EiB")
    }
}

/// Writes a number of tenths with its unit, and without the decimal where that is 0.
fn write_tenths(f: &mut fmt::Formatter<'_>, tenths: u128, unit: &str) -> fmt::Result {
    match (tenths / 10, tenths % 10) {
        (whole, 0) => write!(f, "{whole} {unit}"),
        (whole, tenth) => write!(f, "{whole}.{tenth} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_units() {
        let read = [
            ("0", 0),
            ("12", 12),
            ("1k", 1024),
            ("32m", 32 << 20),
            ("32M", 32 << 20),
            ("2g", 2 << 30),
            ("9223372036854775807", i64::MAX as u64),
        ];
        for (text, bytes) in read {
            assert_eq!(text.parse::<Size>().unwrap().bytes(), bytes, "{text}");
        }
    }

    #[test]
    fn malformed_sizes_are_refused() {
        let malformed = [
            "",
            "m",
            "-1",
            "-1k",
            "1.5m",
            "32 m",
            "32mb",
            "32MiB",
            "1t",
            "lots",
            "9223372036854775808",
            "99999999999g",
        ];
        for text in malformed {
            let error = text.parse::<Size>().unwrap_err().to_string();
            assert!(error.starts_with("not a size: "), "{error}");
        }
    }

    #[test]
    fn sizes_are_printed_short() {
        let printed = [
            (0, "0 B"),
            (12, "12 B"),
            (1023, "1023 B"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (32 << 20, "32 MiB"),
            ((1 << 20) - 1, "1 MiB"),
            ((1 << 20) - 60 * 1024, "964 KiB"),
            (5 << 40, "5 TiB"),
            (u64::MAX, "16 EiB"),
        ];
        for (bytes, text) in printed {
            assert_eq!(Size::from_bytes(bytes).to_string(), text);
        }
    }
}
