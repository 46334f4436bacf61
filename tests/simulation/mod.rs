//! Several processes of git-bak and of real Git, every one of whose crashes and interleavings can be had again: all stand still
//! before each system call that others could see, and a script says who goes on, who dies, and which call fails.
//!
//! - `system`, `calls`, `tasks`, `world`: stopping real processes at their calls (ptrace), and letting them go on one at a time;
//! - `runs`, `play`: a run as a script; `scenes`, `states`: the repository and who acts in it;
//! - `power`, `disk`: what a disk may hold after a power cut;
//! - `invariants`, `look`: what must be true afterwards, and looking; `mutations`: proof that it wouldn't be, were an order wrong.
//!
//! Two actors change places only where they meet: before a call about a file that one changes and the other reads or
//! changes when each runs by itself. A read of an open file is no such place, nor is what happens only when they meet.
//! `every_change_of_places_loses_nothing` goes through all runs of a pair with at most two changes of places, and says nothing of
//! more.
//!
//! `GIT_BAK_TEST_SEEDS=100..200` takes other seeds; a failure prints the shortest script found, which
//! `GIT_BAK_TEST_SCRIPT='WHO+WHO v1 …'` runs again.

use std::collections::BTreeSet;

mod calls;
mod disk;
mod invariants;
mod look;
mod mutations;
mod play;
mod power;
mod runs;
mod scenes;
mod states;
mod system;
mod tasks;
mod world;

use calls::Sort;
use disk::Disk;
use invariants::Expected;
use play::Play;
use power::Log;
use runs::{Script, Turn};
use scenes::{ACTORS, PAIRS, Scene, Words};
use world::{Fault, Step};

use crate::apply::random::Random;

/// Runs for each seed: making a scene takes longer than a run.
const RUNS: usize = 4;

// Whoever can't have it wants to know.
#[allow(clippy::print_stdout)]
/// The seeds of this run; elsewhere than in this repository's own checks nobody need be able to follow processes.
fn seeds(default: std::ops::Range<u64>) -> std::ops::Range<u64> {
    if std::env::var_os("GIT_BAK_TEST_CI").is_none() && !tasks::can_follow() {
        println!("left out: this system lets no process follow another");
        return 0..0;
    }
    let Ok(set) = std::env::var("GIT_BAK_TEST_SEEDS") else { return default };
    let (from, to) = set.split_once("..").unwrap();
    from.parse().unwrap()..to.parse().unwrap()
}

fn turn(actor: usize, calls: usize, fault: Option<Fault>) -> Turn {
    Turn { actor, calls, fault }
}

/// What can happen at a call: death, alone or with all that was started, or failure.
fn faults(step: &Step) -> Vec<Fault> {
    let mut faults = vec![Fault::KillAll];
    if step.ours {
        let errors = [libc::EIO, libc::ENOSPC, libc::EACCES, libc::EINTR];
        faults.push(Fault::Kill);
        faults.extend(errors.map(Fault::Fails));
        faults.extend(step.what.starts_with("write").then_some(Fault::Short));
    }
    faults
}

#[test]
fn whoever_dies_or_fails_at_a_call_loses_nothing() {
    for seed in seeds(1..4) {
        let mut random = Random::of(seed.wrapping_mul(7919));
        let play = Play::of(ACTORS[random.below(ACTORS.len())].name);
        let alone = Script::default();
        let whole = alone.run(&play.expected.scene, &[play.actors[0].words], &play.points, None);
        play.check(&alone);
        for _ in 0..RUNS {
            let at = random.below(whole.trace.len());
            let faults = faults(&whole.trace[at]);
            play.check(&Script(vec![turn(0, at, Some(faults[random.below(faults.len())]))]));
        }
    }
}

#[test]
fn two_who_meet_lose_nothing() {
    for seed in seeds(1..4) {
        let mut random = Random::of(seed.wrapping_mul(104_729));
        let play = Play::of(PAIRS[random.below(PAIRS.len())]);
        for _ in 0..RUNS {
            let first = random.below(2);
            let mut turns: Vec<Turn> = (0..1 + random.below(5))
                .map(|at| (first + at) % 2)
                .map(|who| turn(who, 1 + random.below(play.lengths[who].max(1)), None))
                .collect();
            if random.below(3) == 0 {
                turns.last_mut().unwrap().fault = Some(Fault::KillAll);
            }
            play.check(&Script(turns));
        }
    }
}

/// A few of them, for one pair; or all, for those whose name has `GIT_BAK_TEST_PAIR` in it: hours.
#[test]
fn every_change_of_places_loses_nothing() {
    let chosen = std::env::var("GIT_BAK_TEST_PAIR");
    let step = if chosen.is_ok() { 1 } else { 15 };
    let chosen = chosen.unwrap_or_else(|_| "commit-backed+person".to_owned());
    let names = PAIRS.iter().filter(|pair| pair.contains(&chosen));
    for play in names.filter(|_| !seeds(0..1).is_empty()).map(|names| Play::of(names)) {
        let both = [(0, 1), (1, 0)].into_iter().flat_map(|(first, other)| {
            let all = (1..=play.lengths[first]).map(move |calls| (first, calls, other));
            let lengths = &play.lengths;
            all.flat_map(move |it| (0..=lengths[other]).map(move |others| (it, others)))
        });
        for ((first, calls, other), others) in both.step_by(step) {
            let turns = [turn(first, calls, None), turn(other, others, None)];
            play.check(&Script([&turns[..], &[turn(first, usize::MAX, None)]].concat()));
        }
    }
}

