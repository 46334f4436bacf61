//! Hooks: their names, their scripts, and who wrote them.
//!
//! - `name`: the hooks we have a part in; `shim`: our scripts;
//! - `script`: other people's; `started`: which git-bak they start; `maker`, `manager`: the hook manager behind them.

pub mod maker;
pub mod manager;
pub mod name;
pub mod script;
pub mod shim;
pub mod started;
