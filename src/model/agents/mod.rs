//! Coding agents: those that are known to us, and what one says that it is about to do.
//!
//! - `agent_name`: their names; `agent_step`: what one is about to do.

pub mod agent_name;
pub mod agent_step;
