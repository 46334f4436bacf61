//! Getting in and out: install, uninstall, for all repositories, the template.

pub mod agents;
pub mod first;
pub mod global;
pub mod install;
mod shims;
pub mod template;
pub mod uninstall;
