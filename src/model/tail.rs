//! The tail of what a command prints, as far as it is kept: the last 64 KiB, without secrets.

use std::collections::HashSet;
use std::ffi::OsStr;

/// How much is kept, in bytes.
pub const MOST: usize = 64 << 10;
/// How much more is kept until the secrets are taken out: one that is cut in two would not be found.
const SPARE: usize = 16 << 10;
/// Shorter values are words like any other ("1", "yes", "test").
const SHORTEST: usize = 6;
/// A line of a value of several lines (a key) is searched for by itself if it is as long as this.
const LINE: usize = 16;
/// Variables whose values are no secret, in words. Any other variable may hold one.
const HARMLESS: &str = "_ CI COLORTERM COLUMNS COMPUTERNAME COMSPEC DISPLAY EDITOR GIT_DIR GIT_EDITOR GIT_INDEX_FILE \
    GIT_PAGER GIT_PREFIX GIT_WORK_TREE HOME HOMEDRIVE HOMEPATH HOST HOSTNAME HOSTTYPE IFS LANG LANGUAGE LESS LINES LOGNAME \
    LS_COLORS MACHTYPE MAIL NODE_ENV NUMBER_OF_PROCESSORS OLDPWD OS OSTYPE PAGER PATH PATHEXT PROCESSOR_ARCHITECTURE \
    PROGRAMDATA PROGRAMFILES PS1 PS2 PWD SESSIONNAME SHELL SHLVL SSH_CLIENT SSH_CONNECTION SSH_TTY SYSTEMDRIVE SYSTEMROOT \
    TEMP TERM TERM_PROGRAM TERM_PROGRAM_VERSION TMP TMPDIR TZ USER USERDOMAIN USERNAME USERPROFILE VISUAL WINDIR";
/// How the names of others like them begin.
const HARMLESS_STARTS: [&str; 5] = ["GIT_AUTHOR_", "GIT_BAK", "GIT_COMMITTER_", "LC_", "XDG_"];
/// Values that are words like any other, though they are longer.
const PLAIN: &str = "always auto default debug dialog disabled development enabled localhost noninteractive production readline \
    release staging strict testing unknown unlimited verbose warning x86_64 aarch64";

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

    /// The last 64 KiB at most, with every one of `secrets`, and the user in every URL, replaced by `***`.
    pub fn without(&self, secrets: &[Vec<u8>]) -> Vec<u8> {
        let start = self.bytes.len().saturating_sub(MOST + SPARE);
        let cut = self.cut || start > 0;
        let mut text = self.bytes.get(start..).unwrap_or_default().to_vec();
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            text = replaced(&text, secret);
        }
        text = without_users(&text);
        if cut {
            // What is left of a secret that was cut lies at the start, and the start goes.
            text.drain(..text.len().min(SPARE));
        }
        text.drain(..text.len().saturating_sub(MOST));
        text
    }
}

/// The values among these variables that may be meant for the user alone: all but those of harmless names, plain words
/// and what `is_path` knows as a path; the longest first, for one may be a part of another.
pub fn secrets<'a>(
    variables: impl Iterator<Item = (&'a OsStr, &'a OsStr)>,
    is_path: impl Fn(&OsStr) -> bool,
) -> Vec<Vec<u8>> {
    let (harmless, others): (Vec<_>, Vec<_>) =
        variables.partition(|(name, _)| is_harmless(&name.to_string_lossy()));
    // What a harmless one says as well is no secret.
    let said: HashSet<&OsStr> = harmless.into_iter().map(|(_, value)| value).collect();
    let mut found = HashSet::new();
    for (_, value) in others.iter().filter(|(_, value)| !said.contains(value) && !is_path(value)) {
        let value = value.as_encoded_bytes().trim_ascii();
        let lines = value.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
        found.extend(lines.filter(|line| line.len() >= LINE).map(<[u8]>::to_vec));
        found.extend(user_of(value, 0).and_then(|(user, _)| {
            let colon = user.iter().position(|&byte| byte == b':')?;
            user.get(colon + 1..).map(<[u8]>::to_vec)
        }));
        found.insert(value.to_vec());
    }
    found.retain(|value| value.len() >= SHORTEST && !is_plain(value));
    let behind: Vec<Vec<u8>> = others
        .iter()
        .filter(|(_, value)| !found.contains(value.as_encoded_bytes().trim_ascii()))
        .flat_map(|(name, value)| behind_name(name, value))
        .collect();
    let mut found: Vec<Vec<u8>> = found.into_iter().chain(behind).collect();
    found.sort_by_key(|value| std::cmp::Reverse(value.len()));
    found
}

