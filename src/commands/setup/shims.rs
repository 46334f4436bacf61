//! The part that `install` and `uninstall` have in common for a repository and for the template: the
//! hooks of one folder.

use std::io;
use std::path::Path;

use anyhow::Result;

use crate::exit_status::ExitStatus;
use crate::model::hook::name::HookName;
use crate::model::hook::shim;
use crate::setup::hook_files::{HookFile, HookPlan, Removal, VERSION, program};
use crate::term::Term;

/// A hook and the plan for it.
pub type Planned = (HookFile, io::Result<HookPlan>);

pub struct Shims<'a> {
    term: &'a Term,
    force: bool,
    program: Vec<u8>,
}

impl<'a> Shims<'a> {
    /// Shims that start this very program.
    pub fn new(term: &'a Term, force: bool) -> Result<Self> {
        Ok(Self { term, force, program: program::path()? })
    }

    /// What to do about a hook in a folder that is ours to write to. Writes nothing.
    pub fn plan(&self, hook: HookFile) -> Planned {
        let plan = hook.plan(&self.text(hook.name), self.force);
        (hook, plan)
    }

    fn text(&self, hook: HookName) -> Vec<u8> {
        shim::render(hook, &self.program, VERSION)
    }

    /// Does what was planned, each hook for itself, and says what was done.
    pub fn carry_out(&self, plans: Vec<Planned>, template: Option<&Path>) -> ExitStatus {
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
                Ok((_, HookPlan::Refuse(obstacle))) => {
                    refused = true;
                    let line = shim::line_to_add(hook.name, &self.program);
                    self.term.hook_refused(&hook, obstacle, &line);
                }
                Ok((aside, plan)) => done.push((hook, plan, aside)),
            }
        }
        self.term.hooks_installed(&done, template);
        outcome(failed, refused)
    }
}

/// Takes our hooks out, each for itself: those that are gone, and whether any is left.
pub fn take_out(
    hooks: impl IntoIterator<Item = HookFile>,
    term: &Term,
) -> (Vec<(HookFile, Removal)>, ExitStatus) {
    let mut removed = Vec::new();
    let (mut left, mut failed) = (false, false);
    for hook in hooks {
        match hook.remove() {
            Ok(Removal::Nothing) => {}
            Ok(removal @ (Removal::Removed | Removal::Restored | Removal::HandedOn { .. })) => {
                removed.push((hook, removal));
            }
            Ok(removal) => {
                left = true;
                term.hook_left(&hook, removal);
            }
            Err(error) => {
                failed = true;
                term.hook_not_removed(&hook, &error);
            }
        }
    }
    (removed, outcome(failed, left))
}

/// Takes out the hooks of ours that are not wanted any more, and says which; whether any is left.
pub fn take_out_others(hooks: impl IntoIterator<Item = HookFile>, term: &Term) -> ExitStatus {
    let (removed, status) = take_out(hooks, term);
    if !removed.is_empty() {
        term.hooks_removed(&removed, false, false);
    }
    status
}

fn outcome(failed: bool, refused: bool) -> ExitStatus {
    match (failed, refused) {
        (true, _) => ExitStatus::Failed,
        (false, true) => ExitStatus::No,
        (false, false) => ExitStatus::Done,
    }
}
