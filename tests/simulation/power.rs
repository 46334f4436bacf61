//! What a power cut leaves: from all that git-bak has written in a run, states that a disk may hold afterwards.
//!
//! Two kinds of disk (ALICE and CrashMonkey have measured them):
//! - `Ordered` (ext4, xfs): names arrive in the order in which they were made, up to some moment; a sync of anything has all
//!   names before it arrive.
//! - `Loose` (btrfs): each folder has its own moment; a sync has the names arrive that its file or folder has.
//!
//! On both, what was written into a file and not synced is there, is missing, is cut short, or is zeros.
//! What Git itself writes is taken for safe: what `core.fsync` leaves unsafe is its user's choice.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use libc::pid_t;

use super::calls::Call;
use super::disk::Deed::{Bytes, Folder, Length, Linked, Made, Removed, Renamed, Synced};
use super::disk::{Contents, Deed, Disk, Moments, overwrite, repeat};
use super::invariants::{Expected, Found, must};
use super::look::id_of;
use super::runs::finish;
use super::scenes::{EARLIER, EDITED, FIRST, OF_NOW, OTHERS, STAGED, Scene, Words};
use super::world::{Points, World};
use crate::apply::random::Random;

/// All that was written in a run, in its order; by git-bak or not.
pub struct Log {
    deeds: Vec<(bool, Deed)>,
    /// Where each file was in the beginning.
    first: BTreeMap<u64, PathBuf>,
    known: BTreeSet<u64>,
}

impl Log {
    /// All that is written while an actor does what it does.
    pub fn of(scene: &Scene, words: Words) -> Self {
        scene.reset();
        let log = RefCell::new(Self::new(scene));
        let mut world = World::new(&scene.root(), Points::Changes);
        world.start(&scene.command(words));
        world.after = Some(Box::new(|step, call, pid, result| {
            log.borrow_mut().note(step.ours, call, pid, result);
        }));
        finish(&mut world);
        drop(world);
        log.into_inner()
    }

    fn new(scene: &Scene) -> Self {
        let (mut first, mut folders) = (BTreeMap::new(), vec![scene.s.top().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
                let name = entry.path().strip_prefix(scene.root()).unwrap().to_owned();
                first.insert(entry.metadata().unwrap().ino(), name);
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                }
            }
        }
        let known = first.keys().copied().collect();
        Self { deeds: Vec::new(), first, known }
    }

    pub fn len(&self) -> usize {
        self.deeds.len()
    }

    /// What came of a call.
    fn note(&mut self, ours: bool, call: &Call, pid: pid_t, result: i64) {
        let Ok(result) = u64::try_from(result) else { return };
        let path = |at: usize| PathBuf::from(&call.paths[at]);
        let fd = |number: u64| PathBuf::from(format!("/proc/{pid}/fd/{number}"));
        let inode = |fd: &Path| fd.metadata().map_or(0, |meta| meta.ino());
        let mut add = |deed| self.deeds.push((ours, deed));
        match call.name {
            "open" => {
                let file = inode(&fd(result));
                if self.known.insert(file) {
                    add(Made(path(0), file));
                } else if fd(result).metadata().is_ok_and(|meta| meta.len() == 0) {
                    add(Length(file, 0));
                }
            }
            "write" | "copy" if result > 0 => {
                let number = if call.registers.orig_rax == 326 { 2 } else { 0 };
                let file = fd(call.argument(number));
                let from = match call.registers.orig_rax {
                    18 => call.argument(3),
                    _ => position(pid, call.argument(number)) - result,
                };
                let mut bytes = vec![0; usize::try_from(result).unwrap()];
                let read = File::open(&file).and_then(|it| it.read_exact_at(&mut bytes, from));
                read.unwrap();
                add(Bytes(inode(&file), from, bytes));
            }
            "truncate" => add(Length(inode(&fd(call.argument(0))), call.argument(1))),
            "fsync" => add(Synced(inode(&fd(call.argument(0))), path(0))),
            "mkdir" => add(Folder(path(0))),
            "unlink" | "rmdir" => add(Removed(path(0))),
            "link" if call.paths.len() == 2 => add(Linked(path(0), path(1))),
            "rename" if call.paths.len() == 2 => add(Renamed(path(0), path(1))),
            _ => {}
        }
    }

    /// The folder as the disk may hold it when the power goes after `done` deeds.
    pub fn build(&self, scene: &Scene, done: usize, disk: Disk, random: &mut Random) {
        scene.reset();
        let root = scene.root();
        let aside = root.join("inodes");
        let _ = fs::remove_dir_all(&aside);
        fs::create_dir(&aside).unwrap();
        for (inode, path) in &self.first {
            // Folders have no second name.
            let _ = fs::hard_link(root.join(path), aside.join(inode.to_string()));
        }
        let deeds = &self.deeds[..done];
        let mut moments = Moments::new(deeds, disk);
        let mut files: BTreeMap<_, _> =
            self.first.iter().map(|(file, name)| (name, *file)).collect();
        for (at, (ours, deed)) in deeds.iter().enumerate() {
            let file = name(&mut files, deed);
            if !ours || moments.arrived(at, deed, random) {
                // What lies in a folder that never arrived hasn't, either.
                let _ = repeat(deed, file, &root, &aside);
            }
        }
        self.fill(deeds, &aside, random);
        fs::remove_dir_all(aside).unwrap();
    }

    /// Gives each file that git-bak has written the bytes that arrived.
    fn fill(&self, deeds: &[(bool, Deed)], aside: &Path, random: &mut Random) {
        let mut files: BTreeMap<u64, Contents> = BTreeMap::new();
        for (ours, deed) in deeds {
            let (Bytes(inode, ..) | Length(inode, _) | Synced(inode, _)) = deed else { continue };
            let Ok(start) = fs::read(aside.join(inode.to_string())) else { continue };
            let file =
                files.entry(*inode).or_insert_with(|| Contents { safe: start.clone(), now: start });
            match deed {
                Bytes(_, from, bytes) => {
                    let from = usize::try_from(*from).unwrap();
                    let end = from + bytes.len();
                    file.now.resize(file.now.len().max(end), 0);
                    file.now[from..end].copy_from_slice(bytes);
                }
                Length(_, length) => file.now.resize(usize::try_from(*length).unwrap(), 0),
                _ => file.safe.clone_from(&file.now),
            }
            if !ours {
                file.safe.clone_from(&file.now);
            }
        }
        for (inode, file) in files {
            let _ = overwrite(&aside.join(inode.to_string()), &file.arrived(random));
        }
    }
}