/// A value that is too plain to search for, with its name before it, as shells print it.
fn behind_name(name: &OsStr, value: &OsStr) -> impl Iterator<Item = Vec<u8>> {
    let (name, value) = (name.as_encoded_bytes(), value.as_encoded_bytes());
    let quotes = [&b""[..], b"'", b"\""].into_iter().filter(|_| !value.is_empty());
    quotes.map(move |quote| [name, b"=", quote, value, quote].concat())
}

fn is_harmless(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    HARMLESS.split_ascii_whitespace().any(|known| known == name)
        || HARMLESS_STARTS.iter().any(|start| name.starts_with(start))
}

/// A word that is no secret to search for, or nothing but one character again and again.
fn is_plain(value: &[u8]) -> bool {
    let first = value.first();
    PLAIN.split_ascii_whitespace().any(|word| value.eq_ignore_ascii_case(word.as_bytes()))
        || value.iter().all(|byte| Some(byte) == first)
}

/// The user (and password) in the first URL at or after `from`, and where the rest of it begins.
fn user_of(text: &[u8], from: usize) -> Option<(&[u8], usize)> {
    let rest = text.get(from..)?;
    let start = from + rest.windows(3).position(|three| three == b"://")? + 3;
    let url = text.get(start..)?;
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"/?#\"'<>`\0".contains(byte);
    let host = url.get(..url.iter().position(ends).unwrap_or(url.len()))?;
    let at = host.iter().rposition(|&byte| byte == b'@').unwrap_or(0);
    Some((host.get(..at)?, start))
}

/// Every URL without the user and password in it.
fn without_users(text: &[u8]) -> Vec<u8> {
    let (mut out, mut done) = (Vec::with_capacity(text.len()), 0);
    while let Some((user, start)) = user_of(text, done) {
        out.extend_from_slice(text.get(done..start).unwrap_or_default());
        if !user.is_empty() {
            out.extend_from_slice(b"***");
        }
        done = start + user.len();
    }
    out.extend_from_slice(text.get(done..).unwrap_or_default());
    out
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
        let pairs = variables.iter().map(|(name, value)| (OsStr::new(name), OsStr::new(value)));
        secrets(pairs, |value| value == "/usr/share")
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
    fn every_value_is_a_secret_but_those_of_harmless_names() {
        for name in ["GITHUB_PAT", "DB_PASS", "MYSQL_PWD", "STRIPE_SK", "CREDS", "npm_config__auth"]
        {
            assert_eq!(of(&[(name, "abcdefgh")]), [b"abcdefgh"], "{name}");
        }
        for name in ["HOME", "LC_ALL", "GIT_AUTHOR_NAME", "XDG_CONFIG_HOME", "Path", "PWD"] {
            assert!(of(&[(name, "abcdefgh")]).is_empty(), "{name}");
        }
        for value in ["yes", "production", "------", "/usr/share"] {
            let [double, single, none] = of(&[("A_TOKEN", value)]).try_into().unwrap();
            assert_eq!(none, format!("A_TOKEN={value}").into_bytes(), "not by itself");
            let quoted = [format!("A_TOKEN='{value}'"), format!("A_TOKEN=\"{value}\"")];
            assert!([single, double].iter().all(|it| quoted.iter().any(|q| q.as_bytes() == it)));
        }
        assert!(of(&[("A_TOKEN", "")]).is_empty());
        let both = of(&[("USER", "somebody"), ("MY_NAME", "somebody")]);
        assert!(!both.contains(&b"somebody".to_vec()));
    }

    #[test]
    fn a_password_in_a_url_and_the_lines_of_a_key_are_secrets_by_themselves() {
        assert!(of(&[("DB", "pg://me:hunter22@h/d")]).contains(&b"hunter22".to_vec()));
        let key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\nab==\n-----END KEY-----";
        assert!(of(&[("SSH_KEY", key)]).contains(&b"MIIEvQIBADANBgkqhkiG".to_vec()));
    }

    #[test]
    fn users_and_passwords_in_urls_are_taken_out() {
        for (text, wanted) in [
            ("to https://me:pa@ss@host/x@y.", "to https://***@host/x@y."),
            ("'ssh://git@h' http://h:80/ a://b@", "'ssh://***@h' http://h:80/ a://***@"),
            ("mail me@host ://", "mail me@host ://"),
        ] {
            assert_eq!(String::from_utf8(without_users(text.as_bytes())).unwrap(), wanted);
        }
    }
}
