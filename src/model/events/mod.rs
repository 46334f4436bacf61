//! What happened: events, attempts and failures, and the lines of the record that tell of them.
//!
//! - `line`: a line of the record; `event`: what happened to a backup; `agent_note`: an agent's step;
//! - `attempt`: a try at a commit; `failure`, `journal`: those that failed; `forgetting`: versions to destroy.

pub mod agent_note;
pub mod attempt;
pub mod event;
pub mod failure;
pub mod forgetting;
pub mod journal;
pub mod line;
