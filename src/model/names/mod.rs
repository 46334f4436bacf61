//! Names: of paths, of backups, of what is in them, and how they are quoted.
//!
//! - `repo_path`: a path in the working tree; `pathspec`: a pattern of such paths; `quote`: how they are printed;
//! - `backup_name`, made of a `timestamp` and an `artifact` id.

pub mod artifact;
pub mod backup_name;
pub mod pathspec;
pub mod quote;
pub mod repo_path;
pub mod timestamp;
