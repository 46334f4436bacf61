//! The names of backups: `stt_listener.py.bak.20251106_201045.abc12345`.
//!
//! Only the file name, never a path. What doesn't parse here is not a backup of ours, and nothing
//! else may be listed, retired, cleaned or ignored.

use super::artifact::ArtifactId;
use super::timestamp::Timestamp;

/// What stands between the original's name and the timestamp.
const MARK: &[u8] = b".bak.";

/// In the record, in the place of an id that would tell of the bytes.
const NO_ID: &[u8] = b".*";

/// Where a backup has its timestamp, a file that is still being written has this: it fits the
/// ignore patterns, and is no date, so it can never be taken for a backup.
const NO_TIME: &[u8] = b"00000000_000000";

/// The longest file name that the usual file systems take, in bytes.
const MAX_NAME: usize = 255;

/// How many pids the five base-36 digits of a temporary name can tell apart.
const PIDS: u32 = 36 * 36 * 36 * 36 * 36;

/// How many salts the three base-36 digits of a temporary name can tell apart.
const SALTS: u32 = 36 * 36 * 36;

/// What `info/exclude` needs so that no backup, finished or being written, is ever untracked.
///
/// As strict as ignore rules allow. They know character classes but no
/// alternatives, so a 39th day passes. `?` asks for the original to have a name; a folder of that name is
/// no backup, and the second line takes it out. The older form, which people give by hand, is theirs.
pub const IGNORE_PATTERNS: [&str; 2] = [
    "?*.bak.[0-9][0-9][0-9][0-9][01][0-9][0-3][0-9]_[0-2][0-9][0-5][0-9][0-5][0-9]\
     .[0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z]",
    "!?*.bak.[0-9][0-9][0-9][0-9][01][0-9][0-3][0-9]_[0-2][0-9][0-5][0-9][0-5][0-9]\
     .[0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z]/",
];

/// The name of a backup, taken apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BackupName {
    /// The file name of the original, as bytes: not empty, without `/` and NUL.
    pub original: Vec<u8>,
    /// The second of the snapshot, local time.
    pub time: Timestamp,
    /// Which content or upgrade it belongs to; `None` in the older form, which is read but never
    /// written, and is nothing of ours.
    pub artifact: Option<ArtifactId>,
}

impl BackupName {
    /// Takes a file name apart: `<original>.bak.<timestamp>.<artifact>`, or the older form without
    /// the artifact id. `None` for everything else.
    pub fn parse(name: &[u8]) -> Option<Self> {
        Self::parse_with_artifact(name).or_else(|| Self::parse_older(name))
    }

    /// The present form. No name has both: an artifact id contains neither `.` nor `_`.
    fn parse_with_artifact(name: &[u8]) -> Option<Self> {
        let (original, time, artifact) = split_suffix(name)?;
        Some(Self {
            original: original.to_vec(),
            time: Timestamp::parse_bytes(time)?,
            artifact: Some(ArtifactId::parse_bytes(artifact)?),
        })
    }

    /// The older form, which ends with the timestamp.
    fn parse_older(name: &[u8]) -> Option<Self> {
        let (original, time) = split_time(name)?;
        Some(Self {
            original: original.to_vec(),
            time: Timestamp::parse_bytes(time)?,
            artifact: None,
        })
    }

    /// The file name, as bytes; [`BackupName::parse`] gives the same value back.
    pub fn to_bytes(&self) -> Vec<u8> {
        let time = self.time.to_bytes();
        match &self.artifact {
            Some(artifact) => [&self.original, MARK, &time, b".", artifact.as_bytes()].concat(),
            None => [&self.original, MARK, &time].concat(),
        }
    }

    /// The name without what tells of the bytes, as the record has it of a file whose bytes must not be guessed. It
    /// never parses: no file of that name is taken for a backup.
    pub fn without_id(&self) -> Vec<u8> {
        [&self.original, MARK, &self.time.to_bytes(), NO_ID].concat()
    }

    /// Whether this is such a name.
    pub fn is_without_id(name: &[u8]) -> bool {
        let of_time = name.strip_suffix(NO_ID).and_then(Self::parse);
        of_time.is_some_and(|name| name.artifact.is_none())
    }

    /// Whether the record means this backup by `name`.
    pub fn is_called(&self, name: &[u8]) -> bool {
        let is_without_id = || self.artifact.is_some() && name == self.without_id();
        name.last() == Some(&b'*') && is_without_id() || name == self.to_bytes()
    }

