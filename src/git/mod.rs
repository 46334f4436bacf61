//! Git: what it knows and what it stores, through libgit2 and, where that can't or is wrong, through
//! Git's own programs. Nothing above this layer knows which of the two answered.

pub mod at_risk;
pub mod branches;
pub mod command;
pub mod commit;
pub mod commits_since;
pub mod config;
pub mod config_sources;
mod cut_short;
mod database;
pub mod differences;
mod discovery;
pub mod filtered;
pub mod fsmonitor;
pub mod history;
pub mod hooks_path;
pub mod ignored;
pub mod index;
pub mod line_diff;
#[cfg(unix)]
mod loose;
mod object_body;
pub mod objects;
pub mod old_vault;
pub mod others;
pub mod patch;
mod plain_survey;
pub mod quick_survey;
mod ref_files;
pub mod refs;
pub mod repository;
pub mod saved_index;
pub mod scratch_worktree;
pub mod spelling;
pub mod staged;
pub mod standing;
pub mod template_dir;
pub mod tracked;
pub mod whereabouts;
pub mod worktree_form;
pub mod worktrees;
