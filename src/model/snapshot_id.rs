//! The folder of one snapshot in the vault: `20251106/20/1045-1@name`.

use std::fmt;
use std::str::FromStr;

use anyhow::{Error, Result, anyhow};

use super::timestamp::Timestamp;

/// What marks the folder of the working-tree versions.
///
/// It stands before the `@`: a linked worktree may itself be called `foo-worktree`, so behind its
/// name nobody could tell the mark from the name.
const WORKTREE_MARK: &[u8] = b"-worktree";

/// Which snapshot: when, the how-manieth of that second, and of which worktree.
///
/// Ordered by time, then by ordinal, so that the greatest is the newest; then by worktree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapshotId {
    /// When it was made, local time.
    pub time: Timestamp,
    /// Which of several in the same second; 0, which isn't written, is the first.
    pub ordinal: u32,
    /// The name of the linked worktree it is of, as bytes and not empty; `None` is the main
    /// worktree.
    pub worktree: Option<Vec<u8>>,
}

/// Which of a snapshot's two folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FolderKind {
    /// The one version of a path, or the staged one of two.
    Main,
    /// The working-tree version of a path that has two.
    Worktree,
}

impl SnapshotId {
    /// The first level of the vault, `YYYYMMDD`.
    pub fn day(&self) -> String {
        self.time.day()
    }

    /// The second level of the vault, `HH`.
    pub fn hour(&self) -> String {
        self.time.hour()
    }

    /// The name of the main folder on the third level: `MMSS[-N][@<worktree>]`.
    pub fn folder(&self) -> Vec<u8> {
        self.folder_with(b"")
    }

    /// The name of the folder for working-tree versions: `MMSS[-N]-worktree[@<worktree>]`.
    pub fn worktree_folder(&self) -> Vec<u8> {
        self.folder_with(WORKTREE_MARK)
    }

    fn folder_with(&self, mark: &[u8]) -> Vec<u8> {
        let mut folder = self.time.minute_second().into_bytes();
        if self.ordinal > 0 {
            folder.extend(format!("-{}", self.ordinal).bytes());
        }
        folder.extend(mark);
        if let Some(worktree) = &self.worktree {
            folder.push(b'@');
            folder.extend(worktree);
        }
        folder
    }
}

impl fmt::Display for SnapshotId {
    /// The path of the main folder. Lossy where a worktree's name isn't UTF-8.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folder = self.folder();
        let folder = String::from_utf8_lossy(&folder);
        write!(f, "{}/{}/{folder}", self.day(), self.hour())
    }
}

impl FromStr for SnapshotId {
    type Err = Error;

    /// Reads the path of a snapshot's main folder; the error names the text.
    fn from_str(text: &str) -> Result<Self> {
        let mut parts = text.splitn(3, '/').map(str::as_bytes);
        let mut part = || parts.next().unwrap_or_default();
        match parse_folder(part(), part(), part()) {
            Some((id, FolderKind::Main)) => Ok(id),
            _ => Err(anyhow!("not a snapshot: {text:?}")),
        }
    }
}

/// Reads the names of the three levels of folders, strictly: what another program put into the
/// vault is never taken for a snapshot. `None` unless day, hour, minute and second are a real
/// time, a number has no leading zeros and is not 0, and a worktree's name is not empty.
pub fn parse_folder(day: &[u8], hour: &[u8], folder: &[u8]) -> Option<(SnapshotId, FolderKind)> {
    let (fixed, worktree) = split_worktree(folder)?;
    let (fixed, kind) = match fixed.strip_suffix(WORKTREE_MARK) {
        Some(rest) => (rest, FolderKind::Worktree),
        None => (fixed, FolderKind::Main),
    };
    let (minute_second, number) = fixed.split_at_checked(4)?;
    let id = SnapshotId {
        time: parse_time(day, hour, minute_second)?,
        ordinal: parse_ordinal(number)?,
        worktree: worktree.map(<[u8]>::to_vec),
    };
    Some((id, kind))
}

/// Splits at the first `@`. What stands before it never contains one, a worktree's name may.
fn split_worktree(folder: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    let Some(at) = folder.iter().position(|&byte| byte == b'@') else {
        return Some((folder, None));
    };
    let name = &folder[at + 1..];
    let can_be_a_name = !name.is_empty() && !name.contains(&b'/') && !name.contains(&0);
    can_be_a_name.then_some((&folder[..at], Some(name)))
}

fn parse_time(day: &[u8], hour: &[u8], minute_second: &[u8]) -> Option<Timestamp> {
    if (day.len(), hour.len()) != (8, 2) {
        return None;
    }
    Timestamp::parse_bytes(&[day, b"_", hour, minute_second].concat())
}

