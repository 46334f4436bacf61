//! The words of the command line. Doc comments here are the help.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::commands::completions::Shell;
use crate::commands::setup::agents::AgentArgs;
use crate::commands::setup::install::InstallArgs;

/// A safety net for uncommitted work: files are copied before Git, a hook, a script or an agent can
/// destroy them, and one command puts them back
#[derive(Debug, Parser)]
#[command(name = "git-bak", bin_name = "git bak", version, term_width = 60, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Lost something?
  git bak restore FILE   bring back its newest uncommitted
                         version
  git bak undo           take back the last command that
                         took work away";

/// The verbs, those first that are needed most.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Put back the newest uncommitted version; what it overwrites is backed up first
    Restore(RestoreArgs),
    /// Undo the last command that took work away, one of Git's or one of git-bak's
    Undo(UndoArgs),
    /// List the versions of each file, newest first; uncommitted ones before all others
    List(ListArgs),
    /// Show what a restore would change, as a patch; takes the options of git diff
    Diff(DiffArgs),
    /// Print the content of a backup
    Show(ShowArgs),
    /// Show files that aren't backed up, the backups, and whether the last commit failed
    Status(StatusArgs),
    /// Show what happened to the backups, newest first
    Log(LogArgs),
    /// Back up these files now, or all that are at risk
    Snapshot(SnapshotArgs),
    /// Run a command that changes files; everything is put back if it or the test fails
    Run(RunArgs),
    /// Apply patches and test them; everything is put back if a step fails
    Apply(ApplyArgs),
    /// Remove backups; the vault keeps their content until it expires
    Clean(CleanArgs),
    /// Destroy backups for good, also in the vault and the record (a secret, for example)
    Forget(ForgetArgs),
    /// Set up git-bak in this repository; your own hooks keep running
    Install(InstallArgs),
    /// Remove git-bak and restore your own hooks; backups and vault stay
    Uninstall(UninstallArgs),
    /// Check that everything works; print a command for each problem
    Doctor(DoctorArgs),
    /// Send the vault to bak.remote now; hooks do it every 15 minutes at most
    Push,
    /// Run Git in the vault: `git bak vault log -p --all -- FILE`
    #[command(disable_help_flag = true)]
    Vault(VaultArgs),
    /// Print the completion script for a shell
    #[command(after_help = "\
