//! `git bak install`: the shims, the ignore block, and what keeps our refs from being fetched.
//!
//! The order: what can't be done is found before anything is written; then the ignore block, since the
//! first backup must be born ignored; the shims last, since from then on there are backups.

use anyhow::Result;

use crate::exit_status::ExitStatus;
use crate::git::hide_refs;
use crate::git::repository::Repository;
use crate::model::hook_name::HookName;
use crate::model::settings::Settings;
use crate::model::shim;
use crate::storage::hook_files::folder::{self, HooksFolder};
use crate::storage::hook_files::{HookFile, Plan, VERSION, program};
use crate::storage::ignore_block;
use crate::term::Term;

/// What `install` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct InstallArgs {
    /// The hooks to install, separated by commas
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "pre-commit,post-commit,post-checkout"
    )]
    pub hooks: Vec<HookName>,

    /// Also where an older <hook>.before-bak is in the way, or git-bak's hook was edited
    ///
    /// What is in the way is kept, as <hook>.before-bak.1
    #[arg(long)]
    pub force: bool,
}

/// What one command does in one repository.
struct Install<'a> {
    term: Term,
    repository: &'a Repository,
    force: bool,
    program: Vec<u8>,
}

/// Runs it.
pub fn run(repository: &Repository, settings: &Settings, args: &InstallArgs) -> Result<ExitStatus> {
    let term = Term::of_command(settings);
    let program = program::path()?;
    let install = Install { term, repository, force: args.force, program };
    let (folder, is_ours) = match folder::find(repository)? {
        HooksFolder::Ours(folder) => (folder, true),
        HooksFolder::Managed(folder) => (folder, false),
        HooksFolder::Outside(setting) => {
            install.term.hooks_are_elsewhere(&setting, &folder::default(repository));
            return Ok(ExitStatus::No);
        }
    };
    let chosen = HookName::ALL.into_iter().filter(|name| args.hooks.contains(name));
    let hooks: Vec<HookFile> = chosen.map(|name| HookFile::new(&folder, name)).collect();
    let plans: Vec<_> = hooks.into_iter().map(|hook| install.plan(hook, is_ours)).collect();
    let prepared = install.prepare();
    if is_ours {
        std::fs::create_dir_all(&folder)
            .map_err(|error| anyhow::anyhow!("{} can't be made: {error}", folder.display()))?;
    }
    let status = install.carry_out(plans);
    install.term.what_settings_mean(settings);
    Ok(if prepared { status } else { ExitStatus::Failed })
}

impl Install<'_> {
    fn text(&self, hook: HookName) -> Vec<u8> {
        shim::render(hook, &self.program, VERSION)
    }

    /// What is to be done about a hook. Writes nothing.
    fn plan(&self, hook: HookFile, is_ours: bool) -> (HookFile, std::io::Result<Plan>) {
        let plan = match is_ours {
            true => hook.plan(&self.text(hook.name), self.force),
            false => hook.plan_managed(),
        };
        (hook, plan)
    }

    /// What is needed besides the hooks. They protect files without it, so its failure stops nothing.
    fn prepare(&self) -> bool {
        let ignored = ignore_block::ensure(self.repository);
        let hidden = hide_refs::ensure(&self.repository.git());
        for error in [&ignored, &hidden].into_iter().filter_map(|done| done.as_ref().err()) {
            self.term.not_prepared(error);
        }
        ignored.is_ok() && hidden.is_ok()
    }

    /// Does what was planned, each hook for itself, and says what was done.
    fn carry_out(&self, plans: Vec<(HookFile, std::io::Result<Plan>)>) -> ExitStatus {
        let mut done = Vec::new();
        let (mut refused, mut failed) = (false, false);
        for (hook, plan) in plans {
            let text = self.text(hook.name);
            let result = plan.and_then(|plan| Ok((hook.carry_out(&plan, &text)?, plan)));
            match result {
                Err(error) => {
                    failed = true;
                    self.term.hook_not_written(&hook, &error);
                }
                Ok((_, Plan::Refuse(obstacle))) => {
                    refused = true;
                    let line = shim::line_to_add(hook.name, &self.program);
                    self.term.hook_refused(&hook, obstacle, &line);
                }
                Ok((aside, plan)) => done.push((hook, plan, aside)),
            }
        }
        self.term.hooks_installed(&done);
        match (failed, refused) {
            (true, _) => ExitStatus::Failed,
            (false, true) => ExitStatus::No,
            (false, false) => ExitStatus::Done,
        }
    }
}