    /// Whether a file system takes the name: at most 255 bytes. What doesn't fit goes to the vault
    /// alone.
    pub fn fits(&self) -> bool {
        self.to_bytes().len() <= MAX_NAME
    }

    /// Whether only we give such names: the older form is given by people, too, and so no name of ours.
    pub fn is_ours(&self) -> bool {
        self.artifact.is_some()
    }

    /// Whether this names a backup of the file called `original` in the same folder.
    pub fn is_backup_of(&self, original: &[u8]) -> bool {
        self.original == original
    }

    /// The name of the same backup with the file called `original`, if that may be the same name in other
    /// bytes: a file system that takes characters apart (HFS+) lists `e` and an accent where `é` was written.
    pub fn composed_as(&self, original: &[u8]) -> Option<Self> {
        let may_be = !original.is_ascii() && is_decomposed(&self.original);
        may_be.then(|| Self { original: original.to_vec(), ..self.clone() })
    }
}

/// A name under which a backup is being written, taken apart.
///
/// Where the writer no longer lives the file is a left-over.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Temporary {
    /// The file name of the original, as bytes.
    pub original: Vec<u8>,
    /// The writer's process id, modulo 36⁵ (60 466 176). Linux and macOS stay below that;
    /// elsewhere compare modulo the same.
    pub pid: u32,
}

impl Temporary {
    /// Takes the name of a backup that is being written apart; `None` for everything else, so for
    /// finished backups too.
    pub fn parse(name: &[u8]) -> Option<Self> {
        let (original, time, writer) = split_suffix(name)?;
        if time != NO_TIME {
            return None;
        }
        let (pid, salt) = writer.split_at_checked(5)?;
        from_base36(salt)?;
        Some(Self { original: original.to_vec(), pid: from_base36(pid)? })
    }
}

/// Whether a file of this name is a backup that we made, or are making.
pub fn is_ours(name: &[u8]) -> bool {
    BackupName::parse(name).is_some_and(|name| name.is_ours()) || Temporary::parse(name).is_some()
}

/// The name under which a backup of `original` is written before it is renamed into place:
/// `<original>.bak.00000000_000000.<8 characters>`.
///
/// The characters are `pid` in five and `salt` in three base-36 digits, each modulo what those can
/// show; the salt keeps apart what one process writes at the same time. The name is as long as
/// that of the finished backup, so where that [`fits`](BackupName::fits) this one does.
pub fn temporary_name(original: &[u8], pid: u32, salt: u32) -> Vec<u8> {
    let mut name = [original, MARK, NO_TIME, b"."].concat();
    name.extend(base36(pid % PIDS, 5));
    name.extend(base36(salt % SALTS, 3));
    name
}

/// Splits `<original>.bak.<time>.<8 bytes>`; time and end still unchecked.
fn split_suffix(name: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (rest, artifact) = name.split_at_checked(name.len().checked_sub(ArtifactId::LENGTH)?)?;
    let (original, time) = split_time(rest.strip_suffix(b".")?)?;
    Some((original, time, artifact))
}

/// Splits `<original>.bak.<time>`; the time still unchecked.
fn split_time(name: &[u8]) -> Option<(&[u8], &[u8])> {
    let (rest, time) = name.split_at_checked(name.len().checked_sub(Timestamp::LENGTH)?)?;
    let original = rest.strip_suffix(MARK)?;
    is_file_name(original).then_some((original, time))
}

/// Whether a part of a character stands by itself in it: an accent, a Japanese voice mark, a Korean vowel.
fn is_decomposed(name: &[u8]) -> bool {
    let is_part =
        |c| matches!(c, '\u{300}'..='\u{36f}' | '\u{3099}' | '\u{309a}' | '\u{1161}'..='\u{11ff}');
    !name.is_ascii() && str::from_utf8(name).is_ok_and(|name| name.contains(is_part))
}

/// Whether a file can be called this.
fn is_file_name(name: &[u8]) -> bool {
    !matches!(name, b"" | b"." | b"..") && !name.contains(&b'/') && !name.contains(&0)
}

/// The last `width` base-36 digits of `value`, lower case, with leading zeros.
fn base36(value: u32, width: u32) -> impl Iterator<Item = u8> {
    let digit = move |place| (value / 36_u32.pow(place) % 36) as u8;
    (0..width).rev().map(digit).map(|digit| match digit {
        0..=9 => b'0' + digit,
        _ => b'a' + (digit - 10),
    })
}