/// Reads nothing as 0, and `-N` as N.
fn parse_ordinal(number: &[u8]) -> Option<u32> {
    if number.is_empty() {
        return Some(0);
    }
    let digits = number.strip_prefix(b"-")?;
    if digits.starts_with(b"0") || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(ordinal: u32, worktree: Option<&[u8]>) -> SnapshotId {
        SnapshotId {
            time: "20251106_201045".parse().unwrap(),
            ordinal,
            worktree: worktree.map(<[u8]>::to_vec),
        }
    }

    fn parse(folder: &[u8]) -> Option<(SnapshotId, FolderKind)> {
        parse_folder(b"20251106", b"20", folder)
    }

    #[test]
    fn a_snapshot_has_two_folders_below_its_day_and_hour() {
        let plain = id(0, None);
        assert_eq!((plain.day().as_str(), plain.hour().as_str()), ("20251106", "20"));
        assert_eq!(plain.folder(), b"1045");
        assert_eq!(plain.worktree_folder(), b"1045-worktree");
        let full = id(1, Some(b"name"));
        assert_eq!(full.folder(), b"1045-1@name");
        assert_eq!(full.worktree_folder(), b"1045-1-worktree@name");
    }

    #[test]
    fn what_is_written_is_read_again_whatever_the_worktree_is_called() {
        let names: [Option<&[u8]>; 12] = [
            None,
            Some(b"name"),
            Some(b"foo-worktree"),
            Some(b"-worktree"),
            Some(b"-1"),
            Some(b"@"),
            Some(b"a@b"),
            Some(b"@1045-1-worktree@x"),
            Some(b"1045"),
            Some(b"with space\n"),
            Some(b"\xff\xfe"),
            Some(b"."),
        ];
        for name in names {
            for ordinal in [0, 1, 10, u32::MAX] {
                let id = id(ordinal, name);
                assert_eq!(parse(&id.folder()), Some((id.clone(), FolderKind::Main)));
                assert_eq!(parse(&id.worktree_folder()), Some((id.clone(), FolderKind::Worktree)));
            }
        }
    }

    #[test]
    fn the_two_folders_of_different_worktrees_never_meet() {
        let linked = id(0, Some(b"foo"));
        let alike = id(0, Some(b"foo-worktree"));
        assert_ne!(linked.worktree_folder(), alike.folder());
    }

    #[test]
    fn foreign_folders_are_refused() {
        let foreign: [(&[u8], &str); 22] = [
            (b"", "empty"),
            (b"104", "a digit short"),
            (b"10455", "a digit long"),
            (b"6045", "minute 60"),
            (b"1060", "second 60"),
            (b"10a5", "a letter"),
            (b"1045-", "no number"),
            (b"1045-0", "number zero"),
            (b"1045-01", "a leading zero"),
            (b"1045-+1", "a sign"),
            (b"1045--1", "two dashes"),
            (b"1045-4294967296", "a number too large"),
            (b"1045-1-2", "two numbers"),
            (b"1045-worktree-1", "the mark before the number"),
            (b"1045-worktree-worktree", "the mark twice"),
            (b"1045-Worktree", "the mark in capitals"),
            (b"-worktree", "the mark alone"),
            (b"1045@", "an empty worktree"),
            (b"1045-worktree@", "an empty worktree behind the mark"),
            (b"@name", "a worktree alone"),
            (b"1045@a/b", "a path"),
            (b"1045@a\0b", "a NUL"),
        ];
        for (folder, why) in foreign {
            assert_eq!(parse(folder), None, "{why}");
        }
    }

    #[test]
    fn foreign_days_and_hours_are_refused() {
        let foreign: [(&[u8], &[u8]); 8] = [
            (b"20251306", b"20"),
            (b"20251106", b"24"),
            (b"2025110", b"20"),
            (b"2025110", b"620"),
            (b"20251106", b"2"),
            (b"20251106_", b"20"),
            (b"", b""),
            (b"HEAD", b"20"),
        ];
        for (day, hour) in foreign {
            assert_eq!(parse_folder(day, hour, b"1045"), None);
        }
    }

    #[test]
    fn the_greatest_is_the_newest() {
        let mut later = id(0, None);
        later.time = later.time.next_second();
        assert!(id(2, None) < id(10, None));
        assert!(id(10, Some(b"name")) < later);
    }

    #[test]
    fn a_path_is_printed_and_read_again() {
        for text in ["20251106/20/1045", "20251106/20/1045-1@name", "20251106/20/1045@é"] {
            assert_eq!(text.parse::<SnapshotId>().unwrap().to_string(), text);
        }
        assert_eq!(id(0, Some(b"\xff")).to_string(), "20251106/20/1045@\u{fffd}");
    }

    #[test]
    fn malformed_paths_are_refused_by_name() {
        for text in [
            "",
            "20251106",
            "20251106/20",
            "20251106/20/",
            "/20251106/20/1045",
            "20251106/20/1045/",
            "20251106/20/1045-worktree",
        ] {
            let error = text.parse::<SnapshotId>().unwrap_err().to_string();
            assert_eq!(error, format!("not a snapshot: {text:?}"));
        }
    }
}
