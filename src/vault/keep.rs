//! Putting a blob into `bak/new`.
//!
//! Where Git has the very object as a file of its own, a hard link to that is made: nothing is compressed, and
//! no byte is written. Mode, owner and times of it are Git's and are never changed. Whatever speaks against
//! a link (another device, a file system without links, another user's file), a copy is written.
//!
//! What could go wrong, and why it can't:
//! - a name that is there already is no proof: a power cut may have left an empty object, in Git's database
//!   and, being one file, here. One that is empty, or of another size than Git's own, is replaced by
//!   rename;
//! - a fold that takes place meanwhile removes a blob that was there before its line is: a process that appends a
//!   line looks, under the record's lock, whether each is [still there](Vault::look), and links it again if not.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::Vault;
use crate::git::objects::{Objects, Oid};
use crate::os::disk::Room;
use crate::os::private;

impl Vault {
    /// Keeps `bytes`, of which `git` is the database that may have them; their id.
    pub fn keep(&self, git: &Objects, bytes: &[u8]) -> Result<Oid> {
        let id = git.hash(bytes)?;
        if !self.keep_object(git, id)? {
            self.write(id, bytes)?;
        }
        Ok(id)
    }

    /// Keeps `bytes` so that the vault proves them: what can't be read as them, though it has their name, is replaced.
    pub fn keep_for_sure(&self, git: &Objects, bytes: &[u8]) -> Result<Oid> {
        let id = self.keep(git, bytes)?;
        let size = bytes.len() as u64;
        if !self.proves(id, size) {
            self.new.replace(id, |objects| objects.write_blob_from(bytes, size))?;
            if !self.afresh().proves(id, size) {
                bail!("the vault can't read it back");
            }
        }
        Ok(id)
    }

    /// Keeps `size` bytes of an open file, from where it stands, whose id is `id`.
    pub fn keep_file(&self, git: &Objects, id: Oid, file: &File, size: u64) -> Result<()> {
        if self.keep_object(git, id)? {
            return Ok(());
        }
        self.make_room(id, size)?;
        let written = self.new.anew(id, |objects| objects.write_blob_from(file, size))?;
        if written != id {
            bail!("it changed while it was stored");
        }
        Ok(())
    }

    /// Keeps the object `id` only if that costs nothing: Git has it as a file of its own, or it is here.
    pub fn link(&self, git: &Objects, id: Oid) -> bool {
        self.keep_object(git, id).unwrap_or(false)
    }

    /// Keeps the object that Git has as `id`, however it has it.
    pub fn keep_of_git(&self, git: &Objects, id: Oid) -> Result<()> {
        if !self.keep_object(git, id)? {
            self.write(id, &git.read_blob(id)?)?;
        }
        Ok(())
    }

    fn write(&self, id: Oid, bytes: &[u8]) -> Result<()> {
        self.make_room(id, bytes.len() as u64)?;
        self.new.write_anew(id, bytes).with_context(|| self.new_dir().display().to_string())
    }

    /// Makes the folder that the blob's file of at most `size` bytes will lie in: all of ours may have been
    /// removed. The last bytes of the disk are Git's.
    fn make_room(&self, id: Oid, size: u64) -> Result<()> {
        let place = self.new.loose(id);
        let folder = place.parent().unwrap_or(Path::new(""));
        private::make_dir(folder).with_context(|| folder.display().to_string())?;
        match Room::of(folder) {
            Some(room) if !room.has_for_vault(size) => {
                Err(io::Error::new(ErrorKind::StorageFull, "the disk is nearly full").into())
            }
            _ => Ok(()),
        }
    }

    /// Whether the blob is here now as a file, with a content.
    pub fn look(&self, id: Oid) -> bool {
        self.new.is_loose(id)
    }

    /// Links Git's own file of the object, or finds that the blob is here; `false`: it has to be written.
    fn keep_object(&self, git: &Objects, id: Oid) -> Result<bool> {
        let (from, to) = (git.loose(id), self.new.loose(id));
        match link_file(&from, &to) {
            Ok(()) => return Ok(true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return self.settle(&from, &to, id);
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            // Whatever it is: a copy does as well.
            Err(_) => return Ok(self.is_whole(id)),
        }
        if from.symlink_metadata().is_err() {
            // It will be written: nothing can be, before the first link has made the folder.
            private::make_dir(&self.new_dir())?;
            return Ok(self.is_whole(id));
        }
        // The folder was missing.
        private::make_dir(to.parent().unwrap_or(Path::new("")))?;
        match link_file(&from, &to) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => self.settle(&from, &to, id),
            Err(_) => Ok(false),
        }
    }

    /// A file of that name is here: as long as Git's own, it is that.
    fn settle(&self, from: &Path, to: &Path, id: Oid) -> Result<bool> {
        let size = |path: &Path| path.metadata().map_or(0, |meta| meta.len());
        let (gits, ours) = (size(from), size(to));
        if ours > 0 && ours == gits {
            return Ok(true);
        }
        if gits == 0 {
            return Ok(self.is_whole(id));
        }
        let aside = temporary(to);
        let replaced = link_file(from, &aside).and_then(|()| std::fs::rename(&aside, to));
        if replaced.is_err() {
            let _ = std::fs::remove_file(&aside);
        }
        Ok(replaced.is_ok())
    }

    /// Whether the blob is here, all of it.
    fn is_whole(&self, id: Oid) -> bool {
        self.new.is_loose(id) && !self.new.lacks(id)
    }
}

fn link_file(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::hard_link(from, to)
}

/// A name beside `path` that Git takes for an object that was being written.
fn temporary(path: &Path) -> PathBuf {
    path.with_file_name(format!("tmp_obj_{}", std::process::id()))
}
