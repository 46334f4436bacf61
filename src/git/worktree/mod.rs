//! Working trees: which there are, and what Git would write into one.
//!
//! - `worktrees`: linked ones; `scratch_worktree`: one of our own; `submodules`, `nested`: repositories inside;
//! - `worktree_form`, `filtered`: what Git's filters make of a file, in both directions;
//! - `saved_index`: a copy of the index; `spelling`: names as the file system has them.

pub mod filtered;
pub mod nested;
pub mod saved_index;
pub mod scratch_worktree;
pub mod spelling;
pub mod submodules;
pub mod worktree_form;
pub mod worktrees;
