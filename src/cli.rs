//! The words of the command line. Doc comments here are the help.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::commands::completions::Shell;
use crate::commands::setup::agents::AgentArgs;
use crate::commands::setup::install::InstallArgs;

/// A safety net in Git's hooks: every file at risk is backed up before a commit, kept when it fails,
/// gone when it succeeds.
///
/// Lost something? `git bak restore FILE` brings back the newest work that no commit has.
#[derive(Debug, Parser)]
#[command(name = "git-bak", bin_name = "git bak", version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set git-bak up in this repository; your own hooks run after it
    Install(InstallArgs),
    /// Take git-bak out and put your own hooks back; backups and vault stay
    Uninstall(UninstallArgs),
    /// Back files up now: these, or all that the next commit would
    Snapshot(SnapshotArgs),
    /// Show the versions of each file, newest first: those that no commit has before all others
    List(ListArgs),
    /// Show what is not protected now, how many backups there are, whether the last commit failed
    Status(StatusArgs),
    /// Print a backup's content
    Show(ShowArgs),
    /// Show what restoring would change, as a patch: of files, folders, a snapshot; takes git diff's options
    Diff(DiffArgs),
    /// Put back the newest work that no commit has; what it overwrites is backed up first
    Restore(RestoreArgs),
    /// Take back what has just taken work: a command of Git, or one of git-bak's own
    Undo(UndoArgs),
    /// Remove backups; the vault keeps their content until it expires
    Clean(CleanArgs),
    /// Show what happened to the backups, newest first
    Log(LogArgs),
    /// Show what failed, as `log --failures` does
    #[command(hide = true)]
    Journal(JournalArgs),
    /// Check that everything works, and say what helps where it doesn't
    Doctor(DoctorArgs),
    /// Apply patches: back up, apply, reload, test, commit; everything is put back if a step fails
    Apply(ApplyArgs),
    /// Print the completion script of a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Show the manual page; where it goes into a file or a pipe, print its source
    Man,
    /// Print the words that fit, as completion scripts ask
    #[command(hide = true, disable_help_flag = true)]
    Complete(CompleteArgs),
    /// Destroy backups for good, in the vault and in the record too (a secret, say)
    Forget(ForgetArgs),
    /// Run a command that changes files: if it or the test fails, everything is put back
    Run(RunArgs),
    /// Run Git in the vault, with all that was ever copied in it: `git bak vault log -p --all -- FILE`
    #[command(disable_help_flag = true)]
    Vault(VaultArgs),
    /// Send what the vault has to bak.remote now, as hooks do every 15 minutes
    Push,
    /// Turn finished days of the record into commits of the vault, as hooks have it done
    #[command(hide = true)]
    Fold,
    /// Run a hook, as Git's hooks folder does
    #[command(hide = true)]
    Hook {
        /// post-index-change, pre-commit, post-commit or post-checkout; before a coding agent's step: agent
        name: String,
        /// What Git passes on
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
}

impl Command {
    /// Whether versions are looked for in every worktree's snapshots.
    pub fn reaches_all_worktrees(&self) -> bool {
        match self {
            Self::List(args) => args.all_worktrees || args.remote,
            Self::Show(args) => args.all_worktrees,
            Self::Diff(args) => args.all_worktrees,
            Self::Restore(args) => args.all_worktrees || args.remote,
            Self::Forget(_) => true,
            _ => false,
        }
    }

    /// Whether it is about what is in the other place, and if so, about what other repositories have there, too.
    pub fn looks_elsewhere(&self) -> Option<bool> {
        match self {
            Self::List(args) => args.remote.then_some(args.all_worktrees),
            Self::Restore(args) => args.remote.then_some(args.all_worktrees),
            _ => None,
        }
    }
}

/// What `vault` takes.
#[derive(Debug, Args)]
pub struct VaultArgs {
    /// What Git is given
    #[arg(value_name = "ARGS", trailing_var_arg = true, allow_hyphen_values = true)]
    pub args: Vec<OsString>,
}

/// What `complete` takes.
#[derive(Debug, Args)]
pub struct CompleteArgs {
    /// The command line up to the cursor, from `git-bak` on; the last word is the one that is typed
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub words: Vec<OsString>,
}

/// What `uninstall` takes.
#[derive(Debug, Args)]
pub struct UninstallArgs {
    /// Out of the template instead, for every repository that is cloned or made from now on
    #[arg(long)]
    pub template: bool,
    /// Out of your own settings instead, for every repository
    #[arg(long, conflicts_with_all = ["template", "named", "found"])]
    pub global: bool,

    #[command(flatten)]
    pub agents: AgentArgs,
}

