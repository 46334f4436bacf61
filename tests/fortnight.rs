//! A fortnight of hard work: the vault never sets off a `gc`, and a snapshot costs the same on the last day as on
//! the first.
//!
//! `GIT_BAK_TEST_SNAPSHOTS=300` takes so many snapshots a day; the usual number, with all their folders, comes to more
//! objects than Git bears loose, too.

use crate::scratch::{BAK, Ran, Scratch, script};

const DAYS: usize = 14;
/// Each snapshot is a blob and nine trees.
const FILE: &str = "a/b/c/d/e/f/g/h/file.txt";
/// What may be loose at a time: 3000 objects of snapshots, one more snapshot, 1024 trees that were superseded and
/// may still be read, and those of the updates between two looks at them.
const MOST_LOOSE: usize = 3000 + 10 + 1024 + 340;

fn per_day() -> usize {
    let set = std::env::var("GIT_BAK_TEST_SNAPSHOTS").ok();
    set.and_then(|number| number.parse().ok()).unwrap_or(60)
}

fn snapshot(s: &Scratch, text: &str) {
    s.write(FILE, format!("{text}\n"));
    s.bak(["snapshot"]);
}

/// Works for two weeks, eight hours a day, with a commit in the evening, and `evening` after it.
fn work(mut evening: impl FnMut(&Scratch, usize)) -> Scratch {
    let s = Scratch::new();
    s.git(["config", "gc.auto", "6700"]);
    s.git(["config", "gc.autoDetach", "false"]);
    s.git(["config", "maintenance.auto", "true"]);
    script(&s.top().join(".git/hooks/pre-auto-gc"), "echo gc >>../gc\nexit 1");
    s.write(FILE, "first\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "file"]);
    for day in 0..DAYS {
        for number in 0..per_day() {
            snapshot(&s, &format!("{day} {number}"));
            s.advance(8 * 3600 / per_day() as i64 - 1);
        }
        s.git(["commit", "-qam", "in the evening"]);
        evening(&s, day);
        s.advance(16 * 3600);
    }
    s
}

fn loose(s: &Scratch) -> usize {
    let counted = s.git(["count-objects"]).stdout;
    counted.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn the_vault_sets_off_no_gc_in_a_fortnight() {
    let mut most = 0;
    let s = work(|s, day| {
        most = most.max(loose(s));
        assert!(most <= MOST_LOOSE, "{most} loose objects on day {day}");
    });
    assert!(!s.exists("../gc"), "gc --auto found something to do");
    let made = DAYS * per_day() * 10;
    assert!(made > 6700 && most < 6700 - 2000, "{made} objects, at most {most} of them loose");
    let packs = s.git(["count-objects", "-v"]).stdout;
    assert!(packs.contains("\npacks: ") && !packs.contains("\npacks: 0"), "{packs}");
    let kept = s.git(["ls-tree", "-r", "--name-only", "refs/bak/vault"]).stdout;
    // The evening's commits found what the last snapshot had; the first two are Scratch's and work's.
    assert!(kept.lines().count() >= DAYS * per_day(), "{}", kept.lines().count());
    s.git(["fsck", "--strict", "--no-progress"]);
    let shown = s.bak(["list", "--vault", FILE]).stdout;
    assert!(shown.lines().count() >= DAYS * per_day(), "{}", shown.lines().count());
}

/// How many system calls a snapshot makes, children included, and how many bytes it reads.
fn cost(s: &Scratch, text: &str) -> (usize, usize) {
    s.write(FILE, format!("{text}\n"));
    // A file for each process and thread: in one for all, a call that another one interrupts has two lines.
    let logs = s.root().join("calls");
    std::fs::create_dir(&logs).unwrap();
    let mut command = s.command("strace");
    command.args(["-ff", "-qq", "-o"]).arg(logs.join("of")).args([BAK, "snapshot"]);
    assert_eq!(Ran::of(&command.output().unwrap()).status, 0);
    let texts = std::fs::read_dir(&logs).unwrap();
    let texts = texts.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    let calls: String = texts.collect();
    std::fs::remove_dir_all(logs).unwrap();
    // Threads wait for each other as often as the machine has it.
    let calls = calls.lines().filter(|line| line.contains('(') && !line.starts_with("futex("));
    let is_read = |line: &&str| line.starts_with("read(") || line.starts_with("pread64(");
    let read = calls.clone().filter(is_read);
    let bytes = read.filter_map(|line| line.rsplit("= ").next()?.parse::<usize>().ok()).sum();
    (calls.count(), bytes)
}

#[test]
#[ignore = "needs strace: cargo test -- --include-ignored"]
fn a_snapshot_costs_the_same_on_the_last_day_as_on_the_first() {
    let mut costs = Vec::new();
    let s = work(|s, day| {
        // Now and then one of them sweeps, packs, or looks at older ones.
        let several = (0..5).map(|number| cost(s, &format!("{day} of five {number}")));
        costs.push(several.min().unwrap());
    });
    let (first, last) = (costs[1], costs[DAYS - 1]);
    // Each pack is opened by every Git that is started, until the next gc puts them together.
    let packs = std::fs::read_dir(s.top().join(".git/objects/pack")).unwrap();
    let packs = packs.filter(|file| file.as_ref().unwrap().path().extension().unwrap() == "pack");
    let packs = packs.count();
    assert!(last.0 <= first.0 + first.0 / 20 + packs * 20, "system calls: {packs} {costs:?}");
    assert!(last.1 <= first.1 + first.1 / 10 + packs * 1500, "bytes read: {packs} {costs:?}");
}
