//! The object database, in every repository format.
//!
//! - `loose`: objects that are files of their own; `database`, `alternates`: all the others;
//! - `trees`, `body`: trees and commits; `cut_short`: truncated objects.
//!
//! libgit2 refuses to open a repository whose refs or index it can't read, but objects are the same
//! files everywhere. So the database is opened by itself, without the repository around it, and only when
//! something is asked for that is not a small file of its own (`loose`).
//!
//! Nothing that says whether an object exists is cached: such a proof must come from the disk as it is now.

use std::cell::{OnceCell, RefCell};
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, anyhow, bail};
pub use git2::Oid;
use git2::{ErrorCode, ObjectType};

use super::command::Git;
use super::object_format::ObjectFormat;
use super::repository::Repository;
pub use crate::git::objects::body::{TREE_MODE, TreeEntry};
use crate::git::objects::cut_short::is_cut_short;
use crate::model::settings::sharing::Sharing;
use crate::os::platform;
use crate::os::sharing::adjust_folder;

mod alternates;
mod body;
mod cut_short;
mod database;
#[cfg(unix)]
mod loose;
mod trees;

use trees::ReadTrees;

static SYNC: AtomicBool = AtomicBool::new(false);
/// A blob that is bigger is written by libgit2, which needs no more memory for it, in bytes.
#[cfg(unix)]
const SMALL: usize = 1 << 20;

pub struct Objects {
    database: OnceCell<git2::Repository>,
    dir: PathBuf,
    /// Further folders that Git was told of.
    alternates: Vec<PathBuf>,
    /// All folders that libgit2 reads, found when it is asked first.
    places: OnceCell<Vec<PathBuf>>,
    /// Besides small files of their own, only the objects in the folder's packs are read.
    alone: bool,
    format: ObjectFormat,
    sharing: Sharing,
    git: Git,
    read: RefCell<ReadTrees>,
}

/// From now on every object that this process writes survives a power cut as well.
pub fn sync_writes() {
    SYNC.store(true, Ordering::Relaxed);
    database::sync_writes();
}

impl Objects {
    /// The objects of `repository`, its alternates included.
    pub fn of(repository: &Repository) -> Self {
        let dir = repository.objects_dir.clone();
        let (format, sharing, git) = (repository.format, repository.sharing, repository.git());
        let alternates = alternates::of_environment(&repository.top);
        let (database, places, read) = Default::default();
        Self { database, dir, alternates, places, alone: false, format, sharing, git, read }
    }

    /// The objects that another folder has in its packs, whatever it borrows.
    pub fn in_packs_of(repository: &Repository, dir: PathBuf) -> Self {
        Self { alone: true, ..Self::in_dir(repository, dir) }
    }

    /// The objects in another folder, in the same format.
    pub fn in_dir(repository: &Repository, dir: PathBuf) -> Self {
        Self { dir, alternates: Vec::new(), ..Self::of(repository) }
    }

    /// The database, opened when it is first needed.
    fn database(&self) -> Result<&git2::Repository> {
        if let Some(open) = self.database.get() {
            return Ok(open);
        }
        git2::opts::enable_caching(false);
        // What a tree names is looked up on the disk when it matters; one entry whose object is gone must
        // not keep all others from being written.
        git2::opts::strict_object_creation(false);
        let odb = if self.alone {
            database::open_packs(&self.dir, self.format)
        } else {
            database::open(&self.dir, self.format)
        };
        let odb =
            odb.with_context(|| format!("the objects in {} can't be opened", self.dir.display()))?;
        for place in &self.alternates {
            // Git passes over one that isn't there.
            let _ = place.to_str().map(|place| odb.add_disk_alternate(place));
        }
        let opened = git2::Repository::from_odb(odb)?;
        Ok(self.database.get_or_init(|| opened))
    }