/// What `snapshot` takes.
#[derive(Debug, Args)]
pub struct SnapshotArgs {
    /// A label, accepted by restore where a time is
    #[arg(short = 'm', long = "message", value_name = "LABEL")]
    pub label: Option<String>,
    /// The id of an upgrade, to stand in the backups' names (8 letters or digits, or more)
    #[arg(long, value_name = "ID")]
    pub artifact: Option<String>,
    /// Untracked files that aren't ignored, too
    #[arg(long)]
    pub untracked: bool,
    /// Read paths from standard input, each ended by a NUL byte
    #[arg(long)]
    pub stdin0: bool,
    /// The files or folders
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// What `list` takes.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only the backup files on disk
    #[arg(long)]
    pub files: bool,
    /// What is the default now
    #[arg(long, hide = true)]
    pub vault: bool,
    /// Look in the snapshots of every worktree, those of removed ones too
    #[arg(long)]
    pub all_worktrees: bool,
    /// What bak.remote has of this repository, from every machine
    #[arg(long)]
    pub remote: bool,
    /// One JSON document
    #[arg(long)]
    pub json: bool,
    /// Only these files or folders
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// What `status` takes.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// One JSON document
    #[arg(long)]
    pub json: bool,
}

/// What `log` takes.
#[derive(Debug, Default, Args)]
pub struct LogArgs {
    /// Only so many of the newest events; -3 is the same as -n 3
    #[arg(short = 'n', long, value_name = "N", value_parser = number)]
    pub number: Option<usize>,
    /// Show what each version changed in the one before it
    #[arg(short = 'p', long)]
    pub patch: bool,
    /// Only what happened since this time
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only versions in which this text came or went
    #[arg(short = 'S', value_name = "TEXT", allow_hyphen_values = true)]
    pub text: Option<OsString>,
    /// What failed: which step, how often, which files, what ended it
    #[arg(long)]
    pub failures: bool,
    /// What took work, as `undo` can take it back
    #[arg(long, conflicts_with = "failures")]
    pub moments: bool,
    /// One JSON document
    #[arg(long)]
    pub json: bool,
    /// Only these files or folders
    #[arg(value_name = "PATH", allow_negative_numbers = true)]
    pub paths: Vec<PathBuf>,
}

/// In words that aren't a programmer's.
fn number(word: &str) -> Result<usize, &'static str> {
    word.parse().map_err(|_| "it is no number")
}

impl From<LogArgs> for JournalArgs {
    fn from(args: LogArgs) -> Self {
        Self { json: args.json, paths: args.paths }
    }
}

/// What `journal` takes.
#[derive(Debug, Args)]
pub struct JournalArgs {
    /// One JSON document, with an entry for each failure
    #[arg(long)]
    pub json: bool,
    /// Only failures of these files or folders
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// What `doctor` takes.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Put right what is git-bak's own to put right
    #[arg(long)]
    pub fix: bool,
    /// One JSON document
    #[arg(long)]
    pub json: bool,
}

/// What `show` takes.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Look in the snapshots of every worktree, those of removed ones too
    #[arg(long)]
    pub all_worktrees: bool,
    /// A backup's file name, an artifact id, FILE@{N} as list numbers them, or a time
    #[arg(value_name = "BACKUP")]
    pub backup: OsString,
}

/// What `diff` takes.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// Look in the snapshots of every worktree, those of removed ones too
    #[arg(long)]
    pub all_worktrees: bool,
    /// A file, with a version of it if need be; folders and pathspecs; a label or the time of a snapshot, for all of
    /// it; options of git diff (--stat, --word-diff, -U8)
    #[arg(value_name = "FILE|BACKUP", allow_hyphen_values = true)]
    pub words: Vec<PathBuf>,
}

/// What `restore` takes.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The backup to take: a file name, an artifact id, FILE@{N}, or a time
    #[arg(long, value_name = "BACKUP", conflicts_with_all = ["at", "all"])]
    pub from: Option<OsString>,
    /// What was there at this time, or at the snapshot with this label: each file as it was
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Every file whose work is missing since the last commit
    #[arg(long)]
    pub all: bool,
    /// The index entry that was last staged and not committed; the working tree is not touched
    #[arg(long, requires = "files", conflicts_with_all = ["from", "at", "all", "interactive", "patch"])]
    pub staged: bool,
    /// Pick hunks of a file's work, as git restore -p does
    #[arg(short = 'p', long, requires = "files", conflicts_with_all = ["at", "all", "interactive", "dry_run"])]
    pub patch: bool,
    /// Don't ask: newer edits are replaced, too (they are backed up first)
    #[arg(short = 'y', long)]
    pub yes: bool,
    /// Only show what would be done
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Pick the file and the version on a screen, as without any file on a terminal
    #[arg(short = 'i', long, conflicts_with_all = ["from", "at", "all"])]
    pub interactive: bool,
    /// Look in the snapshots of every worktree, those of removed ones too
    #[arg(long)]
    pub all_worktrees: bool,
    /// From what bak.remote has of this repository, from every machine
    #[arg(long)]
    pub remote: bool,
    /// Files; of folders and pathspecs, those whose work is missing since the last commit
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// What `undo` takes.
#[derive(Debug, Args)]
pub struct UndoArgs {
    /// List what can be undone, newest first, as `log --moments` does
    #[arg(long, conflicts_with_all = ["redo", "yes", "dry_run", "force", "moment"])]
    pub list: bool,
    /// Take back the newest undo
    #[arg(long, conflicts_with = "moment")]
    pub redo: bool,
    /// Don't ask
    #[arg(short = 'y', long)]
    pub yes: bool,
    /// Only show what would be done
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// These files, too, though they were changed since (that is backed up first)
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub force: Vec<PathBuf>,
    /// With --list: one JSON document
    #[arg(long, requires = "list")]
    pub json: bool,
    /// Which, as --list names them; without it the newest that isn't undone
    #[arg(value_name = "MOMENT")]
    pub moment: Option<String>,
}

