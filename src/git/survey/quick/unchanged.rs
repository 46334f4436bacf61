//! Files that need no look, for Git's own monitor of the file system would have named them.
//!
//! What could go wrong: an edit is not seen. A file is passed over only if all of this holds:
//! - Git found it as staged when it wrote the index, and had the index's token before it looked;
//! - the daemon that gave the token, asked now, doesn't name it. Its answer, which comes after our question, has all that
//!   the system told it of what was done before (see `fs_daemon`);
//! - the Git directory is this very working tree's, and so is its daemon;
//! - every folder above it is older than the daemon. That of Git 2.55 goes on knowing what lies in a folder's
//!   folders by old names when it was moved, and doesn't watch one that was moved in from outside.
//!
//! The index's own word alone is stale, and programs of other monitors are never asked. What is left is what no monitor is
//! told of: bytes written through memory that is mapped, or through another name outside of the working tree. Git doesn't
//! see them then either, and before a command that may overwrite files the guard looks at all of them.

use rustix::fs::{Stat, fstat};

use super::stat_data::Trusted;
use crate::git::fs_daemon;
use crate::git::index::Index;
use crate::git::repository::{Repository, mentions};
use crate::os::folder::Folder;

pub(super) struct Unchanged {
    /// For each entry whether its file has to be looked at.
    doubtful: Vec<bool>,
    /// Folders that were last changed before this have been watched ever since under the names that they have.
    old: Trusted,
    device: u64,
}

impl Unchanged {
    /// What the daemon knows; `None` if there is none, or it may be wrong.
    pub(super) fn of(index: &Index, repository: &Repository, top: &Folder) -> Option<Self> {
        // Elsewhere nobody has tried what its daemon sees.
        if !cfg!(target_os = "linux") {
            return None;
        }
        let (token, mut doubtful) = index.monitored()?;
        let began = fs_daemon::began(token)?;
        let config = std::fs::read(repository.common_dir.join("config")).ok()?;
        if mentions(&config, "ignorecase") {
            return None;
        }
        let answer = fs_daemon::ask(repository, token)?;
        for name in answer.names()? {
            let name = name.strip_suffix(b"/").unwrap_or(name);
            doubt(index, &mut doubtful, name, |path| path == name);
            let folder = [name, b"/"].concat();
            doubt(index, &mut doubtful, &folder, |path| path.starts_with(&folder));
        }
        // What Git was told to look away from is told apart below, and a folder that is one entry is not entered.
        for &at in &index.marked {
            *doubtful.get_mut(at)? = true;
        }
        let device = device(&fstat(top).ok()?);
        Some(Self { doubtful, old: Trusted::before(began), device })
    }

    pub(super) fn has(&self, at: usize) -> bool {
        self.doubtful.get(at) == Some(&false)
    }

    /// Whether a folder may not always have been where it is, or is another file system's.
    #[allow(clippy::unnecessary_cast)]
    pub(super) fn may_be_moved(&self, folder: &Stat) -> bool {
        let changed = (folder.st_ctime as i64, folder.st_ctime_nsec as u32);
        !self.old.has(changed) || device(folder) != self.device
    }
}

#[allow(clippy::unnecessary_cast)]
fn device(stat: &Stat) -> u64 {
    stat.st_dev as u64
}

fn doubt(index: &Index, doubtful: &mut [bool], first: &[u8], is_meant: impl Fn(&[u8]) -> bool) {
    let start = index.partition_point(0..index.count(), |path| path < first);
    for (at, doubtful) in doubtful.iter_mut().enumerate().skip(start) {
        if !index.path(at).is_some_and(&is_meant) {
            break;
        }
        *doubtful = true;
    }
}