/// The value of up to six lower-case base-36 digits; `None` for other characters.
fn from_base36(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |value, digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'z' => digit - b'a' + 10,
            _ => return None,
        };
        value.checked_mul(36)?.checked_add(u32::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str) -> Option<BackupName> {
        BackupName::parse(name.as_bytes())
    }

    /// As much of Git's wildmatch as the patterns use: `?`, `*`, `[a-b...]`, literals.
    fn matches(pattern: &[u8], name: &[u8]) -> bool {
        match pattern {
            [] => name.is_empty(),
            [b'*', rest @ ..] => (0..=name.len()).any(|skip| matches(rest, &name[skip..])),
            [b'?', rest @ ..] => !name.is_empty() && matches(rest, &name[1..]),
            [b'[', rest @ ..] => {
                let end = rest.iter().position(|&byte| byte == b']').unwrap();
                let class = &rest[..end];
                !name.is_empty()
                    && in_class(class, name[0])
                    && matches(&rest[end + 1..], &name[1..])
            }
            [literal, rest @ ..] => name.first() == Some(literal) && matches(rest, &name[1..]),
        }
    }

    fn in_class(class: &[u8], byte: u8) -> bool {
        match class {
            [from, b'-', to, rest @ ..] => (*from..=*to).contains(&byte) || in_class(rest, byte),
            [one, rest @ ..] => *one == byte || in_class(rest, byte),
            [] => false,
        }
    }

    fn ignored(name: &[u8]) -> bool {
        matches(IGNORE_PATTERNS[0].as_bytes(), name)
    }

    #[test]
    fn a_name_is_taken_apart() {
        let name = parse("stt_listener.py.bak.20251106_201045.abc12345").unwrap();
        assert_eq!(name.original, b"stt_listener.py");
        assert_eq!(name.time.to_string(), "20251106_201045");
        assert_eq!(name.artifact.unwrap().to_string(), "abc12345");
        assert!(name.is_backup_of(b"stt_listener.py"));
        assert!(!name.is_backup_of(b"stt_listener"));
    }

    #[test]
    fn a_name_taken_apart_by_the_file_system_may_be_the_same() {
        let name = parse("e\u{301}.txt.bak.20251106_201045.abc12345").unwrap();
        let composed = name.composed_as("\u{e9}.txt".as_bytes()).unwrap();
        assert_eq!(composed.to_bytes(), "\u{e9}.txt.bak.20251106_201045.abc12345".as_bytes());
        assert_eq!(name.composed_as(b"e.txt"), None);
        assert_eq!(composed.composed_as("\u{e8}.txt".as_bytes()), None);
    }

    #[test]
    fn the_older_form_has_no_artifact() {
        let name = parse("knowledge_engine.py.bak.20251106_201530").unwrap();
        assert_eq!(name.original, b"knowledge_engine.py");
        assert_eq!(name.artifact, None);
    }

    #[test]
    fn a_backup_of_a_backup_belongs_to_the_backup() {
        let name = parse("a.bak.20251106_201045.abc12345.bak.20251107_201045.def12345").unwrap();
        assert_eq!(name.original, b"a.bak.20251106_201045.abc12345");
        let name = parse("a.bak.20251106_201045.bak.20251107_201045").unwrap();
        assert_eq!(name.original, b"a.bak.20251106_201045");
    }

    #[test]
    fn what_is_taken_apart_is_put_together_again() {
        let names: [&[u8]; 7] = [
            b"a.bak.20251106_201045.abc12345",
            b"a.bak.20251106_201045",
            b".bak.bak.20251106_201045.abc12345",
            b"....bak.20251106_201045.ABCDEFGH",
            b"with space\n.bak.20251106_201045.abc12345",
            b"\xff\xfe.bak.20251106_201045.abc12345",
            b"a.bak.20251106_201045.abc12345.bak.20251107_201045.def12345",
        ];
        for name in names {
            let parsed = BackupName::parse(name).unwrap();
            assert_eq!(parsed.to_bytes(), name);
            assert_eq!(ignored(name), parsed.is_ours());
        }
    }

    #[test]
    fn foreign_names_are_refused() {
        let foreign = [
            ("", "empty"),
            ("notes.bak.txt", "no timestamp"),
            ("dump.bak.2024", "a year alone"),
            ("a.bak.20251306_201045.abc12345", "a 13th month"),
            ("a.bak.20251106_201060.abc12345", "a 61st second"),
            ("a.bak.20251106_201045.abc1234", "an id too short"),
            ("a.bak.20251106_201045.abc123456", "an id too long"),
            ("a.bak.20251106_201045.abc-1234", "an id with a dash"),
            ("a.bak.20251106_201045.", "an empty id"),
            ("a.bak.20251106_201045abc12345", "no dot before the id"),
            ("a.bak.20251106_201045.abc12345.gz", "something behind"),
            ("a.bak.20251106_201045.abc12345 ", "a space behind"),
            ("a.BAK.20251106_201045.abc12345", "another mark"),
            ("a.bak20251106_201045.abc12345", "a mark without its dot"),
            ("abak.20251106_201045.abc12345", "a mark without its first dot"),
            (".bak.20251106_201045.abc12345", "no original"),
            (".bak.20251106_201045", "no original in the older form"),
            ("..bak.20251106_201045.abc12345", "an original called ."),
            ("...bak.20251106_201045", "an original called .."),
            ("dir/a.bak.20251106_201045.abc12345", "a path"),
            ("a\0.bak.20251106_201045.abc12345", "a NUL"),
            ("a.bak.00000000_000000.00000000", "a temporary name"),
            ("a.bak.00000000_000000", "no date in the older form"),
        ];
        for (name, why) in foreign {
            assert_eq!(parse(name), None, "{why}: {name}");
        }
    }

    #[test]
    fn a_name_fits_up_to_255_bytes() {
        let mut name = parse("a.bak.20251106_201045.abc12345").unwrap();
        name.original = vec![b'x'; 226];
        assert!(name.fits());
        name.original.push(b'x');
        assert!(!name.fits());
        name.artifact = None;
        assert!(name.fits());
    }

    #[test]
    fn a_temporary_name_is_known_by_its_writer_and_is_no_backup() {
        for (pid, salt) in [(0, 0), (1, 46_655), (4_194_304, 7), (PIDS - 1, u32::MAX)] {
            let name = temporary_name(b"a.py", pid, salt);
            let original = b"a.py".to_vec();
            assert_eq!(Temporary::parse(&name), Some(Temporary { original, pid }));
            assert_eq!(BackupName::parse(&name), None);
            assert!(ignored(&name));
        }
    }

    #[test]
    fn a_temporary_name_shows_pid_and_salt_in_base_36() {
        assert_eq!(temporary_name(b"a", 35, 36), b"a.bak.00000000_000000.0000z010");
        assert_eq!(temporary_name(b"a", PIDS + 35, SALTS + 36), temporary_name(b"a", 35, 36));
        assert_eq!(temporary_name(b"a", PIDS - 1, SALTS - 1), b"a.bak.00000000_000000.zzzzzzzz");
    }

    #[test]
    fn foreign_temporary_names_are_refused() {
        let foreign = [
            "a.bak.20251106_201045.0000z010",
            "a.bak.00000000_000000.0000Z010",
            "a.bak.00000000_000000.0000z01",
            "a.bak.00000000_000000.0000z0100",
            "a.bak.00000000_000000.0000z-10",
            "a.bak.00000000_000000.0000-010",
            "a.bak.00000000_000000",
            ".bak.00000000_000000.0000z010",
            "dir/a.bak.00000000_000000.0000z010",
        ];
        for name in foreign {
            assert_eq!(Temporary::parse(name.as_bytes()), None, "{name}");
        }
    }

    #[test]
    fn a_temporary_name_is_as_long_as_the_finished_one() {
        let finished = parse("a.bak.20251106_201045.abc12345").unwrap().to_bytes();
        assert_eq!(temporary_name(b"a", 1, 1).len(), finished.len());
    }

    #[test]
    fn every_valid_date_and_time_is_ignored() {
        let times = ["00010101_000000", "19991231_235959", "20240229_120000", "99991130_195959"];
        for time in times {
            let name = format!("a.bak.{time}.zZ9aA0zz");
            assert!(parse(&name).is_some(), "{name}");
            assert!(ignored(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn foreign_names_are_not_ignored() {
        let foreign = [
            "notes.bak.txt",
            "dump.bak.2024",
            "a.bak.20251106_201045",
            "a.bak.20252106_201045.abc12345",
            "a.bak.20251146_201045.abc12345",
            "a.bak.20251106_301045.abc12345",
            "a.bak.20251106_206045.abc12345",
            "a.bak.20251106_201060.abc12345",
            "a.bak.20251106_201045.abc1234",
            "a.bak.20251106_201045.abc-1234",
            "a.bak.20251106_201045.abc12345.gz",
            ".bak.20251106_201045.abc12345",
        ];
        for name in foreign {
            assert!(!ignored(name.as_bytes()), "{name}");
        }
    }
}
