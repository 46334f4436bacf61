//! Getting in and out of a repository, and what is found there: hook files, template, coding agents, settings,
//! the checkup.
//!
//! - `hook_files`: the hooks folder; `template`: the folder from which new repositories get theirs; `agents`: agents' settings;
//! - `checkup`: what `doctor` finds; `remembered`: settings kept for the next hook;
//! - `user`: where the user's own files are; `alone`: one installation at a time.

pub mod agents;
pub mod alone;
pub mod checkup;
pub mod hook_files;
pub mod remembered;
pub mod template;
mod user;
