//! Whether a hook does its work: what `doctor` asks.

use std::io;
use std::path::PathBuf;

use super::hook::{HookKind, read};
use super::{HookFile, HookPlace, HookPlan, Obstacle, VERSION};
use crate::model::hook::shim;
use crate::os::platform;

/// How a hook stands to git-bak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// Our shim, as this version writes it.
    Works,
    RunsUs,
    Absent,
    /// Our shim, and Git doesn't run it.
    NotExecutable,
    /// Our shim, and another version wrote it.
    OtherVersion(String),
    /// Our shim, and the program that it names is not there.
    NoProgram(PathBuf),
    /// A foreign hook with a line for git-bak, and the program that this names is not there; installing leaves
    /// the hook as it is.
    NoProgramInLine {
        program: PathBuf,
        /// Where another line would have to stand.
        place: HookPlace,
    },
    /// A foreign hook; installing makes it the chained one.
    Foreign,
    /// Installing would leave it as it is.
    Refused(Obstacle),
}

impl HookFile {
    /// How it stands, in a folder that is ours to write to.
    pub fn health(&self) -> io::Result<Health> {
        let Some(hook) = read(&self.path())? else { return Ok(Health::Absent) };
        let Some(version) = shim::shim_version(&hook.text) else {
            let plan = self.plan_foreign(&hook, false)?;
            return Ok(match (plan, self.missing_program(&hook.text)?) {
                (HookPlan::Keep, _) => Health::RunsUs,
                (HookPlan::Refuse(obstacle), missing) => refused(obstacle, missing),
                (_, Some(program)) => Health::NoProgram(program),
                _ => Health::Foreign,
            });
        };
        let Some(program) = shim::program(self.name, &hook.text) else {
            return Ok(Health::Refused(Obstacle::Edited));
        };
        let program = platform::path_from_bytes(&program);
        Ok(match platform::is_executable(&program) {
            _ if version != VERSION => Health::OtherVersion(version.to_owned()),
            _ if hook.kind != (HookKind::File { executable: true }) => Health::NotExecutable,
            false => Health::NoProgram(program),
            true => Health::Works,
        })
    }

    /// How it stands, in a folder that is not written to.
    pub fn health_managed(&self) -> io::Result<Health> {
        Ok(match self.plan_managed()? {
            HookPlan::Refuse(obstacle) => {
                let missing = read(&self.path())?.map(|hook| self.missing_program(&hook.text));
                refused(obstacle, missing.transpose()?.flatten())
            }
            HookPlan::Never => Health::Absent,
            _ => Health::RunsUs,
        })
    }
}

/// A hook that has to be edited by hand, with a line in it already perhaps.
fn refused(obstacle: Obstacle, missing: Option<PathBuf>) -> Health {
    match (obstacle, missing) {
        (Obstacle::ByOwnName { place } | Obstacle::Managed { place }, Some(program)) => {
            Health::NoProgramInLine { program, place }
        }
        _ => Health::Refused(obstacle),
    }
}