/// Notes which file has which name now; the file that was renamed.
fn name<'a>(files: &mut BTreeMap<&'a PathBuf, u64>, deed: &'a Deed) -> Option<u64> {
    let (file, to) = match deed {
        Made(path, file) => (Some(*file), path),
        Linked(from, to) => (files.get(from).copied(), to),
        Renamed(from, to) => (files.remove(from), to),
        _ => return None,
    };
    files.insert(to, file?);
    file
}

/// Where an open file stands.
fn position(pid: pid_t, number: u64) -> u64 {
    let info = fs::read_to_string(format!("/proc/{pid}/fdinfo/{number}")).unwrap_or_default();
    let line = info.lines().find_map(|line| line.strip_prefix("pos:"));
    line.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// All that files ever held.
const TEXTS: [&str; 9] = [EARLIER, EDITED, OTHERS, STAGED, OF_NOW, "one\n", "b\n", FIRST, ""];

impl Expected {
    /// What is not true after a power cut: what is named may have lost its bytes, and nothing else.
    pub fn broken_by_power(&self) -> Option<String> {
        self.all_after_power().err()
    }

    fn all_after_power(&self) -> Found {
        // Files in the working tree are not synced, as Git's own aren't.
        let files = ["a.txt", "b.txt"].map(|path| (path, self.top().join(path)));
        let cut = files.each_ref().map(|(_, file)| fs::read_to_string(file).unwrap_or_default());
        self.what_was_safe_is_there()?;
        // An undo that was cut off is ended by its record.
        if self.top().join(".git/bak/upgrade/record").exists() {
            self.git(&["bak", "undo", "--yes"])?;
        }
        self.next_commit()?;
        // What can't be put right, it names.
        let ran = self.scene.s.try_git(["bak", "doctor", "--fix"]);
        must(ran.status <= 1, || format!("{ran:#?}"))?;
        self.successor()?;
        self.what_was_safe_is_there()?;
        // Nothing but what a file once held is ever put back as if it were whole.
        let lost = "lost\n";
        files.iter().for_each(|(_, file)| fs::write(file, lost).unwrap());
        self.scene.s.try_git(["bak", "restore", "--yes", "a.txt", "b.txt"]);
        for (path, file) in files {
            let now = fs::read_to_string(file).unwrap_or_default();
            must(now == lost || cut.contains(&now) || TEXTS.contains(&now.as_str()), || {
                format!("{path} is now {now:?}")
            })?;
        }
        Ok(())
    }

    fn what_was_safe_is_there(&self) -> Found {
        let lost = self.safe.iter().find(|(_, text)| !self.holds(text));
        must(lost.is_none(), || format!("{lost:?} is lost"))
    }

    /// Whether the vault has this text, whole.
    pub fn holds(&self, text: &str) -> bool {
        // Git ends at the first that can't be read, so one is asked for.
        let id = id_of(text.as_bytes());
        self.contents(&BTreeSet::from([id.clone()])).is_ok_and(|all| all.contains_key(&id))
    }
}
