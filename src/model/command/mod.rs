//! The words of a Git command, and what it is about to do.

pub mod danger;
pub mod git_command;
mod words;
