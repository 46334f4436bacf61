//! Which of the blobs that lines name are there.
//!
//! Git says 'missing' of what it can't read just now as well. A version is dropped from its day only if it is
//! proven absent: no file of that name where it could be, every folder on the way answers, and every pack can
//! be opened. Whatever else it is, the day waits.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::git::Sealed;
use super::packs;

/// What can't be taken for a blob's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lack {
    Absent,
    /// It is there, and isn't what its name says.
    Damaged,
    Unreadable(String),
}

/// The ids that can't be taken; all others that were asked about can.
pub(super) type Lacks = BTreeMap<String, Lack>;

/// Looks for all of `ids`; `packed` are those that the vault's own packs hold.
pub(super) fn look(
    git: &Sealed,
    ids: &BTreeSet<String>,
    packed: &HashSet<String>,
) -> Result<Lacks> {
    let asked: Vec<&String> = ids.iter().filter(|id| !packed.contains(*id)).collect();
    let mut lacks = Lacks::new();
    if asked.is_empty() {
        return Ok(lacks);
    }
    let input: String = asked.iter().flat_map(|id| [id.as_str(), "\n"]).collect();
    let format = "--batch-check=%(objectname) %(objecttype)";
    let answer = git.feed(["cat-file", format], input.into_bytes())?;
    let answer = String::from_utf8_lossy(&answer);
    let present: HashSet<&str> =
        answer.lines().filter_map(|line| line.strip_suffix(" blob")).collect();
    let lacking: Vec<&String> =
        asked.into_iter().filter(|id| !present.contains(id.as_str())).collect();
    let unreadable = match lacking.is_empty() {
        true => None,
        false => packs::unreadable(git).err().map(|error| error.to_string()),
    };
    for id in lacking {
        let lack = unreadable.clone().map_or_else(|| prove(git, id), Lack::Unreadable);
        lacks.insert(id.clone(), lack);
    }
    Ok(lacks)
}

/// Where a loose object can be: lent by `bak/new`, or the vault's own.
pub(super) fn loose(git: &Sealed, id: &str) -> [PathBuf; 2] {
    let (folder, name) = id.split_at(2.min(id.len()));
    let bak = git.git_dir().parent().unwrap_or(Path::new(""));
    [bak.join("new"), git.git_dir().join("objects")].map(|place| place.join(folder).join(name))
}

fn prove(git: &Sealed, id: &str) -> Lack {
    for place in loose(git, id) {
        let lack = match place.symlink_metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => unreadable(&place, &error),
            Ok(_) => File::open(&place).map_or_else(|e| unreadable(&place, &e), |_| Lack::Damaged),
        };
        return lack;
    }
    Lack::Absent
}

fn unreadable(place: &Path, error: &io::Error) -> Lack {
    Lack::Unreadable(format!("{}: {error}", place.display()))
}
