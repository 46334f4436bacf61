//! Git: what it knows and what it stores, through libgit2 and, where that can't or is wrong, through
//! Git's own programs. Nothing above this layer knows which of the two answered.
//!
//! - `discovery`, `repository`: where the repository and everything in it is;
//! - `config`: settings; `refs`, `branches`: HEAD; `history`, `commits_since`: commits;
//! - `objects`, `object_format`: the object database; `index`: the index file;
//! - `survey`: the files at risk; `worktree`: working trees, and Git's form of the files in them; `line_diff`: changed lines;
//! - `command`: Git as a child process; `fs_daemon`: Git's file system monitor;
//! - `patch`: applying patches; `commit`: committing exactly some paths;
//! - `whereabouts`: who else has an object; `old_vault`: the vault of earlier versions.

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
