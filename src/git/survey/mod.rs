//! Which files are at risk, and how they stand to HEAD and the index.
//!
//! - `at_risk`: the answer, from `git status`; `quick`: the same without a child process; `plain`: where `git status` fails;
//! - `hidden`: edits that Git was told not to see; `held`: files whose bytes Git has; `committed`: what a commit would change;
//! - `staged`, `standing`: HEAD and index; `differences`: working tree and index; `missing`: files that are gone;
//! - `tracked`, `untracked`, `others`, `ignored`: what Git tracks, doesn't, and ignores; `pathspec`: which files are meant.

pub mod at_risk;
pub mod committed;
pub mod differences;
pub mod held;
pub mod hidden;
pub mod ignored;
pub mod missing;
pub mod others;
pub mod pathspec;
mod plain;
pub mod quick;
pub mod staged;
pub mod standing;
pub mod tracked;
pub mod untracked;
