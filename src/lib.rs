//! git-bak: a safety net in a repository's Git hooks.
//!
//! # Three promises
//!
//! 1. What git-bak has once copied can be brought back, for 30 days: every snapshot goes into the vault
//!    first and to the files beside the originals then, and a backup file is unlinked only with proof
//!    (a [receipt](backups::receipt)) that the vault holds its bytes.
//! 2. git-bak never makes a Git command fail and never changes what is committed. It writes no index,
//!    no branch and no tracked file, prints nothing to standard output in a hook, and says in one line
//!    on standard error what it could not do.
//! 3. What it says is so: 'backed up', 'restored', 'as it was' are said only of what was looked at afterwards, byte for
//!    byte; what could not be protected or put back is named; a command that it prints works where it was printed.
//!
//! # The map
//!
//! Arrows point one way: `main` → [`hooks`], [`commands`] → [`term`] → [`setup`] → [`transaction`] → [`snapshot`] →
//! [`backups`] → [`vault`] → [`record`] → [`git`] → [`os`] → [`model`]. Entries don't use each other.
//!
//! | layer | what is in it |
//! |---|---|
//! | [`model`] | what is true without disk, Git, clock or environment: names, retention, settings, attempts |
//! | [`os`] | what differs between systems: folder handles, files that appear whole, processes, terminals |
//! | [`git`] | objects, refs and the index as the files they are, through libgit2 or through Git's own programs, whichever is right |
//! | [`record`] | the append-only text of what happened, and what its lines come to: versions, attempts, failures |
//! | [`vault`] | the bare repository with every version: keeping, folding, expiry, forgetting |
//! | [`backups`] | the files beside: finding them, receipts, retention, clean-up, putting a version back; versions, attempts |
//! | [`snapshot`] | which versions to copy, reading and keeping them; the audit afterwards |
//! | [`transaction`] | several files change or none does: the record, the rehearsal, the way back; moments that can be taken back |
//! | [`setup`] | getting in and out: the hooks folder, the template, settings that are remembered, the checkup |
//! | [`hooks`] | one file per Git hook: the order of its steps |
//! | [`commands`] | one file per verb, the same |
//! | [`term`] | every word that is printed, and the screen on which a version is picked |
//!
//! # The order of steps
//!
//! **A script** in the hooks folder: starts this program → done, stop the commit, or anything else: it didn't do its
//! work, and that is said → the user's own hook, whose status is Git's → for pre-commit, this program once more.
//!
//! **post-index-change**: is it `git add`? (for `git status` and `git commit` the script itself says no) → which
//! staged entries do HEAD, a merge's parents and the newest snapshot lack? → snapshot.
//!
//! **pre-commit**: the settings are remembered, or read by Git while this process finds the files at risk
//! in the index, or asks Git for them where only Git knows → call attempts failed that no post-commit ended → snapshot,
//! whose line opens the attempt → the user's own hook → by that line, look whether unstaged edits survived it.
//!
//! **A snapshot**: the ignore block stands → every version is read, hashed, kept in the vault (a link to Git's own
//! object, else a copy), and copied under a temporary name → one free second is found for all names → under the
//! record's lock: is every blob still there? → one line → each copy gets its name, never over an existing file →
//! retention.
//!
//! **A fold**: the record is read → what will go is noted in it → days that differ become branches, all at once → one
//! pack → what such a pack is seen to hold leaves `bak/new`.
//!
//! **post-commit**: find this commit's attempt → audit → for every backup, except those of a commit
//! still under way: hash it, find it in the vault or take it in, unlink → the commit's line → a fold is
//! started, if one is due → the user's own hook.
//!
//! **post-checkout**: what is outstanding → after a switch: retire backups whose file is gone; after a
//! checkout of files: name the edits it overwrote → the user's own hook.
//!
//! **The guard**: whose command asks, by its words; a harmless one is answered at once, the most frequent by the line in
//! the configuration itself → what it may overwrite or
//! delete → a snapshot, into the vault alone → the answer, that anything may have changed.
//!
//! **An upgrade** (`apply`): the lock → the patches are rehearsed on copies, by Git → the validate command, in
//! a scratch worktree → the record of what stands at each path and what will, synced → for each patch: a
//! snapshot, then each path by one rename or unlink → reload → test → commit → clean-up → the record goes.
//! A step that fails puts everything back by the record; so does `--abort` after a crash.
//!
//! **undo**: which moment is the newest → is each file what it left, and HEAD where it was? → shown, asked → a snapshot
//! of what is overwritten → the record, as of an upgrade → each file, by one rename → a look at all → a line: a moment
//! itself.
//!
//! Each file says what could go wrong and why its order can't do harm.

pub mod backups;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod exit_status;
pub mod git;
pub mod hooks;
pub mod model;
pub mod os;
pub mod record;
pub mod setup;
pub mod snapshot;
pub mod term;
pub mod transaction;
pub mod vault;
