//! The tests that drive real Git and the real binary, a module per subject.

// Every module uses some of the scratch repository; none uses all of it.
#![allow(dead_code)]
// A scratch repository that can't be made ends the test.
#![allow(clippy::unwrap_used)]

mod bad_input;
mod clean_verb;
mod commands;
mod hooks_path;
mod install;
mod layers;
mod restore;
mod restore_choice;
mod scratch;
mod settings;
mod snapshot_verb;
