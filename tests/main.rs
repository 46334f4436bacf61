//! The tests that drive real Git and the real binary, a module per subject.

// Every module uses some of the scratch repository; none uses all of it.
#![allow(dead_code)]
// A scratch repository that can't be made ends the test.
#![allow(clippy::unwrap_used)]

mod agents;
#[cfg(unix)]
mod apply;
mod at_risk;
mod audit;
mod backup_bytes;
mod backup_files;
mod backup_limits;
mod bad_input;
#[cfg(unix)]
mod broken;
mod chained;
mod clean_verb;
mod clients;
mod commands;
mod commit;
mod completions;
mod content;
mod damage;
mod docs;
mod doctor;
#[cfg(target_os = "linux")]
mod dying;
#[cfg(unix)]
mod elsewhere;
mod encrypting;
mod entries;
mod failure;
mod first;
mod forget;
#[cfg(unix)]
mod formats;
#[cfg(target_os = "linux")]
mod fortnight;
mod from_here;
#[cfg(target_os = "linux")]
mod guard;
mod hooks_path;
#[cfg(unix)]
mod hostile;
#[cfg(unix)]
mod index_forms;
mod install;
#[cfg(unix)]
mod installer;
mod journal;
mod layers;
mod left_alone;
mod log;
#[cfg(target_os = "linux")]
mod losses;
mod man_page;
#[cfg(unix)]
mod managers;
mod many;
mod messages;
#[cfg(target_os = "linux")]
mod monitor;
mod names;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod packages;
mod pair;
#[cfg(unix)]
mod patch;
mod picker;
#[cfg(target_os = "linux")]
mod picture;
#[cfg(unix)]
mod privacy;
#[cfg(unix)]
mod progress;
#[cfg(unix)]
mod pty;
#[cfg(unix)]
mod races;
mod readers;
mod record;
mod remembered;
#[cfg(unix)]
mod remote;
mod restore;
mod restore_choice;
mod restore_index;
mod restore_work;
mod retention;
#[cfg(unix)]
mod run;
#[cfg(unix)]
mod saying;
mod scratch;
#[cfg(unix)]
mod screens;
#[cfg(target_os = "linux")]
mod script;
#[cfg(unix)]
mod seldom;
mod sequence;
mod settings;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod simulation;
mod small_disk;
mod snapshot_verb;
mod staging;
#[cfg(unix)]
mod surroundings;
#[cfg(unix)]
mod survey;
mod systems;
mod template;
mod told;
mod traps;
mod undo;
mod unseen;
mod untouched;
mod vault;
mod vault_expiry;
#[cfg(unix)]
mod walk;
mod ways;
