//! Hooks that write, folds and expiries that are killed anywhere, and plain `git gc --prune=now` in the vault, all at
//! once: at the end every version that isn't gone can be read.
//!
//! A fold is a process of its own (this program, started again), killed alone or with its Git.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::{DAY, NOON, Nest};
use crate::vault::Vault;
use crate::vault::fold::FoldSettings;
use crate::vault::gone::GoneLines;

const FOLDER: &str = "vault::tests::storm::folder";
const PLACE: &str = "BAK_TEST_STORM_TOP";
const LENGTH: Duration = Duration::from_secs(10);

struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

#[test]
fn nothing_is_lost_in_a_storm() {
    let nest = Nest::new();
    nest.snapshot(NOON, &[("a", b"first")]);
    let (stop, written) = (AtomicBool::new(false), AtomicU64::new(0));
    let (mut killed, mut whole) = (0, 0);
    std::thread::scope(|scope| {
        for seed in 1..4 {
            let (top, stop, written) = (nest.top.clone(), &stop, &written);
            scope.spawn(move || write(top, seed, stop, written));
        }
        let (vault, stopped) = (nest.vault(), &stop);
        scope.spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(400));
                // It may meet a fold, and fail.
                let _ = vault.output(["gc", "--prune=now", "--quiet"]);
            }
        });
        let (start, mut dice) = (Instant::now(), Dice(77));
        while start.elapsed() < LENGTH {
            match strike(&nest.top, &mut dice) {
                true => killed += 1,
                false => whole += 1,
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    // The last one may still hold the lock, by its Git.
    while nest.fold(NOON + 5 * DAY).is_busy {
        std::thread::sleep(Duration::from_millis(50));
    }
    let written = written.load(Ordering::Relaxed);
    eprintln!("{written} snapshots, {killed} folds killed, {whole} not");
    assert!(written > 100 && killed > 3);
    assert_eq!(lost(&nest), Vec::<String>::new());
    nest.fsck();
    assert_eq!(nest.loose(), 0);
}

/// Starts a fold and, mostly, kills it; whether it did.
fn strike(top: &Path, dice: &mut Dice) -> bool {
    let mut fold = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", FOLDER, "--ignored"])
        .env(PLACE, top)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap();
    let pid = Pid::from_child(&fold);
    std::thread::sleep(Duration::from_millis(5 + dice.below(30) * dice.below(30)));
    let kills = dice.below(4) > 0 && fold.try_wait().unwrap().is_none();
    if kills {
        let _ = match dice.below(2) {
            0 => kill_process(pid, Signal::KILL),
            _ => kill_process_group(pid, Signal::KILL),
        };
    }
    fold.wait().unwrap();
    kills
}

/// Run as a process of its own by the test above: what is of the first two days expires.
#[test]
#[ignore = "needs to be killed by another test"]
fn folder() {
    let Some(top) = std::env::var_os(PLACE) else { return };
    let nest = Nest::plain(PathBuf::from(top));
    let settings = FoldSettings { expire: Some(3 * DAY), at_once: true, ..FoldSettings::default() };
    // Another may hold the lock, or `gc` may have a pack in its hands: then it is for the next one.
    let _ = crate::vault::fold::fold(
        &nest.repository,
        &nest.record,
        settings,
        &super::at(NOON + 5 * DAY),
    );
}

fn write(top: PathBuf, seed: u64, stop: &AtomicBool, written: &AtomicU64) {
    let nest = Nest::at(top);
    let mut dice = Dice(seed * 7919);
    while !stop.load(Ordering::Relaxed) {
        let bytes = [0; 3].map(|_| format!("content {}\n", dice.below(150)).repeat(40));
        let names = [0; 3].map(|_| format!("d{}/f{}", dice.below(3), dice.below(9)));
        let files: Vec<(&str, &[u8])> =
            names.iter().map(String::as_str).zip(bytes.iter().map(String::as_bytes)).collect();
        let number = 1 + dice.below(3) as usize;
        let time = NOON + dice.below(5) as i64 * DAY + dice.below(20_000) as i64;
        nest.snapshot(time, &files[..number]);
        written.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(dice.below(60)));
    }
}

/// The versions whose blobs can't be read and that aren't gone.
fn lost(nest: &Nest) -> Vec<String> {
    let read = nest.record.read_all().unwrap();
    assert_eq!((read.damaged, read.unread.len()), (0, 0));
    let gone = GoneLines::of(&read.lines, NOON + 5 * DAY);
    let vault = Vault::of(&nest.repository);
    let objects = crate::git::objects::Objects::of(&nest.repository);
    let mut lost = Vec::new();
    for raw in &read.lines {
        for seen in raw.line.versions().filter(|seen| !gone.has(raw, seen)) {
            let id = objects.parse(seen.id.as_ref().unwrap()).unwrap();
            if let Err(error) = vault.read(id) {
                lost.push(format!("{}: {error}", raw.line.time));
            }
        }
    }
    lost
}