    fn odb(&self) -> Result<git2::Odb<'_>> {
        Ok(self.database()?.odb()?)
    }

    /// The id under which Git would store `bytes` as they are, no filter applied.
    pub fn hash(&self, bytes: &[u8]) -> Result<Oid> {
        Ok(Oid::hash_object_ext(ObjectType::Blob, bytes, self.format.of_git2())?)
    }

    /// The id of the bytes of an open file as they are, from its start, however many. Git hashes them: libgit2
    /// would need all of them in memory, or a path, behind which something else may stand by now.
    pub fn hash_open(&self, file: &File) -> Result<Oid> {
        let mut input = file.try_clone()?;
        input.rewind()?;
        let args = ["hash-object", "--no-filters", "--stdin"];
        let answer = self.git.read_from(args, input)?.success()?;
        self.parse(&String::from_utf8_lossy(answer.trim_ascii()))
    }

    pub fn parse(&self, hex: &str) -> Result<Oid> {
        Oid::from_str_ext(hex, self.format.of_git2())
            .with_context(|| format!("'{hex}' is no object id"))
    }

    /// Stores `bytes`, whose id is `id`, in the place of what can't be read there.
    pub fn write_anew(&self, id: Oid, bytes: &[u8]) -> Result<()> {
        #[cfg(unix)]
        if bytes.len() <= SMALL && self.lacks(id) {
            let sync = SYNC.load(Ordering::Relaxed);
            crate::git::objects::loose::write_blob(&self.loose(id), bytes, sync)?;
            self.shared(id);
            return Ok(());
        }
        let write = |objects: &Self| objects.write_blob_from(bytes, bytes.len() as u64);
        if self.anew(id, write)? != id {
            bail!("the bytes are not those of {id}");
        }
        Ok(())
    }

    /// Has `write` store the object `id`, in the place of one that can't be read: libgit2 writes nothing where
    /// it sees a file of that name, broken as it may be. The old one is kept until the new one is there.
    pub fn anew(&self, id: Oid, write: impl FnOnce(&Self) -> Result<Oid>) -> Result<Oid> {
        if self.lacks(id) { self.replace(id, write) } else { write(self) }
    }

    /// Has `write` store the object `id`, in the place of one of that name.
    pub fn replace(&self, id: Oid, write: impl FnOnce(&Self) -> Result<Oid>) -> Result<Oid> {
        let old = self.loose(id);
        // Under this name a `gc` removes it, should we die.
        let aside = old.with_file_name(format!("tmp_obj_{}", std::process::id()));
        if std::fs::rename(&old, &aside).is_err() {
            return write(self);
        }
        let written = write(&self.afresh());
        let _ = match &written {
            Ok(_) => platform::remove_file(&aside),
            Err(_) => std::fs::rename(&aside, &old),
        };
        written
    }

    /// Stores `size` bytes read from `source` without holding them in memory.
    pub fn write_blob_from(&self, mut source: impl Read, size: u64) -> Result<Oid> {
        let odb = self.odb()?;
        let mut writer = odb.writer(usize::try_from(size)?, ObjectType::Blob)?;
        let mut buffer = vec![0; 1 << 16];
        loop {
            let n = source.read(&mut buffer)?;
            if n == 0 {
                break;
            }
            writer.write_all(&buffer[..n])?;
        }
        Ok(self.shared(writer.finalize()?))
    }

    /// Whether the object can be found (it may have been deleted since the database was opened).
    pub fn has(&self, id: Oid) -> bool {
        self.is_loose(id) || self.odb().is_ok_and(|odb| odb.exists(id))
    }

    /// The same objects as the disk has them now: a database that has been open for a while may believe
    /// in packs that a `gc` has replaced.
    pub fn afresh(&self) -> Self {
        let (format, sharing, alone) = (self.format, self.sharing, self.alone);
        let (database, places, read) = Default::default();
        let (dir, alternates, git) = (self.dir.clone(), self.alternates.clone(), self.git.clone());
        Self { database, dir, alternates, places, alone, format, sharing, git, read }
    }

    /// Whether the object's header can't be read, or the file that it is has not all of it.
    pub fn lacks(&self, id: Oid) -> bool {
        self.header(id).is_err() || is_cut_short(&self.loose(id))
    }

    /// Whether the object is there now as a file of its own.
    pub fn is_loose(&self, id: Oid) -> bool {
        // A zero-length file (power loss) doesn't count.
        self.loose(id).metadata().is_ok_and(|meta| meta.len() > 0)
    }

    /// Which of these objects are not on disk now.
    pub fn missing(&self, ids: impl IntoIterator<Item = Oid>) -> Vec<Oid> {
        let others: Vec<Oid> = ids.into_iter().filter(|id| !self.is_loose(*id)).collect();
        self.unreadable(others)
    }

    /// The objects whose header can't be read from the disk as it is now.
    pub fn unreadable(&self, ids: impl IntoIterator<Item = Oid>) -> Vec<Oid> {
        let now = self.afresh();
        ids.into_iter().filter(|id| now.lacks(*id)).collect()
    }

    /// An object's kind, and its size in bytes.
    fn header(&self, id: Oid) -> Result<(ObjectType, u64)> {
        #[cfg(unix)]
        if let Some((kind, size)) = crate::git::objects::loose::read_header(&self.loose(id))
            && let Some(kind) = ObjectType::from_str(&kind)
        {
            return Ok((kind, size));
        }
        self.refuse_cut_short(id)?;
        let (size, kind) = self.odb()?.read_header(id)?;
        Ok((kind, size as u64))
    }

    /// The content of an object that is a small file of its own.
    #[cfg(unix)]
    fn small(&self, id: Oid, kind: &str) -> Option<Vec<u8>> {
        crate::git::objects::loose::read(&self.loose(id), kind)
    }

    /// There, libgit2 reads all of them.
    #[cfg(not(unix))]
    fn small(&self, _: Oid, _: &str) -> Option<Vec<u8>> {
        None
    }

    pub fn read_blob(&self, id: Oid) -> Result<Vec<u8>> {
        if let Some(bytes) = self.small(id, "blob")
            && self.hash(&bytes)? == id
        {
            return Ok(bytes);
        }
        self.refuse_cut_short(id)?;
        let odb = self.odb()?;
        let object = odb.read(id).map_err(|error| match error.code() {
            ErrorCode::NotFound => anyhow!("the object {id} is missing"),
            _ => anyhow!("the object {id} can't be read: {}", error.message()),
        })?;
        if object.kind() != ObjectType::Blob {
            bail!("the object {id} is not a file's content");
        }
        Ok(object.data().to_vec())
    }

    /// A blob's size in bytes, without reading it.
    pub fn blob_size(&self, id: Oid) -> Result<u64> {
        let (kind, size) = self.header(id)?;
        if kind != ObjectType::Blob {
            bail!("the object {id} is not a file's content");
        }
        Ok(size)
    }

    /// The content of an object, wherever it is.
    fn body(&self, id: Oid, kind: ObjectType) -> Result<Vec<u8>> {
        self.refuse_cut_short(id)?;
        let odb = self.odb()?;
        let object = odb.read(id)?;
        if object.kind() != kind {
            bail!("the object {id} is no {kind}");
        }
        Ok(object.data().to_vec())
    }

    /// An error for what libgit2 would never come back from.
    fn refuse_cut_short(&self, id: Oid) -> Result<()> {
        let borrowed = || if self.alone { Vec::new() } else { alternates::of_folder(&self.dir, 5) };
        let places = self.places.get_or_init(|| {
            let told = self
                .alternates
                .iter()
                .flat_map(|place| [vec![place.clone()], alternates::of_folder(place, 5)].concat());
            [self.dir.clone()].into_iter().chain(borrowed()).chain(told).collect()
        });
        if places.iter().any(|place| is_cut_short(&loose_in(place, id))) {
            bail!("the object {id} is damaged");
        }
        Ok(())
    }

    /// The object just written, with the mode of its folder seen to.
    fn shared(&self, id: Oid) -> Oid {
        if self.sharing != Sharing::Umask {
            adjust_folder(&self.dir.join(&id.to_string()[..2]), self.sharing);
        }
        id
    }

    /// Where the object `id` is if it is loose.
    pub fn loose(&self, id: Oid) -> PathBuf {
        loose_in(&self.dir, id)
    }
}

fn loose_in(dir: &Path, id: Oid) -> PathBuf {
    let hex = id.to_string();
    let (folder, name) = hex.split_at(2);
    dir.join(folder).join(name)
}
