//! Names: of paths, of backups, of what is in them, and how they are quoted.

pub mod artifact;
pub mod backup_name;
pub mod pathspec;
pub mod quote;
pub mod repo_path;
pub mod timestamp;
