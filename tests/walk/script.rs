//! A failed walk as a script: the shortest that still fails.

use std::time::{Duration, Instant};

use super::ground::{Step, VARIABLES, setup};

/// How long a failure may be made shorter for.
const PATIENCE: Duration = Duration::from_secs(120);

/// Ends the test, with the script.
pub fn fail<T>(
    seed: u64,
    steps: &[Step],
    kind: &[&str],
    error: &str,
    walk: impl Fn(&[Step]) -> Result<T, String>,
) -> ! {
    let (steps, error) = shortest(steps, error, walk);
    panic!(
        "seed {seed}: {error}\n\nThis repeats it, with the git-bak in question on the PATH:\n\n{}\n",
        text(&steps, kind)
    );
}

/// As few of the steps as are needed to fail: halves, quarters … are left out as long as it still does.
fn shortest<T>(
    steps: &[Step],
    error: &str,
    walk: impl Fn(&[Step]) -> Result<T, String>,
) -> (Vec<Step>, String) {
    let began = Instant::now();
    let (mut best, mut error) = (steps.to_vec(), error.to_owned());
    let mut size = best.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < best.len() && began.elapsed() < PATIENCE {
            let mut fewer = best.clone();
            fewer.drain(at..(at + size).min(best.len()));
            match walk(&fewer) {
                Err(other) if !fewer.is_empty() => (best, error) = (fewer, other),
                _ => at += size,
            }
        }
        size /= 2;
    }
    (best, error)
}

fn text(steps: &[Step], kind: &[&str]) -> String {
    let mut text =
        format!("#!/bin/sh\n{VARIABLES}\nat 2025-11-06T20:10:45+00:00\n{}\n", setup(kind, true));
    for step in steps {
        text.push_str(&format!(
            "at {}; cd \"$root/{}\" && {{ {}; }}\n",
            step.at(),
            step.tree,
            step.line
        ));
    }
    text
}
