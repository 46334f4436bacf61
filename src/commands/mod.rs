//! The commands: one file per verb, with the order of its steps.
//!
//! - [`restore`], [`undo`], [`list`], [`diff`], [`show`], [`status`], [`log`], [`snapshot`], [`run`], [`apply`], [`clean`],
//!   [`forget`], [`setup`] (install, uninstall), [`doctor`], [`push`], [`vault`], [`completions`], [`man`]: the verbs;
//! - [`complete`], [`fold`], [`journal`]: verbs that scripts, hooks and users of an earlier version type;
//! - [`upgrade`]: what `run` and `apply` share; [`choice`]: which files and versions are meant; [`session`]: what every
//!   command starts with.

use anyhow::Result;

use crate::cli::{Cli, Command};
use crate::exit_status::{ExitStatus, UsageError};
use crate::hooks::{Asked, Hook, Run};
use crate::model::now::Now;

mod apply;
pub mod choice;
mod clean;
mod complete;
pub mod completions;
mod diff;
mod doctor;
mod fold;
mod forget;
mod journal;
mod list;
mod log;
mod man;
mod push;
mod restore;
mod run;
mod session;
pub mod setup;
mod show;
mod snapshot;
mod status;
mod undo;
mod upgrade;
mod vault;

use choice::resolve;
use session::Session;
use setup::agents::AgentArgs;
use setup::install::InstallArgs;

/// Runs the command that was typed.
pub fn run(cli: Cli, now: &Now) -> Result<ExitStatus> {
    if let Command::Hook { name, args } = cli.command {
        let known = Hook::ALL.map(Hook::name).join(", ");
        let hook = Hook::named(&name)
            .ok_or_else(|| UsageError(format!("'{name}' is not a hook of ours ({known})")))?;
        // Only an entry that the short cut in `main` doesn't know (options before the name) ends here.
        let status = crate::hooks::run(&Run { hook, args, now: *now, asked: Asked::Plainly });
        return Ok(if status == 0 { ExitStatus::Done } else { ExitStatus::No });
    }
    if let Some(status) = outside(&cli.command, now) {
        return status;
    }
    let mut session = Session::open(now, looks_everywhere(&cli.command))?;
    if !matches!(cli.command, Command::Doctor(_) | Command::Fold) {
        session.say_problems();
    }
    session.store.all_worktrees = cli.command.worktree().is_some();
    // What was fetched goes when all is done.
    let _fetched = match cli.command.looks_elsewhere() {
        Some(all) => Some(push::look_there(&mut session, all)?),
        None => None,
    };
    if let Some(word) = cli.command.worktree().filter(|word| *word != "all") {
        resolve::look_at_worktree(&mut session, word)?;
    }
    if !matches!(
        cli.command,
        Command::Apply(_) | Command::Run(_) | Command::Undo(_) | Command::Fold
    ) {
        upgrade::name_unfinished(&session);
    }
    let may_undo = match &cli.command {
        Command::Apply(_) | Command::Undo(_) => true,
        // An event may be picked on its screen.
        Command::Restore(args) => args.interactive || args.names_nothing(),
        _ => false,
    };
    if may_undo {
        // What it may have to put back must survive a power cut.
        session.store.settings.sync_objects = true;
    }
    dispatch(cli.command, session, now)
}

/// What needs no repository to be in; `None` for all else.
fn outside(command: &Command, now: &Now) -> Option<Result<ExitStatus>> {
    Some(match command {
        Command::Install(args) if args.agents.is_any() => with_agents(args, now),
        Command::Uninstall(args) if args.agents.is_any() => setup::agents::uninstall(&args.agents),
        Command::Complete(args) => complete::run(args, now),
        Command::Completions { shell } => completions::run(*shell),
        Command::Man => man::run(),
        Command::Install(args) if args.template => setup::template::install(args),
        Command::Install(args) if args.global => setup::global::install(args),
        Command::Uninstall(args) if args.global => setup::global::uninstall(),
        Command::Uninstall(args) if args.template => setup::template::uninstall(),
        _ => return None,
    })
}

/// Into agents' settings, and wherever else is meant: outside a repository there may be nothing else.
fn with_agents(args: &InstallArgs, now: &Now) -> Result<ExitStatus> {
    let status = setup::agents::install(&args.agents)?;
    if !args.template && !args.global && !setup::agents::is_in_repository() {
        return Ok(status);
    }
    let command = Command::Install(InstallArgs { agents: AgentArgs::default(), ..args.clone() });
    run(Cli { command }, now).map(|rest| status.and(rest))
}

fn dispatch(command: Command, session: Session, now: &Now) -> Result<ExitStatus> {
    let ended = match command {
        Command::Install(args) => {
            let store = &session.store;
            setup::install::run(&store.repository, &store.settings, &args)
                .inspect(|_| setup::first::protect(&session))
        }
        Command::Uninstall(_) => setup::uninstall::run(&session),
        Command::Snapshot(args) => snapshot::run(&session, &args),
        Command::List(args) => list::run(&session, &args),
        Command::Status(args) => status::run(&session, &args),
        Command::Journal(args) => journal::run(&session, &args),
        Command::Log(args) if args.failures => journal::run(&session, &args.into()),
        Command::Log(args) if args.moments => undo::list(&session, &args),
        Command::Log(args) => log::run(&session, &args),
        Command::Doctor(args) => return doctor::run(session, &args, now),
        Command::Show(args) => show::run(&session, &args),
        Command::Diff(args) => diff::run(&session, &args),
        Command::Restore(args) => restore::run(&session, &args),
        Command::Undo(args) => undo::run(&session, &args),
        Command::Clean(args) => clean::run(&session, &args),
        Command::Apply(args) => apply::run(&session, &args),
        Command::Run(args) => run::run(&session, &args),
        Command::Forget(args) => forget::run(&session, &args),
        Command::Vault(args) => vault::run(&session, &args),
        Command::Fold => fold::run(&session),
        Command::Push => push::run(&session),
        Command::Complete(_)
        | Command::Completions { .. }
        | Command::Man
        | Command::Hook { .. } => Ok(ExitStatus::Done),
    };
    session.say_unread();
    // The process is about to end: what was read need not be given back piece by piece.
    std::mem::forget(session);
    ended
}

/// Whether it looks through the whole working tree, and touches nothing.
fn looks_everywhere(command: &Command) -> bool {
    match command {
        Command::List(args) => args.files && args.worktree.is_none() && !args.remote,
        Command::Status(_) => true,
        _ => false,
    }
}
