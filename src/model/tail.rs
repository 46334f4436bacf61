//! The tail of what a command prints, as far as it is kept: the last 64 KiB, without secrets.

use std::ffi::OsStr;

/// How much is kept, in bytes.
pub const MOST: usize = 64 << 10;
/// How much more is kept until the secrets are taken out: one that is cut in two is none to find.
const SPARE: usize = 16 << 10;
/// Shorter values are words like any other ("1", "yes", "test").
const SHORTEST: usize = 6;
/// What the names of variables have in them whose values nobody else is to see.
const SECRET_WORDS: [&str; 9] = [
    "TOKEN",
    "SECRET",
    "PASSW",
    "PASSPHRASE",
    "CREDENTIAL",
    "API_KEY",
    "APIKEY",
    "PRIVATE",
    "AUTH",
];

#[derive(Debug, Clone, Default)]
pub struct Tail {
    bytes: Vec<u8>,
    cut: bool,
}

impl Tail {
    pub fn push(&mut self, more: &[u8]) {
        self.bytes.extend_from_slice(more);
        let most = MOST + SPARE;
        // Cut now and then, not with every piece.
        if self.bytes.len() > 2 * most {
            self.bytes.drain(..self.bytes.len() - most);
            self.cut = true;
        }
    }

    /// The last 64 KiB at most, with every one of `secrets` replaced by `***`.
    pub fn without(&self, secrets: &[Vec<u8>]) -> Vec<u8> {
        let start = self.bytes.len().saturating_sub(MOST + SPARE);
        let cut = self.cut || start > 0;
        let mut text = self.bytes.get(start..).unwrap_or_default().to_vec();
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            text = replaced(&text, secret);
        }
        if cut {
            // What is left of a secret that was cut lies at the start, and the start goes.
            text.drain(..text.len().min(SPARE));
        }
        text.drain(..text.len().saturating_sub(MOST));
        text
    }
}

/// The values among these variables that are secrets, to go by their names; the longest first, for one
/// may be a part of another.
pub fn secrets<'a>(variables: impl Iterator<Item = (&'a OsStr, &'a OsStr)>) -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = variables
        .filter(|(name, _)| is_secret(&name.to_string_lossy()))
        .map(|(_, value)| value.as_encoded_bytes().trim_ascii().to_vec())
        .filter(|value| value.len() >= SHORTEST)
        .collect();
    found.sort_by_key(|value| std::cmp::Reverse(value.len()));
    found
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    // A path to a socket or a file is none.
    let leads_to_one = ["_SOCK", "_FILE", "_PATH", "_DIR", "_AUTHOR"];
    !leads_to_one.iter().any(|end| name.ends_with(end))
        && !name.starts_with("GIT_AUTHOR_")
        && (name.ends_with("_KEY") || SECRET_WORDS.iter().any(|word| name.contains(word)))
}

fn replaced(text: &[u8], secret: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(secret) {
            out.extend_from_slice(b"***");
            at += secret.len();
        } else {
            out.push(rest[0]);
            at += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&'static str, &'static str)]) -> Vec<Vec<u8>> {
        secrets(variables.iter().map(|(name, value)| (OsStr::new(name), OsStr::new(value))))
    }

    #[test]
    fn what_is_short_is_kept_whole() {
        let mut tail = Tail::default();
        tail.push(b"one\n");
        tail.push(b"two\n");
        assert_eq!(tail.without(&[]), b"one\ntwo\n");
    }

    #[test]
    fn of_much_the_last_64_kib_are_kept() {
        let mut tail = Tail::default();
        for number in 0..100_000 {
            tail.push(format!("{number}\n").as_bytes());
        }
        let kept = tail.without(&[]);
        assert!(kept.len() <= MOST && kept.ends_with(b"99998\n99999\n"), "{}", kept.len());
        assert!(kept.len() > MOST / 2);
    }

    #[test]
    fn secrets_are_taken_out_and_none_is_left_in_half() {
        let secrets = of(&[("MY_TOKEN", "hunter22"), ("DB_PASSWORD", "hunter22-and-more")]);
        let mut tail = Tail::default();
        for _ in 0..20_000 {
            tail.push(b"hunter22-and-more hunter22 ");
        }
        let text = String::from_utf8(tail.without(&secrets)).unwrap();
        assert!(text.contains("*** ***") && !text.contains("hunter"), "{}", &text[..60]);
        assert!(!text.contains("and-more"));
    }

    #[test]
    fn secrets_are_known_by_their_variables_names() {
        let secret =
            ["GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "PGPASSWORD", "npm_config_authtoken"];
        for name in secret {
            assert_eq!(secrets([(OsStr::new(name), OsStr::new("abcdefgh"))].into_iter()).len(), 1);
        }
        for name in ["HOME", "SSH_AUTH_SOCK", "GIT_AUTHOR_NAME", "KEYBOARD", "PWD"] {
            assert!(secrets([(OsStr::new(name), OsStr::new("abcdefgh"))].into_iter()).is_empty());
        }
        assert!(of(&[("A_TOKEN", "yes")]).is_empty(), "a short word is no secret to search for");
    }
}
