//! Random walks: people and agents edit, stage, commit, fail, switch, merge, throw away, clean and kill in any
//! order, in several working trees. Whatever they do, what was once shown to git-bak as at risk is in the vault.
//!
//! `GIT_BAK_TEST_STEPS=N` walks N steps in each test, `GIT_BAK_TEST_SEED=N` begins with another seed. A walk that
//! fails is made as short as it can be, and printed as a script that repeats it.

use std::ops::Range;

use ground::{Ground, KINDS, Step};
use model::Model;

mod ground;
mod lines;
mod model;
mod script;
mod table;
mod twin;

/// A walk is this long, so that every kind of repository has its turn and a failure is easy to repeat.
const LENGTH: usize = 30;
/// How many steps there are between two looks at everything.
const BETWEEN: usize = 10;

/// Walks; the result is how many versions were at risk, or what went wrong.
fn walk(steps: &[Step], kind: &[&str]) -> Result<usize, String> {
    let ground = Ground::new(kind, true);
    let mut model = Model::default();
    for (number, step) in steps.iter().enumerate() {
        let before = step.stages.then(|| model::index(&ground, step.tree));
        let ran = ground.run(step);
        let told = |error| {
            format!("after step {number}: {} (in {}): {error}\n{ran:#?}", step.line, step.tree)
        };
        if ran.status > 128 || ran.stderr.contains("panicked") {
            return Err(told("it died".to_owned()));
        }
        model.after(&ground, step, before.as_ref()).map_err(told)?;
        if (number + 1) % BETWEEN == 0 {
            model.check(&ground).map_err(told)?;
        }
    }
    model.check(&ground)?;
    model::at_the_end(&ground, kind, steps.last().map_or(0, |step| step.time))?;
    Ok(model.len())
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// The seeds of a test: its own, or as many as are asked for.
fn seeds(own: Range<u64>) -> Range<u64> {
    let first = number("GIT_BAK_TEST_SEED").map_or(own.start, |seed| seed + own.start);
    let count = number("GIT_BAK_TEST_STEPS")
        .map_or(own.end - own.start, |steps| steps.div_ceil(LENGTH as u64));
    first..first + count
}

// A developer who walks by hand wants to see that it goes on.
#[allow(clippy::print_stdout)]
fn walks(own: Range<u64>, twin: bool) {
    for seed in seeds(own) {
        let kind = KINDS[seed as usize % KINDS.len()];
        let steps = lines::walk(seed, LENGTH, twin);
        let walk = |steps: &[Step]| if twin { twin::walk(steps, kind) } else { walk(steps, kind) };
        match walk(&steps) {
            Ok(versions) => {
                println!("seed {seed}: {} steps, {versions} versions at risk", steps.len());
            }
            Err(error) => script::fail(seed, &steps, kind, &error, walk),
        }
    }
}

#[test]
fn what_was_at_risk_on_a_walk_can_be_brought_back() {
    walks(0..8, false);
}

#[test]
fn the_same_on_other_walks() {
    walks(1_000_008..1_000_016, false);
}

#[test]
fn on_a_walk_git_does_what_it_does_without_git_bak() {
    walks(2_000_000..2_000_002, true);
}

#[test]
fn the_same_without_it_on_other_walks() {
    walks(3_000_006..3_000_008, true);
}
