//! A fortnight of hard work: the vault sets off no `gc` and leaves nothing in the user's object database, and a
//! snapshot costs the same on the last day as on the first, folded or not.
//!
//! `GIT_BAK_TEST_SNAPSHOTS=300` takes so many snapshots a day.

use crate::scratch::{Ran, Scratch, script};

const DAYS: usize = 14;
const FILE: &str = "a/b/c/d/e/f/g/h/file.txt";

fn per_day() -> usize {
    let set = std::env::var("GIT_BAK_TEST_SNAPSHOTS").ok();
    set.and_then(|number| number.parse().ok()).unwrap_or(20)
}

fn snapshot(s: &Scratch, text: &str) {
    s.write(FILE, format!("{text}\n"));
    s.bak(["snapshot"]);
}

/// Works for two weeks, eight hours a day, with a commit in the evening, and `evening` after it.
fn work(mut evening: impl FnMut(&Scratch, usize)) -> Scratch {
    let mut s = Scratch::new();
    // Folds are made when the test wants them.
    s.set_env("CI", "1");
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

/// How many blobs wait in `bak/new`.
fn waiting(s: &Scratch) -> usize {
    let folders = std::fs::read_dir(s.top().join(".git/bak/new")).unwrap();
    folders.map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap().count()).sum()
}

#[test]
fn the_vault_sets_off_no_gc_in_a_fortnight() {
    let s = work(|s, day| {
        // A commit: a blob, nine trees and itself.
        let most = 11 * (day + 3);
        assert!(loose(s) <= most, "{} loose objects of {most} on day {day}", loose(s));
        s.bak(["fold"]);
        assert_eq!(waiting(s), 0, "day {day}: what is folded has left");
    });
    assert!(!s.exists("../gc"), "gc --auto found something to do");
    s.git(["fsck", "--strict", "--no-progress"]);
    s.bak(["vault", "fsck", "--strict", "--no-progress"]);
    let branches = s.bak(["vault", "for-each-ref", "--format=%(refname)"]).stdout;
    let days = std::fs::read_dir(s.top().join(".git/bak/record")).unwrap().count();
    assert_eq!(branches.lines().count(), days, "a branch for each day: {branches}");
    let counted = s.bak(["vault", "count-objects", "-v"]).stdout;
    assert!(counted.contains("\npacks: 1\n") && counted.starts_with("count: 0\n"), "{counted}");
    let shown = s.bak(["list", FILE]).stdout;
    assert!(shown.lines().count() >= DAYS * per_day(), "{}", shown.lines().count());
    for (day, number) in [(0, 0), (DAYS / 2, per_day() / 2), (DAYS - 1, per_day() - 1)] {
        assert!(s.vault_has(FILE, &format!("{day} {number}\n")), "{day} {number}");
    }
}

/// How many system calls Git and the snapshot make that it asks for, children included, and how many bytes it reads
/// beyond those of the record.
fn cost(s: &Scratch, text: &str) -> (usize, usize) {
    s.write(FILE, format!("{text}\n"));
    // A file for each process and thread: in one for all, a call that another one interrupts has two lines.
    let logs = s.root().join("calls");
    std::fs::create_dir(&logs).unwrap();
    let mut command = s.command("strace");
    command.args(["-ff", "-qq", "-y", "-o"]).arg(logs.join("of")).args(["git", "add", FILE]);
    assert_eq!(Ran::of(&command.output().unwrap()).status, 0);
    let texts = std::fs::read_dir(&logs).unwrap();
    let texts = texts.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    let calls: String = texts.collect();
    std::fs::remove_dir_all(logs).unwrap();
    // Threads wait for each other as often as the machine has it.
    let calls = calls.lines().filter(|line| line.contains('(') && !line.starts_with("futex("));
    let is_read = |line: &&str| line.starts_with("read(") || line.starts_with("pread64(");
    let is_records = |line: &&str| line.contains("/bak/record/");
    let size = |line: &str| line.rsplit("= ").next()?.parse::<usize>().ok();
    let (record, other): (Vec<&str>, Vec<&str>) =
        calls.clone().filter(is_read).partition(is_records);
    let of_record: usize = record.into_iter().filter_map(size).sum();
    assert!(of_record <= (1 << 20) + 8192, "{of_record} bytes of the record");
    (calls.count(), other.into_iter().filter_map(size).sum())
}

/// The cost of a snapshot each evening, after which `evening` is done.
fn costs(evening: impl Fn(&Scratch)) -> Vec<(usize, usize)> {
    let mut costs = Vec::new();
    work(|s, day| {
        let several = (0..3).map(|number| cost(s, &format!("{day} of three {number}")));
        costs.push(several.min().unwrap());
        evening(s);
    });
    costs
}

fn are_level(costs: &[(usize, usize)]) {
    // The second day is the first that has one before it.
    let (first, last) = (costs[1], costs[DAYS - 1]);
    assert!(last.0 <= first.0 + first.0 / 20, "system calls: {costs:?}");
    assert!(last.1 <= first.1 + first.1 / 10, "bytes read: {costs:?}");
}

#[test]
#[ignore = "needs strace: cargo test -- --include-ignored"]
fn a_snapshot_costs_the_same_on_the_last_day_as_on_the_first() {
    are_level(&costs(|s| drop(s.bak(["fold"]))));
}

#[test]
#[ignore = "needs strace: cargo test -- --include-ignored"]
fn it_does_so_where_no_fold_was_ever_made() {
    are_level(&costs(|_| {}));
}
