//! Git: what it knows and what it stores, through libgit2 and, where that can't or is wrong, through
//! Git's own programs. Nothing above this layer knows which of the two answered.

pub mod branches;
pub mod command;
pub mod commit;
pub mod commits_since;
pub mod config;
mod discovery;
pub mod fs_daemon;
pub mod history;
pub mod index;
pub mod line_diff;
pub mod object_format;
pub mod objects;
pub mod old_vault;
pub mod patch;
pub mod refs;
pub mod repository;
pub mod survey;
pub mod whereabouts;
pub mod worktree;
