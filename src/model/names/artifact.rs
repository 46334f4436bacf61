//! The 8 characters at the end of a backup's name: which content, or which upgrade, it belongs to.

use std::fmt;
use std::str::FromStr;

use anyhow::{Error, Result, anyhow, ensure};

/// An artifact id: exactly 8 of `[0-9A-Za-z]`.
///
/// Upper and lower case differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArtifactId([u8; 8]);

impl ArtifactId {
    /// The number of characters of an artifact id.
    pub const LENGTH: usize = 8;

    /// Reads exactly 8 bytes of `[0-9A-Za-z]`, else `None`.
    pub fn parse_bytes(text: &[u8]) -> Option<Self> {
        let id: [u8; 8] = text.try_into().ok()?;
        id.iter().all(u8::is_ascii_alphanumeric).then_some(Self(id))
    }

    /// The artifact id of a blob: the first 8 digits of its id in hexadecimal, in lower case.
    ///
    /// `None` for what is shorter or has another character than a hexadecimal digit. So a backup
    /// can be proved with `git hash-object --no-filters`.
    pub fn of_blob(hex: &str) -> Option<Self> {
        if !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        Self::parse_bytes(&hex.as_bytes().get(..Self::LENGTH)?.to_ascii_lowercase())
    }

    /// The artifact id of an upgrade: the first 8 characters of the upgrade's own id.
    ///
    /// # Errors
    /// When the id has fewer than 8 characters, or others than `[0-9A-Za-z]` among the first 8;
    /// the error names the id. What follows them may be anything.
    pub fn from_upgrade_id(id: &str) -> Result<Self> {
        let start: String = id.chars().take(Self::LENGTH).collect();
        ensure!(
            start.chars().count() == Self::LENGTH,
            "artifact id is shorter than 8 characters: {id:?}"
        );
        Self::parse_bytes(start.as_bytes()).ok_or_else(|| {
            anyhow!(
                "artifact id has other characters than letters and digits in its first 8: {id:?}"
            )
        })
    }

    /// The 8 ASCII characters.
    pub fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Display for ArtifactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Only ASCII ever gets in, so nothing is lost here.
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

impl FromStr for ArtifactId {
    type Err = Error;

    /// Reads exactly 8 of `[0-9A-Za-z]`; the error names the text that isn't one.
    fn from_str(text: &str) -> Result<Self> {
        Self::parse_bytes(text.as_bytes())
            .ok_or_else(|| anyhow!("not an artifact id (8 letters and digits): {text:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_printed_again() {
        for text in ["abc12345", "00000000", "zZ9aA0zz"] {
            assert_eq!(text.parse::<ArtifactId>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn malformed_ids_are_refused() {
        let malformed = [
            "",
            "abc1234",
            "abc123456",
            "abc-1234",
            "abc_1234",
            "abc 1234",
            "abc.1234",
            "abcé123",
            "abc/1234",
            "abc1234\n",
        ];
        for text in malformed {
            assert!(text.parse::<ArtifactId>().is_err(), "{text:?}");
        }
        assert_eq!(ArtifactId::parse_bytes(b"abc\0\x31234"), None);
        assert_eq!(ArtifactId::parse_bytes(b"abc\xff1234"), None);
    }

    #[test]
    fn case_makes_a_difference() {
        assert_ne!("ABC12345".parse::<ArtifactId>().unwrap(), "abc12345".parse().unwrap());
    }

    #[test]
    fn a_blob_gives_its_first_eight_digits() {
        let hex = "E69DE29bb2d1d6434b8b29ae775ad8c2e48c5391";
        assert_eq!(ArtifactId::of_blob(hex).unwrap().to_string(), "e69de29b");
    }

    #[test]
    fn what_is_no_blob_id_gives_none() {
        for hex in ["", "e69de29", "e69de29g", "e69de29bb2d1x", "é69de29bb2d1"] {
            assert_eq!(ArtifactId::of_blob(hex), None, "{hex}");
        }
    }

    #[test]
    fn an_upgrade_gives_its_first_eight_characters() {
        for id in ["abc12345", "abc12345-6789-€", "abc12345/../x"] {
            assert_eq!(ArtifactId::from_upgrade_id(id).unwrap().to_string(), "abc12345");
        }
    }

    #[test]
    fn a_short_or_odd_upgrade_id_is_refused_by_name() {
        for id in ["", "abc", "abc1234", "é2345", "abc-12345", "../../..", "é2345678"] {
            let error = ArtifactId::from_upgrade_id(id).unwrap_err().to_string();
            assert!(error.contains(id), "{error}");
        }
    }

    #[test]
    fn too_short_counts_characters_and_not_bytes() {
        let error = ArtifactId::from_upgrade_id("éééé").unwrap_err().to_string();
        assert!(error.contains("shorter"), "{error}");
    }
}
