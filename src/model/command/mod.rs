//! The words of a command, and what it is about to do.

pub mod danger;
pub mod git_command;
pub mod shell;
mod words;
