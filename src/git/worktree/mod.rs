//! Working trees: which there are, and what Git would write into one.

pub mod filtered;
pub mod nested;
pub mod saved_index;
pub mod scratch_worktree;
pub mod spelling;
pub mod submodules;
pub mod worktree_form;
pub mod worktrees;
