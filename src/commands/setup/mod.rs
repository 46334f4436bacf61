//! Getting in and out: install, uninstall, the template.

pub mod agents;
pub mod install;
mod shims;
pub mod template;
pub mod uninstall;
