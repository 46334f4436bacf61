//! The pure layer: what is true without a disk, a repository, a clock or an environment.
//!
//! Everything here is a value or a function of values; `now` is always an argument. A noun is a
//! type that is read strictly and prints what it read.
//!
//! - [`access`]: who may use a file
//! - [`agents`]: the coding agents that are known to us, and what one is about to do
//! - [`age`]: a length of time as Git's settings write it, and when something expires
//! - [`artifact`]: the 8 characters at the end of a backup's name
//! - [`at_risk`]: files that a commit, a hook or a careless command could lose
//! - [`attempt`]: one try at a commit, from pre-commit to post-commit
//! - [`backup_name`]: the names of backups and of backups being written, and the ignore patterns
//! - [`branch_history`]: which branch was checked out when
//! - [`check`]: what `doctor` looks at
//! - [`choices`]: the settings that are one word out of a few
//! - [`config_entry`]: one value of Git's configuration, and what is said of one that can't be read
//! - [`danger`]: what a Git command may overwrite or delete, told from its words
//! - [`event`]: what happened to backups
//! - [`failure`]: what the journal keeps of a try that came to nothing
//! - [`fields`]: the format of small files of ours
//! - [`git_command`]: what Git was asked to do
//! - [`forgetting`]: which versions to destroy
//! - [`git_value`]: integers and booleans as Git reads them from its configuration
//! - [`harm`]: where a backup may lie, and what would come of it beside its file
//! - [`hook_maker`]: which hook manager wrote a hook
//! - [`hook_manager`]: the hook managers that are known to us
//! - [`hook_name`]: the hooks that git-bak has an entry for
//! - [`hook_script`]: what can be told of a hook from its text
//! - [`journal`]: failures and what ended them, those of one cause as one
//! - [`line`]: a line of the record
//! - [`now`]: the time, as an argument
//! - [`patch_text`]: what can be told of a patch from its text alone
//! - [`picker`]: picking what to restore or to undo: a key goes in, a state comes out
//! - [`quote`]: names as Git quotes them, and as a shell takes them
//! - [`remembered`]: the settings as Git read them, and what they were read from
//! - [`repo_path`]: a path relative to the top of the working tree
//! - [`retention`]: the order of backups and which of them are retired
//! - [`settings`]: every `bak.*` setting, typed, with its default
//! - [`sharing`]: who besides its owner may use a repository
//! - [`shim`]: the text of our hook scripts
//! - [`shell`]: whether a command line only reads
//! - [`size`]: a number of bytes as Git's settings write it
//! - [`tail`]: the end of what a command printed, without secrets
//! - [`timestamp`]: the local second that names a snapshot
//! - [`transaction`]: an upgrade under way, and all that it takes to undo it

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
