//! What is meant: which files, which version.
//!
//! - `paths`: paths as typed; `selection`: what names and pathspecs select;
//! - `resolve`: a version's name; `times`: a time or a label; `pick`: choosing on a screen.

pub mod paths;
pub mod pick;
pub mod resolve;
pub mod selection;
pub mod times;