#[test]
fn after_a_power_cut_what_was_safe_is_there() {
    for seed in seeds(1..5) {
        let mut random = Random::of(seed.wrapping_mul(15_485_863));
        let actor = &ACTORS[random.below(ACTORS.len())];
        let expected = Expected::of(Scene::new(actor.prepare), &[actor]);
        let log = Log::of(&expected.scene, actor.words);
        for disk in [Disk::Ordered, Disk::Loose, Disk::Loose] {
            let done = if random.below(3) == 0 { log.len() } else { random.below(log.len() + 1) };
            log.build(&expected.scene, done, disk, &mut random);
            let broken = expected.broken_by_power();
            assert!(broken.is_none(), "{} seed {seed}, {disk:?}, {done}: {broken:?}", actor.name);
        }
    }
}

#[test]
fn every_wrong_order_is_found() {
    for mutation in mutations::MUTATIONS {
        if seeds(0..1).is_empty() {
            return;
        }
        let play = Play::of(mutation.actor);
        let (scene, words) = (&play.expected.scene, [play.actors[0].words]);
        let root = scene.root();
        let run = |script: &Script| {
            let ran = script.run(scene, &words, &play.points, Some((mutation.make)(&root)));
            let length = ran.trace.len();
            play.expected.broken(&ran).ok_or(length)
        };
        let found = run(&Script::default()).or_else(|length| {
            let died = |at| run(&Script(vec![turn(0, at, Some(Fault::KillAll))])).ok();
            (0..length).find_map(died).ok_or(length)
        });
        assert!(found.is_ok(), "nobody finds that {}", mutation.name);
    }
}

/// A version expires just while a file that has its bytes once more is copied.
#[test]
fn a_lock_and_a_second_look_are_missed_where_two_meet() {
    if seeds(0..1).is_empty() {
        return;
    }
    let play = Play::of("snapshot-again+expire");
    let (scene, words) = (&play.expected.scene, [play.actors[0].words, play.actors[1].words]);
    let alone = Script::default().run(scene, &words[..1], &play.points, None).trace;
    let before = |what: &str| alone.iter().position(|step| step.what.starts_with(what)).unwrap();
    for (what, rule) in [
        (
            "flock repo/.git/bak/lock",
            mutations::without_second_look as fn() -> world::Rule<'static>,
        ),
        ("write repo/.git/bak/record/", mutations::without_locks),
    ] {
        let script = Script(vec![turn(0, before(what), None), turn(1, usize::MAX, None)]);
        play.check(&script);
        let ran = script.run(scene, &words, &play.points, Some(rule()));
        assert!(play.expected.broken(&ran).is_some(), "{script}: {:#?}", ran.trace);
    }
}

#[test]
fn the_same_script_is_the_same_run() {
    if seeds(0..1).is_empty() {
        return;
    }
    let play = Play::of("snapshot+fold");
    let words: Vec<Words> = play.actors.iter().map(|actor| actor.words).collect();
    let script: Script = "v1 0:9 1:40 0:7 1:12!killed".parse().unwrap();
    let runs = [(); 2].map(|()| script.run(&play.expected.scene, &words, &play.points, None).trace);
    assert!(runs[0].len() > 60, "{runs:#?}");
    assert_eq!(runs[0], runs[1]);
}

#[test]
fn a_script_is_read_as_it_was_printed_and_one_of_another_version_says_so() {
    if let Ok(text) = std::env::var("GIT_BAK_TEST_SCRIPT")
        && let Some((names, script)) = text.split_once(' ')
    {
        Play::of(names).check(&script.parse().unwrap());
    }
    let text = "v1 0:12 1:7!killed 0:3!dies 1:1!28 0:0!short";
    assert_eq!(text.parse::<Script>().unwrap().to_string(), text);
    for bad in ["v2 0:12", "", "0:12", "v1 0", "v1 0:x", "v1 0:1!never"] {
        assert!(bad.parse::<Script>().is_err(), "{bad:?}");
    }
    assert_eq!(
        "v0 0:1".parse::<Script>().unwrap_err(),
        "a script of v1 is asked for, not Some(\"v0\")"
    );
}

/// What two share is about files: neither sleeps or asks for chance there.
fn shared(one: &[Step], other: &[Step]) -> BTreeSet<String> {
    let about = |trace: &[Step], changes: bool| -> BTreeSet<String> {
        let chosen = trace.iter().filter(|step| !changes || step.sort != Sort::Reads);
        chosen.flat_map(|step| step.about.iter().cloned()).collect()
    };
    let of = |one: &[Step], other: &[Step]| &about(one, true) & &about(other, false);
    &of(one, other) | &of(other, one)
}
