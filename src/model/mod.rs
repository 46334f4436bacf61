//! The pure layer: what is true without a disk, a repository, a clock or an environment.
//!
//! - [`names`]: paths, backups, artifact ids, timestamps, pathspecs, quoting; [`access`]: who may read a file;
//! - [`settings`]: every `bak.*` setting; [`check`]: what `doctor` looks at;
//! - [`events`]: the record's lines, attempts, failures; [`transaction`] and [`surroundings`]: what is written down before files
//!   change; [`fields`]: the format of those files;
//! - [`hook`]: hooks, our scripts, hook managers; [`agents`]: coding agents; [`command`]: what a command line may do to files;
//! - [`at_risk`]: files that could be lost; [`harm`]: where a backup would do harm; [`retention`]: which backups are kept;
//! - [`now`] and [`when`]: the time, and times as typed; [`branch_history`]: which branch was checked out when;
//! - [`picker`]: picking what to restore or to undo, without a screen; [`patch_text`]: a patch's text; [`tail`]: the end of a command's output.
//!
//! Everything here is a value or a function of values; `now` is always an argument. A noun is a
//! type that is read strictly and prints what it read.

pub mod access;
pub mod agents;
pub mod at_risk;
pub mod branch_history;
pub mod check;
pub mod command;
pub mod events;
pub mod fields;
pub mod harm;
pub mod hook;
pub mod names;
pub mod now;
pub mod patch_text;
pub mod picker;
pub mod retention;
pub mod settings;
pub mod surroundings;
pub mod tail;
pub mod transaction;
pub mod when;
