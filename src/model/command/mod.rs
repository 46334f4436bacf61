//! The words of a command, and what it is about to do.
//!
//! - `git_command`, `words`: a Git command line; `danger`: what that command may overwrite or delete; `shell`: whether a shell's only reads.

pub mod danger;
pub mod git_command;
pub mod shell;
mod words;
