//! What happened: events, attempts and failures, and the lines of the record that tell of them.

pub mod agent_note;
pub mod attempt;
pub mod event;
pub mod failure;
pub mod forgetting;
pub mod journal;
pub mod line;
