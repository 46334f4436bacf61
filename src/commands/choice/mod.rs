//! What is meant: which files, which version, which snapshot.

pub mod paths;
pub mod pick;
pub mod resolve;
pub mod selection;
pub mod whole_snapshot;
