//! Coding agents: those that are known to us, and what one says that it is about to do.

pub mod agent_name;
pub mod agent_step;
