//! Which files are at risk, and how they stand to HEAD and the index.

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
