//! The calls at which a process stops: which they are, and what one that is about to be made means.

use std::fs;
use std::path::{Component, Path, PathBuf};

use libc::{c_long, pid_t, user_regs_struct};

use super::system;

/// Where among a call's arguments the file is.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// A name, from where the process stands.
    Name(usize),
    /// A folder that is held open, and a name in it.
    In(usize, usize),
    /// An open file.
    Open(usize),
}
use Place::{In, Name, Open};

/// What a call means for the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// It makes or changes a name or a file.
    Changes,
    Reads,
    Locks,
    Syncs,
    Sleeps,
    Random,
}
use Sort::{Changes, Locks, Random, Reads, Sleeps, Syncs};

type Row = (c_long, &'static str, Sort, &'static [Place]);

const TABLE: &[Row] = &[
    (libc::SYS_openat, "open", Changes, &[In(0, 1)]),
    (libc::SYS_open, "open", Changes, &[Name(0)]),
    (libc::SYS_write, "write", Changes, &[Open(0)]),
    (libc::SYS_pwrite64, "write", Changes, &[Open(0)]),
    (libc::SYS_writev, "write", Changes, &[Open(0)]),
    (libc::SYS_copy_file_range, "copy", Changes, &[Open(2)]),
    (libc::SYS_sendfile, "copy", Changes, &[Open(0)]),
    (libc::SYS_ftruncate, "truncate", Changes, &[Open(0)]),
    (libc::SYS_rename, "rename", Changes, &[Name(0), Name(1)]),
    (libc::SYS_renameat, "rename", Changes, &[In(0, 1), In(2, 3)]),
    (libc::SYS_renameat2, "rename", Changes, &[In(0, 1), In(2, 3)]),
    (libc::SYS_link, "link", Changes, &[Name(0), Name(1)]),
    (libc::SYS_linkat, "link", Changes, &[In(0, 1), In(2, 3)]),
    (libc::SYS_symlink, "symlink", Changes, &[Name(1)]),
    (libc::SYS_symlinkat, "symlink", Changes, &[In(1, 2)]),
    (libc::SYS_unlink, "unlink", Changes, &[Name(0)]),
    (libc::SYS_unlinkat, "unlink", Changes, &[In(0, 1)]),
    (libc::SYS_rmdir, "rmdir", Changes, &[Name(0)]),
    (libc::SYS_mkdir, "mkdir", Changes, &[Name(0)]),
    (libc::SYS_mkdirat, "mkdir", Changes, &[In(0, 1)]),
    (libc::SYS_chmod, "chmod", Changes, &[Name(0)]),
    (libc::SYS_fchmod, "chmod", Changes, &[Open(0)]),
    (libc::SYS_fchmodat, "chmod", Changes, &[In(0, 1)]),
    (libc::SYS_fsync, "fsync", Syncs, &[Open(0)]),
    (libc::SYS_fdatasync, "fsync", Syncs, &[Open(0)]),
    (libc::SYS_flock, "flock", Locks, &[Open(0)]),
    (libc::SYS_nanosleep, "sleep", Sleeps, &[]),
    (libc::SYS_clock_nanosleep, "sleep", Sleeps, &[]),
    (libc::SYS_getrandom, "random", Random, &[]),
    // Only where two meet does it matter what one reads.
    (libc::SYS_newfstatat, "look", Reads, &[In(0, 1)]),
    (libc::SYS_statx, "look", Reads, &[In(0, 1)]),
    (libc::SYS_stat, "look", Reads, &[Name(0)]),
    (libc::SYS_lstat, "look", Reads, &[Name(0)]),
    (libc::SYS_access, "look", Reads, &[Name(0)]),
    (libc::SYS_faccessat, "look", Reads, &[In(0, 1)]),
    (libc::SYS_faccessat2, "look", Reads, &[In(0, 1)]),
    (libc::SYS_getdents64, "list", Reads, &[Open(0)]),
];

/// The numbers of the calls to stop at: with or without those that only look.
pub fn list(looks: bool) -> Vec<c_long> {
    TABLE.iter().filter(|row| looks || row.2 != Reads).map(|row| row.0).collect()
}

/// A call that is about to be made.
#[derive(Debug, Clone)]
pub struct Call {
    pub name: &'static str,
    pub sort: Sort,
    /// Below the simulated folder, as they are; empty if it is about something else.
    pub paths: Vec<String>,
    pub registers: user_regs_struct,
}

