//! Whether a hook does its work: what `doctor` asks.

use std::io;
use std::path::PathBuf;

use super::hook::{Kind, read};
use super::{HookFile, Obstacle, Plan, VERSION, chained};
use crate::git::platform;
use crate::model::{hook_program, shim};

/// How a hook stands to git-bak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// Our shim, as this version writes it.
    Works,
    /// Somebody else's, which runs git-bak.
    RunsUs,
    /// There is none.
    Absent,
    /// Our shim, and Git doesn't run it.
    NotExecutable,
    /// Our shim, and another version wrote it.
    OtherVersion(String),
    /// Our shim, and the program that it names is not there.
    NoProgram(PathBuf),
    /// Somebody else's, which installing makes the chained one.
    Foreign,
    /// Installing would leave it as it is.
    Refused(Obstacle),
}

impl HookFile {
    /// How it stands, in a folder that is ours to write to.
    pub fn health(&self) -> io::Result<Health> {
        let Some(hook) = read(&self.path())? else { return Ok(Health::Absent) };
        let Some(version) = shim::shim_version(&hook.text) else {
            return Ok(match self.plan_foreign(&hook, false)? {
                Plan::Keep => Health::RunsUs,
                Plan::Refuse(obstacle) => Health::Refused(obstacle),
                _ => Health::Foreign,
            });
        };
        // A copy of the program needs no other.
        let program = match shim::program(self.name, &hook.text) {
            Some(program) => Some(platform::path_from_bytes(&program)),
            None if hook_program::is_program(&hook.text) => None,
            None => return Ok(Health::Refused(Obstacle::Edited)),
        };
        let missing = program.filter(|program| !chained::is_executable(program));
        Ok(match missing {
            _ if version != VERSION => Health::OtherVersion(version.to_owned()),
            _ if hook.kind != (Kind::File { executable: true }) => Health::NotExecutable,
            Some(program) => Health::NoProgram(program),
            None => Health::Works,
        })
    }

    /// How it stands, in a folder that is not written to.
    pub fn health_managed(&self) -> io::Result<Health> {
        Ok(match self.plan_managed()? {
            Plan::Refuse(obstacle) => Health::Refused(obstacle),
            Plan::Never => Health::Absent,
            _ => Health::RunsUs,
        })
    }
}
