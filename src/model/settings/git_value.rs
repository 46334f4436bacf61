//! Integers and booleans as Git reads them from its configuration (`git-config`, 'Values').

/// Reads an integer as Git does: decimal, `0x` hexadecimal or `0` octal, an optional sign, and an
/// optional `k`, `m` or `g` in either case for times 1024, 1024² or 1024³.
///
/// `None` for anything else, and for what 64 bits can't hold.
pub fn parse_integer(text: &str) -> Option<i64> {
    let text = text.trim_start_matches(|c: char| c.is_ascii_whitespace());
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, text) = split_radix(text);
    let end = text.find(|c: char| !c.is_digit(radix)).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let value = i64::from_str_radix(digits, radix).ok()?;
    let value = value.checked_mul(factor(unit)?)?;
    Some(if negative { -value } else { value })
}

/// Reads a boolean as Git does: a key without a value is true, an empty value false; `true`,
/// `yes`, `on`, `false`, `no`, `off` in any case; an integer of 32 bits is true unless it is 0.
///
/// `None` for anything else.
pub fn parse_bool(value: Option<&str>) -> Option<bool> {
    let Some(text) = value else {
        return Some(true);
    };
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "" | "false" | "no" | "off" => Some(false),
        _ => Some(i32::try_from(parse_integer(text)?).ok()? != 0),
    }
}

/// The radix that a number's first characters ask for, and what follows them. The zero of an octal
/// number stays: it is a digit, and may be all there is.
fn split_radix(text: &str) -> (u32, &str) {
    if let Some(rest) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        (16, rest)
    } else if text.starts_with('0') {
        (8, text)
    } else {
        (10, text)
    }
}

fn factor(unit: &str) -> Option<i64> {
    match unit {
        "" => Some(1),
        "k" | "K" => Some(1 << 10),
        "m" | "M" => Some(1 << 20),
        "g" | "G" => Some(1 << 30),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `git config --type=int` said to each of these.
    #[test]
    fn integers_are_read_as_git_reads_them() {
        let read = [
            ("0", 0),
            ("-1", -1),
            ("+5", 5),
            (" 7", 7),
            ("0x1f", 31),
            ("0X1Fk", 31 * 1024),
            ("010", 8),
            ("1k", 1024),
            ("-1k", -1024),
            ("3m", 3 << 20),
            ("1G", 1 << 30),
            ("99999999999", 99_999_999_999),
            ("9223372036854775807", i64::MAX),
        ];
        for (text, value) in read {
            assert_eq!(parse_integer(text), Some(value), "{text}");
        }
    }

    #[test]
    fn malformed_integers_are_refused() {
        let malformed = [
            "", " ", "-", "+", "7 ", "yes", "0x", "08", "1.5", "2kb", "2t", "k", "--1", "1_000",
            "٣", "- 1",
        ];
        for text in malformed {
            assert_eq!(parse_integer(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_64_bits_can_not_hold_is_refused() {
        for text in
            ["9223372036854775808", "99999999999999999999", "9007199254740992k", "8589934592g"]
        {
            assert_eq!(parse_integer(text), None, "{text}");
        }
    }

    #[test]
    fn booleans_are_read_as_git_reads_them() {
        for value in
            [None, Some("true"), Some("YES"), Some("oN"), Some("1"), Some("-1"), Some("1k")]
        {
            assert_eq!(parse_bool(value), Some(true), "{value:?}");
        }
        for text in ["", "false", "No", "OFF", "0", "0x0", "-0"] {
            assert_eq!(parse_bool(Some(text)), Some(false), "{text:?}");
        }
    }

    #[test]
    fn malformed_booleans_are_refused() {
        for text in
            ["y", "n", "maybe", " true", "true ", "2kb", "99999999999", "99999999999999999999"]
        {
            assert_eq!(parse_bool(Some(text)), None, "{text:?}");
        }
    }
}
