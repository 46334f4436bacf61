//! What a disk makes of what was written: names and bytes that have arrived when the power goes, and those that haven't.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::apply::random::Random;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disk {
    Ordered,
    Loose,
}

/// One thing that was written, with all that it takes to do it again. A file is known by its inode.
#[derive(Debug, Clone)]
pub enum Deed {
    Made(PathBuf, u64),
    Folder(PathBuf),
    Linked(PathBuf, PathBuf),
    Renamed(PathBuf, PathBuf),
    Removed(PathBuf),
    Bytes(u64, u64, Vec<u8>),
    Length(u64, u64),
    /// A file or a folder; its inode and its name.
    Synced(u64, PathBuf),
}
use Deed::{Bytes, Folder, Length, Linked, Made, Removed, Renamed, Synced};

/// The bytes of a file: as they were synced last, and as they were when the power went.
pub struct Contents {
    pub safe: Vec<u8>,
    pub now: Vec<u8>,
}

impl Contents {
    pub fn arrived(mut self, random: &mut Random) -> Vec<u8> {
        let same = self.safe.iter().zip(&self.now).take_while(|(a, b)| a == b).count();
        match random.below(4) {
            0 => self.safe,
            1 => {
                self.now[same..].fill(0);
                self.now
            }
            2 => {
                let more = random.below(self.now.len() - same + 1);
                self.now.truncate((same + more).max(self.safe.len().min(self.now.len())));
                self.now
            }
            _ => self.now,
        }
    }
}

/// Up to when the names of each folder have arrived.
pub struct Moments {
    /// Up to here all have.
    safe: usize,
    disk: Disk,
    /// What was synced by itself, and where that stands among the deeds.
    synced: Vec<(usize, PathBuf)>,
    done: usize,
    chosen: BTreeMap<PathBuf, usize>,
}

impl Moments {
    pub fn new(deeds: &[(bool, Deed)], disk: Disk) -> Self {
        let synced = deeds.iter().enumerate().filter_map(|(at, (_, deed))| match deed {
            Synced(_, path) => Some((at, path.clone())),
            _ => None,
        });
        let synced: Vec<_> = synced.collect();
        let last = synced.last().map_or(0, |(at, _)| *at);
        let safe = if disk == Disk::Ordered { last } else { 0 };
        Self { safe, disk, synced, done: deeds.len(), chosen: BTreeMap::new() }
    }

    pub fn arrived(&mut self, at: usize, deed: &Deed, random: &mut Random) -> bool {
        let names: Vec<&Path> = match deed {
            Made(path, _) | Folder(path) | Removed(path) => vec![path],
            Linked(_, to) => vec![to],
            Renamed(from, to) => vec![from, to],
            Bytes(..) | Length(..) | Synced(..) => return false,
        };
        let is_synced = |name: &Path| {
            self.synced
                .iter()
                .any(|(when, what)| *when > at && (name == what || name.parent() == Some(what)))
        };
        if at < self.safe || self.disk == Disk::Loose && names.iter().any(|name| is_synced(name)) {
            return true;
        }
        names.iter().all(|name| {
            let folder = match self.disk {
                Disk::Ordered => PathBuf::new(),
                Disk::Loose => name.parent().unwrap().to_owned(),
            };
            // All of it, half of the time.
            let (safe, done) = (self.safe, self.done);
            let mut choose =
                || if random.below(2) == 0 { done } else { safe + random.below(done - safe + 1) };
            at < *self.chosen.entry(folder).or_insert_with(&mut choose)
        })
    }
}

/// `file`: the one that is renamed. Its new name may arrive where the old one never did.
pub fn repeat(deed: &Deed, file: Option<u64>, root: &Path, aside: &Path) -> io::Result<()> {
    match deed {
        Made(path, inode) => {
            File::create_new(root.join(path))?;
            fs::hard_link(root.join(path), aside.join(inode.to_string()))
        }
        Folder(path) => fs::create_dir(root.join(path)),
        Linked(from, to) => fs::hard_link(root.join(from), root.join(to)),
        Renamed(from, to) => {
            let (from, to) = (root.join(from), root.join(to));
            match file {
                Some(file) if !from.exists() => {
                    let moving = aside.join("moving");
                    fs::hard_link(aside.join(file.to_string()), &moving)?;
                    fs::rename(moving, to)
                }
                _ => fs::rename(from, to),
            }
        }
        Removed(path) => {
            let path = root.join(path);
            if path.is_dir() { fs::remove_dir(path) } else { fs::remove_file(path) }
        }
        Bytes(..) | Length(..) | Synced(..) => Ok(()),
    }
}

/// In place: the file has other names. It may be read-only, and stays so.
pub fn overwrite(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let rights = path.metadata()?.permissions();
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    fs::write(path, bytes)?;
    fs::set_permissions(path, rights)
}
