//! Getting in and out of a repository, and what is found there: hook files, template, coding agents, settings,
//! the checkup.

pub mod agents;
pub mod alone;
pub mod checkup;
pub mod hook_files;
pub mod remembered;
pub mod template;
mod user;
