//! Files that need no look, for Git's own monitor of the file system would have named them.
//!
//! What could go wrong: an edit is not seen. A file is passed over only if all of this holds:
//! - Git found it as staged when it wrote the index, and had the index's token before it looked;
//! - the daemon that gave the token, asked now, doesn't name it. Its answer, which comes after our question, has all
//!   that the system told it of what was done before (see `fs_daemon`);
//! - the Git directory is this very working tree's, and so is its daemon;
//! - every folder above it is older than the daemon. That of Git 2.55 goes on knowing what lies in a folder's
//!   folders by old names when it was moved, and doesn't watch one that was moved in from outside.
//!
//! The index's own word alone is stale, and programs of other monitors are never asked. What is left is what no monitor
//! is told of: bytes written through memory that is mapped, or through another name outside of the working tree. Git
//! doesn't see them then either, and before a command that may overwrite files the guard looks at all of them.

use rustix::fs::{FileType, Stat, fstat};

use super::below::stat_at;
use super::stat_data::Trusted;
use crate::git::fs_daemon;
use crate::git::index::{CacheTree, DEEPEST, Index};
use crate::git::repository::{Repository, mentions};
use crate::os::folder::Folder;

/// For each entry whether its file has to be looked at.
pub(super) struct Unchanged {
    pub(super) doubtful: Vec<bool>,
}

impl Unchanged {
    /// What the daemon knows; `None` if there is none, or it may be wrong.
    pub(super) fn of(index: &Index, repository: &Repository, top: &Folder) -> Option<Self> {
        // On other systems it hasn't been tried what the daemon sees.
        if !cfg!(target_os = "linux") {
            return None;
        }
        let (token, doubtful) = index.monitored()?;
        let old = Trusted::before(fs_daemon::began(token)?);
        let config = std::fs::read(repository.common_dir.join("config")).ok()?;
        if mentions(&config, "ignorecase") {
            return None;
        }
        let answer = fs_daemon::ask(repository, token)?;
        let device = device(&fstat(top).ok()?);
        let mut doubts = Doubts { index, doubtful, top, old, device };
        for name in answer.names()? {
            let name = name.strip_suffix(b"/").unwrap_or(name);
            doubts.add(name, |path| path == name);
            let folder = [name, b"/"].concat();
            doubts.add(&folder, |path| path.starts_with(&folder));
        }
        // Files that Git was told to look away from are judged where they are looked at.
        for &at in &index.marked {
            *doubts.doubtful.get_mut(at)? = true;
        }
        doubts.folder(b"", index.tree.as_ref(), 0)?;
        Some(Self { doubtful: doubts.doubtful })
    }

    pub(super) fn has(&self, at: usize) -> bool {
        self.doubtful.get(at) == Some(&false)
    }

    /// How many have to be looked at.
    pub(super) fn others(&self) -> usize {
        self.doubtful.iter().filter(|it| **it).count()
    }
}

struct Doubts<'a> {
    index: &'a Index,
    doubtful: Vec<bool>,
    top: &'a Folder,
    /// Folders that were last changed before this have been watched ever since under the names that they have.
    old: Trusted,
    /// The file system that is watched.
    device: u64,
}

impl Doubts<'_> {
    /// The entries from the path `first` on, as long as they are meant.
    fn add(&mut self, first: &[u8], is_meant: impl Fn(&[u8]) -> bool) {
        let start = self.index.partition_point(0..self.index.count(), |path| path < first);
        for (at, doubtful) in self.doubtful.iter_mut().enumerate().skip(start) {
            if !self.index.path(at).is_some_and(&is_meant) {
                break;
            }
            *doubtful = true;
        }
    }

    /// Everything below a folder that isn't there or may have been moved, whether that is this one (a path with a slash
    /// at its end; nothing: the top) or one in it. What the index knows of its folders saves reading its paths.
    fn folder(&mut self, path: &[u8], known: Option<&CacheTree>, depth: usize) -> Option<()> {
        if depth >= DEEPEST {
            return None;
        }
        if let Some((_, folder)) = path.split_last()
            && !stat_at(self.top, folder).is_some_and(|stat| self.is_old(&stat))
        {
            self.add(path, |it| it.starts_with(path));
            return Some(());
        }
        if let Some(CacheTree { id: Some(_), children, .. }) = known {
            let each =
                |it: &CacheTree| self.folder(&[path, &it.name, b"/"].concat(), Some(it), depth + 1);
            return children.iter().try_for_each(each);
        }
        let index = self.index;
        let mut at = index.partition_point(0..index.count(), |it| it < path);
        while let Some(rest) = index.path(at).and_then(|it| it.strip_prefix(path)) {
            let Some(end) = rest.iter().position(|&byte| byte == b'/') else {
                at += 1;
                continue;
            };
            let folder = [path, &rest[..=end]].concat();
            self.folder(&folder, known.and_then(|it| it.child(&rest[..end])), depth + 1)?;
            at = index.partition_point(at..index.count(), |it| it.starts_with(&folder));
        }
        Some(())
    }

    /// Whether it is a folder that has been where it is since the daemon began.
    #[allow(clippy::unnecessary_cast)]
    fn is_old(&self, stat: &Stat) -> bool {
        let changed = (stat.st_ctime as i64, stat.st_ctime_nsec as u32);
        let is_folder = FileType::from_raw_mode(stat.st_mode).is_dir();
        is_folder && self.old.has(changed) && device(stat) == self.device
    }
}

#[allow(clippy::unnecessary_cast)]
fn device(stat: &Stat) -> u64 {
    stat.st_dev as u64
}
