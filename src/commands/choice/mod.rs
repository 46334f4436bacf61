//! What is meant: which files, which version.

pub mod paths;
pub mod pick;
pub mod resolve;
pub mod selection;
pub mod times;
