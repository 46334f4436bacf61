//! Getting in and out: install, uninstall, for all repositories, the template.
//!
//! - `install` and `uninstall` for a repository, `template` and `global` for all, `agents` for coding agents;
//! - `shims`: writing and removing the hooks of one folder; `first`: the snapshot that ends an installation.

pub mod agents;
pub mod first;
pub mod global;
pub mod install;
mod shims;
pub mod template;
pub mod uninstall;