Where it belongs:
bash: ~/.local/share/bash-completion/completions/git-bak
zsh: a file _git-bak in a folder of $fpath
fish: ~/.config/fish/completions/git-bak.fish
powershell: $PROFILE")]
    Completions {
        /// The shell: bash, zsh, fish or powershell
        #[arg(hide_possible_values = true)]
        shell: Shell,
    },
    /// Show the manual page (its source, if the output is redirected)
    Man,
    /// Print the words that fit, as completion scripts ask
    #[command(hide = true, disable_help_flag = true)]
    Complete(CompleteArgs),
    /// Show what failed, as `log --failures` does
    #[command(hide = true)]
    Journal(JournalArgs),
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
    /// The worktree whose versions are asked for; `all` is every one.
    pub fn worktree(&self) -> Option<&str> {
        match self {
            Self::List(args) => args.worktree.as_deref().or(args.remote.then_some("all")),
            Self::Show(args) => args.worktree.as_deref(),
            Self::Diff(args) => args.worktree.as_deref(),
            Self::Restore(args) => args.worktree.as_deref().or(args.remote.then_some("all")),
            Self::Forget(_) => Some("all"),
            _ => None,
        }
    }

    /// Whether it is about what is in the other place, and if so, about what other repositories have there, too.
    pub fn looks_elsewhere(&self) -> Option<bool> {
        match self {
            Self::List(args) => args.remote.then_some(args.worktree.is_some()),
            Self::Restore(args) => args.remote.then_some(args.worktree.is_some()),
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
    /// Uninstall from the template: repositories cloned or created later won't get git-bak
    #[arg(long)]
    pub template: bool,
    /// Uninstall from your own Git settings, for all repositories
    #[arg(long, conflicts_with_all = ["template", "named", "found"])]
    pub global: bool,

    #[command(flatten)]
    pub agents: AgentArgs,
}

/// What `snapshot` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  git bak snapshot
  git bak snapshot -m 'before the rewrite'
  git bak restore --at 'before the rewrite'")]
pub struct SnapshotArgs {
    /// Give the snapshot a label, which can stand wherever a time can
    #[arg(short = 'm', long = "message", value_name = "LABEL")]
    pub label: Option<String>,
    /// Use this id in the names of the backups (8 letters or digits, or more)
    #[arg(long, value_name = "ID")]
    pub artifact: Option<String>,
    /// Include untracked files that aren't ignored
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
#[command(after_help = "\
Examples:
  git bak list notes.txt
  git bak list --since yesterday src")]
pub struct ListArgs {
    /// Only the backup files on disk
    #[arg(long)]
    pub files: bool,
    /// What is the default now
    #[arg(long, hide = true)]
    pub vault: bool,
    /// Only the newest N versions; -3 is short for -n 3
    #[arg(short = 'n', long, value_name = "N", value_parser = number)]
    pub number: Option<usize>,
    /// Only versions since this time
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Use the versions of this worktree, even if it was removed; `all` is every worktree
    #[arg(long, value_name = "NAME|all")]
    pub worktree: Option<String>,
    /// List the contents of bak.remote, from all machines
    #[arg(long)]
    pub remote: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Only these files or folders
    #[arg(value_name = "PATH", allow_negative_numbers = true)]
    pub paths: Vec<PathBuf>,
}

/// What `status` takes.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// What `log` takes.
#[derive(Debug, Default, Args)]
#[command(after_help = "\
Examples:
  git bak log -5
  git bak log -p --since 2h notes.txt
  git bak log -S 'fn parse'      where it came and went")]
pub struct LogArgs {
    /// Only the newest N events; -3 is short for -n 3
    #[arg(short = 'n', long, value_name = "N", value_parser = number)]
    pub number: Option<usize>,
    /// An event is one line
    #[arg(long, hide = true)]
    pub oneline: bool,
    /// Show what each version changed
    #[arg(short = 'p', long, conflicts_with_all = ["failures", "moments"])]
    pub patch: bool,
    /// Only events since this time
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only versions that added or removed this text
    #[arg(short = 'S', value_name = "TEXT", allow_hyphen_values = true, conflicts_with_all = ["failures", "moments"])]
    pub text: Option<OsString>,
    /// Show failures: which step, how often, which files, what ended it
    #[arg(long)]
    pub failures: bool,
    /// Show the events that `undo` can take back
    #[arg(long, conflicts_with = "failures")]
    pub moments: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Only these files or folders
    #[arg(value_name = "PATH", allow_negative_numbers = true)]
    pub paths: Vec<PathBuf>,
}

/// In words that aren't a programmer's.
fn number(word: &str) -> Result<usize, &'static str> {
    word.parse().map_err(|_| "not a number")
}

impl From<LogArgs> for JournalArgs {
    fn from(args: LogArgs) -> Self {
        Self { json: args.json, paths: args.paths }
    }
}

/// What `journal` takes.
#[derive(Debug, Args)]
pub struct JournalArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Only failures of these files or folders
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// What `doctor` takes.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Fix everything that can be fixed safely
    #[arg(long)]
    pub fix: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// What `show` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  git bak show 'notes.txt@{2}' >old.txt")]
pub struct ShowArgs {
    /// Use the versions of this worktree, even if it was removed; `all` is every worktree
    #[arg(long, value_name = "NAME|all")]
    pub worktree: Option<String>,
    /// The name of a backup file, an artifact id, FILE@{N} as in list, or a time
    #[arg(value_name = "BACKUP")]
    pub backup: OsString,
}

/// What `diff` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  git bak diff notes.txt
  git bak diff notes.txt 2 --word-diff
  git bak diff --stat      all that is missing")]
pub struct DiffArgs {
    /// All that a coding agent changed in this session, as undo --session would take it back
    #[arg(long, value_name = "SESSION", conflicts_with = "worktree")]
    pub session: Option<String>,
    /// All that an event of undo --list took, as an undo of it would change it
    #[arg(long, value_name = "MOMENT", conflicts_with_all = ["worktree", "session"])]
    pub moment: Option<String>,
    /// Use the versions of this worktree, even if it was removed; `all` is every worktree
    #[arg(long, value_name = "NAME|all")]
    pub worktree: Option<String>,
    /// A file and, optionally, a version; folders or pathspecs; the label or time of a snapshot; options of git
    /// diff (--stat, --word-diff)
    #[arg(value_name = "FILE|BACKUP", allow_hyphen_values = true)]
    pub words: Vec<PathBuf>,
}

/// What `restore` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  git bak restore notes.txt
  git bak restore src            all that is missing below
  git bak restore notes.txt --from 'notes.txt@{2}'
  git bak restore --at 14:02     all as it was then
A TIME is 14:02, yesterday 17:30, 2h, 2025-11-06 or a label.")]
pub struct RestoreArgs {
    /// Restore this version: a backup file, an artifact id, FILE@{N}, a time, or a label
    #[arg(long, alias = "source", value_name = "BACKUP", conflicts_with_all = ["at", "all"])]
    pub from: Option<OsString>,
    /// Restore each file as it was at this time, or at the snapshot with this label
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Restore every file whose work is missing since the last commit
    #[arg(long)]
    pub all: bool,
    /// Restore the index entry last staged and not committed; leave the working tree alone
    #[arg(long, requires = "files", conflicts_with_all = ["from", "at", "all", "interactive", "patch"])]
    pub staged: bool,
    /// Choose hunks, as in git restore -p
    #[arg(short = 'p', long, requires = "files", conflicts_with_all = ["at", "all", "interactive", "dry_run"])]
    pub patch: bool,
    /// Don't ask, even if newer edits are overwritten (they are backed up first)
    #[arg(short = 'y', long)]
    pub yes: bool,
    /// Only show what would be done
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Choose on a screen: files, versions, or an event to undo (the default on a terminal without FILE)
    #[arg(short = 'i', long, conflicts_with_all = ["from", "at", "all"])]
    pub interactive: bool,
    /// Use the versions of this worktree, even if it was removed; `all` is every worktree
    #[arg(long, value_name = "NAME|all")]
    pub worktree: Option<String>,
    /// Take versions from bak.remote, from all machines
    #[arg(long)]
    pub remote: bool,
    /// Files; or folders and pathspecs, for files whose work is missing since the last commit
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

impl RestoreArgs {
    /// What to restore is not said at all.
    pub fn names_nothing(&self) -> bool {
        self.files.is_empty() && self.from.is_none() && self.at.is_none() && !self.all
    }
}

/// What `undo` takes.
#[derive(Debug, Default, Args)]
#[command(after_help = "\
Examples:
  git bak undo -n          show what it would change
  git bak undo
  git bak undo --redo      the other way")]
pub struct UndoArgs {
    /// List the events that can be undone, newest first, a coding agent's by session
    #[arg(long, conflicts_with_all = ["redo", "yes", "dry_run", "force", "moment"])]
    pub list: bool,
    /// Undo the newest undo
    #[arg(long, conflicts_with = "moment")]
    pub redo: bool,
    /// Undo all that a coding agent did in this session; the first characters of its ID are enough
    #[arg(long, value_name = "SESSION", conflicts_with_all = ["list", "redo", "moment"])]
    pub session: Option<String>,
    /// Don't ask
    #[arg(short = 'y', long)]
    pub yes: bool,
    /// Only show what would be done
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Also these files, though they were changed since (the change is backed up first)
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub force: Vec<PathBuf>,
    /// With --list: print JSON
    #[arg(long, requires = "list")]
    pub json: bool,
    /// An event of --list; default: the newest that wasn't undone
    #[arg(value_name = "MOMENT")]
    pub moment: Option<String>,
}

/// What `clean` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  git bak clean
  git bak clean --older-than 2w")]
pub struct CleanArgs {
    /// Keep this many of each file's newest backups
    #[arg(long, value_name = "N")]
    pub keep: Option<usize>,
    /// Only backups older than this: 14.days, 2w, yesterday, 2025-11-06
    #[arg(long, value_name = "AGE")]
    pub older_than: Option<String>,
    /// Also remove versions of these files from the vault; without files and limits, expired ones
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
#[command(after_help = "\
Example:
  git bak apply --test 'make test' --commit fix.patch")]
pub struct ApplyArgs {
    /// Run this first, in a scratch worktree with the patches applied [bak.applyValidate]
    #[arg(long, value_name = "CMD")]
    pub validate: Option<String>,
    /// Run this when the files have changed, to load them [bak.applyReload]
    #[arg(long, value_name = "CMD")]
    pub reload: Option<String>,
    /// Run this next; if it fails, everything is put back [bak.applyTest]
    #[arg(long, value_name = "CMD")]
    pub test: Option<String>,
    /// Commit the changed files and nothing else [bak.applyCommit]
    #[arg(long, overrides_with = "no_commit")]
    pub commit: bool,
    /// Don't commit, whatever bak.applyCommit says
    #[arg(long)]
    pub no_commit: bool,
    /// Use this commit message
    #[arg(short = 'm', long = "message", value_name = "MSG")]
    pub message: Option<String>,
    /// Use this id in the names of the backups (8 letters or digits, or more)
    #[arg(long, value_name = "ID")]
    pub artifact: Option<String>,
    /// Commit files that had other edits too, with those edits
    #[arg(long)]
    pub include_dirty: bool,
    /// Put everything back after an interrupted apply
    #[arg(long, conflicts_with_all = ["proceed", "patches"])]
    pub abort: bool,
    /// Resume an apply that was interrupted, or whose commit failed
    #[arg(long = "continue", conflicts_with = "patches")]
    pub proceed: bool,
    /// Patches, applied in this order; - is standard input
    #[arg(value_name = "PATCH", required_unless_present_any = ["abort", "proceed"])]
    pub patches: Vec<PathBuf>,
}

/// What `forget` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  git bak forget .env")]
pub struct ForgetArgs {
    /// Only versions older than this, for example 14.days
    #[arg(long, value_name = "AGE")]
    pub older_than: Option<String>,
    /// Don't ask
    #[arg(short = 'y', long)]
    pub yes: bool,
    /// Files or folders with all their versions; or one backup: a backup file, an artifact id, FILE@{N}, a time
    #[arg(value_name = "PATH|BACKUP", required = true)]
    pub what: Vec<OsString>,
}

/// What `run` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  git bak run --test 'make test' -- sed -i s/a/b/ *.txt")]
pub struct RunArgs {
    /// Run this after the command; if it fails, everything is put back [bak.applyTest]
    #[arg(long, value_name = "CMD")]
    pub test: Option<String>,
    /// Commit the files that the command changed and nothing else [bak.applyCommit]
    #[arg(long, overrides_with = "no_commit")]
    pub commit: bool,
    /// Don't commit, whatever bak.applyCommit says
    #[arg(long)]
    pub no_commit: bool,
    /// Use this commit message
    #[arg(short = 'm', long = "message", value_name = "MSG")]
    pub message: Option<String>,
    /// Run the command even if files have edits, and commit those too in the files that it changes
    #[arg(long)]
    pub include_dirty: bool,
    /// Run the command even if some uncommitted work can't be saved first
    #[arg(long)]
    pub force: bool,
    /// Put everything back after an interrupted run, or one in which HEAD moved
    #[arg(long, conflicts_with_all = ["proceed", "command"])]
    pub abort: bool,
    /// Keep everything as it is after an interrupted run; go on with test and commit
    #[arg(long = "continue", conflicts_with = "command")]
    pub proceed: bool,
    /// The command and its arguments; there is no shell in between
    #[arg(
        value_name = "CMD",
        trailing_var_arg = true,
        required_unless_present_any = ["abort", "proceed"]
    )]
    pub command: Vec<OsString>,
}
