//! Proof that the invariants find wrong orders: each mutation is what the program would do with a step left out, or made too
//! early or too late; it is made at the system call. The program itself is as it is.

use std::cell::{Cell, RefCell};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::calls::Call;
use super::world::{Rule, Verdict};

/// A wrong order, and who has it.
pub struct Mutation {
    pub name: &'static str,
    pub actor: &'static str,
    pub make: fn(&Path) -> Rule<'_>,
}

pub const MUTATIONS: &[Mutation] = &[
    Mutation { name: "a copy is never made", actor: "snapshot", make: |_| without(is_kept) },
    Mutation { name: "the line is written before the copies", actor: "snapshot", make: kept_late },
    Mutation { name: "the line is never written", actor: "snapshot", make: |_| without(is_line) },
    Mutation { name: "half a line is taken for a whole one", actor: "snapshot", make: half_a_line },
    Mutation {
        name: "a backup's bytes are not all written",
        actor: "snapshot",
        make: |_| without(is_bytes),
    },
    Mutation { name: "the lock is never let go", actor: "snapshot", make: held_for_ever },
    Mutation {
        name: "a hook writes the index",
        actor: "commit",
        make: |root| spoils(root, "index"),
    },
    Mutation { name: "a staged version is never kept", actor: "add", make: |_| without(is_kept) },
    Mutation {
        name: "a backup goes before the vault has it",
        actor: "clean-stray",
        make: |root| spoils(root, "backup"),
    },
    Mutation {
        name: "what is not ours is cleaned up",
        actor: "clean",
        make: |root| spoils(root, "by hand"),
    },
    Mutation {
        name: "new is emptied before the pack is there",
        actor: "fold",
        make: |root| spoils(root, "new"),
    },
    Mutation {
        name: "new is emptied though the pack has no index",
        actor: "fold",
        make: |_| without(is_index),
    },
];

/// A blob gets its name in `bak/new`.
fn is_kept(call: &Call) -> bool {
    ["link", "rename"].contains(&call.name)
        && call.paths.last().is_some_and(|path| path.contains(".git/bak/new/"))
}

fn is_line(call: &Call) -> bool {
    call.is("write", ".git/bak/record/2025-")
}

fn is_bytes(call: &Call) -> bool {
    (call.is("write", ".bak.00000000_000000.") || call.is("copy", ".bak.00000000_000000."))
        && call.paths.last().is_some_and(|path| path.contains("/b.txt"))
}

fn is_index(call: &Call) -> bool {
    call.is("rename", "objects/pack/pack-") && call.is("rename", ".idx")
}

/// Such calls are not made, and seem to be.
fn without<'a>(chosen: fn(&Call) -> bool) -> Rule<'a> {
    Box::new(move |_, call, _| match chosen(call) {
        true if ["write", "copy"].contains(&call.name) => {
            Verdict::Returns(call.argument(if call.name == "write" { 2 } else { 4 }).cast_signed())
        }
        true => Verdict::Returns(0),
        false => Verdict::Goes,
    })
}

/// Blobs get their names only after the line.
fn kept_late(root: &Path) -> Rule<'_> {
    let put_off: RefCell<Vec<(PathBuf, PathBuf)>> = RefCell::default();
    let due = Cell::new(false);
    Box::new(move |_, call, _| {
        if due.get() {
            for (from, to) in put_off.borrow_mut().drain(..) {
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                let _ = fs::hard_link(from, to);
            }
        }
        due.set(is_line(call));
        if !is_kept(call) {
            return Verdict::Goes;
        }
        let [from, to] = [0, 1].map(|at| root.join(&call.paths[at]));
        put_off.borrow_mut().push((from, to));
        Verdict::Returns(0)
    })
}

fn half_a_line(root: &Path) -> Rule<'_> {
    Box::new(|_, call, pid| {
        if !is_line(call) {
            return Verdict::Goes;
        }
        let bytes = call.bytes(pid);
        let mut day = File::options().append(true).open(root.join(&call.paths[0])).unwrap();
        std::io::Write::write_all(&mut day, &bytes[..bytes.len() / 2]).unwrap();
        Verdict::Returns(call.argument(2).cast_signed())
    })
}

fn held_for_ever(root: &Path) -> Rule<'_> {
    let held: RefCell<Option<File>> = RefCell::default();
    Box::new(move |_, call, _| {
        if !call.is("flock", "bak/lock") {
            return Verdict::Goes;
        }
        let file = File::open(root.join(&call.paths[0])).unwrap();
        file.try_lock().unwrap();
        *held.borrow_mut() = Some(file);
        // Whoever asked has it.
        std::mem::forget(held.take());
        Verdict::Returns(0)
    })
}

/// Once it has begun, something is destroyed that it should not touch by then.
fn spoils<'a>(root: &'a Path, what: &'static str) -> Rule<'a> {
    let top = root.join("repo");
    Box::new(move |step, call, _| {
        let is_time = match what {
            "index" => is_line(call),
            "new" => call.is("mkdir", "vault.git/packing"),
            "backup" => call.is("open", "bak/new/"),
            _ => call.name == "unlink",
        };
        if step.ours && is_time {
            let gone = match what {
                "index" => fs::remove_file(top.join(".git/index")),
                "new" => fs::remove_dir_all(top.join(".git/bak/new")),
                "backup" => fs::remove_file(top.join("b.txt.bak.20251106_201059.da6ad9b9")),
                _ => fs::remove_file(top.join("a.txt.bak.20200101_101010")),
            };
            let _ = gone;
        }
        Verdict::Goes
    })
}

/// Nobody's lock keeps anybody out.
pub fn without_locks<'a>() -> Rule<'a> {
    without(|call| call.is("flock", "bak/lock"))
}

/// Whoever looks whether a blob is still there is told that it is.
pub fn without_second_look<'a>() -> Rule<'a> {
    Box::new(|step, call, pid| {
        let is_it = step.actor == 0 && call.registers.orig_rax == libc::SYS_statx.cast_unsigned();
        if !is_it || !call.is("look", ".git/bak/new/") {
            return Verdict::Goes;
        }
        // All that is asked for: a file (statx(2): `stx_mode` at 28) of some bytes (`stx_size` at 40).
        let mut answer = [0; 256];
        answer[..4].copy_from_slice(&0x7ffu32.to_le_bytes());
        answer[28..30].copy_from_slice(&0o100_444u16.to_le_bytes());
        answer[40] = 30;
        super::system::write(pid, call.argument(4), &answer);
        Verdict::Returns(0)
    })
}