/// What `clean` takes.
#[derive(Debug, Args)]
pub struct CleanArgs {
    /// Keep this many of each file's newest backups
    #[arg(long, value_name = "N")]
    pub keep: Option<usize>,
    /// Only backups older than this: 14.days, 2w, yesterday, 2025-11-06
    #[arg(long, value_name = "AGE")]
    pub older_than: Option<String>,
    /// Drop the versions of these files from the vault, too; without files and limits, only what has expired
    #[arg(long)]
    pub vault: bool,
    /// Only show what would be done
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Only these files or folders
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// What `apply` takes.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// Run this first, in a scratch worktree with the patches in it [bak.applyValidate]
    #[arg(long, value_name = "CMD")]
    pub validate: Option<String>,
    /// Run this once the files are changed, so that they are taken in [bak.applyReload]
    #[arg(long, value_name = "CMD")]
    pub reload: Option<String>,
    /// Run this then; if it fails everything is put back [bak.applyTest]
    #[arg(long, value_name = "CMD")]
    pub test: Option<String>,
    /// Commit the changed files, and nothing else, through the hooks [bak.applyCommit]
    #[arg(long, overrides_with = "no_commit")]
    pub commit: bool,
    /// Don't, whatever bak.applyCommit says
    #[arg(long)]
    pub no_commit: bool,
    /// The message to commit with
    #[arg(short = 'm', long = "message", value_name = "MSG")]
    pub message: Option<String>,
    /// The id to stand in the backups' names (8 letters or digits, or more)
    #[arg(long, value_name = "ID")]
    pub artifact: Option<String>,
    /// Commit files that have other edits too, with those edits
    #[arg(long)]
    pub include_dirty: bool,
    /// Put everything back after an upgrade that was interrupted
    #[arg(long, conflicts_with_all = ["proceed", "patches"])]
    pub abort: bool,
    /// Go on with an upgrade that was interrupted, or whose commit failed
    #[arg(long = "continue", conflicts_with = "patches")]
    pub proceed: bool,
    /// The patches, applied in this order; - is standard input
    #[arg(value_name = "PATCH", required_unless_present_any = ["abort", "proceed"])]
    pub patches: Vec<PathBuf>,
}

/// What `forget` takes.
#[derive(Debug, Args)]
pub struct ForgetArgs {
    /// Only versions older than this, for example 14.days
    #[arg(long, value_name = "AGE")]
    pub older_than: Option<String>,
    /// Don't ask
    #[arg(short = 'y', long)]
    pub yes: bool,
    /// Files or folders, with all their versions; or a backup: a file name, an artifact id, FILE@{N}, a time
    #[arg(value_name = "PATH|BACKUP", required = true)]
    pub what: Vec<OsString>,
}

/// What `run` takes.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Run this after the command; if it fails everything is put back [bak.applyTest]
    #[arg(long, value_name = "CMD")]
    pub test: Option<String>,
    /// Commit the files that the command has changed, and nothing else, through the hooks [bak.applyCommit]
    #[arg(long, overrides_with = "no_commit")]
    pub commit: bool,
    /// Don't, whatever bak.applyCommit says
    #[arg(long)]
    pub no_commit: bool,
    /// The message to commit with
    #[arg(short = 'm', long = "message", value_name = "MSG")]
    pub message: Option<String>,
    /// Commit files that had other edits before, too, with those edits
    #[arg(long)]
    pub include_dirty: bool,
    /// Run it though some uncommitted work can't be saved before
    #[arg(long)]
    pub force: bool,
    /// Put everything back after a run that was cut short, or that HEAD has moved in
    #[arg(long, conflicts_with_all = ["proceed", "command"])]
    pub abort: bool,
    /// Keep what is there after a run that was cut short, and go on with the test and the commit
    #[arg(long = "continue", conflicts_with = "command")]
    pub proceed: bool,
    /// The command and its arguments; no shell is between
    #[arg(
        value_name = "CMD",
        trailing_var_arg = true,
        required_unless_present_any = ["abort", "proceed"]
    )]
    pub command: Vec<OsString>,
}
