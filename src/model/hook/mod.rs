//! Hooks: their names, their scripts, and who wrote them.

pub mod maker;
pub mod manager;
pub mod name;
pub mod script;
pub mod shim;
pub mod started;
