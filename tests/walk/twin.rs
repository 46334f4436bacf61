//! The same walk with git-bak and without: what Git does in the one it does in the other.

use super::ground::{Ground, Step, TREES};
use crate::pair::feed;

/// What there is to compare in one working tree: history, index, files, stashes, branches.
const STATE: &str = "git rev-parse HEAD; git ls-files -s; git status --porcelain -b -uall; git diff; \
                     git stash list; git for-each-ref";

/// Walks in two repositories; what became different, if anything has.
pub fn walk(steps: &[Step], kind: &[&str]) -> Result<usize, String> {
    let (with, without) = (Ground::new(kind, true), Ground::new(kind, false));
    for (number, step) in steps.iter().enumerate() {
        let (ran, other) = (with.run(step), without.run(step));
        let told = |what: &str| {
            format!(
                "after step {number}: {} (in {}): {what}\n{ran:#?}\n{other:#?}",
                step.line, step.tree
            )
        };
        if ran.status != other.status {
            return Err(told("it ended otherwise than without git-bak"));
        }
        for tree in TREES {
            let (state, other) = (state(&with, tree), state(&without, tree));
            if state != other {
                return Err(told(&format!("{tree} is not as without git-bak\n{state}\n{other}")));
            }
        }
    }
    Ok(0)
}

fn state(ground: &Ground, tree: &str) -> String {
    if !ground.tree(tree).join(".git").exists() {
        return String::new();
    }
    let mut command = ground.at(tree).command("sh");
    command.args(["-c", STATE]).env("GIT_OPTIONAL_LOCKS", "0");
    feed(command, "").stdout
}