impl Call {
    pub fn argument(&self, at: usize) -> u64 {
        let it = &self.registers;
        [it.rdi, it.rsi, it.rdx, it.r10, it.r8, it.r9][at]
    }

    /// What the call is in every run: names that are made up for a while are one.
    pub fn normal(&self) -> String {
        let paths: Vec<String> = self.paths.iter().map(|path| normal(path)).collect();
        format!("{} {}", self.name, paths.join(" ")).trim_end().to_owned()
    }

    /// Whether it is about a file whose path, or the last one of two, ends or lies so.
    pub fn is(&self, name: &str, part: &str) -> bool {
        self.name == name && self.paths.last().is_some_and(|path| path.contains(part))
    }

    /// The bytes that it writes.
    pub fn bytes(&self, pid: pid_t) -> Vec<u8> {
        system::read(pid, self.argument(1), usize::try_from(self.argument(2)).unwrap())
    }
}

/// The call that `pid` is about to make, if it is one about files below `root` or about time and chance.
pub fn read(pid: pid_t, root: &Path) -> Option<Call> {
    let registers = system::registers(pid)?;
    let number = c_long::try_from(registers.orig_rax).ok()?;
    let (_, name, mut sort, places) = *TABLE.iter().find(|row| row.0 == number)?;
    let mut call = Call { name, sort, paths: Vec::new(), registers };
    if name == "open" {
        let flags = call.argument(if number == libc::SYS_openat { 2 } else { 1 });
        let writing = libc::O_WRONLY | libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC;
        if flags & u64::try_from(writing).unwrap() == 0 {
            (sort, call.name) = (Reads, "look");
        }
    }
    call.sort = sort;
    let found = places.iter().filter_map(|place| path(pid, &call, *place));
    let below = found.filter_map(|path| Some(path.strip_prefix(root).ok()?.to_str()?.to_owned()));
    call.paths = below.collect();
    let is_of_none = matches!(sort, Sleeps | Random);
    (is_of_none || !call.paths.is_empty()).then_some(call)
}

fn path(pid: pid_t, call: &Call, place: Place) -> Option<PathBuf> {
    let open = |at: usize| {
        let number = call.argument(at) as i32;
        match number {
            libc::AT_FDCWD => fs::read_link(format!("/proc/{pid}/cwd")).ok(),
            _ => fs::read_link(format!("/proc/{pid}/fd/{number}")).ok(),
        }
    };
    let (folder, name) = match place {
        Open(at) => return open(at),
        Name(at) => (None, call.argument(at)),
        In(folder, at) => (Some(folder), call.argument(at)),
    };
    // A name may lie at the end of what can be read.
    let mut name = system::read(pid, name, 4096 - (name % 4096) as usize);
    if !name.contains(&0) {
        let more = system::read(pid, call.argument(place.name()) + name.len() as u64, 4096);
        name.extend(more);
    }
    let name = String::from_utf8_lossy(name.split(|byte| *byte == 0).next()?).into_owned();
    let from = if name.starts_with('/') {
        PathBuf::new()
    } else {
        match folder {
            Some(folder) => open(folder)?,
            None => fs::read_link(format!("/proc/{pid}/cwd")).ok()?,
        }
    };
    Some(plain(&from.join(name)))
}

impl Place {
    fn name(self) -> usize {
        match self {
            Name(at) | Open(at) | In(_, at) => at,
        }
    }
}

/// Without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain
}

/// A path without what is another in every run: random letters and numbers of processes.
pub fn normal(path: &str) -> String {
    let part = |part: &str| {
        let made_up = [
            "tmp_",
            ".tmp",
            ".new-",
            ".git-bak",
            "refs_",
            "packs_",
            "staged-",
            "clean-",
            "vault.git-",
            "0000_000000.",
        ];
        match made_up.iter().find(|it| part.contains(*it)) {
            Some(it) => format!("{it}~"),
            None => part.to_owned(),
        }
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// The paths that a call reads or changes, in their normal form; with a name the list of its folder changes.
pub fn touched(call: &Call) -> Vec<String> {
    let mut all: Vec<String> = call.paths.iter().map(|path| normal(path)).collect();
    if call.name == "list" {
        all.iter_mut().for_each(|path| path.push('/'));
    } else if !["look", "write", "fsync", "flock", "chmod", "copy", "truncate"].contains(&call.name)
    {
        let parents = all.iter().filter_map(|path| Some(format!("{}/", path.rsplit_once('/')?.0)));
        let parents: Vec<String> = parents.collect();
        all.extend(parents);
    }
    all
}
